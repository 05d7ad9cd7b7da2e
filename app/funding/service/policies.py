"""Who carries what share of a cost where, from a day on."""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.funding import queries, rules
from app.funding.models import CostPolicy
from app.funding.rules import USUAL, Policy, PolicyInForce
from app.funding.schemas import PolicyIn
from app.places import service as places
from app.places.errors import DivisionNotFound


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
