"""What those who attended would have put right in the minutes, and the answers."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.meetings import queries
from app.meetings.errors import (
    AmendmentAnswered,
    AmendmentNotFound,
    MeetingCancelled,
    MeetingNotFound,
    MinutesNotFound,
    MinutesSigned,
    NoDraft,
    NotAttended,
    TooManyAmendments,
)
from app.meetings.models import Amendment, Minutes
from app.meetings.rules import OPEN_AMENDMENTS, AmendmentState, MinutesState
from app.meetings.schemas import AmendmentIn
from app.meetings.service.views import attended, mine


def propose_amendment(
    session: Session, *, meeting_id: uuid.UUID, body: AmendmentIn, actor: Actor
) -> Amendment:
    """Say what is wrong in minutes: in published ones, or in a draft that those who attended were given.

    Raises:
        MeetingNotFound: there is none.
        MeetingCancelled: it did not take place.
        NotAttended: the caller stands not on the list of the meeting.
        MinutesNotFound: there is no such version, or it was not given to anybody.
        TooManyAmendments: many of theirs wait for an answer.
    """
    row = queries.meeting_locked(session, meeting_id)
    if row is None:
        raise MeetingNotFound
    if row.cancelled_at is not None:
        raise MeetingCancelled
    if not attended(session, row, actor):
        raise NotAttended
    if not any(
        each.version == body.version and is_shown(each)
        for each in queries.minutes(session, meeting_id, drafts=True)
    ):
        raise MinutesNotFound
    open_ones = [
        each
        for each in queries.amendments(session, meeting_id)
        if each.account_id == actor.account_id and each.state is AmendmentState.PENDING
    ]
    if len(open_ones) >= OPEN_AMENDMENTS:
        raise TooManyAmendments(most=OPEN_AMENDMENTS)
    amendment = Amendment(
        meeting_id=meeting_id, version=body.version, account_id=actor.account_id, passage=body.passage,
        text=body.text, state=AmendmentState.PENDING, proposed_at=clock.now(),
    )  # fmt: skip
    session.add(amendment)
    return amendment


def list_amendments(session: Session, *, meeting_id: uuid.UUID, actor: Actor) -> list[Amendment]:
    """What people would have put right, for those who write the minutes; who it was stands not with it.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
    """
    row = queries.meeting(session, meeting_id)
    if row is None or not actor.may("amendment.list", row.community_code):
        raise MeetingNotFound
    return list(queries.amendments(session, meeting_id))


def take_up_amendment(
    session: Session, *, amendment_id: uuid.UUID, answer: str | None, actor: Actor
) -> Amendment:
    """Say that the draft says it now.

    Nobody signs while a proposal waits, so a draft that is signed was signed without it: changed first, it is a new
    version with no signature under it.

    Raises:
        AmendmentNotFound: there is none, or it is not yours.
        MeetingCancelled: the meeting did not take place.
        AmendmentAnswered: it was answered before.
        NoDraft: there is no draft that could say it.
        MinutesSigned: the draft stays as somebody has signed it.
    """
    row = _mine(session, amendment_id, actor, verb="amendment.take_up")
    draft = next(
        (
            each
            for each in queries.minutes(session, row.meeting_id, drafts=True)
            if each.state is MinutesState.DRAFT
        ),
        None,
    )
    if draft is None:
        raise NoDraft
    if queries.signatures(session, row.meeting_id).get(draft.version):
        raise MinutesSigned
    row.taken_up_in = draft.version
    return _answer(session, row, AmendmentState.TAKEN_UP, answer, actor, Tag.AMENDMENT_TAKEN_UP)


def decline_amendment(session: Session, *, amendment_id: uuid.UUID, reason: str, actor: Actor) -> Amendment:
    """Say why the minutes stay as they are.

    Raises:
        AmendmentNotFound: there is none, or it is not yours.
        MeetingCancelled: the meeting did not take place.
        AmendmentAnswered: it was answered before.
    """
    row = _mine(session, amendment_id, actor, verb="amendment.decline")
    return _answer(session, row, AmendmentState.DECLINED, reason, actor, Tag.AMENDMENT_DECLINED)


def is_shown(row: Minutes) -> bool:
    """Whether those who attended may read a version."""
    if row.state is MinutesState.DRAFT:
        return row.circulated_at is not None
    return row.state is MinutesState.PUBLISHED


def _mine(session: Session, amendment_id: uuid.UUID, actor: Actor, *, verb: str) -> Amendment:
    row = queries.amendment_locked(session, amendment_id)
    if row is None:
        raise AmendmentNotFound
    try:
        mine(session, row.meeting_id, actor, verb=verb)
    except MeetingNotFound as error:
        raise AmendmentNotFound from error
    if row.state is not AmendmentState.PENDING:
        raise AmendmentAnswered
    return row


def _answer(  # noqa: PLR0917 - what is written, in order
    session: Session, row: Amendment, state: AmendmentState, answer: str | None, actor: Actor, tag: Tag
) -> Amendment:
    row.state, row.answer, row.answered_at = state, answer, clock.now()
    session.add(row)
    meeting = queries.meeting(session, row.meeting_id)
    assert meeting is not None
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=tag, subject=f"meeting:{row.meeting_id}",
        facts={"amendment": str(row.id)},
    )  # fmt: skip
    return row
