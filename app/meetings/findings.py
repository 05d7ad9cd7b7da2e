"""Names, rooms and phones in minutes: where they stand, and what may stand there instead. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.residents.rules import masked_name, masked_phone

#: Shorter words of a roster ("-", "王") would hit half of every text.
SHORTEST_NAME = 2

_PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_NUMBER = "[0-9一二三四五六七八九十]{1,3}"
#: ``7 栋 1101``, ``3栋2单元0301室``, ``二单元 502``; not ``3 栋 2026 年``.
_ROOM = re.compile(
    rf"(?:{_NUMBER}\s*(?:栋|幢|座|号楼)\s*(?:{_NUMBER}\s*单元\s*)?|{_NUMBER}\s*单元\s*)"
    r"[0-9]{3,4}(?:\s*[室号户])?(?!\s*[0-9年月日元万人分米个点:：.%％])"
)
_ROOM_AT_THE_END = re.compile(r"[\s-]*[0-9A-Za-z]+\s*[室号户]?$")


class FindingKind(StrEnum):
    """What was found."""

    NAME = "name"
    ROOM = "room"
    PHONE = "phone"


class MinutesField(StrEnum):
    """The part of minutes in which it stands; all of it is published."""

    TEXT = "text"
    CORRECTION = "correction"
    CHAIR = "chair"
    RECORDER = "recorder"


@dataclass(frozen=True)
class Finding:
    """A name, a room or a phone in a text."""

    kind: FindingKind
    #: Characters from the beginning.
    start: int
    end: int
    word: str
    #: What may stand there instead: 王*, 3栋2单元, 138****8000.
    mask: str


@dataclass(frozen=True)
class Known:
    """What a roster holds."""

    names: Collection[str]
    homes: Collection[str]
    phones: Collection[str]


def find(text: str, known: Known) -> list[Finding]:
    """Names, dwellings and phones of a roster, and whatever looks like a room or a mobile phone, in order.

    Where two overlap, the longer one counts: 王小明, and not the 王小 who lives there too.
    """
    spans = [(kind, start, end) for kind, start, end in _spans(text, known)]
    spans.sort(key=lambda each: (each[1], each[1] - each[2]))
    found: list[Finding] = []
    for kind, start, end in spans:
        if found and start < found[-1].end:
            continue
        word = text[start:end]
        found.append(Finding(kind, start, end, word, _mask(kind, word)))
    return found


def _spans(text: str, known: Known) -> Iterator[tuple[FindingKind, int, int]]:
    yield from ((FindingKind.PHONE, *each.span()) for each in _PHONE.finditer(text))
    yield from ((FindingKind.ROOM, *each.span()) for each in _ROOM.finditer(text))
    for kind, words in (
        (FindingKind.PHONE, known.phones),
        (FindingKind.ROOM, known.homes),
        (FindingKind.NAME, known.names),
    ):
        yield from ((kind, start, end) for start, end in _places(text, words))


def _places(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    for word in words:
        if len(word) < SHORTEST_NAME:
            continue
        start = text.find(word)
        while start >= 0:
            yield start, start + len(word)
            start = text.find(word, start + len(word))


def _mask(kind: FindingKind, word: str) -> str:
    if kind is FindingKind.NAME:
        return masked_name(word)
    if kind is FindingKind.PHONE:
        return masked_phone(word) or ""
    return _ROOM_AT_THE_END.sub("", word) or "*"
