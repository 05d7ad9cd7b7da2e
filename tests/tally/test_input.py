"""What a count refuses to begin with, ties and lots, words."""

import hashlib
import os
import string
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.tally import (
    Completion,
    CountInput,
    Fill,
    Points,
    Priority,
    Project,
    Rule,
    RuleSpec,
    TieOrder,
    Unranked,
    Until,
    count,
)
from app.tally.counting import inputs_digest
from app.tally.errors import MalformedInput, TallyError
from app.tally.outcome import AMOUNT_FACTS, Plain, ProjectOutcome, Reason, Stake, Tie
from app.tally.ties import Criterion, TieBreak, lot
from app.tally.words import codes, money, sentence, tie_sentence

GREEDY = RuleSpec(Rule.GREEDY, Points.FIXED_K, max_rank=2, seed="s")
SHARES = RuleSpec(Rule.RANK_MES, Points.FIXED_K, max_rank=2)
LIST = (Project("a", 5), Project("b", 7))


class TestInput:
    @pytest.mark.parametrize(
        ("projects", "ballots", "budget", "spec"),
        [
            ((Project("a", 5), Project("a", 7)), (), 9, GREEDY),
            ((Project("", 5),), (), 9, GREEDY),
            ((Project("\ud800", 5),), (), 9, GREEDY),
            (LIST, (), 9, replace(GREEDY, seed="\udfff")),
            ((Project("a", -1),), (), 9, GREEDY),
            (LIST, (), -1, GREEDY),
            (LIST, (), None, SHARES),
            (LIST, ((0, 0),), 9, GREEDY),
            (LIST, ((2,),), 9, GREEDY),
            (LIST, ((-1,),), 9, GREEDY),
            (LIST, ((0, 1),), 9, replace(GREEDY, max_rank=1)),
        ],
    )
    def test_that_does_not_fit_together(
        self,
        projects: tuple[Project, ...],
        ballots: tuple[tuple[int, ...], ...],
        budget: int | None,
        spec: RuleSpec,
    ) -> None:
        with pytest.raises(MalformedInput):
            CountInput(projects, ballots, budget, spec)

    def test_a_setting_of_another_rule(self) -> None:
        for rule, setting in (
            (SHARES, {"skip": False}),
            (GREEDY, {"completion": Completion.ADD1}),
            (SHARES, {"until": Until.EXHAUSTIVE}),
            (SHARES, {"share_unit": 1}),
            (SHARES, {"comparison": True}),
            (SHARES, {"unranked": Unranked.LAST}),
            (GREEDY, {"fill": Fill.K_BORDA}),
        ):
            with pytest.raises(TallyError, match=r"settings? of|until says"):
                replace(rule, **setting)

    def test_parameters_name_what_has_an_effect(self) -> None:
        assert count(CountInput(LIST, (), 9, GREEDY)).parameters == {
            "points": "fixed-k", "max_rank": 2, "priority": "support", "ties": "cost-backers-lot", "seed": "s",
            "skip": True, "threshold": None, "part_percent": None,
        }  # fmt: skip
        shown = count(CountInput(LIST, (), 9, SHARES)).parameters
        assert {"completion": "none", "fill": "none"}.items() <= shown.items()
        assert "skip" not in shown


class TestDigest:
    def test_is_the_one_of_the_readme(self) -> None:
        given = CountInput(LIST, ((1, 0), (), (1, 0)), 9, GREEDY)
        text = '{"ballots":[[[],1],[[1,0],2]],"budget":9,"projects":[["a",5,false],["b",7,false]]}'
        assert inputs_digest(given) == hashlib.sha256(text.encode()).hexdigest()

    def test_differs_when_anything_differs(self) -> None:
        given = CountInput(LIST, ((1, 0),), 9, GREEDY)
        others = [
            replace(given, budget=10),
            replace(given, budget=None),
            replace(given, ballots=((0, 1),)),
            replace(given, ballots=((1, 0), ())),
            replace(given, projects=(Project("a", 6), LIST[1])),
            replace(given, projects=(Project("a", 5, withdrawn=True), LIST[1])),
            replace(given, projects=LIST[::-1]),
        ]
        assert len({inputs_digest(each) for each in (given, *others)}) == len(others) + 1


class TestTies:
    def test_a_lot_anybody_can_draw(self) -> None:
        drawn = lot("2026-06-01", "well")
        assert drawn == hashlib.sha256(b"2026-06-01\x00well").hexdigest()
        assert drawn.startswith("96881a04")

    def test_each_seed_draws_anew(self) -> None:
        firsts = {min("abc", key=lambda project_id: lot(str(seed), project_id)) for seed in range(30)}
        assert firsts == set("abc")

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            (TieOrder.ROW, [Criterion.LIST] * 4),
            (TieOrder.COST_BACKERS_ROW, [Criterion.COST, Criterion.BACKERS, Criterion.LIST, Criterion.LIST]),
            (TieOrder.COST_BACKERS_LOT, [Criterion.COST, Criterion.BACKERS, Criterion.LOT, Criterion.LOT]),
        ],
    )
    def test_the_last_criterion_that_was_needed(self, order: TieOrder, expected: list[Criterion]) -> None:
        projects = [Project("a", 1), Project("b", 2), Project("c", 2), Project("d", 2)]
        ties = TieBreak(order, "seed", projects, [9, 5, 4, 4])
        assert [ties.criterion(each) for each in ([0, 1], [1, 2], [2, 3], [0, 1, 2, 3])] == expected

    def test_rounds_published_as_bought_have_ties_of_place(self) -> None:
        spec = replace(SHARES, priority=Priority.PURCHASE)
        projects = (Project("a", 5), Project("b", 5))
        outcome = count(CountInput(projects, ((0,), (1,)), 10, spec))
        assert [(tie.stake, tie.decided_by) for tie in outcome.ties] == [(Stake.PLACE, Criterion.LOT)]
        scarce = count(CountInput(projects, ((0, 1), (0, 1), (1, 0), (1, 0)), 5, SHARES))
        assert [tie.stake for tie in scarce.ties] == [Stake.FUNDING]


SOURCE = """
from app.tally import *
spec = RuleSpec(Rule.RANK_MES, Points.FIXED_K, 3, completion=Completion.ADD1, fill=Fill.K_BORDA, seed="种子")
projects = tuple(Project(f"p{n}", 3 + n % 3) for n in range(9))
ballots = tuple((n % 9, (n * 5 + 1) % 9, (n * 7 + 3) % 9)[: 1 + n % 3] for n in range(60))
ballots = tuple(b for b in ballots if len(set(b)) == len(b))
import sys
from app.tally.explain import explain
given = CountInput(projects, ballots, 20, spec)
sys.stdout.buffer.write(count(given).to_json())
sys.stdout.write(repr(explain(given, count(given), resamples=5)))
"""


def test_the_same_bytes_under_any_hash_seed() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", SOURCE],
            check=True,
            capture_output=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "4294967295")
    }
    assert len(found) == 1
    assert found.pop().startswith(b'{"budget":20,')


FACTS: dict[str, Plain] = {
    "points": 7, "left": 1_500_000, "missing": 1_500_000, "cost": 3_000_000, "backers": 4, "rank": 2, "price": "1/3",
    "each": 75_000, "after": "p1", "threshold": 9, "had": 100, "needed": 250, "paid": 7, "other": "2", "votes": "1.5",
    "needed_votes": "2.25",
}  # fmt: skip


class TestWords:
    @pytest.mark.parametrize("code", sorted(codes()))
    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_every_reason_has_a_sentence(self, code: str, language: str) -> None:
        said = sentence(Reason(code, FACTS), language, lambda minor: f"<{minor}>")
        assert said.endswith("。" if language == "zh-CN" else ".")
        assert not set(said) & set("{}")
        assert any(letter in string.ascii_lowercase for letter in said.replace("<", "")) == (language == "en")

    def test_amounts_are_said_as_money(self) -> None:
        reason = Reason(
            "does_not_fit", {"points": 10, "left": 1_500_000, "missing": 350_050, "cost": 1_850_050}
        )

        def yuan(minor: int) -> str:
            return money(minor, scale=2, currency="CNY", language="zh-CN")

        assert sentence(reason, "zh-CN", yuan) == "未入选：得 10 分，排到它时只剩 1.5 万元，还差 3500.50 元。"

    @pytest.mark.parametrize(
        ("minor", "scale", "currency", "language", "said"),
        [
            (6_800_000, 2, "CNY", "zh-CN", "6.8 万元"),
            (1_000_000, 2, "CNY", "zh", "1 万元"),
            (100_000_000, 2, "CNY", "zh", "100 万元"),
            (100_010_000, 2, "CNY", "zh", "100.01 万元"),
            (1_234_500, 2, "CNY", "zh", "12345 元"),
            (1_000_001, 2, "CNY", "zh", "10000.01 元"),
            (35_000, 2, "CNY", "zh", "350 元"),
            (1_250, 2, "", "zh", "12.50 元"),
            (0, 0, "CNY", "zh", "0 元"),
            (6_800_000, 2, "CNY", "en", "68,000 CNY"),
            (6_800_001, 2, "PLN", "zh", "68,000.01 PLN"),
            (1_500, 0, "", "en", "1,500"),
        ],
    )
    def test_money(self, minor: int, scale: int, currency: str, language: str, said: str) -> None:
        assert money(minor, scale=scale, currency=currency, language=language) == said

    @pytest.mark.parametrize("criterion", Criterion)
    @pytest.mark.parametrize("stake", Stake)
    def test_every_tie_has_a_sentence(self, criterion: Criterion, stake: Stake) -> None:
        tie = Tie(("a", "b", "c"), criterion, stake)
        assert tie_sentence(tie, "zh-CN").startswith("a、b、c 相同：")
        assert tie_sentence(tie, "en").startswith("a, b, c were equal: ")

    def test_reasons_that_a_count_gives_are_all_known(self) -> None:
        """`examples/` meet all of them; here only that amounts among the facts are whole numbers."""
        assert set(FACTS) >= AMOUNT_FACTS


def test_a_project_nobody_could_rank_has_no_first_choices() -> None:
    project = ProjectOutcome("a", 1, 0, 0, (), funded=False, paid=0, place=1, reason=Reason("no_support", {}))
    assert project.first_choices == 0
