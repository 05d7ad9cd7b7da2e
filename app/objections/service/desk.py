"""What those do who negotiate: the designated officer, the mediator."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.roles import Role
from app.core import clock
from app.objections import queries, rules
from app.objections.errors import NoComplaint, NotAMediator, ObjectionNotFound, ObjectionWrongState
from app.objections.events import (
    ObjectionAcknowledged,
    ObjectionAssigned,
    ObjectionComplaintAnswered,
    ObjectionOffered,
)
from app.objections.models import Objection, ObjectionEntry, ObjectionView
from app.objections.rules import BY_MEDIATOR, CONTACTS, PAST_THE_COMMUNITY, PAST_THE_MEDIATOR, Act, EntryKind
from app.objections.service.steps import (
    identity,
    is_above,
    is_officer,
    move,
    of_desk,
    record,
    write,
)
from app.outbox import service as outbox

LARGEST_LIST = 500


def cases(session: Session, *, actor: Actor) -> Sequence[Objection]:
    """Cases to work on: for the designated officer those of the division, for a mediator the assigned ones."""
    officer = actor.divisions_for("objection.assign")
    if officer:
        return queries.cases(session, divisions=officer, mediator_id=None, limit=LARGEST_LIST)
    return queries.cases(session, divisions=(), mediator_id=actor.account_id, limit=LARGEST_LIST)


def assign(session: Session, *, objection_id: uuid.UUID, mediator_id: uuid.UUID, actor: Actor) -> Objection:
    """Give a case to a mediator.

    Raises:
        ObjectionNotFound: there is none, or it is not yours.
        NotAMediator: the account holds no such role there.
        MediatorRefused: the household will not have this one.
        ObjectionWrongState: it is closed.
    """
    row = queries.objection_locked(session, objection_id)
    if row is None or not is_officer(row, actor):
        raise ObjectionNotFound
    if not access.holds(session, account_id=mediator_id, role=Role.MEDIATOR, division=row.community_code):
        raise NotAMediator
    rules.check_assignment(mediator_id, refused=queries.refused_mediators(session, row.id))
    move(row, Act.ASSIGN)
    again = row.mediator_id == mediator_id
    row.mediator_id = mediator_id
    _acknowledge(session, row)
    session.add(row)
    record(session, row, by=actor.ref)
    if not again:
        write(session, row, EntryKind.ASSIGNED, "", by_objector=False, actor=actor)
        event = ObjectionAssigned(str(row.id), str(mediator_id))
        outbox.emit(session, event, subject=f"objection:{row.id}")
    return row


def view_case(
    session: Session, *, objection_id: uuid.UUID, purpose: str, actor: Actor
) -> tuple[Objection, dict[str, Any], Sequence[ObjectionEntry]]:
    """Open a case: who objects and what was said. The look is logged and shown to the household.

    Why a mediator was refused is for officers, and what was complained of for those above the community.

    Raises:
        ObjectionNotFound: there is none, or it was not given to you.
    """
    row = of_desk(session, objection_id, actor)
    officer = is_officer(row, actor)
    if officer:
        _acknowledge(session, row)
    position = len(queries.views(session, row.id)) + 1
    session.add(
        ObjectionView(
            objection_id=row.id,
            position=position,
            by=actor.ref,
            role=(Role.OBJECTION_OFFICER if officer else Role.MEDIATOR).value,
            purpose=purpose,
            at=clock.now(),
        )
    )
    hidden = PAST_THE_MEDIATOR
    if officer:
        hidden = frozenset() if is_above(row, actor) else PAST_THE_COMMUNITY
    entries = [each for each in queries.entries(session, row.id) if each.kind not in hidden]
    return row, identity(row), entries


def negotiate(
    session: Session, *, objection_id: uuid.UUID, kind: EntryKind, text: str, actor: Actor
) -> ObjectionEntry:
    """Write down a session, an offer or a note.

    Raises:
        ObjectionNotFound: it was not given to you.
        ObjectionWrongState: the case is closed, or the entry is not a mediator's to write.
        CoolOff, QuietHours, TooManyContacts: the household is to be left in peace now.
    """
    row = of_desk(session, objection_id, actor)
    if row.mediator_id != actor.account_id:
        raise ObjectionNotFound
    if kind not in BY_MEDIATOR:
        raise ObjectionWrongState(state=row.state.value, act=kind.value)
    move(row, Act.NEGOTIATE)
    if kind in CONTACTS:
        contacts = [entry.at for entry in queries.entries(session, row.id) if entry.kind in CONTACTS]
        rules.check_contact(filed_at=row.filed_at, contacts=contacts, now=clock.now())
    entry = write(session, row, kind, text, by_objector=False, actor=actor)
    if kind is EntryKind.OFFER:
        outbox.emit(session, ObjectionOffered(str(row.id)), subject=f"objection:{row.id}")
    return entry


def reply(session: Session, *, objection_id: uuid.UUID, text: str, actor: Actor) -> ObjectionEntry:
    """Answer a household's complaint, from above the community.

    Raises:
        ObjectionNotFound: there is none, or it is not yours to answer.
        NoComplaint: none waits.
        ObjectionWrongState: the case is closed.
    """
    row = queries.objection_locked(session, objection_id)
    if row is None or not is_above(row, actor):
        raise ObjectionNotFound
    if row.escalated_at is None:
        raise NoComplaint
    move(row, Act.REPLY)
    row.escalated_at = None
    entry = write(session, row, EntryKind.REPLY, text, by_objector=False, actor=actor)
    record(session, row, by=actor.ref)
    outbox.emit(session, ObjectionComplaintAnswered(str(row.id)), subject=f"objection:{row.id}")
    return entry


def waits_for_an_answer(row: Objection, actor: Actor) -> bool:
    """Whether a complaint waits in a case, as far as somebody may know."""
    return row.escalated_at is not None and is_above(row, actor)


def _acknowledge(session: Session, row: Objection) -> None:
    if row.acknowledged_at is None:
        row.acknowledged_at = clock.now()
        session.add(row)
        outbox.emit(session, ObjectionAcknowledged(str(row.id)), subject=f"objection:{row.id}")
