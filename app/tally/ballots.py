"""Ballots, packed: a million rankings are two arrays, and equal ones are counted together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import overload

import numpy as np
from numpy.typing import NDArray

#: Stands where a ballot has no further place.
NOTHING = -1


class Ballots(Sequence[tuple[int, ...]]):
    """Ballots as positions on the list of projects, in the order in which they were given.

    Reads like a tuple of tuples, and is equal to one that says the same.

    Attributes:
        listed: the positions of all ballots one after the other, best first.
        ends: where each ballot ends in ``listed``.
    """

    def __init__(self, listed: NDArray[np.integer], ends: NDArray[np.integer]) -> None:
        self.listed = np.ascontiguousarray(listed, dtype=np.int32)
        self.ends = np.ascontiguousarray(ends, dtype=np.int64)
        self.listed.flags.writeable = False
        self.ends.flags.writeable = False

    @classmethod
    def of(cls, ballots: Iterable[Sequence[int]]) -> "Ballots":
        """Pack ballots; packed ones stay as they are."""
        if isinstance(ballots, Ballots):
            return ballots
        rows = ballots if isinstance(ballots, Sequence) else list(ballots)
        ends = np.cumsum(np.fromiter(map(len, rows), dtype=np.int64, count=len(rows)))
        total = int(ends[-1]) if len(rows) else 0
        return cls(np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=total), ends)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many projects each ballot lists."""
        return np.diff(self.ends, prepend=0)

    @cached_property
    def places(self) -> NDArray[np.int32]:
        """A row a ballot, a column a place, `NOTHING` where a ballot has ended."""
        width = int(self.lengths.max(initial=0))
        table = np.full((len(self), width), NOTHING, dtype=np.int32)
        table[np.arange(width) < self.lengths[:, None]] = self.listed
        return table

    def any_repeats(self, projects: int) -> bool:
        """Whether a ballot lists one of so many projects twice."""
        voters = np.repeat(np.arange(len(self)), self.lengths)
        marks = voters * np.int64(projects) + self.listed
        marks.sort()
        return bool((marks[1:] == marks[:-1]).any())

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> tuple[int, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> "Ballots": ...
    def __getitem__(self, at: int | slice) -> "tuple[int, ...] | Ballots":
        if isinstance(at, slice):
            return Ballots.of([self[each] for each in range(*at.indices(len(self)))])
        at = range(len(self))[at]
        begin = int(self.ends[at - 1]) if at else 0
        return tuple(self.listed[begin : self.ends[at]].tolist())

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        begin = 0
        for end in self.ends.tolist():
            yield tuple(self.listed[begin:end].tolist())
            begin = end

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Ballots):
            return np.array_equal(self.ends, other.ends) and np.array_equal(self.listed, other.listed)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.listed.tobytes(), self.ends.tobytes()))

    def __repr__(self) -> str:
        return f"Ballots({len(self)} of up to {int(self.lengths.max(initial=0))} places)"


@dataclass(frozen=True, eq=False)
class Profile:
    """Different ballots, each once, in ascending order: what a count needs, whoever cast what.

    Attributes:
        places: a row a ballot, a column a place, `NOTHING` where a ballot has ended.
        voters: how many cast it.
    """

    places: NDArray[np.int32]
    voters: NDArray[np.int64]

    @classmethod
    def of(cls, ballots: Ballots) -> "Profile":
        """Count equal ballots together."""
        order = _sorted(ballots.places)
        rows = ballots.places[order]
        new = np.ones(len(rows), dtype=bool)
        new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
        starts = np.flatnonzero(new)
        return cls(rows[starts], np.diff(starts, append=len(rows)))

    def items(self) -> Iterator[tuple[tuple[int, ...], int]]:
        """Each different ballot with the number of its voters."""
        lengths = (self.places != NOTHING).sum(axis=1)
        for row, length, voters in zip(
            self.places.tolist(), lengths.tolist(), self.voters.tolist(), strict=True
        ):
            yield tuple(row[:length]), voters


def _sorted(table: NDArray[np.int32]) -> NDArray[np.int64]:
    """The order that sorts the rows of ``table``: by the last column first, each time keeping what is sorted."""
    order = np.arange(len(table))
    small = table.astype(np.int16) if table.size and table.max() < np.iinfo(np.int16).max else table
    for column in range(small.shape[1] - 1, -1, -1):
        order = order[np.argsort(small[order, column], kind="stable")]
    return order
