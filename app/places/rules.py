"""Division codes: what is well formed, and what lies under what. GB/T 2260 and the statistical code list."""

import re

from app.access.divisions import CODE_LENGTH, level, significant
from app.places.errors import DivisionMisplaced

COMMUNITY_LEVEL = 5
_LENGTHS = (2, 4, 6, 9, 12)


def full_code(short: str) -> str:
    """A code as lists write it (2, 4, 6, 9 or 12 digits), filled up to 12.

    Raises:
        ValueError: it has another length, or is not all ASCII digits.
    """
    if not (short.isascii() and short.isdigit() and len(short) in _LENGTHS):
        message = f"{short!r} is no division code"
        raise ValueError(message)
    return short.ljust(CODE_LENGTH, "0")


def counted(name: str) -> tuple[tuple[int, str], ...]:
    """By what names are put in order as people count them: 9栋 before 10栋, A2 before A10."""
    return tuple(
        (int(part), "") if part.isascii() and part.isdigit() else (0, part)
        for part in re.split("([0-9]+)", name)  # begins with letters, or with nothing: 9栋 stands before A2
    )


def parent_of(code: str) -> str | None:
    """The code one level up; none for a province.

    Raises:
        DivisionMisplaced: the code means no division at all.
    """
    place = level(code)
    if place == 0 or significant(code) == "":
        raise DivisionMisplaced
    if place == 1:
        return None
    return full_code(code[: _LENGTHS[place - 2]])
