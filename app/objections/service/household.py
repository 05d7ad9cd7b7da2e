"""What a household does with its objection. All of it can be said twice over a weak network and counts once."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.objections import peace, queries, rules
from app.objections.errors import NoOffer, ObjectionNotFound, ObjectionOpen
from app.objections.events import ObjectionEscalated, ObjectionMediatorRefused
from app.objections.models import Objection, RefusedMediator
from app.objections.rules import Act, EntryKind, ObjectionState
from app.objections.service.money import change_costs
from app.objections.service.steps import (
    BY_RESIDENT,
    OwnObjection,
    close_to_volunteers,
    households_of,
    move,
    of_household,
    own,
    record,
    sent_before,
    write,
)
from app.outbox import service as outbox


def mine(session: Session, *, actor: Actor) -> list[OwnObjection]:
    """The objections of one's household."""
    fingerprints = households_of(session, actor.phone_fingerprint)
    return [own(session, row) for row in queries.of_households(session, fingerprints)]


def mine_one(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """One objection of one's household.

    Raises:
        ObjectionNotFound: there is none, or it is another household's.
    """
    row = queries.objection(session, objection_id)
    if row is None or row.household_fingerprint not in households_of(session, actor.phone_fingerprint):
        raise ObjectionNotFound
    return own(session, row)


def answer(
    session: Session, *, objection_id: uuid.UUID, text: str, actor: Actor, key: str | None = None
) -> OwnObjection:
    """Say something to the mediator.

    Raises:
        ObjectionNotFound: it is not your household's.
        ObjectionWrongState: it is closed.
        SentDifferently: the key came before with other words.
    """
    row = of_household(session, objection_id, actor)
    if not sent_before(session, row, EntryKind.ANSWER, text, key):
        move(row, Act.ANSWER)
        write(session, row, EntryKind.ANSWER, text, by_objector=True, actor=actor, key=key)
    return own(session, row)


def settle(session: Session, *, objection_id: uuid.UUID, offer: int, text: str, actor: Actor) -> OwnObjection:
    """Accept the last offer, by its number, so that nobody accepts what came while they were reading.

    What the offer changes of the project's cost items changes with it, or nothing does. The words of both sides, the
    offer's and the household's, stay with the case.

    Raises:
        ObjectionNotFound: it is not your household's.
        NoOffer: nothing was offered.
        OfferReplaced: there is a newer offer.
        ObjectionWrongState: it is closed.
        CostsChangedSince: the project's costs are not what the offer began from any more.
        ProjectOnABallot: a vote with the project is under way, and the offer changes its costs.
    """
    row = of_household(session, objection_id, actor)
    offers = [entry for entry in queries.entries(session, row.id) if entry.kind is EntryKind.OFFER]
    if not offers:
        raise NoOffer
    rules.check_offer(offer, offers=len(offers))
    if row.state is not ObjectionState.SETTLED:
        move(row, Act.SETTLE)
        change_costs(session, row, offers[-1])
        close_to_volunteers(session, row)
        _end(session, row, EntryKind.SETTLED, actor, text)
    return own(session, row)


def withdraw(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Withdraw the objection; only the household can, and for 48 hours it can come back.

    Raises:
        ObjectionNotFound: it is not your household's.
        ObjectionWrongState: it is settled.
    """
    row = of_household(session, objection_id, actor)
    if row.state is not ObjectionState.WITHDRAWN:
        move(row, Act.WITHDRAW)
        close_to_volunteers(session, row)
        _end(session, row, EntryKind.WITHDRAWN, actor)
    return own(session, row)


def maintain(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Keep the objection, after a settlement too, or take a withdrawal back within 48 hours.

    Raises:
        ObjectionNotFound: it is not your household's.
        ObjectionOpen: the household has another one to the same project by now.
        TooLateToReturn: it was withdrawn longer ago.
    """
    row = of_household(session, objection_id, actor)
    if row.state is ObjectionState.MAINTAINED:
        return own(session, row)
    if not rules.is_open(row.state) and queries.open_of(session, row.project_id, row.household_fingerprint):
        raise ObjectionOpen
    if row.state is ObjectionState.WITHDRAWN:
        rules.check_return(withdrawn_at=row.changed_at, now=clock.now())
        move(row, Act.RETURN)
    move(row, Act.MAINTAIN)
    _end(session, row, EntryKind.MAINTAINED, actor)
    return own(session, row)


def refuse_mediator(
    session: Session, *, objection_id: uuid.UUID, reason: str, actor: Actor, key: str | None = None
) -> OwnObjection:
    """Have nothing more to do with the mediator; the officer gives the case to another (Mediation Law, art. 23).

    Raises:
        ObjectionNotFound: it is not your household's.
        NoMediator: nobody mediates.
        TooManyRefusals: three were refused already.
        ObjectionWrongState: it is closed.
        SentDifferently: the key came before with other words.
    """
    row = of_household(session, objection_id, actor)
    if sent_before(session, row, EntryKind.REFUSAL, reason, key):
        return own(session, row)
    refused = len(queries.refused_mediators(session, row.id))
    mediator_id = rules.check_refusal(mediator_id=row.mediator_id, refused=refused)
    move(row, Act.REFUSE_MEDIATOR)
    row.mediator_id = None
    session.add(RefusedMediator(objection_id=row.id, mediator_id=mediator_id, at=clock.now()))
    write(session, row, EntryKind.REFUSAL, reason, by_objector=True, actor=actor, key=key)
    record(session, row, by=BY_RESIDENT)
    outbox.emit(session, ObjectionMediatorRefused(str(row.id)), subject=f"objection:{row.id}")
    return own(session, row)


def refuse_contact(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Ask not to be contacted, until the household itself writes to the mediator (People's Mediation Law, art. 17).

    Raises:
        ObjectionNotFound: it is not your household's.
        ObjectionWrongState: it is closed.
    """
    row = of_household(session, objection_id, actor)
    if not peace.contact_refused(queries.said(session, [row.id])[row.id]):
        move(row, Act.REFUSE_CONTACT)
        write(session, row, EntryKind.NO_CONTACT, "", by_objector=True, actor=actor)
    return own(session, row)


def escalate(
    session: Session, *, objection_id: uuid.UUID, text: str, actor: Actor, key: str | None = None
) -> OwnObjection:
    """Complain past the committee and the mediator: the words go to the designated officer above the community alone.

    Raises:
        ObjectionNotFound: it is not your household's.
        ComplaintWaiting: the last complaint has no answer yet.
        ObjectionWrongState: it is closed.
        SentDifferently: the key came before with other words.
    """
    row = of_household(session, objection_id, actor)
    if sent_before(session, row, EntryKind.COMPLAINT, text, key):
        return own(session, row)
    rules.check_complaint(row.escalated_at)
    move(row, Act.ESCALATE)
    row.escalated_at = clock.now()
    write(session, row, EntryKind.COMPLAINT, text, by_objector=True, actor=actor, key=key)
    record(session, row, by=BY_RESIDENT)
    outbox.emit(session, ObjectionEscalated(str(row.id)), subject=f"objection:{row.id}")
    return own(session, row)


def _end(session: Session, row: Objection, kind: EntryKind, actor: Actor, text: str = "") -> None:
    write(session, row, kind, text, by_objector=True, actor=actor)
    record(session, row, by=BY_RESIDENT)
