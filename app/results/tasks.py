"""What results do after events."""

import uuid

from sqlmodel import Session

from app.core.signer import Signer
from app.outbox.service import Message
from app.results import service


def count(session: Session, message: Message, *, signer: Signer) -> None:
    """After the box is open: count, recount, announce."""
    service.count(session, round_id=uuid.UUID(message.payload["round_id"]), signer=signer)
