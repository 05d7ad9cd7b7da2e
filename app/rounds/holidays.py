"""Public holidays, as far as the law fixes their days. Pure.

Regulation on public holidays for festivals and memorial days (revised 2024-11-10), art. 2: New Year's Day, the eve of
the Spring Festival and its first three days, Qingming, 1 and 2 May, the Dragon Boat and the Mid-Autumn day, and 1 to 3
October. Which working days are moved beside them is announced each autumn and is not in here. Days of the lunar
calendar stand in a table, year by year; for a year after its last one nothing is said of them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Holiday:
    """A festival and its name in both languages."""

    zh: str
    en: str


NEW_YEAR = Holiday("元旦", "New Year's Day")
SPRING = Holiday("春节", "the Spring Festival")
QINGMING = Holiday("清明节", "Qingming")
LABOUR = Holiday("劳动节", "Labour Day")
DRAGON_BOAT = Holiday("端午节", "the Dragon Boat Festival")
MID_AUTUMN = Holiday("中秋节", "the Mid-Autumn Festival")
NATIONAL = Holiday("国庆节", "National Day")

_FIXED: Mapping[tuple[int, int], Holiday] = {
    (1, 1): NEW_YEAR, (5, 1): LABOUR, (5, 2): LABOUR, (10, 1): NATIONAL, (10, 2): NATIONAL, (10, 3): NATIONAL,
}  # fmt: skip
#: Year -> the first day of the lunar year, Qingming, the fifth day of the fifth month, the fifteenth of the eighth.
_LUNAR: Mapping[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2026: ((2, 17), (4, 5), (6, 19), (9, 25)),
    2027: ((2, 6), (4, 5), (6, 9), (9, 15)),
    2028: ((1, 26), (4, 4), (5, 28), (10, 3)),
}
#: The eve, and so many days from the first on.
_SPRING_DAYS = range(-1, 3)
LAST_KNOWN_YEAR = max(_LUNAR)


def holiday(day: dt.date) -> Holiday | None:
    """The festival of a day, if it is a public holiday by law."""
    for first, qingming, boat, moon in (_LUNAR[day.year],) if day.year in _LUNAR else ():
        if (day - dt.date(day.year, *first)).days in _SPRING_DAYS:
            return SPRING
        for date, name in ((qingming, QINGMING), (boat, DRAGON_BOAT), (moon, MID_AUTUMN)):
            if (day.month, day.day) == date:
                return name
    return _FIXED.get((day.month, day.day))


def holidays(first: dt.date, last: dt.date) -> list[tuple[dt.date, Holiday]]:
    """The public holidays of a span of days, both ends included."""
    days = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, found) for day in days if (found := holiday(day)) is not None]
