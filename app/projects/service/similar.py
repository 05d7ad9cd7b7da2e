"""Which projects of a community are like a text, and which two are like each other: by words, and by place."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.projects import likeness, queries
from app.projects.likeness import Shared, grams
from app.projects.rules import COMPARED_STATES, PUBLIC_STATES, ProjectState
from app.projects.service.reading import ProjectLine

#: The projects of some years; older ones nobody means.
MOST_PROJECTS = 200
#: Two of the same place need less in common to be shown side by side.
_LEAST_NEAR = likeness.LEAST // 2


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

    def like(self, query: set[str]) -> list[tuple[int, ProjectLine]]:
        """How like these pieces each project is that shares one of them."""
        hits: dict[int, dict[str, bool]] = {}
        for gram in query & self.places.keys():
            for number, in_title in self.places[gram].items():
                hits.setdefault(number, {})[gram] = in_title
        counts = {gram: len(self.places.get(gram, ())) for gram in query}
        texts = len(self.projects)
        return [
            (
                likeness.likeness(
                    query, Shared(shared, self.title_grams[number]), counts=counts, texts=texts
                ),
                self.projects[number],
            )
            for number, shared in sorted(hits.items())
        ]


@dataclass(frozen=True)
class Alike:
    """A project that is like a text: how like it is in words, and whether it is for the same place."""

    likeness: int
    near: bool
    project: ProjectLine


@dataclass(frozen=True)
class LikePair:
    """Two projects somebody should look at side by side."""

    first: ProjectLine
    second: ProjectLine
    likeness: int
    near: bool


def on_offer(session: Session, *, community_code: str) -> Offers:
    """The projects of a community that residents can choose, taken to pieces."""
    return _offers(session, community_code, PUBLIC_STATES)


def under_way(session: Session, *, community_code: str) -> Offers:
    """The same with drafts: what a committee compares with. What came to nothing is not among them."""
    return _offers(session, community_code, COMPARED_STATES)


def alike(
    offers: Offers,
    *,
    words: str,
    place: str,
    touched: Mapping[uuid.UUID, Collection[uuid.UUID]],
    buildings: Collection[uuid.UUID] = (),
) -> list[Alike]:
    """The projects that are like a text, the most similar first.

    Args:
        offers: what to compare with.
        words: a title and what follows.
        place: where it would be; may be empty.
        touched: the buildings of each project.
        buildings: those of the text itself.
    """
    scores = {line.id: score for score, line in offers.like(grams(words))}
    found = [
        Alike(
            scores.get(line.id, 0),
            likeness.near(place, line.place) or not set(buildings).isdisjoint(touched.get(line.id, ())),
            line,
        )
        for line in offers.projects
    ]
    close = [each for each in found if is_close(each.likeness, near=each.near)]
    return sorted(close, key=lambda each: -weight(each.likeness, near=each.near))


def closest(offers: Offers, *, words: str, place: str) -> ProjectLine | None:
    """The project that a text may be in other words: for the same place, or nearly the same title."""
    found = alike(offers, words=words, place=place, touched={})
    return next((each.project for each in found if _is_double(each)), None)


def is_close(score: int, *, near: bool) -> bool:
    """Whether something is like enough to be shown."""
    return score >= (_LEAST_NEAR if near else likeness.LEAST)


def weight(score: int, *, near: bool) -> int:
    """How far up in a list something stands that is so like in words, and for the same place or not."""
    return score + (likeness.LEAST if near else 0)


def touched(session: Session, offers: Offers) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The buildings of each project on a list."""
    return queries.touched(session, [line.id for line in offers.projects])


def like_pairs(session: Session, offers: Offers) -> list[LikePair]:
    """Pairs of projects that may be two ways to the same thing: like words at the same place, or nearly one title."""
    buildings = touched(session, offers)
    found: dict[frozenset[uuid.UUID], LikePair] = {}
    for line in offers.projects:
        words = f"{line.title} {line.beginning}"
        for each in alike(
            offers, words=words, place=line.place, touched=buildings, buildings=buildings[line.id]
        ):
            pair = frozenset((line.id, each.project.id))
            if len(pair) == 1 or not _is_double(each):
                continue
            if line.state is each.project.state is ProjectState.LISTED:
                continue  # their list is what it is
            known = found.get(pair)
            if known is None or known.likeness < each.likeness:
                found[pair] = LikePair(line, each.project, each.likeness, each.near)
    return sorted(found.values(), key=lambda pair: (-pair.likeness, pair.first.id))


def _is_double(each: Alike) -> bool:
    return each.likeness >= (likeness.LEAST if each.near else likeness.SAME)


def _offers(session: Session, community_code: str, states: Collection[ProjectState]) -> Offers:
    rows = queries.lines(
        session, community_code=community_code, states=states, limit=MOST_PROJECTS,
        characters=likeness.MOST_CHARACTERS,
    )  # fmt: skip
    return Offers.of([ProjectLine(*row) for row in rows])
