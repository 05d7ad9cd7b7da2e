"""What became of the costs a request was made from. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """A part of a project's cost, as a request keeps it."""

    kind: str
    description: str
    amount_fen: int


@dataclass(frozen=True)
class Change:
    """A cost item before and after; it came, or it went, where one of the two is missing."""

    before: Item | None
    after: Item | None


def changes(before: Sequence[Item], after: Sequence[Item]) -> list[Change]:
    """The items that did not stay as they were, in the order of the new ones, those that went at the end.

    Who changed an item is not known here: one is taken for another that went if it has the same words, or else if it is
    of the same kind.
    """
    gone, come = list(before), []
    for item in after:
        if item in gone:
            gone.remove(item)
        else:
            come.append(item)
    was: dict[int, Item] = {}
    for alike in (_same_words, _same_kind):
        for number, item in enumerate(come):
            found = None if number in was else next((each for each in gone if alike(each, item)), None)
            if found is not None:
                gone.remove(found)
                was[number] = found
    return [Change(was.get(number), item) for number, item in enumerate(come)] + [
        Change(item, None) for item in gone
    ]


def total(items: Iterable[Item]) -> int:
    """What they cost together, in fen."""
    return sum(item.amount_fen for item in items)


def to_plain(items: Iterable[Item]) -> list[dict[str, Any]]:
    """For keeping."""
    return [asdict(item) for item in items]


def from_plain(kept: Iterable[Mapping[str, Any]]) -> list[Item]:
    """What `to_plain` kept."""
    return [Item(each["kind"], each["description"], each["amount_fen"]) for each in kept]


def _same_words(one: Item, other: Item) -> bool:
    return one.description == other.description


def _same_kind(one: Item, other: Item) -> bool:
    return one.kind == other.kind
