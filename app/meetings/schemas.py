"""What goes in and out about meetings."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, Reason, Text
from app.meetings.findings import FindingKind, MinutesField
from app.meetings.rules import AmendmentState, AttendanceWay, MeetingKind, MinutesState, SigningPart
from app.projects.schemas import ProjectWords

Moment = Annotated[
    AwareDatetime, Field(ge=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), le=dt.datetime(2200, 1, 1, tzinfo=dt.UTC))
]
_Name = Annotated[Line, StringConstraints(max_length=60)]
_Count = Annotated[int, Field(ge=0, le=1_000_000)]
_Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
_Point = Annotated[list[Annotated[int, Field(ge=0, le=1000)]], Field(min_length=2, max_length=2)]
_Stroke = Annotated[list[_Point], Field(min_length=1, max_length=400)]


class MeetingIn(InputModel):
    """A meeting to call."""

    community_code: Code12
    kind: MeetingKind
    title: Line
    place: Line
    begins_at: Moment
    agenda: Annotated[list[Line], Field(min_length=1, max_length=50)]
    short_notice_reason: Reason | None = None


class MeetingChangeIn(InputModel):
    """A called meeting as it is to be; another time needs ten days again, or the special circumstance."""

    title: Line
    place: Line
    begins_at: Moment
    agenda: Annotated[list[Line], Field(min_length=1, max_length=50)]
    short_notice_reason: Reason | None = None


class CancellationIn(InputModel):
    """Why a meeting does not take place."""

    reason: Reason


class AttendanceIn(InputModel):
    """Who attended: how many, and by name for the file (sealed, never published)."""

    present: _Count
    names: Annotated[list[_Name], Field(max_length=2000)] = Field(default_factory=list)


class MinutesIn(InputModel):
    """Minutes, as Markdown."""

    text: Annotated[Text, Field(min_length=1)]
    chair: _Name
    recorder: _Name


class MinutesChangeIn(MinutesIn):
    """A draft as it is to be."""

    correction: Reason | None = Field(default=None, description="What was wrong; in corrections only.")
    based_on: _Digest | None = Field(
        default=None, description="Digest of the text the writer began from; another one there is refused."
    )


class MinutesCheckIn(InputModel):
    """Words of minutes to look through and to lay out, saved or not."""

    text: Text
    chair: Annotated[str, StringConstraints(max_length=60)] = ""
    recorder: Annotated[str, StringConstraints(max_length=60)] = ""
    correction: Annotated[str, StringConstraints(max_length=1000)] = ""


class AllowedWordIn(InputModel):
    """A name, room or phone that may stand in minutes, and why."""

    word: Annotated[Text, Field(min_length=2, max_length=500)]
    reason: Reason


class SignatureIn(InputModel):
    """Whose place is signed."""

    part: SigningPart
    drawing: Annotated[list[_Stroke], Field(max_length=60)] = Field(
        default_factory=list,
        description="A drawn name, as strokes of points from 0 to 1000; may be left out, and is not published.",
    )


class DoorCodeIn(InputModel):
    """The code at a meeting's door."""

    code: Annotated[str, StringConstraints(min_length=4, max_length=20)]


class AmendmentIn(InputModel):
    """What somebody who attended would put right in minutes."""

    version: Annotated[int, Field(ge=1, le=10_000)]
    passage: Annotated[Text, Field(max_length=1000)] = Field(default="", description="What stands there.")
    text: Annotated[Text, Field(min_length=2, max_length=1000)]


class AmendmentAnswerIn(InputModel):
    """What was made of it."""

    answer: Annotated[Text, Field(min_length=1, max_length=1000)] | None = None


class AmendmentRefusalIn(InputModel):
    """Why the minutes stay as they are."""

    reason: Reason


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
    changed_at: dt.datetime | None = Field(description="When it was last changed after it was called.")
    cancelled_at: dt.datetime | None
    cancelled_reason: str | None
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


class MinutesSignatureOut(OutputModel):
    """A signature under minutes."""

    part: SigningPart
    office: str
    digest: str = Field(description="SHA-256 of the text that was signed.")
    signed_at: dt.datetime
    confirmed: bool = Field(
        description="By a fresh code of the second factor; false where an installation lets a password suffice."
    )
    signed_by: str | None = Field(description="What colleagues call them; for those who work on minutes.")
    drawing: list[list[list[int]]] | None = Field(description="For those who work on minutes.")


class MinutesOut(OutputModel):
    """A version of the minutes."""

    version: int
    state: MinutesState
    text: str
    text_html: str
    chair: str
    recorder: str
    correction: str | None
    digest: str = Field(description="SHA-256 of the text.")
    circulated_at: dt.datetime | None = Field(description="When those who attended were given the draft.")
    published_at: dt.datetime | None
    changes: list[ChangeOut] = Field(
        description="Where it differs from the version before; empty in the first."
    )
    signatures: list[MinutesSignatureOut] = Field(
        description="None under what was published before minutes were signed."
    )


class MeetingDetail(MeetingOut):
    """A meeting with its minutes and resolutions."""

    minutes: list[MinutesOut]
    resolutions: list[ResolutionOut]


class MinutesFindingOut(OutputModel):
    """A name, a room or a phone in words that would be published."""

    field: MinutesField
    kind: FindingKind
    start: int = Field(description="Characters (code points) from the beginning of the field.")
    end: int
    word: str
    mask: str = Field(description="What may stand there instead.")
    allowed: str | None = Field(description="Why it may stand; null where it is to be masked.")


class MinutesCheckOut(OutputModel):
    """Words of minutes as residents would see them, and what stands in them that names somebody."""

    text_html: str
    findings: list[MinutesFindingOut]


class AttendeeOut(OutputModel):
    """Somebody on the list, for those who keep it."""

    resident_id: uuid.UUID
    name: str = Field(description="Masked; empty for who has left the roster since.")
    home: str
    room: str
    way: AttendanceWay
    at: dt.datetime


class AttendanceOut(OutputModel):
    """The list of those who attended, for those who keep it."""

    present: int | None
    listed: int = Field(description="People on the list and names from paper together.")
    names: list[str] = Field(description="From paper.")
    door_opens_at: dt.datetime
    door_closes_at: dt.datetime
    people: list[AttendeeOut] = Field(description="The last who came first.")


class DoorCodeOut(OutputModel):
    """What the screen at the door shows."""

    code: str
    url: str
    picture: str = Field(description="The address as a QR code: an SVG in a data address.")
    next_at: dt.datetime = Field(description="When there will be a new one.")
    listed: int = Field(description="How many have signed in by now.")


class SignedInOut(OutputModel):
    """Somebody has signed in at a meeting."""

    meeting_id: uuid.UUID
    title: str
    place: str
    begins_at: dt.datetime
    already: bool = Field(description="They had signed in before.")


class AmendmentOut(OutputModel):
    """What somebody who attended would put right in minutes; never who it was."""

    id: uuid.UUID
    version: int
    passage: str
    text: str
    state: AmendmentState
    proposed_at: dt.datetime
    answer: str | None
    answered_at: dt.datetime | None
    taken_up_in: int | None = Field(description="The version that says it.")


class AmendmentList(OutputModel):
    """Proposals for a meeting's minutes, the first one first."""

    items: list[AmendmentOut]


class MyMeetingOut(OutputModel):
    """A meeting as somebody sees it who was there."""

    attended: bool
    draft: MinutesOut | None = Field(description="Given to those who attended, before it is signed.")
    amendments: list[AmendmentOut] = Field(description="The caller's own.")
