"""How a round's settings become the input of a count, and figures people read. Pure."""

from collections.abc import Sequence

from app.ballots.rules import OpenedBallot
from app.rounds.rules import Fill, Points, Priority, Rule, Ties
from app.tally.model import CountInput, Project, RuleSpec, TieOrder
from app.tally.model import Fill as TallyFill
from app.tally.model import Points as TallyPoints
from app.tally.model import Priority as TallyPriority
from app.tally.model import Rule as TallyRule

_TIES = {Ties.LOT: TieOrder.COST_BACKERS_LOT, Ties.LIST_ORDER: TieOrder.ROW}


def rule_spec(
    *, rule: Rule, points: Points, max_rank: int, skip: bool, threshold: int | None, fill: Fill, priority: Priority,
    ties: Ties, seed: str,
) -> RuleSpec:  # fmt: skip
    """A round's frozen settings as the count understands them."""
    return RuleSpec(
        rule=TallyRule(rule.value),
        points=TallyPoints(points.value),
        max_rank=max_rank,
        skip=skip,
        threshold=threshold,
        fill=TallyFill(fill.value),
        priority=TallyPriority(priority.value),
        ties=_TIES[ties],
        seed=seed,
    )


def count_input(
    *, projects: Sequence[Project], ballots: Sequence[OpenedBallot], budget_fen: int | None, spec: RuleSpec
) -> CountInput:
    """Frozen list, opened ballots, budget and rule: all an outcome depends on."""
    return CountInput(
        projects=tuple(projects),
        ballots=tuple(ballot.ranking for ballot in ballots),
        budget=budget_fen,
        spec=spec,
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
