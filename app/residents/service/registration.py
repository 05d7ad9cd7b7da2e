"""Registering oneself: for tenants and migrants whom no roster knows. The committee answers."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.outbox import service as outbox
from app.places import service as places
from app.places.service import Dwelling, Dwellings
from app.residents import queries
from app.residents.errors import (
    AlreadyOnTheRoster,
    PhoneNotYours,
    RegistrationDecided,
    RegistrationNotFound,
    RegistrationPending,
)
from app.residents.events import RegistrationAnswered
from app.residents.models import Registration, Resident
from app.residents.rules import Person, RegistrationState, ResidentSource, person_from_plain
from app.residents.service.people import person_in
from app.residents.service.roster import new_values


def file(session: Session, *, community_code: str, person: Person, actor: Actor) -> Registration:
    """Say that one lives in a community; a household register (hukou) is never asked for.

    Raises:
        DivisionNotFound: no such community.
        PhoneNotYours: another number than the one signed in with.
        AlreadyOnTheRoster: known there already.
        RegistrationPending: said so before, not answered yet.
    """
    places.community(session, community_code)
    fingerprint = actor.phone_fingerprint
    if fingerprint is None or person.phone is None or access.phone_fingerprint(person.phone) != fingerprint:
        raise PhoneNotYours
    if person_in(session, phone_fingerprint=fingerprint, community_codes=[community_code]) is not None:
        raise AlreadyOnTheRoster
    if queries.pending_of(session, community_code, fingerprint) is not None:
        raise RegistrationPending
    row = Registration(
        community_code=community_code,
        state=RegistrationState.PENDING,
        phone_fingerprint=fingerprint,
        person=json.dumps(person.to_plain(), ensure_ascii=False),
        created_at=clock.now(),
    )
    session.add(row)
    return row


def registrations(
    session: Session,
    *,
    community_code: str,
    state: RegistrationState,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> list[tuple[Registration, dict[str, Any]]]:
    """Registrations of a community in a state, oldest first, with what each person said.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="registration.list")
    rows: Sequence[Registration] = queries.registrations(
        session, community_code, state, after=after, limit=limit
    )
    return [(row, json.loads(row.person)) for row in rows]


@dataclass(frozen=True)
class MyRegistration:
    """What somebody said of where they live."""

    row: Registration
    community: str
    dwelling: Dwelling


def my_registrations(session: Session, *, actor: Actor) -> list[MyRegistration]:
    """The caller's own registrations, the newest first."""
    if actor.phone_fingerprint is None:
        return []
    found = []
    for row in queries.registrations_of(session, actor.phone_fingerprint):
        person = person_from_plain(json.loads(row.person))
        name = places.division(session, row.community_code).name
        found.append(MyRegistration(row, name, Dwelling(person.building, person.unit, person.room)))
    return found


def approve(session: Session, *, registration_id: uuid.UUID, actor: Actor) -> Registration:
    """Take somebody in who registered themselves.

    Raises:
        RegistrationNotFound: there is none, or it is not yours.
        RegistrationDecided: it was answered already.
        AlreadyOnTheRoster: a roster has brought them meanwhile.
    """
    row = _pending(session, registration_id, actor, verb="registration.approve")
    person = person_from_plain(json.loads(row.person))
    if person_in(session, phone_fingerprint=row.phone_fingerprint, community_codes=[row.community_code]):
        raise AlreadyOnTheRoster
    dwellings = Dwellings(session, row.community_code)
    household = dwellings.ensure(Dwelling(person.building, person.unit, person.room), None)
    dwellings.save()
    values = new_values(row.community_code, household.id, person, ResidentSource.REGISTRATION)
    resident = Resident(**values)
    session.add(resident)
    session.flush()  # the registration refers to the person
    row.state, row.decided_by, row.resident_id = RegistrationState.APPROVED, actor.ref, resident.id
    session.add(row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REGISTRATION_APPROVED,
        subject=f"registration:{row.id}",
    )  # fmt: skip
    _tell(session, row)
    return row


def reject(session: Session, *, registration_id: uuid.UUID, reason: str, actor: Actor) -> Registration:
    """Decline a registration, with the reason.

    Raises:
        RegistrationNotFound: there is none, or it is not yours.
        RegistrationDecided: it was answered already.
    """
    row = _pending(session, registration_id, actor, verb="registration.reject")
    row.state, row.decided_by, row.reason = RegistrationState.REJECTED, actor.ref, reason
    session.add(row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REGISTRATION_REJECTED,
        subject=f"registration:{row.id}",
    )  # fmt: skip
    _tell(session, row)
    return row


def registration(session: Session, registration_id: uuid.UUID) -> Registration | None:
    """One registration, unless it was forgotten."""
    return queries.registration(session, registration_id)


def _tell(session: Session, row: Registration) -> None:
    event = RegistrationAnswered(str(row.id), row.community_code)
    outbox.emit(session, event, subject=f"registration:{row.id}")


def _pending(session: Session, registration_id: uuid.UUID, actor: Actor, *, verb: str) -> Registration:
    row = queries.registration_locked(session, registration_id)
    if row is None or not actor.may(verb, row.community_code):
        raise RegistrationNotFound
    if row.state is not RegistrationState.PENDING:
        raise RegistrationDecided(state=row.state.value)
    return row
