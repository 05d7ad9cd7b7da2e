"""What the board does by the clock and after events."""

import uuid

from sqlmodel import Session

from app.ballots import service
from app.core.db import Database
from app.core.signer import Signer
from app.outbox.service import Message
from app.rounds import service as rounds


def post_published(session: Session, message: Message, *, signer: Signer) -> None:
    """After a round is published: its board begins."""
    service.post_published(session, round_id=uuid.UUID(message.payload["round_id"]), signer=signer)


def post_ended(session: Session, message: Message, *, signer: Signer) -> None:
    """After a round was cancelled or voided: the board says so, and why."""
    service.post_ended(session, round_id=uuid.UUID(message.payload["round_id"]), signer=signer)


def post_hours(database: Database, *, signer: Signer) -> None:
    """Say of every hour that ended which envelopes were in force, in every open round."""
    with database.reading() as session:
        open_rounds = rounds.open_rounds(session)
    for round_id in open_rounds:
        # in a unit of its own: voters need not wait while a large box is read
        with database.reading() as session:
            due = service.hours_due(session, round_id=round_id, signer=signer)
        if due:
            with database.writing() as session:
                service.post_hours(session, round_id=round_id, due=due, signer=signer)


def sign_heads(database: Database, *, signer: Signer) -> None:
    """Sign the boards that are older than heads."""
    with database.reading() as session:
        unsigned = service.boards_without_head(session)
    for round_id in unsigned:
        with database.writing() as session:
            service.sign_head(session, round_id=round_id, signer=signer)
