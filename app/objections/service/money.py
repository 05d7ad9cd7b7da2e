"""What an offer changes of a project's costs: worked out when it is made, carried out when it is accepted."""

import json
import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.objections import costs
from app.objections.costs import Change, Item
from app.objections.errors import CostsChangedSince, ProjectOnABallot
from app.objections.models import Objection, ObjectionEntry
from app.objections.schemas import OfferedCostIn
from app.projects import rules as project_rules
from app.projects import service as projects
from app.projects.models import CostItem
from app.projects.schemas import CostItemIn
from app.rounds import service as rounds


def sealed_changes(session: Session, row: Objection, wanted: Sequence[OfferedCostIn]) -> str:
    """What an offer would make of the project's costs, as it is kept.

    Raises:
        NoSuchCostItem, CostsUnchanged: the items do not follow from the present ones.
        CostsTooLarge: they add up to too much.
        ProjectOnABallot: a vote with the project is under way.
    """
    if rounds.on_a_ballot(session, row.project_id):
        raise ProjectOnABallot
    project_rules.total([each.amount_fen for each in wanted])
    changes = costs.plan(
        present_items(session, row.project_id),
        [(Item(each.kind, each.description, each.amount_fen), each.was) for each in wanted],
    )
    return json.dumps(costs.to_plain(changes), ensure_ascii=False)


def changes_of(entry: ObjectionEntry) -> list[Change]:
    """What an offer makes of the project's costs; nothing where it changes none."""
    return [] if entry.costs is None else costs.from_plain(json.loads(entry.costs))


def present_items(session: Session, project_id: uuid.UUID) -> list[Item]:
    """What a project's money goes to now."""
    return [_item(each) for each in projects.cost_items(session, project_id)]


def change_costs(session: Session, row: Objection, offer: ObjectionEntry) -> None:
    """Carry out what an accepted offer changes of the project's costs.

    Raises:
        CostsChangedSince: they are not what the offer began from any more.
        ProjectOnABallot: a vote with the project is under way.
        ProjectWrongState: the project was rejected or withdrawn.
    """
    changes = changes_of(offer)
    if not changes:
        return
    present = projects.cost_items_held(session, project_id=row.project_id)
    # with the project held, so that no round lists it meanwhile
    if rounds.on_a_ballot(session, row.project_id):
        raise ProjectOnABallot
    if not costs.same_items(changes, [_item(each) for each in present]):
        raise CostsChangedSince
    projects.agree_costs(
        session,
        project_id=row.project_id,
        items=[
            CostItemIn(
                kind=each.after.kind, description=each.after.description, amount_fen=each.after.amount_fen
            )
            for each in changes
            if each.after is not None
        ],
        by=offer.by,
    )


def _item(row: CostItem) -> Item:
    return Item(row.kind, row.description, row.amount_fen)
