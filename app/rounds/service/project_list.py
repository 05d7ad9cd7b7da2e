"""A round's list of projects, and all that is frozen with it."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from app.access.actor import SYSTEM
from app.core import clock
from app.core.canonical import Plain, canonical_json, sha256_hex
from app.projects import service as projects
from app.rounds import queries
from app.rounds.errors import (
    ForcedOverBudget,
    GroupsContradict,
    NothingToVoteOn,
    ProjectNotInCommunities,
)
from app.rounds.matters import MATTERS
from app.rounds.models import Round, RoundProject
from app.rounds.rules import RECORDED_KINDS
from app.rounds.schemas import RoundIn
from app.rounds.service.reading import community_codes
from app.tally.double_quorum import thresholds


def list_projects(
    session: Session, row: Round, codes: Sequence[str], project_ids: Sequence[uuid.UUID]
) -> list[RoundProject]:
    """Write the list of a round, with titles and costs as they are now.

    Raises:
        NothingToVoteOn, ProjectNotInCommunities.
    """
    if not project_ids:
        raise NothingToVoteOn
    available = {
        snapshot.id: snapshot
        for snapshot in projects.snapshots(session, project_ids=project_ids)
        if snapshot.community_code in codes
    }
    if missing := [str(project_id) for project_id in project_ids if project_id not in available]:
        raise ProjectNotInCommunities(project_ids=missing)
    listed = [
        RoundProject(
            round_id=row.id,
            project_id=project_id,
            position=position,
            community_code=available[project_id].community_code,
            title=available[project_id].title,
            category=str(available[project_id].category),
            place=available[project_id].place,
            delivery_kind=str(available[project_id].delivery_kind),
            cost_fen=available[project_id].cost_fen,
        )
        for position, project_id in enumerate(project_ids)
    ]
    session.add_all(listed)
    return listed


def tie_together(listed: Sequence[RoundProject], body: RoundIn, budget_fen: int | None) -> None:
    """Note which projects exclude each other, and which are decided already."""
    on_list = {each.project_id: each for each in listed}
    named = [project_id for group in body.exclusive_groups for project_id in group]
    missing = [str(each) for each in [*named, *body.forced_in] if each not in on_list]
    if missing:
        raise ProjectNotInCommunities(project_ids=missing)
    if len(set(named)) < len(named):
        raise GroupsContradict
    for number, group in enumerate(body.exclusive_groups, start=1):
        if len(set(group) & set(body.forced_in)) > 1:
            raise GroupsContradict
        for project_id in group:
            on_list[project_id].exclusive_group = number
    for project_id in set(body.forced_in):
        on_list[project_id].forced_in = True
    check_forced(listed, budget_fen)


def check_forced(listed: Sequence[RoundProject], budget_fen: int | None) -> None:
    """Whether the budget pays for what is decided already."""
    cost = sum(each.cost_fen for each in listed if each.forced_in)
    if budget_fen is not None and cost > budget_fen:
        raise ForcedOverBudget(cost_fen=cost)


def freeze(session: Session, row: Round) -> None:
    """Fix list, costs, rule and dates (or question, thresholds and dates) as they are now, as text with a hash.

    Raises:
        ForcedOverBudget: costs have risen, and the budget does not pay for what is forced in.
    """
    codes = community_codes(session, row.id)
    frozen = _question(row) if row.kind in RECORDED_KINDS else _list(session, row, codes)
    frozen |= {
        "round_id": str(row.id),
        "title": row.title,
        "division_code": row.division_code,
        "communities": codes,
        "kind": row.kind.value,
        "electorate": row.electorate.value,
        "opens_at": row.opens_at.isoformat(),
        "closes_at": row.closes_at.isoformat(),
    }
    text = canonical_json(frozen)
    row.frozen, row.frozen_digest = text.decode(), sha256_hex(text)


def _question(row: Round) -> dict[str, Plain]:
    """What a recorded round asks, and what the law in force today asks for it to be decided."""
    assert row.matter is not None
    matter = MATTERS[row.matter]
    return {
        "matter": row.matter.value,
        "item": matter.item,
        "question": row.question,
        "thresholds": thresholds(matter.majority, clock.today()).to_plain(),
    }


def _list(session: Session, row: Round, codes: Sequence[str]) -> dict[str, Plain]:
    """The list with the costs of this moment, and how it is counted."""
    before = queries.projects(session, row.id)
    project_ids = [each.project_id for each in before]
    bonds = {each.project_id: (each.exclusive_group, each.forced_in) for each in before}
    session.execute(sa.delete(RoundProject).where(RoundProject.round_id == row.id))  # type: ignore[arg-type]
    listed = list_projects(session, row, codes, project_ids)  # costs as they are at this moment
    for each in listed:
        each.exclusive_group, each.forced_in = bonds[each.project_id]
    check_forced(listed, row.budget_fen)
    projects.mark_listed(session, project_ids=project_ids, round_id=row.id, actor=SYSTEM)
    return {
        "max_rank": row.max_rank,
        "budget_fen": row.budget_fen,
        "rule": row.rule.value,
        "points": row.points.value,
        "skip": row.skip,
        "threshold": row.threshold,
        "completion": row.completion.value,
        "until": row.until.value,
        "fill": row.fill.value,
        "comparison": row.comparison,
        "part_percent": row.part_percent,
        "unranked": row.unranked.value,
        "ties": row.ties.value,
        "priority": row.priority.value,
        "paper": row.paper.value,
        "custody": row.custody.value,
        "projects": [
            {
                "id": str(each.project_id),
                "title": each.title,
                "category": each.category,
                "community_code": each.community_code,
                "delivery_kind": each.delivery_kind,
                "place": each.place,
                "cost_fen": each.cost_fen,
                "exclusive_group": each.exclusive_group,
                "forced_in": each.forced_in,
            }
            for each in listed
        ],
    }
