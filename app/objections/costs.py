"""What an offer changes of a project's cost items. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.objections.errors import CostsUnchanged, NoSuchCostItem
from app.projects.rules import CostKind


class ChangeKind(StrEnum):
    """What becomes of a cost item."""

    KEPT = "kept"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Item:
    """A part of a project's cost."""

    kind: CostKind
    description: str
    amount_fen: int


@dataclass(frozen=True)
class Change:
    """A cost item before and after."""

    before: Item | None
    after: Item | None

    @property
    def what(self) -> ChangeKind:
        """What becomes of it."""
        if self.before is None:
            return ChangeKind.ADDED
        if self.after is None:
            return ChangeKind.REMOVED
        return ChangeKind.KEPT if self.before == self.after else ChangeKind.CHANGED


def plan(before: Sequence[Item], wanted: Sequence[tuple[Item, int | None]]) -> list[Change]:
    """What an offer makes of the present items.

    Args:
        before: the present items, in order.
        wanted: the items as they are to be, each with the number (from 1) of the present item it was, if any.

    Raises:
        NoSuchCostItem: a number is none of the present ones, or is named twice.
        CostsUnchanged: nothing would change.
    """
    changes, used = [], set()
    for item, was in wanted:
        if was is not None and (was in used or not 1 <= was <= len(before)):
            raise NoSuchCostItem(number=was)
        used.add(was)
        changes.append(Change(None if was is None else before[was - 1], item))
    changes += [Change(each, None) for number, each in enumerate(before, 1) if number not in used]
    if all(each.what is ChangeKind.KEPT for each in changes):
        raise CostsUnchanged
    return changes


def same_items(changes: Sequence[Change], present: Sequence[Item]) -> bool:
    """Whether the items an offer began from are still the present ones, in whatever order."""
    begun_from = [each.before for each in changes if each.before is not None]
    return sorted(begun_from, key=_order) == sorted(present, key=_order)


def to_plain(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """For keeping, sealed, with the offer."""
    return [{"before": _plain(each.before), "after": _plain(each.after)} for each in changes]


def from_plain(kept: Sequence[Mapping[str, Any]]) -> list[Change]:
    """What `to_plain` kept."""
    return [Change(_item(each["before"]), _item(each["after"])) for each in kept]


def _plain(item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {"kind": item.kind.value, "description": item.description, "amount_fen": item.amount_fen}


def _item(kept: Mapping[str, Any] | None) -> Item | None:
    return None if kept is None else Item(CostKind(kept["kind"]), kept["description"], kept["amount_fen"])


def _order(item: Item) -> tuple[str, str, int]:
    return item.kind.value, item.description, item.amount_fen
