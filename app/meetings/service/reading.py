"""Reading meetings: what everybody may see, and what those who attended see besides."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.meetings import queries
from app.meetings.errors import MeetingNotFound, MinutesNotFound
from app.meetings.models import Amendment
from app.meetings.rules import MinutesState
from app.meetings.service.amending import is_shown
from app.meetings.service.views import (
    MeetingView,
    MinutesView,
    ResolutionView,
    attended,
    compared,
    view,
    views,
)
from app.projects import service as projects


@dataclass(frozen=True)
class MyMeeting:
    """A meeting as somebody sees it who was there."""

    attended: bool
    #: What those who attended were given to read before it is signed.
    draft: MinutesView | None
    amendments: list[Amendment]


def listing(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[MeetingView]:
    """Meetings under a division, the latest first."""
    return views(session, queries.page(session, division=division, after=after, limit=limit))


def read(
    session: Session, meeting_id: uuid.UUID, *, actor: Actor
) -> tuple[MeetingView, list[MinutesView], list[ResolutionView]]:
    """A meeting with its minutes (every version for those who work on them) and resolutions.

    Raises:
        MeetingNotFound: there is none.
    """
    row = queries.meeting(session, meeting_id)
    if row is None:
        raise MeetingNotFound
    drafts = actor.may("minutes.read_drafts", row.community_code)
    versions = queries.minutes(session, meeting_id, drafts=drafts)
    resolutions = queries.resolutions(session, meeting_id)
    raised = [each.project_id for each in resolutions if each.project_id is not None]
    titles = {each.id: each.title for each in projects.public_projects(session, project_ids=raised)}
    return (
        view(session, row),
        compared(session, versions, meeting_id=meeting_id, whole=drafts),
        [
            ResolutionView(each, None if each.project_id is None else titles.get(each.project_id))
            for each in resolutions
        ],
    )


def read_mine(session: Session, meeting_id: uuid.UUID, *, actor: Actor) -> MyMeeting:
    """Whether the caller attended, the draft they were given, and what they would have put right.

    Raises:
        MeetingNotFound: there is none.
    """
    row = queries.meeting(session, meeting_id)
    if row is None:
        raise MeetingNotFound
    there = attended(session, row, actor)
    versions = [each for each in queries.minutes(session, meeting_id, drafts=True) if is_shown(each)]
    shown = compared(session, versions, meeting_id=meeting_id, whole=False) if there else []
    draft = next((each for each in shown if each.minutes.state is MinutesState.DRAFT), None)
    proposed = [
        each for each in queries.amendments(session, meeting_id) if each.account_id == actor.account_id
    ]
    return MyMeeting(there, draft, proposed)


def printable(
    session: Session, meeting_id: uuid.UUID, version: int, *, actor: Actor
) -> tuple[MeetingView, MinutesView, list[ResolutionView]]:
    """One version of minutes with the meeting it is of, for paper.

    Raises:
        MeetingNotFound, MinutesNotFound: there is none, or it is not for the caller.
    """
    meeting, versions, resolutions = read(session, meeting_id, actor=actor)
    if not actor.may("minutes.print", meeting.meeting.community_code):
        raise MeetingNotFound
    for each in versions:
        if each.minutes.version == version:
            return meeting, each, resolutions
    raise MinutesNotFound
