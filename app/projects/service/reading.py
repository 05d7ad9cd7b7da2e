"""Looking at projects."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.places import service as places
from app.projects import queries, rules
from app.projects.errors import ProjectNotFound
from app.projects.models import CostItem, Photo, Project, ProjectStep
from app.projects.rules import PUBLIC_STATES, Category, DeliveryKind, ProjectState


@dataclass(frozen=True)
class ProjectView:
    """A project with its parts."""

    project: Project
    cost_items: Sequence[CostItem]
    building_ids: Sequence[uuid.UUID]
    photos: Sequence[Photo]


@dataclass(frozen=True)
class ProjectSnapshot:
    """What a round freezes of a project."""

    id: uuid.UUID
    community_code: str
    title: str
    category: Category
    place: str
    delivery_kind: DeliveryKind
    cost_fen: int
    description_html: str


@dataclass(frozen=True)
class ProjectLine:
    """What a project is called, and how its description begins."""

    id: uuid.UUID
    title: str
    beginning: str
    state: ProjectState
    place: str
    category: Category


def project(session: Session, project_id: uuid.UUID) -> Project:
    """One project, whatever its state.

    Raises:
        ProjectNotFound: there is none.
    """
    row = queries.project(session, project_id)
    if row is None:
        raise ProjectNotFound
    return row


def public_project(session: Session, project_id: uuid.UUID) -> Project:
    """One project that residents can choose.

    Raises:
        ProjectNotFound: there is none, or it is not public.
    """
    row = project(session, project_id)
    if row.state not in PUBLIC_STATES:
        raise ProjectNotFound
    return row


def sees_drafts(row: Project, actor: Actor) -> bool:
    """Whether somebody works on a project."""
    return actor.may("project.list_drafts", row.community_code)


def visible(row: Project, actor: Actor) -> bool:
    """Whether somebody may read a project."""
    return rules.is_public(row.state, was_published=row.published_at is not None) or sees_drafts(row, actor)


def read(
    session: Session, project_id: uuid.UUID, *, actor: Actor
) -> tuple[ProjectView, Sequence[ProjectStep]]:
    """A project somebody may see: published ones everybody, the others those who work on them.

    Raises:
        ProjectNotFound: there is none, or it is not for these eyes.
    """
    row = project(session, project_id)
    if not visible(row, actor):
        raise ProjectNotFound
    return views(session, [row])[0], queries.steps(session, project_id)


def listing(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[ProjectView]:
    """Projects on offer under a division, newest first."""
    divisions = None if division is None else [division]
    return views(
        session, queries.page(session, divisions=divisions, states=PUBLIC_STATES, after=after, limit=limit)
    )


def drafts(
    session: Session,
    *,
    actor: Actor,
    community_code: str | None = None,
    states: Collection[ProjectState] = (),
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> list[ProjectView]:
    """Projects that are not on offer, or those in these states, of a community or of all somebody works for.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    mine: Sequence[str] = actor.divisions_for("project.list_drafts")
    if community_code is not None:
        places.community(session, community_code, actor=actor, verb="project.list_drafts")
        mine = [community_code]
    wanted = states or frozenset(ProjectState) - PUBLIC_STATES
    return views(session, queries.page(session, divisions=mine, states=wanted, after=after, limit=limit))


def counts(session: Session, *, community_code: str, actor: Actor) -> dict[ProjectState, int]:
    """How many projects of a community stand where, for those who work on them.

    Raises:
        DivisionNotFound: not a community of yours.
    """
    places.community(session, community_code, actor=actor, verb="project.count")
    found = queries.counts(session, community_code)
    return {state: found.get(state, 0) for state in ProjectState}


def snapshots(session: Session, *, project_ids: Collection[uuid.UUID]) -> list[ProjectSnapshot]:
    """What a round would freeze of these projects; those that are not on offer are left out."""
    return [
        ProjectSnapshot(
            row.id, row.community_code, row.title, row.category, row.place, row.delivery_kind, row.cost_fen,
            row.description_html,
        )
        for row in queries.projects(session, project_ids)
        if row.state in PUBLIC_STATES
    ]  # fmt: skip


def public_projects(session: Session, *, project_ids: Collection[uuid.UUID]) -> list[Project]:
    """Those of several projects that residents can choose."""
    if not project_ids:
        return []
    return [row for row in queries.projects(session, project_ids) if row.state in PUBLIC_STATES]


def readable_projects(session: Session, *, project_ids: Collection[uuid.UUID], actor: Actor) -> list[Project]:
    """Those of several projects that residents can choose, or that somebody works on."""
    if not project_ids:
        return []
    return [
        row
        for row in queries.projects(session, project_ids)
        if row.state in PUBLIC_STATES or sees_drafts(row, actor)
    ]


def cost_items(session: Session, project_id: uuid.UUID) -> Sequence[CostItem]:
    """What a project's money goes to."""
    return queries.cost_items(session, [project_id])[project_id]


def titles(session: Session, *, project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What several projects are called, whatever their state."""
    return {row.id: row.title for row in queries.projects(session, project_ids)}


def first_photos(session: Session, *, project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The id of the first photo of each project that has one."""
    return queries.first_photos(session, project_ids)


def project_ids(session: Session, *, community_code: str) -> Sequence[uuid.UUID]:
    """Every project of a community, whatever its state."""
    return queries.ids_of(session, community_code)


def views(session: Session, rows: Sequence[Project]) -> list[ProjectView]:
    """Projects with their parts, in three queries however many they are."""
    ids = [row.id for row in rows]
    items, touched, pictures = (
        queries.cost_items(session, ids), queries.touched(session, ids), queries.photos(session, ids),
    )  # fmt: skip
    return [ProjectView(row, items[row.id], touched[row.id], pictures[row.id]) for row in rows]
