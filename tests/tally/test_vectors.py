"""Results known from the literature and from other programs; each names where it is from."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from app.tally import (
    Completion,
    CountInput,
    Points,
    Priority,
    Project,
    Rule,
    RuleSpec,
    TieOrder,
    Until,
    count,
    recount,
)
from app.tally.equal_shares import Market
from app.tally.purses import ExactPurses
from app.tally.support import Support


def ranked(
    rule: Rule, budget: int | None, costs: Mapping[str, int], *lines: str, **settings: object
) -> CountInput:
    """An election of lines such as ``"6 abcd"``: six voters, and the letters of what they rank."""
    ids = list(costs)
    ballots: list[tuple[int, ...]] = []
    for line in lines:
        voters, ranking = line.split()
        ballots += [tuple(ids.index(each) for each in ranking)] * int(voters)
    spec = RuleSpec(
        rule, Points.FIXED_K, max_rank=len(ids), ties=TieOrder.COST_BACKERS_ROW, priority=Priority.PURCHASE
    )
    projects = tuple(Project(each, cost) for each, cost in costs.items())
    return CountInput(projects, tuple(ballots), budget, replace(spec, **settings))  # type: ignore[arg-type]


def checked(given: CountInput) -> tuple[str, ...]:
    """What is funded, by both counts."""
    outcome, again = count(given), recount(given)
    assert outcome.funded == again.funded
    return outcome.funded


class TestSchulze:
    #: 45 voters; M. Schulze's example, as on Wikipedia.
    EXAMPLE = ranked(
        Rule.SCHULZE, None, dict.fromkeys("ABCDE", 1),
        "5 ACBED", "5 ADECB", "8 BEDAC", "3 CABED", "7 CAEBD", "2 CBADE", "7 DCEBA", "8 EBADC",
    )  # fmt: skip

    def test_duels_paths_and_order(self) -> None:
        support = Support(self.EXAMPLE)
        assert support.duels.tolist() == [
            [0, 20, 26, 30, 22],
            [25, 0, 16, 33, 18],
            [19, 29, 0, 17, 24],
            [15, 12, 28, 0, 14],
            [23, 27, 21, 31, 0],
        ]
        assert support.paths.tolist() == [
            [0, 28, 28, 30, 24],
            [25, 0, 28, 33, 24],
            [25, 29, 0, 29, 24],
            [25, 28, 28, 0, 24],
            [25, 28, 28, 31, 0],
        ]
        assert checked(self.EXAMPLE) == tuple("EACBD")

    def test_tennessee(self) -> None:
        """Wikipedia; Borda as k-1 down to 0, so each has as many points less as there are voters."""
        lines = ("42 MNCK", "26 NCKM", "15 CKNM", "17 KCNM")
        given = ranked(Rule.SCHULZE, None, dict.fromkeys("MNCK", 1), *lines)
        assert checked(given) == tuple("NCKM")
        points = [each.points - 100 for each in count(given).projects]
        assert dict(zip("MNCK", points, strict=True)) == {"N": 194, "C": 173, "M": 126, "K": 107}
        greedy = ranked(Rule.GREEDY, None, dict.fromkeys("MNCK", 1), *lines)
        assert checked(greedy) == tuple("NCMK")


COSTS = {"bike": 700, "gym": 400, "park": 250, "playground": 200, "library": 100}
LETTERS = {"bike": "b", "gym": "g", "park": "p", "playground": "y", "library": "l"}


def approvals(last: str) -> CountInput:
    """The example of equalshares.net (docs/explanation.mdx): eleven voters; the last one votes ``last``."""
    votes = {
        "b": {1, 2, 3, 4, 5, 6}, "g": {1, 2, 3, 4, 5, 6}, "p": {2, 4, 5, 7, 10}, "y": {7, 8, 9, 10}, "l": {7, 9, 10},
    }  # fmt: skip
    votes[last] = votes[last] | {11}
    lines = ["1 " + "".join(each for each in votes if voter in votes[each]) for voter in range(1, 12)]
    costs = {LETTERS[name]: cost for name, cost in COSTS.items()}
    return ranked(Rule.MES, 1100, costs, *lines)


class TestApprovalEqualShares:
    @pytest.mark.parametrize(
        ("last", "funded", "left"),
        [
            ("b", "byl", {7: "50/3", 8: "50", 9: "50/3", 10: "50/3"}),
            ("g", "gpy", {1: "300/7", 3: "300/7", 6: "300/7", 11: "300/7", 8: "275/7", 9: "275/7"}),
        ],
    )
    def test_equalshares_net(self, last: str, funded: str, left: Mapping[int, str]) -> None:
        given = approvals(last)
        assert set(checked(given)) == set(funded)
        final = Market(Support(given), range(5)).run(1100, exact=True)
        assert isinstance(final.purses, ExactPurses)
        rows = {tuple(row): index for index, (row, _) in enumerate(given.profile.items())}
        for voter, ballot in enumerate(given.ballots, start=1):
            amount = final.purses.held(np.array([rows[ballot]])) / given.ballots.count(ballot)
            assert amount == Fraction(left.get(voter, "0")), voter

    @pytest.mark.parametrize(
        ("costs", "voters", "first"),
        [
            ({"a": 600, "b": 700}, (500, 300), "a"),  # as effective, but cheaper
            ({"a": 500, "b": 500}, (400, 500), "b"),
        ],
    )
    def test_ties(self, costs: Mapping[str, int], voters: tuple[int, int], first: str) -> None:
        """equalshares.net, tie-breaking.mdx: the lower cost, then more votes."""
        given = ranked(Rule.MES, 100_000, costs, f"{voters[0]} a", f"{voters[1]} b")
        assert checked(given)[0] == first

    @pytest.mark.parametrize("until", Until)
    def test_add1(self, until: Until) -> None:
        """Pabutools, tests/rules/test_rule.py: with steps of a 24th of a share."""
        lines = ("3 ab", "3 ac", "2 ad", "1 bcf", "1 e", "1 f", "1 g")
        costs = dict.fromkeys("abcdefg", 24)
        given = ranked(Rule.MES, 96, costs, *lines)
        assert checked(given) == ("a",)
        raised = ranked(Rule.MES, 96, costs, *lines, completion=Completion.ADD1, share_unit=1, until=until)
        assert set(checked(raised)) == set("abcd")


class TestExpandingApprovals:
    """Pabutools, tests/rules/test_pb_ear.py."""

    @pytest.mark.parametrize(
        ("costs", "budget", "lines", "funded"),
        [
            ((1, 1, 1, 1), 3, ("6 abcd", "2 dcba", "1 cabd"), "abc"),
            ((50, 30, 30, 40), 100, ("30 abcd", "70 dcba"), "bcd"),
            ((50, 30, 30, 40), 100, ("15 abcd", "15 bacd", "70 dcba"), "bcd"),
            ((90, 30, 80, 40), 100, ("14 abcd", "16 acbd", "70 cabd"), "a"),
            ((3, 2, 2, 2), 4, ("1 abcd",), "a"),
            ((1, 1, 1, 1), 3, ("2 abcd", "2 bacd", "2 cdab"), "abc"),
            ((9, 1, 1, 1), 10, ("7 abcd", "3 dcba"), "bcd"),
            (
                (50, 40, 35, 30, 20, 15, 10), 100,
                ("5 abcdefg", "15 acdebgf", "10 adbcefg", "10 bcdeagf", "8 bcedgaf", "12 cdebgaf", "10 defcgba"),
                "cdeg",
            ),
        ],
    )  # fmt: skip
    def test_pb_ear(self, costs: tuple[int, ...], budget: int, lines: tuple[str, ...], funded: str) -> None:
        named = dict(zip("abcdefg", costs, strict=False))
        assert set(checked(ranked(Rule.PB_EAR, budget, named, *lines))) == set(funded)

    def test_rank_mes_agrees_on_the_first(self) -> None:
        given = ranked(Rule.RANK_MES, 3, dict.fromkeys("abcd", 1), "6 abcd", "2 dcba", "1 cabd")
        assert set(checked(given)) == set("abc")
