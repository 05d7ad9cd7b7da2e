"""Work of minutes: it says how far it is, goes on while it is asked to, and is taken over when it falls silent."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import DomainError

BEAT_SECONDS = 1.0
#: Of what gives no sign in between.
SLOW_BEAT_SECONDS = 10.0


class Interrupted(Exception):
    """The worker is asked to stop, or another one took over; what is not kept yet is given up."""


class Beat:
    """Notes progress, at most once a second.

    Args:
        note: keeps (stage, done, of); false when the work is no longer ours.
        keep_going: false when the worker is asked to stop.
    """

    def __init__(self, note: Callable[[str, int, int], bool], keep_going: Callable[[], bool]) -> None:
        self._note, self._keep_going = note, keep_going
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, of: int) -> None:
        """Say how far the work is.

        Raises:
            Interrupted: it must end here.
        """
        if not self._keep_going():
            raise Interrupted
        if time.monotonic() - self._last >= BEAT_SECONDS:
            self.now(stage, done, of)

    def now(self, stage: str, done: int, of: int) -> None:
        """Say it at once.

        Raises:
            Interrupted: the work is somebody else's by now.
        """
        if not self._note(stage, done, of):
            raise Interrupted
        self._last = time.monotonic()

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Give signs of life beside a step that gives none itself.

        Raises:
            Interrupted: after the step, when the work is somebody else's by now.
        """
        self.now(stage, 0, 0)
        ended, lost = threading.Event(), threading.Event()

        def beat() -> None:
            while not ended.wait(SLOW_BEAT_SECONDS):
                with contextlib.suppress(
                    SQLAlchemyError, DomainError
                ):  # the database is busy, perhaps with this step
                    if not self._note(stage, 0, 0):
                        lost.set()

        beside = threading.Thread(target=beat, name="beat", daemon=True)
        beside.start()
        try:
            yield
        finally:
            ended.set()
            beside.join()
        if lost.is_set():
            raise Interrupted
