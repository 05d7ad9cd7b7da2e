"""The verbs of a funding request."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.funding import queries, rules
from app.funding.errors import RequestNotFound
from app.funding.events import FundingRequestDecided, FundingRequestSubmitted
from app.funding.models import CostPolicy, FundingRequest, RequestDecision
from app.funding.rules import USUAL, Decision, Policy, RequestState
from app.funding.schemas import DecisionIn, PolicyIn
from app.outbox import service as outbox
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.projects import service as projects
from app.results import service as results
from app.results.service import CertifiedList, PriorityItem


# --- from a certified result ----------------------------------------------------------------------------------------


def submit_requests(session: Session, *, round_id: uuid.UUID) -> list[FundingRequest]:
    """Make one request per funded project of a certified result, in its order, and a reserve of the others.

    Doing it twice makes nothing twice.

    Raises:
        NoResultYet: the result is not certified.
    """
    if existing := queries.of_round(session, round_id):
        return list(existing)
    certified = results.certified_priorities(session, round_id=round_id)
    return [_submit(session, certified, item) for item in certified.items]


def policy_for(session: Session, *, community_code: str, on: dt.date) -> Policy:
    """The policy in force for a community on a day: its own, or that of the nearest division above, or the usual."""
    chain = [*(row.code for row in places.ancestors(session, community_code)), community_code]
    found = queries.policies(session, chain, on)
    for code in reversed(chain):
        in_force = [row for row in found if row.division_code == code]
        if in_force:
            row = in_force[-1]
            return Policy(row.community_share, row.district_share, row.subdistrict_share)
    return USUAL


# --- deciding -------------------------------------------------------------------------------------------------------


def decide(session: Session, *, request_id: uuid.UUID, body: DecisionIn, actor: Actor, verb: str) -> FundingRequest:
    """Decide on a request; the committee and other systems are told.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        RequestWrongState: the decision does not follow.
        ReasonNeeded, AmountNeeded, YearNeeded: the decision is incomplete.
    """
    row = hold(session, request_id, actor=actor, verb=verb)
    public_fen = row.district_fen + row.subdistrict_fen
    row.state = rules.decide(
        row.state, body.decision, reason=body.reason, amount_fen=body.amount_fen, year=body.year,
        public_fen=public_fen, today=clock.today(),
    )  # fmt: skip
    if body.decision is Decision.APPROVED:
        row.approved_fen = public_fen
    if body.decision is Decision.APPROVED_IN_PART:
        row.approved_fen = body.amount_fen
    row.deferred_to = body.year if body.decision is Decision.DEFERRED else None
    _touch(session, row)
    position = len(queries.decisions(session, request_id)) + 1
    session.add(
        RequestDecision(
            request_id=request_id, position=position, decision=body.decision, by=actor.ref, at=clock.now(),
            reason=body.reason, amount_fen=body.amount_fen, year=body.year,
        )
    )  # fmt: skip
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REQUEST_DECIDED, subject=f"request:{row.id}",
        facts={"decision": body.decision.value, "amount_fen": body.amount_fen, "year": body.year},
    )  # fmt: skip
    outbox.emit(
        session,
        FundingRequestDecided(str(row.id), str(row.round_id), row.community_code, body.decision.value),
        subject=f"request:{row.id}",
    )
    return row


def hold(session: Session, request_id: uuid.UUID, *, actor: Actor, verb: str) -> FundingRequest:
    """A request that nobody else decides on before this transaction ends.

    Raises:
        RequestNotFound: there is none, or it is not yours.
    """
    row = queries.request_locked(session, request_id)
    if row is None or row.state is RequestState.RESERVE or not actor.may(verb, row.community_code):
        raise RequestNotFound
    return row


def resubmit(session: Session, *, request_id: uuid.UUID, justification: str, actor: Actor) -> FundingRequest:
    """Send a returned request again, with a better justification.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        RequestWrongState: nobody returned it.
    """
    row = queries.request_locked(session, request_id)
    if row is None or not actor.may("request.resubmit", row.community_code):
        raise RequestNotFound
    row.state = rules.resubmit(row.state)
    row.justification = justification
    row.submission += 1
    _touch(session, row)
    _tell_submitted(session, row, actor)
    return row


# --- reading --------------------------------------------------------------------------------------------------------


def read(
    session: Session, request_id: uuid.UUID, *, actor: Actor, verb: str
) -> tuple[FundingRequest, Sequence[RequestDecision]]:
    """A request with its decisions.

    Raises:
        RequestNotFound: there is none, or it is not yours.
    """
    row = queries.request(session, request_id)
    if row is None or not actor.may(verb, row.community_code):
        raise RequestNotFound
    return row, queries.decisions(session, request_id)


def listing(
    session: Session, *, actor: Actor, verb: str, round_id: uuid.UUID | None,
    after: tuple[dt.datetime, uuid.UUID] | None, limit: int,
) -> Sequence[FundingRequest]:  # fmt: skip
    """Requests under the divisions somebody works for."""
    divisions = actor.divisions_for(verb)
    if not divisions:
        return []
    return queries.page(session, divisions=divisions, round_id=round_id, after=after, limit=limit)


def progress(session: Session, *, round_id: uuid.UUID) -> Sequence[FundingRequest]:
    """Where the money of a round is, in published order.

    Raises:
        RoundNotFound: there is no such round.
    """
    results.published_round(session, round_id)
    return queries.of_round(session, round_id)


def totals(session: Session, *, divisions: Sequence[str]) -> Sequence[tuple[RequestState, int, int, int]]:
    """By state: how many requests, their cost, what was approved."""
    return queries.totals(session, divisions) if divisions else []


# --- policies -------------------------------------------------------------------------------------------------------


def set_policy(session: Session, *, division_code: str, body: PolicyIn, actor: Actor) -> CostPolicy:
    """Set who carries what in a division from a day on; requests made before keep their shares.

    Raises:
        DivisionNotFound: no such division, or not yours.
        SharesMalformed: they do not add up.
    """
    places.division(session, division_code)
    if not actor.may("cost_policy.set", division_code):
        raise DivisionNotFound
    rules.check_policy(Policy(body.community_share, body.district_share, body.subdistrict_share))
    row = CostPolicy(division_code=division_code, **body.model_dump())
    session.add(row)
    audit.record(
        session, chain=division_code, by=actor.ref, tag=Tag.COST_POLICY_SET, subject=f"division:{division_code}",
        facts={
            "valid_from": body.valid_from.isoformat(), "community_share": body.community_share,
            "district_share": body.district_share, "subdistrict_share": body.subdistrict_share,
        },
    )  # fmt: skip
    return row


def policies(session: Session, *, division_code: str) -> Sequence[CostPolicy]:
    """The policies a division has set.

    Raises:
        DivisionNotFound: no such division.
    """
    places.division(session, division_code)
    return queries.policies_of(session, division_code)


# --- inside ---------------------------------------------------------------------------------------------------------


def _submit(session: Session, certified: CertifiedList, item: PriorityItem) -> FundingRequest:
    day = certified.certified_at.astimezone(clock.BEIJING).date()
    parts = rules.shares(item.cost_fen, policy_for(session, community_code=item.community_code, on=day))
    now = clock.now()
    row = FundingRequest(
        round_id=certified.round_id,
        project_id=item.project_id,
        community_code=item.community_code,
        priority=item.priority,
        title=item.title,
        cost_fen=item.cost_fen,
        community_fen=parts.community_fen,
        district_fen=parts.district_fen,
        subdistrict_fen=parts.subdistrict_fen,
        evidence=_evidence(session, certified, item),
        state=RequestState.SUBMITTED if item.funded else RequestState.RESERVE,
        submission=1 if item.funded else 0,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()  # of two handlers at once, one fails here
    if item.funded:
        _tell_submitted(session, row, SYSTEM)
    return row


def _evidence(session: Session, certified: CertifiedList, item: PriorityItem) -> dict[str, object]:
    return {
        "round_title": certified.round_title,
        "result_digest": certified.digest,
        "ballots_counted": certified.ballots_counted,
        "roll_size": certified.roll_size,
        "certified_at": certified.certified_at.isoformat(),
        "backers": item.backers,
        "category": item.category,
        "delivery_kind": item.delivery_kind,
        "cost_items": [
            {"kind": each.kind.value, "description": each.description, "amount_fen": each.amount_fen}
            for each in projects.cost_items(session, item.project_id)
        ],
        "legal_ground": rules.LEGAL_GROUND,
    }


def _tell_submitted(session: Session, row: FundingRequest, actor: Actor) -> None:
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REQUEST_SUBMITTED, subject=f"request:{row.id}",
        facts={"priority": row.priority, "cost_fen": row.cost_fen, "submission": row.submission},
    )  # fmt: skip
    outbox.emit(
        session,
        FundingRequestSubmitted(str(row.id), str(row.round_id), row.community_code, row.priority, row.submission),
        subject=f"request:{row.id}",
    )


def _touch(session: Session, row: FundingRequest) -> None:
    row.version += 1
    row.changed_at = clock.now()
    session.add(row)

