"""What comes from the other side of a request: the committee's answers, and the year to which it was put off."""

import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.errors import Outdated
from app.funding import chain, queries
from app.funding.chain import Reply, Step
from app.funding.events import FundingPartAccepted
from app.funding.models import FundingRequest, RequestReply
from app.funding.rules import RequestState
from app.funding.service.deciding import check_apart, hold
from app.funding.service.lowering import standing_cuts
from app.funding.service.settling import check_grant
from app.funding.service.submitting import place, submit_again, touch
from app.outbox import service as outbox

#: Deferred requests handed in again in one run of the clock.
TAKEN_UP_AT_ONCE = 500


def resubmit(
    session: Session, *, request_id: uuid.UUID, justification: str, actor: Actor, version: int | None = None
) -> FundingRequest:
    """Send a request again with a better justification, to the step that returned it or was named by it.

    Who asks for more than a part is heard by the first step that lowered what is paid.

    Costs that a settlement has changed meanwhile come with it; where the governments would pay more by them than
    anybody has agreed to, it begins with the sub-district again.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        Outdated: it was changed since you read ``version``.
        RequestWrongState: nobody waits for the committee.
        SpokeBefore: you have decided on it.
    """
    row = hold(session, request_id, actor=actor, verb="request.resubmit")
    if version is not None and version != row.version:
        raise Outdated
    refused = row.state is RequestState.APPROVED_IN_PART
    standing = chain.resubmit(row.standing)
    check_apart(session, row, Step.COMMITTEE, actor)
    if refused and (lowered := standing_cuts(session, row)):
        standing = chain.ask_again(standing, lowered[0].step)
    row.justification, row.approved_fen = justification, None
    submit_again(session, row, standing=standing, actor=actor)
    _note(session, row, Reply.PART_REFUSED if refused else Reply.CORRECTED, actor, words=justification)
    return row


def accept_part(
    session: Session, *, request_id: uuid.UUID, words: str | None, actor: Actor, version: int | None = None
) -> FundingRequest:
    """Take the part that was approved; the request goes on to the go-ahead, and other systems are told.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        Outdated: it was changed since you read ``version``.
        NoPartToAccept: no approval in part waits for an answer.
        SpokeBefore: you have decided on it.
        MoreThanItCosts: a settlement has made the project cheaper than that part; it is asked for again.
    """
    row = hold(session, request_id, actor=actor, verb="request.accept_part")
    if version is not None and version != row.version:
        raise Outdated
    standing = chain.accept_part(row.standing)
    check_apart(session, row, Step.COMMITTEE, actor)
    check_grant(session, row, row.approved_fen)
    place(row, standing)
    touch(session, row)
    _note(session, row, Reply.PART_ACCEPTED, actor, words=words)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REQUEST_PART_ACCEPTED, subject=f"request:{row.id}",
        facts={"amount_fen": row.approved_fen},
    )  # fmt: skip
    outbox.emit(
        session,
        FundingPartAccepted(str(row.id), str(row.round_id), row.community_code, row.approved_fen or 0),
        subject=f"request:{row.id}",
    )
    return row


def due_deferred(session: Session) -> Sequence[uuid.UUID]:
    """Requests that were put off to this year."""
    return [row.id for row in queries.due_deferred(session, clock.today().year, TAKEN_UP_AT_ONCE)]


def take_up(session: Session, *, request_id: uuid.UUID) -> FundingRequest | None:
    """Hand in again a request whose year has come; nothing when somebody was faster."""
    row = queries.request_locked(session, request_id)
    if row is None or not chain.comes_back(row.state, row.deferred_to, clock.today()):
        return None
    row.deferred_to = None
    submit_again(session, row, standing=chain.come_back(row.standing), actor=SYSTEM)
    _note(session, row, Reply.CAME_BACK, SYSTEM)
    return row


def _note(
    session: Session, row: FundingRequest, reply: Reply, actor: Actor, *, words: str | None = None
) -> None:
    position = len(queries.replies(session, row.id)) + 1
    session.add(
        RequestReply(
            request_id=row.id, position=position, reply=reply, by=actor.ref, at=clock.now(), words=words
        )
    )
