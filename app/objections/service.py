"""The verbs of an objection."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.roles import Role
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.objections import queries, rules
from app.objections.errors import (
    NoOffer,
    NotAMediator,
    NotAResidentThere,
    ObjectionNotFound,
    ObjectionOpen,
    ObjectionWrongState,
)
from app.objections.models import Objection, ObjectionEntry, ObjectionView
from app.objections.rules import CONTACTS, Act, EntryKind, ObjectionState
from app.objections.schemas import ObjectionIn
from app.places import service as places
from app.projects import service as projects
from app.projects.errors import ProjectNotFound
from app.projects.rules import PUBLIC_STATES
from app.residents import service as residents

LARGEST_LIST = 500


@dataclass(frozen=True)
class OwnObjection:
    """An objection as its household sees it."""

    objection: Objection
    entries: Sequence[ObjectionEntry]
    views: Sequence[ObjectionView]


# --- the household --------------------------------------------------------------------------------------------------


def file(session: Session, *, project_id: uuid.UUID, body: ObjectionIn, actor: Actor) -> OwnObjection:
    """Object to a project for one's household; possible at any time.

    Raises:
        ProjectNotFound: no such public project.
        NotAResidentThere: the household lives elsewhere.
        ObjectionOpen: it objects already.
    """
    project = projects.project(session, project_id)
    if project.state not in PUBLIC_STATES:
        raise ProjectNotFound
    person = residents.person_in(
        session, phone_fingerprint=actor.phone_fingerprint or "", community_codes=[project.community_code]
    )
    if person is None:
        raise NotAResidentThere
    fingerprint = _household(person.household_id)
    if queries.open_of(session, project_id, fingerprint) is not None:
        raise ObjectionOpen
    dwelling = places.names_of(session, project.community_code)[person.household_id]
    now = clock.now()
    row = Objection(
        project_id=project_id,
        community_code=project.community_code,
        household_fingerprint=fingerprint,
        identity=json.dumps(
            {
                "name": person.name,
                "phone": person.phone,
                "dwelling": f"{dwelling.building} {dwelling.unit} {dwelling.room}",
            },
            ensure_ascii=False,
        ),
        state=ObjectionState.FILED,
        filed_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()  # the entries refer to it
    words = [
        body.grounds,
        f"影响：{body.effect}" if body.effect else "",
        f"希望：{body.would_help}" if body.would_help else "",
    ]
    _write(
        session,
        row,
        EntryKind.GROUNDS,
        "\n\n".join(each for each in words if each),
        by_objector=True,
        actor=actor,
    )
    _record(session, row, actor)
    return _own(session, row)


def mine(session: Session, *, actor: Actor) -> list[OwnObjection]:
    """The objections of one's household."""
    people = residents.people_behind(session, phone_fingerprint=actor.phone_fingerprint or "")
    fingerprints = {_household(person.household_id) for person in people}
    return [_own(session, row) for row in queries.of_households(session, fingerprints)]


def answer(session: Session, *, objection_id: uuid.UUID, text: str, actor: Actor) -> OwnObjection:
    """Say something to the mediator.

    Raises:
        ObjectionNotFound: it is not your household's.
        ObjectionWrongState: it is closed.
    """
    row = _of_household(session, objection_id, actor)
    _move(row, Act.ANSWER)
    _write(session, row, EntryKind.ANSWER, text, by_objector=True, actor=actor)
    return _own(session, row)


def settle(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Accept the last offer.

    Raises:
        ObjectionNotFound: it is not your household's.
        NoOffer: nothing was offered.
        ObjectionWrongState: it is closed.
    """
    row = _of_household(session, objection_id, actor)
    if not any(entry.kind is EntryKind.OFFER for entry in queries.entries(session, row.id)):
        raise NoOffer
    _move(row, Act.SETTLE)
    _write(session, row, EntryKind.OUTCOME, "接受最后一个方案", by_objector=True, actor=actor)
    _record(session, row, actor)
    return _own(session, row)


def withdraw(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Withdraw the objection; only the household can, and for 48 hours it can come back.

    Raises:
        ObjectionNotFound, ObjectionWrongState.
    """
    row = _of_household(session, objection_id, actor)
    _move(row, Act.WITHDRAW)
    _write(session, row, EntryKind.OUTCOME, "撤回异议", by_objector=True, actor=actor)
    _record(session, row, actor)
    return _own(session, row)


def maintain(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Keep the objection, after a settlement too, or take a withdrawal back within 48 hours.

    Raises:
        ObjectionNotFound: it is not your household's.
        TooLateToReturn: it was withdrawn longer ago.
    """
    row = _of_household(session, objection_id, actor)
    if row.state is ObjectionState.WITHDRAWN:
        rules.check_return(withdrawn_at=row.changed_at, now=clock.now())
        _move(row, Act.RETURN)
    _move(row, Act.MAINTAIN)
    _write(session, row, EntryKind.OUTCOME, "保留异议", by_objector=True, actor=actor)
    _record(session, row, actor)
    return _own(session, row)


# --- those who negotiate --------------------------------------------------------------------------------------------


def cases(session: Session, *, actor: Actor) -> Sequence[Objection]:
    """Cases to work on: for the designated officer those of the division, for a mediator the assigned ones."""
    officer = _officer_divisions(actor)
    if officer:
        return queries.cases(session, divisions=officer, mediator_id=None, limit=LARGEST_LIST)
    return queries.cases(session, divisions=(), mediator_id=actor.account_id, limit=LARGEST_LIST)


def assign(session: Session, *, objection_id: uuid.UUID, mediator_id: uuid.UUID, actor: Actor) -> Objection:
    """Give a case to a mediator.

    Raises:
        ObjectionNotFound: there is none, or it is not yours.
        NotAMediator: the account holds no such role there.
        ObjectionWrongState: it is closed.
    """
    row = queries.objection_locked(session, objection_id)
    if row is None or not actor.may("objection.assign", row.community_code):
        raise ObjectionNotFound
    if not access.holds(session, account_id=mediator_id, role=Role.MEDIATOR, division=row.community_code):
        raise NotAMediator
    _move(row, Act.ASSIGN)
    row.mediator_id = mediator_id
    session.add(row)
    _record(session, row, actor)
    return row


def view_case(
    session: Session, *, objection_id: uuid.UUID, purpose: str, actor: Actor
) -> tuple[Objection, dict[str, str | None], Sequence[ObjectionEntry]]:
    """Open a case: who objects and everything said. The look is logged and shown to the household.

    Raises:
        ObjectionNotFound: there is none, or it was not given to you.
    """
    row = _of_desk(session, objection_id, actor)
    position = len(queries.views(session, row.id)) + 1
    role = Role.OBJECTION_OFFICER if _is_officer(row, actor) else Role.MEDIATOR
    session.add(
        ObjectionView(
            objection_id=row.id,
            position=position,
            by=actor.ref,
            role=role.value,
            purpose=purpose,
            at=clock.now(),
        )
    )
    return row, json.loads(row.identity), queries.entries(session, row.id)


def negotiate(
    session: Session, *, objection_id: uuid.UUID, kind: EntryKind, text: str, actor: Actor
) -> ObjectionEntry:
    """Write down a session, an offer or a note.

    Raises:
        ObjectionNotFound: it was not given to you.
        ObjectionWrongState: the case is closed, or the entry is not a mediator's to write.
        CoolOff, QuietHours, TooManyContacts: the household is to be left in peace now.
    """
    row = _of_desk(session, objection_id, actor)
    if row.mediator_id != actor.account_id:
        raise ObjectionNotFound
    if kind not in {EntryKind.SESSION, EntryKind.OFFER, EntryKind.NOTE}:
        raise ObjectionWrongState(state=row.state.value, act=kind.value)
    _move(row, Act.NEGOTIATE)
    if kind in CONTACTS:
        contacts = [entry.at for entry in queries.entries(session, row.id) if entry.kind in CONTACTS]
        rules.check_contact(filed_at=row.filed_at, contacts=contacts, now=clock.now())
    return _write(session, row, kind, text, by_objector=False, actor=actor)


# --- everybody ------------------------------------------------------------------------------------------------------


def public_count(session: Session, *, project_id: uuid.UUID) -> int | None:
    """How many households object to a project, rounded, where that cannot point at anybody.

    Raises:
        ProjectNotFound: no such public project.
    """
    project = projects.project(session, project_id)
    if project.state not in PUBLIC_STATES:
        raise ProjectNotFound
    households = places.household_count(session, project.community_code)
    return rules.public_count(queries.open_count(session, project_id), households)


# --- inside ---------------------------------------------------------------------------------------------------------


def _household(household_id: uuid.UUID) -> str:
    return vault.current().fingerprint(str(household_id), "objection.household")


def _of_household(session: Session, objection_id: uuid.UUID, actor: Actor) -> Objection:
    row = queries.objection_locked(session, objection_id)
    people = residents.people_behind(session, phone_fingerprint=actor.phone_fingerprint or "")
    if row is None or row.household_fingerprint not in {_household(person.household_id) for person in people}:
        raise ObjectionNotFound
    return row


def _of_desk(session: Session, objection_id: uuid.UUID, actor: Actor) -> Objection:
    row = queries.objection_locked(session, objection_id)
    if row is None or not (_is_officer(row, actor) or _is_mediator(row, actor)):
        raise ObjectionNotFound
    return row


def _is_officer(row: Objection, actor: Actor) -> bool:
    return actor.may("objection.assign", row.community_code)


def _is_mediator(row: Objection, actor: Actor) -> bool:
    assigned = row.mediator_id is not None and row.mediator_id == actor.account_id
    return assigned and actor.may("objection.negotiate", row.community_code)


def _officer_divisions(actor: Actor) -> tuple[str, ...]:
    return actor.divisions_for("objection.assign")


def _move(row: Objection, act: Act) -> None:
    row.state = rules.step(row.state, act)


def _write(
    session: Session, row: Objection, kind: EntryKind, text: str, *, by_objector: bool, actor: Actor
) -> ObjectionEntry:
    position = len(queries.entries(session, row.id)) + 1
    now: dt.datetime = clock.now()
    entry = ObjectionEntry(
        objection_id=row.id,
        position=position,
        kind=kind,
        by_objector=by_objector,
        by=actor.ref,
        at=now,
        text=text,
    )
    row.changed_at = now
    session.add_all([row, entry])
    session.flush()  # what is returned is read back, and the next entry takes the next position
    return entry


def _own(session: Session, row: Objection) -> OwnObjection:
    return OwnObjection(row, queries.entries(session, row.id), queries.views(session, row.id))


def _record(session: Session, row: Objection, actor: Actor) -> None:
    """That something happened to some objection here: no project, no household, no resident's account."""
    by = actor.ref if actor.grants else "resident"
    audit.record(
        session,
        chain=row.community_code,
        by=by,
        tag=Tag.OBJECTION_CHANGED,
        subject="objection",
        timeless=True,
    )
