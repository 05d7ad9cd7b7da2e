"""From a certified result to requests, and how they are handed in again."""

import uuid
from typing import Any

from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.funding import chain, cuts, queries, rules
from app.funding.chain import Standing
from app.funding.events import FundingRequestSubmitted
from app.funding.models import FundingRequest
from app.funding.rules import PolicyInForce
from app.funding.service.lowering import stand, standing_cuts
from app.funding.service.policies import policy_for
from app.funding.service.settling import take_in
from app.objections import service as objections
from app.outbox import service as outbox
from app.projects import service as projects
from app.results import service as results
from app.results.service import CertifiedList, PriorityItem


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


def submit_again(session: Session, row: FundingRequest, *, standing: Standing, actor: Actor) -> None:
    """Hand a request in again, with what its project costs by now, and tell other systems.

    What those before the step that has it now have lowered stays lowered; its own cut that step judges anew.
    """
    row.submission += 1
    lowered = standing_cuts(session, row)
    if take_in(session, row):
        standing = chain.from_the_start(standing)
    stand(row, cuts.left_before(lowered, standing.step, row.whole))
    place(row, standing)
    touch(session, row)
    _tell_submitted(session, row, actor)


def place(row: FundingRequest, standing: Standing) -> None:
    """Put a request where it stands now; a step that begins gets its deadline."""
    now = clock.now()
    if standing.step is not row.step:
        row.due_at = chain.due(standing.step, now)
    if standing.released and row.released_at is None:
        row.released_at = now
    row.state, row.step, row.back_to = standing.state, standing.step, standing.back_to


def touch(session: Session, row: FundingRequest) -> None:
    """Keep a change: whoever read an older version is told so."""
    row.version += 1
    row.changed_at = clock.now()
    session.add(row)


# --- inside ---------------------------------------------------------------------------------------------------------


def _submit(
    session: Session, certified: CertifiedList, item: PriorityItem, in_force: PolicyInForce
) -> FundingRequest:
    # between the certificate and this moment an agreement may have changed what was voted on; nobody has judged it yet
    evidence = _evidence(session, certified, item, in_force)
    asked_fen = rules.asked_after(
        item.paid_fen if item.funded else item.cost_fen, cost_fen=item.cost_fen,
        cost_now_fen=sum(each["amount_fen"] for each in evidence["cost_items"]),
    )  # fmt: skip
    parts = rules.shares(asked_fen, in_force.policy)
    now = clock.now()
    standing = chain.begin(funded=item.funded)
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
        evidence=evidence,
        state=standing.state,
        step=standing.step,
        due_at=chain.due(standing.step, now),
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
) -> dict[str, Any]:
    project = projects.project(session, item.project_id)  # but for its costs, all was frozen with the list
    return {
        "round_title": certified.round_title,
        "result_digest": certified.digest,
        "ballots_counted": certified.ballots_counted,
        "roll_size": certified.roll_size,
        "certified_at": certified.certified_at.isoformat(),
        "project_cost_fen": project.cost_fen,
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
