"""The days the law names, year by year."""

import datetime as dt

import pytest

from app.rounds.holidays import LAST_KNOWN_YEAR, holiday, holidays


class TestHoliday:
    @pytest.mark.parametrize(
        ("day", "name"),
        [
            ("2026-02-16", "春节"), ("2026-02-19", "春节"), ("2026-06-19", "端午节"), ("2026-09-25", "中秋节"),
            ("2027-02-05", "春节"), ("2027-02-08", "春节"), ("2027-04-05", "清明节"), ("2028-10-03", "中秋节"),
            ("2030-05-02", "劳动节"), ("2030-10-03", "国庆节"), ("2026-01-01", "元旦"),
        ],
    )  # fmt: skip
    def test_it_has_a_name(self, day: str, name: str) -> None:
        found = holiday(dt.date.fromisoformat(day))
        assert found is not None
        assert found.zh == name

    @pytest.mark.parametrize("day", ["2026-02-15", "2026-02-20", "2026-05-03", "2026-10-04", "2030-02-03"])
    def test_other_days_have_none(self, day: str) -> None:
        assert holiday(dt.date.fromisoformat(day)) is None

    def test_thirteen_days_a_year(self) -> None:
        for year in range(2026, LAST_KNOWN_YEAR + 1):
            # where the Mid-Autumn day falls on a day of the national holiday, the two share it
            expected = 12 if year == 2028 else 13
            assert len(holidays(dt.date(year, 1, 1), dt.date(year, 12, 31))) == expected
