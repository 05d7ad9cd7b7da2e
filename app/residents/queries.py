"""Reads of people."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import among, locked, rows_of
from app.core.vault import SealedText
from app.residents.models import Disclosure, Registration, Resident, Roster, RosterImport, RosterProgress
from app.residents.rules import RegistrationState, ResidentSource, Stage, Tenure


@dataclass(frozen=True)
class Candidate:
    """Somebody who may stand on a roll: ids only, nothing to decrypt."""

    resident_id: uuid.UUID
    household_id: uuid.UUID
    building_id: uuid.UUID
    unit_id: uuid.UUID
    community_code: str
    phone_fingerprint: str | None


def resident(session: Session, resident_id: uuid.UUID) -> Resident | None:
    """One person."""
    return session.get(Resident, resident_id)


def resident_locked(session: Session, resident_id: uuid.UUID) -> Resident | None:
    """One person, locked."""
    statement = locked(select(Resident).where(Resident.id == resident_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


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


def homes(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Resident -> the household they live in now; nothing is decrypted."""
    wanted = list(ids)
    found: dict[uuid.UUID, uuid.UUID] = {}
    for start in range(0, len(wanted), 5000):
        rows = session.execute(
            sa.select(col(Resident.id), col(Resident.household_id)).where(
                col(Resident.id).in_(wanted[start : start + 5000]), col(Resident.moved_out_at).is_(None)
            )
        )
        found |= {row[0]: row[1] for row in rows}
    return found


def living_in(session: Session, household_ids: Collection[uuid.UUID]) -> Sequence[Resident]:
    """Who lives in these households now."""
    return session.exec(
        select(Resident)
        .where(col(Resident.household_id).in_(household_ids), col(Resident.moved_out_at).is_(None))
        .order_by(col(Resident.household_id), col(Resident.id))
    ).all()


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


#: The same table with ciphertext as it is: thousands of rows are compared and written without opening each.
_kept = sa.table(
    "resident",
    *(
        sa.column(each.name, sa.Text() if isinstance(each.type, SealedText) else each.type)
        for each in sa.inspect(Resident).local_table.columns
    ),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody on the roster; name, phone and birth date still sealed."""

    id: uuid.UUID
    household_id: uuid.UUID
    name: str
    phone: str | None
    birth_date: str | None
    phone_fingerprint: str | None
    identity_fingerprint: str
    tenure: Tenure
    is_representative: bool
    source: ResidentSource


_STANDING = (
    sa.select(
        _kept.c.id, _kept.c.household_id, _kept.c.name, _kept.c.phone, _kept.c.birth_date,
        _kept.c.phone_fingerprint, _kept.c.identity_fingerprint, _kept.c.tenure, _kept.c.is_representative,
        _kept.c.source,
    )
    .where(_kept.c.community_code == sa.bindparam("code"))
)  # fmt: skip
_STANDING_NOW = _STANDING.where(_kept.c.moved_out_at.is_(None))
_GONE = _STANDING.where(_kept.c.moved_out_at.is_not(None))


def standing(session: Session, community_code: str, *, moved_out: bool = False) -> list[Standing]:
    """Everybody who lives in a community now, or who did; nothing is opened."""
    return [
        Standing(*row) for row in rows_of(session, _GONE if moved_out else _STANDING_NOW, code=community_code)
    ]


def add_sealed(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new people whose name, phone and birth date are sealed already."""
    if rows:
        session.connection().execute(sa.insert(_kept), list(rows))


def change_sealed(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write other values, by column, for the people named by ``id``; text is sealed already.

    All their phones are free before any is taken: two people may have changed theirs for one another's.
    """
    if not rows:
        return
    connection = session.connection()
    of_one = sa.update(_kept).where(_kept.c.id == sa.bindparam("whose"))
    connection.execute(of_one.values(phone_fingerprint=sa.null()), [{"whose": row["id"]} for row in rows])
    names = [name for name in rows[0] if name != "id"]
    connection.execute(
        of_one.values({name: sa.bindparam(f"new_{name}") for name in names}),
        [{"whose": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows],
    )


def set_moved_out(session: Session, ids: Sequence[uuid.UUID], at: dt.datetime | None) -> None:
    """Note that people have moved out, or, without a time, that they live here."""
    if ids:
        session.connection().execute(
            sa.update(_kept)
            .where(_kept.c.id == sa.bindparam("whose"))
            .values(moved_out_at=sa.bindparam("at")),
            [{"whose": each, "at": at} for each in ids],
        )


def candidates(session: Session, codes: Sequence[str], on: dt.date) -> Iterator[Candidate]:
    """Adults who live in these communities now, household by household, the representative first."""
    household = sa.table(
        "household",
        sa.column("id", sa.Uuid()),
        sa.column("building_id", sa.Uuid()),
        sa.column("unit_id", sa.Uuid()),
    )
    statement = (
        sa.select(
            col(Resident.id), col(Resident.household_id), household.c.building_id, household.c.unit_id,
            col(Resident.community_code), col(Resident.phone_fingerprint),
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


def candidate_counts(session: Session, codes: Sequence[str], on: dt.date) -> tuple[int, int]:
    """How many adults live in these communities now, and in how many households."""
    people, households = session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.distinct(col(Resident.household_id)))).where(
            col(Resident.community_code).in_(codes),
            col(Resident.moved_out_at).is_(None),
            sa.or_(col(Resident.adult_on).is_(None), col(Resident.adult_on) <= on),
        )
    ).one()
    return int(people), int(households)


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


def roster_version(session: Session, community_code: str) -> int:
    """How often the roster was changed; 0 where there is none yet."""
    row = session.get(Roster, community_code)
    return 0 if row is None else row.version


def imports(session: Session, community_code: str, limit: int) -> Sequence[RosterImport]:
    """The last imports of a community, the newest first; their rows stay sealed."""
    return session.exec(
        select(RosterImport)
        .options(defer(RosterImport.content), defer(RosterImport.journal))  # type: ignore[arg-type]
        .where(RosterImport.community_code == community_code)
        .order_by(col(RosterImport.created_at).desc(), col(RosterImport.id))
        .limit(limit)
    ).all()


def progress(session: Session, import_id: uuid.UUID) -> RosterProgress | None:
    """How far an import is that runs at this moment."""
    return session.get(RosterProgress, import_id)


_progress = sa.inspect(RosterProgress).local_table


def note_progress(
    session: Session, *, import_id: uuid.UUID, community_code: str, stage: Stage, done: int, of: int, at: dt.datetime
) -> None:  # fmt: skip
    """Say how far an import is."""
    values = {"stage": stage, "done": done, "of": of, "at": at}
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(_progress)
    statement = insert.values(import_id=import_id, community_code=community_code, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["import_id"], set_=values))


def end_progress(
    session: Session, *, import_id: uuid.UUID | None = None, before: dt.datetime | None = None
) -> None:
    """Forget how far an import was, or all that fell silent before a time."""
    statement = sa.delete(RosterProgress)
    if import_id is not None:
        statement = statement.where(col(RosterProgress.import_id) == import_id)
    if before is not None:
        statement = statement.where(col(RosterProgress.at) < before)
    session.execute(statement)


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


def registration_spans(
    session: Session, *, division: str, since: dt.datetime, until: dt.datetime
) -> Sequence[tuple[dt.datetime, dt.datetime | None]]:
    """(filed, answered) of the registrations of a span of time under a division; nothing of who it was."""
    rows = session.execute(
        sa.select(col(Registration.created_at), col(Registration.decided_at)).where(
            col(Registration.community_code).startswith(significant(division)),
            col(Registration.created_at) >= since, col(Registration.created_at) < until,
        )
    )  # fmt: skip
    return [(created_at, decided_at) for created_at, decided_at in rows]


def registrations_by_id(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Registration]:
    """Several registrations, oldest first."""
    return session.exec(
        select(Registration)
        .where(col(Registration.id).in_(ids))
        .order_by(col(Registration.created_at), col(Registration.id))
    ).all()


def registrations_behind(session: Session, resident: Resident) -> Sequence[Registration]:
    """What somebody wrote of living here, the newest first: by their phone, or taken for them."""
    theirs = col(Registration.resident_id) == resident.id
    if resident.phone_fingerprint is not None:
        theirs = sa.or_(theirs, col(Registration.phone_fingerprint) == resident.phone_fingerprint)
    return session.exec(
        select(Registration)
        .where(Registration.community_code == resident.community_code, theirs)
        .order_by(col(Registration.created_at).desc(), col(Registration.id))
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


def disclosure_count(session: Session, *, divisions: Sequence[str], since: dt.datetime) -> int:
    """How often somebody saw names and numbers in full under several divisions, from a moment on."""
    statement = select(sa.func.count()).select_from(Disclosure)
    under = (col(Disclosure.community_code).startswith(significant(code)) for code in divisions)
    return session.exec(statement.where(sa.or_(sa.false(), *under), col(Disclosure.at) >= since)).one()


def disclosures(
    session: Session,
    division: str,
    *,
    resident_id: uuid.UUID | None = None,
    after: tuple[dt.datetime, uuid.UUID] | None = None,
    limit: int,
) -> Sequence[Disclosure]:
    """Who saw names and numbers in full under a division, of everybody or of one person, the newest first."""
    statement = select(Disclosure).where(col(Disclosure.community_code).startswith(significant(division)))
    if resident_id is not None:
        statement = statement.where(Disclosure.resident_id == resident_id)
    if after is not None:
        at, row_id = after
        statement = statement.where(
            sa.or_(
                col(Disclosure.at) < at,
                sa.and_(col(Disclosure.at) == at, col(Disclosure.id) > row_id),
            )
        )
    return session.exec(statement.order_by(col(Disclosure.at).desc(), col(Disclosure.id)).limit(limit)).all()
