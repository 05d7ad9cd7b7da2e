"""Registering oneself: for tenants and migrants whom no roster knows. The committee answers."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.errors import DomainError
from app.outbox import service as outbox
from app.places import service as places
from app.places.service import Dwelling, Dwellings
from app.residents import queries
from app.residents.errors import (
    AlreadyOnTheRoster,
    PhoneKnownElsewhere,
    PhoneNotYours,
    RegistrationDecided,
    RegistrationKnown,
    RegistrationNotFound,
    RegistrationPending,
    ResidentHasPhone,
    ResidentNotFound,
)
from app.residents.events import RegistrationAnswered
from app.residents.models import Registration, Resident
from app.residents.rules import Person, RegistrationState, ResidentSource, are_alike, person_from_plain
from app.residents.service.people import person_in
from app.residents.service.roster import adult_on, new_values


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
) -> list[tuple[Registration, Person]]:
    """Registrations of a community in a state, oldest first, with what each person said.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="registration.list")
    rows: Sequence[Registration] = queries.registrations(
        session, community_code, state, after=after, limit=limit
    )
    return [(row, person_from_plain(json.loads(row.person))) for row in rows]


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


@dataclass(frozen=True)
class Lookalike:
    """Somebody on the roster who may be the one who registered: the same home, and a name that is the same or alike."""

    resident: Resident
    dwelling: Dwelling


def lookalikes(session: Session, *, rows: Sequence[Registration]) -> dict[uuid.UUID, list[Lookalike]]:
    """Registration -> who on the roster may be the one who wrote it."""
    found: dict[uuid.UUID, list[Lookalike]] = {}
    for row in rows:
        person = person_from_plain(json.loads(row.person))
        # whoever does not know the number of their stairwell leaves it out
        homes = places.find_dwellings(
            session, community_code=row.community_code, building=person.building,
            unit=None if person.unit == "-" else person.unit, room=person.room,
        )  # fmt: skip
        people = queries.living_in(session, list(homes)) if homes else []
        found[row.id] = [
            Lookalike(each, homes[each.household_id]) for each in people if are_alike(each.name, person.name)
        ]
    return found


def approve(
    session: Session, *, registration_id: uuid.UUID, resident_id: uuid.UUID | None = None, actor: Actor
) -> Registration:
    """Take somebody in who registered themselves: as somebody new, or as one whom the roster has without a number.

    Raises:
        RegistrationNotFound: there is none, or it is not yours.
        RegistrationDecided: it was answered already.
        AlreadyOnTheRoster: a roster has brought them meanwhile.
        RegistrationKnown: the roster has this person in this home.
        ResidentNotFound: nobody of this community has that id.
        ResidentHasPhone: that person has a number already.
        PhoneKnownElsewhere: the number stands for somebody in another community.
    """
    row = _pending(session, registration_id, actor, verb="registration.approve")
    person = person_from_plain(json.loads(row.person))
    if person_in(session, phone_fingerprint=row.phone_fingerprint, community_codes=[row.community_code]):
        raise AlreadyOnTheRoster
    new = resident_id is None
    resident = _take_in(session, row, person) if new else _recognize(session, row, person, resident_id)
    row.state, row.resident_id = RegistrationState.APPROVED, resident.id
    row.decided_by, row.decided_at = actor.ref, clock.now()
    session.add(row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.REGISTRATION_APPROVED,
        subject=f"registration:{row.id}", facts={"new": new},
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
    row.state, row.reason = RegistrationState.REJECTED, reason
    row.decided_by, row.decided_at = actor.ref, clock.now()
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


@dataclass(frozen=True)
class Answered:
    """What became of one registration of several: its state, or why it was not answered."""

    registration_id: uuid.UUID
    state: RegistrationState | None
    problem: DomainError | None


def approve_several(
    session: Session, *, community_code: str, registration_ids: Sequence[uuid.UUID], actor: Actor
) -> list[Answered]:
    """Take several in who registered themselves, each as somebody new; whoever cannot be is named, with the reason.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="registration.approve")
    return _each(
        session, community_code, registration_ids,
        lambda registration_id: approve(session, registration_id=registration_id, actor=actor),
    )  # fmt: skip


def reject_several(
    session: Session, *, community_code: str, registration_ids: Sequence[uuid.UUID], reason: str, actor: Actor
) -> list[Answered]:
    """Decline several registrations with one reason; whichever cannot be is named, with the cause.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="registration.reject")
    return _each(
        session, community_code, registration_ids,
        lambda registration_id: reject(session, registration_id=registration_id, reason=reason, actor=actor),
    )  # fmt: skip


# --- inside -------------------------------------------------------------------------------------------------------


def _each(
    session: Session,
    community_code: str,
    registration_ids: Sequence[uuid.UUID],
    answer: Callable[[uuid.UUID], Registration],
) -> list[Answered]:
    """One after the other, the oldest first; what one refuses does not keep the others from being answered."""
    known = {row.id: row for row in queries.registrations_by_id(session, registration_ids)}
    unknown = [each for each in registration_ids if each not in known]
    found = [Answered(each, None, RegistrationNotFound()) for each in unknown]
    for registration_id, row in known.items():
        if row.community_code != community_code:
            found.append(Answered(registration_id, None, RegistrationNotFound()))
            continue
        try:
            with session.begin_nested():
                found.append(Answered(registration_id, answer(registration_id).state, None))
        except DomainError as error:
            found.append(Answered(registration_id, None, error))
    return found


def _take_in(session: Session, row: Registration, person: Person) -> Resident:
    """Somebody new, and their home if nobody lived there yet."""
    dwellings = Dwellings(session, row.community_code)
    household = dwellings.ensure(Dwelling(person.building, person.unit, person.room), None)
    dwellings.save()
    resident = Resident(**new_values(row.community_code, household.id, person, ResidentSource.REGISTRATION))
    try:
        with session.begin_nested():
            session.add(resident)  # the registration refers to the person
    except IntegrityError as error:
        raise RegistrationKnown from error
    return resident


def _recognize(
    session: Session, row: Registration, person: Person, resident_id: uuid.UUID | None
) -> Resident:
    """Somebody whom the roster has, and who has a number now."""
    resident = None if resident_id is None else queries.resident_locked(session, resident_id)
    if resident is None or resident.community_code != row.community_code or resident.moved_out_at is not None:
        raise ResidentNotFound
    if resident.phone is not None:
        raise ResidentHasPhone
    if queries.behind(session, [row.phone_fingerprint]):
        raise PhoneKnownElsewhere  # on the roll of one round they could stand twice with it
    resident.phone, resident.phone_fingerprint = person.phone, row.phone_fingerprint
    if resident.birth_date is None and person.birth_date is not None:
        resident.birth_date, resident.adult_on = person.birth_date.isoformat(), adult_on(person.birth_date)
    session.add(resident)
    session.flush()  # of two at once with this number, one is refused here
    return resident


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


def registration_spans(
    session: Session, *, division: str, since: dt.datetime, until: dt.datetime
) -> Sequence[tuple[dt.datetime, dt.datetime | None]]:
    """(filed, answered) of the registrations of a span of time under a division; nothing of who it was."""
    return queries.registration_spans(session, division=division, since=since, until=until)
