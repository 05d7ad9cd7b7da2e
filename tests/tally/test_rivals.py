"""The same ballots by other rules, and who is heard: worked by hand, and true of random elections."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from app.tally import Completion, CountInput, Points, Project, Rule, RuleSpec, count
from app.tally.explanation import THIS, Group, Rival
from app.tally.model import Fill
from app.tally.rivals import RIVALS, groups, rivals
from tests.tally.strategies import inputs

SPEC = RuleSpec(Rule.GREEDY, Points.APPROVAL, max_rank=2, seed="s")


def election(spec: RuleSpec = SPEC, budget: int | None = 100) -> CountInput:
    """Six want a and b, four want c; a and b together use the money up, and then c does not fit."""
    projects = (Project("a", 50), Project("b", 50), Project("c", 40))
    return CountInput(projects, [(0, 1)] * 6 + [(2,)] * 4, budget, spec)


def found(of: CountInput) -> dict[str, Rival]:
    return {each.method: each for each in rivals(of, count(of))}


class TestRivals:
    def test_the_result_comes_first_and_is_the_result(self) -> None:
        of = election()
        outcome = count(of)
        first = next(rivals(of, outcome))
        assert (first.method, first.funded, first.gained, first.lost) == (THIS, outcome.priority, (), ())
        assert (first.spent, first.with_something, first.first_choice) == (100, 6, 6)
        assert (first.mean_funded, first.mean_best_rank, first.gini) == (1200, 1000, 400)
        assert (first.prefer_this, first.prefer_other) == (0, 0)

    def test_equal_shares_would_have_served_the_four(self) -> None:
        shares = found(election())["rank-mes"]
        # six first choices pay a's 50 of their 60, four pay c's 40; b's backers have 10 left
        assert (shares.funded, shares.gained, shares.lost) == (("a", "c"), ("c",), ("b",))
        assert (shares.spent, shares.with_something, shares.first_choice) == (90, 10, 10)
        assert (shares.mean_funded, shares.gini) == (1000, 0)
        assert (shares.prefer_this, shares.prefer_other) == (6, 4)

    def test_the_rounds_own_rule_is_not_counted_twice(self) -> None:
        methods = set(found(election()))
        assert methods == {THIS, *RIVALS} - {"greedy"}
        default = replace(SPEC, rule=Rule.RANK_MES, completion=Completion.ADD1, fill=Fill.K_BORDA)
        assert set(found(election(default))) == {THIS, *RIVALS} - {"rank-mes+add1+fill"}

    def test_without_money_only_those_that_go_down_a_list(self) -> None:
        assert set(found(election(budget=None))) == {THIS, "schulze"}

    def test_the_rounds_threshold_holds_for_every_rule(self) -> None:
        of = replace(election(), spec=replace(SPEC, threshold=5))  # c has 4
        assert all("c" not in each.funded for each in found(of).values())

    def test_it_is_told_how_far_it_is_and_may_be_stopped(self) -> None:
        class Stop(Exception):
            pass

        seen = []

        def note(stage: str, done: int, total: int) -> None:
            seen.append((stage, done, total))
            if done == 2:
                raise Stop

        of = election()
        with pytest.raises(Stop):
            list(rivals(of, count(of), progress=note))
        assert seen == [("rivals", 1, 7), ("rivals", 2, 7)]

    def test_as_it_is_kept(self) -> None:
        for each in found(election()).values():
            assert Rival.from_dict(each.to_dict()) == each

    @settings(max_examples=20)
    @given(inputs())
    def test_every_outcome_fits_and_adds_up(self, of: CountInput) -> None:
        outcome = count(of)
        costs = {project.id: project.cost for project in of.projects}
        for each in rivals(of, outcome):
            assert of.budget is None or each.spent <= of.budget
            assert each.spent <= sum(costs[one] for one in each.funded)
            assert set(each.gained) == set(each.funded) - set(outcome.funded)
            assert set(each.lost) == set(outcome.funded) - set(each.funded)
            assert each.first_choice <= each.with_something <= outcome.voters
            assert each.prefer_this + each.prefer_other <= outcome.voters


class TestGroups:
    def test_by_the_kind_of_the_first_choice(self) -> None:
        of = election()
        of = replace(of, ballots=[*of.ballots, (), (2, 0)])
        assert count(of).funded == ("a", "b")
        assert groups(of, count(of), ["light", "light", "elders"]) == (
            Group("light", 6, 6, 6),
            Group("elders", 5, 0, 1),
            Group("", 1, 0, 0),
        )

    def test_an_empty_box_has_none(self) -> None:
        of = replace(election(), ballots=[])
        assert groups(of, count(of), ["x", "x", "x"]) == ()
