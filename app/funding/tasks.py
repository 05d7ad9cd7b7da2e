"""What funding does after events."""

import uuid

from sqlmodel import Session

from app.funding import service
from app.outbox.service import Message


def submit_requests(session: Session, message: Message) -> None:
    """After a result is certified: make its requests."""
    service.submit_requests(session, round_id=uuid.UUID(message.payload["round_id"]))
