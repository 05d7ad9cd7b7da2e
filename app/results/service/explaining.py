"""The slow part of a result: figures that take hundreds of counts, worked out piece by piece after the announcement.

One worker at a time holds an explanation, and notes how far it is. When it is silent for `SILENT_SECONDS`, another one
begins anew; the figures depend on the ballots and the seed alone, so that nothing differs.
"""

import datetime as dt
import json
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.ballots import service as ballots
from app.ballots.rules import Level
from app.core import clock
from app.core.canonical import canonical_json
from app.core.db import Database
from app.results import queries, rules
from app.results.errors import RecountDiffers
from app.results.models import ExplanationState, Result, ResultExplanation
from app.results.service.publishing import ResultView, read
from app.rounds.models import Round
from app.tally import CountInput, count
from app.tally.count import inputs_digest
from app.tally.explain import explain

SILENT_SECONDS = 120
_BEAT_SECONDS = 1.0


def explanation(session: Session, round_id: uuid.UUID) -> tuple[ResultView, ResultExplanation | None]:
    """How close every project came: as far as it is worked out.

    Raises:
        RoundNotFound, NoResultYet.
    """
    view = read(session, round_id)
    return view, queries.explanation(session, view.result.id)


class Interrupted(Exception):
    """The worker is asked to stop, or another one took over; what was found so far is given up."""


@dataclass(frozen=True)
class _Task:
    result_id: uuid.UUID
    worker: str
    given: CountInput
    categories: list[str]
    places: list[str]


def explain_due(database: Database, *, resamples: int, keep_going: Callable[[], bool] = lambda: True) -> bool:
    """Explain the oldest result that is not explained yet; false when there is none.

    Args:
        database: where results are.
        resamples: how often to draw the ballots anew.
        keep_going: is asked now and then; the work ends without a result when it says no.
    """
    with database.writing() as session:
        task = _claim(session)
    if task is None:
        return False
    beat = _Beat(database, task, keep_going)
    try:
        found = explain(
            task.given, count(task.given), categories=task.categories, places=task.places, resamples=resamples,
            progress=beat,
        )  # fmt: skip
    except Interrupted:
        return False
    with database.writing() as session:
        row = queries.explanation_locked(session, task.result_id)
        if row is not None and row.worker == task.worker:
            row.state, row.stage = ExplanationState.DONE, ""
            row.body = canonical_json(found.to_dict()).decode()
            session.add(row)
    return True


def _claim(session: Session) -> _Task | None:
    """Take the oldest result that nobody works on."""
    now = clock.now()
    found = queries.unexplained(session, silent_since=now - dt.timedelta(seconds=SILENT_SECONDS))
    if found is None:
        return None
    result, row = found
    worker = f"{os.getpid()}:{uuid.uuid4().hex[:8]}"
    explanation = queries.explanation_locked(session, result.id)
    if explanation is None:
        explanation = ResultExplanation(
            result_id=result.id, state=ExplanationState.RUNNING, worker=worker, beat_at=now
        )
    explanation.worker, explanation.beat_at = worker, now
    if result.level is Level.AGGREGATES:
        explanation.state = ExplanationState.WITHHELD
    session.add(explanation)
    return None if result.level is Level.AGGREGATES else _task(session, result, row, worker)


def _task(session: Session, result: Result, row: Round, worker: str) -> _Task:
    frozen: dict[str, Any] = json.loads(row.frozen or "{}")
    _, lines = ballots.count_input_ballots(session, row.id)
    given = rules.count_input(frozen, ballots=lines, seed=result.tie_seed)
    if inputs_digest(given) != result.inputs_digest:
        raise RecountDiffers(where="inputs")
    return _Task(
        result_id=result.id,
        worker=worker,
        given=given,
        categories=[str(each["category"]) for each in frozen["projects"]],
        places=[str(each["community_code"]) for each in frozen["projects"]],
    )


class _Beat:
    """Notes progress, at most once a second, each time in a transaction of its own."""

    def __init__(self, database: Database, task: _Task, keep_going: Callable[[], bool]) -> None:
        self._database, self._task, self._keep_going = database, task, keep_going
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, of: int) -> None:
        if not self._keep_going():
            raise Interrupted
        if time.monotonic() - self._last < _BEAT_SECONDS:
            return
        self._last = time.monotonic()
        with self._database.writing() as session:
            row = queries.explanation_locked(session, self._task.result_id)
            if row is None or row.worker != self._task.worker:
                raise Interrupted
            row.stage, row.done, row.of, row.beat_at = stage, done, of, clock.now()
            session.add(row)
