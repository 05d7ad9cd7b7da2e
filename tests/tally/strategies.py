"""Random elections, small enough to meet every tie and every edge."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from app.tally import (
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
from app.tally.model import LISTING, SHARING
from tests.conftest import DEEP

#: Random instances of a test that must meet everything.
MANY = 10_000 if DEEP else 1_000
SOME = 1_500 if DEEP else 60
#: Steps of a completion up to twice the budget, so that a recount that tries each has an end.
_STEPS = 25


@st.composite
def specs(
    draw: st.DrawFn, *, max_rank: int, share: int, rules: Sequence[Rule] = tuple(Rule)
) -> RuleSpec:  # fmt: skip
    """A rule with all its settings; ``share`` is what a voter has before it is raised."""
    rule = draw(st.sampled_from(rules))
    spec = RuleSpec(
        rule=rule,
        points=draw(st.sampled_from([Points.OWN_LENGTH, Points.FIXED_K, Points.APPROVAL])),
        max_rank=max_rank,
        threshold=draw(st.none() | st.none() | st.integers(0, 12)),
        priority=draw(st.sampled_from(Priority)),
        ties=draw(st.sampled_from(TieOrder)),
        seed=draw(st.sampled_from(["", "2026", "种子"])),
    )
    part = draw(st.none() | st.integers(1, 99))
    if rule in LISTING:
        return replace(spec, skip=draw(st.booleans()), part_percent=part)
    fill = draw(st.sampled_from(Fill))
    spec = replace(spec, fill=fill, part_percent=part if fill is not Fill.NONE else None)
    if rule is Rule.PB_EAR:
        return replace(spec, unranked=draw(st.sampled_from(Unranked)))
    if draw(st.booleans()):
        unit = max(share // _STEPS, 1) if share > 12 else draw(st.integers(0, 3))
        until = draw(st.sampled_from(Until))
        spec = replace(spec, completion=Completion.ADD1, until=until, share_unit=unit)
    return replace(spec, comparison=rule is Rule.MES and draw(st.booleans()))


@st.composite
def inputs(
    draw: st.DrawFn, *, rules: Sequence[Rule] = tuple(Rule), most_projects: int = 6, budget: bool | None = None,
    plain: bool = False,
) -> CountInput:  # fmt: skip
    """An election; few different costs, so that ties are frequent.

    ``budget`` says whether there is one; ``plain`` leaves out groups and decisions before the vote.
    """
    size = draw(st.integers(0, most_projects))
    costs = st.integers(0, 4) | st.integers(1, 10**6)
    groups = st.sampled_from(["", "", "", "east", "west"]) if not plain else st.just("")
    projects = [
        Project(f"p{number}", draw(costs), withdrawn=draw(st.integers(0, 9)) == 0, group=draw(groups))
        for number in range(size)
    ]
    ranking = st.lists(st.sampled_from(range(size)), unique=True) if size else st.just([])
    different = draw(st.lists(ranking.map(tuple), max_size=8))
    ballots = tuple(ballot for ballot in different for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3, 50]))))
    money = draw(st.integers(0, 12) | st.integers(0, 10**6))
    spec = draw(
        specs(
            max_rank=max(size, 1) + draw(st.integers(0, 1)), share=money // max(len(ballots), 1), rules=rules
        )
    )
    amount = None if spec.rule not in SHARING and not budget and draw(st.integers(0, 4)) == 0 else money
    if size and not plain and draw(st.integers(0, 4)) == 0:
        at, forced = draw(st.integers(0, size - 1)), draw(st.sampled_from(Forced))
        possible = not projects[at].withdrawn and (amount is None or projects[at].cost <= amount)
        if forced is Forced.OUT or possible:
            projects[at] = replace(projects[at], forced=forced)
    return CountInput(tuple(projects), ballots, amount, spec)
