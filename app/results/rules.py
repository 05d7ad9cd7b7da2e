"""How a round's settings become the input of a count, and figures people read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.ballots.rules import OpenedBallot
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


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent with one decimal, rounded half up, as exact text."""
    if whole == 0:
        return "0.0"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


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
