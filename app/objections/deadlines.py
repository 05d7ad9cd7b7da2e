"""Where a case stands, and by when somebody owes it something. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.objections.peace import COOL_OFF, contact_refused, unanswered_since
from app.objections.rules import (
    ACKNOWLEDGE_WITHIN,
    ANSWER_COMPLAINT_WITHIN,
    BY_STAFF,
    MEDIATE_WITHIN,
    EntryKind,
    ObjectionState,
    Party,
    Said,
    is_open,
)

#: A case without a mediator has one so long after it was received, handed back, or the mediator refused.
ASSIGN_WITHIN = dt.timedelta(days=3)
#: A mediator speaks to the household so long after taking the case on, its time to think not counted.
CONTACT_WITHIN = dt.timedelta(days=7)
#: What a household writes is answered by then.
ANSWER_WITHIN = dt.timedelta(days=5)


class Stage(StrEnum):
    """How far a case is."""

    RECEIVED = "received"  # nobody has looked yet
    TO_ASSIGN = "to_assign"
    TO_CONTACT = "to_contact"
    TALKING = "talking"
    OFFERED = "offered"  # the household thinks about an offer
    KEPT = "kept"  # the household keeps its objection, and nobody negotiates
    ENDED = "ended"


class Duty(StrEnum):
    """What is owed."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    CONTACT = "contact"
    ANSWER = "answer"
    REPLY = "reply"
    #: To come to a result, or give the case back to the officer.
    CONCLUDE = "conclude"


#: Whose each is.
OWED_BY = {
    Duty.ACKNOWLEDGE: Party.OBJECTION_OFFICER,
    Duty.ASSIGN: Party.OBJECTION_OFFICER,
    Duty.CONTACT: Party.MEDIATOR,
    Duty.ANSWER: Party.MEDIATOR,
    Duty.REPLY: Party.OBJECTION_OFFICER,
    Duty.CONCLUDE: Party.MEDIATOR,
}


@dataclass(frozen=True)
class Standing:
    """What of a case decides its stage and its deadlines."""

    state: ObjectionState
    filed_at: dt.datetime
    acknowledged_at: dt.datetime | None
    #: A complaint waits since then; none where it waits not, or not for the one who asks.
    escalated_at: dt.datetime | None
    mediated: bool
    said: Sequence[Said]


@dataclass(frozen=True)
class Due:
    """Something that is owed, and by when."""

    duty: Duty
    by: dt.datetime


def stage(case: Standing) -> Stage:
    """How far a case is."""
    if not is_open(case.state):
        return Stage.ENDED
    if not case.mediated:
        if case.state is ObjectionState.MAINTAINED:
            return Stage.KEPT
        return Stage.RECEIVED if case.acknowledged_at is None else Stage.TO_ASSIGN
    since = _since_assigned(case.said)
    if offer_waits(since):
        return Stage.OFFERED
    return Stage.TALKING if any(each.kind in BY_STAFF for each in since) else Stage.TO_CONTACT


def offer_waits(said: Sequence[Said]) -> bool:
    """Whether an offer was made to which the household has said nothing."""
    waits = False
    for each in said:
        if each.kind is EntryKind.OFFER:
            waits = True
        elif each.by_objector and each.kind is not EntryKind.COMPLAINT:
            waits = False
    return waits


def dues(case: Standing) -> list[Due]:
    """What is owed in a case, the soonest first."""
    found = []
    if case.escalated_at is not None:
        found.append(Due(Duty.REPLY, case.escalated_at + ANSWER_COMPLAINT_WITHIN))
    if is_open(case.state):
        found += _while_open(case)
    return sorted(found, key=lambda each: each.by)


def first_contact_at(said: Sequence[Said]) -> dt.datetime | None:
    """When somebody who negotiates first said or did something towards the household."""
    return next((each.at for each in said if each.kind in BY_STAFF), None)


def _while_open(case: Standing) -> list[Due]:
    if case.acknowledged_at is None and not case.mediated:
        return [Due(Duty.ACKNOWLEDGE, case.filed_at + ACKNOWLEDGE_WITHIN)]
    if not case.mediated:
        if case.state is ObjectionState.MAINTAINED:
            return []  # it counts without anybody negotiating
        back = [each.at for each in case.said if each.kind in {EntryKind.REFUSAL, EntryKind.HANDED_OVER}]
        # whoever looks late has no more time for what comes next
        seen_in_time = case.filed_at + ACKNOWLEDGE_WITHIN
        since = max([min(case.acknowledged_at or case.filed_at, seen_in_time), *back])
        return [Due(Duty.ASSIGN, since + ASSIGN_WITHIN)]
    found = []
    waiting = unanswered_since(case.said)
    since_assigned = _since_assigned(case.said)
    spoken = any(each.kind in BY_STAFF for each in since_assigned)
    if not spoken and not contact_refused(case.said):
        assigned_at = since_assigned[0].at if since_assigned else case.filed_at
        found.append(Due(Duty.CONTACT, max(assigned_at, case.filed_at + COOL_OFF) + CONTACT_WITHIN))
    if waiting is not None:
        found.append(Due(Duty.ANSWER, waiting + ANSWER_WITHIN))
    # a household that keeps its objection keeps it as long as it likes
    if since_assigned and case.state is ObjectionState.ASSIGNED:
        found.append(Due(Duty.CONCLUDE, since_assigned[0].at + MEDIATE_WITHIN))
    return found


def _since_assigned(said: Sequence[Said]) -> Sequence[Said]:
    """What was said since the present mediator has the case."""
    at = [number for number, each in enumerate(said) if each.kind is EntryKind.ASSIGNED]
    return said[at[-1] :] if at else said
