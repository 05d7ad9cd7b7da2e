"""Routes of the committee's desk: what waits, what stands beside it, what was found."""

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import DEFAULT_LIMIT, BadCursor, page_of, time_and_id, time_and_id_cursor
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.ideas import service
from app.ideas.api import EXCERPT, MOVING, Community, Cursor, Limit, after, idea_out
from app.ideas.errors import CheckUnexplained, IdeaNotFound
from app.ideas.rules import IdeaState
from app.ideas.schemas import BesideList, BesideOut, IdeaCounts, IdeaDetail, IdeaPage, ScreenIn, SimilarKind
from app.ideas.service import Beside
from app.places.errors import DivisionNotFound
from app.projects.errors import ProjectNotFound

router = APIRouter(prefix="/api/v1", tags=["ideas"])


@router.get("/held-ideas", response_model=IdeaPage, responses=problems(BadCursor, DivisionNotFound))
def list_held_ideas(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("idea.list_held")],
    community: Community,
    state: Annotated[
        Literal[IdeaState.HELD, IdeaState.REJECTED], Query(description="rejected: looked at, and not shown.")
    ] = IdeaState.HELD,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> IdeaPage:
    """Ideas that wait for somebody to look at them, the oldest first, with what was noticed; or those not shown."""
    with reading as session:
        views = service.held(
            session,
            community_code=community,
            state=state,
            after=time_and_id(cursor),
            limit=limit + 1,
            actor=actor,
        )
    page = page_of(views, limit, key=lambda view: time_and_id_cursor(view.idea.posted_at, view.idea.id))
    return IdeaPage(items=[idea_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.get(
    "/communities/{code}/idea-counts", response_model=IdeaCounts, responses=problems(DivisionNotFound)
)
def count_ideas(code: Code12, reading: Reading, actor: Annotated[Actor, may("idea.count")]) -> IdeaCounts:
    """How many ideas of a community wait for somebody to look, for endorsements, for an answer, or have one."""
    with reading as session:
        found = service.counts(session, community_code=code, actor=actor)
    return IdeaCounts(
        **{state.value: found[state] for state in IdeaState if state.value in IdeaCounts.model_fields}
    )


@router.get("/ideas/{idea_id}/similar", response_model=BesideList, responses=problems(IdeaNotFound))
def list_similar_to_idea(
    idea_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("idea.list_similar")]
) -> BesideList:
    """Ideas and projects to look at beside an idea, drafts among them: by what they say, and by place."""
    with reading as session:
        found = service.beside_idea(session, idea_id=idea_id, actor=actor)
    return BesideList(items=[_beside_out(each) for each in found])


@router.get("/projects/{project_id}/similar", response_model=BesideList, responses=problems(ProjectNotFound))
def list_similar_to_project(
    project_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("project.list_similar")]
) -> BesideList:
    """Ideas and projects to look at beside a project, drafts among them: by what they say, and by place."""
    with reading as session:
        found = service.beside_project(session, project_id=project_id, actor=actor)
    return BesideList(items=[_beside_out(each) for each in found])


@router.put(
    "/ideas/{idea_id}/screening", response_model=IdeaDetail, responses=problems(*MOVING, CheckUnexplained)
)
def screen_idea(
    idea_id: uuid.UUID, body: ScreenIn, writing: Writing, actor: Annotated[Actor, may("idea.screen")]
) -> IdeaDetail:
    """Record what was found about an idea, point by point; its authors read it, everybody once it has its answer."""
    with writing as session:
        row = service.screen(session, idea_id=idea_id, checks=body.checks, actor=actor)
        return after(session, row, actor)


def _beside_out(found: Beside) -> BesideOut:
    if found.idea is not None:
        row = found.idea.idea
        return BesideOut(
            kind=SimilarKind.IDEA, id=row.id, title=row.title, excerpt=row.words[:EXCERPT], place=row.place,
            category=row.category, state=row.state, alike=found.alike, near=found.near,
            endorsements=row.endorsements, cost_fen=None, exclusion=None, at=row.posted_at,
        )  # fmt: skip
    assert found.project is not None
    project = found.project
    return BesideOut(
        kind=SimilarKind.PROJECT, id=project.id, title=project.title, excerpt=project.description[:EXCERPT],
        place=project.place, category=project.category, state=project.state, alike=found.alike, near=found.near,
        endorsements=None, cost_fen=project.cost_fen, exclusion=found.exclusion, at=project.created_at,
    )  # fmt: skip
