"""What is like the words somebody is writing, or like what lies on the committee's table: ideas and projects."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.core.kept import Kept
from app.ideas import queries
from app.ideas.errors import IdeaNotFound
from app.ideas.models import Idea
from app.ideas.service.reading import IdeaView, views
from app.places import service as places
from app.projects import likeness
from app.projects import service as projects
from app.projects.errors import ProjectNotFound
from app.projects.likeness import Shared, grams
from app.projects.models import Project
from app.projects.service import Offers, ProjectLine

MOST = 5
#: Beside what a committee screens; it has a desk, not a phone.
MOST_BESIDE = 8
_GUESSES = 40


@dataclass(frozen=True)
class Similar:
    """Something like the words, and how like it is."""

    likeness: int
    idea: IdeaView | None
    project: ProjectLine | None


@dataclass(frozen=True)
class Beside:
    """Something to look at side by side: why it stands here, and whether it is marked as one or the other."""

    weight: int
    alike: bool
    near: bool
    idea: IdeaView | None
    project: Project | None
    exclusion: str | None = None


def similar(
    session: Session, *, community_code: str, words: str, actor: Actor, kept: Kept[str, Offers]
) -> list[Similar]:
    """Public ideas and projects of a community that are like these words, the most similar first.

    Args:
        session: a reading one.
        community_code: whose ideas and projects.
        words: what somebody is writing.
        actor: whose own ideas and endorsements are marked.
        kept: projects by community, so that they are not taken to pieces for every letter that is typed.

    Raises:
        DivisionNotFound: no such community.
    """
    places.community(session, community_code)
    query = grams(words)
    if not query:
        return []
    offers = kept.get(community_code, lambda: projects.on_offer(session, community_code=community_code))
    scores = _idea_scores(session, community_code, query)
    rows = [row for row, score in scores if score >= likeness.LEAST][:MOST]
    of_idea = {row.id: score for row, score in scores}
    found = [
        *(Similar(of_idea[view.idea.id], view, None) for view in views(session, rows, actor=actor)),
        *(Similar(score, None, line) for score, line in offers.like(query) if score >= likeness.LEAST),
    ]
    return sorted(found, key=lambda each: -each.likeness)[:MOST]


def beside_idea(session: Session, *, idea_id: uuid.UUID, actor: Actor) -> list[Beside]:
    """Ideas and projects that a committee compares an idea with, drafts among them, the most similar first.

    Raises:
        IdeaNotFound: there is none, or it is not yours.
    """
    row = queries.idea(session, idea_id)
    if row is None or not actor.may("idea.list_similar", row.community_code):
        raise IdeaNotFound
    return _beside(
        session,
        row.community_code,
        words=f"{row.title} {row.words}",
        place=row.place,
        without=idea_id,
        actor=actor,
    )


def beside_project(session: Session, *, project_id: uuid.UUID, actor: Actor) -> list[Beside]:
    """Ideas and projects that a committee compares a project with, the most similar first.

    Raises:
        ProjectNotFound: there is none, or it is not yours.
    """
    row = projects.project(session, project_id)
    if not actor.may("project.list_similar", row.community_code):
        raise ProjectNotFound
    [view] = projects.views(session, [row])
    return _beside(
        session, row.community_code, words=f"{row.title} {row.description}", place=row.place,
        buildings=view.building_ids, without=project_id, raised_by=row.origin_id, actor=actor,
    )  # fmt: skip


def _beside(
    session: Session,
    community_code: str,
    *,
    words: str,
    place: str,
    without: uuid.UUID,
    actor: Actor,
    buildings: Sequence[uuid.UUID] = (),
    raised_by: uuid.UUID | None = None,
) -> list[Beside]:
    offers = projects.under_way(session, community_code=community_code)
    touched = projects.touched(session, offers)
    alike = projects.alike(offers, words=words, place=place, touched=touched, buildings=buildings)
    scored = [
        (row, score, likeness.near(place, row.place))
        for row, score in _idea_scores(session, community_code, grams(words))
    ]
    shown = {
        view.idea.id: view
        for view in views(
            session,
            [
                row
                for row, score, near in scored
                if projects.is_close(score, near=near) and row.id not in {without, raised_by}
            ],
            actor=actor,
        )
    }
    rows = {
        row.id: row
        for row in projects.readable_projects(
            session,
            project_ids=[each.project.id for each in alike if each.project.id != without],
            actor=actor,
        )
    }
    excluded = projects.excluded_by(session, project_id=without, among=list(rows))
    found = [
        *(
            Beside(projects.weight(score, near=near), score >= likeness.LEAST, near, shown[row.id], None)
            for row, score, near in scored
            if row.id in shown
        ),
        *(
            Beside(
                projects.weight(each.likeness, near=each.near), each.likeness >= likeness.LEAST, each.near,
                None, rows[each.project.id], excluded.get(each.project.id),
            )
            for each in alike
            if each.project.id in rows
        ),
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.exclusion is None, -each.weight))[:MOST_BESIDE]


def _idea_scores(session: Session, community_code: str, query: set[str]) -> list[tuple[Idea, int]]:
    counts = queries.gram_counts(session, community_code, query)
    hits: dict[uuid.UUID, dict[str, bool]] = {}
    rarest = likeness.rarest(query, counts)
    for idea_id, gram, in_title in queries.gram_hits(session, community_code, rarest):
        hits.setdefault(idea_id, {})[gram] = in_title
    texts = queries.public_count(session, community_code)
    rows = queries.ideas(session, _best_guesses(hits)).values()
    scored = [
        (row, likeness.likeness(query, Shared(hits[row.id], row.title_grams), counts=counts, texts=texts))
        for row in rows
    ]
    return sorted(scored, key=lambda each: -each[1])


def _best_guesses(hits: Mapping[uuid.UUID, Mapping[str, bool]]) -> list[uuid.UUID]:
    """Those that share most, before anything is read of them."""
    return sorted(hits, key=lambda idea_id: (-len(hits[idea_id]) - sum(hits[idea_id].values()), idea_id))[
        :_GUESSES
    ]
