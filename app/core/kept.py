"""Values that may be some seconds old: made anew when they are older, by one caller, while others get the old one."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from app.core.errors import Unavailable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

_SETTING_UP = threading.Lock()


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


def of_application(state: Any, name: str, make: Callable[[], T]) -> T:  # noqa: ANN401 - any object with attributes
    """What an application keeps under a name, made when it is first asked for: each has its own database."""
    with _SETTING_UP:
        found: T | None = getattr(state, name, None)
        if found is None:
            found = make()
            setattr(state, name, found)
    return found
