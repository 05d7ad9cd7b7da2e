"""Tables of meetings."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import SealedText
from app.meetings.rules import MeetingKind, MinutesState


class Meeting(SQLModel, table=True):
    """A meeting of residents, or of those they chose."""

    __tablename__ = "meeting"
    __table_args__ = (
        sa.CheckConstraint("present IS NULL OR present >= 0", name="present_not_negative"),
        sa.Index("ix_meeting_community_begins_at", "community_code", "begins_at"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    kind: MeetingKind = Field(sa_type=EnumText(MeetingKind))
    title: str = Field(max_length=120)
    place: str = Field(max_length=120)
    begins_at: dt.datetime = Field(sa_type=UtcDateTime)
    called_at: dt.datetime = Field(sa_type=UtcDateTime)
    short_notice_reason: str | None = Field(default=None, sa_type=sa.Text)
    #: How many took part; the list of names is kept apart and sealed.
    present: int | None = None
    attendance: str | None = Field(default=None, sa_type=SealedText("meeting.attendance"))


class AgendaItem(SQLModel, table=True):
    """A point of the agenda, in order."""

    __tablename__ = "agenda_item"

    meeting_id: uuid.UUID = Field(primary_key=True, foreign_key="meeting.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    title: str = Field(max_length=120)


class Minutes(SQLModel, table=True):
    """A version of a meeting's minutes. Published ones are never changed."""

    __tablename__ = "minutes"

    meeting_id: uuid.UUID = Field(primary_key=True, foreign_key="meeting.id")
    version: int = Field(primary_key=True, sa_type=sa.Integer)
    state: MinutesState = Field(sa_type=EnumText(MinutesState))
    text: str = Field(sa_type=sa.Text)
    text_html: str = Field(sa_type=sa.Text)
    chair: str = Field(max_length=60)
    recorder: str = Field(max_length=60)
    #: Why a correction was needed.
    correction: str | None = Field(default=None, sa_type=sa.Text)
    digest: str | None = Field(default=None, max_length=64)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)
    published_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Resolution(SQLModel, table=True):
    """Something a meeting voted on."""

    __tablename__ = "resolution"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "position"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: uuid.UUID = Field(foreign_key="meeting.id")
    position: int
    text: str = Field(sa_type=sa.Text)
    votes_for: int
    votes_against: int
    abstentions: int
    passed: bool
    project_id: uuid.UUID | None = Field(default=None, foreign_key="project.id")
