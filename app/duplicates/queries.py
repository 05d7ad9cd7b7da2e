"""Reads of merges."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.core.db import locked
from app.duplicates.models import Duplicate
from app.duplicates.rules import DuplicateState


def told_apart(session: Session, community_code: str) -> set[frozenset[uuid.UUID]]:
    """Pairs of which somebody said that they are two people."""
    rows = session.execute(
        sa.select(col(Duplicate.kept_id), col(Duplicate.gone_id)).where(
            col(Duplicate.community_code) == community_code,
            col(Duplicate.state) == DuplicateState.TOLD_APART,
        )
    )
    return {frozenset({one, other}) for one, other in rows}


def duplicate_locked(session: Session, duplicate_id: uuid.UUID) -> Duplicate | None:
    """One of them, locked."""
    return session.execute(
        locked(select(Duplicate).where(Duplicate.id == duplicate_id), session)
    ).scalar_one_or_none()


def merges(
    session: Session, community_code: str, *, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[Duplicate]:
    """Merges of a community and those that were taken back, the newest first."""
    statement = select(Duplicate).where(
        Duplicate.community_code == community_code, col(Duplicate.state) != DuplicateState.TOLD_APART
    )
    if after is not None:
        at, row_id = after
        statement = statement.where(
            sa.or_(col(Duplicate.at) < at, sa.and_(col(Duplicate.at) == at, col(Duplicate.id) > row_id))
        )
    return session.exec(statement.order_by(col(Duplicate.at).desc(), col(Duplicate.id)).limit(limit)).all()
