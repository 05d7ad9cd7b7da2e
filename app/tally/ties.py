"""Who goes first of several equals, and what decided.

Nothing is left to chance that nobody can check: a lot is drawn by hashing the published seed with the id of the
project, so that anybody draws the same.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from app.tally.model import Project, TieOrder

TieKey = tuple[int | str, ...]


class Criterion(StrEnum):
    """What can put one of two equals first, from the first tried to the last."""

    COST = "cost"
    BACKERS = "backers"
    LOT = "lot"
    LIST = "list"


_TRIED = tuple(Criterion)


@dataclass(frozen=True)
class TieBreak:
    """The tie order of a count, at work. Projects are positions on the list.

    Attributes:
        order: which criteria apply.
        seed: of the lot.
        projects: the list.
        backers: how many voters rank each project at all.
    """

    order: TieOrder
    seed: str
    projects: Sequence[Project]
    backers: Sequence[int]

    def key(self, position: int) -> TieKey:
        """What puts one of several equals first; never the same for two projects."""
        if self.order is TieOrder.ROW:
            return (position,)
        project = self.projects[position]
        if self.order is TieOrder.COST_BACKERS_ROW:
            return (project.cost, -self.backers[position], position)
        return (project.cost, -self.backers[position], lot(self.seed, project.id), project.id)

    def criterion(self, equals: Iterable[int]) -> Criterion:
        """The last criterion that was needed to put ``equals`` (two or more, in the order of `key`) in order."""
        return max((self._between(one, other) for one, other in pairwise(equals)), key=_TRIED.index)

    def _between(self, one: int, other: int) -> Criterion:
        if self.order is TieOrder.ROW:
            return Criterion.LIST
        if self.projects[one].cost != self.projects[other].cost:
            return Criterion.COST
        if self.backers[one] != self.backers[other]:
            return Criterion.BACKERS
        return Criterion.LOT if self.order is TieOrder.COST_BACKERS_LOT else Criterion.LIST


def lot(seed: str, project_id: str) -> str:
    """What a project draws: SHA-256 of seed, NUL and id, in hexadecimal. The smallest comes first.

    The seed is published, and nobody knew it while ballots could be cast.
    """
    return hashlib.sha256(f"{seed}\0{project_id}".encode()).hexdigest()
