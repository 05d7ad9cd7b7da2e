"""What everybody at work may know of objections: counts and days that point at nobody. Pure."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.objections.deadlines import Stage, Standing, dues, first_contact_at, stage
from app.objections.rules import LEAST_OBJECTIONS, ROUND_TO, ObjectionState, public_count

_PERCENT = 100


@dataclass(frozen=True)
class Figures:
    """Of one division; a figure that could point at somebody is none."""

    objections: int | None
    by_state: dict[ObjectionState, int | None]
    by_stage: dict[Stage, int | None]
    overdue: int | None
    #: Of all objections, how many in a hundred were settled, rounded to five.
    settled_percent: int | None
    #: Half of the cases took no longer, in whole days from filing.
    days_to_acknowledge: int | None
    days_to_first_contact: int | None


def figures(cases: Sequence[Standing], *, households: int, now: dt.datetime) -> Figures:
    """The figures of some cases, each rounded and left out by the rule of the public count.

    Args:
        cases: the cases of a division.
        households: how many households live there.
        now: the present moment.
    """
    states = Counter(each.state for each in cases)
    stages = Counter(stage(each) for each in cases)
    late = sum(any(due.by < now for due in dues(each)) for each in cases)
    total = public_count(len(cases), households)
    # of the rounded counts: five of seven, to the percent, would say both numbers
    settled = public_count(states[ObjectionState.SETTLED], households)
    shown = bool(total) and settled is not None
    percent = (settled * _PERCENT + total // 2) // total if total and settled is not None else 0
    first = [(each.filed_at, first_contact_at(each.said)) for each in cases]
    return Figures(
        objections=total,
        by_state={state: public_count(states[state], households) for state in ObjectionState},
        by_stage={each: public_count(stages[each], households) for each in Stage},
        overdue=public_count(late, households),
        settled_percent=(percent + ROUND_TO // 2) // ROUND_TO * ROUND_TO if shown else None,
        days_to_acknowledge=_half(
            [(each.filed_at, each.acknowledged_at) for each in cases], shown=total is not None
        ),
        days_to_first_contact=_half(first, shown=total is not None),
    )


def _half(spans: Sequence[tuple[dt.datetime, dt.datetime | None]], *, shown: bool) -> int | None:
    """The lower median in whole days, where as many took no longer as a public count takes, and as many no less."""
    days = sorted((until - since).days for since, until in spans if until is not None)
    half = (len(days) + 1) // 2
    return days[half - 1] if shown and half >= LEAST_OBJECTIONS else None
