"""What the designated officer does, and how a case is found and opened by those who work on it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.access import service as access
from app.access.actor import AccountKind, Actor
from app.access.roles import Role
from app.core import clock
from app.objections import deadlines, peace, queries, rules
from app.objections.costs import Item
from app.objections.deadlines import OWED_BY, Due, Stage, Standing
from app.objections.errors import NoComplaint, NotAMediator, ObjectionNotFound
from app.objections.events import ObjectionAcknowledged, ObjectionAssigned, ObjectionComplaintAnswered
from app.objections.models import CaseVolunteer, MediationVolunteer, Objection, ObjectionEntry, ObjectionView
from app.objections.peace import Opening
from app.objections.rules import (
    BY_MEDIATOR,
    BY_VOLUNTEER,
    PAST_THE_COMMUNITY,
    PAST_THE_MEDIATOR,
    TRANSITIONS,
    Act,
    EntryKind,
    Party,
    Said,
)
from app.objections.service.money import present_items
from app.objections.service.negotiating import negotiator
from app.objections.service.steps import (
    identity,
    is_above,
    is_officer,
    move,
    of_desk,
    party_of,
    record,
    was_given_to,
    write,
)
from app.outbox import service as outbox
from app.places import service as places
from app.projects import service as projects
from app.rounds import service as rounds

LARGEST_LIST = 500


@dataclass(frozen=True)
class CaseLine:
    """A case in the list of somebody who works on it."""

    objection: Objection
    project_title: str
    community: str
    you_are: Party
    mediator: str | None
    stage: Stage
    dues: Sequence[Due]
    #: Something that the reader owes, or has to see to, is late.
    overdue: bool
    complaint_waits: bool
    #: It can be opened: to a mediator until it ends.
    opens: bool


@dataclass(frozen=True)
class CaseFile:
    """A case, opened."""

    line: CaseLine
    identity: dict[str, Any]
    entries: Sequence[ObjectionEntry]
    said: Sequence[Said]
    opening: Opening
    volunteers: Sequence[CaseVolunteer]
    cost_items: Sequence[Item]
    on_a_ballot: bool
    may_write: Sequence[EntryKind]


@dataclass(frozen=True)
class Mediator:
    """Somebody a case can be given to."""

    account_id: uuid.UUID
    name: str
    open_cases: int


def cases(session: Session, *, actor: Actor) -> list[CaseLine]:
    """Cases to work on, what is owed the soonest first, ended ones last.

    For the designated officer those of the division, for a mediator the assigned ones, which are closed to them when
    they end, for a volunteer those whose household has accepted them, while they last.
    """
    officer = actor.divisions_for("objection.assign")
    if officer:
        rows = queries.cases(session, divisions=officer, limit=LARGEST_LIST)
    elif actor.account_id is None:
        rows = []
    elif actor.kind is AccountKind.RESIDENT:
        rows = queries.cases_of_volunteer(session, account_id=actor.account_id, limit=LARGEST_LIST)
    else:
        rows = queries.cases_of_mediator(session, mediator_id=actor.account_id, limit=LARGEST_LIST)
    return sorted(_lines(session, rows, actor), key=_order)


def candidates(
    session: Session, *, objection_id: uuid.UUID, actor: Actor
) -> tuple[list[Mediator], list[MediationVolunteer]]:
    """Who could mediate in a case, the least busy first, and who of the residents agreed to help.

    Whom the household will not have is left out.

    Raises:
        ObjectionNotFound: there is none, or it is not yours.
    """
    row = queries.objection(session, objection_id)
    if row is None or not is_officer(row, actor):
        raise ObjectionNotFound
    refused = set(queries.refused_mediators(session, row.id))
    holders = access.holders_of(session, role=Role.MEDIATOR, division=row.community_code)
    found = [each for each in holders if each.id not in refused and each.disabled_at is None]
    busy = queries.open_cases_of(session, [each.id for each in found])
    mediators = [Mediator(each.id, each.display_name or "", busy.get(each.id, 0)) for each in found]
    known = {each.account_id for each in queries.volunteers_of(session, row.id)}
    volunteers = [
        each for each in queries.volunteers(session, row.community_code) if each.account_id not in known
    ]
    return sorted(mediators, key=lambda each: (each.open_cases, each.name)), volunteers


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


def view_case(session: Session, *, objection_id: uuid.UUID, purpose: str, actor: Actor) -> CaseFile:
    """Open a case: who objects and what was said. The look is logged and shown to the household.

    Whoever opens it again for the same purpose within half an hour is still at that look. Why a mediator was refused is
    for officers, and what was complained of for those above the community.

    Raises:
        ObjectionNotFound: there is none, or it was not given to you.
    """
    row = of_desk(session, objection_id, actor)
    party = party_of(session, row, actor)
    assert party is not None
    if party is Party.OBJECTION_OFFICER:
        _acknowledge(session, row)
    _log_look(session, row, purpose, party, actor=actor)
    hidden = PAST_THE_MEDIATOR
    if party is Party.OBJECTION_OFFICER:
        hidden = frozenset() if is_above(row, actor) else PAST_THE_COMMUNITY
    entries = [each for each in queries.entries(session, row.id) if each.kind not in hidden]
    said = queries.said(session, [row.id])[row.id]
    return CaseFile(
        line=_lines(session, [row], actor)[0],
        identity=identity(row),
        entries=entries,
        said=said,
        opening=peace.opening(filed_at=row.filed_at, said=said, now=clock.now()),
        volunteers=queries.volunteers_of(session, row.id),
        cost_items=present_items(session, row.project_id),
        on_a_ballot=rounds.on_a_ballot(session, row.project_id),
        may_write=_may_write(session, row, actor),
    )


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


def _acknowledge(session: Session, row: Objection) -> None:
    if row.acknowledged_at is None:
        row.acknowledged_at = clock.now()
        session.add(row)
        outbox.emit(session, ObjectionAcknowledged(str(row.id)), subject=f"objection:{row.id}")


def _log_look(session: Session, row: Objection, purpose: str, party: Party, *, actor: Actor) -> None:
    looks, now = queries.views(session, row.id), clock.now()
    if any(
        (each.by, each.purpose) == (actor.ref, purpose) and each.at > now - rules.LOOK_LASTS for each in looks
    ):
        return
    session.add(
        ObjectionView(
            objection_id=row.id, position=len(looks) + 1, by=actor.ref, role=party.value, purpose=purpose, at=now,
        )
    )  # fmt: skip


def _may_write(session: Session, row: Objection, actor: Actor) -> list[EntryKind]:
    party = negotiator(session, row, actor)
    if party is None or (row.state, Act.NEGOTIATE) not in TRANSITIONS:
        return []
    kinds = BY_MEDIATOR if party is Party.MEDIATOR else BY_VOLUNTEER
    said = queries.said(session, [row.id])[row.id]
    if peace.planned_meeting(said, clock.now()) is None:
        kinds -= {EntryKind.MOVED}
    if not peace.diary(said).meetings:
        kinds -= {EntryKind.CALLED_OFF}
    return sorted(kinds)


def _lines(session: Session, rows: Sequence[Objection], actor: Actor) -> list[CaseLine]:
    titles = projects.titles(session, project_ids={row.project_id for row in rows})
    communities = {code: places.division(session, code).name for code in {row.community_code for row in rows}}
    mediators: dict[uuid.UUID, str] = {}
    for account_id in {row.mediator_id for row in rows if row.mediator_id is not None}:
        account = access.account_of(session, account_id)
        mediators[account_id] = "" if account is None else account.display_name or ""
    said = queries.said(session, [row.id for row in rows])
    now = clock.now()
    lines = []
    for row in rows:
        you_are = party_of(session, row, actor)
        opens = you_are is not None
        if you_are is None and was_given_to(row, actor):
            you_are = Party.MEDIATOR
        if you_are is None:  # whose grant has ended
            continue
        case = Standing(
            state=row.state, filed_at=row.filed_at, acknowledged_at=row.acknowledged_at,
            escalated_at=row.escalated_at if is_above(row, actor) else None, mediated=row.mediator_id is not None,
            said=said[row.id],
        )  # fmt: skip
        dues = deadlines.dues(case)
        if you_are is not Party.OBJECTION_OFFICER:
            dues = [each for each in dues if OWED_BY[each.duty] is Party.MEDIATOR]
        lines.append(
            CaseLine(
                objection=row,
                project_title=titles.get(row.project_id, ""),
                community=communities[row.community_code],
                you_are=you_are,
                mediator=None if row.mediator_id is None else mediators[row.mediator_id],
                stage=deadlines.stage(case),
                dues=dues,
                overdue=any(each.by < now for each in dues),
                complaint_waits=case.escalated_at is not None,
                opens=opens,
            )
        )
    return lines


def _order(line: CaseLine) -> tuple[bool, bool, float, str]:
    first = line.dues[0].by.timestamp() if line.dues else 0.0
    row = line.objection
    return not rules.is_open(row.state) and not line.dues, not line.dues, first, row.filed_at.isoformat()
