"""What can be found at a door, and how long that is known. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """What was found at a door. Never what anybody said, and no name."""

    VISITED = "visited"
    #: They do not want to be asked again. Known until the round closes, so that nobody does.
    REFUSED = "refused"
    NOBODY = "nobody"


@dataclass(frozen=True)
class DoorCounts:
    """How far a walk is."""

    doors: int
    visited: int
    refused: int
    nobody: int

    @property
    def unmarked(self) -> int:
        """Doors at which nobody has knocked yet."""
        return self.doors - self.visited - self.refused - self.nobody


def count(marks: Iterable[Mark | None]) -> DoorCounts:
    """The marks of a list of doors, counted."""
    found = list(marks)
    return DoorCounts(len(found), *(found.count(mark) for mark in Mark))
