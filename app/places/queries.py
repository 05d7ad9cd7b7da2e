"""Reads of places."""

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

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


def names_in(
    session: Session, community_codes: Collection[str]
) -> tuple[dict[uuid.UUID, str], dict[uuid.UUID, str]]:
    """Building -> name and unit -> name, in several communities."""
    here = col(Building.community_code).in_(community_codes)
    buildings = session.execute(sa.select(col(Building.id), col(Building.name)).where(here))
    units = session.execute(
        sa.select(col(Unit.id), col(Unit.name))
        .join(Building, col(Building.id) == col(Unit.building_id))
        .where(here)
    )
    return {row[0]: row[1] for row in buildings}, {row[0]: row[1] for row in units}


def unit_place(session: Session, unit_id: uuid.UUID) -> tuple[str, str, str] | None:
    """(community, building, unit) of a unit, by name but for the first."""
    row = session.execute(
        sa.select(col(Building.community_code), col(Building.name), col(Unit.name))
        .join(Building, col(Building.id) == col(Unit.building_id))
        .where(col(Unit.id) == unit_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


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


def dwellings_of(session: Session, community_code: str) -> Sequence[tuple[uuid.UUID, str, str, str]]:
    """(household, building, unit, room) of a whole community."""
    statement = _DWELLINGS.where(col(Household.community_code) == community_code)
    return [(household, *names) for household, *names in session.execute(statement)]


def homes(session: Session, community_code: str) -> Sequence[tuple[uuid.UUID, uuid.UUID, str, int | None]]:
    """(household, unit, room, area) of a whole community."""
    statement = sa.select(
        col(Household.id), col(Household.unit_id), col(Household.room), col(Household.area_centi_m2)
    ).where(col(Household.community_code) == community_code)
    return [tuple(row) for row in session.execute(statement)]


def areas(session: Session, community_code: str) -> Sequence[tuple[uuid.UUID, int | None]]:
    """(household, area) of a whole community."""
    statement = sa.select(col(Household.id), col(Household.area_centi_m2)).where(
        col(Household.community_code) == community_code
    )
    return [(household, area) for household, area in session.execute(statement)]


def set_areas(session: Session, areas: Mapping[uuid.UUID, int | None]) -> None:
    """Write the areas of some households."""
    home = SQLModel.metadata.tables["household"]
    session.connection().execute(
        sa.update(home)
        .where(home.c.id == sa.bindparam("household"))
        .values(area_centi_m2=sa.bindparam("area")),
        [{"household": household, "area": area} for household, area in areas.items()],
    )


def tally(session: Session, community_code: str) -> Sequence[tuple[uuid.UUID, int, int]]:
    """(building, units, households) of a community's buildings that have any."""
    rows = session.execute(
        sa.select(
            col(Household.building_id),
            sa.func.count(sa.distinct(col(Household.unit_id))),
            sa.func.count(col(Household.id)),
        )
        .where(col(Household.community_code) == community_code)
        .group_by(col(Household.building_id))
    )
    return [(building, units, homes) for building, units, homes in rows]


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


def has_households(session: Session, under: str, least: int) -> bool:
    """Whether a division has so many households; counts no further than that."""
    some = (
        sa.select(sa.literal(1))
        .where(col(Household.community_code).startswith(significant(under)))
        .limit(least)
        .subquery()
    )
    return bool(session.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() >= least)


def household_counts(session: Session, under: str) -> dict[str, int]:
    """Community -> households, of the communities under a division that have any."""
    rows = session.execute(
        sa.select(col(Household.community_code), sa.func.count())
        .where(col(Household.community_code).startswith(significant(under)))
        .group_by(col(Household.community_code))
    )
    return {code: count for code, count in rows}  # noqa: C416 - a row is not a pair for the type checker
