"""Looking through minutes before anybody signs or reads them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from app.meetings import findings, queries, wording
from app.meetings.errors import (
    AmendmentsPending,
    MinutesPublished,
    MinutesReplaced,
    NamesInMinutes,
    NotCirculated,
)
from app.meetings.findings import Finding, Known, MinutesField
from app.meetings.models import Meeting, Minutes
from app.meetings.rules import MinutesState
from app.meetings.service.views import version_of
from app.residents import service as residents


@dataclass(frozen=True)
class Found:
    """A finding, the part of the minutes it stands in, and why it may stand there, if it may."""

    field: MinutesField
    finding: Finding
    allowed: str | None


def draft_of(session: Session, meeting_id: uuid.UUID, version: int) -> Minutes:
    """A version that is still a draft.

    Raises:
        MinutesNotFound: there is none.
        MinutesPublished, MinutesReplaced: it is no draft any more.
    """
    row = version_of(session, meeting_id, version)
    if row.state is MinutesState.PUBLISHED:
        raise MinutesPublished
    if row.state is MinutesState.REPLACED:
        raise MinutesReplaced
    return row


def check_names(session: Session, meeting: Meeting, row: Minutes) -> None:
    """Refuse a version that names somebody, unless somebody has said why it may.

    Raises:
        NamesInMinutes: names, rooms or phones stand in it.
    """
    words = {
        MinutesField.TEXT: row.text,
        MinutesField.CORRECTION: row.correction or "",
        MinutesField.CHAIR: row.chair,
        MinutesField.RECORDER: row.recorder,
    }
    open_ones = sum(each.allowed is None for each in found_in(session, meeting, words))
    if open_ones:
        raise NamesInMinutes(count=open_ones)


def check_heard(session: Session, row: Minutes) -> None:
    """Refuse a draft that those who attended were not given, or about which they wait for an answer.

    Where nobody of the roster stands on the list of the meeting, there is nobody to give it to.

    Raises:
        AmendmentsPending: what they would put right was neither taken up nor declined.
        NotCirculated: they were not given the draft.
    """
    pending = queries.count_pending_amendments(session, [row.meeting_id]).get(row.meeting_id, 0)
    if pending:
        raise AmendmentsPending(count=pending)
    if row.circulated_at is None and queries.count_attendances(session, row.meeting_id):
        raise NotCirculated


def found_in(session: Session, meeting: Meeting, words: Mapping[MinutesField, str]) -> list[Found]:
    """Names, rooms and phones in some words, each with the reason for which it may stand, if it may.

    What may stand may stand in whatever way it is written.
    """
    roster = residents.roster_words(session, community_code=meeting.community_code)
    known = Known(roster.names, roster.homes, roster.phones)
    allowed = {wording.key(each.word): each.reason for each in queries.standing_words(session, meeting.id)}
    return [
        Found(field, each, allowed.get(wording.key(each.word)))
        for field, text in words.items()
        for each in findings.find(text, known)
    ]
