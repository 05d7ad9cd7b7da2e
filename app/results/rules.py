"""How a round's settings become the input of a count, and figures people read. Pure."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.ballots.rules import OpenedBallot
from app.core.canonical import Plain
from app.rounds.rules import Ties
from app.tally.model import (
    Completion,
    CountInput,
    Fill,
    Forced,
    Points,
    Priority,
    Project,
    Rule,
    RuleSpec,
    TieOrder,
    Unranked,
    Until,
)

#: Of fewer people on a roll, and of voters with one wish, nothing is said on its own.
SMALLEST_ROLL = 30
SMALLEST_GROUP = 10
#: How many took part in a building is said in whole tens.
TURNOUT_STEP = 10

_TIES = {Ties.LOT.value: TieOrder.COST_BACKERS_LOT, Ties.LIST_ORDER.value: TieOrder.ROW}


def rule_spec(frozen: Mapping[str, Any], *, seed: str) -> RuleSpec:
    """A round's frozen settings as the count understands them; what was not there to be set is off."""
    return RuleSpec(
        rule=Rule(frozen["rule"]),
        points=Points(frozen["points"]),
        max_rank=frozen["max_rank"],
        skip=frozen["skip"],
        threshold=frozen["threshold"],
        completion=Completion(frozen.get("completion", "none")),
        until=Until(frozen.get("until", "infeasible")),
        fill=Fill(frozen["fill"]),
        comparison=frozen.get("comparison", False),
        part_percent=frozen.get("part_percent"),
        unranked=Unranked(frozen.get("unranked", "never")),
        priority=Priority(frozen["priority"]),
        ties=_TIES[frozen["ties"]],
        seed=seed,
    )


def listed(frozen: Mapping[str, Any]) -> tuple[Project, ...]:
    """The frozen list as the count understands it."""
    return tuple(
        Project(
            str(each["id"]),
            int(each["cost_fen"]),
            group=str(each.get("exclusive_group") or ""),
            forced=Forced.IN if each.get("forced_in") else None,
        )
        for each in frozen["projects"]
    )


def count_input(frozen: Mapping[str, Any], *, ballots: Sequence[OpenedBallot], seed: str) -> CountInput:
    """Frozen list, budget and rule, opened ballots, and the seed of the lot: all an outcome depends on."""
    return CountInput(
        projects=listed(frozen),
        ballots=tuple(ballot.ranking for ballot in ballots),
        budget=frozen["budget_fen"],
        spec=rule_spec(frozen, seed=seed),
    )


@dataclass(frozen=True)
class NoticePeriod:
    """How long a result hangs out."""

    round_id: uuid.UUID
    announced_at: dt.datetime
    notice_until: dt.datetime
    certified_at: dt.datetime | None


@dataclass(frozen=True)
class TurnoutGroup:
    """How many took part in a building, or in a community as a whole; how they voted is not known and never kept.

    Attributes:
        community_code: where.
        building: its name; none for the whole community.
        on_roll: who could take part.
        at_least: who did, rounded down to tens.
    """

    community_code: str
    building: str | None
    on_roll: int
    at_least: int

    def to_dict(self) -> dict[str, Plain]:
        """Plain data."""
        return asdict(self)


def turnout_groups(lines: Iterable[tuple[str, str, int, int]]) -> list[TurnoutGroup]:
    """What may be kept of (community, building, on the roll, taken part): never so much that it points at a household.

    Communities stand for themselves where a round has several. Short rolls are left out.
    """
    sums: dict[tuple[str, str | None], tuple[int, int]] = {}
    for community, building, on_roll, taken_part in lines:
        for key in ((community, building), (community, None)):
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + on_roll, before[1] + taken_part)
    several = len({community for community, _ in sums}) > 1
    return [
        TurnoutGroup(community, building, on_roll, coarse(taken_part, on_roll))
        for (community, building), (on_roll, taken_part) in sums.items()
        if on_roll >= SMALLEST_ROLL and (several or building is not None)
    ]


def coarse(taken_part: int, on_roll: int) -> int:
    """So many at least took part: in tens, and never so many that less than a step is left who might not have."""
    return min(taken_part, max(on_roll - TURNOUT_STEP, 0)) // TURNOUT_STEP * TURNOUT_STEP


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent with one decimal, rounded half up, as exact text."""
    if whole == 0:
        return "0.0"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


def thousandths(part: int, whole: int) -> int:
    """Thousandths of ``whole``, rounded half up; of nothing, nothing."""
    return (2000 * part + whole) // (2 * whole) if whole else 0


def yuan_words(amount_fen: int, language: str) -> str:
    """An amount as residents say it: ``6.8 万元``, ``350 元``; in English ``¥68,000``, ``¥12.50``."""
    if not language.startswith("zh"):
        whole, rest = divmod(amount_fen, 100)
        return f"¥{whole:,}" if rest == 0 else f"¥{whole:,}.{rest:02d}"
    ten_thousand = 1_000_000
    if amount_fen >= ten_thousand and amount_fen % (ten_thousand // 100) == 0:
        whole, rest = divmod(amount_fen, ten_thousand)
        decimals = f"{rest:06d}"[:2].rstrip("0")
        return f"{whole}.{decimals} 万元" if decimals else f"{whole} 万元"
    whole, rest = divmod(amount_fen, 100)
    return f"{whole} 元" if rest == 0 else f"{whole}.{rest:02d} 元"
