"""What goes in and out about meetings."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, Reason, Text
from app.meetings.rules import MeetingKind, MinutesState
from app.projects.schemas import ProjectWords

Moment = Annotated[
    AwareDatetime, Field(ge=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), le=dt.datetime(2200, 1, 1, tzinfo=dt.UTC))
]
_Name = Annotated[Line, StringConstraints(max_length=60)]
_Count = Annotated[int, Field(ge=0, le=1_000_000)]


class MeetingIn(InputModel):
    """A meeting to call."""

    community_code: Code12
    kind: MeetingKind
    title: Line
    place: Line
    begins_at: Moment
    agenda: Annotated[list[Line], Field(min_length=1, max_length=50)]
    short_notice_reason: Reason | None = None


class AttendanceIn(InputModel):
    """Who attended: how many, and by name for the file (sealed, never published)."""

    present: _Count
    names: Annotated[list[_Name], Field(max_length=2000)] = Field(default_factory=list)


class MinutesIn(InputModel):
    """Minutes, as Markdown."""

    text: Annotated[Text, Field(min_length=1)]
    chair: _Name
    recorder: _Name


class CorrectionIn(MinutesIn):
    """A new version of published minutes, with what was wrong."""

    correction: Reason


class ResolutionIn(InputModel):
    """Something the meeting voted on."""

    text: Annotated[Text, Field(min_length=2, max_length=2000)]
    votes_for: _Count
    votes_against: _Count
    abstentions: _Count = 0
    project: ProjectWords | None = Field(default=None, description="Drafted if the resolution passes.")


class ResolutionOut(OutputModel):
    """A resolution."""

    id: uuid.UUID
    position: int
    text: str
    votes_for: int
    votes_against: int
    abstentions: int
    passed: bool
    project_id: uuid.UUID | None
    project_title: str | None = Field(description="Null where there is none, or it is not public yet.")


class MeetingOut(OutputModel):
    """A meeting."""

    id: uuid.UUID
    community_code: str
    kind: MeetingKind
    title: str
    place: str
    begins_at: dt.datetime
    called_at: dt.datetime
    short_notice_reason: str | None
    present: int | None
    agenda: list[str]
    minutes_version: int | None = Field(description="The newest published version of its minutes.")
    resolutions_passed: int
    resolutions_put: int = Field(description="How many things were voted on.")


class MeetingPage(OutputModel):
    """Some meetings, the latest first."""

    items: list[MeetingOut]
    next_cursor: str | None


class ChangeOut(OutputModel):
    """What stood there and what stands there now; one of both may be empty."""

    before: str
    after: str


class MinutesOut(OutputModel):
    """A version of the minutes."""

    version: int
    state: MinutesState
    text: str
    text_html: str
    chair: str
    recorder: str
    correction: str | None
    digest: str | None = Field(description="SHA-256 of the published text; null in drafts.")
    published_at: dt.datetime | None
    changes: list[ChangeOut] = Field(
        description="Where it differs from the version before; empty in the first."
    )


class MeetingDetail(MeetingOut):
    """A meeting with its minutes and resolutions."""

    minutes: list[MinutesOut]
    resolutions: list[ResolutionOut]
