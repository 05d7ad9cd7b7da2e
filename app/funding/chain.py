"""The chain of those who decide on a request, as data: whose turn it is, what may be said there, who is next. Pure.

Sub-district, district coordinating office, line bureau, finance, and the go-ahead: the order of the practice this
service was made for. A government's own system speaks for the whole chain behind it; people speak for their step.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.access.roles import Role
from app.core.zone import BEIJING
from app.funding.errors import NoPartToAccept, NotYoursToDecide, RequestWrongState
from app.funding.rules import Decision, RequestState


class Step(StrEnum):
    """Who has a request in hand."""

    COMMITTEE = "committee"  # corrects what was returned, answers an approval in part
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"
    BUREAU = "bureau"
    FINANCE = "finance"
    GO_AHEAD = "go_ahead"  # 放行: the money is granted, work may start


class Reply(StrEnum):
    """What the committee, or the calendar, says to those who decide."""

    CORRECTED = "corrected"
    PART_ACCEPTED = "part_accepted"
    PART_REFUSED = "part_refused"  # asks again, with reasons
    CAME_BACK = "came_back"  # the year has come


@dataclass(frozen=True)
class Link:
    """One step of the chain."""

    role: Role
    #: How long it may take: a habit of ours, no law sets a day.
    days: int
    decisions: frozenset[Decision]
    #: Who has it when this step agrees.
    next: Step | None


_SENDS_ON_OR_BACK = frozenset({Decision.ACCEPTED, Decision.RETURNED, Decision.DECLINED, Decision.DEFERRED})

CHAIN: Mapping[Step, Link] = {
    Step.SUBDISTRICT: Link(
        Role.SUBDISTRICT_OFFICER, 15, _SENDS_ON_OR_BACK | {Decision.RECEIVED}, Step.DISTRICT
    ),
    # 先行实施: the district lets the community begin with its own money while the others still look
    Step.DISTRICT: Link(Role.DISTRICT_OFFICER, 15, _SENDS_ON_OR_BACK | {Decision.GO_AHEAD}, Step.BUREAU),
    Step.BUREAU: Link(Role.BUREAU_REVIEWER, 10, _SENDS_ON_OR_BACK, Step.FINANCE),
    Step.FINANCE: Link(
        Role.FINANCE_REVIEWER,
        10,
        frozenset({
            Decision.APPROVED, Decision.APPROVED_IN_PART, Decision.RETURNED, Decision.DECLINED, Decision.DEFERRED,
        }),
        Step.GO_AHEAD,
    ),
    Step.GO_AHEAD: Link(Role.SUBDISTRICT_OFFICER, 5, frozenset({Decision.GO_AHEAD}), None),
}  # fmt: skip
COMMITTEE_DAYS = 15

#: Who decides at some step of it.
DECIDERS: frozenset[Role] = frozenset(link.role for link in CHAIN.values())

_JUDGED = frozenset({Decision.APPROVED, Decision.APPROVED_IN_PART, Decision.DECLINED, Decision.DEFERRED})

#: State -> what a government's system may say for the whole chain.
DECISIONS: Mapping[RequestState, frozenset[Decision]] = {
    RequestState.RESERVE: frozenset(),
    RequestState.SUBMITTED: frozenset({Decision.RECEIVED, Decision.ACCEPTED, Decision.RETURNED}),
    RequestState.RECEIVED: frozenset(
        {Decision.ACCEPTED, Decision.RETURNED, Decision.DECLINED, Decision.DEFERRED}
    ),
    RequestState.RETURNED: frozenset(),
    RequestState.ACCEPTED: _JUDGED | {Decision.GO_AHEAD, Decision.RETURNED},
    # go-ahead: the community begins with its own money; the government decides on paying it back later
    RequestState.GO_AHEAD: _JUDGED,
    # it comes back by itself in its year; nothing keeps a government from taking it up earlier
    RequestState.DEFERRED: frozenset({Decision.ACCEPTED, Decision.DECLINED}),
    RequestState.APPROVED: frozenset({Decision.GO_AHEAD}),
    RequestState.APPROVED_IN_PART: frozenset({Decision.GO_AHEAD}),
    RequestState.DECLINED: frozenset(),
}

#: State -> what people may still say, of all that their step knows.
_OPEN: Mapping[RequestState, frozenset[Decision]] = {
    RequestState.SUBMITTED: frozenset(Decision),
    RequestState.RECEIVED: frozenset(Decision) - {Decision.RECEIVED},
    RequestState.ACCEPTED: frozenset(Decision) - {Decision.RECEIVED},
    # who has begun is not sent back to the start
    RequestState.GO_AHEAD: _JUDGED | {Decision.ACCEPTED},
    RequestState.DEFERRED: DECISIONS[RequestState.DEFERRED],
    RequestState.APPROVED: frozenset({Decision.GO_AHEAD}),
    RequestState.APPROVED_IN_PART: frozenset({Decision.GO_AHEAD}),
}


@dataclass(frozen=True)
class Standing:
    """Where a request stands."""

    state: RequestState
    #: Who has it; nobody in the reserve, while it is put off, and when all is said.
    step: Step | None
    #: Where it goes when the committee has answered, or its year has come.
    back_to: Step | None = None
    #: Work may start.
    released: bool = False
    #: A settlement has changed what the project costs since the request was handed in.
    recosted: bool = False

    @property
    def place(self) -> Step | None:
        """The step of the chain it is at, whoever holds it meanwhile."""
        return self.back_to or self.step


def begin(*, funded: bool) -> Standing:
    """Where a new request stands: with the sub-district, or in the reserve."""
    if funded:
        return Standing(RequestState.SUBMITTED, Step.SUBDISTRICT)
    return Standing(RequestState.RESERVE, None)


def open_decisions(standing: Standing, roles: Collection[Role]) -> frozenset[Decision]:
    """What somebody with these roles may say to a request now."""
    link = CHAIN.get(_deciding(standing) or Step.COMMITTEE)
    if link is None or link.role not in roles:
        return frozenset()
    return (link.decisions & _OPEN.get(standing.state, frozenset())) | _taken_back(standing)


def check_turn(standing: Standing, decision: Decision, roles: Collection[Role]) -> None:
    """Whether it is the turn of somebody with these roles, and the decision follows.

    Raises:
        NotYoursToDecide: the request is with another step.
        RequestWrongState: the decision does not follow there.
    """
    step = _deciding(standing)
    link = CHAIN.get(step or Step.COMMITTEE)
    if link is None:
        raise RequestWrongState(state=standing.state.value, wanted=decision.value)
    if link.role not in roles:
        raise NotYoursToDecide(step=str(step))
    if decision not in open_decisions(standing, roles):
        raise RequestWrongState(state=standing.state.value, wanted=decision.value)


def must_leave_it(step: Step, spoke_at: Collection[Step]) -> Step | None:
    """Where somebody has spoken for another office, so that they may not speak for this step as well.

    ``spoke_at`` names the committee too, for those who answered for it. The sub-district's first word and its go-ahead
    are one office, often one person; the go-ahead judges nothing, it releases what the others have granted. A step may
    be decided again by whoever decided it before.
    """
    return min(
        (each for each in spoke_at if _office(each) != _office(step)), key=list(Step).index, default=None
    )


def check_follows(standing: Standing, decision: Decision) -> None:
    """Whether a decision follows for one who speaks for the whole chain.

    Raises:
        RequestWrongState: it does not.
    """
    again = decision is Decision.GO_AHEAD and standing.released
    if decision not in DECISIONS[standing.state] | _taken_back(standing) or again:
        raise RequestWrongState(state=standing.state.value, wanted=decision.value)


def judge(standing: Standing) -> Step | None:
    """The step that has the say; what was granted is judged again by the one who granted it."""
    return Step.FINANCE if standing.place is Step.GO_AHEAD else standing.place


def after(standing: Standing, decision: Decision, *, whole_chain: bool, to: Step | None = None) -> Standing:
    """Where a request stands after a decision that follows; returned ``to`` an earlier step, it is heard there."""
    place, returns_to = standing.place, to or judge(standing)
    follows = {
        Decision.RECEIVED: replace(standing, state=RequestState.RECEIVED),
        Decision.ACCEPTED: _accepted(standing, whole_chain=whole_chain),
        Decision.RETURNED: replace(
            standing, state=RequestState.RETURNED, step=Step.COMMITTEE, back_to=returns_to
        ),
        Decision.DEFERRED: replace(standing, state=RequestState.DEFERRED, step=None, back_to=place),
        Decision.DECLINED: replace(standing, state=RequestState.DECLINED, step=None, back_to=None),
        Decision.APPROVED: _granted(replace(standing, state=RequestState.APPROVED)),
        Decision.APPROVED_IN_PART: replace(
            standing, state=RequestState.APPROVED_IN_PART, step=Step.COMMITTEE, back_to=place
        ),
        Decision.GO_AHEAD: _released(standing),
    }
    return follows[decision]


def accept_part(standing: Standing) -> Standing:
    """Where a request stands when the committee takes the part.

    Raises:
        NoPartToAccept: no approval in part waits for its answer.
    """
    if standing.state is not RequestState.APPROVED_IN_PART or standing.step is not Step.COMMITTEE:
        raise NoPartToAccept
    return _granted(standing)


def resubmit(standing: Standing) -> Standing:
    """Where a request stands when the committee has corrected it: with the step that returned it.

    Raises:
        RequestWrongState: nobody returned it, and no part waits for an answer.
    """
    if standing.step is not Step.COMMITTEE:
        raise RequestWrongState(state=standing.state.value, wanted=RequestState.SUBMITTED.value)
    return replace(standing, state=RequestState.SUBMITTED, step=standing.back_to, back_to=None)


def ask_again(standing: Standing, first: Step) -> Standing:
    """Where a request stands that was granted a part and asks for the whole: with the first step that lowered it."""
    return replace(standing, step=first)


def from_the_start(standing: Standing) -> Standing:
    """Where a request stands that is handed in again and asks for more than anybody has agreed to."""
    return replace(standing, step=Step.SUBDISTRICT, back_to=None)


def come_back(standing: Standing) -> Standing:
    """Where a request stands when its year has come: with the step that put it off."""
    return replace(standing, state=RequestState.SUBMITTED, step=standing.back_to, back_to=None)


def comes_back(state: RequestState, deferred_to: int | None, today: dt.date) -> bool:
    """Whether the year has come to which a request was put off."""
    return state is RequestState.DEFERRED and deferred_to is not None and deferred_to <= today.year


def due(step: Step | None, since: dt.datetime) -> dt.datetime | None:
    """When a step that began then should be done: at the end of its last day in Beijing."""
    if step is None:
        return None
    days = COMMITTEE_DAYS if step is Step.COMMITTEE else CHAIN[step].days
    last = since.astimezone(BEIJING).date() + dt.timedelta(days=days)
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), BEIJING).astimezone(dt.UTC)


def turns(
    submitted_at: dt.datetime, said: Iterable[tuple[dt.datetime, Step | None, Decision | Reply]]
) -> list[tuple[Step, dt.datetime, dt.datetime]]:
    """(step, since, until) of every time a step had a request in hand and answered it.

    Not counted: that a request was received, a go-ahead before the money (the step goes on with it), and the years
    for which it was put off.

    Args:
        submitted_at: when it first went to the sub-district.
        said: what was said about it by either side, as it happened, and the step of the chain at which.
    """
    found = []
    since: dt.datetime | None = submitted_at
    for at, step, what in said:
        if what is Decision.RECEIVED or (what is Decision.GO_AHEAD and step is not Step.GO_AHEAD):
            continue
        holder = Step.COMMITTEE if isinstance(what, Reply) else step
        if holder is not None and since is not None and what is not Reply.CAME_BACK:
            found.append((holder, since, at))
        since = None if what is Decision.DEFERRED else at
    return found


class StationState(StrEnum):
    """Whether a step of the chain is over."""

    DONE = "done"
    NOW = "now"
    COMING = "coming"
    ENDED = "ended"  # the request ended here


@dataclass(frozen=True)
class Station:
    """A step of the chain as one request went through it."""

    step: Step
    state: StationState
    #: When it was passed; nothing where a system spoke for it.
    at: dt.datetime | None


_PASSING = frozenset({Decision.ACCEPTED, Decision.APPROVED, Decision.APPROVED_IN_PART})


def stations(
    standing: Standing, passed: Iterable[tuple[Step | None, Decision, dt.datetime]]
) -> list[Station]:
    """The chain in one line: what is over and since when, where the request is, what will come."""
    times: dict[Step, dt.datetime] = {}
    ended = None
    for step, decision, at in passed:
        if step is None:
            continue
        if decision in _PASSING or (decision is Decision.GO_AHEAD and step is Step.GO_AHEAD):
            times[step] = at
        ended = step if decision is Decision.DECLINED else None
    order: Sequence[Step] = tuple(CHAIN)
    place = ended if standing.state is RequestState.DECLINED else standing.place
    reached = _reached(standing, place, order)
    states = [_station_state(standing, number, reached) for number in range(len(order))]
    return [
        Station(step, state, times.get(step) if state is StationState.DONE else None)
        for step, state in zip(order, states, strict=True)
    ]


# --- inside ---------------------------------------------------------------------------------------------------------


def _office(step: Step) -> Role | None:
    return None if step is Step.COMMITTEE else CHAIN[step].role


def _deciding(standing: Standing) -> Step | None:
    """Who may decide: the step that has it, or while it is put off the step that did so."""
    return standing.back_to if standing.state is RequestState.DEFERRED else standing.step


def _taken_back(standing: Standing) -> frozenset[Decision]:
    """A grant is not taken back, but where what it was given for changed before anything was released."""
    waits = standing.step is Step.GO_AHEAD and standing.recosted
    return frozenset({Decision.RETURNED}) if waits else frozenset()


def _accepted(standing: Standing, *, whole_chain: bool) -> Standing:
    place = standing.place
    state = RequestState.GO_AHEAD if standing.state is RequestState.GO_AHEAD else RequestState.ACCEPTED
    if place is None:
        return replace(standing, state=state)
    # a system takes it on for all of them; where the others have had it already, it is not sent through them again
    stays = whole_chain and place is not Step.SUBDISTRICT
    return replace(standing, state=state, step=place if stays else CHAIN[place].next, back_to=None)


def _granted(standing: Standing) -> Standing:
    return replace(standing, step=None if standing.released else Step.GO_AHEAD, back_to=None)


def _released(standing: Standing) -> Standing:
    if standing.state in {RequestState.APPROVED, RequestState.APPROVED_IN_PART}:
        return replace(standing, step=None, back_to=None, released=True)
    return replace(standing, state=RequestState.GO_AHEAD, released=True)


def _reached(standing: Standing, place: Step | None, order: Sequence[Step]) -> int:
    if place is not None:
        return order.index(place)
    granted = standing.state in {RequestState.APPROVED, RequestState.APPROVED_IN_PART}
    return len(order) if granted else -1


def _station_state(standing: Standing, number: int, reached: int) -> StationState:
    if number < reached:
        return StationState.DONE
    if number > reached:
        return StationState.COMING
    return StationState.ENDED if standing.state is RequestState.DECLINED else StationState.NOW
