"""How much support each project has: points of k-Borda, backers, places, duels."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.tally import schulze
from app.tally.ballots import NOTHING, Profile
from app.tally.model import CountInput, Forced, Points, Rule
from app.tally.ties import TieBreak

Backers = tuple[NDArray[np.int32], NDArray[np.float64]]
"""Indexes of different ballots, and how many voters cast each."""


@dataclass(frozen=True)
class Support:
    """The ballots of a count, summed up once. All sequences are indexed by a project's position on the list.

    Attributes:
        given: the input.
        drawn: other numbers of voters for the different ballots than those of the input.
    """

    given: CountInput
    drawn: NDArray[np.int64] | None = None

    @cached_property
    def voters(self) -> int:
        """How many ballots there are, empty ones included."""
        return int(self.profile.voters.sum())

    @cached_property
    def profile(self) -> Profile:
        """The different ballots."""
        profile = self.given.profile
        return profile if self.drawn is None else Profile(profile.places, self.drawn)

    def same_ballots(self, given: CountInput) -> "Support":
        """Of an input with the same ballots, which may differ in costs; what only they decide is not done again."""
        other = Support(given)
        for name in (
            "profile",
            "voters",
            "by_rank",
            "backers",
            "points",
            "listings",
            "reach",
            "duels",
            "paths",
        ):
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    @cached_property
    def by_rank(self) -> Sequence[Sequence[int]]:
        """``by_rank[p][j]``: how many voters put project ``p`` in place ``j`` (from 0)."""
        size, profile = len(self.given.projects), self.profile
        columns = [
            # bincount adds in floating point, which is exact for whole numbers below 2 ** 53
            np.bincount(profile.places[:, place] + 1, weights=profile.voters, minlength=size + 1)[1:]
            for place in range(profile.places.shape[1])
        ]
        return np.array(columns, dtype=np.int64).reshape(-1, size).T.tolist() if size else []

    @cached_property
    def backers(self) -> Sequence[int]:
        """How many voters rank a project at all."""
        return [sum(places) for places in self.by_rank]

    def backers_within(self, position: int, rank: int) -> int:
        """How many voters have a project among their first ``rank``."""
        return sum(self.by_rank[position][:rank])

    @cached_property
    def points(self) -> Sequence[int]:
        """What the point convention of the round gives each project."""
        spec = self.given.spec
        if self.given.given_points is not None:
            return list(self.given.given_points)
        if spec.points is Points.APPROVAL:
            return self.backers
        if spec.points is Points.FIXED_K:
            return [sum(voters * (spec.max_rank - j) for j, voters in enumerate(row)) for row in self.by_rank]
        size, profile = len(self.given.projects), self.profile
        lengths = (profile.places != NOTHING).sum(axis=1)
        total = np.zeros(size + 1)
        for place in range(profile.places.shape[1]):
            worth = profile.voters * np.maximum(lengths - place, 0)
            total += np.bincount(profile.places[:, place] + 1, weights=worth, minlength=size + 1)
        points: list[int] = total[1:].astype(np.int64).tolist()
        return points

    @cached_property
    def listings(self) -> Sequence[Backers]:
        """Who ranks each project: those who put it first, then those who put it second, and so on."""
        places = self.profile.places
        rows: list[list[NDArray[np.int32]]] = [[] for _ in self.given.projects]
        for place in range(places.shape[1]):
            column = places[:, place]
            order = np.argsort(column.astype(np.int16), kind="stable").astype(np.int32)
            ends = np.searchsorted(column[order], np.arange(-1, len(rows)), side="right")
            for position, (begin, end) in enumerate(pairwise(ends.tolist())):
                rows[position].append(order[begin:end])
        none = np.zeros(0, dtype=np.int32)
        joined = [np.concatenate([none, *each]) for each in rows]
        return [(who, self.profile.voters[who].astype(np.float64)) for who in joined]

    @cached_property
    def reach(self) -> NDArray[np.int64]:
        """``reach[r][p]``: how many rows of `listings` belong to voters with ``p`` among their first ``r``."""
        size, places = len(self.given.projects), self.profile.places
        found = [np.zeros(size, dtype=np.int64)]
        for place in range(places.shape[1]):
            found.append(found[-1] + np.bincount(places[:, place] + 1, minlength=size + 1)[1:])
        return np.stack(found)

    @cached_property
    def duels(self) -> NDArray[np.int64]:
        """``duels[p][q]``: how many voters rank ``p`` above ``q``; what is not ranked is below all that is."""
        return schulze.duels(self.profile, np.array(self.backers, dtype=np.int64))

    @cached_property
    def paths(self) -> NDArray[np.int64]:
        """``paths[p][q]``: strength of the strongest chain of won duels from ``p`` to ``q``."""
        return schulze.strongest_paths(self.duels)

    @cached_property
    def ties(self) -> TieBreak:
        """What settles a tie in this count."""
        spec = self.given.spec
        return TieBreak(spec.ties, spec.seed, self.given.projects, self.backers)

    @cached_property
    def by_points(self) -> Sequence[int]:
        """Every project by points, ties settled."""
        return sorted(range(len(self.given.projects)), key=lambda p: (-self.points[p], self.ties.key(p)))

    @cached_property
    def order(self) -> Sequence[int]:
        """Every project, the most wanted first, ties settled: by points, or as the rule schulze has it."""
        if self.given.spec.rule is Rule.SCHULZE:
            return schulze.order(self.paths, self.ties.key)
        return self.by_points

    def equal(self, one: int, other: int) -> bool:
        """Whether nothing but the tie order puts one of two neighbours in `order` before the other."""
        if self.given.spec.rule is Rule.SCHULZE:
            return bool(self.paths[one][other] == self.paths[other][one])
        return self.points[one] == self.points[other]

    def groups(self, order: Sequence[int]) -> list[list[int]]:
        """``order``, a part of `order` or of `by_points`, cut where support changes."""
        groups: list[list[int]] = []
        for position in order:
            if groups and self.equal(groups[-1][-1], position):
                groups[-1].append(position)
            else:
                groups.append([position])
        return groups

    @cached_property
    def equals(self) -> Sequence[Sequence[int]]:
        """Groups of two or more equal projects, each in the order of `order`; only those that can be funded."""
        return [
            group for group in self.groups([p for p in self.order if self.electable(p)]) if len(group) > 1
        ]

    def electable(self, position: int) -> bool:
        """Whether a project is in the running: ranked by somebody, not withdrawn, not decided before the vote."""
        project = self.given.projects[position]
        return bool(self.backers[position]) and not project.withdrawn and project.forced is not Forced.OUT
