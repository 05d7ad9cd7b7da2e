"""Answers that may be a few seconds old: made anew when they are older, by one caller, while others get the old one.

A busy evening asks for one community's first screen thousands of times a minute, and it changes a few times a day.
"""

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Request

from app.core.errors import Unavailable
from app.overview.rules import TURNOUT_SECONDS

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: How old the first screen of a community may be in this process; the phone may keep it as long.
OVERVIEW_SECONDS = 10
KEPT_COMMUNITIES = 512
KEPT_TURNOUTS = 2048
KEPT_TIMELINES = 1024


class Kept(Generic[K, V]):
    """The last values of some keys, each at most ``seconds`` old, or as old as it takes to make the next one.

    Args:
        seconds: how old a value may be before it is made anew.
        most: how many keys are kept; the one asked for longest ago goes first.
        patience: seconds somebody waits for the first value of a key while another caller makes it.
    """

    def __init__(self, *, seconds: float, most: int, patience: float = 3.0) -> None:
        self.seconds = seconds
        self._most = most
        self._patience = patience
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._making: set[K] = set()
        self._changed = threading.Condition()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key; made when there is none or it is too old. What cannot be made is not kept.

        Raises:
            Unavailable: its first value is being made by another caller, and takes long.
        """
        until = time.monotonic() + self._patience
        with self._changed:
            while True:
                found = self._values.get(key)
                if found is not None and found[0] > time.monotonic():
                    self._values.move_to_end(key)
                    return found[1]
                if key not in self._making:
                    break
                if found is not None:
                    return found[1]
                if not self._changed.wait(until - time.monotonic()) and time.monotonic() >= until:
                    raise Unavailable(retry_after=2)
            self._making.add(key)
        try:
            value = make()
            with self._changed:
                self._values[key] = (time.monotonic() + self.seconds, value)
                self._values.move_to_end(key)
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
            return value
        finally:
            with self._changed:
                self._making.discard(key)
                self._changed.notify_all()

    def clear(self) -> None:
        """Forget everything."""
        with self._changed:
            self._values.clear()


@dataclass(frozen=True)
class Keeping:
    """What one process keeps: answers as bytes, and by round how many took part."""

    overviews: Kept[str, bytes]
    #: By project and language.
    timelines: Kept[tuple[uuid.UUID, str], bytes]
    turnouts: Kept[uuid.UUID, int]

    @classmethod
    def usual(cls) -> "Keeping":
        """With the usual ages."""
        return cls(
            overviews=Kept(seconds=OVERVIEW_SECONDS, most=KEPT_COMMUNITIES),
            timelines=Kept(seconds=OVERVIEW_SECONDS, most=KEPT_TIMELINES),
            turnouts=Kept(seconds=TURNOUT_SECONDS, most=KEPT_TURNOUTS),
        )

    def clear(self) -> None:
        """Forget everything."""
        self.overviews.clear()
        self.timelines.clear()
        self.turnouts.clear()


_MAKING = threading.Lock()


def keeping_of(request: Request) -> Keeping:
    """What this process keeps; its own for each application, as each has its own database."""
    with _MAKING:
        found: Keeping | None = getattr(request.app.state, "overview_keeping", None)
        if found is None:
            found = request.app.state.overview_keeping = Keeping.usual()
    return found


KeepingDep = Annotated[Keeping, Depends(keeping_of)]
