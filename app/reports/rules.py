"""What a report may say, and how figures are put together. Pure."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.core.zone import BEIJING
from app.funding.rules import RequestState
from app.results.rules import SMALLEST_ROLL

#: Somebody who looks at a whole city is told nothing of a place with fewer households on its own.
SMALLEST_COMMUNITY = 100
#: A time is one answer's own. It is said where so many answers took no longer, and so many no less, itself counted:
#: then it points at none of them. The longest of all is never said.
LEAST_ANSWERS = 5
#: The median has rank (n + 1) / 2 rounded down: five stand on either side of it from nine answers on.
LEAST_FOR_MEDIAN = 2 * LEAST_ANSWERS - 1
#: Above the 90th percentile by nearest rank stands a tenth, rounded down: with itself five from forty answers on.
LEAST_FOR_NINETIETH = 10 * (LEAST_ANSWERS - 1)
FIRST_YEAR, LAST_YEAR = 2020, 2100

Span = tuple[dt.datetime, dt.datetime | None]


class Stage(StrEnum):
    """How far the money of a project is, as those see it who pay."""

    ASKED = "asked"  # a step of the chain has it in hand, or the committee corrects it
    DEFERRED = "deferred"
    DECLINED = "declined"
    APPROVED_IN_PART = "approved_in_part"
    APPROVED = "approved"
    GO_AHEAD = "go_ahead"  # work may start


_STAGES: Mapping[RequestState, Stage] = {
    RequestState.SUBMITTED: Stage.ASKED,
    RequestState.RECEIVED: Stage.ASKED,
    RequestState.RETURNED: Stage.ASKED,
    RequestState.ACCEPTED: Stage.ASKED,
    RequestState.DEFERRED: Stage.DEFERRED,
    RequestState.DECLINED: Stage.DECLINED,
    RequestState.APPROVED_IN_PART: Stage.APPROVED_IN_PART,
    RequestState.APPROVED: Stage.APPROVED,
    RequestState.GO_AHEAD: Stage.GO_AHEAD,
}
#: How a request ends without money, whether or not work was allowed to begin.
_NOT_PAID = frozenset({RequestState.DEFERRED, RequestState.DECLINED})


def stage(state: RequestState, *, released: bool) -> Stage | None:
    """How far a request is; none in the reserve, for which nobody was asked."""
    if released and state not in _NOT_PAID:
        return Stage.GO_AHEAD
    return _STAGES.get(state)


class Waiting(StrEnum):
    """Who waits for an answer, and of whom."""

    REGISTRATIONS = "registrations"
    IDEAS = "ideas"
    OBJECTIONS_RECEIVED = "objections_received"
    OBJECTIONS_CONTACTED = "objections_contacted"
    REQUESTS_COMMITTEE = "requests_committee"
    REQUESTS_SUBDISTRICT = "requests_subdistrict"
    REQUESTS_DISTRICT = "requests_district"
    REQUESTS_BUREAU = "requests_bureau"
    REQUESTS_FINANCE = "requests_finance"
    REQUESTS_GO_AHEAD = "requests_go_ahead"


@dataclass(frozen=True)
class Spread:
    """How long answers took, in whole days; no time that could point at one of them."""

    answered: int
    waiting: int
    #: Half of the answers took no longer, and nine in ten.
    median_days: int | None
    ninetieth_days: int | None


def spread(spans: Iterable[Span], *, least: int = LEAST_ANSWERS) -> Spread:
    """The lower median and the 90th percentile (nearest rank) of the days from asking to the answer.

    Args:
        spans: when each was asked, and answered.
        least: how many have to stand on either side of a time that is said, itself counted; one for what offices
            answer each other, which is public.
    """
    days: list[int] = []
    waiting = 0
    for since, until in spans:
        if until is None:
            waiting += 1
        else:
            days.append((until - since).days)
    days.sort()
    count = len(days)
    return Spread(
        count, waiting, _ranked(days, (count + 1) // 2, least), _ranked(days, -(-9 * count // 10), least)
    )


def _ranked(days: Sequence[int], rank: int, least: int) -> int | None:
    """The value of a rank, counted from one; none where too few stand on one side of it."""
    return days[rank - 1] if min(rank, len(days) - rank + 1) >= max(least, 1) else None


@dataclass(frozen=True)
class Turnout:
    """How many of those who could took part, over the rounds that were counted; nothing where they are too few."""

    #: Rounds that were counted.
    rounds: int
    taken_part: int | None
    on_roll: int | None
    #: Part of it is known in tens only: of a community that voted together with others.
    at_least: bool = False


def turnout(parts: Sequence[tuple[int, int, bool]], *, least: int = SMALLEST_ROLL) -> Turnout:
    """The turnout of (taken part, on the roll, known in tens only) together; each that is too small is left out."""
    shown = [each for each in parts if each[1] >= least]
    if not shown:
        return Turnout(len(parts), None, None)
    return Turnout(
        len(parts), sum(each[0] for each in shown), sum(each[1] for each in shown), any(each[2] for each in shown)
    )  # fmt: skip


def shown_parts(households: Mapping[str, int], *, least: int) -> set[str]:
    """Those places of which figures of their own may be said.

    Where one alone is too small, what is said of all others would say it of that one: the smallest of the others is
    left out with it.
    """
    small = {code for code, count in households.items() if count < least}
    others = sorted(set(households) - small, key=lambda code: (households[code], code))
    if len(small) == 1 and others:
        small.add(others[0])
    return set(households) - small


def together(wishes: Collection[tuple[Mapping[str, int], int]], name: str) -> int | None:
    """What ballots of several rounds wish for, in thousandths; each round weighs as much as it has ballots.

    Args:
        wishes: (name -> thousandths, ballots) of each round of which it is known.
        name: of what.
    """
    ballots = sum(each for _, each in wishes)
    if not ballots:
        return None
    return round(Fraction(sum(shares.get(name, 0) * each for shares, each in wishes), ballots))


def year_of(at: dt.datetime) -> int:
    """The year of a moment in Beijing."""
    return at.astimezone(BEIJING).year


def span_of(year: int) -> tuple[dt.datetime, dt.datetime]:
    """When a year begins in Beijing, and the next one."""
    begins, ends = (dt.datetime(each, 1, 1, tzinfo=BEIJING).astimezone(dt.UTC) for each in (year, year + 1))
    return begins, ends
