"""What those who negotiate write down, and giving a case back."""

import datetime as dt
import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.objections import peace, queries, rules
from app.objections.errors import ObjectionNotFound, ObjectionWrongState
from app.objections.events import (
    ObjectionHandedOver,
    ObjectionMeetingCalledOff,
    ObjectionMeetingMoved,
    ObjectionMeetingPlanned,
    ObjectionOffered,
    ObjectionResponded,
)
from app.objections.models import Objection, ObjectionEntry
from app.objections.rules import BY_MEDIATOR, BY_VOLUNTEER, CONTACTS, Act, EntryKind, Party, VolunteerState
from app.objections.schemas import EntryIn
from app.objections.service.money import sealed_changes
from app.objections.service.steps import (
    is_mediator,
    is_volunteer,
    move,
    of_desk,
    record,
    volunteer_there,
    write,
)
from app.outbox import service as outbox


def negotiate(
    session: Session, *, objection_id: uuid.UUID, body: EntryIn, actor: Actor
) -> tuple[ObjectionEntry, Party]:
    """Write down a contact, a meeting planned, moved, called off or held, an offer, an answer, or a note.

    Returns the entry, and as whom it was written.

    Raises:
        ObjectionNotFound: it was not given to you.
        ObjectionWrongState: the case is closed, or the entry is not yours to write.
        ChannelNeeded, MeetingTimeNeeded, OutOfPlaceInEntry: it does not say what its kind says.
        ContactRefused, CoolOff, QuietHours, TooManyContacts: the household is to be left in peace.
        MeetingOutOfReach, MeetingPlanned: a meeting cannot be planned for then.
        NoMeeting: none is planned that could be moved or called off.
        NothingToRespond: no words of the household wait.
        NoSuchCostItem, CostsUnchanged, CostsTooLarge, ProjectOnABallot: the offer's costs.
    """
    row = of_desk(session, objection_id, actor)
    party = negotiator(session, row, actor)
    if party is None:
        raise ObjectionNotFound
    if body.kind not in (BY_MEDIATOR if party is Party.MEDIATOR else BY_VOLUNTEER):
        raise ObjectionWrongState(state=row.state.value, act=body.kind.value)
    move(row, Act.NEGOTIATE)
    rules.check_entry(
        body.kind, channel=body.channel is not None, meets_at=body.meets_at is not None,
        costs=body.cost_items is not None,
    )  # fmt: skip
    ahead = peace.planned_meeting(queries.said(session, [row.id])[row.id], clock.now())
    held = _check_peace(session, row, body)
    entry = write(
        session, row, body.kind, body.text, by_objector=False, actor=actor, channel=body.channel,
        meets_at=body.meets_at or held,
        costs=None if body.cost_items is None else sealed_changes(session, row, body.cost_items),
    )  # fmt: skip
    if body.kind is not EntryKind.CALLED_OFF or ahead is not None:
        _tell(session, row, body.kind)
    return entry, party


def negotiator(session: Session, row: Objection, actor: Actor) -> Party | None:
    """As whom somebody negotiates, if they do."""
    if is_mediator(row, actor):
        return Party.MEDIATOR
    return Party.VOLUNTEER if is_volunteer(session, row, actor) else None


def hand_over(session: Session, *, objection_id: uuid.UUID, reason: str, actor: Actor) -> Objection:
    """Give a case back: a mediator to the officer, who finds another; a volunteer leaves it.

    Raises:
        ObjectionNotFound: it was not given to you.
        ObjectionWrongState: it is closed.
    """
    row = of_desk(session, objection_id, actor)
    party = negotiator(session, row, actor)
    if party is None:
        raise ObjectionNotFound
    if party is Party.MEDIATOR:
        move(row, Act.HAND_OVER)
        row.mediator_id = None
        write(session, row, EntryKind.HANDED_OVER, reason, by_objector=False, actor=actor)
        outbox.emit(session, ObjectionHandedOver(str(row.id)), subject=f"objection:{row.id}")
    else:
        volunteer = volunteer_there(queries.volunteers_of(session, row.id))
        assert volunteer is not None
        volunteer.state, volunteer.changed_at = VolunteerState.ENDED, clock.now()
        session.add(volunteer)
        write(session, row, EntryKind.VOLUNTEER_LEFT, reason, by_objector=False, actor=actor)
    record(session, row, by=actor.ref)
    return row


def _tell(session: Session, row: Objection, kind: EntryKind) -> None:
    """Tell the household of what it can read and answer, without a word of it."""
    subject, case = f"objection:{row.id}", str(row.id)
    if kind is EntryKind.OFFER:
        outbox.emit(session, ObjectionOffered(case), subject=subject)
    elif kind is EntryKind.PLAN:
        outbox.emit(session, ObjectionMeetingPlanned(case), subject=subject)
    elif kind is EntryKind.MOVED:
        outbox.emit(session, ObjectionMeetingMoved(case), subject=subject)
    elif kind is EntryKind.CALLED_OFF:
        outbox.emit(session, ObjectionMeetingCalledOff(case), subject=subject)
    elif kind is EntryKind.RESPONSE:
        outbox.emit(session, ObjectionResponded(case), subject=subject)


def _check_peace(session: Session, row: Objection, body: EntryIn) -> dt.datetime | None:
    """Whether the household is left in peace by it; the planned meeting it writes down, if it does.

    The case is locked: of two at once the second one sees the first.
    """
    said, now = queries.said(session, [row.id])[row.id], clock.now()
    if body.kind is EntryKind.SESSION:
        return peace.check_session(filed_at=row.filed_at, said=said, now=now)
    if body.kind in CONTACTS:
        peace.check_contact(filed_at=row.filed_at, said=said, now=now)
    elif body.meets_at is not None:
        moves = body.kind is EntryKind.MOVED
        peace.check_meeting(body.meets_at, filed_at=row.filed_at, said=said, now=now, moves=moves)
    elif body.kind is EntryKind.CALLED_OFF:
        peace.check_calling_off(said=said)
    elif body.kind is EntryKind.RESPONSE:
        peace.check_response(said=said, now=now)
    return None
