"""When two rows of one person may be made one."""

import itertools

import pytest

from app.core.errors import DomainError
from app.duplicates import rules
from app.duplicates.errors import (
    BothHaveABallot,
    BothSignIn,
    HasABallot,
    OtherSignsIn,
    OwnsAnotherHome,
    PhoneHasABallot,
)
from app.duplicates.rules import Row
from app.residents.rules import are_alike


def row(**changes: object) -> Row:
    return Row(**{"has_phone": False, "signs_in": False, "is_owner": False, **changes})  # type: ignore[arg-type]


PHONE = row(has_phone=True)
USED = row(has_phone=True, signs_in=True)


class TestMayTakeIn:
    @pytest.mark.parametrize(
        ("kept", "gone", "one_home", "take", "problem"),
        [
            (row(), row(), True, False, None),
            (row(), PHONE, True, True, None),
            (PHONE, PHONE, True, False, None),
            (PHONE, USED, True, True, None),
            (USED, PHONE, True, False, None),
            (USED, USED, True, False, BothSignIn),
            (PHONE, USED, False, True, OtherSignsIn),
            (row(), row(is_owner=True), True, False, None),
            (row(), row(is_owner=True), False, False, OwnsAnotherHome),
            (row(ballots=("春",)), row(), True, False, None),
            (row(), row(ballots=("春",)), True, False, HasABallot),
            (row(ballots=("春",)), row(ballots=("春",)), True, False, BothHaveABallot),
            (row(ballots=("春",)), row(ballots=("秋",)), True, False, HasABallot),
            (row(), row(has_phone=True, phone_ballots=("春",)), True, True, PhoneHasABallot),
            (PHONE, row(has_phone=True, phone_ballots=("春",)), True, False, None),
        ],
    )
    def test_case_by_case(
        self, kept: Row, gone: Row, *, one_home: bool, take: bool, problem: type[DomainError] | None
    ) -> None:
        answer = rules.may_take_in(kept, gone, one_home=one_home)
        assert (answer.take_phone, type(answer.problem) if answer.problem else None) == (take, problem)

    def test_whatever_they_are_nobody_loses_a_ballot_or_a_way_in(self) -> None:
        """Over every combination: what is allowed leaves every ballot, and every used number, with the kept row."""
        ballots = ((), ("春",), ("秋",), ("春", "秋"))
        kinds = [
            row(has_phone=phone, signs_in=used, is_owner=owner, ballots=held, phone_ballots=other)
            for phone, used in ((False, False), (True, False), (True, True))
            for owner in (False, True)
            for held in ballots
            for other in ((), ("冬",))
        ]
        allowed = 0
        for kept, gone in itertools.product(kinds, kinds):
            for one_home in (True, False):
                answer = rules.may_take_in(kept, gone, one_home=one_home)
                if answer.problem is not None:
                    continue
                allowed += 1
                assert not gone.ballots
                assert not (gone.is_owner and not one_home)
                if gone.signs_in:
                    assert answer.take_phone
                    assert one_home
                if kept.signs_in:
                    assert not answer.take_phone
                if answer.take_phone:
                    assert gone.has_phone
                    assert not gone.phone_ballots
        assert allowed


class TestAreAlike:
    @pytest.mark.parametrize(
        ("one", "other", "alike"),
        [
            ("王小明", "王小明", True),
            ("王小明", "王 小 明", True),
            ("王小明", "王晓明", True),
            ("王小明", "王小铭", True),
            ("王小明", "王明", True),
            ("王小明", "王小", True),
            ("欧阳小明", "欧阳晓明", True),
            ("Ｗang Li", "Wang Li", True),
            ("王明", "王红", False),
            ("王小明", "李小明", False),
            ("王小明", "王晓红", False),
            ("王", "王明", False),
            ("王小明", "王", False),
        ],
    )
    def test_one_character_apart(self, one: str, other: str, *, alike: bool) -> None:
        assert are_alike(one, other) is alike
        assert are_alike(other, one) is alike
