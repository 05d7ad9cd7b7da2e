"""PB-EAR: expanding approvals, in which backers pay with votes, all by the same part of what they have left.

Every ballot weighs one vote. A project needs as many votes as its cost is of the budget, times the number of
voters. For r = 1, 2, ... a project's backers are those who rank it among their first r. While some project has enough
votes, the one with most is funded, and the votes it needs are taken from its backers, from each the same part of what
is left.

Source: H. Aziz, B. Lee, "Proportionally Representative Participatory Budgeting with Ordinal Preferences", AAAI 2021,
arXiv 1911.00864. It satisfies Inclusion-PSC.

Exact fractions would soon have millions of digits here. The exact run keeps each vote in whole numbers of 2 ** -256,
and what differs by less than 2 ** -128 of a vote is equal; that is the rule's definition, on every machine.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.tally.model import Unranked
from app.tally.purses import NEAR, TooClose, Who
from app.tally.support import Support
from app.tally.ties import TieKey

ONE = 1 << 256
"""A vote, in the exact run."""
_SLACK = 1 << 128
Votes = float
"""A number of votes in floating point, or in whole numbers of ``1 / ONE``."""


@dataclass(frozen=True)
class Election:
    """A project that had enough votes.

    Attributes:
        position: of the project.
        rank: how far the ballots were read; one more than the longest has for what nobody of them ranked.
        votes: what its backers had left, in votes (floating point) or `ONE` a vote.
        needed: what was taken from them.
        equals: all projects that had as many then, this one first.
    """

    position: int
    rank: int
    votes: Votes
    needed: Votes
    equals: tuple[int, ...]


@dataclass(frozen=True)
class Elected:
    """A run of the rule: who was elected, in order, and the votes the others had at the end."""

    elections: Sequence[Election]
    rest: dict[int, tuple[float, float]]

    @property
    def funded(self) -> tuple[int, ...]:
        """Positions of the projects, in order."""
        return tuple(each.position for each in self.elections)


class _FloatVotes:
    """Votes in floating point."""

    one = 1.0

    def __init__(self, voters: NDArray[np.int64]) -> None:
        self._left = np.ones(len(voters))
        self._voters = voters.astype(np.float64)

    def total(self, who: Who) -> float:
        return float(self._voters[who] @ self._left[who])

    def need(self, cost: int, voters: int, budget: int) -> float:
        return voters * cost / budget

    def take(self, who: Who, needed: float, total: float) -> None:
        self._left[who] *= max(1 - needed / total, 0.0)

    def equal(self, one: float, other: float) -> bool:
        """Never: either they differ, or floating point cannot tell."""
        if abs(one - other) <= NEAR * max(one, other):
            raise TooClose
        return False


class _ExactVotes:
    """Votes in whole numbers of ``1 / ONE``; voters with as much left are dealt with together."""

    one = ONE

    def __init__(self, voters: NDArray[np.int64]) -> None:
        self._voters = voters
        self._level = np.zeros(len(voters), dtype=np.int32)
        self._levels = [ONE]

    def total(self, who: Who) -> int:
        voters = np.bincount(self._level[who], weights=self._voters[who]).astype(np.int64)
        return sum(self._levels[level] * int(voters[level]) for level in np.flatnonzero(voters).tolist())

    def need(self, cost: int, voters: int, budget: int) -> int:
        return -(-voters * cost * ONE // budget)

    def take(self, who: Who, needed: float, total: float) -> None:
        rest, whole = max(int(total) - int(needed), 0), max(int(total), 1)
        amounts = self._levels + [amount * rest // whole for amount in self._levels]
        level = self._level.copy()
        level[who] += len(self._levels)
        used = np.flatnonzero(np.bincount(level, minlength=len(amounts))).tolist()
        self._levels = sorted({amounts[index] for index in used})
        place = {amount: index for index, amount in enumerate(self._levels)}
        renamed = np.zeros(len(amounts), dtype=np.int32)
        renamed[used] = [place[amounts[index]] for index in used]
        self._level = renamed[level]

    def equal(self, one: float, other: float) -> bool:
        return abs(one - other) <= _SLACK


def run(support: Support, candidates: Sequence[int], budget: int, *, exact: bool = False) -> Elected:
    """Run PB-EAR.

    Args:
        support: the ballots.
        candidates: positions of the projects that may be funded.
        budget: in minor units.
        exact: do not try floating point first.
    """
    if not exact:
        try:
            return _Run(support, candidates, budget, _FloatVotes(support.profile.voters)).elected()
        except TooClose:
            pass
    return _Run(support, candidates, budget, _ExactVotes(support.profile.voters)).elected()


class _Run:
    def __init__(
        self, support: Support, candidates: Sequence[int], budget: int, votes: _FloatVotes | _ExactVotes
    ) -> None:
        self._support, self._votes, self._left = support, votes, budget
        self._projects = support.given.projects
        self._everybody = np.arange(len(support.profile.voters), dtype=np.int32)
        self._longest = len(support.reach) - 1
        self._needed: dict[int, float] = {
            each: votes.need(self._projects[each].cost, support.voters, budget) if budget else 0
            for each in candidates
            if self._projects[each].cost <= budget
        }
        self._beyond = [each for each in candidates if each not in self._needed]
        self._waiting = dict.fromkeys(self._needed)
        self._elections: list[Election] = []

    def elected(self) -> Elected:
        for rank in range(1, self._longest + 1):
            self._elect(rank)
        if self._support.given.spec.unranked is Unranked.LAST:
            self._elect(self._longest + 1)
        rest = {
            each: (self._votes.total(self._backers(each, self._longest)), self._needed[each])
            for each in self._waiting
        }
        whole = self._votes.one * self._support.voters
        rest |= {
            each: (self._votes.total(self._backers(each, self._longest)), whole) for each in self._beyond
        }
        return Elected(self._elections, rest)

    def _backers(self, position: int, rank: int) -> Who:
        if rank > self._longest:
            return self._everybody
        return self._support.listings[position][0][: self._support.reach[rank][position]]

    def _elect(self, rank: int) -> None:
        """Fund what has enough votes, the most first."""
        heap: list[tuple[float, TieKey, int]] = []
        for position in self._waiting:
            self._push(heap, position, rank)
        heapq.heapify(heap)
        while equals := self._strongest(heap, rank):
            first = equals[0]
            for other in equals[1:]:
                self._push(heap, other, rank)
            heapq.heapify(heap)
            who = self._backers(first, rank)
            total, needed = self._votes.total(who), self._needed[first]
            self._votes.take(who, needed, total)
            self._elections.append(Election(first, rank, total, needed, tuple(equals)))
            self._left -= self._projects[first].cost
            del self._waiting[first]
            group = self._projects[first].group
            for other in [each for each in self._waiting if group and self._projects[each].group == group]:
                del self._waiting[other]

    def _push(self, heap: list[tuple[float, TieKey, int]], position: int, rank: int) -> None:
        """Enter a project with the votes it has now, if they are enough."""
        who = self._backers(position, rank)
        total, needed = self._votes.total(who), self._needed[position]
        if len(who) and (total >= needed or self._votes.equal(total, needed)):
            self._votes.equal(total, needed)  # floating point must be sure of it
            heap.append((-total, self._support.ties.key(position), position))

    def _strongest(self, heap: list[tuple[float, TieKey, int]], rank: int) -> list[int]:
        """Take the project with most votes off the heap, and all others with as many, in the order of ties.

        Votes only get less within a stage, so that what stands on the heap is a bound.
        """
        best: list[tuple[float, int]] = []
        while heap and (not best or -heap[0][0] >= best[0][0] or self._votes.equal(-heap[0][0], best[0][0])):
            known, _, position = heapq.heappop(heap)
            if position not in self._waiting or self._projects[position].cost > self._left:
                continue
            fresh: list[tuple[float, TieKey, int]] = []
            self._push(fresh, position, rank)
            if fresh and (fresh[0][0] == known or (best and self._votes.equal(-fresh[0][0], best[0][0]))):
                best.append((-known, position))
            elif fresh:
                heapq.heappush(heap, fresh[0])
        return sorted((position for _, position in best), key=self._support.ties.key)
