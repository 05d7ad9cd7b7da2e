"""How a 12-digit division code contains another: prefixes of 2, 4, 6, 9 and 12 digits."""

CODE_LENGTH = 12
_LEVELS = (2, 4, 6, 9, 12)

#: Contains every division; the grant of a system administrator.
WHOLE_COUNTRY = "000000000000"


def significant(code: str) -> str:
    """The digits that mean something: ``520102031000`` is the sub-district ``520102031``.

    The whole country is the empty prefix.
    """
    for length in _LEVELS:
        if code[length:].strip("0") == "" and code[:length].strip("0") != "":
            return code[:length]
    return "" if code == WHOLE_COUNTRY else code


def contains(outer: str, inner: str) -> bool:
    """Whether division ``outer`` is ``inner`` or lies above it."""
    return inner.startswith(significant(outer))


def level(code: str) -> int:
    """0 country, 1 province, 2 city, 3 district, 4 sub-district, 5 community."""
    prefix = significant(code)
    return 0 if prefix == "" else _LEVELS.index(len(prefix)) + 1


def part_of(outer: str, inner: str) -> str:
    """The division directly below ``outer`` in which ``inner`` lies; ``inner`` itself where nothing is between.

    A city without districts has its sub-districts directly below it.
    """
    for length in _LEVELS:
        part = inner[:length].ljust(CODE_LENGTH, "0")
        if part != outer and contains(outer, part):
            return part
    return inner


def is_community(code: str) -> bool:
    """Whether the code is of a community: the smallest division, with residents of its own."""
    return level(code) == len(_LEVELS)
