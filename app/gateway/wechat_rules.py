"""What WeChat's messages may hold, and what it says about texts. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum

from app.outbox.service import Refused

#: Largest number of characters by kind of field, as the interface's documentation of subscribe messages lists them.
_LONGEST = {
    "thing": 20, "name": 10, "phrase": 5, "number": 32, "letter": 32, "symbol": 5, "character_string": 32,
    "time": 64, "date": 64, "amount": 32, "phone_number": 17, "car_number": 8,
}  # fmt: skip
#: Words lose little when they are cut; half a number or a date would be another one.
_CUT = frozenset({"thing", "name", "phrase"})
_FIELD = re.compile(r"([a-z_]+?)[0-9]{1,3}")
_ELLIPSIS = "…"


class TextVerdict(StrEnum):
    """What WeChat thinks of a text."""

    PASS = "pass"  # noqa: S105 - a verdict
    REVIEW = "review"
    RISKY = "risky"


def subscribe_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a subscribe message as WeChat takes them: on one line, words cut to what is shown.

    Raises:
        Refused: a field that is none of WeChat's, is empty, or cannot be cut.
    """
    made = {}
    for name, value in fields.items():
        found = _FIELD.fullmatch(name)
        longest = _LONGEST.get(found[1]) if found else None
        text = " ".join(value.split())
        if found is None or longest is None or not text:
            message = f"not a field of a subscribe message: {name}"
            raise Refused(message)
        if len(text) > longest:
            if found[1] not in _CUT:
                message = f"too long for a subscribe message: {name}"
                raise Refused(message)
            text = text[: longest - 1] + _ELLIPSIS
        made[name] = text
    return made
