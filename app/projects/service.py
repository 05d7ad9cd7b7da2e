"""The verbs of a project."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, markdown
from app.core.canonical import sha256_hex
from app.outbox import service as outbox
from app.places import service as places
from app.projects import photos, queries, rules
from app.projects.errors import (
    BuildingNotHere,
    PhotoNotFound,
    ProjectFrozen,
    ProjectNotFound,
    ProjectOutdated,
    TooManyPhotos,
)
from app.projects.events import ProjectPublished
from app.projects.models import CostItem, Photo, Project, ProjectStep, TouchedBuilding
from app.projects.rules import PUBLIC_STATES, Category, DeliveryKind, Origin, ProjectState, RejectionCode
from app.projects.schemas import CostItemIn, ProjectIn


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


# --- reading ------------------------------------------------------------------------------------------------------


def project(session: Session, project_id: uuid.UUID) -> Project:
    """One project, whatever its state.

    Raises:
        ProjectNotFound: there is none.
    """
    row = queries.project(session, project_id)
    if row is None:
        raise ProjectNotFound
    return row


def read(
    session: Session, project_id: uuid.UUID, *, actor: Actor
) -> tuple[ProjectView, Sequence[ProjectStep]]:
    """A project somebody may see: published ones everybody, the others those who work on them.

    Raises:
        ProjectNotFound: there is none, or it is not for these eyes.
    """
    row = project(session, project_id)
    if row.state not in PUBLIC_STATES and not actor.may("project.list_drafts", row.community_code):
        raise ProjectNotFound
    return views(session, [row])[0], queries.steps(session, project_id)


def listing(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[ProjectView]:
    """Published projects under a division, newest first."""
    divisions = [] if division is None else [division]
    return views(
        session, queries.page(session, divisions=divisions, states=PUBLIC_STATES, after=after, limit=limit)
    )


def drafts(
    session: Session, *, actor: Actor, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[ProjectView]:
    """Projects that are not public, of the divisions somebody works for."""
    mine = actor.divisions_for("project.list_drafts")
    states = frozenset(ProjectState) - PUBLIC_STATES
    return views(session, queries.page(session, divisions=mine, states=states, after=after, limit=limit))


def snapshots(session: Session, *, project_ids: Collection[uuid.UUID]) -> list[ProjectSnapshot]:
    """What a round would freeze of these projects; those that are not public are left out."""
    return [
        ProjectSnapshot(
            row.id, row.community_code, row.title, row.category, row.place, row.delivery_kind, row.cost_fen,
            row.description_html,
        )
        for row in queries.projects(session, project_ids)
        if row.state in PUBLIC_STATES
    ]  # fmt: skip


def cost_items(session: Session, project_id: uuid.UUID) -> Sequence[CostItem]:
    """What a project's money goes to."""
    return queries.cost_items(session, [project_id])[project_id]


def views(session: Session, rows: Sequence[Project]) -> list[ProjectView]:
    """Projects with their parts, in four queries however many they are."""
    ids = [row.id for row in rows]
    items, touched, pictures = (
        queries.cost_items(session, ids), queries.touched(session, ids), queries.photos(session, ids),
    )  # fmt: skip
    return [ProjectView(row, items[row.id], touched[row.id], pictures[row.id]) for row in rows]


# --- writing ------------------------------------------------------------------------------------------------------


def draft(session: Session, *, body: ProjectIn, actor: Actor) -> ProjectView:
    """Draft a project; nobody outside the committee sees it yet.

    Raises:
        DivisionNotFound: not a community of yours.
        BuildingNotHere: a touched building stands elsewhere.
        CostsTooLarge: the items add up to too much.
    """
    places.community(session, body.community_code, actor=actor, verb="project.draft")
    row = Project(
        community_code=body.community_code,
        title=body.title,
        description=body.description,
        description_html=markdown.render(body.description),
        category=body.category,
        place=body.place,
        delivery_kind=body.delivery_kind,
        origin=body.origin,
        origin_id=body.origin_id,
        cost_fen=rules.total([item.amount_fen for item in body.cost_items]),
        state=ProjectState.DRAFT,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()  # the parts refer to it
    _write_parts(session, row, body)
    _note(session, row, actor)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.PROJECT_DRAFTED, subject=f"project:{row.id}",
        facts={"cost_fen": row.cost_fen},
    )  # fmt: skip
    return views(session, [row])[0]


def draft_from_resolution(
    session: Session,
    *,
    community_code: str,
    title: str,
    description: str,
    category: Category,
    delivery_kind: DeliveryKind,
    estimate_fen: int,
    resolution_id: uuid.UUID,
    actor: Actor,
) -> Project:
    """Draft the project that a residents' meeting has resolved; its origin is the resolution."""
    body = ProjectIn(
        community_code=community_code,
        title=title,
        description=description,
        category=category,
        delivery_kind=delivery_kind,
        origin=Origin.MEETING,
        origin_id=resolution_id,
        cost_items=[CostItemIn(kind=rules.CostKind.OTHER, description="会议估算", amount_fen=estimate_fen)],
    )
    return draft(session, body=body, actor=actor).project


def change(
    session: Session, *, project_id: uuid.UUID, body: ProjectIn, version: int, actor: Actor
) -> ProjectView:
    """Replace what a project says, until a round lists it.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
        ProjectFrozen: it stands on a published list.
        ProjectOutdated: somebody changed it since ``version``.
    """
    row = _mine(session, project_id, actor, verb="project.change")
    if row.state is ProjectState.LISTED:
        raise ProjectFrozen
    if row.version != version:
        raise ProjectOutdated
    if body.community_code != row.community_code:
        raise ProjectNotFound
    row.title, row.description = body.title, body.description
    row.description_html = markdown.render(body.description)
    row.category, row.place, row.delivery_kind = body.category, body.place, body.delivery_kind
    row.cost_fen = rules.total([item.amount_fen for item in body.cost_items])
    row.version += 1
    queries.clear_parts(session, row.id)
    session.add(row)
    _write_parts(session, row, body)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.PROJECT_CHANGED, subject=f"project:{row.id}",
        facts={"version": row.version, "cost_fen": row.cost_fen},
    )  # fmt: skip
    return views(session, [row])[0]


def publish(session: Session, *, project_ids: Sequence[uuid.UUID], actor: Actor) -> list[ProjectView]:
    """Publish a list of projects, all or none.

    Raises:
        ProjectNotFound: one is missing or not yours.
        ProjectWrongState, ProjectFrozen: one cannot be published from where it stands.
    """
    rows = {row.id: row for row in queries.projects(session, project_ids, lock=True)}
    for project_id in project_ids:
        row = rows.get(project_id)
        if row is None or not actor.may("project.publish", row.community_code):
            raise ProjectNotFound
    for row in rows.values():
        row.state = rules.step(row.state, ProjectState.PUBLISHED)
        row.published_at = clock.now()
        _note(session, row, actor)
        audit.record(
            session,
            chain=row.community_code,
            by=actor.ref,
            tag=Tag.PROJECT_PUBLISHED,
            subject=f"project:{row.id}",
        )
        outbox.emit(session, ProjectPublished(str(row.id), row.community_code), subject=f"project:{row.id}")
    return views(session, [rows[project_id] for project_id in dict.fromkeys(project_ids)])


def reject(
    session: Session, *, project_id: uuid.UUID, code: RejectionCode, reason: str, actor: Actor
) -> ProjectView:
    """Do not take a project up, with the reason.

    Raises:
        ProjectNotFound, ProjectFrozen, ProjectWrongState.
    """
    row = _mine(session, project_id, actor, verb="project.reject")
    row.state = rules.step(row.state, ProjectState.REJECTED)
    _note(session, row, actor, code=code.value, reason=reason)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.PROJECT_REJECTED, subject=f"project:{row.id}",
        facts={"code": code.value},
    )  # fmt: skip
    return views(session, [row])[0]


def withdraw(session: Session, *, project_id: uuid.UUID, reason: str, actor: Actor) -> ProjectView:
    """Take a project back before a round lists it, with the reason.

    Raises:
        ProjectNotFound, ProjectFrozen, ProjectWrongState.
    """
    row = _mine(session, project_id, actor, verb="project.withdraw")
    row.state = rules.step(row.state, ProjectState.WITHDRAWN)
    _note(session, row, actor, reason=reason)
    audit.record(
        session,
        chain=row.community_code,
        by=actor.ref,
        tag=Tag.PROJECT_WITHDRAWN,
        subject=f"project:{row.id}",
    )
    return views(session, [row])[0]


def mark_listed(
    session: Session, *, project_ids: Sequence[uuid.UUID], round_id: uuid.UUID, actor: Actor
) -> None:
    """Freeze projects that a published round lists."""
    for row in queries.projects(session, project_ids, lock=True):
        row.state = rules.step(row.state, ProjectState.LISTED)
        _note(session, row, actor, reason=f"round:{round_id}")


def add_photo(session: Session, *, project_id: uuid.UUID, raw: bytes, alt: str, actor: Actor) -> Photo:
    """Add a photo with words for those who cannot see it.

    Raises:
        ProjectNotFound, ProjectFrozen.
        TooManyPhotos: it has enough.
        PhotoUnreadable, PhotoTooLarge: the file.
    """
    row = _mine(session, project_id, actor, verb="photo.add")
    if row.state is ProjectState.LISTED:
        raise ProjectFrozen
    present = queries.photos(session, [project_id])[project_id]
    if len(present) >= rules.MOST_PHOTOS:
        raise TooManyPhotos(most=rules.MOST_PHOTOS)
    jpeg, width, height = photos.normalise(raw)
    position = max((photo.position for photo in present), default=0) + 1
    made = Photo(
        project_id=project_id, position=position, alt=alt, width=width, height=height, digest=sha256_hex(jpeg),
        jpeg=jpeg,
    )  # fmt: skip
    session.add(made)
    return made


def remove_photo(session: Session, *, photo_id: uuid.UUID, actor: Actor) -> None:
    """Remove a photo.

    Raises:
        PhotoNotFound: there is none, or it is not yours.
        ProjectFrozen: the project stands on a published list.
    """
    made = queries.photo(session, photo_id)
    row = None if made is None else queries.project_locked(session, made.project_id)
    if made is None or row is None or not actor.may("photo.remove", row.community_code):
        raise PhotoNotFound
    if row.state is ProjectState.LISTED:
        raise ProjectFrozen
    session.delete(made)


def photo(session: Session, photo_id: uuid.UUID, *, actor: Actor) -> Photo:
    """A photo of a project somebody may see.

    Raises:
        PhotoNotFound: there is none, or its project is not public.
    """
    made = queries.photo(session, photo_id)
    row = None if made is None else queries.project(session, made.project_id)
    if made is None or row is None:
        raise PhotoNotFound
    if row.state not in PUBLIC_STATES and not actor.may("project.list_drafts", row.community_code):
        raise PhotoNotFound
    return made


# --- inside -------------------------------------------------------------------------------------------------------


def _mine(session: Session, project_id: uuid.UUID, actor: Actor, *, verb: str) -> Project:
    row = queries.project_locked(session, project_id)
    if row is None or not actor.may(verb, row.community_code):
        raise ProjectNotFound
    return row


def _write_parts(session: Session, row: Project, body: ProjectIn) -> None:
    wanted = set(body.building_ids)
    known = places.known_buildings(session, community_code=row.community_code, building_ids=wanted)
    if missing := sorted(str(each) for each in wanted - known):
        raise BuildingNotHere(building_ids=missing)
    session.add_all(
        CostItem(project_id=row.id, position=position, **item.model_dump())
        for position, item in enumerate(body.cost_items, start=1)
    )
    session.add_all(
        TouchedBuilding(project_id=row.id, building_id=building_id) for building_id in sorted(wanted)
    )
    session.flush()  # the view that is returned reads them back


def _note(
    session: Session, row: Project, actor: Actor, *, code: str | None = None, reason: str | None = None
) -> None:
    """Write a step of the project's life."""
    session.add(row)
    position = len(queries.steps(session, row.id)) + 1
    session.add(
        ProjectStep(
            project_id=row.id, position=position, state=row.state, at=clock.now(), by=actor.ref, reason_code=code,
            reason=reason,
        )
    )  # fmt: skip
