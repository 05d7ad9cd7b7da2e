"""Reads of people."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.core.db import among, locked, rows_of
from app.residents.models import Registration, Resident, Roster, RosterImport
from app.residents.rules import RegistrationState, Tenure


@dataclass(frozen=True)
class Candidate:
    """Somebody who may stand on a roll: ids only, nothing to decrypt."""

    resident_id: uuid.UUID
    household_id: uuid.UUID
    building_id: uuid.UUID
    community_code: str
    phone_fingerprint: str | None


def resident(session: Session, resident_id: uuid.UUID) -> Resident | None:
    """One person."""
    return session.get(Resident, resident_id)


def active(session: Session, community_code: str) -> Sequence[Resident]:
    """Everybody who lives in a community now."""
    return session.exec(
        select(Resident).where(
            Resident.community_code == community_code, col(Resident.moved_out_at).is_(None)
        )
    ).all()


def residents_by_id(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Resident]:
    """Several people, fetched in portions that every database takes."""
    wanted = list(ids)
    found: list[Resident] = []
    for start in range(0, len(wanted), 5000):
        found += session.exec(
            select(Resident).where(col(Resident.id).in_(wanted[start : start + 5000]))
        ).all()
    return found


def living_in(session: Session, household_ids: Collection[uuid.UUID]) -> Sequence[Resident]:
    """Who lives in these households now."""
    return session.exec(
        select(Resident)
        .where(col(Resident.household_id).in_(household_ids), col(Resident.moved_out_at).is_(None))
        .order_by(col(Resident.household_id), col(Resident.id))
    ).all()


def page(session: Session, community_code: str, *, after: uuid.UUID | None, limit: int) -> Sequence[Resident]:
    """Some who live in a community now."""
    statement = select(Resident).where(
        Resident.community_code == community_code, col(Resident.moved_out_at).is_(None)
    )
    if after is not None:
        statement = statement.where(col(Resident.id) > after)
    return session.exec(statement.order_by(col(Resident.id)).limit(limit)).all()


def behind(session: Session, fingerprints: Collection[str]) -> Sequence[Resident]:
    """Those who live somewhere now and have one of these phones."""
    return session.exec(
        select(Resident)
        .where(col(Resident.phone_fingerprint).in_(fingerprints), col(Resident.moved_out_at).is_(None))
        .order_by(col(Resident.community_code), col(Resident.id))
    ).all()


_resident = sa.inspect(Resident).local_table.c
_BEHIND_IDS = (
    sa.select(_resident.phone_fingerprint, _resident.id, _resident.household_id)
    .where(
        among(_resident.phone_fingerprint, "fingerprints"),
        _resident.moved_out_at.is_(None),
    )
    .order_by(_resident.community_code, _resident.id)
)


def behind_ids(session: Session, fingerprints: Collection[str]) -> Sequence[tuple[str, uuid.UUID, uuid.UUID]]:
    """The same as (phone fingerprint, resident, household), without decrypting anything."""
    return rows_of(session, _BEHIND_IDS, fingerprints=fingerprints)


def candidates(session: Session, codes: Sequence[str], on: dt.date) -> Iterator[Candidate]:
    """Adults who live in these communities now, household by household, the representative first."""
    household = sa.table("household", sa.column("id", sa.Uuid()), sa.column("building_id", sa.Uuid()))
    statement = (
        sa.select(
            col(Resident.id), col(Resident.household_id), household.c.building_id, col(Resident.community_code),
            col(Resident.phone_fingerprint),
        )
        .select_from(
            sa.join(sa.inspect(Resident).local_table, household, household.c.id == col(Resident.household_id))
        )
        .where(
            col(Resident.community_code).in_(codes),
            col(Resident.moved_out_at).is_(None),
            sa.or_(col(Resident.adult_on).is_(None), col(Resident.adult_on) <= on),
        )
        .order_by(col(Resident.community_code), col(Resident.household_id), col(Resident.id))
    )  # fmt: skip
    for row in session.execute(statement.execution_options(yield_per=5000)):
        yield Candidate(*row)


def adults(
    session: Session,
    community_code: str,
    on: dt.date,
    *,
    ids: Collection[uuid.UUID] | None = None,
    household_ids: Collection[uuid.UUID] | None = None,
) -> Sequence[Resident]:
    """Adults who live in a community now: those named, those of some households."""
    statement = select(Resident).where(
        Resident.community_code == community_code,
        col(Resident.moved_out_at).is_(None),
        sa.or_(col(Resident.adult_on).is_(None), col(Resident.adult_on) <= on),
    )
    if ids is not None:
        statement = statement.where(col(Resident.id).in_(ids))
    if household_ids is not None:
        statement = statement.where(col(Resident.household_id).in_(household_ids))
    return session.exec(statement).all()


@dataclass(frozen=True)
class Owner:
    """Somebody who owns a dwelling; name and birth date are only there to tell whether two rows are one person."""

    resident_id: uuid.UUID
    household_id: uuid.UUID
    phone_fingerprint: str | None
    name: str
    birth_date: str | None
    adult_on: dt.date | None


def owners(session: Session, codes: Sequence[str]) -> Iterator[Owner]:
    """Who owns a dwelling in these communities now."""
    statement = (
        sa.select(
            col(Resident.id), col(Resident.household_id), col(Resident.phone_fingerprint), col(Resident.name),
            col(Resident.birth_date), col(Resident.adult_on),
        )
        .where(
            col(Resident.community_code).in_(codes),
            col(Resident.moved_out_at).is_(None),
            col(Resident.tenure) == Tenure.OWNER,
        )
        .order_by(col(Resident.id))
    )  # fmt: skip
    for row in session.execute(statement.execution_options(yield_per=5000)):
        yield Owner(*row)


def roster_for_update(session: Session, community_code: str) -> Roster | None:
    """The roster's version, locked."""
    statement = locked(select(Roster).where(Roster.community_code == community_code), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def import_(session: Session, import_id: uuid.UUID) -> RosterImport | None:
    """One import."""
    return session.get(RosterImport, import_id)


def import_locked(session: Session, import_id: uuid.UUID) -> RosterImport | None:
    """One import, locked."""
    statement = locked(select(RosterImport).where(RosterImport.id == import_id), session)
    return session.execute(statement).scalar_one_or_none()


def stale_imports(session: Session, before: dt.datetime) -> Sequence[RosterImport]:
    """Imports older than ``before``."""
    return session.exec(select(RosterImport).where(RosterImport.created_at < before)).all()


def registration(session: Session, registration_id: uuid.UUID) -> Registration | None:
    """One registration."""
    return session.get(Registration, registration_id)


def registration_locked(session: Session, registration_id: uuid.UUID) -> Registration | None:
    """One registration, locked."""
    statement = locked(select(Registration).where(Registration.id == registration_id), session)
    return session.execute(statement).scalar_one_or_none()


def pending_of(session: Session, community_code: str, fingerprint: str) -> Registration | None:
    """A phone's registration that waits for an answer."""
    return session.exec(
        select(Registration).where(
            Registration.community_code == community_code,
            Registration.phone_fingerprint == fingerprint,
            Registration.state == RegistrationState.PENDING,
        )
    ).first()


def registrations(
    session: Session,
    community_code: str,
    state: RegistrationState,
    *,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[Registration]:
    """Registrations of a community in a state, oldest first."""
    statement = select(Registration).where(
        Registration.community_code == community_code, Registration.state == state
    )
    if after is not None:
        at, registration_id = after
        statement = statement.where(
            sa.or_(
                col(Registration.created_at) > at,
                sa.and_(col(Registration.created_at) == at, col(Registration.id) > registration_id),
            )
        )
    return session.exec(
        statement.order_by(col(Registration.created_at), col(Registration.id)).limit(limit)
    ).all()


def registrations_of(session: Session, fingerprint: str) -> Sequence[Registration]:
    """Everything somebody wrote when they registered themselves, the newest first."""
    return session.exec(
        select(Registration)
        .where(Registration.phone_fingerprint == fingerprint)
        .order_by(col(Registration.created_at).desc(), col(Registration.id))
    ).all()


def delete_registrations(session: Session, fingerprint: str) -> int:
    """Forget what somebody wrote when they registered themselves; returns how many there were."""
    gone = session.execute(sa.delete(Registration).where(col(Registration.phone_fingerprint) == fingerprint))
    return int(getattr(gone, "rowcount", 0))
