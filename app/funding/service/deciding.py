"""What those who decide say to a request, a step of the chain at a time."""

import datetime as dt
import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.errors import Outdated
from app.funding import chain, cuts, queries, rules
from app.funding.chain import Step
from app.funding.errors import FactOutOfPlace, RequestNotFound, SpokeBefore
from app.funding.events import FundingRequestDecided
from app.funding.models import FundingRequest, RequestDecision
from app.funding.rules import Decision, Left, Offer, Said
from app.funding.schemas import DecisionIn
from app.funding.service.lowering import left_before, stand, standing_cuts
from app.funding.service.settling import check_grant
from app.funding.service.submitting import place, touch
from app.outbox import service as outbox


def decide(
    session: Session, *, request_id: uuid.UUID, body: DecisionIn, actor: Actor, verb: str,
    version: int | None = None, external_id: str | None = None, decided_at: dt.datetime | None = None,
) -> FundingRequest:  # fmt: skip
    """Decide on a request; other systems are told.

    People decide for the step whose turn it is, each for one office; a government's system, and the service itself, for
    the whole chain. What earlier steps have lowered stays lowered, unless the request is returned to them.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        Outdated: it was changed since you read ``version``.
        NotYoursToDecide: it is with another step.
        SpokeBefore: you have spoken for another office, or for the committee.
        RequestWrongState: the decision does not follow.
        ReasonNeeded, AmountNeeded, LeftOutNeeded, YearNeeded, FactOutOfPlace: the decision is incomplete, or says too
            much.
        LoweredBefore: it is more than what earlier steps have left.
        MoreThanItCosts: a settlement has made the project cheaper than what would be granted.
    """
    row = hold(session, request_id, actor=actor, verb=verb)
    if version is not None and version != row.version:
        raise Outdated
    roles = actor.roles_over(row.community_code)
    whole_chain = actor.is_system or Role.SCOPE_FUNDING_DECIDE in roles
    before = row.standing
    if whole_chain:
        chain.check_follows(before, body.decision)
        left = Left(row.whole)
    else:
        chain.check_turn(before, body.decision, roles)
        if before.place is not None:
            check_apart(session, row, before.place, actor)
        left = left_before(session, row, before.place)
    said = Said(**body.model_dump(exclude={"to"}))
    offer = rules.check_said(said, whole=row.whole, today=clock.today(), in_words=not whole_chain, left=left)
    check_grant(session, row, _granted(row, said, offer))
    if body.to is not None and (
        said.decision is not Decision.RETURNED or body.to is not may_return_to(session, row)
    ):
        raise FactOutOfPlace(fact="to", decision=body.decision.value)
    place(row, chain.after(before, body.decision, whole_chain=whole_chain, to=body.to))
    _settle_money(row, said, offer, left)
    row.deferred_to = body.year if body.decision is Decision.DEFERRED else None
    touch(session, row)
    position = len(queries.decisions(session, request_id)) + 1
    named = row.whole if body.decision is Decision.APPROVED else offer
    session.add(
        RequestDecision(
            request_id=request_id, position=position, decision=body.decision, step=before.place, by=actor.ref,
            at=clock.now(), reason=body.reason, amount_fen=None if named is None else named.amount_fen,
            district_fen=None if named is None else named.district_fen,
            subdistrict_fen=None if named is None else named.subdistrict_fen,
            left_out=None if offer is None else cuts.together(left.left_out, body.left_out),
            year=body.year, external_id=external_id, decided_at=decided_at,
        )
    )  # fmt: skip
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REQUEST_DECIDED, subject=f"request:{row.id}",
        facts={
            "decision": body.decision.value, "step": None if before.place is None else before.place.value,
            "amount_fen": None if named is None else named.amount_fen, "year": body.year,
            "external_id": external_id, "to": None if body.to is None else body.to.value,
        },
    )  # fmt: skip
    outbox.emit(
        session,
        FundingRequestDecided(
            str(row.id), str(row.round_id), row.community_code, body.decision.value, position,
            None if before.place is None else before.place.value,
        ),
        subject=f"request:{row.id}",
    )  # fmt: skip
    return row


def hold(session: Session, request_id: uuid.UUID, *, actor: Actor, verb: str) -> FundingRequest:
    """A request that nobody else decides on before this transaction ends.

    Raises:
        RequestNotFound: there is none, or it is not yours.
    """
    row = queries.request_locked(session, request_id)
    if row is None or not actor.may(verb, row.community_code):
        raise RequestNotFound
    return row


def check_apart(session: Session, row: FundingRequest, step: Step, actor: Actor) -> None:
    """Whether somebody has not spoken on a request for another office: nobody judges their own word.

    It looks at the whole life of the request: what was agreed to before a return or a deferral stays agreed.

    Raises:
        SpokeBefore: they have.
    """
    if (spoke_as := spoke_before(session, row, step, actor)) is not None:
        raise SpokeBefore(spoke_as=spoke_as.value, step=step.value)


def spoke_before(session: Session, row: FundingRequest, step: Step, actor: Actor) -> Step | None:
    """Where somebody has spoken for another office, so that this step is not theirs."""
    return (
        None if actor.is_system else chain.must_leave_it(step, queries.spoke_at(session, row.id, actor.ref))
    )


def may_return_to(session: Session, row: FundingRequest) -> Step | None:
    """The first earlier step that has lowered what is paid, and can be asked to hear the request again."""
    has_the_say = chain.judge(row.standing)
    first = next((each.step for each in standing_cuts(session, row)), None)
    order = list(Step)
    earlier = first is not None and has_the_say is not None and order.index(first) < order.index(has_the_say)
    return first if earlier else None


def _granted(row: FundingRequest, said: Said, offer: Offer | None) -> int | None:
    """What the governments pay by these words, or release of what was granted before."""
    if said.decision is Decision.APPROVED:
        return row.whole.amount_fen
    if said.decision is Decision.GO_AHEAD:
        return row.approved_fen
    return None if offer is None else offer.amount_fen


def _settle_money(row: FundingRequest, said: Said, offer: Offer | None, left: Left) -> None:
    """What each government would pay from here on, and what is granted."""
    if said.decision is Decision.APPROVED:
        stand(row, Left(row.whole))
        row.approved_fen = row.whole.amount_fen
    elif said.decision is Decision.RETURNED:
        row.approved_fen = None
    elif offer is not None:
        stand(row, Left(offer, cuts.together(left.left_out, said.left_out)))
        if said.decision is Decision.APPROVED_IN_PART:
            row.approved_fen = offer.amount_fen
    elif said.decision is Decision.ACCEPTED:
        stand(row, left)
