"""Tables of what is still to be told, and of what we were told."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import JSON, UtcDateTime
from app.core.ids import new_id


class OutboxMessage(SQLModel, table=True):
    """An event that was written in the transaction it speaks of."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.Index("ix_outbox_message_waiting", "done_at", "dead_at", "available_at"),
        sa.Index("ix_outbox_message_subject_position", "subject", "position"),
    )

    position: int | None = Field(
        default=None,
        sa_column=sa.Column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    )
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    name: str = Field(max_length=60)
    version: int
    payload: dict[str, Any] = Field(sa_type=JSON)
    subject: str = Field(max_length=80)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    available_at: dt.datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    claimed_by: str | None = Field(default=None, max_length=60)
    claimed_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    dead_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = Field(default=None, max_length=300)


class InboxMessage(SQLModel, table=True):
    """A message from another system, taken once however often it is sent."""

    __tablename__ = "inbox_message"
    __table_args__ = (sa.UniqueConstraint("source", "external_id"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    source: str = Field(max_length=80)
    external_id: str = Field(max_length=120)
    digest: str = Field(max_length=64)
    answer: dict[str, Any] = Field(sa_type=JSON)
    received_at: dt.datetime = Field(sa_type=UtcDateTime)
