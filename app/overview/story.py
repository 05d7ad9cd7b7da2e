"""The steps of a project's life, from every package, as one list. Pure.

A step has happened, is what everybody waits for, or will come; each has its phase (征集 审核 投票 公示 协商 拨款 实施
评议) and says who must act. How long somebody may let others wait is a habit and no law, so a wait is called late only
after a generous time; since when it lasts is always shown.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.funding.chain import Step as ChainStep
from app.funding.rules import Decision, RequestState


class Phase(StrEnum):
    """What a step is part of, in the order of a project's life."""

    RAISED = "raised"  # 征集
    REVIEW = "review"  # 审核
    VOTE = "vote"  # 投票
    NOTICE = "notice"  # 公示
    NEGOTIATION = "negotiation"  # 协商
    FUNDING = "funding"  # 拨款
    WORKS = "works"  # 实施
    ASSESSMENT = "assessment"  # 评议


PHASES: Sequence[Phase] = tuple(Phase)


class StepState(StrEnum):
    """Whether a step is over."""

    DONE = "done"
    NOW = "now"  # what everybody waits for
    COMING = "coming"
    ENDED = "ended"  # the project's life ended here


class Who(StrEnum):
    """Who is responsible for a step."""

    RESIDENTS = "residents"
    COMMITTEE = "committee"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"
    BUREAU = "bureau"
    FINANCE = "finance"
    MEDIATOR = "mediator"
    BUILDER = "builder"  # a company, a service, or the committee itself


class StepKind(StrEnum):
    """What a step is; the words for it are in `words`."""

    RAISED_BY_MEETING = "raised_by_meeting"
    RAISED_BY_IDEA = "raised_by_idea"
    RAISED_BY_STAFF = "raised_by_staff"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    LISTED = "listed"
    VOTE_CANCELLED = "vote_cancelled"
    VOTING = "voting"
    COUNTING = "counting"
    PLACED = "placed"
    NOT_PLACED = "not_placed"
    NOTICE = "notice"
    CERTIFYING = "certifying"
    CERTIFIED = "certified"
    REQUESTED = "requested"
    RESERVE = "reserve"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    APPROVED = "approved"
    APPROVED_IN_PART = "approved_in_part"
    DECLINED = "declined"
    DEFERRED = "deferred"
    GO_AHEAD = "go_ahead"
    # said by those behind the sub-district
    DISTRICT_AGREED = "district_agreed"
    BUREAU_AGREED = "bureau_agreed"
    RELEASED = "released"
    # what everybody waits for, beside voting, counting and notice
    TO_BE_LISTED = "to_be_listed"
    TO_BE_RECEIVED = "to_be_received"
    TO_BE_ACCEPTED = "to_be_accepted"
    TO_BE_APPROVED = "to_be_approved"
    TO_BE_JUDGED = "to_be_judged"
    TO_BE_FINANCED = "to_be_financed"
    TO_BE_ANSWERED = "to_be_answered"
    TO_BE_RELEASED = "to_be_released"
    TO_BE_CORRECTED = "to_be_corrected"
    TO_COME_BACK = "to_come_back"
    TO_BE_PAID = "to_be_paid"
    TO_BE_REPAID = "to_be_repaid"
    # what will come
    VOTE_TO_COME = "vote_to_come"
    NOTICE_TO_COME = "notice_to_come"
    NEGOTIATION_TO_COME = "negotiation_to_come"
    FUNDING_TO_COME = "funding_to_come"
    WORKS_TO_COME = "works_to_come"
    ASSESSMENT_TO_COME = "assessment_to_come"


class LinkKind(StrEnum):
    """What a document is."""

    MINUTES = "minutes"
    MEETING = "meeting"
    IDEA = "idea"
    ROUND = "round"
    RESULT = "result"


@dataclass(frozen=True)
class Link:
    """A document that shows a step."""

    kind: LinkKind
    id: uuid.UUID
    title: str
    version: int | None = None


Fact = int | str


@dataclass(frozen=True)
class Step:
    """A step of a project's life."""

    kind: StepKind
    phase: Phase
    state: StepState = StepState.DONE
    at: dt.datetime | None = None
    until: dt.datetime | None = None
    who: tuple[Who, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    #: What somebody wrote: why it was rejected, returned, put off.
    reason: str | None = None
    reason_code: str | None = None
    links: tuple[Link, ...] = ()
    waiting_since: dt.datetime | None = None
    #: When it should be done, where somebody set a day.
    due_at: dt.datetime | None = None
    late_since: dt.datetime | None = None


#: Who decides what, as a rule: for decisions from before the chain was kept.
_DECIDES: Mapping[Decision, tuple[Who, ...]] = {
    Decision.RECEIVED: (Who.SUBDISTRICT,),
    Decision.ACCEPTED: (Who.SUBDISTRICT,),
    Decision.RETURNED: (Who.SUBDISTRICT,),
    Decision.GO_AHEAD: (Who.SUBDISTRICT,),
    Decision.APPROVED: (Who.DISTRICT,),
    Decision.APPROVED_IN_PART: (Who.DISTRICT,),
    Decision.DECLINED: (Who.SUBDISTRICT, Who.DISTRICT),
    Decision.DEFERRED: (Who.SUBDISTRICT, Who.DISTRICT),
}

_STEPS: Mapping[ChainStep, Who] = {
    ChainStep.COMMITTEE: Who.COMMITTEE,
    ChainStep.SUBDISTRICT: Who.SUBDISTRICT,
    ChainStep.DISTRICT: Who.DISTRICT,
    ChainStep.BUREAU: Who.BUREAU,
    ChainStep.FINANCE: Who.FINANCE,
    ChainStep.GO_AHEAD: Who.SUBDISTRICT,
}

#: What a decision is called where it is said further on in the chain.
_FURTHER_ON: Mapping[tuple[Decision, ChainStep], StepKind] = {
    (Decision.ACCEPTED, ChainStep.DISTRICT): StepKind.DISTRICT_AGREED,
    (Decision.ACCEPTED, ChainStep.BUREAU): StepKind.BUREAU_AGREED,
    (Decision.GO_AHEAD, ChainStep.GO_AHEAD): StepKind.RELEASED,
}

#: Whose turn it is -> what everybody waits for.
_WAITING: Mapping[ChainStep, StepKind] = {
    ChainStep.SUBDISTRICT: StepKind.TO_BE_ACCEPTED,
    ChainStep.DISTRICT: StepKind.TO_BE_APPROVED,
    ChainStep.BUREAU: StepKind.TO_BE_JUDGED,
    ChainStep.FINANCE: StepKind.TO_BE_FINANCED,
    ChainStep.GO_AHEAD: StepKind.TO_BE_RELEASED,
}

#: Where it is nobody's turn in the chain, or the state says it better.
_NEXT: Mapping[RequestState, tuple[StepKind, tuple[Who, ...]]] = {
    RequestState.RETURNED: (StepKind.TO_BE_CORRECTED, (Who.COMMITTEE,)),
    RequestState.DEFERRED: (StepKind.TO_COME_BACK, ()),
    RequestState.APPROVED: (StepKind.TO_BE_PAID, (Who.DISTRICT, Who.SUBDISTRICT)),
    RequestState.APPROVED_IN_PART: (StepKind.TO_BE_PAID, (Who.DISTRICT, Who.SUBDISTRICT)),
    RequestState.GO_AHEAD: (StepKind.TO_BE_REPAID, (Who.COMMITTEE, Who.DISTRICT)),
}

#: How many days somebody may take before the wait is called late.
_PATIENCE_DAYS: Mapping[StepKind, int] = {
    StepKind.COUNTING: 3,
    StepKind.CERTIFYING: 7,
    StepKind.TO_BE_CORRECTED: 15,
    StepKind.TO_BE_RECEIVED: 15,
    StepKind.TO_BE_ACCEPTED: 30,
    StepKind.TO_BE_APPROVED: 30,
    StepKind.TO_BE_JUDGED: 30,
    StepKind.TO_BE_FINANCED: 30,
    StepKind.TO_BE_PAID: 30,
}

_COMING: Mapping[Phase, tuple[StepKind, tuple[Who, ...]]] = {
    Phase.VOTE: (StepKind.VOTE_TO_COME, (Who.COMMITTEE,)),
    Phase.NOTICE: (StepKind.NOTICE_TO_COME, (Who.COMMITTEE,)),
    Phase.NEGOTIATION: (StepKind.NEGOTIATION_TO_COME, (Who.MEDIATOR,)),
    Phase.FUNDING: (StepKind.FUNDING_TO_COME, (Who.SUBDISTRICT, Who.DISTRICT)),
    Phase.WORKS: (StepKind.WORKS_TO_COME, (Who.BUILDER, Who.COMMITTEE)),
    Phase.ASSESSMENT: (StepKind.ASSESSMENT_TO_COME, (Who.RESIDENTS,)),
}

#: Where a project's life has ended, or stands still until others give way: nothing comes by itself.
_NOTHING_COMES = frozenset({StepKind.REJECTED, StepKind.WITHDRAWN, StepKind.DECLINED, StepKind.RESERVE})
#: What is said to a request before any money can come.
_BEFORE_MONEY = frozenset({
    StepKind.REQUESTED, StepKind.TO_BE_RECEIVED, StepKind.TO_BE_ACCEPTED, StepKind.TO_BE_APPROVED,
    StepKind.TO_BE_JUDGED, StepKind.TO_BE_FINANCED, StepKind.TO_BE_CORRECTED, StepKind.TO_COME_BACK,
})  # fmt: skip


def decided(
    decision: Decision,
    step: ChainStep | None,
    *,
    at: dt.datetime,
    reason: str | None,
    facts: Mapping[str, Fact],
) -> Step:
    """What was said to a request, and by which step of the chain."""
    ended = StepState.ENDED if decision is Decision.DECLINED else StepState.DONE
    kind, who = StepKind(decision.value), _DECIDES[decision]
    if step is not None:
        kind, who = _FURTHER_ON.get((decision, step), kind), (_STEPS[step],)
    return Step(kind, Phase.FUNDING, ended, at=at, who=who, facts=facts, reason=reason)


def next_of_request(
    state: RequestState, step: ChainStep | None, *, since: dt.datetime, due_at: dt.datetime | None,
    facts: Mapping[str, Fact],
) -> Step | None:  # fmt: skip
    """What everybody waits for where a request stands; none where nothing more is said to it."""
    kind, who = _waits_for(state, step)
    if kind is None:
        return None
    due = None if state is RequestState.GO_AHEAD else due_at  # works take as long as they take
    return Step(kind, Phase.FUNDING, StepState.NOW, who=who, facts=facts, waiting_since=since, due_at=due)


def _waits_for(state: RequestState, step: ChainStep | None) -> tuple[StepKind | None, tuple[Who, ...]]:
    if state is RequestState.GO_AHEAD:  # whose turn it is to pay it back, its page says as before
        return _NEXT[state]
    if step is ChainStep.COMMITTEE and state is RequestState.APPROVED_IN_PART:
        return StepKind.TO_BE_ANSWERED, (Who.COMMITTEE,)
    if step is ChainStep.SUBDISTRICT and state is RequestState.SUBMITTED:
        return StepKind.TO_BE_RECEIVED, (Who.SUBDISTRICT,)
    if step is not None and step in _WAITING:
        return _WAITING[step], (_STEPS[step],)
    return _NEXT.get(state, (None, ()))


def with_lateness(step: Step, now: dt.datetime) -> Step:
    """The step, with since when it is late, if it is."""
    due = step.due_at
    if due is None and step.waiting_since is not None and step.kind in _PATIENCE_DAYS:
        due = step.waiting_since + dt.timedelta(days=_PATIENCE_DAYS[step.kind])
    if due is None:
        return step
    return replace(step, late_since=due) if now > due else step


def coming(steps: Sequence[Step]) -> list[Step]:
    """The phases that will come after these steps, without dates; none where the project is not in."""
    last = steps[-1]
    placed = [
        step.kind for step in steps if step.kind in {StepKind.PLACED, StepKind.NOT_PLACED, StepKind.LISTED}
    ]
    if last.kind in _NOTHING_COMES or placed[-1:] == [StepKind.NOT_PLACED]:
        return []
    reached = PHASES.index(last.phase) + (last.kind not in _BEFORE_MONEY)
    return [
        Step(kind, phase, StepState.COMING, who=who)
        for phase, (kind, who) in _COMING.items()
        if PHASES.index(phase) >= reached
    ]


def stage(steps: Sequence[Step]) -> StepKind:
    """Where a project stands: at the first thing everybody waits for, or else at what happened last."""
    waiting = [step for step in steps if step.state is StepState.NOW]
    happened = [step for step in steps if step.state is not StepState.COMING]
    return (waiting or happened)[-1].kind
