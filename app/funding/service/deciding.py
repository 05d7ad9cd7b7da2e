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
from app.funding import chain, queries, rules
from app.funding.errors import RequestNotFound
from app.funding.events import FundingRequestDecided
from app.funding.models import FundingRequest, RequestDecision
from app.funding.rules import Decision, Offer, Said
from app.funding.schemas import DecisionIn
from app.funding.service.settling import check_grant
from app.funding.service.submitting import place, touch
from app.outbox import service as outbox


def decide(
    session: Session, *, request_id: uuid.UUID, body: DecisionIn, actor: Actor, verb: str,
    version: int | None = None, external_id: str | None = None, decided_at: dt.datetime | None = None,
) -> FundingRequest:  # fmt: skip
    """Decide on a request; other systems are told.

    People decide for the step whose turn it is; a government's system, and the service itself, for the whole chain.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        Outdated: it was changed since you read ``version``.
        NotYoursToDecide: it is with another step.
        RequestWrongState: the decision does not follow.
        ReasonNeeded, AmountNeeded, LeftOutNeeded, YearNeeded, FactOutOfPlace: the decision is incomplete, or says too
            much.
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
    else:
        chain.check_turn(before, body.decision, roles)
    said = Said(**body.model_dump())
    offer = rules.check_said(said, whole=row.whole, today=clock.today(), in_words=not whole_chain)
    check_grant(session, row, _granted(row, said, offer))
    place(row, chain.after(before, body.decision, whole_chain=whole_chain))
    _settle_money(row, said, offer)
    row.deferred_to = body.year if body.decision is Decision.DEFERRED else None
    touch(session, row)
    position = len(queries.decisions(session, request_id)) + 1
    session.add(
        RequestDecision(
            request_id=request_id, position=position, decision=body.decision, step=before.place, by=actor.ref,
            at=clock.now(), reason=body.reason, amount_fen=None if offer is None else offer.amount_fen,
            district_fen=None if offer is None else offer.district_fen,
            subdistrict_fen=None if offer is None else offer.subdistrict_fen, left_out=body.left_out,
            year=body.year, external_id=external_id, decided_at=decided_at,
        )
    )  # fmt: skip
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REQUEST_DECIDED, subject=f"request:{row.id}",
        facts={
            "decision": body.decision.value, "step": None if before.place is None else before.place.value,
            "amount_fen": None if offer is None else offer.amount_fen, "year": body.year,
            "external_id": external_id,
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


def _granted(row: FundingRequest, said: Said, offer: Offer | None) -> int | None:
    """What the governments pay by these words, or release of what was granted before."""
    if said.decision is Decision.APPROVED:
        return row.whole.amount_fen
    if said.decision is Decision.GO_AHEAD:
        return row.approved_fen
    return None if offer is None else offer.amount_fen


def _settle_money(row: FundingRequest, said: Said, offer: Offer | None) -> None:
    """What each government would pay from here on, and what is granted."""
    if said.decision is Decision.APPROVED:
        row.district_offer_fen = row.subdistrict_offer_fen = row.left_out = None
        row.approved_fen = row.whole.amount_fen
    elif said.decision is Decision.RETURNED:
        row.approved_fen = None
    elif offer is not None:
        row.district_offer_fen, row.subdistrict_offer_fen = offer.district_fen, offer.subdistrict_fen
        row.left_out = said.left_out
        if said.decision is Decision.APPROVED_IN_PART:
            row.approved_fen = offer.amount_fen
