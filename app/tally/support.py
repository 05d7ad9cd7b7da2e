"""How much support each project has: points of k-Borda, backers, places."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.tally.model import CountInput, Points
from app.tally.ties import TieBreak


@dataclass(frozen=True)
class Support:
    """The ballots of a count, summed up once. All sequences are indexed by a project's position on the list."""

    given: CountInput

    @cached_property
    def voters(self) -> int:
        """How many ballots there are, empty ones included."""
        return len(self.given.ballots)

    @cached_property
    def by_rank(self) -> Sequence[Sequence[int]]:
        """``by_rank[p][j]``: how many voters put project ``p`` in place ``j`` (from 0)."""
        places = max((len(ballot) for ballot in self.given.distinct), default=0)
        table = [[0] * places for _ in self.given.projects]
        for ballot, voters in self.given.distinct.items():
            for place, position in enumerate(ballot):
                table[position][place] += voters
        return table

    @cached_property
    def backers(self) -> Sequence[int]:
        """How many voters rank a project at all."""
        return [sum(places) for places in self.by_rank]

    def backers_within(self, position: int, rank: int) -> int:
        """How many voters have a project among their first ``rank``."""
        return sum(self.by_rank[position][:rank])

    @cached_property
    def points(self) -> Sequence[int]:
        """k-Borda points: place j (from 0) earns L - j on a ballot of length L, or k - j."""
        table = [0] * len(self.given.projects)
        spec = self.given.spec
        for ballot, voters in self.given.distinct.items():
            first = len(ballot) if spec.points is Points.OWN_LENGTH else spec.max_rank
            for place, position in enumerate(ballot):
                table[position] += (first - place) * voters
        return table

    @cached_property
    def ties(self) -> TieBreak:
        """What settles a tie in this count."""
        spec = self.given.spec
        return TieBreak(spec.ties, spec.seed, self.given.projects, self.backers)

    @cached_property
    def order(self) -> Sequence[int]:
        """Every project by points, ties settled."""
        return sorted(range(len(self.given.projects)), key=lambda p: (-self.points[p], self.ties.key(p)))

    @cached_property
    def equals(self) -> Sequence[Sequence[int]]:
        """Groups of two or more projects with equal points, each in the order of `order`.

        Only those that can be funded: not withdrawn, and ranked by somebody.
        """
        groups: dict[int, list[int]] = {}
        for position in self.order:
            if self.backers[position] and not self.given.projects[position].withdrawn:
                groups.setdefault(self.points[position], []).append(position)
        return [group for group in groups.values() if len(group) > 1]
