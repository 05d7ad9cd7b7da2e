"""Reads and deletions of agreements and exports."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.privacy.models import Consent, DataExport
from app.privacy.rules import ConsentKind


def consents(session: Session, account_id: uuid.UUID) -> Sequence[Consent]:
    """Everything an account agreed to, the newest first."""
    return session.exec(
        select(Consent)
        .where(Consent.account_id == account_id)
        .order_by(col(Consent.kind), col(Consent.version).desc())
    ).all()


def consents_in_force(session: Session, account_id: uuid.UUID, kind: ConsentKind) -> Sequence[Consent]:
    """What an account agreed to and has not withdrawn."""
    return session.exec(
        select(Consent).where(
            Consent.account_id == account_id, Consent.kind == kind, col(Consent.withdrawn_at).is_(None)
        )
    ).all()


def consent(session: Session, account_id: uuid.UUID, kind: ConsentKind, version: int) -> Consent | None:
    """What an account said to one version."""
    return session.get(Consent, (account_id, kind, version))


def exports(session: Session, account_id: uuid.UUID) -> Sequence[DataExport]:
    """When an account took its data along, the newest first."""
    return session.exec(
        select(DataExport).where(DataExport.account_id == account_id).order_by(col(DataExport.at).desc())
    ).all()


def exports_on(session: Session, account_id: uuid.UUID, day: dt.date) -> int:
    """How often it did so on a day."""
    return session.exec(
        select(sa.func.count())
        .select_from(DataExport)
        .where(DataExport.account_id == account_id, DataExport.day == day)
    ).one()


def delete_exports(session: Session, before: dt.datetime) -> None:
    """Forget exports before an instant."""
    session.execute(sa.delete(DataExport).where(col(DataExport.at) < before))


def delete_of(session: Session, account_id: uuid.UUID) -> None:
    """Forget what an account agreed to and took along."""
    session.execute(sa.delete(Consent).where(col(Consent.account_id) == account_id))
    session.execute(sa.delete(DataExport).where(col(DataExport.account_id) == account_id))
