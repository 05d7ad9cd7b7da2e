"""What access does after a transaction, and by the clock."""

from sqlmodel import Session

from app.access import service
from app.access.events import CodeRequested
from app.access.ports import SmsGateway
from app.core.db import Database
from app.outbox.service import Message


def send_code(_database: Database, message: Message, *, sms: SmsGateway) -> None:
    """Send a requested sign-in code; no transaction is open meanwhile."""
    service.send_code(event=CodeRequested(**message.payload), sms=sms)


def forget_expired(session: Session) -> None:
    """Delete proofs that can no longer be used."""
    service.forget_expired(session)
