"""Joint decisions of owners (Civil Code art. 278), at and around every threshold."""

import datetime as dt
from collections.abc import Sequence

import pytest

from app.tally.double_quorum import Choice, Matter, Tally, Vote, decide, thresholds
from app.tally.errors import MalformedInput

TODAY = dt.date(2026, 11, 24)
ALL = Tally(heads=9, area=90_000)


def votes(*areas: int, choice: Choice = Choice.FOR, first: int = 0) -> list[Vote]:
    return [Vote(f"owner {first + at}", area, choice) for at, area in enumerate(areas)]


class TestParticipation:
    @pytest.mark.parametrize(
        ("areas", "valid"),
        [
            ([10_000] * 6, True),  # two thirds are enough, of both
            ([12_000] * 5, False),  # enough area, too few heads
            ([9_999] + [10_000] * 5, False),  # a hundredth of a square metre too little
            ([1_000] * 8, False),
            ([10_000] * 9, True),
            ([], False),
        ],
    )
    def test_two_thirds_of_heads_and_of_area(self, areas: Sequence[int], *, valid: bool) -> None:
        for matter in Matter:
            assert decide(votes(*areas), all_owners=ALL, rule=thresholds(matter, TODAY)).valid is valid

    def test_who_abstains_takes_part(self) -> None:
        cast = votes(*[10_000] * 6, choice=Choice.ABSTAIN)
        made = decide(cast, all_owners=ALL, rule=thresholds(Matter.ORDINARY, TODAY))
        assert (made.valid, made.passed, made.abstained) == (True, False, Tally(6, 60_000))


class TestApproval:
    @pytest.mark.parametrize(
        ("matter", "in_favour", "against", "passed"),
        [
            (Matter.ORDINARY, [10_000] * 4, [10_000] * 4, False),  # half is not more than half
            (Matter.ORDINARY, [10_000] * 5, [10_000] * 4, True),
            (Matter.ORDINARY, [7_000] * 5, [10_000] * 4, False),  # most heads, too little area
            (Matter.ORDINARY, [15_000] * 4, [6_000] * 5, False),  # most area, too few heads
            (Matter.SPECIAL, [10_000] * 6, [10_000] * 2, True),  # three quarters are enough
            (Matter.SPECIAL, [9_999] + [10_000] * 5, [10_000] * 2, False),
            (Matter.SPECIAL, [12_000] * 5, [5_000] * 2 + [10_000], False),
        ],
    )
    def test_of_those_who_take_part(
        self, matter: Matter, in_favour: Sequence[int], against: Sequence[int], *, passed: bool
    ) -> None:
        cast = votes(*in_favour) + votes(*against, choice=Choice.AGAINST, first=len(in_favour))
        made = decide(cast, all_owners=ALL, rule=thresholds(matter, TODAY))
        assert made.passed is passed
        assert made.in_favour == Tally(len(in_favour), sum(in_favour))
        assert made.against == Tally(len(against), sum(against))

    def test_nothing_passes_without_the_quorum(self) -> None:
        made = decide(votes(10_000, 10_000), all_owners=ALL, rule=thresholds(Matter.ORDINARY, TODAY))
        assert (made.valid, made.passed) == (False, False)


class TestInput:
    @pytest.mark.parametrize(
        "wrong",
        [
            votes(10_000) + votes(10_000),
            votes(0),
            votes(-5),
            votes(*[1] * 10),
            votes(90_001),
        ],
    )
    def test_that_cannot_be(self, wrong: list[Vote]) -> None:
        with pytest.raises(MalformedInput):
            decide(wrong, all_owners=ALL, rule=thresholds(Matter.ORDINARY, TODAY))

    def test_the_law_has_a_first_day(self) -> None:
        assert thresholds(Matter.SPECIAL, dt.date(2021, 1, 1)).article == "民法典第二百七十八条"
        with pytest.raises(MalformedInput, match="2020-12-31"):
            thresholds(Matter.SPECIAL, dt.date(2020, 12, 31))
