"""What results do after events, and beside them."""

import time
import uuid
from collections.abc import Callable

from sqlmodel import Session

from app.core.db import Database
from app.core.signer import Signer
from app.outbox.service import Message
from app.results import service
from app.results.service import ExplanationTask
from app.tally import count as tally_count
from app.tally.explain import explain

_BEAT_SECONDS = 1.0


class Interrupted(Exception):
    """The worker is asked to stop, or another one took over; what was found so far is given up."""


def count(session: Session, message: Message, *, signer: Signer) -> None:
    """After the box is open: count, recount, announce."""
    service.count(session, round_id=uuid.UUID(message.payload["round_id"]), signer=signer)


def explain_due(database: Database, *, resamples: int, keep_going: Callable[[], bool] = lambda: True) -> bool:
    """Explain the oldest result that is not explained yet; false when nothing was finished.

    Args:
        database: where results are.
        resamples: how often to draw the ballots anew.
        keep_going: is asked now and then; the work ends without a result when it says no.
    """
    with database.writing() as session:
        task = service.claim_explanation(session)
    if task is None:
        return False
    beat = _Beat(database, task, keep_going)
    try:
        found = explain(
            task.given, tally_count(task.given), categories=task.categories, places=task.places,
            resamples=resamples, progress=beat,
        )  # fmt: skip
    except Interrupted:
        return False
    with database.writing() as session:
        return service.finish_explanation(session, task, found)


class _Beat:
    """Notes progress, at most once a second, each time in a transaction of its own."""

    def __init__(self, database: Database, task: ExplanationTask, keep_going: Callable[[], bool]) -> None:
        self._database, self._task, self._keep_going = database, task, keep_going
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, of: int) -> None:
        if not self._keep_going():
            raise Interrupted
        if time.monotonic() - self._last < _BEAT_SECONDS:
            return
        self._last = time.monotonic()
        with self._database.writing() as session:
            if not service.note_progress(session, self._task, stage=stage, done=done, of=of):
                raise Interrupted
