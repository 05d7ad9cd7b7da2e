"""What the verbs share: finding a case for these eyes, moving it on, writing it down."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.divisions import level
from app.access.roles import Role
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.objections import queries, rules
from app.objections.errors import ObjectionNotFound, SentDifferently
from app.objections.models import CaseVolunteer, Objection, ObjectionEntry, ObjectionView
from app.objections.rules import THERE, Act, Channel, EntryKind, Party, Said, VolunteerState
from app.places.rules import COMMUNITY_LEVEL
from app.projects import service as projects
from app.residents import service as residents
from app.residents.rules import masked_name

#: How a household stands in what is written in clear: an account would lead, by its phone, to the household.
BY_RESIDENT = "resident"


@dataclass(frozen=True)
class Knower:
    """Somebody who may know who objects, by surname."""

    role: Party
    name: str


@dataclass(frozen=True)
class Look:
    """Somebody looked at a case."""

    role: Party
    name: str
    view: ObjectionView


@dataclass(frozen=True)
class OwnObjection:
    """An objection as its household sees it."""

    objection: Objection
    project_title: str
    entries: Sequence[ObjectionEntry]
    said: Sequence[Said]
    looks: Sequence[Look]
    knowers: Sequence[Knower]
    refusals: int
    volunteers: Sequence[CaseVolunteer]


def household_fingerprint(household_id: uuid.UUID) -> str:
    """How a household stands in a case, under a key context that nothing else uses."""
    return vault.current().fingerprint(str(household_id), "objection.household")


def households_of(session: Session, phone_fingerprint: str | None) -> set[str]:
    """The same of every household somebody lives in."""
    people = residents.people_behind(session, phone_fingerprint=phone_fingerprint or "")
    return {household_fingerprint(person.household_id) for person in people}


def of_household(session: Session, objection_id: uuid.UUID, actor: Actor) -> Objection:
    """A case of one's household, locked.

    Raises:
        ObjectionNotFound: there is none, or it is another household's.
    """
    row = queries.objection_locked(session, objection_id)
    if row is None or row.household_fingerprint not in households_of(session, actor.phone_fingerprint):
        raise ObjectionNotFound
    return row


def of_desk(session: Session, objection_id: uuid.UUID, actor: Actor) -> Objection:
    """A case somebody works on, locked.

    Raises:
        ObjectionNotFound: there is none, or it was not given to you.
    """
    row = queries.objection_locked(session, objection_id)
    if row is None or party_of(session, row, actor) is None:
        raise ObjectionNotFound
    return row


def party_of(session: Session, row: Objection, actor: Actor) -> Party | None:
    """As whom somebody has a case, if it is theirs at all."""
    if is_officer(row, actor):
        return Party.OBJECTION_OFFICER
    if is_mediator(row, actor):
        return Party.MEDIATOR
    return Party.VOLUNTEER if is_volunteer(session, row, actor) else None


def is_officer(row: Objection, actor: Actor) -> bool:
    """Whether somebody is a designated officer where a case belongs."""
    return actor.may("objection.assign", row.community_code)


def is_above(row: Objection, actor: Actor) -> bool:
    """Whether somebody is a designated officer above the community: complaints are theirs alone."""
    return is_officer(row, actor) and any(
        level(division) < COMMUNITY_LEVEL for division in actor.divisions_for("objection.assign")
    )


def is_mediator(row: Objection, actor: Actor) -> bool:
    """Whether a case was given to somebody, and has not ended since: nobody needs to know of a household longer.

    A case that the household takes up again is open to its mediator again.
    """
    return rules.is_open(row.state) and was_given_to(row, actor)


def was_given_to(row: Objection, actor: Actor) -> bool:
    """Whether somebody mediates in a case, or did when it ended: they may see how it ended, and nothing of it."""
    assigned = row.mediator_id is not None and row.mediator_id == actor.account_id
    return assigned and actor.may("objection.negotiate", row.community_code)


def is_volunteer(session: Session, row: Objection, actor: Actor) -> bool:
    """Whether the household has accepted somebody as a volunteer, and the case has not ended since."""
    return rules.is_open(row.state) and any(
        each.account_id == actor.account_id and each.state is VolunteerState.ACCEPTED
        for each in queries.volunteers_of(session, row.id)
    )


def volunteer_there(volunteers: Sequence[CaseVolunteer]) -> CaseVolunteer | None:
    """The volunteer who was proposed and not declined, or takes part."""
    return next((each for each in volunteers if each.state in THERE), None)


def close_to_volunteers(session: Session, row: Objection) -> None:
    """Close a case to whoever was proposed for it or took part; it stays closed to them."""
    for each in queries.volunteers_of(session, row.id):
        if each.state in THERE:
            each.state, each.changed_at = VolunteerState.ENDED, clock.now()
            session.add(each)


def move(row: Objection, act: Act) -> None:
    """Take a case to its next state.

    Raises:
        ObjectionWrongState: the act does not follow.
    """
    row.state = rules.step(row.state, act)


def request_fingerprint(row: Objection, key: str | None) -> str | None:
    """How a key that a household sent is remembered; another household's equal key is another one."""
    if key is None:
        return None
    return vault.current().fingerprint(f"{row.household_fingerprint} {key}", "objection.request")


def sent_before(session: Session, row: Objection, kind: EntryKind, text: str, key: str | None) -> bool:
    """Whether the household has sent exactly this with this key.

    Raises:
        SentDifferently: it has sent something else with it.
    """
    request = request_fingerprint(row, key)
    found = None if request is None else queries.entry_of_request(session, request)
    if found is None:
        return False
    if (found.objection_id, found.kind, found.text) != (row.id, kind, text):
        raise SentDifferently
    return True


def write(
    session: Session,
    row: Objection,
    kind: EntryKind,
    text: str,
    *,
    by_objector: bool,
    actor: Actor,
    key: str | None = None,
    costs: str | None = None,
    channel: Channel | None = None,
    meets_at: dt.datetime | None = None,
) -> ObjectionEntry:
    """Add an entry to a case. Who of the household wrote it stands nowhere."""
    position = len(queries.entries(session, row.id)) + 1
    now = clock.now()
    entry = ObjectionEntry(
        objection_id=row.id, position=position, kind=kind, by_objector=by_objector,
        by=BY_RESIDENT if by_objector else actor.ref, at=now, text=text,
        request_fingerprint=request_fingerprint(row, key), costs=costs, channel=channel, meets_at=meets_at,
    )  # fmt: skip
    row.changed_at = now
    session.add_all([row, entry])
    session.flush()  # what is returned is read back, and the next entry takes the next position
    return entry


def own(session: Session, row: Objection) -> OwnObjection:
    """A case as its household sees it: the conversation, who may know, who looked and why."""
    # what mediators note for themselves is not part of the conversation
    entries = [each for each in queries.entries(session, row.id) if each.kind is not EntryKind.NOTE]
    volunteers = queries.volunteers_of(session, row.id)
    names = {f"account:{each.account_id}": each.name for each in volunteers}
    looks = [
        Look(
            Party(each.role),
            masked_name(names[each.by])
            if each.by in names
            else _surname(session, uuid.UUID(each.by.rpartition(":")[2])),
            each,
        )
        for each in queries.views(session, row.id)
    ]
    return OwnObjection(
        row, projects.project(session, row.project_id).title, entries, queries.said(session, [row.id])[row.id],
        looks, _knowers(session, row, volunteers), len(queries.refused_mediators(session, row.id)), volunteers,
    )  # fmt: skip


def identity(row: Objection) -> dict[str, Any]:
    """What is sealed of who objects; empty after they asked to be forgotten."""
    opened: dict[str, Any] = json.loads(row.identity)
    return opened


def household_accounts(session: Session, *, objection_id: uuid.UUID) -> list[uuid.UUID]:
    """Accounts of the household that objects, for telling them something; none once it asked to be forgotten."""
    row = queries.objection(session, objection_id)
    if row is None:
        return []
    found = [access.account_with_phone(session, phone) for phone in sorted(_phones(session, row))]
    return [account.id for account in found if account is not None and account.disabled_at is None]


def record(session: Session, row: Objection, *, by: str) -> None:
    """That something happened to some objection here: no project, no household, no resident's account.

    Args:
        session: the writing one.
        row: the case; its community alone is said.
        by: who of the staff it was, or `BY_RESIDENT`.
    """
    audit.record(
        session,
        chain=row.community_code,
        by=by,
        tag=Tag.OBJECTION_CHANGED,
        subject="objection",
        timeless=True,
    )


def _phones(session: Session, row: Objection) -> set[str]:
    """Keyed hashes of the phones of those who live in the household now."""
    sealed = identity(row)
    if "household_id" in sealed:
        living = residents.living_in(session, household_ids=[uuid.UUID(sealed["household_id"])])
        return {each.phone_fingerprint for each in living if each.phone_fingerprint is not None}
    # older cases name the filer alone
    phone = access.phone_fingerprint(sealed["phone"]) if sealed.get("phone") else None
    return {phone} if phone and row.household_fingerprint in households_of(session, phone) else set()


def _knowers(session: Session, row: Objection, volunteers: Sequence[CaseVolunteer]) -> list[Knower]:
    found = []
    if row.mediator_id is not None and rules.is_open(row.state):
        found.append(Knower(Party.MEDIATOR, _surname(session, row.mediator_id)))
    officers = access.holders_of(session, role=Role.OBJECTION_OFFICER, division=row.community_code)
    found += [Knower(Party.OBJECTION_OFFICER, _masked(each.display_name)) for each in officers]
    return found + [
        Knower(Party.VOLUNTEER, masked_name(each.name))
        for each in volunteers
        if each.state is VolunteerState.ACCEPTED
    ]


def _surname(session: Session, account_id: uuid.UUID) -> str:
    account = access.account_of(session, account_id)
    return _masked(None if account is None else account.display_name)


def _masked(display_name: str | None) -> str:
    """``周*`` of ``调解员 周敏``: what stands before a blank is an office."""
    return masked_name((display_name or "").rpartition(" ")[2])
