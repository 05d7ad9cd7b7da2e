"""Division codes: what is well formed, and what lies under what. GB/T 2260 and the statistical code list."""

import re
import unicodedata
from functools import lru_cache

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


@lru_cache(maxsize=20_000)  # rooms are called alike in every building
def counted(name: str) -> tuple[tuple[int, str], ...]:
    """By what names are put in order as people count them: 9栋 before 10栋, A2 before A10."""
    return tuple(
        (int(part), "") if part.isascii() and part.isdigit() else (0, part)
        for part in re.split("([0-9]+)", name)  # begins with letters, or with nothing: 9栋 stands before A2
    )


_DOOR_WORDS = re.compile("号楼|单元|[栋幢座楼室房号#]")
_BETWEEN = re.compile(r"[\s\-–—_/,.、，。]+")


def door_parts(text: str) -> tuple[str, ...]:
    """A door as people type it, part by part, bare: ``3-2-501``, ``3栋2单元0501`` and ``3 2 501`` are the same."""
    plain = _DOOR_WORDS.sub(" ", unicodedata.normalize("NFKC", text))
    return tuple(part for part in (bare(each) for each in _BETWEEN.split(plain)) if part)


def bare(name: str) -> str:
    """A name of a building, unit or room without words and leading zeros: ``3栋`` is 3, ``0501`` is 501."""
    plain = _DOOR_WORDS.sub("", unicodedata.normalize("NFKC", name)).strip().upper()
    return re.sub("(?<![0-9])0+(?=[0-9])", "", plain)


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
