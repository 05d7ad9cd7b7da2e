"""What recorded rounds do by the clock and after events."""

import uuid

from sqlmodel import Session

from app.access.actor import SYSTEM
from app.access.ports import SmsGateway
from app.core.db import Database
from app.core.errors import DomainError
from app.core.logging import log
from app.core.signer import Signer
from app.outbox.service import Message
from app.recorded import service
from app.residents import service as residents
from app.rounds import service as rounds


def open_due(database: Database) -> None:
    """Open every published recorded round whose time has come."""
    with database.reading() as session:
        due = rounds.due_to_open(session, recorded=True)
    for round_id in due:
        try:
            with database.writing() as session:
                service.open_round(session, round_id=round_id, actor=SYSTEM, early=False)
        except DomainError as error:
            # An area is missing, or another worker was faster: the round says which; the next one must still open.
            log().warning("round not opened", round_id=str(round_id), code=type(error).code)


def close_due(database: Database) -> None:
    """Close every open recorded round whose time has come."""
    with database.reading() as session:
        due = rounds.due_to_close(session, recorded=True)
    for round_id in due:
        try:
            with database.writing() as session:
                service.close_round(session, round_id=round_id, actor=SYSTEM, early=False)
        except DomainError as error:
            log().warning("round not closed", round_id=str(round_id), code=type(error).code)


def count(session: Session, message: Message, *, signer: Signer) -> None:
    """After a round is closed: count it, if its votes are recorded and no form waits for a second person."""
    service.count_if_ready(session, round_id=uuid.UUID(message.payload["round_id"]), signer=signer)


def send_notice(database: Database, message: Message, *, sms: SmsGateway) -> None:
    """Tell an owner that paper was entered for their dwelling; no transaction is open meanwhile."""
    with database.reading() as session:
        owner = residents.resident(session, uuid.UUID(message.payload["resident_id"]))
        title = rounds.round_(session, uuid.UUID(message.payload["round_id"])).title
        phone = None if owner is None else owner.phone
    if phone is not None:
        service.send_notice(phone=phone, round_title=title, sms=sms)
