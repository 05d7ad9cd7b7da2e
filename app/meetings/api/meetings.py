"""Routes of meetings: called, changed, cancelled, read; what they resolved."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.meetings import service
from app.meetings.api.shapes import amendment_out, detail_out, meeting_out, minutes_out, resolution_out
from app.meetings.errors import (
    MeetingBegun,
    MeetingCancelled,
    MeetingNotFound,
    MeetingNotHeld,
    NothingRaised,
    ResolutionNotFound,
    ShortNotice,
    VotesDoNotAdd,
)
from app.meetings.schemas import (
    CancellationIn,
    MeetingChangeIn,
    MeetingDetail,
    MeetingIn,
    MeetingOut,
    MeetingPage,
    MyMeetingOut,
    ResolutionIn,
    ResolutionOut,
)
from app.meetings.service import ResolutionView
from app.places.errors import DivisionNotFound
from app.projects.errors import BuildingNotHere, CostsTooLarge
from app.projects.schemas import ProjectWords

meetings_router = APIRouter(prefix="/api/v1", tags=["meetings"])


@meetings_router.get("/meetings", response_model=MeetingPage, responses=problems(BadCursor))
def list_meetings(
    reading: Reading,
    actor: Annotated[Actor, may("meeting.list")],  # noqa: ARG001
    division: Annotated[Code12 | None, Query(description="Only meetings under this division.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> MeetingPage:
    """Meetings that were called, the latest first."""
    with reading as session:
        views = service.listing(session, division=division, after=time_and_id(cursor), limit=limit + 1)
    page = page_of(views, limit, key=lambda view: time_and_id_cursor(view.meeting.begins_at, view.meeting.id))
    return MeetingPage(items=[meeting_out(view) for view in page.items], next_cursor=page.next_cursor)


@meetings_router.post(
    "/meetings", status_code=201, response_model=MeetingOut, responses=problems(DivisionNotFound, ShortNotice)
)
def call_meeting(
    body: MeetingIn, writing: Writing, actor: Annotated[Actor, may("meeting.call")]
) -> MeetingOut:
    """Call a meeting with its agenda, ten days ahead or with the special circumstance."""
    with writing as session:
        return meeting_out(service.call(session, body=body, actor=actor))


@meetings_router.get(
    "/meetings/{meeting_id}", response_model=MeetingDetail, responses=problems(MeetingNotFound)
)
def read_meeting(
    meeting_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("meeting.read")]
) -> MeetingDetail:
    """A meeting with its minutes, every version of them, and its resolutions."""
    with reading as session:
        return detail_out(*service.read(session, meeting_id, actor=actor))


@meetings_router.put(
    "/meetings/{meeting_id}", response_model=MeetingOut,
    responses=problems(MeetingNotFound, MeetingCancelled, MeetingBegun, ShortNotice),
)  # fmt: skip
def change_meeting(
    meeting_id: uuid.UUID,
    body: MeetingChangeIn,
    writing: Writing,
    actor: Annotated[Actor, may("meeting.change")],
) -> MeetingOut:
    """Change place, time or agenda of a meeting that has not begun."""
    with writing as session:
        return meeting_out(service.change(session, meeting_id=meeting_id, body=body, actor=actor))


@meetings_router.post(
    "/meetings/{meeting_id}/cancel", response_model=MeetingOut,
    responses=problems(MeetingNotFound, MeetingCancelled, MeetingBegun),
)  # fmt: skip
def cancel_meeting(
    meeting_id: uuid.UUID,
    body: CancellationIn,
    writing: Writing,
    actor: Annotated[Actor, may("meeting.cancel")],
) -> MeetingOut:
    """Cancel a meeting that has not begun, with the reason."""
    with writing as session:
        return meeting_out(service.cancel(session, meeting_id=meeting_id, reason=body.reason, actor=actor))


@meetings_router.get(
    "/meetings/{meeting_id}/mine", response_model=MyMeetingOut, responses=problems(MeetingNotFound)
)
def read_my_meeting(
    meeting_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("meeting.read_mine")]
) -> MyMeetingOut:
    """Whether you attended, the draft you were given to read, and what you would have put right."""
    with reading as session:
        found = service.read_mine(session, meeting_id, actor=actor)
        return MyMeetingOut(
            attended=found.attended,
            draft=None if found.draft is None else minutes_out(found.draft),
            amendments=[amendment_out(each) for each in found.amendments],
        )


@meetings_router.post(
    "/meetings/{meeting_id}/resolutions", status_code=201, response_model=ResolutionOut,
    responses=problems(MeetingNotFound, MeetingCancelled, MeetingNotHeld, VotesDoNotAdd),
)  # fmt: skip
def pass_resolution(
    meeting_id: uuid.UUID,
    body: ResolutionIn,
    writing: Writing,
    actor: Annotated[Actor, may("resolution.pass")],
) -> ResolutionOut:
    """Record a vote of the meeting; if it passes, the project it raises is drafted with it."""
    with writing as session:
        row = service.pass_resolution(session, meeting_id=meeting_id, body=body, actor=actor)
        # what it raised is a draft still
        return resolution_out(ResolutionView(row, None))


@meetings_router.post(
    "/resolutions/{resolution_id}/project", status_code=201, response_model=ResolutionOut,
    responses=problems(ResolutionNotFound, MeetingCancelled, NothingRaised, BuildingNotHere, CostsTooLarge),
)  # fmt: skip
def raise_project(
    resolution_id: uuid.UUID,
    body: ProjectWords,
    writing: Writing,
    actor: Annotated[Actor, may("resolution.raise_project")],
) -> ResolutionOut:
    """Draft the project that a resolution wants; the draft keeps where it comes from."""
    with writing as session:
        row = service.raise_project(session, resolution_id=resolution_id, words=body, actor=actor)
        return resolution_out(ResolutionView(row, None))
