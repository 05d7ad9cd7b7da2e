"""Residents who help where neighbours negotiate: beside mediator and officer, and only where the household wants them.

Neighbours join a mediation with the parties' consent alone (People's Mediation Law, art. 20).
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.objections import queries, rules
from app.objections.errors import NotAResidentThere, NotAVolunteer, NoVolunteer, ObjectionNotFound
from app.objections.events import ObjectionVolunteerAccepted, ObjectionVolunteerProposed
from app.objections.models import CaseVolunteer, MediationVolunteer, Objection
from app.objections.rules import THERE, Act, EntryKind, VolunteerState
from app.objections.service.steps import (
    BY_RESIDENT,
    OwnObjection,
    household_accounts,
    is_officer,
    move,
    of_household,
    own,
    record,
    volunteer_there,
    write,
)
from app.outbox import service as outbox
from app.places import service as places
from app.residents import service as residents

_ANSWERS = {
    VolunteerState.ACCEPTED: EntryKind.VOLUNTEER_ACCEPTED,
    VolunteerState.DECLINED: EntryKind.VOLUNTEER_DECLINED,
}


def volunteering(session: Session, *, actor: Actor) -> Sequence[MediationVolunteer]:
    """Where somebody agreed to help."""
    return [] if actor.account_id is None else queries.volunteering(session, actor.account_id)


def join(session: Session, *, community_code: str, actor: Actor) -> Sequence[MediationVolunteer]:
    """Agree to help neighbours of one's community; officers there see the name and the building.

    Raises:
        NotAResidentThere: you live elsewhere.
    """
    person = residents.person_in(
        session, phone_fingerprint=actor.phone_fingerprint or "", community_codes=[community_code]
    )
    if person is None or actor.account_id is None:
        raise NotAResidentThere
    row = queries.volunteer(session, account_id=actor.account_id, community_code=community_code)
    if row is None:
        home = places.dwellings(session, household_ids=[person.household_id])[person.household_id]
        session.add(
            MediationVolunteer(
                account_id=actor.account_id, community_code=community_code, name=person.name,
                building=home.building, joined_at=clock.now(),
            )
        )  # fmt: skip
        session.flush()  # what is returned is read back
    return queries.volunteering(session, actor.account_id)


def leave(session: Session, *, community_code: str, actor: Actor) -> Sequence[MediationVolunteer]:
    """Stand on that list no more; a case that is open to one stays so until one leaves it or it ends."""
    if actor.account_id is None:
        return []
    row = queries.volunteer(session, account_id=actor.account_id, community_code=community_code)
    if row is not None:
        session.delete(row)
        session.flush()  # what is returned is read back
    return queries.volunteering(session, actor.account_id)


def propose_volunteer(
    session: Session, *, objection_id: uuid.UUID, account_id: uuid.UUID, actor: Actor
) -> Objection:
    """Propose a volunteer to the household; the case opens to them after it has accepted.

    Raises:
        ObjectionNotFound: there is none, or it is not yours.
        ObjectionWrongState: it is closed.
        NotAVolunteer: nobody of the list there, or somebody of the household itself.
        VolunteerThere: one was proposed already, or takes part.
        VolunteerDeclined: the household has declined this one.
    """
    row = queries.objection_locked(session, objection_id)
    if row is None or not is_officer(row, actor):
        raise ObjectionNotFound
    move(row, Act.PROPOSE_VOLUNTEER)
    willing = queries.volunteer(session, account_id=account_id, community_code=row.community_code)
    if willing is None or account_id in household_accounts(session, objection_id=row.id):
        raise NotAVolunteer
    before = {each.account_id: each for each in queries.volunteers_of(session, row.id)}
    rules.check_volunteer(account_id, proposed={key: each.state for key, each in before.items()})
    now = clock.now()
    proposed = before.get(account_id) or CaseVolunteer(
        objection_id=row.id, account_id=account_id, name=willing.name, building=willing.building,
        state=VolunteerState.PROPOSED, proposed_at=now, changed_at=now,
    )  # fmt: skip
    proposed.state, proposed.changed_at = VolunteerState.PROPOSED, now
    session.add(proposed)
    write(session, row, EntryKind.VOLUNTEER_PROPOSED, "", by_objector=False, actor=actor)
    record(session, row, by=actor.ref)
    outbox.emit(session, ObjectionVolunteerProposed(str(row.id)), subject=f"objection:{row.id}")
    return row


def accept_volunteer(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Want the volunteer's help: from now on they see this one case, until it ends or the household declines.

    Raises:
        ObjectionNotFound: it is not your household's.
        ObjectionWrongState: it is closed.
        NoVolunteer: nobody was proposed.
    """
    row = of_household(session, objection_id, actor)
    move(row, Act.ACCEPT_VOLUNTEER)
    volunteer = _there(session, row)
    if volunteer.state is not VolunteerState.ACCEPTED:
        _answer(session, row, volunteer, VolunteerState.ACCEPTED, actor=actor)
        event = ObjectionVolunteerAccepted(str(row.id), str(volunteer.account_id))
        outbox.emit(session, event, subject=f"objection:{row.id}")
    return own(session, row)


def decline_volunteer(session: Session, *, objection_id: uuid.UUID, actor: Actor) -> OwnObjection:
    """Do without the volunteer, before or after having accepted them; nobody asks why.

    Raises:
        ObjectionNotFound: it is not your household's.
        ObjectionWrongState: it is closed.
        NoVolunteer: nobody was proposed.
    """
    row = of_household(session, objection_id, actor)
    move(row, Act.DECLINE_VOLUNTEER)
    _answer(session, row, _there(session, row), VolunteerState.DECLINED, actor=actor)
    return own(session, row)


def volunteering_of(session: Session, *, account_id: uuid.UUID) -> list[dict[str, Any]]:
    """Where somebody agreed to help, and how often they were proposed, for their own file; no case is named."""
    cases = queries.volunteered_in(session, account_id)
    return [
        {
            "community_code": row.community_code,
            "name": row.name,
            "building": row.building,
            "joined_at": row.joined_at.isoformat(),
            "cases": len(cases),
        }
        for row in queries.volunteering(session, account_id)
    ]


def forget_volunteer(session: Session, *, account_id: uuid.UUID) -> None:
    """Take somebody off the lists, and their name out of the cases they helped in; those are closed to them."""
    for row in queries.volunteering(session, account_id):
        session.delete(row)
    for case in queries.volunteered_in(session, account_id):
        case.name = case.building = ""
        if case.state in THERE:
            case.state, case.changed_at = VolunteerState.ENDED, clock.now()
        session.add(case)


def _there(session: Session, row: Objection) -> CaseVolunteer:
    found = volunteer_there(queries.volunteers_of(session, row.id))
    if found is None:
        raise NoVolunteer
    return found


def _answer(
    session: Session, row: Objection, volunteer: CaseVolunteer, state: VolunteerState, *, actor: Actor
) -> None:
    volunteer.state, volunteer.changed_at = state, clock.now()
    session.add(volunteer)
    write(session, row, _ANSWERS[state], "", by_objector=True, actor=actor)
    record(session, row, by=BY_RESIDENT)
