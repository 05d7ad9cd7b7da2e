"""The slow part of a result: figures that take hundreds of counts, worked out piece by piece after the announcement.

One worker at a time holds an explanation, and notes how far it is. When it is silent for `SILENT_SECONDS`, another one
begins anew; the figures depend on the ballots and the seed alone, so that nothing differs.
"""

import datetime as dt
import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session

from app.ballots import service as ballots
from app.ballots.rules import Level
from app.core import clock
from app.core.canonical import Plain, canonical_json
from app.results import queries, rules
from app.results.errors import RecountDiffers
from app.results.models import ExplanationState, Result, ResultExplanation
from app.results.rules import TurnoutGroup
from app.rounds.models import Round
from app.tally import CountInput
from app.tally.counting import inputs_digest
from app.tally.explanation import Explanation, Group, Rival, Spending

SILENT_SECONDS = 120


@dataclass(frozen=True)
class ExplanationTask:
    """A result to explain, and all that is needed for it."""

    result_id: uuid.UUID
    worker: str
    given: CountInput
    categories: list[str]
    places: list[str]
    #: How each project is delivered.
    kinds: list[str]


@dataclass(frozen=True)
class Findings:
    """All that is said about a result beside what it says itself."""

    explanation: Explanation
    rivals: Sequence[Rival]
    groups: Sequence[Group]
    #: Shares of the money and of the wishes by way of delivery: works, services, activities.
    kinds: Sequence[Spending]

    def to_dict(self) -> dict[str, Plain]:
        """As it is kept."""
        return {
            **self.explanation.to_dict(),
            "rivals": [each.to_dict() for each in self.rivals],
            "groups": [asdict(each) for each in self.groups],
            "by_kind": [asdict(each) for each in self.kinds],
        }


def claim_explanation(session: Session) -> ExplanationTask | None:
    """Take the oldest result that nobody works on. One with few ballots is marked as withheld, and none returned.

    Raises:
        RecountDiffers: the stored ballots are not the ones that were counted.
    """
    now = clock.now()
    found = queries.unexplained(session, silent_since=now - dt.timedelta(seconds=SILENT_SECONDS))
    if found is None:
        return None
    result, row = found
    worker = f"{os.getpid()}:{uuid.uuid4().hex[:8]}"
    explained = queries.explanation_locked(session, result.id)
    if explained is None:
        explained = ResultExplanation(
            result_id=result.id, state=ExplanationState.RUNNING, worker=worker, beat_at=now
        )
    explained.worker, explained.beat_at = worker, now
    withheld = result.level is Level.AGGREGATES
    explained.state = ExplanationState.WITHHELD if withheld else ExplanationState.RUNNING
    session.add(explained)
    return None if withheld else _task(session, result, row, worker)


def note_progress(session: Session, task: ExplanationTask, *, stage: str, done: int, of: int) -> bool:
    """Say how far an explanation is; false when another worker has taken it over."""
    row = queries.explanation_locked(session, task.result_id)
    if row is None or row.worker != task.worker:
        return False
    row.stage, row.done, row.of, row.beat_at = stage, done, of, clock.now()
    session.add(row)
    return True


def begin_explanation(session: Session, *, result_id: uuid.UUID, turnout: Sequence[TurnoutGroup]) -> None:
    """Note for later what nobody can read any more once the envelopes are deleted; the rest is worked out by and by."""
    body: dict[str, Plain] = {"turnout": [each.to_dict() for each in turnout]}
    session.add(
        ResultExplanation(
            result_id=result_id, state=ExplanationState.WAITING, worker="", beat_at=clock.now(),
            body=canonical_json(body).decode(),
        )
    )  # fmt: skip


def finish_explanation(session: Session, task: ExplanationTask, found: Findings) -> bool:
    """Keep an explanation; false when another worker has taken it over."""
    if not note_progress(session, task, stage="", done=0, of=0):
        return False
    row = queries.explanation_locked(session, task.result_id)
    assert row is not None
    begun: dict[str, Plain] = json.loads(row.body or "{}")
    row.state, row.body = ExplanationState.DONE, canonical_json(begun | found.to_dict()).decode()
    session.add(row)
    return True


def _task(session: Session, result: Result, row: Round, worker: str) -> ExplanationTask:
    frozen: dict[str, Any] = json.loads(row.frozen or "{}")
    _, lines = ballots.count_input_ballots(session, row.id)
    given = rules.count_input(frozen, ballots=lines, seed=result.tie_seed)
    if inputs_digest(given) != result.inputs_digest:
        raise RecountDiffers(where="inputs")
    return ExplanationTask(
        result_id=result.id,
        worker=worker,
        given=given,
        categories=[str(each["category"]) for each in frozen["projects"]],
        places=[str(each["community_code"]) for each in frozen["projects"]],
        kinds=[str(each["delivery_kind"]) for each in frozen["projects"]],
    )
