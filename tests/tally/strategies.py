"""Random elections, small enough to meet every tie and every edge."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from app.tally import CountInput, Fill, Points, Priority, Project, Rule, RuleSpec, TieOrder
from tests.conftest import DEEP

#: Random instances of a test that must meet everything.
MANY = 10_000 if DEEP else 1_000
SOME = 1_500 if DEEP else 60


@st.composite
def specs(draw: st.DrawFn, *, max_rank: int, rules: Sequence[Rule] = tuple(Rule)) -> RuleSpec:
    rule = draw(st.sampled_from(rules))
    spec = RuleSpec(
        rule=rule,
        points=draw(st.sampled_from(Points)),
        max_rank=max_rank,
        priority=draw(st.sampled_from(Priority)),
        ties=draw(st.sampled_from(TieOrder)),
        seed=draw(st.sampled_from(["", "2026", "种子"])),
    )
    if rule is Rule.GREEDY:
        threshold = draw(st.none() | st.integers(0, 12))
        return replace(spec, skip=draw(st.booleans()), threshold=threshold)
    return replace(spec, fill=draw(st.sampled_from(Fill)))


@st.composite
def inputs(
    draw: st.DrawFn, *, rules: Sequence[Rule] = tuple(Rule), most_projects: int = 6, budget: bool | None = None
) -> CountInput:  # fmt: skip
    """An election; few different costs, so that ties are frequent. ``budget`` says whether there is one."""
    size = draw(st.integers(0, most_projects))
    costs = st.integers(0, 4) | st.integers(1, 10**6)
    projects = tuple(
        Project(f"p{number}", draw(costs), withdrawn=draw(st.integers(0, 9)) == 0) for number in range(size)
    )
    ranking = st.lists(st.sampled_from(range(size)), unique=True) if size else st.just([])
    different = draw(st.lists(ranking.map(tuple), max_size=8))
    ballots = tuple(ballot for ballot in different for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3, 50]))))
    spec = draw(specs(max_rank=max(size, 1) + draw(st.integers(0, 1)), rules=rules))
    money = st.integers(0, 12) | st.integers(0, 10**6)
    amount = None if spec.rule is Rule.GREEDY and not budget and draw(st.integers(0, 4)) == 0 else draw(money)
    return CountInput(projects, ballots, amount, spec)
