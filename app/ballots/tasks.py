"""What the ballot box does by the clock and after events."""

import uuid

from sqlmodel import Session

from app.access.actor import SYSTEM
from app.ballots import service
from app.ballots.keystore import KeyStore
from app.core.db import Database
from app.core.errors import DomainError
from app.core.logging import log
from app.core.signer import Signer
from app.outbox.service import Message
from app.rounds import service as rounds


def open_due(database: Database, *, keys: KeyStore, signer: Signer) -> None:
    """Open every published round whose time has come."""
    with database.reading() as session:
        due = rounds.due_to_open(session)
    for round_id in due:
        try:
            with database.writing() as session:
                service.open_round(
                    session, round_id=round_id, actor=SYSTEM, early=False, keys=keys, signer=signer
                )
        except DomainError as error:
            # An empty roll, or another worker was faster: the round says which; the next one must still open.
            log().warning("round not opened", round_id=str(round_id), code=type(error).code)


def close_due(database: Database, *, signer: Signer) -> None:
    """Close every open round whose time has come."""
    with database.reading() as session:
        due = rounds.due_to_close(session)
    for round_id in due:
        try:
            with database.writing() as session:
                service.close_round(session, round_id=round_id, actor=SYSTEM, early=False, signer=signer)
        except DomainError as error:
            log().warning("round not closed", round_id=str(round_id), code=type(error).code)


def destroy_key(session: Session, message: Message, *, keys: KeyStore, signer: Signer) -> None:
    """After the result is public: destroy the round's key."""
    service.destroy_key(session, round_id=uuid.UUID(message.payload["round_id"]), keys=keys, signer=signer)


def erase_envelopes(database: Database, message: Message) -> None:
    """After the key is gone: delete the envelopes, and rewrite what held them."""
    with database.writing() as session:
        service.erase_envelopes(session, round_id=uuid.UUID(message.payload["round_id"]))
    database.rewrite("envelope")
