"""What is like the words somebody is writing: ideas and projects of the community."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.ideas import likeness, queries
from app.ideas.likeness import Shared, grams
from app.ideas.service.reading import IdeaView, views
from app.places import service as places
from app.projects import service as projects
from app.projects.models import Project

MOST = 5
#: The projects of some years; older ones nobody means.
MOST_PROJECTS = 200


@dataclass(frozen=True)
class Similar:
    """Something like the words, and how like it is."""

    likeness: int
    idea: IdeaView | None
    project: Project | None


def similar(session: Session, *, community_code: str, words: str, actor: Actor) -> list[Similar]:
    """Public ideas and projects of a community that are like these words, the most similar first.

    Raises:
        DivisionNotFound: no such community.
    """
    places.community(session, community_code)
    query = grams(words)
    if not query:
        return []
    found = [*_ideas(session, community_code, query, actor), *_projects(session, community_code, query)]
    close = [each for each in found if each.likeness >= likeness.LEAST]
    return sorted(close, key=lambda each: -each.likeness)[:MOST]


def _ideas(session: Session, community_code: str, query: set[str], actor: Actor) -> list[Similar]:
    counts = queries.gram_counts(session, community_code, query)
    hits: dict[uuid.UUID, dict[str, bool]] = {}
    rarest = likeness.rarest(query, counts)
    for idea_id, gram, in_title in queries.gram_hits(session, community_code, rarest):
        hits.setdefault(idea_id, {})[gram] = in_title
    texts = queries.public_count(session, community_code)
    rows = queries.ideas(session, _best_guesses(hits))
    scores = {
        row.id: likeness.likeness(query, Shared(hits[row.id], row.title_grams), counts=counts, texts=texts)
        for row in rows.values()
    }
    best = sorted(rows.values(), key=lambda row: -scores[row.id])[:MOST]
    return [Similar(scores[view.idea.id], view, None) for view in views(session, best, actor=actor)]


def _best_guesses(hits: Mapping[uuid.UUID, Mapping[str, bool]]) -> list[uuid.UUID]:
    """Those that share most, before anything is read of them."""
    return sorted(hits, key=lambda idea_id: (-len(hits[idea_id]) - sum(hits[idea_id].values()), idea_id))[:40]


def _projects(session: Session, community_code: str, query: set[str]) -> list[Similar]:
    rows = projects.on_offer(session, community_code=community_code, limit=MOST_PROJECTS)
    pieces = {row.id: (grams(row.title), grams(row.description)) for row in rows}
    counts = {
        gram: sum(gram in titled or gram in described for titled, described in pieces.values())
        for gram in query
    }
    found = []
    for row in rows:
        titled, described = pieces[row.id]
        shared = Shared({gram: gram in titled for gram in query & (titled | described)}, len(titled))
        found.append(Similar(likeness.likeness(query, shared, counts=counts, texts=len(rows)), None, row))
    return found
