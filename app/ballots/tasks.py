"""What the ballot box does by the clock and after events."""

import uuid
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.access.actor import SYSTEM
from app.ballots import service
from app.ballots.errors import UnsealingFault
from app.ballots.keystore import KeyStore
from app.ballots.rules import Stage
from app.ballots.service import UnsealingTask
from app.core.db import Database, DatabaseBusy
from app.core.errors import DomainError
from app.core.logging import log
from app.core.progress import Beat, Interrupted
from app.core.signer import Signer
from app.outbox.service import Message
from app.rounds import service as rounds

#: At these stages nothing is written yet, and the box is opened from the start.
BEFORE_THE_COUNT = (Stage.STRIP, Stage.OPEN, Stage.WRITE)


def open_due(database: Database, *, keys: KeyStore, signer: Signer) -> None:
    """Open every published round with secret ballots whose time has come."""
    with database.reading() as session:
        due = rounds.due_to_open(session, recorded=False)
    for round_id in due:
        try:
            with database.writing() as session:
                service.open_round(
                    session, round_id=round_id, actor=SYSTEM, early=False, keys=keys, signer=signer
                )
        except DomainError as error:
            # An empty roll, a key not shared out, or another worker was faster: the round says which; the next
            # one must still open.
            log().warning("round not opened", round_id=str(round_id), code=type(error).code)


def close_due(database: Database, *, signer: Signer) -> None:
    """Close every open round with secret ballots whose time has come."""
    with database.reading() as session:
        due = rounds.due_to_close(session, recorded=False)
    for round_id in due:
        try:
            with database.writing() as session:
                service.close_round(session, round_id=round_id, actor=SYSTEM, early=False, signer=signer)
        except DomainError as error:
            log().warning("round not closed", round_id=str(round_id), code=type(error).code)


def unseal_due(
    database: Database, *, keys: KeyStore, signer: Signer, keep_going: Callable[[], bool] = lambda: True
) -> bool:
    """Open the box of a round whose opening was asked for, up to its written ballots; false when nothing was to do."""
    with database.writing() as session:
        task = service.claim_unsealing(session, stages=BEFORE_THE_COUNT)
    if task is None:
        return False
    beat = unsealing_beat(database, task, keep_going)
    try:
        with database.reading() as session:
            sealed = service.strip(session, round_id=task.round_id, signer=signer, progress=beat)
        private_key = keys.load(task.round_id).private
        opened = service.open_envelopes(
            sealed, round_id=task.round_id, private_key=private_key, progress=beat
        )
        with beat.during(Stage.WRITE), database.writing() as session:
            service.write_ballots(session, task, online=opened, private_key=private_key, signer=signer)
    except (Interrupted, DatabaseBusy):  # taken up again when it has been silent for a minute
        return False
    except SQLAlchemyError:
        raise  # the database is away: taken up again as well
    except Exception as error:  # noqa: BLE001 - whatever it is, staff must see that it does not go on
        give_up_unsealing(database, task, error)
    return True


def unsealing_beat(database: Database, task: UnsealingTask, keep_going: Callable[[], bool]) -> Beat:
    """Signs of life of an unsealing, each in a transaction of its own."""

    def note(stage: str, done: int, of: int) -> bool:
        with database.writing() as session:
            return service.note_unsealing(session, task, stage=Stage(stage), done=done, of=of)

    return Beat(note, keep_going)


def give_up_unsealing(database: Database, task: UnsealingTask, error: Exception) -> None:
    """Keep why an unsealing cannot go on."""
    log().error(
        "box not opened", round_id=str(task.round_id), error_type=type(error).__name__,
        code=type(error).code if isinstance(error, DomainError) else "internal_error",
    )  # fmt: skip
    told = error if isinstance(error, DomainError) else UnsealingFault(kind=type(error).__name__)
    with database.writing() as session:
        service.fail_unsealing(session, task, error=told)


def destroy_key(session: Session, message: Message, *, keys: KeyStore, signer: Signer) -> None:
    """After the result is public, or a round was cancelled or voided: destroy its key."""
    service.destroy_key(session, round_id=uuid.UUID(message.payload["round_id"]), keys=keys, signer=signer)


def erase_envelopes(database: Database, message: Message) -> None:
    """After the key is gone: delete the envelopes and the lists of paper, and rewrite what held them."""
    with database.writing() as session:
        service.erase_envelopes(session, round_id=uuid.UUID(message.payload["round_id"]))
    for table in (
        "envelope",
        "paper_sign_in",
        "paper_keying",
        "paper_draft",
        "paper_sheet",
        "outbox_message",
    ):
        database.rewrite(table)
