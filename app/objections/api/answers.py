"""Cases as the API answers them."""

from collections.abc import Sequence
from typing import Any

from app.access.actor import Actor
from app.core import clock
from app.objections import rules, service
from app.objections.models import Objection, ObjectionEntry
from app.objections.rules import EntryKind, ObjectionState
from app.objections.schemas import (
    DeadlinesOut,
    EntryOut,
    KnowerOut,
    MyObjection,
    ObjectionCase,
    ObjectionFile,
    Objector,
    OfferOut,
    OwnEntry,
    PeaceOut,
    ViewOut,
)
from app.objections.service import OwnObjection


def own(seen: OwnObjection, language: str) -> MyObjection:
    """What a household sees of its objection."""
    row = seen.objection
    offers = [entry for entry in seen.entries if entry.kind is EntryKind.OFFER]
    number_of = {entry.position: number for number, entry in enumerate(offers, start=1)}
    return MyObjection(
        id=row.id,
        project_id=row.project_id,
        project_title=seen.project_title,
        state=row.state,
        filed_at=row.filed_at,
        changed_at=row.changed_at,
        entries=[
            OwnEntry(
                kind=entry.kind, by_objector=entry.by_objector, at=entry.at, text=entry.text,
                offer=number_of.get(entry.position),
            )
            for entry in seen.entries
        ],
        offers=[
            OfferOut(
                number=number_of[entry.position], at=entry.at, text=entry.text,
                stands_until=entry.at + rules.OFFER_STANDS,
            )
            for entry in offers
        ],
        knowers=[KnowerOut(role=each.role, name=each.name) for each in seen.knowers],
        views=[
            ViewOut(role=look.role, name=look.name, purpose=look.view.purpose, at=look.view.at)
            for look in seen.looks
        ],
        deadlines=_deadlines(row, seen.entries),
        peace=PeaceOut(
            contact_from=row.filed_at + rules.COOL_OFF, quiet_from_hour=rules.QUIET_FROM_HOUR,
            quiet_to_hour=rules.QUIET_TO_HOUR, most_contacts=rules.MOST_CONTACTS,
            contact_days=rules.CONTACT_WINDOW.days,
        ),
        can=rules.possible(
            row.state, withdrawn_at=row.changed_at, now=clock.now(), mediated=row.mediator_id is not None,
            offered=bool(offers), refusals=seen.refusals, complaint_waits=row.escalated_at is not None,
        ),
        refusals_left=max(0, rules.MOST_REFUSALS - seen.refusals),
        remedies=list(rules.REMEDIES["zh" if language.startswith("zh") else "en"]),
    )  # fmt: skip


def case(row: Objection, actor: Actor) -> ObjectionCase:
    """A case in the list of those who work on it."""
    return ObjectionCase(
        id=row.id, project_id=row.project_id, state=row.state, assigned=row.mediator_id is not None,
        filed_at=row.filed_at, changed_at=row.changed_at, acknowledge_by=row.filed_at + rules.ACKNOWLEDGE_WITHIN,
        acknowledged_at=row.acknowledged_at, complaint_waits=service.waits_for_an_answer(row, actor),
    )  # fmt: skip


def whole_case(
    row: Objection, who: dict[str, Any], entries: Sequence[ObjectionEntry], actor: Actor
) -> ObjectionFile:
    """A case, opened."""
    return ObjectionFile(
        **case(row, actor).model_dump(),
        objector=Objector(name=who.get("name", ""), phone=who.get("phone"), dwelling=who.get("dwelling", "")),
        entries=[EntryOut.model_validate(entry) for entry in entries],
    )


def _deadlines(row: Objection, entries: Sequence[ObjectionEntry]) -> DeadlinesOut:
    assigned = [entry.at for entry in entries if entry.kind is EntryKind.ASSIGNED]
    mediated = rules.is_open(row.state) and row.mediator_id is not None and assigned
    withdrawn = row.state is ObjectionState.WITHDRAWN
    return DeadlinesOut(
        acknowledge_by=row.filed_at + rules.ACKNOWLEDGE_WITHIN,
        acknowledged_at=row.acknowledged_at,
        mediate_by=assigned[-1] + rules.MEDIATE_WITHIN if mediated else None,
        reply_by=None if row.escalated_at is None else row.escalated_at + rules.ANSWER_COMPLAINT_WITHIN,
        return_until=row.changed_at + rules.RETURN_WITHIN if withdrawn else None,
    )
