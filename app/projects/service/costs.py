"""What a project's money goes to, changed by an agreement with a household."""

import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.audit import service as audit
from app.audit.tags import Tag
from app.outbox import service as outbox
from app.projects import queries, rules
from app.projects.errors import ProjectNotFound, ProjectWrongState
from app.projects.events import ProjectCostsAgreed
from app.projects.models import CostItem, Project
from app.projects.schemas import CostItemIn
from app.projects.service.steps import touch


def cost_items_held(session: Session, *, project_id: uuid.UUID) -> Sequence[CostItem]:
    """What a project's money goes to; nobody else changes it before this transaction ends.

    Raises:
        ProjectNotFound: there is no such project.
    """
    _hold(session, project_id)
    return queries.cost_items(session, [project_id])[project_id]


def agree_costs(session: Session, *, project_id: uuid.UUID, items: Sequence[CostItemIn], by: str) -> Project:
    """Replace a project's cost items by what was agreed with a household that objected.

    A listed project can change too, for what stood on a ballot is kept with its round. Whoever calls this has made sure
    that no round with it on its list is under way.

    Args:
        session: the writing one.
        project_id: the project.
        items: all items, as agreed.
        by: reference of who made the offer.

    Raises:
        ProjectNotFound: there is no such project.
        ProjectWrongState: it was rejected or withdrawn.
        CostsTooLarge: the items add up to too much.
    """
    row = _hold(session, project_id)
    if row.state in rules.ENDED_STATES:
        raise ProjectWrongState(state=row.state.value, wanted=row.state.value)
    before = row.cost_fen
    row.cost_fen = rules.total([item.amount_fen for item in items])
    queries.clear_cost_items(session, row.id)
    session.add_all(
        CostItem(project_id=row.id, position=position, **item.model_dump())
        for position, item in enumerate(items, start=1)
    )
    touch(session, row)
    audit.record(
        session, chain=row.community_code, by=by, tag=Tag.PROJECT_CHANGED, subject=f"project:{row.id}",
        facts={
            "version": row.version, "cost_fen": row.cost_fen, "cost_fen_before": before, "changed": ["cost_items"],
            "by_agreement": True,
        },
    )  # fmt: skip
    outbox.emit(session, ProjectCostsAgreed(str(row.id)), subject=f"project:{row.id}")
    return row


def _hold(session: Session, project_id: uuid.UUID) -> Project:
    row = queries.project_locked(session, project_id)
    if row is None:
        raise ProjectNotFound
    return row
