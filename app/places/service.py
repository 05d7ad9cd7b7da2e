"""Divisions, buildings, households: found, added, imported."""

import csv
import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from app.access.actor import Actor
from app.access.divisions import level
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.ids import new_id
from app.places import queries, rules
from app.places.errors import (
    BuildingExists,
    DivisionExists,
    DivisionFileMalformed,
    DivisionMisplaced,
    DivisionNotFound,
)
from app.places.models import Building, Division, Household, Unit

SEED = Path(__file__).parent / "seed" / "divisions.csv"
#: The edition the seed was cut from: state of 2023-06-30, published 2023-09-11.
SEED_EDITION = "NBS 2023"
SEED_VALID_FROM = dt.date(2023, 6, 30)
LOCAL = "local"
IMPORT_BATCH = 5000
LARGEST_NAME = 120


# --- divisions ----------------------------------------------------------------------------------------------------


def division(session: Session, code: str) -> Division:
    """One division.

    Raises:
        DivisionNotFound: there is none with this code.
    """
    row = queries.division(session, code)
    if row is None:
        raise DivisionNotFound
    return row


def division_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Code -> name of several divisions; those there are none of are left out."""
    return {row.code: row.name for row in queries.divisions(session, codes)}


def ancestors(session: Session, code: str) -> list[Division]:
    """The divisions above one, the province first."""
    above: list[Division] = []
    parent = division(session, code).parent_code
    while parent is not None:
        row = division(session, parent)
        above.insert(0, row)
        parent = row.parent_code
    return above


def children(session: Session, *, parent: str | None, after: str | None, limit: int) -> Sequence[Division]:
    """Divisions one level under another, by code."""
    return queries.children(session, parent, after=after, limit=limit)


def communities_under(session: Session, codes: Sequence[str]) -> Sequence[Division]:
    """Communities that are one of ``codes`` or lie under one."""
    return queries.communities_under(session, codes)


def community(
    session: Session, code: str, *, actor: Actor | None = None, verb: str | None = None
) -> Division:
    """A division that is a community; with an actor, only if the verb is theirs there.

    Raises:
        DivisionNotFound: there is none, it is none, or it is not yours.
    """
    row = division(session, code)
    if row.level != rules.COMMUNITY_LEVEL or (
        actor is not None and verb is not None and not actor.may(verb, code)
    ):
        raise DivisionNotFound
    return row


def add_division(session: Session, *, code: str, name: str, actor: Actor) -> Division:
    """Add a division that the public list does not have.

    Raises:
        DivisionExists: the code is taken.
        DivisionMisplaced: nothing one level above it exists.
    """
    parent = rules.parent_of(code)
    if queries.division(session, code) is not None:
        raise DivisionExists
    if parent is None or queries.division(session, parent) is None:
        raise DivisionMisplaced
    row = Division(
        code=code, name=name, parent_code=parent, level=level(code), source=LOCAL, valid_from=clock.today()
    )
    session.add(row)
    audit.record(session, chain=code, by=actor.ref, tag=Tag.DIVISION_ADDED, subject=f"division:{code}")
    return row


def import_divisions(
    session: Session, *, table: Iterable[str], edition: str, valid_from: dt.date, by: str
) -> int:
    """Add the divisions of a list that are not there yet; returns how many were new.

    The table is CSV with the columns ``code`` and ``name`` (others are ignored), codes of 2, 4, 6, 9 or 12 digits,
    as in the published lists. Lists go in from the top: provinces before cities.

    Raises:
        DivisionFileMalformed: a row without code or name, or whose parent is unknown; nothing is kept.
    """
    known = queries.known_codes(session)
    fresh = 0
    for batch in _batches(_rows(table, known, edition, valid_from)):
        session.execute(sa.insert(Division), batch)
        fresh += len(batch)
    audit.record(
        session, chain=audit.INSTALLATION, by=by, tag=Tag.DIVISION_IMPORTED, subject="divisions",
        facts={"edition": edition, "new": fresh},
    )  # fmt: skip
    return fresh


def seed(session: Session) -> int:
    """Add the built-in divisions of four cities that are not there yet; returns how many were new."""
    with SEED.open(encoding="utf-8", newline="") as table:
        return import_divisions(
            session, table=table, edition=SEED_EDITION, valid_from=SEED_VALID_FROM, by="system"
        )


# --- buildings and households -------------------------------------------------------------------------------------


def buildings(session: Session, community_code: str) -> Sequence[Building]:
    """The buildings of a community, by name."""
    return queries.buildings(session, community_code)


def building_names(session: Session, *, community_code: str) -> list[tuple[str, list[str]]]:
    """The buildings of a community, each with its units, by name as people count: 9栋 before 10栋.

    Raises:
        DivisionNotFound: there is no such community.
    """
    community(session, community_code)
    units: dict[uuid.UUID, list[str]] = {}
    for row in queries.units(session, community_code):
        units.setdefault(row.building_id, []).append(row.name)
    named = [
        (row.name, sorted(units.get(row.id, []), key=rules.counted))
        for row in queries.buildings(session, community_code)
    ]
    return sorted(named, key=lambda each: rules.counted(each[0]))


def building(session: Session, building_id: uuid.UUID) -> Building | None:
    """One building, wherever it stands."""
    return queries.building(session, building_id)


def add_building(session: Session, *, community_code: str, name: str, actor: Actor) -> Building:
    """Add a building.

    Raises:
        DivisionNotFound: no such community, or not yours.
        BuildingExists: the name is taken.
    """
    community(session, community_code, actor=actor, verb="building.add")
    if any(each.name == name for each in queries.buildings(session, community_code)):
        raise BuildingExists
    row = Building(community_code=community_code, name=name)
    session.add(row)
    audit.record(
        session, chain=community_code, by=actor.ref, tag=Tag.BUILDING_ADDED, subject=f"building:{row.id}"
    )
    return row


def known_buildings(
    session: Session, *, community_code: str, building_ids: Collection[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of ``building_ids`` that stand in the community."""
    return {each.id for each in queries.buildings(session, community_code)} & set(building_ids)


def households(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Household]:
    """Several households."""
    return queries.households_by_id(session, ids)


def households_of(session: Session, community_code: str) -> Sequence[Household]:
    """The households of a community."""
    return queries.households(session, community_code)


def household_ids(session: Session, *, building_id: uuid.UUID) -> list[uuid.UUID]:
    """The households of a building."""
    return [row.id for row in queries.households_in(session, building_id)]


def household_count(session: Session, community_code: str) -> int:
    """How many households a community has."""
    return queries.household_count(session, community_code)


def has_households(session: Session, *, under: str, least: int) -> bool:
    """Whether a division has so many households."""
    return queries.has_households(session, under, least)


def household_counts(session: Session, *, under: str) -> dict[str, int]:
    """Community -> households, of the communities under a division that have any."""
    return queries.household_counts(session, under)


def names_in(
    session: Session, *, community_codes: Collection[str]
) -> tuple[dict[uuid.UUID, str], dict[uuid.UUID, str]]:
    """Building -> name and unit -> name, in several communities."""
    return queries.names_in(session, community_codes)


@dataclass(frozen=True)
class UnitPlace:
    """A stairwell, and where it is."""

    community_code: str
    building: str
    name: str


def unit_place(session: Session, unit_id: uuid.UUID) -> UnitPlace | None:
    """A unit by its id, wherever it is."""
    found = queries.unit_place(session, unit_id)
    return None if found is None else UnitPlace(*found)


@dataclass(frozen=True)
class Dwelling:
    """How a roster names a household."""

    building: str
    unit: str
    room: str

    @property
    def in_words(self) -> str:
        """``3栋 2单元 0101``."""
        return f"{self.building} {self.unit} {self.room}"


@dataclass(slots=True)
class Home:
    """What `Dwellings` knows of a household."""

    id: uuid.UUID
    area_centi_m2: int | None


@dataclass
class Dwellings:
    """The households of one community by name; those that are missing are made, all at once, by `save`."""

    session: Session
    community_code: str
    _buildings: dict[str, uuid.UUID] = field(default_factory=dict)
    _units: dict[tuple[uuid.UUID, str], uuid.UUID] = field(default_factory=dict)
    _homes: dict[tuple[uuid.UUID, str], Home] = field(default_factory=dict)
    _new: dict[type[Building | Unit | Household], list[dict[str, object]]] = field(default_factory=dict)
    #: Household -> the area it had, of those whose area was replaced.
    replaced: dict[uuid.UUID, int | None] = field(default_factory=dict)
    _areas: dict[uuid.UUID, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._buildings = {row.name: row.id for row in queries.buildings(self.session, self.community_code)}
        self._units = {
            (row.building_id, row.name): row.id for row in queries.units(self.session, self.community_code)
        }
        self._homes = {
            (unit, room): Home(household, area)
            for household, unit, room, area in queries.homes(self.session, self.community_code)
        }
        self._new = {Building: [], Unit: [], Household: []}

    def find(self, dwelling: Dwelling) -> Home | None:
        """The household, if it is known."""
        building = self._buildings.get(dwelling.building)
        unit = None if building is None else self._units.get((building, dwelling.unit))
        return None if unit is None else self._homes.get((unit, dwelling.room))

    def ensure(self, dwelling: Dwelling, area_centi_m2: int | None) -> Home:
        """The household, made if it is new; a given area replaces the stored one."""
        found = self.find(dwelling)
        if found is None:
            return self._make(dwelling, area_centi_m2)
        if area_centi_m2 is not None and found.area_centi_m2 != area_centi_m2:
            self.replaced.setdefault(found.id, found.area_centi_m2)
            self._areas[found.id] = found.area_centi_m2 = area_centi_m2
        return found

    def save(self, session: Session | None = None) -> None:
        """Write what is new, in the session it was read in or in a later one."""
        session = session or self.session
        for table in (Building, Unit, Household):
            for batch in _batches(self._new[table]):
                session.execute(sa.insert(table), batch)
            self._new[table] = []
        set_areas(session, areas=self._areas)
        self._areas = {}

    def _make(self, dwelling: Dwelling, area_centi_m2: int | None) -> Home:
        building = self._buildings.get(dwelling.building)
        if building is None:
            building = self._buildings[dwelling.building] = new_id()
            self._new[Building].append(
                {"id": building, "community_code": self.community_code, "name": dwelling.building}
            )
        unit = self._units.get((building, dwelling.unit))
        if unit is None:
            unit = self._units[(building, dwelling.unit)] = new_id()
            self._new[Unit].append({"id": unit, "building_id": building, "name": dwelling.unit})
        made = self._homes[(unit, dwelling.room)] = Home(new_id(), area_centi_m2)
        self._new[Household].append(
            {
                "id": made.id, "community_code": self.community_code, "building_id": building, "unit_id": unit,
                "room": dwelling.room, "area_centi_m2": area_centi_m2,
            }
        )  # fmt: skip
        return made


def set_areas(session: Session, *, areas: Mapping[uuid.UUID, int | None]) -> None:
    """Write what households measure, in hundredths of a square metre."""
    if areas:
        queries.set_areas(session, areas)


def areas_of(session: Session, community_code: str) -> dict[uuid.UUID, int | None]:
    """Household -> what it measures, for a whole community."""
    return dict(queries.areas(session, community_code))


def names_of(session: Session, community_code: str) -> dict[uuid.UUID, Dwelling]:
    """Household -> building, unit and room, for a whole community."""
    return {
        household: Dwelling(*names) for household, *names in queries.dwellings_of(session, community_code)
    }


def tally_of(session: Session, community_code: str) -> dict[uuid.UUID, tuple[int, int]]:
    """Building -> how many units and households it has; one without any is left out."""
    return {building: (units, homes) for building, units, homes in queries.tally(session, community_code)}


def find_dwellings(
    session: Session, *, community_code: str, building: str, unit: str | None = None, room: str | None = None
) -> dict[uuid.UUID, Dwelling]:
    """Household -> how it is named, of a building, or of one unit or room of it, by unit and room."""
    rows = queries.dwellings(session, community_code, building, unit, room)
    return {household: Dwelling(*names) for household, *names in rows}


def search_dwellings(session: Session, *, community_code: str, text: str) -> dict[uuid.UUID, Dwelling]:
    """Household -> how it is named, of a door as people type it: ``3-2-501``, ``3-501``, ``3栋2单元``, ``3栋``.

    Of two parts the second is a room, or where there is none, a unit.
    """
    parts = rules.door_parts(text)
    if not parts:
        return {}
    named = [
        each.name for each in queries.buildings(session, community_code) if rules.bare(each.name) == parts[0]
    ]
    found: dict[uuid.UUID, Dwelling] = {}
    for building in named:
        found |= find_dwellings(session, community_code=community_code, building=building)
    match parts[1:]:
        case ():
            return found
        case (last,):
            rooms = {home: each for home, each in found.items() if rules.bare(each.room) == last}
            return rooms or {home: each for home, each in found.items() if rules.bare(each.unit) == last}
        case (unit, room, *_):
            return {
                home: each
                for home, each in found.items()
                if (rules.bare(each.unit), rules.bare(each.room)) == (unit, room)
            }
    return {}


def dwellings(session: Session, *, household_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Dwelling]:
    """Household -> how it is named, of several households."""
    rows = queries.dwellings_by_id(session, household_ids)
    return {household: Dwelling(*names) for household, *names in rows}


# --- inside -------------------------------------------------------------------------------------------------------


def _rows(
    table: Iterable[str], known: set[str], edition: str, valid_from: dt.date
) -> Iterator[dict[str, object]]:
    reader = csv.DictReader(table, strict=True)
    try:
        if not {"code", "name"} <= set(reader.fieldnames or ()):
            raise DivisionFileMalformed(row=1, reason="the columns code and name are needed")
        for row in reader:
            code, name = _code(row.get("code") or "", reader.line_num), (row.get("name") or "").strip()
            if not name or len(name) > LARGEST_NAME:
                raise DivisionFileMalformed(row=reader.line_num, reason="the name is missing or too long")
            if code in known:
                continue
            parent = rules.parent_of(code)
            if parent is not None and parent not in known:
                raise DivisionFileMalformed(row=reader.line_num, reason=f"nothing above {code} is known")
            known.add(code)
            yield {
                "code": code, "name": name, "parent_code": parent, "level": level(code), "source": edition,
                "valid_from": valid_from,
            }  # fmt: skip
    except csv.Error as error:
        raise DivisionFileMalformed(row=reader.line_num + 1, reason=str(error)) from error


def _code(text: str, row: int) -> str:
    try:
        code = rules.full_code(text.strip())
        rules.parent_of(code)
    except (ValueError, DivisionMisplaced) as error:
        raise DivisionFileMalformed(row=row, reason=f"{text[:20]!r} is no division code") from error
    return code


def _batches(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == IMPORT_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
