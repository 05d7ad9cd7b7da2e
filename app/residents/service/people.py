"""Looking people up."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.core import vault
from app.places import service as places
from app.places.service import Dwelling
from app.residents import queries
from app.residents.models import Resident
from app.residents.queries import Candidate


@dataclass(frozen=True)
class Subject:
    """Who a phone stands for: a person and their household."""

    resident_id: uuid.UUID
    household_id: uuid.UUID


@dataclass(frozen=True)
class Membership:
    """Where somebody is known to live."""

    community_code: str
    community: str
    dwelling: Dwelling
    resident: Resident


def resident(session: Session, resident_id: uuid.UUID) -> Resident | None:
    """One person, by id."""
    return queries.resident(session, resident_id)


def people_behind(session: Session, *, phone_fingerprint: str) -> Sequence[Resident]:
    """Those whom a phone stands for; a person may live in several communities."""
    return queries.behind(session, [phone_fingerprint])


def person_in(session: Session, *, phone_fingerprint: str, community_codes: Sequence[str]) -> Resident | None:
    """Whom a phone stands for in one of these communities."""
    return next(
        (
            each
            for each in queries.behind(session, [phone_fingerprint])
            if each.community_code in community_codes
        ),
        None,
    )


def subjects_of(session: Session, *, phone_fingerprints: Collection[str]) -> dict[str, list[Subject]]:
    """Whom each of several phones stands for; one query, nothing decrypted."""
    found: dict[str, list[Subject]] = {}
    for fingerprint, resident_id, household_id in queries.behind_ids(session, phone_fingerprints):
        found.setdefault(fingerprint, []).append(Subject(resident_id, household_id))
    return found


def eligible_people(session: Session, *, community_codes: Sequence[str], on: dt.date) -> Iterable[Candidate]:
    """Adults who live in these communities on a day; the household register (hukou) plays no part."""
    return queries.candidates(session, community_codes, on)


def count_eligible(session: Session, *, community_codes: Sequence[str], on: dt.date) -> tuple[int, int]:
    """How many `eligible_people` there are, and in how many households."""
    return queries.candidate_counts(session, community_codes, on)


@dataclass(frozen=True)
class Owner:
    """An owner of a dwelling: ids and keyed hashes, nothing that says who it is."""

    resident_id: uuid.UUID
    household_id: uuid.UUID
    phone_fingerprint: str | None
    #: Equal for two rows with one name and one birth date; none where no birth date is known.
    person_fingerprint: str | None
    #: Of age, so that they can act for themselves.
    adult: bool


def owners(session: Session, *, community_codes: Sequence[str], on: dt.date) -> list[Owner]:
    """Who owns dwellings in these communities, children among them."""
    return [
        Owner(
            row.resident_id,
            row.household_id,
            row.phone_fingerprint,
            None
            if row.birth_date is None
            else vault.current().fingerprint(f"{row.name}\0{row.birth_date}", "resident.person"),
            adult=row.adult_on is None or row.adult_on <= on,
        )
        for row in queries.owners(session, community_codes)
    ]


def household_members(session: Session, *, household_id: uuid.UUID, community_code: str) -> list[Resident]:
    """Who lives in a household now."""
    return [each for each in queries.active(session, community_code) if each.household_id == household_id]


def living_in(session: Session, *, household_ids: Collection[uuid.UUID]) -> Sequence[Resident]:
    """Who lives in several households now."""
    return queries.living_in(session, household_ids)


def homes_of(session: Session, *, resident_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Resident -> the household they live in now; who has moved out is left out."""
    return queries.homes(session, resident_ids)


def residents(session: Session, *, resident_ids: Collection[uuid.UUID]) -> Sequence[Resident]:
    """Several people, by id."""
    return queries.residents_by_id(session, resident_ids)


def adults(
    session: Session,
    *,
    community_code: str,
    on: dt.date,
    resident_ids: Collection[uuid.UUID] | None = None,
    building_id: uuid.UUID | None = None,
) -> list[tuple[Resident, Dwelling]]:
    """Adults who live in a community on a day, by dwelling: those named, or those of a building."""
    names = places.names_of(session, community_code)
    inside = None if building_id is None else places.household_ids(session, building_id=building_id)
    rows = queries.adults(session, community_code, on, ids=resident_ids, household_ids=inside)
    found = [(row, names[row.household_id]) for row in rows]
    return sorted(found, key=lambda each: (each[1].building, each[1].unit, each[1].room, str(each[0].id)))


def memberships(session: Session, *, actor: Actor) -> list[Membership]:
    """Where the caller is known to live: the owner of a phone, or whom a paper code stands for."""
    rows: Sequence[Resident] = []
    if actor.phone_fingerprint is not None:
        rows = queries.behind(session, [actor.phone_fingerprint])
    elif actor.subject_id is not None:
        person = queries.resident(session, actor.subject_id)
        rows = [] if person is None or person.moved_out_at is not None else [person]
    found = []
    for row in rows:
        dwelling = places.names_of(session, row.community_code)[row.household_id]
        name = places.division(session, row.community_code).name
        found.append(Membership(row.community_code, name, dwelling, row))
    return found


@dataclass(frozen=True)
class RosterWords:
    """What must not stand in published text."""

    names: frozenset[str]
    #: ``3栋2单元0301``, as the roster writes them.
    homes: frozenset[str]
    phones: frozenset[str]


def roster_words(session: Session, *, community_code: str) -> RosterWords:
    """Names, phones and dwellings of a community's roster: what must not stand in published text."""
    places_of = places.names_of(session, community_code)
    rows = queries.active(session, community_code)
    homes = {places_of[row.household_id] for row in rows}
    return RosterWords(
        frozenset(row.name for row in rows),
        frozenset(f"{each.building}{each.unit}{each.room}" for each in homes),
        frozenset(row.phone for row in rows if row.phone),
    )
