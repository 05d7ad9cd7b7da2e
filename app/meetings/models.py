"""Tables of meetings."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import FINGERPRINT, SealedText
from app.meetings.rules import AmendmentState, AttendanceWay, MeetingKind, MinutesState, SigningPart


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
    #: The last time its place, time or agenda was changed after it was called.
    changed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_reason: str | None = Field(default=None, sa_type=sa.Text)
    #: How many took part.
    present: int | None = None
    #: Names from a sheet of paper, of people who are not on the roster or were not looked up.
    attendance: str | None = Field(default=None, sa_type=SealedText("meeting.attendance"))


class AgendaItem(SQLModel, table=True):
    """A point of the agenda, in order."""

    __tablename__ = "agenda_item"

    meeting_id: uuid.UUID = Field(primary_key=True, foreign_key="meeting.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    title: str = Field(max_length=120)


class Attendance(SQLModel, table=True):
    """Somebody of the roster who attended. The list is sealed: nobody reads in the database who came."""

    __tablename__ = "attendance"

    meeting_id: uuid.UUID = Field(primary_key=True, foreign_key="meeting.id")
    #: Keyed hash of the meeting and the person, so that nobody stands on the list twice.
    mark: str = Field(primary_key=True, sa_type=FINGERPRINT)
    #: The id of the roster entry.
    who: str = Field(sa_type=SealedText("attendance.who"))
    way: AttendanceWay = Field(sa_type=EnumText(AttendanceWay))
    at: dt.datetime = Field(sa_type=UtcDateTime)


class DoorCode(SQLModel, table=True):
    """What the screen at a meeting's door shows for some minutes."""

    __tablename__ = "door_code"

    code: str = Field(primary_key=True, max_length=8)
    meeting_id: uuid.UUID = Field(foreign_key="meeting.id", index=True)
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)


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
    #: When those who attended were given the draft to read.
    circulated_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class MinutesSignature(SQLModel, table=True):
    """The chair's or the recorder's name under one version of minutes."""

    __tablename__ = "minutes_signature"
    __table_args__ = (
        sa.ForeignKeyConstraint(["meeting_id", "version"], ["minutes.meeting_id", "minutes.version"]),
        # two signatures are two people's, whatever the code says
        sa.UniqueConstraint("meeting_id", "version", "account_id"),
    )

    meeting_id: uuid.UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=sa.Integer)
    part: SigningPart = Field(primary_key=True, sa_type=EnumText(SigningPart))
    account_id: uuid.UUID = Field(foreign_key="account.id")
    #: What stands under the minutes: an office.
    office: str = Field(max_length=60)
    #: SHA-256 of the text that was signed.
    digest: str = Field(max_length=64)
    #: By a fresh code of the second factor. False only where the installation lets a password suffice.
    confirmed: bool
    #: A drawn name, as lines of points; evidence, and nobody needs it.
    drawing: str | None = Field(default=None, sa_type=SealedText("minutes_signature.drawing"))
    signed_at: dt.datetime = Field(sa_type=UtcDateTime)


class StandingWord(SQLModel, table=True):
    """A name, room or number that may stand in a meeting's minutes, and why."""

    __tablename__ = "standing_word"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: uuid.UUID = Field(foreign_key="meeting.id", index=True)
    word: str = Field(sa_type=SealedText("standing_word.word"))
    reason: str = Field(sa_type=sa.Text)
    allowed_by: str = Field(max_length=80)
    allowed_at: dt.datetime = Field(sa_type=UtcDateTime)


class Amendment(SQLModel, table=True):
    """What somebody who attended would have put right in the minutes."""

    __tablename__ = "amendment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["meeting_id", "version"], ["minutes.meeting_id", "minutes.version"]),
        sa.Index("ix_amendment_meeting_id_proposed_at", "meeting_id", "proposed_at"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: uuid.UUID
    #: The version it is about.
    version: int
    #: None once its author is forgotten.
    account_id: uuid.UUID | None = Field(default=None, foreign_key="account.id", index=True)
    #: What stands there, in the minutes' words; may be empty.
    passage: str = Field(sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    state: AmendmentState = Field(sa_type=EnumText(AmendmentState))
    proposed_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: Why it was declined, or what was made of it.
    answer: str | None = Field(default=None, sa_type=sa.Text)
    answered_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: The version that says it.
    taken_up_in: int | None = None


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
