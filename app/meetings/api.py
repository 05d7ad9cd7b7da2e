"""Routes of meetings."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query

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
from app.meetings.errors import (
    DraftPending,
    MeetingNotFound,
    MeetingNotHeld,
    MinutesNotFound,
    MinutesPublished,
    NamesInMinutes,
    NothingToCorrect,
    ShortNotice,
    VotesDoNotAdd,
)
from app.meetings.schemas import (
    AttendanceIn,
    ChangeOut,
    CorrectionIn,
    MeetingDetail,
    MeetingIn,
    MeetingOut,
    MeetingPage,
    MinutesIn,
    MinutesOut,
    ResolutionIn,
    ResolutionOut,
)
from app.meetings.service import MeetingView, MinutesView, ResolutionView
from app.places.errors import DivisionNotFound

router = APIRouter(prefix="/api/v1", tags=["meetings"])

Version = Annotated[int, Path(ge=1, le=10_000)]


@router.get("/meetings", response_model=MeetingPage, responses=problems(BadCursor))
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
    return MeetingPage(items=[_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.post(
    "/meetings", status_code=201, response_model=MeetingOut, responses=problems(DivisionNotFound, ShortNotice)
)
def call_meeting(
    body: MeetingIn, writing: Writing, actor: Annotated[Actor, may("meeting.call")]
) -> MeetingOut:
    """Call a meeting with its agenda, ten days ahead or with the special circumstance."""
    with writing as session:
        return _out(service.call(session, body=body, actor=actor))


@router.get("/meetings/{meeting_id}", response_model=MeetingDetail, responses=problems(MeetingNotFound))
def read_meeting(
    meeting_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("meeting.read")]
) -> MeetingDetail:
    """A meeting with its minutes, every version of them, and its resolutions."""
    with reading as session:
        view, minutes, resolutions = service.read(session, meeting_id, actor=actor)
        return MeetingDetail(
            **_out(view).model_dump(),
            minutes=[_minutes_out(each) for each in minutes],
            resolutions=[_resolution_out(each) for each in resolutions],
        )


@router.put(
    "/meetings/{meeting_id}/attendance", response_model=MeetingOut, responses=problems(MeetingNotFound)
)
def record_attendance(
    meeting_id: uuid.UUID,
    body: AttendanceIn,
    writing: Writing,
    actor: Annotated[Actor, may("meeting.record_attendance")],
) -> MeetingOut:
    """Record how many took part, and who, for the file; names are sealed and never published."""
    with writing as session:
        return _out(
            service.record_attendance(
                session, meeting_id=meeting_id, present=body.present, names=body.names, actor=actor
            )
        )


@router.post(
    "/meetings/{meeting_id}/minutes", status_code=201, response_model=MinutesOut,
    responses=problems(MeetingNotFound, DraftPending, MinutesPublished),
)  # fmt: skip
def draft_minutes(
    meeting_id: uuid.UUID, body: MinutesIn, writing: Writing, actor: Annotated[Actor, may("minutes.draft")]
) -> MinutesOut:
    """Draft the minutes of a meeting."""
    with writing as session:
        row = service.draft_minutes(session, meeting_id=meeting_id, body=body, actor=actor)
        return _minutes_out(service.shown(session, row))


@router.put(
    "/meetings/{meeting_id}/minutes/{version}", response_model=MinutesOut,
    responses=problems(MeetingNotFound, MinutesNotFound, MinutesPublished),
)  # fmt: skip
def change_minutes(
    meeting_id: uuid.UUID,
    version: Version,
    body: MinutesIn,
    writing: Writing,
    actor: Annotated[Actor, may("minutes.change")],
) -> MinutesOut:
    """Change a draft of the minutes."""
    with writing as session:
        row = service.change_minutes(session, meeting_id=meeting_id, version=version, body=body, actor=actor)
        return _minutes_out(service.shown(session, row))


@router.post(
    "/meetings/{meeting_id}/minutes/{version}/publish", response_model=MinutesOut,
    responses=problems(MeetingNotFound, MinutesNotFound, MinutesPublished, NamesInMinutes),
)  # fmt: skip
def publish_minutes(
    meeting_id: uuid.UUID, version: Version, writing: Writing, actor: Annotated[Actor, may("minutes.publish")]
) -> MinutesOut:
    """Publish minutes; from then on this version never changes."""
    with writing as session:
        row = service.publish_minutes(session, meeting_id=meeting_id, version=version, actor=actor)
        return _minutes_out(service.shown(session, row))


@router.post(
    "/meetings/{meeting_id}/corrections", status_code=201, response_model=MinutesOut,
    responses=problems(MeetingNotFound, NothingToCorrect, DraftPending),
)  # fmt: skip
def correct_minutes(
    meeting_id: uuid.UUID,
    body: CorrectionIn,
    writing: Writing,
    actor: Annotated[Actor, may("minutes.correct")],
) -> MinutesOut:
    """Draft a correction of published minutes: a new version with what was wrong; the old one stays readable."""
    with writing as session:
        row = service.correct_minutes(session, meeting_id=meeting_id, body=body, actor=actor)
        return _minutes_out(service.shown(session, row))


@router.post(
    "/meetings/{meeting_id}/resolutions", status_code=201, response_model=ResolutionOut,
    responses=problems(MeetingNotFound, MeetingNotHeld, VotesDoNotAdd),
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
        return _resolution_out(ResolutionView(row, None))


def _out(view: MeetingView) -> MeetingOut:
    row = view.meeting
    return MeetingOut(
        id=row.id, community_code=row.community_code, kind=row.kind, title=row.title, place=row.place,
        begins_at=row.begins_at, called_at=row.called_at, short_notice_reason=row.short_notice_reason,
        present=row.present, agenda=view.agenda, minutes_version=view.minutes_version,
        resolutions_passed=view.resolutions_passed, resolutions_put=view.resolutions_put,
    )  # fmt: skip


def _minutes_out(view: MinutesView) -> MinutesOut:
    row = view.minutes
    return MinutesOut(
        version=row.version, state=row.state, text=row.text, text_html=row.text_html, chair=row.chair,
        recorder=row.recorder, correction=row.correction, digest=row.digest, published_at=row.published_at,
        changes=[ChangeOut(before=each.before, after=each.after) for each in view.changes],
    )  # fmt: skip


def _resolution_out(view: ResolutionView) -> ResolutionOut:
    row = view.resolution
    return ResolutionOut(
        id=row.id, position=row.position, text=row.text, votes_for=row.votes_for, votes_against=row.votes_against,
        abstentions=row.abstentions, passed=row.passed, project_id=row.project_id, project_title=view.project_title,
    )  # fmt: skip
