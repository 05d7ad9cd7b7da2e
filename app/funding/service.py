"""The verbs of a funding request."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.errors import Outdated
from app.funding import queries, rules
from app.funding.errors import RequestNotFound
from app.funding.events import FundingRequestDecided, FundingRequestSubmitted
from app.funding.models import CostPolicy, FundingRequest, RequestDecision
from app.funding.rules import USUAL, Decision, Policy, PolicyInForce, RequestState
from app.funding.schemas import DecisionIn, PolicyIn
from app.objections import service as objections
from app.outbox import service as outbox
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.projects import service as projects
from app.results import service as results
from app.results.service import CertifiedList, PriorityItem

#: Deferred requests handed in again in one run of the clock.
TAKEN_UP_AT_ONCE = 500

# --- from a certified result ----------------------------------------------------------------------------------------


def submit_certified(session: Session, *, round_id: uuid.UUID) -> list[FundingRequest]:
    """Make the requests of a round whose result is certified.

    Raises:
        NoResultYet: the result is not certified.
    """
    return submit_requests(session, certified=results.certified_priorities(session, round_id=round_id))


def submit_requests(session: Session, *, certified: CertifiedList) -> list[FundingRequest]:
    """Make one request per funded project of a certified result, in its order, and a reserve of the others.

    Doing it twice makes nothing twice.
    """
    if existing := queries.of_round(session, certified.round_id):
        return list(existing)
    day = certified.certified_at.astimezone(clock.BEIJING).date()
    in_force = {
        code: policy_for(session, division_code=code, on=day)
        for code in sorted({item.community_code for item in certified.items})
    }
    return [_submit(session, certified, item, in_force[item.community_code]) for item in certified.items]


def policy_for(session: Session, *, division_code: str, on: dt.date) -> PolicyInForce:
    """The policy in force in a division on a day: its own, or that of the nearest division above, or the usual one.

    Raises:
        DivisionNotFound: no such division.
    """
    chain = [*(row.code for row in places.ancestors(session, division_code)), division_code]
    found = queries.policies(session, chain, on)
    for code in reversed(chain):
        own = [row for row in found if row.division_code == code]
        if own:
            row = own[-1]  # they come by day: the last one that has begun
            policy = Policy(row.community_share, row.district_share, row.subdistrict_share)
            return PolicyInForce(policy, row.division_code, row.valid_from, row.source)
    return USUAL


# --- deciding -------------------------------------------------------------------------------------------------------


def decide(
    session: Session, *, request_id: uuid.UUID, body: DecisionIn, actor: Actor, verb: str,
    version: int | None = None, external_id: str | None = None, decided_at: dt.datetime | None = None,
) -> FundingRequest:  # fmt: skip
    """Decide on a request; other systems are told.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        Outdated: it was changed since you read ``version``.
        NotYoursToDecide: this decision is for others.
        RequestWrongState: the decision does not follow.
        ReasonNeeded, AmountNeeded, YearNeeded, FactOutOfPlace: the decision is incomplete, or says too much.
    """
    row = hold(session, request_id, actor=actor, verb=verb)
    if version is not None and version != row.version:
        raise Outdated
    if not actor.is_system:
        rules.check_decider(actor.roles_over(row.community_code), body.decision)
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
            reason=body.reason, amount_fen=body.amount_fen, year=body.year, external_id=external_id,
            decided_at=decided_at,
        )
    )  # fmt: skip
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REQUEST_DECIDED, subject=f"request:{row.id}",
        facts={
            "decision": body.decision.value, "amount_fen": body.amount_fen, "year": body.year,
            "external_id": external_id,
        },
    )  # fmt: skip
    outbox.emit(
        session,
        FundingRequestDecided(
            str(row.id), str(row.round_id), row.community_code, body.decision.value, position
        ),
        subject=f"request:{row.id}",
    )
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


def resubmit(session: Session, *, request_id: uuid.UUID, justification: str, actor: Actor) -> FundingRequest:
    """Send a returned request again, with a better justification.

    Raises:
        RequestNotFound: there is none, or it is not yours.
        RequestWrongState: nobody returned it.
    """
    row = hold(session, request_id, actor=actor, verb="request.resubmit")
    row.state = rules.resubmit(row.state)
    row.justification = justification
    _submit_again(session, row, actor)
    return row


def due_deferred(session: Session) -> Sequence[uuid.UUID]:
    """Requests that were put off to this year."""
    return [row.id for row in queries.due_deferred(session, clock.today().year, TAKEN_UP_AT_ONCE)]


def take_up(session: Session, *, request_id: uuid.UUID) -> FundingRequest | None:
    """Hand in again a request whose year has come; nothing when somebody was faster."""
    row = queries.request_locked(session, request_id)
    if row is None or not rules.comes_back(row.state, row.deferred_to, clock.today()):
        return None
    row.state, row.deferred_to = RequestState.SUBMITTED, None
    _submit_again(session, row, SYSTEM)
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
    session: Session, *, actor: Actor, verb: str, round_id: uuid.UUID | None, state: RequestState | None,
    after: tuple[dt.datetime, uuid.UUID] | None, limit: int,
) -> Sequence[FundingRequest]:  # fmt: skip
    """Requests under the divisions somebody works for."""
    divisions = actor.divisions_for(verb)
    if not divisions:
        return []
    return queries.page(
        session, divisions=divisions, round_id=round_id, state=state, after=after, limit=limit
    )


def progress(session: Session, *, round_id: uuid.UUID) -> Sequence[FundingRequest]:
    """Where the money of a round is, in published order.

    Raises:
        RoundNotFound: there is no such round.
    """
    results.published_round(session, round_id)
    return queries.of_round(session, round_id)


def totals(
    session: Session, *, divisions: Sequence[str]
) -> Sequence[tuple[RequestState, int, int, int, int]]:
    """By state: how many requests, their cost, the governments' part of it, what was approved."""
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
    """The policies a division has set, the oldest first.

    Raises:
        DivisionNotFound: no such division.
    """
    places.division(session, division_code)
    return queries.policies_of(session, division_code)


# --- inside ---------------------------------------------------------------------------------------------------------


def _submit(
    session: Session, certified: CertifiedList, item: PriorityItem, in_force: PolicyInForce
) -> FundingRequest:
    asked_fen = item.paid_fen if item.funded else item.cost_fen
    parts = rules.shares(asked_fen, in_force.policy)
    now = clock.now()
    row = FundingRequest(
        round_id=certified.round_id,
        project_id=item.project_id,
        community_code=item.community_code,
        priority=item.priority,
        title=item.title,
        cost_fen=asked_fen,
        community_fen=parts.community_fen,
        district_fen=parts.district_fen,
        subdistrict_fen=parts.subdistrict_fen,
        evidence=_evidence(session, certified, item, in_force),
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


def _evidence(
    session: Session, certified: CertifiedList, item: PriorityItem, in_force: PolicyInForce
) -> dict[str, object]:
    project = projects.project(session, item.project_id)  # what can change of it was frozen with the list
    return {
        "round_title": certified.round_title,
        "result_digest": certified.digest,
        "ballots_counted": certified.ballots_counted,
        "roll_size": certified.roll_size,
        "certified_at": certified.certified_at.isoformat(),
        "project_cost_fen": item.cost_fen,
        "backers": item.backers,
        "category": item.category,
        "place": project.place,
        "delivery_kind": item.delivery_kind,
        "description": project.description,
        "origin": project.origin.value,
        "origin_reference": project.origin_reference,
        "cost_items": [
            {"kind": each.kind.value, "description": each.description, "amount_fen": each.amount_fen}
            for each in projects.cost_items(session, item.project_id)
        ],
        "policy": {
            "division_code": in_force.division_code,
            "valid_from": in_force.valid_from.isoformat(),
            "community_share": in_force.policy.community_share,
            "district_share": in_force.policy.district_share,
            "subdistrict_share": in_force.policy.subdistrict_share,
            "source": in_force.source,
        },
        "objections": objections.public_count(session, project_id=item.project_id),
        "legal_ground": rules.LEGAL_GROUND,
    }


def _submit_again(session: Session, row: FundingRequest, actor: Actor) -> None:
    row.submission += 1
    _touch(session, row)
    _tell_submitted(session, row, actor)


def _tell_submitted(session: Session, row: FundingRequest, actor: Actor) -> None:
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REQUEST_SUBMITTED, subject=f"request:{row.id}",
        facts={"priority": row.priority, "cost_fen": row.cost_fen, "submission": row.submission},
    )  # fmt: skip
    outbox.emit(
        session,
        FundingRequestSubmitted(
            str(row.id), str(row.round_id), row.community_code, row.priority, row.submission
        ),
        subject=f"request:{row.id}",
    )


def _touch(session: Session, row: FundingRequest) -> None:
    row.version += 1
    row.changed_at = clock.now()
    session.add(row)
