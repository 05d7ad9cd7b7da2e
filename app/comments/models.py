"""Tables of comments."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.comments.rules import CommentKind, CommentState, ReportCode
from app.core.db import JSON, EnumText, UtcDateTime
from app.ideas.rules import Byline


class Comment(SQLModel, table=True):
    """What somebody says about an idea or a project. Nobody stands here once they deleted it or left."""

    __tablename__ = "comment"
    __table_args__ = (
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent_is_another"),
        sa.Index("ix_comment_subject_posted", "kind", "subject_id", "posted_at"),
        sa.Index("ix_comment_community_state_posted", "community_code", "state", "posted_at"),
        sa.Index("ix_comment_account_posted", "account_id", "posted_at"),
    )

    #: Made by the phone, so that it can send the same comment twice.
    id: uuid.UUID = Field(primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    kind: CommentKind = Field(sa_type=EnumText(CommentKind))
    #: An idea or a project; no foreign key, because it is one of two tables.
    subject_id: uuid.UUID
    #: The round on whose page it was said, if it was.
    round_id: uuid.UUID | None = Field(default=None, foreign_key="round.id")
    parent_id: uuid.UUID | None = Field(default=None, foreign_key="comment.id", index=True)
    account_id: uuid.UUID | None = None
    #: Said for the Residents' Committee.
    by_staff: bool
    byline: Byline = Field(sa_type=EnumText(Byline))
    building: str | None = Field(default=None, max_length=60)
    state: CommentState = Field(sa_type=EnumText(CommentState))
    held_for: list[str] = Field(default_factory=list, sa_type=JSON)
    words: str = Field(sa_type=sa.Text)
    posted_at: dt.datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=80)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=sa.Text)


class CommentReport(SQLModel, table=True):
    """Somebody says that a comment should be looked at; once each."""

    __tablename__ = "comment_report"
    __table_args__ = (sa.Index("ix_comment_report_account_at", "account_id", "at"),)

    comment_id: uuid.UUID = Field(primary_key=True, foreign_key="comment.id")
    account_id: uuid.UUID = Field(primary_key=True)
    code: ReportCode = Field(sa_type=EnumText(ReportCode))
    words: str = Field(sa_type=sa.Text)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    #: When somebody of the committee looked.
    handled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
