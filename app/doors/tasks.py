"""What becomes of doors when a round is over."""

import uuid

from sqlmodel import Session

from app.doors import service
from app.outbox.service import Message


def forget(session: Session, message: Message) -> None:
    """After a round is closed, or over: nobody keeps at whose door somebody was turned away."""
    service.forget(session, round_id=uuid.UUID(message.payload["round_id"]))
