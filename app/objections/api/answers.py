"""Cases as the API answers them."""

from collections.abc import Collection, Sequence

from app.core import clock
from app.objections import peace, rules, service
from app.objections.costs import Change
from app.objections.models import CaseVolunteer, MediationVolunteer, Objection, ObjectionEntry
from app.objections.rules import EntryKind, ObjectionState, Party, VolunteerState
from app.objections.schemas import (
    CandidateList,
    CandidateOut,
    ChangeOut,
    CostsOut,
    DeadlinesOut,
    DueOut,
    EntryOut,
    FiguresOut,
    ItemOut,
    KnowerOut,
    MediatorOut,
    MyObjection,
    ObjectionCase,
    ObjectionFile,
    ObjectionStatistics,
    Objector,
    OfferOut,
    OpeningOut,
    PeaceOut,
    StageCount,
    StateCount,
    ViewOut,
    VolunteerOut,
)
from app.objections.service import CaseFile, CaseLine, DivisionFigures, Mediator, OwnObjection

#: What an officer writes; the rest is the mediator's or a volunteer's.
_BY_OFFICER = frozenset({EntryKind.ASSIGNED, EntryKind.REPLY, EntryKind.VOLUNTEER_PROPOSED})


def own(seen: OwnObjection, language: str) -> MyObjection:
    """What a household sees of its objection."""
    row = seen.objection
    entries = _entries(seen.entries, seen.volunteers)
    offers = [each for each in entries if each.offer is not None]
    volunteer = service.volunteer_there(seen.volunteers)
    return MyObjection(
        id=row.id,
        project_id=row.project_id,
        project_title=seen.project_title,
        state=row.state,
        filed_at=row.filed_at,
        changed_at=row.changed_at,
        entries=entries,
        offers=[
            OfferOut(
                number=each.offer or 0, at=each.at, text=each.text, costs=each.costs,
                stands_until=each.at + rules.OFFER_STANDS,
            )
            for each in offers
        ],
        knowers=[KnowerOut(role=each.role, name=each.name) for each in seen.knowers],
        volunteer=_volunteer(seen.volunteers),
        views=[
            ViewOut(role=look.role, name=look.name, purpose=look.view.purpose, at=look.view.at)
            for look in seen.looks
        ],
        deadlines=_deadlines(row, seen.entries),
        peace=_peace(row, refused=peace.contact_refused(seen.said)),
        meeting_at=peace.planned_meeting(seen.said, clock.now()) if rules.is_open(row.state) else None,
        can=rules.possible(
            row.state, withdrawn_at=row.changed_at, now=clock.now(), mediated=row.mediator_id is not None,
            offered=bool(offers), refusals=seen.refusals, complaint_waits=row.escalated_at is not None,
            contact_refused=peace.contact_refused(seen.said),
            volunteer=None if volunteer is None else volunteer.state is VolunteerState.ACCEPTED,
        ),
        refusals_left=max(0, rules.MOST_REFUSALS - seen.refusals),
        remedies=list(rules.REMEDIES["zh" if language.startswith("zh") else "en"]),
    )  # fmt: skip


def case(line: CaseLine) -> ObjectionCase:
    """A case in the list of those who work on it."""
    row, now = line.objection, clock.now()
    return ObjectionCase(
        id=row.id, project_id=row.project_id, project_title=line.project_title, community_code=row.community_code,
        community=line.community, state=row.state, stage=line.stage, you_are=line.you_are, mediator=line.mediator,
        assigned=row.mediator_id is not None, filed_at=row.filed_at, changed_at=row.changed_at,
        acknowledge_by=row.filed_at + rules.ACKNOWLEDGE_WITHIN, acknowledged_at=row.acknowledged_at,
        complaint_waits=line.complaint_waits, overdue=line.overdue, opens=line.opens,
        due=[DueOut(duty=each.duty, by=each.by, overdue=each.by < now) for each in line.dues],
    )  # fmt: skip


def whole_case(found: CaseFile) -> ObjectionFile:
    """A case, opened."""
    row, who, now = found.line.objection, found.identity, clock.now()
    return ObjectionFile(
        **case(found.line).model_dump(),
        objector=Objector(name=who.get("name", ""), phone=who.get("phone"), dwelling=who.get("dwelling", "")),
        entries=_entries(found.entries, found.volunteers),
        contact=OpeningOut(
            possible=found.opening.possible, hindered_by=found.opening.hindered_by,
            possible_from=found.opening.possible_from, left=found.opening.left,
            meeting_at=peace.planned_meeting(found.said, now),
            held_at=peace.meeting_to_write_down(found.said, now),
            may_respond=peace.unanswered_since(found.said) is not None,
        ),
        peace=_peace(row, refused=peace.contact_refused(found.said)),
        volunteer=_volunteer(found.volunteers),
        cost_items=[ItemOut.model_validate(each) for each in found.cost_items],
        on_a_ballot=found.on_a_ballot,
        mediate_by=_deadlines(row, found.entries).mediate_by,
        may_write=list(found.may_write),
    )  # fmt: skip


def entry(row: ObjectionEntry, *, by: Party) -> EntryOut:
    """One entry, as whoever has just written it reads it."""
    return _entry(row, by=by, offer=None)


def candidates(found: tuple[list[Mediator], Sequence[MediationVolunteer]]) -> CandidateList:
    """Who could mediate, and who could help."""
    mediators, volunteers = found
    return CandidateList(
        mediators=[MediatorOut.model_validate(each) for each in mediators],
        volunteers=[CandidateOut.model_validate(each) for each in volunteers],
    )


def statistics(whole: DivisionFigures, parts: Sequence[DivisionFigures]) -> ObjectionStatistics:
    """The figures of a division and its communities."""
    return ObjectionStatistics(
        **_figures(whole).model_dump(),
        communities=[_figures(each) for each in parts],
        least_objections=rules.LEAST_OBJECTIONS,
        least_households=rules.LEAST_HOUSEHOLDS,
    )


def _figures(of: DivisionFigures) -> FiguresOut:
    found = of.figures
    return FiguresOut(
        division_code=of.division.code, division=of.division.name, objections=found.objections,
        by_state=[StateCount(state=state, objections=count) for state, count in found.by_state.items()],
        by_stage=[StageCount(stage=stage, objections=count) for stage, count in found.by_stage.items()],
        overdue=found.overdue, settled_percent=found.settled_percent,
        days_to_acknowledge=found.days_to_acknowledge, days_to_first_contact=found.days_to_first_contact,
    )  # fmt: skip


def _entries(rows: Sequence[ObjectionEntry], volunteers: Sequence[CaseVolunteer]) -> list[EntryOut]:
    """Entries with their authors; offers are numbered from 1."""
    helpers = {f"account:{each.account_id}" for each in volunteers}
    found, offers = [], 0
    for row in rows:
        offers += row.kind is EntryKind.OFFER
        found.append(
            _entry(row, by=_author(row, helpers), offer=offers if row.kind is EntryKind.OFFER else None)
        )
    return found


def _entry(row: ObjectionEntry, *, by: Party, offer: int | None) -> EntryOut:
    return EntryOut(
        kind=row.kind, by=by, by_objector=row.by_objector, at=row.at, text=row.text, channel=row.channel,
        meets_at=row.meets_at, offer=offer, costs=_costs(service.changes_of(row)),
    )  # fmt: skip


def _author(row: ObjectionEntry, helpers: Collection[str]) -> Party:
    if row.by_objector:
        return Party.HOUSEHOLD
    if row.kind in _BY_OFFICER:
        return Party.OBJECTION_OFFICER
    return Party.VOLUNTEER if row.by in helpers else Party.MEDIATOR


def _costs(changes: Sequence[Change]) -> CostsOut | None:
    if not changes:
        return None
    return CostsOut(
        changes=[ChangeOut.model_validate(each) for each in changes],
        before_fen=sum(each.before.amount_fen for each in changes if each.before is not None),
        after_fen=sum(each.after.amount_fen for each in changes if each.after is not None),
    )


def _volunteer(volunteers: Sequence[CaseVolunteer]) -> VolunteerOut | None:
    there = service.volunteer_there(volunteers)
    return None if there is None else VolunteerOut.model_validate(there)


def _peace(row: Objection, *, refused: bool) -> PeaceOut:
    return PeaceOut(
        contact_from=row.filed_at + peace.COOL_OFF, quiet_from_hour=peace.QUIET_FROM_HOUR,
        quiet_to_hour=peace.QUIET_TO_HOUR, most_contacts=peace.MOST_CONTACTS,
        contact_days=peace.CONTACT_WINDOW.days, contact_refused=refused,
    )  # fmt: skip


def _deadlines(row: Objection, entries: Sequence[ObjectionEntry]) -> DeadlinesOut:
    assigned = [each.at for each in entries if each.kind is EntryKind.ASSIGNED]
    mediated = rules.is_open(row.state) and row.mediator_id is not None and assigned
    withdrawn = row.state is ObjectionState.WITHDRAWN
    return DeadlinesOut(
        acknowledge_by=row.filed_at + rules.ACKNOWLEDGE_WITHIN,
        acknowledged_at=row.acknowledged_at,
        mediate_by=assigned[-1] + rules.MEDIATE_WITHIN if mediated else None,
        reply_by=None if row.escalated_at is None else row.escalated_at + rules.ANSWER_COMPLAINT_WITHIN,
        return_until=row.changed_at + rules.RETURN_WITHIN if withdrawn else None,
    )
