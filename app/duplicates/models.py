"""The table of what was said of two rows that looked like one person."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import SealedText
from app.duplicates.rules import DuplicateState


class Duplicate(SQLModel, table=True):
    """Two rows of a roster that were made one, made two again, or told apart. Never deleted."""

    __tablename__ = "duplicate"
    __table_args__ = (
        sa.CheckConstraint("kept_id <> gone_id", name="two_rows"),
        sa.Index("ix_duplicate_community_state", "community_code", "state", "at"),
        # nobody goes into two others
        sa.Index(
            "uq_duplicate_merged", "gone_id", unique=True,
            sqlite_where=sa.text("state = 'merged'"), postgresql_where=sa.text("state = 'merged'"),
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    kept_id: uuid.UUID = Field(foreign_key="resident.id")
    gone_id: uuid.UUID = Field(foreign_key="resident.id")
    state: DuplicateState = Field(sa_type=EnumText(DuplicateState))
    at: dt.datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)
    reason: str = Field(sa_type=SealedText("duplicate.reason"))
    #: Sealed JSON of what the kept row was before and after, and which meetings the other attended, for undo.
    journal: str | None = Field(default=None, sa_type=SealedText("duplicate.journal"))
    undone_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by: str | None = Field(default=None, max_length=80)
