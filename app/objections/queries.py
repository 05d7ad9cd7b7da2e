"""Reads of objections."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.objections.models import Objection, ObjectionEntry, ObjectionView, RefusedMediator
from app.objections.rules import ObjectionState, is_open

_OPEN = [state for state in ObjectionState if is_open(state)]


def objection_locked(session: Session, objection_id: uuid.UUID) -> Objection | None:
    """One objection, locked."""
    statement = locked(select(Objection).where(Objection.id == objection_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def open_of(session: Session, project_id: uuid.UUID, household_fingerprint: str) -> Objection | None:
    """A household's open objection to a project."""
    return session.exec(
        select(Objection).where(
            Objection.project_id == project_id,
            Objection.household_fingerprint == household_fingerprint,
            col(Objection.state).in_(_OPEN),
        )
    ).first()


def objection(session: Session, objection_id: uuid.UUID) -> Objection | None:
    """One objection."""
    return session.get(Objection, objection_id)


def entry_of_request(session: Session, request_fingerprint: str) -> ObjectionEntry | None:
    """What a household wrote with a key it sent."""
    return session.exec(
        select(ObjectionEntry).where(ObjectionEntry.request_fingerprint == request_fingerprint)
    ).one_or_none()


def refused_mediators(session: Session, objection_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Mediators the household will not have, the first refused first."""
    return session.exec(
        select(RefusedMediator.mediator_id)
        .where(RefusedMediator.objection_id == objection_id)
        .order_by(col(RefusedMediator.at), col(RefusedMediator.mediator_id))
    ).all()


def of_households(session: Session, fingerprints: Collection[str]) -> Sequence[Objection]:
    """Every objection of these households, newest first."""
    return session.exec(
        select(Objection)
        .where(col(Objection.household_fingerprint).in_(fingerprints))
        .order_by(col(Objection.filed_at).desc(), col(Objection.id))
    ).all()


def cases(
    session: Session, *, divisions: Sequence[str], mediator_id: uuid.UUID | None, limit: int
) -> Sequence[Objection]:
    """Cases an officer is responsible for (by division) or a mediator was given, oldest first."""
    if mediator_id is not None:
        statement = select(Objection).where(Objection.mediator_id == mediator_id)
    else:
        statement = select(Objection).where(
            sa.or_(*(col(Objection.community_code).startswith(significant(code)) for code in divisions))
        )
    return session.exec(statement.order_by(col(Objection.filed_at), col(Objection.id)).limit(limit)).all()


def open_count(session: Session, project_id: uuid.UUID) -> int:
    """How many households object to a project."""
    statement = (
        select(sa.func.count())
        .select_from(Objection)
        .where(Objection.project_id == project_id, col(Objection.state).in_(_OPEN))
    )
    return session.exec(statement).one()


def entries(session: Session, objection_id: uuid.UUID) -> Sequence[ObjectionEntry]:
    """The negotiation, in order."""
    return session.exec(
        select(ObjectionEntry)
        .where(ObjectionEntry.objection_id == objection_id)
        .order_by(col(ObjectionEntry.position))
    ).all()


def views(session: Session, objection_id: uuid.UUID) -> Sequence[ObjectionView]:
    """Who looked, in order."""
    return session.exec(
        select(ObjectionView)
        .where(ObjectionView.objection_id == objection_id)
        .order_by(col(ObjectionView.position))
    ).all()
