"""The last few of something that is dear to make and never changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from app.core.errors import Unavailable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Keeps what was asked for last, in this process. One is made at a time, so that a crowd does not make it twice.

    A key must name its value for good: by content, not by place.

    Args:
        most: how many are kept.
        patience: seconds somebody waits for another one to be made; each who waits holds a thread that others need.
    """

    def __init__(self, most: int, *, patience: float = 3.0) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._patience = patience

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made if it is not here. Who asks for what is here does not wait for what is made.

        Raises:
            Unavailable: another one is being made, and takes long.
        """
        found = self._find(key)
        if found is None:
            if not self._making.acquire(timeout=self._patience):
                raise Unavailable(retry_after=5)
            try:
                found = self._find(key) or self._keep(key, make())
            finally:
                self._making.release()
        return found[0]

    def _find(self, key: K) -> tuple[V] | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return (self._kept[key],)

    def _keep(self, key: K, value: V) -> tuple[V]:
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return (value,)
