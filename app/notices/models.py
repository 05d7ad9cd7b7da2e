"""Tables of notices."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import JSON, EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import FINGERPRINT, SealedText
from app.notices.rules import Kind, Purpose, Template


class Notice(SQLModel, table=True):
    """Something that concerns everybody in some communities: one row, however many people read it."""

    __tablename__ = "notice"
    __table_args__ = (sa.Index("ix_notice_created_at", "created_at", "id"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: Kind = Field(sa_type=EnumText(Kind))
    facts: dict[str, Any] = Field(sa_type=JSON)
    #: What it tells of, so that nothing is told twice.
    source: str = Field(max_length=120, unique=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class NoticeCommunity(SQLModel, table=True):
    """Whom a notice concerns."""

    __tablename__ = "notice_community"

    notice_id: uuid.UUID = Field(primary_key=True, foreign_key="notice.id")
    community_code: str = Field(primary_key=True, max_length=12, foreign_key="division.code", index=True)


class PersonalNotice(SQLModel, table=True):
    """Something that concerns one person. What it is about is ciphertext: the table must not say who objects."""

    __tablename__ = "personal_notice"
    __table_args__ = (sa.Index("ix_personal_notice_account_created", "account_id", "created_at"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="account.id")
    #: Sealed JSON of kind and facts.
    content: str = Field(sa_type=SealedText("personal_notice.content"))
    #: Keyed hash of what it tells of, so that nothing is told twice.
    source: str = Field(sa_type=FINGERPRINT, unique=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    read_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class NoticeReader(SQLModel, table=True):
    """What somebody has read, and what may be sent to them."""

    __tablename__ = "notice_reader"

    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id")
    #: Everything for everybody up to here was seen.
    read_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    sms: bool = True
    reminders: bool = True


class MessageQuota(SQLModel, table=True):
    """How many messages of a template WeChat may deliver to somebody: one for every accepted tap."""

    __tablename__ = "message_quota"
    __table_args__ = (sa.CheckConstraint("left_over >= 0", name="left_over_not_negative"),)

    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id")
    template: Template = Field(primary_key=True, sa_type=EnumText(Template))
    left_over: int


class RoundInterest(SQLModel, table=True):
    """Somebody wants to be told of a round's result; gone when they have been."""

    __tablename__ = "round_interest"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id", index=True)


class NoticeDispatch(SQLModel, table=True):
    """Many people are being told something beyond the inbox: how far that is, and who works on it."""

    __tablename__ = "notice_dispatch"
    __table_args__ = (sa.Index("ix_notice_dispatch_waiting", "finished_at", "due_at"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id", index=True)
    purpose: Purpose = Field(sa_type=EnumText(Purpose))
    #: The one reason for it: a round's result, its closing, a day on which staff reminded.
    source: str = Field(max_length=120, unique=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    due_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: Everybody up to here was thought of: an entry of the roll, or an account.
    position: uuid.UUID | None = None
    worker: str | None = Field(default=None, max_length=60)
    claimed_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: How many were reached by which way.
    reached: dict[str, int] = Field(default_factory=dict, sa_type=JSON)


class NoticeDelivery(SQLModel, table=True):
    """Somebody was told by a channel, once. A keyed hash, no time, no order: alone it says nothing about anybody.

    A reminder says that somebody had not taken part, so it is deleted when its round closes.
    """

    __tablename__ = "notice_delivery"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: str = Field(primary_key=True, sa_type=FINGERPRINT)
    round_id: uuid.UUID = Field(foreign_key="round.id", index=True)
