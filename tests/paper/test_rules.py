"""Serials, verdicts and what adds up; no database is needed for any of it."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paper import rules
from app.paper.errors import (
    MoreThanPrinted,
    NoOuterEnvelopes,
    NumberRepeated,
    NumberUnknown,
    SerialMalformed,
    SheetsMissing,
    TooManyNumbers,
)
from app.paper.rules import Answer, BatchCount, Returned, Stage, Unfinished, Void


def dealer(body: str) -> Callable[[str], str]:
    """Deals these characters instead of random ones, again and again."""
    characters = itertools.cycle(body)
    return lambda _: next(characters)


SERIALS = st.text(rules.ALPHABET, min_size=7, max_size=7).map(
    lambda body: rules.new_serials(1, taken=set(), choice=dealer(body))[0]
)


class TestSerials:
    def test_they_are_readable_and_random(self) -> None:
        made = rules.new_serials(500, taken=set())
        assert len(set(made)) == 500
        assert not set("".join(made)) & set("01OIL")
        assert made != sorted(made)
        again = rules.new_serials(500, taken=set(made))
        assert not set(made) & set(again)

    def test_a_serial_that_is_taken_is_not_given_again(self) -> None:
        deal = dealer("2222222" + "3333333")
        (first,) = rules.new_serials(1, taken=set(), choice=deal)
        deal = dealer("2222222" + "3333333")
        (second,) = rules.new_serials(1, taken={first}, choice=deal)
        assert (first[:7], second[:7]) == ("2222222", "3333333")

    @given(SERIALS)
    def test_it_is_read_as_people_write_it(self, serial: str) -> None:
        printed = rules.printed_serial(serial)
        assert (len(printed), printed[4]) == (9, "-")
        full_width = "".join(chr(ord(character) + 0xFEE0) for character in serial)
        for written in (serial, printed, printed.lower(), f" {serial[:4]} {serial[4:]} ", full_width):
            assert rules.read_serial(written) == serial

    @given(SERIALS, st.integers(0, 7), st.sampled_from(rules.ALPHABET))
    def test_every_wrong_character_is_noticed(self, serial: str, at: int, other: str) -> None:
        if serial[at] != other:
            with pytest.raises(SerialMalformed):
                rules.read_serial(serial[:at] + other + serial[at + 1 :])

    @given(SERIALS, st.integers(0, 6))
    def test_every_swap_of_neighbours_is_noticed(self, serial: str, at: int) -> None:
        swapped = serial[:at] + serial[at + 1] + serial[at] + serial[at + 2 :]
        if swapped != serial:
            with pytest.raises(SerialMalformed):
                rules.read_serial(swapped)

    @pytest.mark.parametrize(
        "text", ["", "ABC", "0BCDEFGH", "OBCDEFGH", "ABCD-EFGHJ", "一二三四五六七八", "ABCDEFG\u202e"]
    )
    def test_anything_else_is_none_of_ours(self, text: str) -> None:
        with pytest.raises(SerialMalformed):
            rules.read_serial(text)


class TestRankings:
    def test_printed_numbers_become_positions(self) -> None:
        assert rules.ranking_of([3, 1], projects=3, max_rank=3) == (2, 0)

    @pytest.mark.parametrize(
        ("numbers", "error"),
        [
            ([1, 2, 3], TooManyNumbers),
            ([0], NumberUnknown),
            ([4], NumberUnknown),
            ([2, 2], NumberRepeated),
        ],
    )
    def test_what_cannot_be_is_named(self, numbers: list[int], error: type[Exception]) -> None:
        with pytest.raises(error):
            rules.ranking_of(numbers, projects=3, max_rank=2)

    @pytest.mark.parametrize("answer", [Answer((2, 0)), Answer(), *(Answer(void=reason) for reason in Void)])
    def test_an_answer_is_stored_and_read_back(self, answer: Answer) -> None:
        assert rules.answer_from(rules.plain_of(answer)) == answer


A, B, C = Answer((0,)), Answer((1,)), Answer(void=Void.BLANK)


class TestDeciding:
    @pytest.mark.parametrize(
        ("answers", "stage", "decided"),
        [
            ([A], Stage.ONCE, None),
            ([A, A], Stage.DECIDED, A),
            ([A, B], Stage.DIFFERS, None),
            ([A, C], Stage.DIFFERS, None),
            ([A, B, B], Stage.DECIDED, B),
            ([A, B, C], Stage.DECIDED, C),
        ],
    )
    def test_two_agree_or_a_third_decides(
        self, answers: list[Answer], stage: Stage, decided: Answer | None
    ) -> None:
        verdict = rules.decide(answers)
        assert (verdict.stage, verdict.answer) == (stage, decided)


def count(
    signed_in: int, stay_closed: int, *back: int, keyed: int | None = None, decided: int | None = None
) -> BatchCount:
    used, unused, unopened, not_handed_in = back
    return BatchCount(
        signed_in,
        stay_closed,
        Returned(used, unused, unopened, not_handed_in),
        used if keyed is None else keyed,
        used if decided is None else decided,
    )


class TestAddingUp:
    @pytest.mark.parametrize(
        ("figures", "adds_up"),
        [
            (count(12, 0, 12, 8, 0, 0), True),
            (count(11, 0, 12, 8, 0, 0), False),  # more sheets than signatures
            (count(12, 0, 11, 8, 0, 0), False),  # fewer, and nobody says why
            (count(12, 0, 11, 8, 0, 1), True),  # fewer, declared
            (count(11, 0, 12, 7, 0, 1), False),  # a declaration does not make up for too many
            (count(12, 4, 8, 8, 4, 0), True),
            (count(12, 4, 9, 8, 3, 0), False),  # an envelope was opened that should not have been
            (count(12, 4, 7, 8, 5, 0), False),  # one stayed closed that should have been opened
            (count(12, 4, 8, 8, 3, 1), True),
            (BatchCount(3, 0, None, 0, 0), False),
        ],
    )
    def test_as_many_sheets_as_signatures(self, figures: BatchCount, *, adds_up: bool) -> None:
        assert rules.adds_up(figures) is adds_up

    def test_what_keeps_a_batch_from_being_counted(self) -> None:
        other = [Returned(30, 0, 0, 0)]
        assert rules.unfinished(BatchCount(0, 0, None, 0, 0), others=[]) == [Unfinished.NOT_RETURNED]
        assert rules.unfinished(count(12, 0, 12, 8, 0, 0), others=other) == []
        assert rules.unfinished(count(12, 0, 12, 8, 0, 0, decided=11), others=other) == [Unfinished.NOT_KEYED]
        assert rules.unfinished(count(12, 0, 12, 8, 0, 0, keyed=13), others=other) == [Unfinished.NOT_KEYED]
        assert rules.unfinished(count(9, 0, 9, 8, 0, 0), others=other) == [Unfinished.TOO_SMALL]
        assert rules.unfinished(count(8, 0, 9, 8, 0, 0, decided=0), others=other) == [
            Unfinished.DOES_NOT_ADD_UP,
            Unfinished.TOO_SMALL,
            Unfinished.NOT_KEYED,
        ]

    @pytest.mark.parametrize(
        ("used", "others", "small"),
        [
            (0, [30], False),
            (9, [30], True),
            (10, [30], False),
            (9, [1], True),
            (4, [5], False),  # nine in the whole round: nothing to hide among
            (4, [], False),
            (4, [None], True),  # nobody knows yet
        ],
    )
    def test_few_sheets_point_at_people(self, used: int, others: list[int | None], *, small: bool) -> None:
        back = [None if each is None else Returned(each, 0, 0, 0) for each in others]
        assert rules.too_small(Returned(used, 0, 0, 0), others=back) is small


class TestReturning:
    def check(self, *back: int, reason: str | None = None, enveloped: bool = False) -> int:
        used, unused, unopened, not_handed_in = back
        return rules.check_return(
            sheets=20,
            returned=Returned(used, unused, unopened, not_handed_in),
            missing_reason=reason,
            outer_envelopes=enveloped,
        )

    def test_every_sheet_is_accounted_for(self) -> None:
        assert self.check(12, 8, 0, 0) == 0
        assert self.check(12, 6, 0, 1, reason="雨天打湿一张，一人带走一张") == 2
        assert self.check(8, 8, 4, 0, enveloped=True) == 0

    def test_what_cannot_be_is_refused(self) -> None:
        with pytest.raises(MoreThanPrinted):
            self.check(13, 8, 0, 0)
        with pytest.raises(MoreThanPrinted):
            self.check(12, 7, 0, 2, reason="带走")
        with pytest.raises(SheetsMissing):
            self.check(12, 7, 0, 0)
        with pytest.raises(NoOuterEnvelopes):
            self.check(8, 8, 4, 0)
