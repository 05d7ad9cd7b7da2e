"""What funding does after events."""

import uuid

from sqlmodel import Session

from app.core.db import Database
from app.funding import service
from app.outbox.service import Message


def submit_requests(session: Session, message: Message) -> None:
    """After a result is certified: make its requests."""
    service.submit_certified(session, round_id=uuid.UUID(message.payload["round_id"]))


def note_costs(session: Session, message: Message) -> None:
    """After an agreement has changed what a project costs: mark its requests."""
    service.note_costs(session, project_id=uuid.UUID(message.payload["project_id"]), at=message.created_at)


def take_up_deferred(database: Database) -> None:
    """Every so often: hand in again what was put off to this year, one transaction for each."""
    with database.reading() as session:
        due = service.due_deferred(session)
    for request_id in due:
        with database.writing() as session:
            service.take_up(session, request_id=request_id)
