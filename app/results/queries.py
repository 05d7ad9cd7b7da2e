"""Reads of results."""

import uuid

from sqlmodel import Session, select

from app.core.db import locked
from app.results.models import Result


def of_round(session: Session, round_id: uuid.UUID) -> Result | None:
    """The result of a round."""
    return session.exec(select(Result).where(Result.round_id == round_id)).one_or_none()


def of_round_locked(session: Session, round_id: uuid.UUID) -> Result | None:
    """The result of a round, locked for certification."""
    return session.execute(
        locked(select(Result).where(Result.round_id == round_id), session)
    ).scalar_one_or_none()
