"""What is kept of one person's home: shown to them, and what they wrote themselves forgotten when they ask."""

import datetime as dt
import json
import uuid

from sqlmodel import Session

from app.access import service as access
from app.core import clock
from app.core.canonical import Plain
from app.places import service as places
from app.residents import queries
from app.residents.rules import masked_name, masked_phone, person_from_plain

CENTI = 100


def export_of(session: Session, *, account_id: uuid.UUID) -> dict[str, list[dict[str, Plain]]]:
    """Where somebody is known to live, as rosters say it, and what they wrote when they registered themselves.

    Names and numbers are masked, of a birth date the year is left: numbers are given to others after a while, and
    whoever has an old one now must not learn whose it was. The whole lies open at the committee.
    """
    phone = _phone(session, account_id)
    if phone is None:
        return {"memberships": [], "registrations": []}
    people = queries.behind(session, [phone])
    homes = {row.id: row for row in places.households(session, [person.household_id for person in people])}
    names = places.dwellings(session, household_ids=list(homes))
    return {
        "memberships": [
            {
                "community": places.division(session, person.community_code).name,
                "dwelling": names[person.household_id].in_words,
                "area_m2": _area(homes[person.household_id].area_centi_m2),
                "name": masked_name(person.name),
                "phone": masked_phone(person.phone),
                "birth_year": None if person.birth_date is None else person.birth_date[:4],
                "tenure": person.tenure.value,
                "is_representative": person.is_representative,
                "source": person.source.value,
            }
            for person in people
        ],
        "registrations": [
            {
                "community": places.division(session, row.community_code).name,
                "filed_at": _instant(row.created_at),
                "state": row.state.value,
                "reason": row.reason,
                "said": _said(row.person),
            }
            for row in queries.registrations_of(session, phone)
        ],
    }


def forget(session: Session, *, account_id: uuid.UUID) -> int:
    """Delete what somebody wrote when they registered themselves; returns how often they did.

    The roster is the committee's own list, kept by duty (Organic Law 2025, arts. 16-17): it stays, with whoever was
    taken in from a registration.
    """
    phone = _phone(session, account_id)
    return 0 if phone is None else queries.delete_registrations(session, phone)


def _phone(session: Session, account_id: uuid.UUID) -> str | None:
    account = access.account_of(session, account_id)
    return None if account is None else account.phone_fingerprint


def _said(sealed: str) -> dict[str, Plain]:
    said = person_from_plain(json.loads(sealed))
    return {
        "dwelling": f"{said.building} {said.unit} {said.room}",
        "name": masked_name(said.name),
        "phone": masked_phone(said.phone),
        "birth_year": None if said.birth_date is None else str(said.birth_date.year),
        "tenure": said.tenure.value,
    }


def _area(centi: int | None) -> str | None:
    return None if centi is None else f"{centi // CENTI}.{centi % CENTI:02d}"


def _instant(at: dt.datetime) -> str:
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")
