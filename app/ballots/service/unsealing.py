"""Who works on an unsealing, and how far it is. Its steps are in `unseal`, and from the count on in `results`."""

import datetime as dt
import os
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.ballots import queries
from app.ballots.errors import NotOpenedYet
from app.ballots.keystore import KeyStore
from app.ballots.models import Unsealing
from app.ballots.rules import Stage
from app.core import clock
from app.core.errors import DomainError
from app.paper import service as paper
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound, RoundWrongState
from app.rounds.rules import RoundState

SILENT_SECONDS = 60
_BEFORE_THE_COUNT = {RoundState.CLOSED: Stage.STRIP, RoundState.UNSEALED: Stage.COUNT}


@dataclass(frozen=True)
class UnsealingTask:
    """An unsealing that is ours as long as we give signs of life."""

    round_id: uuid.UUID
    worker: str
    asked_by: str


def open_box(session: Session, *, round_id: uuid.UUID, actor: Actor, keys: KeyStore) -> Unsealing:
    """Ask for the box of a closed round to be opened and counted; a worker does it, and begins anew if it was stopped.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundWrongState: it is not closed.
        KeyMissing: the round's key is not on this machine.
        KeyShareMissing: its holders have not brought enough shares of it.
        PaperNotReconciled: sheets of paper are not all keyed, or do not add up.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.open_box")
    rounds.check_secret(row, instead="decision")
    stage = _BEFORE_THE_COUNT.get(row.status)
    asked = queries.unsealing(session, round_id)
    if stage is None or (stage is Stage.COUNT and (asked is None or asked.failure is None)):
        raise RoundWrongState(state=row.status.value, wanted=RoundState.UNSEALED.value)
    if stage is Stage.STRIP:
        keys.load(round_id)
        paper.check_reconciled(session, round_id=round_id)
    if asked is not None and asked.failure is None:
        return asked  # a second tap
    if asked is None:
        asked = Unsealing(round_id=round_id, asked_by=actor.ref, stage=stage)
    asked.stage, asked.asked_by, asked.failure = stage, actor.ref, None
    asked.done = asked.of = 0
    asked.worker = asked.beat_at = None
    session.add(asked)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.BOX_OPENING_ASKED, subject=f"round:{round_id}"
    )
    return asked


def unsealing(session: Session, *, round_id: uuid.UUID, actor: Actor) -> Unsealing:
    """How far the opening of a box is, for those who may ask for it.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        NotOpenedYet: nobody has asked for it.
    """
    row = rounds.round_(session, round_id)
    if not actor.may("box.read", row.division_code):
        raise RoundNotFound
    found = queries.unsealing(session, round_id)
    if found is None:
        raise NotOpenedYet
    return found


def claim_unsealing(session: Session, *, stages: Collection[Stage]) -> UnsealingTask | None:
    """Take an unsealing at one of these stages that nobody works on."""
    now = clock.now()
    found = queries.idle_unsealing(
        session, stages=stages, silent_since=now - dt.timedelta(seconds=SILENT_SECONDS)
    )
    if found is None:
        return None
    found.worker, found.beat_at = f"{os.getpid()}:{uuid.uuid4().hex[:8]}", now
    session.add(found)
    return UnsealingTask(found.round_id, found.worker, found.asked_by)


def note_unsealing(session: Session, task: UnsealingTask, *, stage: Stage, done: int, of: int) -> bool:
    """Say how far an unsealing is; false when another worker has taken it over."""
    row = queries.unsealing_locked(session, task.round_id)
    if row is None or row.worker != task.worker:
        return False
    row.stage, row.done, row.of, row.beat_at = stage, done, of, clock.now()
    session.add(row)
    return True


def hand_on_unsealing(session: Session, task: UnsealingTask, *, to: Stage) -> bool:
    """A part is done, and the next one may be taken by anybody; false when it was no longer ours to do."""
    if not note_unsealing(session, task, stage=to, done=0, of=0):
        return False
    row = queries.unsealing_locked(session, task.round_id)
    assert row is not None
    row.worker = row.beat_at = None
    session.add(row)
    return True


def fail_unsealing(session: Session, task: UnsealingTask, *, error: DomainError) -> None:
    """Stop an unsealing, and keep why, in both languages; people look, mend, and ask again, or void the round."""
    row = queries.unsealing_locked(session, task.round_id)
    if row is not None and row.worker == task.worker:
        row.failure = {language: error.sentence(language) for language in ("zh-CN", "en")}
        row.worker = row.beat_at = None
        session.add(row)
