"""What paper codes do after a transaction."""

from app.access.ports import SmsGateway
from app.codes import service
from app.codes.events import PaperCodeIssued
from app.core.db import Database
from app.outbox.service import Message


def tell(_database: Database, message: Message, *, sms: SmsGateway) -> None:
    """Tell somebody that a code was issued for them; no transaction is open meanwhile."""
    service.tell(event=PaperCodeIssued(**message.payload), sms=sms)
