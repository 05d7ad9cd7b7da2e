"""Drafting projects and changing what they say."""

import uuid
from collections.abc import Iterable, Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, markdown
from app.core.errors import DomainError
from app.places import service as places
from app.projects import queries, rules
from app.projects.errors import BuildingNotHere, ProjectOutdated
from app.projects.models import CostItem, Project, TouchedBuilding
from app.projects.rules import Origin, ProjectState
from app.projects.schemas import CostItemIn, ProjectChangeIn, ProjectIn, ProjectWords
from app.projects.service.reading import ProjectView, views
from app.projects.service.steps import claim, note, touch


def draft(session: Session, *, body: ProjectIn, actor: Actor) -> ProjectView:
    """Draft a project; nobody outside the committee sees it yet.

    Raises:
        DivisionNotFound: not a community of yours.
        BuildingNotHere: a touched building stands elsewhere.
        CostsTooLarge: the items add up to too much.
    """
    row = _draft(
        session, community_code=body.community_code, words=body, origin=body.origin, origin_id=None,
        origin_reference=body.origin_reference, actor=actor,
    )  # fmt: skip
    return views(session, [row])[0]


def draft_batch(session: Session, *, bodies: Sequence[ProjectIn], actor: Actor) -> list[ProjectView]:
    """Draft several projects, all or none; what is refused says which one it was, counted from 0.

    Raises:
        DivisionNotFound, BuildingNotHere, CostsTooLarge: as for one, with ``index``.
    """
    rows = []
    for index, body in enumerate(bodies):
        try:
            rows.append(
                _draft(
                    session, community_code=body.community_code, words=body, origin=body.origin,
                    origin_id=None, origin_reference=body.origin_reference, actor=actor,
                )
            )  # fmt: skip
        except DomainError as error:
            error.facts["index"] = index
            raise
    return views(session, rows)


def draft_words(
    session: Session,
    *,
    community_code: str,
    words: ProjectWords,
    origin: Origin,
    reference: str,
    actor: Actor,
) -> Project:
    """Draft a project of a list, for whoever reads the list.

    Raises:
        DivisionNotFound, BuildingNotHere, CostsTooLarge: as for every draft.
    """
    return _draft(
        session, community_code=community_code, words=words, origin=origin, origin_id=None,
        origin_reference=reference, actor=actor,
    )  # fmt: skip


def draft_from_resolution(
    session: Session,
    *,
    community_code: str,
    words: ProjectWords,
    resolution_id: uuid.UUID,
    reference: str,
    actor: Actor,
) -> Project:
    """Draft the project that a meeting has resolved, for whoever records the resolution.

    Raises:
        DivisionNotFound, BuildingNotHere, CostsTooLarge: as for every draft.
    """
    return _draft(
        session, community_code=community_code, words=words, origin=Origin.MEETING, origin_id=resolution_id,
        origin_reference=reference, actor=actor,
    )  # fmt: skip


def draft_from_idea(
    session: Session,
    *,
    community_code: str,
    words: ProjectWords,
    idea_id: uuid.UUID,
    reference: str,
    actor: Actor,
) -> Project:
    """Draft the project that a resident's idea becomes, for whoever takes the idea up.

    Raises:
        DivisionNotFound, BuildingNotHere, CostsTooLarge: as for every draft.
    """
    return _draft(
        session, community_code=community_code, words=words, origin=Origin.RESIDENT_IDEA, origin_id=idea_id,
        origin_reference=reference, actor=actor,
    )  # fmt: skip


def change(
    session: Session, *, project_id: uuid.UUID, body: ProjectChangeIn, version: int, actor: Actor
) -> ProjectView:
    """Change what a project says, until a round lists it.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
        ProjectFrozen: it stands on a published list.
        ProjectWrongState: it was rejected or withdrawn.
        ProjectOutdated: somebody changed it since ``version``.
        BuildingNotHere, CostsTooLarge: as for a draft.
    """
    row = claim(session, project_id, actor=actor, verb="project.change")
    rules.check_open(row.state)
    if row.version != version:
        raise ProjectOutdated(version=row.version)
    given = [name for name in ProjectChangeIn.model_fields if getattr(body, name) is not None]
    if not given:
        return views(session, [row])[0]
    for name in {"title", "category", "place", "delivery_kind"} & set(given):
        setattr(row, name, getattr(body, name))
    if body.description is not None:
        row.description, row.description_html = body.description, markdown.render(body.description)
    if body.cost_items is not None:
        row.cost_fen = rules.total([item.amount_fen for item in body.cost_items])
        queries.clear_cost_items(session, row.id)
        _add_cost_items(session, row, body.cost_items)
    if body.building_ids is not None:
        queries.clear_touched(session, row.id)
        _add_buildings(session, row, body.building_ids)
    touch(session, row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.PROJECT_CHANGED, subject=f"project:{row.id}",
        facts={"version": row.version, "cost_fen": row.cost_fen, "changed": sorted(given)},
    )  # fmt: skip
    return views(session, [row])[0]


def _draft(
    session: Session,
    *,
    community_code: str,
    words: ProjectWords,
    origin: Origin,
    origin_id: uuid.UUID | None,
    origin_reference: str,
    actor: Actor,
) -> Project:
    places.community(session, community_code, actor=actor, verb="project.draft")
    row = Project(
        community_code=community_code,
        title=words.title,
        description=words.description,
        description_html=markdown.render(words.description),
        category=words.category,
        place=words.place,
        delivery_kind=words.delivery_kind,
        origin=origin,
        origin_id=origin_id,
        origin_reference=origin_reference,
        cost_fen=rules.total([item.amount_fen for item in words.cost_items]),
        state=ProjectState.DRAFT,
        version=1,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()  # the parts refer to it
    _add_cost_items(session, row, words.cost_items)
    _add_buildings(session, row, words.building_ids)
    note(session, row, actor=actor)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.PROJECT_DRAFTED, subject=f"project:{row.id}",
        facts={"cost_fen": row.cost_fen},
    )  # fmt: skip
    return row


def _add_cost_items(session: Session, row: Project, items: Iterable[CostItemIn]) -> None:
    session.add_all(
        CostItem(project_id=row.id, position=position, **item.model_dump())
        for position, item in enumerate(items, start=1)
    )


def _add_buildings(session: Session, row: Project, building_ids: Iterable[uuid.UUID]) -> None:
    wanted = set(building_ids)
    if not wanted:
        return
    known = places.known_buildings(session, community_code=row.community_code, building_ids=wanted)
    if missing := sorted(str(each) for each in wanted - known):
        raise BuildingNotHere(building_ids=missing)
    session.add_all(TouchedBuilding(project_id=row.id, building_id=each) for each in sorted(wanted))
