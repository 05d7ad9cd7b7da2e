"""What every change of a roster shares: whose it is, its lock, the columns of a person."""

import datetime as dt
import uuid
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import clock, vault
from app.core.ids import new_id
from app.residents import queries, rules
from app.residents.errors import ImportNotFound
from app.residents.models import Roster, RosterImport
from app.residents.rules import Person, ResidentSource

#: Columns that are sealed, and in which context.
SEALED = {"name": "resident.name", "phone": "resident.phone", "birth_date": "resident.birth_date"}


def identity_fingerprint(community_code: str, person_identity: str) -> str:
    """The keyed hash of a name and dwelling in a community."""
    return vault.current().fingerprint(f"{community_code}\0{person_identity}", "resident.identity")


def values_of(person: Person) -> dict[str, Any]:
    """The columns that a roster says anew each time, in clear."""
    return {
        "phone": person.phone,
        "phone_fingerprint": None if person.phone is None else access.phone_fingerprint(person.phone),
        "birth_date": None if person.birth_date is None else person.birth_date.isoformat(),
        "adult_on": adult_on(person.birth_date),
        "tenure": person.tenure,
        "is_representative": person.is_representative,
    }


def new_values(
    community_code: str, household_id: uuid.UUID, person: Person, source: ResidentSource
) -> dict[str, Any]:
    """The columns of a person who is new, in clear."""
    return {
        "id": new_id(),
        "community_code": community_code,
        "household_id": household_id,
        "name": person.name,
        **values_of(person),
        "identity_fingerprint": identity_fingerprint(community_code, person.identity),
        "source": source,
        "came_at": clock.now(),
        "moved_out_at": None,
    }


def sealed(values: dict[str, Any]) -> dict[str, Any]:
    """The same columns as the database keeps them."""
    keep = vault.current()
    return {
        name: value if name not in SEALED or value is None else keep.seal(value, SEALED[name])
        for name, value in values.items()
    }


def opened(column: str, value: str | None) -> str | None:
    """What stands in a sealed column."""
    return None if value is None else vault.current().open(value, SEALED[column])


def adult_on(birth_date: dt.date | None) -> dt.date | None:
    """The eighteenth birthday; in a year without 29 February, the day after."""
    if birth_date is None:
        return None
    year = birth_date.year + rules.ADULT_YEARS
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return dt.date(year, 3, 1)


def my_import(row: RosterImport | None, community_code: str, actor: Actor, *, verb: str) -> RosterImport:
    """The import, if it is one of a community where the caller may do this.

    Raises:
        ImportNotFound: there is none, or it is not yours.
    """
    if row is None or row.community_code != community_code or not actor.may(verb, community_code):
        raise ImportNotFound
    return row


def lock_roster(session: Session, community_code: str) -> Roster:
    """A community's roster, locked until the transaction ends; made with the first import."""
    row = queries.roster_for_update(session, community_code)
    if row is None:
        row = Roster(community_code=community_code, version=0)
        session.add(row)
        session.flush()  # of two first imports at once, one must wait here
    return row


def touch(session: Session, community_code: str) -> None:
    """Note that the roster is another one now: what was previewed before has to be looked at anew."""
    row = lock_roster(session, community_code)
    row.version += 1
    session.add(row)
