"""What makes a text wait for a person: numbers that lead to somebody, dwellings, links, abuse.

A hit is no verdict: the text is kept, its author is told what was noticed, and somebody of the committee looks.
The words stand in ``held_words.txt``, few on purpose: a long list holds up half of what neighbours say to each other.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path

_WORDS = Path(__file__).with_name("held_words.txt")

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f]")
#: What people put between the digits of a number.
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[\s\-_.,，、·*—–]{1,3}(?=[0-9xX])")
_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9x](?![0-9])")
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{16,19}(?![0-9])")
_PHONE = re.compile(r"(?<![0-9])(?:(?:\+?86)?1[3-9][0-9]{9}|0[1-9][0-9]{1,2}[2-9][0-9]{6,7})(?![0-9])")
_DWELLING = re.compile(
    r"[0-9]{1,3}\s*[栋幢座号]楼?\s*(?:[0-9一二三四五六]{1,2}\s*单元\s*[0-9]{3,4}|[0-9]{3,4}\s*[室号房户])"
)
_LINK = re.compile(r"https?:|www\.|[a-z0-9-]\.(?:com|cn|net|top|xyz|vip|cc)(?![a-z0-9])")
_GAPS = re.compile(r"[\s\-_.,，、·*—–]+")


class Hold(StrEnum):
    """Why a text waits."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    LONG_NUMBER = "long_number"
    DWELLING = "dwelling"
    LINK = "link"
    ABUSE = "abuse"
    #: Nothing was noticed: here everything is looked at first.
    REVIEW_FIRST = "review_first"
    #: A picture came after somebody had looked.
    PHOTO = "photo"


def noticed(*texts: str) -> list[Hold]:
    """What stands in these texts that a person should look at first; nothing for most."""
    found: set[Hold] = set()
    for text in texts:
        plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
        # as written, and closed up: a list of numbers is no number, and a number with gaps is one
        readings = [plain, _BETWEEN_DIGITS.sub("", plain)]
        for hold, pattern in (
            (Hold.ID_NUMBER, _ID_NUMBER),
            (Hold.LONG_NUMBER, _LONG_NUMBER),
            (Hold.PHONE, _PHONE),
        ):
            if any(pattern.search(each) for each in readings):
                found.add(hold)
                # an ID number is not a bank card too
                readings = [pattern.sub(" ", each) for each in readings]
        if _DWELLING.search(plain):
            found.add(Hold.DWELLING)
        if _LINK.search(plain):
            found.add(Hold.LINK)
        chinese, latin = _words()
        closed = _GAPS.sub("", plain)
        if any(word in closed for word in chinese) or any(
            word in latin for word in re.findall("[a-z]+", plain)
        ):
            found.add(Hold.ABUSE)
    return [hold for hold in Hold if hold in found]


@cache
def _words() -> tuple[tuple[str, ...], frozenset[str]]:
    lines = (line.strip().lower() for line in _WORDS.read_text(encoding="utf-8").splitlines())
    words = [line for line in lines if line and not line.startswith("#")]
    latin = frozenset(word for word in words if word.isascii())
    return tuple(word for word in words if not word.isascii()), latin
