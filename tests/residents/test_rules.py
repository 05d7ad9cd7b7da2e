"""What a row of a roster must say."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.residents import rules
from app.residents.rules import FORMULA, Column, Person, Tenure, person_from_plain
from app.residents.service.roster import adult_on

TODAY = dt.date(2026, 11, 24)
GOOD = {
    Column.BUILDING: "1栋", Column.UNIT: "2单元", Column.ROOM: "0301", Column.NAME: "王小明",
    Column.PHONE: "13800138000",
    Column.BIRTH_DATE: "1990-01-02", Column.AREA: "89.50", Column.TENURE: "业主", Column.REPRESENTATIVE: "是",
}  # fmt: skip


def check(**changes: str) -> rules.Checked:
    row = {**GOOD, **{Column[name]: value for name, value in changes.items()}}
    return rules.check_rows([(2, row)], today=TODAY)[0]


class TestCheckRows:
    def test_a_good_row(self) -> None:
        assert check().person == Person(
            "1栋",
            "2单元",
            "0301",
            "王小明",
            "13800138000",
            dt.date(1990, 1, 2),
            8950,
            Tenure.OWNER,
            is_representative=True,
        )

    @pytest.mark.parametrize(
        ("column", "given", "field", "expected"),
        [
            ("PHONE", "１３８００１３８０００", "phone", "13800138000"),
            ("PHONE", "13800138000.0", "phone", "13800138000"),
            ("PHONE", "+86 138-0013-8000", "phone", "13800138000"),
            ("PHONE", "", "phone", None),
            ("BIRTH_DATE", "1990年1月2日", "birth_date", dt.date(1990, 1, 2)),
            ("BIRTH_DATE", "1990/1/2", "birth_date", dt.date(1990, 1, 2)),
            ("BIRTH_DATE", "19900102", "birth_date", dt.date(1990, 1, 2)),
            ("AREA", "８９．５", "area_centi_m2", 8950),
            ("AREA", "89.5㎡", "area_centi_m2", 8950),
            ("AREA", "", "area_centi_m2", None),
            ("ROOM", "301.0", "room", "301"),
            ("UNIT", "", "unit", "-"),
            ("TENURE", "租户", "tenure", Tenure.TENANT),
            ("REPRESENTATIVE", "否", "is_representative", False),
        ],
    )
    def test_what_people_write_is_understood(
        self, column: str, given: str, field: str, expected: object
    ) -> None:
        person = check(**{column: given}).person
        assert person is not None
        assert getattr(person, field) == expected

    @pytest.mark.parametrize(
        ("column", "given", "code"),
        [
            ("NAME", "", "empty"),
            ("NAME", "王" * 61, "too_long"),
            ("NAME", "王\x00明", "unprintable"),
            ("BUILDING", FORMULA, "formula_cell"),
            ("PHONE", "12345", "phone_malformed"),
            ("PHONE", "23800138000", "phone_malformed"),
            ("BIRTH_DATE", "1990-13-01", "date_malformed"),
            ("BIRTH_DATE", "2027-01-01", "date_malformed"),
            ("BIRTH_DATE", "1890-01-01", "date_malformed"),
            ("AREA", "八十", "area_malformed"),
            ("AREA", "0", "area_malformed"),
            ("AREA", "89.555", "area_malformed"),
            ("TENURE", "房东", "tenure_unknown"),
            ("REPRESENTATIVE", "也许", "yes_or_no"),
        ],
    )
    def test_what_cannot_be_understood_is_named_by_row_and_column(
        self, column: str, given: str, code: str
    ) -> None:
        checked = check(**{column: given})
        assert checked.person is None
        assert [(error.row, error.column, error.code) for error in checked.errors] == [
            (2, Column[column], code)
        ]

    def test_every_error_of_a_row_is_told_at_once(self) -> None:
        assert len(check(NAME="", PHONE="1", AREA="x").errors) == 3

    def test_one_phone_twice_and_one_person_twice(self) -> None:
        other = {**GOOD, Column.NAME: "李四"}
        checked = rules.check_rows([(2, GOOD), (3, other), (4, {**GOOD, Column.PHONE: ""})], today=TODAY)
        assert [[error.code for error in each.errors] for each in checked] == [
            [],
            ["duplicate_phone"],
            ["duplicate_person"],
        ]

    @given(st.dictionaries(st.sampled_from(list(Column)), st.text(max_size=40)))
    def test_no_text_makes_it_fail(self, row: dict[Column, str]) -> None:
        checked = rules.check_rows([(2, row)], today=TODAY)[0]
        assert (checked.person is None) == bool(checked.errors)
        if checked.person is not None:
            assert person_from_plain(checked.person.to_plain()) == checked.person


class TestIsAdult:
    @pytest.mark.parametrize(
        ("born", "adult"),
        [
            (dt.date(2008, 11, 24), True),
            (dt.date(2008, 11, 25), False),
            (None, True),
        ],
    )
    def test_eighteen_on_the_day(self, born: dt.date | None, adult: bool) -> None:  # noqa: FBT001
        assert rules.is_adult(born, TODAY) is adult

    @given(
        st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)), st.dates(dt.date(1918, 1, 1), dt.date(2060, 1, 1))
    )
    def test_the_stored_day_says_the_same(self, born: dt.date, on: dt.date) -> None:
        day = adult_on(born)
        assert day is not None
        assert rules.is_adult(born, on) == (day <= on)


class TestMasked:
    def test_names_and_phones(self) -> None:
        assert rules.masked_name("王小明") == "王**"
        assert rules.masked_name("王") == "王*"
        assert rules.masked_phone("13800138000") == "138****8000"
