"""The roster as a clerk looks at it: found by home, name or the end of a number, and one person with their story."""

import datetime as dt
import uuid
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.core import clock
from app.places import service as places
from app.places.rules import counted
from app.places.service import Dwelling
from app.residents import queries
from app.residents.errors import ResidentNotFound
from app.residents.models import Registration, Resident
from app.residents.queries import Standing
from app.residents.rules import narrow
from app.residents.service.roster import opened

#: How much of one person's story the page shows.
MOST_EVENTS = 50

Place = tuple[str, str, str, str]
"""Building, unit, room and the person's id: by what a list goes on."""


@dataclass(frozen=True)
class Wanted:
    """Who is looked for; what is none does not matter."""

    building: str | None = None
    unit: str | None = None
    room: str | None = None
    #: A part of a name, or the end of a number, or a room.
    search: str | None = None
    moved_out: bool = False


@dataclass(frozen=True)
class Found:
    """Some of those who were looked for, by home, and how many there are in all."""

    people: list[tuple[Resident, Dwelling]]
    total: int


@dataclass(frozen=True)
class Event:
    """Something that was done about a person, as the record keeps it."""

    at: dt.datetime
    tag: str
    by: str | None


@dataclass(frozen=True)
class Elsewhere:
    """Another community of the caller's in which the same number stands."""

    community_code: str
    community: str
    resident_id: uuid.UUID


@dataclass(frozen=True)
class PersonPage:
    """One person, who lives with them, where else they are known, what they wrote, what was done."""

    resident: Resident
    dwelling: Dwelling
    household: list[Resident]
    elsewhere: list[Elsewhere]
    registrations: Sequence[Registration]
    events: list[Event]
    #: Of age today; nobody who is shown masked has the day beside the year.
    adult: bool
    #: Whether their number, or a code of theirs, was ever used to sign in.
    signs_in: bool


def listing(
    session: Session, *, community_code: str, wanted: Wanted, after: Place | None, limit: int, actor: Actor
) -> Found:
    """Who lives in a community, for its staff, by home as people count: 9栋 before 10栋.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="resident.list")
    found = matching(session, community_code=community_code, wanted=wanted)
    first = 0 if after is None else bisect_right(found, _order(*after), key=lambda each: _place_of(*each))
    page = found[first : first + limit]
    rows = {row.id: row for row in queries.residents_by_id(session, [each.id for each, _ in page])}
    return Found([(rows[each.id], home) for each, home in page], len(found))


def matching(session: Session, *, community_code: str, wanted: Wanted) -> list[tuple[Standing, Dwelling]]:
    """Everybody who is looked for, by home; nothing is opened that is not searched."""
    homes = places.names_of(session, community_code)
    found = [
        (row, homes[row.household_id])
        for row in queries.standing(session, community_code, moved_out=wanted.moved_out)
        if _lives(homes[row.household_id], wanted) and _answers(row, homes[row.household_id], wanted.search)
    ]
    return sorted(found, key=lambda each: _place_of(*each))


def read_resident(
    session: Session, *, community_code: str, resident_id: uuid.UUID, actor: Actor
) -> PersonPage:
    """One person of a community, with their story.

    Raises:
        ResidentNotFound: there is none, or they are not yours.
    """
    row = my_resident(session, community_code, resident_id, actor=actor, verb="resident.read")
    search = audit.Search(chain=community_code, subject=f"resident:{row.id}")
    entries = audit.listing(session, prefix=community_code, search=search, after=None, limit=MOST_EVENTS)
    names = access.staff_names(session, refs={entry.actor for entry in entries})
    account = row.phone_fingerprint and access.account_with_phone(session, row.phone_fingerprint)
    codes = access.paper_codes_of(session, subject_ids=[row.id])
    return PersonPage(
        resident=row,
        dwelling=places.dwellings(session, household_ids=[row.household_id])[row.household_id],
        household=[each for each in queries.living_in(session, [row.household_id]) if each.id != row.id],
        elsewhere=_elsewhere(session, row, actor),
        registrations=queries.registrations_behind(session, row),
        events=[
            Event(entry.at, entry.tag, names.get(entry.actor)) for entry in entries if entry.at is not None
        ],
        adult=row.adult_on is None or row.adult_on <= clock.today(),
        signs_in=bool(account) or any(code["used_at"] for code in codes),
    )


def my_resident(
    session: Session, community_code: str, resident_id: uuid.UUID, *, actor: Actor, verb: str
) -> Resident:
    """A resident of a community where the caller may do this.

    Raises:
        ResidentNotFound: there is none, or they are not yours.
    """
    row = queries.resident(session, resident_id)
    if row is None or row.community_code != community_code or not actor.may(verb, community_code):
        raise ResidentNotFound
    return row


# --- inside -------------------------------------------------------------------------------------------------------


def _lives(home: Dwelling, wanted: Wanted) -> bool:
    return (
        wanted.building in {None, home.building}
        and wanted.unit in {None, home.unit}
        and wanted.room in {None, home.room}
    )


def _answers(row: Standing, home: Dwelling, search: str | None) -> bool:
    """Whether somebody is looked for by a part of their name, the end of their number, or their room."""
    text = narrow(search or "").replace(" ", "")
    if not text:
        return True
    if text.isascii() and text.isdigit():
        return home.room == text or (opened("phone", row.phone) or "").endswith(text)
    return text.casefold() in (opened("name", row.name) or "").replace(" ", "").casefold()


def _place_of(row: Standing, home: Dwelling) -> tuple[object, ...]:
    return _order(home.building, home.unit, home.room, str(row.id))


def _order(building: str, unit: str, room: str, resident_id: str) -> tuple[object, ...]:
    return counted(building), counted(unit), counted(room), resident_id


def _elsewhere(session: Session, row: Resident, actor: Actor) -> list[Elsewhere]:
    if row.phone_fingerprint is None:
        return []
    return [
        Elsewhere(each.community_code, places.division(session, each.community_code).name, each.id)
        for each in queries.behind(session, [row.phone_fingerprint])
        if each.id != row.id and actor.may("resident.list", each.community_code)
    ]
