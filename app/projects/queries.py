"""Reads of projects."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.projects.models import (
    CostItem,
    Photo,
    Project,
    ProjectExclusion,
    ProjectImport,
    ProjectStep,
    TouchedBuilding,
)
from app.projects.rules import ProjectState


def project(session: Session, project_id: uuid.UUID) -> Project | None:
    """One project."""
    return session.get(Project, project_id)


def project_locked(session: Session, project_id: uuid.UUID) -> Project | None:
    """One project, locked."""
    statement = locked(select(Project).where(Project.id == project_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def projects(session: Session, ids: Collection[uuid.UUID], *, lock: bool = False) -> Sequence[Project]:
    """Several projects; locked in one order so that two callers cannot deadlock."""
    statement = select(Project).where(col(Project.id).in_(ids)).order_by(col(Project.id))
    return session.execute(locked(statement, session) if lock else statement).scalars().all()


def lines(
    session: Session, *, community_code: str, states: Collection[ProjectState], limit: int, characters: int
) -> Sequence[Any]:
    """(id, title, how its description begins, state, place, category) of a community's projects, newest first."""
    return session.execute(
        sa.select(
            col(Project.id), col(Project.title), sa.func.substr(col(Project.description), 1, characters),
            col(Project.state), col(Project.place), col(Project.category),
        )
        .where(col(Project.community_code) == community_code, col(Project.state).in_(states))
        .order_by(col(Project.created_at).desc(), col(Project.id))
        .limit(limit)
    ).all()  # fmt: skip


def titles(session: Session, *, community_code: str, states: Collection[ProjectState]) -> Sequence[Any]:
    """(id, title) of a community's projects."""
    return session.execute(
        sa.select(col(Project.id), col(Project.title)).where(
            col(Project.community_code) == community_code, col(Project.state).in_(states)
        )
    ).all()


def counts(session: Session, community_code: str) -> dict[ProjectState, int]:
    """How many projects of a community stand where."""
    rows = session.execute(
        sa.select(col(Project.state), sa.func.count())
        .where(col(Project.community_code) == community_code)
        .group_by(col(Project.state))
    )
    return {state: int(count) for state, count in rows}


def page(
    session: Session,
    *,
    divisions: Sequence[str] | None,
    states: Collection[ProjectState],
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int | None,
) -> Sequence[Project]:
    """Projects of these divisions (or of all) in these states, newest first."""
    statement = select(Project).where(col(Project.state).in_(states))
    if divisions is not None:
        statement = statement.where(
            sa.or_(
                sa.false(), *(col(Project.community_code).startswith(significant(code)) for code in divisions)
            )
        )
    if after is not None:
        at, project_id = after
        statement = statement.where(
            sa.or_(
                col(Project.created_at) < at,
                sa.and_(col(Project.created_at) == at, col(Project.id) > project_id),
            )
        )
    return session.exec(
        statement.order_by(col(Project.created_at).desc(), col(Project.id)).limit(limit)
    ).all()


def cost_items(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[CostItem]]:
    """What several projects' money goes to."""
    found: dict[uuid.UUID, list[CostItem]] = {project_id: [] for project_id in ids}
    rows = session.exec(
        select(CostItem).where(col(CostItem.project_id).in_(ids)).order_by(col(CostItem.position))
    )
    for row in rows:
        found[row.project_id].append(row)
    return found


def touched(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The buildings several projects touch."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {project_id: [] for project_id in ids}
    rows = session.exec(
        select(TouchedBuilding)
        .where(col(TouchedBuilding.project_id).in_(ids))
        .order_by(col(TouchedBuilding.building_id))
    )
    for row in rows:
        found[row.project_id].append(row.building_id)
    return found


def photos(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Photo]]:
    """The photos of several projects, without their bytes."""
    found: dict[uuid.UUID, list[Photo]] = {project_id: [] for project_id in ids}
    rows = session.exec(
        select(Photo)
        .options(defer(Photo.jpeg))  # type: ignore[arg-type]
        .where(col(Photo.project_id).in_(ids))
        .order_by(col(Photo.position))
    )
    for row in rows:
        found[row.project_id].append(row)
    return found


def first_photos(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The id of the first photo of each project that has one."""
    rows = session.execute(
        sa.select(col(Photo.project_id), col(Photo.id))
        .where(col(Photo.project_id).in_(ids))
        .order_by(col(Photo.position).desc())
    )
    return {project_id: photo_id for project_id, photo_id in rows}  # noqa: C416 - a row is not a pair for the type checker


def photo(session: Session, photo_id: uuid.UUID) -> Photo | None:
    """One photo with its bytes."""
    return session.get(Photo, photo_id)


def steps(session: Session, project_id: uuid.UUID) -> Sequence[ProjectStep]:
    """How a project got where it is."""
    return session.exec(
        select(ProjectStep).where(ProjectStep.project_id == project_id).order_by(col(ProjectStep.version))
    ).all()


def clear_cost_items(session: Session, project_id: uuid.UUID) -> None:
    """Remove cost items before they are written anew."""
    session.execute(sa.delete(CostItem).where(col(CostItem.project_id) == project_id))


def clear_touched(session: Session, project_id: uuid.UUID) -> None:
    """Remove touched buildings before they are written anew."""
    session.execute(sa.delete(TouchedBuilding).where(col(TouchedBuilding.project_id) == project_id))


def ids_of(session: Session, community_code: str) -> Sequence[uuid.UUID]:
    """Every project of a community, whatever its state."""
    return session.exec(select(Project.id).where(Project.community_code == community_code)).all()


# --- one or the other ---------------------------------------------------------------------------------------------


def exclusion(session: Session, one: uuid.UUID, other: uuid.UUID) -> ProjectExclusion | None:
    """The mark that only one of two projects is to be done."""
    return session.get(ProjectExclusion, (min(one, other), max(one, other)))


def exclusions(session: Session, ids: Collection[uuid.UUID]) -> Sequence[ProjectExclusion]:
    """The marks between any two of several projects, in the order they were made."""
    return session.exec(
        select(ProjectExclusion)
        .where(col(ProjectExclusion.first_id).in_(ids), col(ProjectExclusion.second_id).in_(ids))
        .order_by(col(ProjectExclusion.at), col(ProjectExclusion.first_id), col(ProjectExclusion.second_id))
    ).all()


# --- lists from a spreadsheet -------------------------------------------------------------------------------------


def import_(session: Session, import_id: uuid.UUID, *, lock: bool = False) -> ProjectImport | None:
    """One uploaded list."""
    statement = select(ProjectImport).where(ProjectImport.id == import_id)
    if lock:
        statement = locked(statement, session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
