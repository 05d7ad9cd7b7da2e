"""Tables of objections. Who objects and every word said is ciphertext."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import FINGERPRINT, SealedText
from app.objections.rules import Channel, EntryKind, ObjectionState, VolunteerState

_OPEN = "state IN ('filed', 'assigned', 'maintained')"


class Objection(SQLModel, table=True):
    """A household's objection to a project. The household stands in no column that another table knows."""

    __tablename__ = "objection"
    __table_args__ = (
        sa.Index("ix_objection_project_state", "project_id", "state"),
        # two phones of a household at once
        sa.Index(
            "uq_objection_open", "project_id", "household_fingerprint", unique=True,
            sqlite_where=sa.text(_OPEN), postgresql_where=sa.text(_OPEN),
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    #: No foreign keys on purpose: deleting or joining elsewhere must never lead here.
    project_id: uuid.UUID
    community_code: str = Field(max_length=12)
    #: Keyed hash of the household, under a key context that nothing else uses.
    household_fingerprint: str = Field(sa_type=FINGERPRINT, index=True)
    #: Sealed: household id, name, phone, dwelling of the one who filed; empty where they asked to be forgotten.
    identity: str = Field(sa_type=SealedText("objection.identity"))
    state: ObjectionState = Field(sa_type=EnumText(ObjectionState))
    mediator_id: uuid.UUID | None = Field(default=None, index=True)
    filed_at: dt.datetime = Field(sa_type=UtcDateTime)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: An officer first looked at it then, or gave it to a mediator.
    acknowledged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: A complaint waits for an officer above the community since then.
    escalated_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class ObjectionEntry(SQLModel, table=True):
    """One step of the negotiation; its text is sealed."""

    __tablename__ = "objection_entry"

    objection_id: uuid.UUID = Field(primary_key=True, foreign_key="objection.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    kind: EntryKind = Field(sa_type=EnumText(EntryKind))
    by_objector: bool
    #: A member of staff, or ``resident``: an account would lead, by its phone, to the household.
    by: str = Field(max_length=80)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    text: str = Field(sa_type=SealedText("objection_entry.text"))
    #: Of an offer: what it makes of the project's cost items; sealed, for an item may say whose window it is.
    costs: str | None = Field(default=None, sa_type=SealedText("objection_entry.costs"))
    channel: Channel | None = Field(default=None, sa_type=EnumText(Channel))
    #: Of a planned meeting: when it is to be; of one that was held: when it was to be.
    meets_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Keyed hash of the household and the key it sent, so that a repeat from a weak network is no second entry.
    request_fingerprint: str | None = Field(default=None, sa_type=FINGERPRINT, unique=True)


class RefusedMediator(SQLModel, table=True):
    """A mediator whom a household will not have; they never get this case again."""

    __tablename__ = "refused_mediator"

    objection_id: uuid.UUID = Field(primary_key=True, foreign_key="objection.id")
    mediator_id: uuid.UUID = Field(primary_key=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)


class MediationVolunteer(SQLModel, table=True):
    """A resident who agreed to help where neighbours negotiate."""

    __tablename__ = "mediation_volunteer"

    account_id: uuid.UUID = Field(primary_key=True)
    community_code: str = Field(primary_key=True, max_length=12, index=True)
    name: str = Field(sa_type=SealedText("mediation_volunteer.name"))
    building: str = Field(sa_type=SealedText("mediation_volunteer.building"))
    joined_at: dt.datetime = Field(sa_type=UtcDateTime)


class CaseVolunteer(SQLModel, table=True):
    """A volunteer proposed for a case; it opens to them after the household has accepted them."""

    __tablename__ = "case_volunteer"

    objection_id: uuid.UUID = Field(primary_key=True, foreign_key="objection.id")
    account_id: uuid.UUID = Field(primary_key=True, index=True)
    name: str = Field(sa_type=SealedText("case_volunteer.name"))
    building: str = Field(sa_type=SealedText("case_volunteer.building"))
    state: VolunteerState = Field(sa_type=EnumText(VolunteerState))
    proposed_at: dt.datetime = Field(sa_type=UtcDateTime)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)


class ObjectionView(SQLModel, table=True):
    """Somebody looked at the case: who, when, why. The objector sees this list."""

    __tablename__ = "objection_view"

    objection_id: uuid.UUID = Field(primary_key=True, foreign_key="objection.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    by: str = Field(max_length=80)
    role: str = Field(max_length=40)
    purpose: str = Field(sa_type=SealedText("objection_view.purpose"))
    at: dt.datetime = Field(sa_type=UtcDateTime)
