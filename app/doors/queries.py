"""Reads and set-based writes of doors."""

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.doors.models import DoorVisit


def visit(session: Session, round_id: uuid.UUID, household_id: uuid.UUID) -> DoorVisit | None:
    """What was found at one door."""
    return session.get(DoorVisit, (round_id, household_id))


def visits(
    session: Session, round_id: uuid.UUID, household_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, DoorVisit]:
    """Household -> what was found at its door."""
    rows = session.exec(
        select(DoorVisit).where(
            DoorVisit.round_id == round_id, col(DoorVisit.household_id).in_(household_ids)
        )
    )
    return {row.household_id: row for row in rows}


def forget(session: Session, round_id: uuid.UUID) -> None:
    """Delete every mark of a round."""
    session.execute(sa.delete(DoorVisit).where(col(DoorVisit.round_id) == round_id))
