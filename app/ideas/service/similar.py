"""What is like the words somebody is writing: ideas and projects of the community."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.access.actor import Actor
from app.core.kept import Kept
from app.ideas import likeness, queries
from app.ideas.likeness import Shared, grams
from app.ideas.service.reading import IdeaView, views
from app.places import service as places
from app.projects import service as projects
from app.projects.service import ProjectLine

MOST = 5
#: The projects of some years; older ones nobody means.
MOST_PROJECTS = 200


@dataclass(frozen=True)
class Similar:
    """Something like the words, and how like it is."""

    likeness: int
    idea: IdeaView | None
    project: ProjectLine | None


@dataclass(frozen=True)
class Offers:
    """The projects of a community, and where in that list each piece of their words stands."""

    projects: Sequence[ProjectLine]
    #: How many pieces each title has.
    title_grams: list[int] = field(default_factory=list)
    #: Piece -> number of a project -> whether it stands in the title.
    places: dict[str, dict[int, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, projects: Sequence[ProjectLine]) -> "Offers":
        """The same, from what the projects say."""
        made = cls(projects)
        for number, each in enumerate(projects):
            titled = grams(each.title)
            made.title_grams.append(len(titled))
            for gram in titled | grams(each.beginning):
                made.places.setdefault(gram, {})[number] = gram in titled
        return made


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
    found = [*_ideas(session, community_code, query, actor), *_projects(session, community_code, query, kept)]
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


def _projects(
    session: Session, community_code: str, query: set[str], kept: Kept[str, Offers]
) -> list[Similar]:
    offers = kept.get(community_code, lambda: _read_offers(session, community_code))
    hits: dict[int, dict[str, bool]] = {}
    for gram in query & offers.places.keys():
        for number, in_title in offers.places[gram].items():
            hits.setdefault(number, {})[gram] = in_title
    counts = {gram: len(offers.places.get(gram, ())) for gram in query}
    texts = len(offers.projects)
    return [
        Similar(
            likeness.likeness(query, Shared(shared, offers.title_grams[number]), counts=counts, texts=texts),
            None,
            offers.projects[number],
        )
        for number, shared in sorted(hits.items())
    ]


def _read_offers(session: Session, community_code: str) -> Offers:
    return Offers.of(
        projects.on_offer(
            session,
            community_code=community_code,
            limit=MOST_PROJECTS,
            characters=likeness.MOST_CHARACTERS,
        )
    )
