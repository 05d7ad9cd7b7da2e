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
#: Of fewer answers no time is said: it would be the time of one of them.
LEAST_ANSWERS = 5
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
    """How long answers took, in whole days; nothing of too few."""

    answered: int
    waiting: int
    #: Half of the answers took no longer, and nine in ten.
    median_days: int | None
    ninetieth_days: int | None


def spread(spans: Iterable[Span], *, least: int = LEAST_ANSWERS) -> Spread:
    """The lower median and the 90th percentile (nearest rank) of the days from asking to the answer."""
    days: list[int] = []
    waiting = 0
    for since, until in spans:
        if until is None:
            waiting += 1
        else:
            days.append((until - since).days)
    days.sort()
    if len(days) < max(least, 1):
        return Spread(len(days), waiting, None, None)
    return Spread(len(days), waiting, days[(len(days) - 1) // 2], days[-(-9 * len(days) // 10) - 1])


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
