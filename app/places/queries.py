"""Reads of places."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.places.models import Building, Division, Household, Unit
from app.places.rules import COMMUNITY_LEVEL


def division(session: Session, code: str) -> Division | None:
    """One division."""
    return session.get(Division, code)


def children(session: Session, parent: str | None, *, after: str | None, limit: int) -> Sequence[Division]:
    """Divisions one level under ``parent`` (provinces without one), by code."""
    statement = select(Division).where(
        col(Division.parent_code).is_(None) if parent is None else Division.parent_code == parent
    )
    if after is not None:
        statement = statement.where(col(Division.code) > after)
    return session.exec(statement.order_by(col(Division.code)).limit(limit)).all()


def divisions(session: Session, codes: Collection[str]) -> Sequence[Division]:
    """Several divisions, by code."""
    return session.exec(
        select(Division).where(col(Division.code).in_(codes)).order_by(col(Division.code))
    ).all()


def communities_under(session: Session, codes: Sequence[str]) -> Sequence[Division]:
    """Communities that are one of ``codes`` or lie under one."""
    if not codes:
        return []
    under = sa.or_(*(col(Division.code).startswith(significant(code)) for code in codes))
    return session.exec(
        select(Division).where(Division.level == COMMUNITY_LEVEL, under).order_by(col(Division.code))
    ).all()


def known_codes(session: Session) -> set[str]:
    """Every code there is."""
    return set(session.exec(select(Division.code)).all())


def building(session: Session, building_id: uuid.UUID) -> Building | None:
    """One building."""
    return session.get(Building, building_id)


def buildings(session: Session, community_code: str) -> Sequence[Building]:
    """The buildings of a community, by name."""
    return session.exec(
        select(Building).where(Building.community_code == community_code).order_by(col(Building.name))
    ).all()


def units(session: Session, community_code: str) -> Sequence[Unit]:
    """The units of a community's buildings."""
    return session.exec(
        select(Unit)
        .join(Building, col(Building.id) == Unit.building_id)
        .where(Building.community_code == community_code)
    ).all()


def households(session: Session, community_code: str) -> Sequence[Household]:
    """The households of a community."""
    return session.exec(select(Household).where(Household.community_code == community_code)).all()


def households_by_id(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Household]:
    """Several households."""
    return session.exec(select(Household).where(col(Household.id).in_(ids))).all()


def households_in(session: Session, building_id: uuid.UUID) -> Sequence[Household]:
    """The households of a building."""
    return session.exec(select(Household).where(Household.building_id == building_id)).all()


_DWELLINGS = (
    sa.select(col(Household.id), col(Building.name), col(Unit.name), col(Household.room))
    .join(Unit, col(Unit.id) == col(Household.unit_id))
    .join(Building, col(Building.id) == col(Household.building_id))
)


def dwellings(
    session: Session, community_code: str, building: str, unit: str | None, room: str | None
) -> Sequence[tuple[uuid.UUID, str, str, str]]:
    """(household, building, unit, room) of a building of a community, or of one unit, or of one room."""
    statement = _DWELLINGS.where(
        col(Household.community_code) == community_code, col(Building.name) == building
    ).order_by(col(Unit.name), col(Household.room))
    if unit is not None:
        statement = statement.where(col(Unit.name) == unit)
    if room is not None:
        statement = statement.where(col(Household.room) == room)
    return [(household, *names) for household, *names in session.execute(statement)]


def dwellings_by_id(
    session: Session, household_ids: Collection[uuid.UUID]
) -> Sequence[tuple[uuid.UUID, str, str, str]]:
    """The same of several households."""
    statement = _DWELLINGS.where(col(Household.id).in_(household_ids))
    return [(household, *names) for household, *names in session.execute(statement)]


def household_count(session: Session, community_code: str) -> int:
    """How many households a community has."""
    statement = (
        select(sa.func.count()).select_from(Household).where(Household.community_code == community_code)
    )
    return session.exec(statement).one()
