"""Tables of recorded votes. They hold times and names of acts on purpose: nothing here is secret by law."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import FINGERPRINT, SealedText
from app.recorded.rules import Channel, FormState, Powers, ProxyState
from app.tally.double_quorum import Choice

_STANDING = sa.text("state IN ('entered', 'in_force', 'used')")


class OwnerEntry(SQLModel, table=True):
    """A dwelling on the roll of a recorded round: its area, and which head it belongs to. Frozen when it opens."""

    __tablename__ = "owner_entry"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "household_id"),
        sa.CheckConstraint("area_centi_m2 > 0", name="area_positive"),
        sa.Index("ix_owner_entry_round_head", "round_id", "head"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    household_id: uuid.UUID
    community_code: str = Field(max_length=12)
    area_centi_m2: int
    #: Dwellings with one number are one head.
    head: int


class EntryOwner(SQLModel, table=True):
    """Who owned a dwelling when the roll was frozen."""

    __tablename__ = "entry_owner"
    __table_args__ = (
        sa.Index("ix_entry_owner_round_resident", "round_id", "resident_id"),
        sa.Index("ix_entry_owner_round_person", "round_id", "person"),
    )

    entry_id: uuid.UUID = Field(primary_key=True, foreign_key="owner_entry.id")
    resident_id: uuid.UUID = Field(primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    #: Rows of the roster with one number are one person.
    person: int
    #: Of age when the roll was frozen: may vote and give a proxy.
    may_act: bool


class Proxy(SQLModel, table=True):
    """An owner lets another resident vote for all dwellings of theirs in one round."""

    __tablename__ = "proxy"
    __table_args__ = (
        sa.Index("ix_proxy_round_holder", "round_id", "holder"),
        sa.Index(
            "uq_proxy_standing", "round_id", "person", unique=True,
            sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    #: Who gives it, as the roll numbers persons, and their head, by which a holder's number is counted.
    person: int
    head: int
    #: Keyed hash of the holder's phone, and the phone itself, sealed.
    holder: str = Field(sa_type=FINGERPRINT)
    holder_phone: str = Field(sa_type=SealedText("proxy.holder_phone"))
    powers: Powers = Field(sa_type=EnumText(Powers))
    state: ProxyState = Field(sa_type=EnumText(ProxyState))
    given_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: Of a proxy on paper: the document, and the two people.
    reference: str | None = Field(default=None, max_length=120)
    entered_by: str = Field(max_length=80)
    decided_by: str | None = Field(default=None, max_length=80)
    reason: str | None = Field(default=None, sa_type=sa.Text)
    ended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The service's signature over the canonical statement of what was given.
    signature: str = Field(max_length=100)


class SignedForm(SQLModel, table=True):
    """A vote on paper, signed by the owner, entered by one person and compared by another."""

    __tablename__ = "signed_form"
    __table_args__ = (
        sa.Index("ix_signed_form_round_state", "round_id", "state"),
        sa.Index(
            "uq_signed_form_reference", "entry_id", "reference", unique=True,
            sqlite_where=sa.text("state <> 'refused'"), postgresql_where=sa.text("state <> 'refused'"),
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    entry_id: uuid.UUID = Field(foreign_key="owner_entry.id")
    choice: Choice = Field(sa_type=EnumText(Choice))
    reference: str = Field(max_length=120)
    handed_in_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: FormState = Field(sa_type=EnumText(FormState))
    entered_by: str = Field(max_length=80)
    entered_at: dt.datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=80)
    reason: str | None = Field(default=None, sa_type=sa.Text)


class VoteAct(SQLModel, table=True):
    """Something said for a dwelling. Append-only: a recorded vote keeps its history."""

    __tablename__ = "vote_act"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "version"),
        sa.CheckConstraint("version IS NULL OR version >= 1", name="version_positive"),
        sa.CheckConstraint("(version IS NULL) = (signature IS NULL)", name="signed_if_in_force"),
        sa.Index("ix_vote_act_round_id", "round_id"),
    )

    entry_id: uuid.UUID = Field(primary_key=True, foreign_key="owner_entry.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    round_id: uuid.UUID = Field(foreign_key="round.id")
    #: Which version of the dwelling's vote it became; none for a form without effect.
    version: int | None = None
    choice: Choice = Field(sa_type=EnumText(Choice))
    channel: Channel = Field(sa_type=EnumText(Channel))
    by: str = Field(max_length=80)
    proxy_id: uuid.UUID | None = Field(default=None, foreign_key="proxy.id")
    form_id: uuid.UUID | None = Field(default=None, foreign_key="signed_form.id")
    #: When it was said, and when the owner acted: of a proxy's vote, when the proxy was given.
    acted_at: dt.datetime = Field(sa_type=UtcDateTime)
    owner_acted_at: dt.datetime = Field(sa_type=UtcDateTime)
    recorded_at: dt.datetime = Field(sa_type=UtcDateTime)
    signature: str | None = Field(default=None, max_length=100)


class OwnerVote(SQLModel, table=True):
    """Which act is in force for a dwelling: the one-vote rule of every channel is this primary key."""

    __tablename__ = "owner_vote"
    __table_args__ = (
        sa.ForeignKeyConstraint(["entry_id", "position"], ["vote_act.entry_id", "vote_act.position"]),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )

    entry_id: uuid.UUID = Field(primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id", index=True)
    position: int
    version: int


class OwnersDecision(SQLModel, table=True):
    """What came of a recorded round. Written once, but for its certification."""

    __tablename__ = "owners_decision"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    valid: bool
    passed: bool
    #: Canonical JSON of everything but the votes one by one.
    facts: str = Field(sa_type=sa.Text)
    #: SHA-256 over the canonical record, and the service's signature over it.
    record_digest: str = Field(max_length=64)
    signature: str = Field(max_length=100)
    counted_at: dt.datetime = Field(sa_type=UtcDateTime)
    announced_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: Until when the law wants it to hang out first; none where it says "promptly".
    post_by: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    notice_until: dt.datetime = Field(sa_type=UtcDateTime)
    certified_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    certified_by: str | None = Field(default=None, max_length=80)


class DecisionRecord(SQLModel, table=True):
    """The whole record of a decision, with every vote: what was counted and signed, as canonical JSON."""

    __tablename__ = "decision_record"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="owners_decision.round_id")
    body: str = Field(sa_type=sa.Text)
