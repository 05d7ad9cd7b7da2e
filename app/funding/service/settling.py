"""What an agreement with a household changes of a project's costs, as far as a request for its money is concerned.

Whoever has judged a request has judged its amounts: they stay until it is handed in again. Until then it carries a mark
that its project costs something else by now, and no more is granted than the governments' part of that. Of the
household nothing is known here, and nothing is kept.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import SYSTEM
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.funding import costs, queries, rules
from app.funding.costs import Change, Item
from app.funding.errors import MoreThanItCosts
from app.funding.events import FundingRequestCostsChanged
from app.funding.models import FundingRequest, RequestCostChange
from app.funding.rules import Policy, RequestState
from app.outbox import service as outbox
from app.projects import service as projects


@dataclass(frozen=True)
class CostChange:
    """What one agreement changed of the costs behind a request."""

    at: dt.datetime
    cost_before_fen: int
    cost_after_fen: int
    #: Work had been released.
    released: bool
    #: The submission that speaks of the new costs; nothing while the request speaks of the old ones.
    taken_into: int | None
    items: list[Change]


def note_costs(session: Session, *, project_id: uuid.UUID, at: dt.datetime) -> None:
    """Mark the requests for a project whose costs were changed by an agreement at some moment, and tell other systems.

    What is in the reserve was judged by nobody and takes the new costs at once; what was declined is over. Doing it
    twice marks nothing twice.
    """
    for row in queries.of_project_locked(session, project_id):
        if row.state is RequestState.DECLINED or not _note(session, row, at=at):
            continue
        if row.state is RequestState.RESERVE:
            take_in(session, row)
        row.version += 1  # but not `changed_at`: nothing was said about it, and everybody may read that


def take_in(session: Session, row: FundingRequest) -> bool:
    """Have a request that is handed in again, or was not yet, speak of what its project costs now.

    Returns whether it asks the governments for more than before, which nobody has agreed to yet.
    """
    _note(session, row, at=clock.now())
    row.settled_cost_fen = None
    for change in queries.cost_changes(session, [row.id]):
        if change.taken_into is None:
            change.taken_into = row.submission
            session.add(change)
    items = _present_items(session, row)
    if items == _items_asked_for(row):
        return False
    asked_fen, before = _asked_now(row, costs.total(items)), row.whole
    parts = rules.shares(asked_fen, _policy(row))
    row.evidence = {
        **row.evidence, "cost_items": costs.to_plain(items), "project_cost_fen": costs.total(items),
    }  # fmt: skip
    row.cost_fen, row.community_fen = asked_fen, parts.community_fen
    row.district_fen, row.subdistrict_fen = parts.district_fen, parts.subdistrict_fen
    return row.whole.amount_fen > before.amount_fen


def most_fen(session: Session, row: FundingRequest) -> int:
    """The most the governments may grant: their shares, or what is left of them where the project costs less by now."""
    cost_fen = projects.project(session, row.project_id).cost_fen
    now = rules.shares(_asked_now(row, cost_fen), _policy(row))
    return min(row.whole.amount_fen, now.district_fen + now.subdistrict_fen)


def check_grant(session: Session, row: FundingRequest, amount_fen: int | None) -> None:
    """Whether an amount is no more than the governments' part of what the project costs now.

    Raises:
        MoreThanItCosts: an agreement has made the project cheaper than that.
    """
    if amount_fen is None or amount_fen <= (most := most_fen(session, row)):
        return
    raise MoreThanItCosts(most_fen=most, most=rules.yuan(most))


def cost_changes(session: Session, row: FundingRequest) -> list[CostChange]:
    """What agreements have changed of the costs behind a request, in order."""
    return cost_changes_of(session, [row.id]).get(row.id, [])


def cost_changes_of(
    session: Session, request_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, list[CostChange]]:
    """The same of several requests, where there is any."""
    found: dict[uuid.UUID, list[CostChange]] = {}
    for each in queries.cost_changes(session, request_ids):
        before, after = costs.from_plain(each.items_before), costs.from_plain(each.items_after)
        found.setdefault(each.request_id, []).append(
            CostChange(
                each.at,
                costs.total(before),
                costs.total(after),
                each.released,
                each.taken_into,
                costs.changes(before, after),
            )
        )
    return found


# --- inside ---------------------------------------------------------------------------------------------------------


def _note(session: Session, row: FundingRequest, *, at: dt.datetime) -> bool:
    """Write down what changed since the last look; false where nothing did."""
    kept = queries.cost_changes(session, [row.id])
    asked_for, present = _items_asked_for(row), _present_items(session, row)
    waiting = [each for each in kept if each.taken_into is None]
    known = costs.from_plain(waiting[-1].items_after) if waiting else asked_for
    if present == known:
        return False
    before_fen, after_fen = costs.total(known), costs.total(present)
    released = row.released_at is not None
    session.add(
        RequestCostChange(
            request_id=row.id, position=len(kept) + 1, at=at, items_before=costs.to_plain(known),
            items_after=costs.to_plain(present), released=released,
        )
    )  # fmt: skip
    session.flush()  # `take_in` reads it back
    # a second agreement may have brought back what the request speaks of
    row.settled_cost_fen = None if present == asked_for else after_fen
    session.add(row)
    subject = f"request:{row.id}"
    audit.record(
        session, chain=row.community_code, by=SYSTEM.ref, tag=Tag.REQUEST_COSTS_CHANGED, subject=subject,
        facts={"cost_fen_before": before_fen, "cost_fen": after_fen, "released": released},
    )  # fmt: skip
    if row.state is not RequestState.RESERVE:
        told = FundingRequestCostsChanged(
            str(row.id), str(row.round_id), row.community_code, before_fen, after_fen, released
        )
        outbox.emit(session, told, subject=subject)
    return True


def _asked_now(row: FundingRequest, cost_fen: int) -> int:
    return rules.asked_after(row.cost_fen, cost_fen=row.evidence["project_cost_fen"], cost_now_fen=cost_fen)


def _policy(row: FundingRequest) -> Policy:
    kept = row.evidence["policy"]
    return Policy(kept["community_share"], kept["district_share"], kept["subdistrict_share"])


def _items_asked_for(row: FundingRequest) -> list[Item]:
    return costs.from_plain(row.evidence["cost_items"])


def _present_items(session: Session, row: FundingRequest) -> list[Item]:
    found = projects.cost_items(session, row.project_id)
    return [Item(each.kind.value, each.description, each.amount_fen) for each in found]
