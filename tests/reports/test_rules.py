"""What a report says, and what it leaves out."""

import datetime as dt

import pytest

from app.access.divisions import part_of
from app.funding.rules import RequestState
from app.reports import rules
from app.reports.rules import Stage, Turnout

NOON = dt.datetime(2026, 6, 2, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def after(*days: int) -> list[rules.Span]:
    return [(NOON, NOON + each * DAY + dt.timedelta(hours=23)) for each in days]


class TestStage:
    def test_every_state_but_the_reserve_stands_somewhere(self) -> None:
        for state in RequestState:
            assert (rules.stage(state, released=False) is None) is (state is RequestState.RESERVE)

    @pytest.mark.parametrize(
        ("state", "stage"),
        [
            (RequestState.APPROVED, Stage.GO_AHEAD),
            (RequestState.APPROVED_IN_PART, Stage.GO_AHEAD),
            # begun with the community's own money, and then no other came
            (RequestState.DECLINED, Stage.DECLINED),
            (RequestState.DEFERRED, Stage.DEFERRED),
        ],
    )
    def test_a_go_ahead_counts_unless_there_is_no_money(self, state: RequestState, stage: Stage) -> None:
        assert rules.stage(state, released=True) is stage


class TestSpread:
    def test_days_are_whole_and_percentiles_are_answers(self) -> None:
        found = rules.spread(after(*reversed(range(40))))
        assert (found.answered, found.median_days, found.ninetieth_days) == (40, 19, 35)
        assert rules.spread(after(9, 0, 1, 2, 3, 4, 5, 6, 7, 8), least=1).ninetieth_days == 8

    @pytest.mark.parametrize(
        ("answers", "median", "ninetieth"), [(8, None, None), (9, 4, None), (39, 19, None)]
    )
    def test_no_time_is_said_that_few_stand_beside(
        self, answers: int, median: int | None, ninetieth: int | None
    ) -> None:
        found = rules.spread(after(*range(answers)))
        assert (found.answered, found.median_days, found.ninetieth_days) == (answers, median, ninetieth)

    def test_whatever_is_said_has_five_on_either_side(self) -> None:
        """The longest of all is nobody's to know, however many there are."""
        for answers in range(1, 120):
            days = list(range(answers))
            found = rules.spread(after(*days))
            for said in (found.median_days, found.ninetieth_days):
                if said is not None:
                    assert sum(each <= said for each in days) >= rules.LEAST_ANSWERS
                    assert sum(each >= said for each in days) >= rules.LEAST_ANSWERS
            assert (found.median_days is None) is (answers < rules.LEAST_FOR_MEDIAN)
            assert (found.ninetieth_days is None) is (answers < rules.LEAST_FOR_NINETIETH)

    def test_of_few_answers_only_the_number_is_said(self) -> None:
        found = rules.spread([*after(3, 3, 3, 3), (NOON, None)])
        assert (found.answered, found.waiting, found.median_days, found.ninetieth_days) == (4, 1, None, None)
        assert rules.spread(after(3), least=1).median_days == 3
        assert rules.spread([], least=1).median_days is None


class TestTurnout:
    def test_short_rolls_are_left_out_of_the_sum(self) -> None:
        assert rules.turnout([(20, 40, False), (10, 29, False)]) == Turnout(2, 20, 40)
        assert rules.turnout([(10, 29, False)]) == Turnout(1, None, None)
        assert rules.turnout([]) == Turnout(0, None, None)

    def test_tens_make_the_sum_a_lower_bound(self) -> None:
        assert rules.turnout([(20, 40, False), (30, 60, True)]).at_least
        assert not rules.turnout([(20, 40, False), (0, 20, True)]).at_least

    def test_from_far_above_a_roll_must_be_longer(self) -> None:
        assert rules.turnout([(20, 99, False)], least=100).taken_part is None


class TestShownParts:
    def test_one_small_place_hides_behind_the_next(self) -> None:
        homes = {"a": 99, "b": 400, "c": 300, "d": 300}
        assert rules.shown_parts(homes, least=100) == {"b", "d"}

    def test_several_hide_behind_each_other(self) -> None:
        assert rules.shown_parts({"a": 99, "b": 1, "c": 300}, least=100) == {"c"}

    def test_without_small_ones_all_are_shown(self) -> None:
        assert rules.shown_parts({"a": 100, "b": 200}, least=100) == {"a", "b"}
        assert rules.shown_parts({"a": 5}, least=100) == set()


class TestTogether:
    def test_a_round_weighs_as_much_as_it_has_ballots(self) -> None:
        rounds = [({"roads": 500, "culture": 500}, 300), ({"roads": 1000}, 100)]
        assert rules.together(rounds, "roads") == 625
        assert rules.together(rounds, "culture") == 375
        assert rules.together(rounds, "sewage") == 0

    def test_without_ballots_nothing_is_known(self) -> None:
        assert rules.together([], "roads") is None


class TestSpanOf:
    def test_a_year_begins_in_beijing(self) -> None:
        since, until = rules.span_of(2026)
        assert (since.isoformat(), until.isoformat()) == (
            "2025-12-31T16:00:00+00:00",
            "2026-12-31T16:00:00+00:00",
        )
        assert [rules.year_of(each) for each in (since, until)] == [2026, 2027]


class TestPartOf:
    @pytest.mark.parametrize(
        ("outer", "inner", "part"),
        [
            ("000000000000", "520102031006", "520000000000"),
            ("520100000000", "520102031006", "520102000000"),
            ("520102000000", "520102031006", "520102031000"),
            ("520102031000", "520102031006", "520102031006"),
            ("520102031006", "520102031006", "520102031006"),
            # a city without districts
            ("441900000000", "441900003004", "441900003000"),
        ],
    )
    def test_is_one_level_below(self, outer: str, inner: str, part: str) -> None:
        assert part_of(outer, inner) == part
