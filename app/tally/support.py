"""How much support each project has: points of k-Borda, backers, places."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.tally.model import CountInput, Points, TieOrder


@dataclass(frozen=True)
class Support:
    """The ballots of a count, summed up once. All sequences are indexed by a project's position on the list."""

    given: CountInput

    @cached_property
    def distinct(self) -> Mapping[tuple[int, ...], int]:
        """Each different ranking and how many voters cast it, in an order that does not depend on theirs."""
        return dict(sorted(Counter(self.given.ballots).items()))

    @cached_property
    def voters(self) -> int:
        """How many ballots there are, empty ones included."""
        return len(self.given.ballots)

    @cached_property
    def by_rank(self) -> Sequence[Sequence[int]]:
        """``by_rank[p][j]``: how many voters put project ``p`` in place ``j`` (from 0)."""
        places = max((len(ballot) for ballot in self.distinct), default=0)
        table = [[0] * places for _ in self.given.projects]
        for ballot, count in self.distinct.items():
            for place, position in enumerate(ballot):
                table[position][place] += count
        return table

    @cached_property
    def backers(self) -> Sequence[int]:
        """How many voters rank a project at all."""
        return [sum(places) for places in self.by_rank]

    @cached_property
    def points(self) -> Sequence[int]:
        """k-Borda points: place j (from 0) earns L - j on a ballot of length L, or k - j."""
        table = [0] * len(self.given.projects)
        spec = self.given.spec
        for ballot, count in self.distinct.items():
            first = len(ballot) if spec.points is Points.OWN_LENGTH else spec.max_rank
            for place, position in enumerate(ballot):
                table[position] += (first - place) * count
        return table

    def tie_key(self, position: int) -> tuple[int | str, ...]:
        """What puts one of several equals first; never equal for two projects."""
        project = self.given.projects[position]
        match self.given.spec.ties:
            case TieOrder.ROW:
                return (position,)
            case TieOrder.COST_BACKERS_ROW:
                return (project.cost, -self.backers[position], position)
            case TieOrder.COST_BACKERS_LOT:
                return (
                    project.cost,
                    -self.backers[position],
                    lot(self.given.spec.seed, project.id),
                    project.id,
                )

    def tie_reason(self, one: int, other: int) -> str:
        """What decided between two equals: ``cost``, ``backers``, ``lot`` or ``list``."""
        if self.given.spec.ties is TieOrder.ROW:
            return "list"
        projects = self.given.projects
        if projects[one].cost != projects[other].cost:
            return "cost"
        if self.backers[one] != self.backers[other]:
            return "backers"
        return "lot" if self.given.spec.ties is TieOrder.COST_BACKERS_LOT else "list"

    @cached_property
    def order(self) -> Sequence[int]:
        """Every project by points, ties settled."""
        return sorted(range(len(self.given.projects)), key=lambda p: (-self.points[p], self.tie_key(p)))


def lot(seed: str, project_id: str) -> str:
    """The number a project draws in the lot: SHA-256 of seed and id; the smallest comes first.

    The seed is published and was unknown while ballots could be cast, and anybody can draw again.
    """
    return hashlib.sha256(f"{seed}\0{project_id}".encode()).hexdigest()
