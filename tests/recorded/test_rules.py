"""Who is one person, who is one head, which act stands, what people are told. No database."""

import datetime as dt
import uuid
from collections.abc import Sequence

import pytest

from app.recorded import rules
from app.recorded.errors import PowersExceeded, TimeImpossible, TooManyProxies
from app.recorded.rules import Deed, Powers
from app.rounds.errors import KindMalformed, NoticeTooShort, RoundWrongState
from app.rounds.matters import MATTERS
from app.rounds.rules import (
    RECORDED_KINDS,
    Electorate,
    RoundKind,
    RoundState,
    check_dates,
    check_kind,
    kind_rule,
    step,
)
from app.tally.double_quorum import Choice, Matter, Unit, decide_units, thresholds

TODAY = dt.date(2026, 11, 25)
NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def ident(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def deed(resident: int, dwelling: int, *, phone: str | None = None, identity: str | None = None) -> Deed:
    return Deed(ident(resident), ident(1000 + dwelling), phone, identity)


def grouped(deeds: Sequence[Deed]) -> list[set[int]]:
    """Residents who are one person."""
    found: dict[int, set[int]] = {}
    for resident, person in rules.persons_of(deeds).items():
        found.setdefault(person, set()).add(resident.int)
    return sorted(found.values(), key=min)


def heads(dwellings: int, deeds: Sequence[Deed]) -> list[set[int]]:
    """Dwellings that are one head."""
    all_of_them = [ident(1000 + number) for number in range(dwellings)]
    found: dict[int, set[int]] = {}
    for dwelling, head in rules.heads_of(all_of_them, deeds, rules.persons_of(deeds)).items():
        found.setdefault(head, set()).add(dwelling.int - 1000)
    assert sorted(found) == list(range(1, len(found) + 1))
    return sorted(found.values(), key=min)


class TestWithoutName:
    @pytest.mark.parametrize(
        ("voted", "left_out"),
        [
            ({}, ""),
            ({"a": 5, "b": 9}, ""),
            ({"a": 4}, "a"),
            ({"a": 4, "b": 9}, "ab"),
            ({"a": 4, "b": 5, "c": 9}, "ab"),
            ({"a": 2, "b": 3, "c": 5}, "ab"),
            ({"a": 1, "b": 1, "c": 1, "d": 40}, "abcd"),
        ],
    )
    def test_nobody_stands_out_by_a_name_or_by_having_none(
        self, voted: dict[str, int], left_out: str
    ) -> None:
        found = rules.without_name(voted)
        assert found == set(left_out)
        assert not found or found == set(voted) or sum(voted[each] for each in found) >= rules.FEWEST_TOGETHER


class TestPersons:
    def test_one_phone_is_one_person(self) -> None:
        assert grouped([deed(1, 0, phone="a"), deed(2, 1, phone="a"), deed(3, 2, phone="b")]) == [{1, 2}, {3}]

    def test_rows_without_a_phone_belong_to_the_phone_of_their_name_and_birth_date(self) -> None:
        rows = [deed(1, 0, phone="a", identity="x"), deed(2, 1, identity="x"), deed(3, 2, identity="x")]
        assert grouped(rows) == [{1, 2, 3}]
        assert grouped(rows[1:]) == [{2, 3}]

    def test_two_phones_of_one_name_and_birth_date_stay_two_people(self) -> None:
        rows = [
            deed(1, 0, phone="a", identity="x"),
            deed(2, 1, phone="b", identity="x"),
            deed(3, 2, identity="x"),
        ]
        assert grouped(rows) == [{1}, {2}, {3}]

    def test_a_name_alone_makes_nobody_the_same(self) -> None:
        assert grouped([deed(1, 0), deed(2, 1)]) == [{1}, {2}]


class TestHeads:
    def test_several_dwellings_of_one_owner_are_one_head(self) -> None:
        assert heads(4, [deed(1, 0, phone="a"), deed(2, 1, phone="a"), deed(3, 2)]) == [{0, 1}, {2}, {3}]

    def test_the_owners_of_one_dwelling_are_one_head_for_it(self) -> None:
        assert heads(2, [deed(1, 0), deed(2, 0), deed(3, 1)]) == [{0}, {1}]

    def test_what_one_owns_alone_and_what_one_owns_with_somebody_is_one_head(self) -> None:
        rows = [deed(1, 0, phone="a"), deed(2, 0, phone="b"), deed(3, 1, phone="a"), deed(4, 2, phone="c")]
        assert heads(3, rows) == [{0, 1}, {2}]

    def test_it_does_not_depend_on_the_order_of_the_roster(self) -> None:
        rows = [deed(number, number % 5, phone=str(number % 3)) for number in range(30)]
        assert heads(7, rows) == heads(7, rows[::-1]) == [{0, 1, 2, 3, 4}, {5}, {6}]


class TestStands:
    def test_the_owners_later_act(self) -> None:
        later = NOON + dt.timedelta(seconds=1)
        assert rules.stands(NOON, None)
        assert rules.stands(later, NOON)
        assert rules.stands(NOON, NOON)
        assert not rules.stands(NOON, later)

    def test_a_document_is_neither_of_tomorrow_nor_older_than_the_round(self) -> None:
        rules.check_written(at=NOON, earliest=NOON, entered=NOON)
        for wrong in (NOON - dt.timedelta(microseconds=1), NOON + dt.timedelta(microseconds=1)):
            with pytest.raises(TimeImpossible):
                rules.check_written(at=wrong, earliest=NOON, entered=NOON)


class TestProxy:
    def test_powers(self) -> None:
        for choice in Choice:
            rules.check_powers(Powers.FREE, choice)
            rules.check_powers(Powers(choice.value), choice)
        with pytest.raises(PowersExceeded):
            rules.check_powers(Powers.FOR, Choice.ABSTAIN)

    def test_three_owners_and_no_more_however_many_proxies_they_give(self) -> None:
        rules.check_holder([1, 2], 3, most=3, article="")
        rules.check_holder([1, 2, 2, 3], 2, most=3, article="")
        with pytest.raises(TooManyProxies):
            rules.check_holder([1, 2, 3], 4, most=3, article="")

    def test_it_names_matter_time_and_powers(self) -> None:
        zh, en = (
            rules.proxy_words(
                holder="138****0001", title="广场", question="是否同意？", item=5, until="2026-12-01 10:00",
                powers=powers, language=language,
            )
            for powers, language in ((Powers.FOR, "zh-CN"), (Powers.FREE, "en"))
        )  # fmt: skip
        for text in (zh, en):
            for part in ("138****0001", "是否同意？", "2026-12-01 10:00", "5"):
                assert part in text
        assert "只投同意" in zh
        assert "as the holder sees fit" in en


class TestWords:
    def test_by_how_much_it_missed(self) -> None:
        units = [Unit(str(number), 10_000, Choice.FOR if number < 5 else None) for number in range(9)]
        made = decide_units(units, rule=thresholds(Matter.ORDINARY, TODAY))
        zh, en = rules.decision_lines(made, "zh-CN"), rules.decision_lines(made, "en")
        assert zh[0] == "未通过：参与表决未达到比例，表决无效（民法典第二百七十八条）。"
        assert zh[1] == "参与表决人数 5，共 9；须达到 2/3，即至少 6，还差 1。"
        assert zh[2] == "参与表决面积 500.00 ㎡，共 900.00 ㎡；须达到 2/3，即至少 600.00 ㎡，还差 100.00 ㎡。"
        assert zh[3] == "同意人数 5，共 5；须超过 1/2，即至少 3，已达到。"
        missed = (
            "500.00 m² of 900.00 m² of area took part; at least 2/3 is needed, 600.00 m²; 100.00 m² short."
        )
        assert en[2] == missed
        assert en[0].startswith("Not passed: not enough took part")

    @pytest.mark.parametrize(
        ("choice", "zh"), [(Choice.FOR, "通过（"), (Choice.AGAINST, "未通过：同意未达到比例")]
    )
    def test_whether_it_passed(self, choice: Choice, zh: str) -> None:
        made = decide_units([Unit("a", 100, choice)], rule=thresholds(Matter.SPECIAL, TODAY))
        assert rules.decision_lines(made, "zh-CN")[0].startswith(zh)
        en = "Passed" if made.passed else "Not passed: not enough were"
        assert rules.decision_lines(made, "en")[0].startswith(en)


class TestLaw:
    def test_nine_matters_of_which_three_take_three_quarters(self) -> None:
        assert [rule.item for rule in MATTERS.values()] == list(range(1, 10))
        assert {rule.item for rule in MATTERS.values() if rule.majority is Matter.SPECIAL} == {6, 7, 8}

    def test_owners_are_told_fifteen_days_before_and_no_reason_makes_it_less(self) -> None:
        opens = NOON + dt.timedelta(days=15)

        def check(opens_at: dt.datetime, reason: str | None) -> None:
            check_dates(
                kind=RoundKind.OWNERS_DECISION, opens_at=opens_at, closes_at=opens + dt.timedelta(days=1),
                published_at=NOON, short_notice_reason=reason,
            )  # fmt: skip

        check(opens, None)
        with pytest.raises(NoticeTooShort):
            check(opens - dt.timedelta(seconds=1), "汛期抢修")

    def test_what_the_kind_asks_for(self) -> None:
        rule = kind_rule(RoundKind.OWNERS_DECISION, TODAY)
        assert (rule.publication_days, rule.posted_within_days, rule.most_proxies) == (30, 3, 3)
        assert {RoundKind.OWNERS_DECISION} == RECORDED_KINDS

    @pytest.mark.parametrize(
        ("changes", "wrong"),
        [
            ({"electorate": Electorate.PERSON}, "electorate"),
            ({"matter": None}, "matter"),
            ({"question": None}, "question"),
            ({"ranked": ["rule", "budget_fen"]}, "budget_fen, rule"),
            ({"kind": RoundKind.CONSULTATION, "electorate": Electorate.PERSON}, "matter, question"),
            ({"kind": RoundKind.CONSULTATION, "matter": None, "question": None}, "electorate"),
        ],
    )
    def test_what_does_not_go_together(self, changes: dict[str, object], wrong: str) -> None:
        asked = {
            "kind": RoundKind.OWNERS_DECISION, "electorate": Electorate.OWNER, "matter": "rebuilding",
            "question": "?", "ranked": [], "on": TODAY,
        }  # fmt: skip
        check_kind(**asked)  # type: ignore[arg-type]
        with pytest.raises(KindMalformed) as refusal:
            check_kind(**asked | changes)  # type: ignore[arg-type]
        assert refusal.value.facts["settings"] == wrong

    def test_no_box_is_opened(self) -> None:
        assert step(RoundState.CLOSED, RoundState.COUNTED, recorded=True) is RoundState.COUNTED
        with pytest.raises(RoundWrongState):
            step(RoundState.CLOSED, RoundState.UNSEALED, recorded=True)
        with pytest.raises(RoundWrongState):
            step(RoundState.CLOSED, RoundState.COUNTED)
