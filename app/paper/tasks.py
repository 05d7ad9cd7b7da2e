"""What paper does after a transaction."""

import uuid

from app.access.ports import SmsGateway
from app.core.db import Database
from app.outbox.service import Message
from app.paper import service
from app.residents import service as residents
from app.rounds import service as rounds


def send_notice(database: Database, message: Message, *, sms: SmsGateway) -> None:
    """Tell somebody that a sheet was taken in their name; no transaction is open meanwhile."""
    with database.reading() as session:
        person = residents.resident(session, uuid.UUID(message.payload["resident_id"]))
        title = rounds.round_(session, uuid.UUID(message.payload["round_id"])).title
        phone = None if person is None else person.phone
    if phone is not None:
        service.send_notice(phone=phone, round_title=title, sms=sms)
