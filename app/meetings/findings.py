"""Names, rooms and phones in minutes: where they stand, and what may stand there instead. Pure.

A text is looked through as it is read, not as it was typed: full-width digits, unseen characters, marks of Markdown and
whatever parts the digits of a number or the characters of a name hide nothing. What is found leads back to the place in
the text its writer has before them.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.meetings import wording
from app.meetings.wording import SEPARATOR, Wording
from app.residents.rules import masked_name, masked_phone

#: Shorter words of a roster ("-", "王") would hit half of every text.
SHORTEST_NAME = 2
#: Shorter numbers of a roster would hit years and sums.
SHORTEST_PHONE = 7
#: With fewer digits, the first three and the last four would be nearly all of it.
_WHOLE_PHONE = 11

_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
# anything but letters, paragraphs, and what parts one number from the next
_GAP = r"(?:[^\w\n,、;:|%。]|_){0,3}"
# where the groups are those of a mobile phone, a comma parts nothing else
_COMMA_TOO = r"(?:[^\w\n、;:|%。]|_){0,3}"
_COUNTRY = rf"(?:(?:\+|00)?86{_GAP})?"


def _digits(first: str, count: int, gap: str = _GAP) -> str:
    return first + rf"(?:{gap}[0-9]){{{count}}}"


_MOBILE = re.compile(
    rf"(?<![0-9]){_COUNTRY}(?:{_digits(rf'1{_GAP}[3-9]', 9)}"
    rf"|1[3-9][0-9]{_COMMA_TOO}[0-9]{{4}}{_COMMA_TOO}[0-9]{{4}})(?![0-9])"
)
_LANDLINE = re.compile(rf"(?<![0-9]){_COUNTRY}0{_GAP}[1-9](?:{_GAP}[0-9]){{8,10}}(?![0-9])")
_IDENTITY = re.compile(rf"(?<![0-9]){_digits('[1-9]', 16)}{_GAP}[0-9x](?![0-9a-z])")
_NUMBER_ROW = re.compile(rf"[0-9](?:{_GAP}[0-9])*")

_NUMBER = "(?:[0-9十]{1,3}|[a-z])"
_HALT = "(?<![0-9a-z])"
_PART = f"{SEPARATOR}{{0,3}}"
_BUILDING = f"{_NUMBER} ?(?:栋|幢|座|号楼|# ?[楼栋幢座]?)"
_STAIRS = f"{_NUMBER} ?单元"
_DOOR = "[0-9]{3,4}[a-z]?(?: ?[室号户房])?"
#: A year, a sum or a count, and no room.
_NO_COUNT = r"(?![0-9])(?! ?[年月日元万人分米个点张票台盏名株棵套块平:%])(?!\.[0-9])"
_ROOMS = (
    # 7 栋 1101, 3栋2单元0301室, 二单元 502, 1#1-101; not 3 栋 2026 年
    re.compile(
        rf"{_HALT}(?:{_BUILDING}{_PART}(?:(?:{_STAIRS}|{_NUMBER} ?-){_PART})?|{_STAIRS}{_PART})"
        rf"(?:{_NUMBER} ?[楼层]{_PART})?{_DOOR}{_NO_COUNT}"
    ),
    # 1-1-0101; not the end of a date
    re.compile(rf"(?<![0-9])(?<![0-9][-/])[0-9]{{1,3}} ?[-/] ?[0-9]{{1,3}} ?[-/] ?[0-9]{{3,4}}{_NO_COUNT}"),
    # 101 室, 302 房
    re.compile(r"(?<![0-9第])(?<!第 )[0-9]{3,4} ?(?:室|房(?![屋子价产管租贷改]))"),
    # 0101 号; not 中山路 128 号, 第 128 号 or 〔2026〕128 号
    re.compile(
        r"(?<![0-9第路街道巷弄文字〕)\]】])(?<![第路街道巷弄文字〕)\]】] )[0-9]{3,4} ?号(?![楼院门线令文车])"
    ),
)
_KNOWN_PART = "[ .·/#_栋幢座号楼单元门-]{1,6}"
_THREE = re.compile(
    rf"(?<![0-9])(?=([0-9]{{1,3}}){_KNOWN_PART}([0-9]{{1,3}}){_KNOWN_PART}([0-9]{{3,4}})(?![0-9]))"
)
_TWO = re.compile(rf"(?<![0-9])(?=([0-9]{{1,3}}){_KNOWN_PART}([0-9]{{3,4}}){_NO_COUNT})")
_ROOM_AT_THE_END = re.compile(r"[\s/-]*[0-9A-Za-z〇零一二三四五六七八九]+\s*[室号户房]?$")

_SURNAME = "(?:欧阳|上官|司马|诸葛|皇甫|尉迟|慕容|令狐|夏侯|东方|[\u4e00-\u9fff])"
_TITLE = "(?:先生|女士|小姐|太太|师傅|阿姨|叔叔|大爷|大妈|大叔|奶奶|爷爷|大姐|大哥|老师)"
_CALLED = f"(?P<who>(?![位名些个老各几该这那的和与给由向请对女男]){_SURNAME} ?{_TITLE})"
_HOUSE = f"(?:{_BUILDING}|{_STAIRS})"
#: Whom a neighbour would know by it: 王先生（1栋）, 1栋的王先生.
_NEIGHBOUR = (
    re.compile(rf"{_CALLED} ?(?:[(\[〔【,] ?)家?住?在? ?{_HALT}{_HOUSE}(?:{_PART}{_STAIRS})? ?[)\]〕】]?"),
    re.compile(rf"{_CALLED} ?家?住在? ?{_HALT}{_HOUSE}"),
    re.compile(rf"{_HALT}{_HOUSE}{_PART}(?:{_STAIRS})?{_PART}的?{_CALLED}"),
)
_SOMEBODY = "一位居民"
_NO_IDENTITY = "（身份证号略）"
_NO_ROOM = "某室"


class FindingKind(StrEnum):
    """What was found."""

    NAME = "name"
    ROOM = "room"
    PHONE = "phone"
    IDENTITY = "identity"  # the number of an identity card


class MinutesField(StrEnum):
    """The part of minutes in which it stands; all of it is published."""

    TEXT = "text"
    CORRECTION = "correction"
    CHAIR = "chair"
    RECORDER = "recorder"


@dataclass(frozen=True)
class Finding:
    """A name, a room or a number in a text."""

    kind: FindingKind
    #: Characters from the beginning.
    start: int
    end: int
    word: str
    #: What may stand there instead, in plain words: 王*, 3栋2单元, 138****8000.
    mask: str


@dataclass(frozen=True)
class Known:
    """What a roster holds."""

    names: Collection[str]
    homes: Collection[str]
    phones: Collection[str]

    @cached_property
    def closed_names(self) -> dict[int, set[str]]:
        """By how long they are, as `Wording.closed` has them."""
        return _by_length((wording.closed(each) for each in self.names), SHORTEST_NAME)

    @cached_property
    def packed_homes(self) -> dict[int, set[str]]:
        """By how long they are, as `Wording.packed` has them."""
        return _by_length((wording.packed(each) for each in self.homes), SHORTEST_NAME)

    @cached_property
    def numbered_homes(self) -> set[tuple[int, ...]]:
        """Building, unit and room as numbers, and building and room: 1栋1单元0101 is 1-101 too."""
        found: set[tuple[int, ...]] = set()
        for each in self.homes:
            numbers = tuple(int(number) for number in re.findall("[0-9]+", wording.packed(each)))
            found |= {numbers, (numbers[0], numbers[-1])} if numbers else set()
        return found

    @cached_property
    def bare_phones(self) -> dict[int, set[str]]:
        """Their digits, by how many they are."""
        return _by_length(
            (re.sub("[^0-9]", "", wording.packed(each)) for each in self.phones), SHORTEST_PHONE
        )


@dataclass(frozen=True)
class _Span:
    """Something found in a wording, and what may stand there instead."""

    kind: FindingKind
    start: int
    end: int
    mask: str


def find(text: str, known: Known) -> list[Finding]:
    """Names, dwellings and phones of a roster, and whatever looks like a room, a phone or a card, in order.

    Where two overlap, the longer one counts: 王小明, and not the 王小 who lives there too.
    """
    spans: dict[tuple[int, int], _Span] = {}
    for read in (wording.as_shown(text), wording.as_typed(text)):
        for each in _spans(text, read, known):
            spans.setdefault(wording.with_marks(text, each.start, each.end), each)
    found: list[Finding] = []
    for (start, end), each in sorted(spans.items(), key=lambda item: (item[0][0] - item[0][1], item[0][0])):
        if all(end <= other.start or other.end <= start for other in found):
            found.append(Finding(each.kind, start, end, text[start:end], each.mask))
    return sorted(found, key=lambda each: each.start)


def _spans(text: str, read: Wording, known: Known) -> Iterator[_Span]:
    """What stands in a wording; its places are those of the source."""
    numbers = read.text.translate(_HAN_DIGITS)
    for start, end, digits in [*_phones(numbers), *_phones_of(numbers, known)]:
        yield _Span(FindingKind.PHONE, *read.source(start, end), _masked_number(digits))
    for found in _IDENTITY.finditer(numbers):
        if _is_identity(re.sub("[^0-9x]", "", found.group())):
            yield _Span(FindingKind.IDENTITY, *read.source(*found.span()), _NO_IDENTITY)
    rooms = [found.span() for pattern in _ROOMS for found in pattern.finditer(numbers)]
    for start, end in [*rooms, *_homes_of(numbers, known)]:
        yield _Span(
            FindingKind.ROOM, *read.source(start, end), _masked_room(_as_it_is(text, read, start, end))
        )
    for pattern in _NEIGHBOUR:
        for found in pattern.finditer(read.text):
            (start, end), (begins, ends) = found.span(), found.span("who")
            mask = _as_it_is(text, read, start, begins) + _SOMEBODY + _as_it_is(text, read, ends, end)
            yield _Span(FindingKind.NAME, *read.source(start, end), mask)
    yield from _words(text, read, known)


def _phones(numbers: str) -> Iterator[tuple[int, int, str]]:
    for pattern in (_MOBILE, _LANDLINE):
        for found in pattern.finditer(numbers):
            yield (*found.span(), re.sub("[^0-9]", "", found.group()))


def _phones_of(numbers: str, known: Known) -> Iterator[tuple[int, int, str]]:
    """Phones of a roster in rows of digits, however they are parted."""
    for row in _NUMBER_ROW.finditer(numbers):
        places = [at for at in range(*row.span()) if numbers[at].isdecimal()]
        digits = "".join(numbers[at] for at in places)
        for first, last in _members(digits, known.bare_phones):
            yield places[first], places[last - 1] + 1, digits[first:last]


def _homes_of(numbers: str, known: Known) -> Iterator[tuple[int, int]]:
    """Dwellings of a roster by their numbers, whatever parts them: 1-101 and 1 栋 1 单元 101 are one."""
    for pattern in (_THREE, _TWO):
        for found in pattern.finditer(numbers):
            if tuple(int(each) for each in found.groups()) in known.numbered_homes:
                yield found.start(1), found.end(len(found.groups()))


def _words(text: str, read: Wording, known: Known) -> Iterator[_Span]:
    """Names and homes of a roster, letter by letter."""
    near = read.closed()
    for start, end in _members(near.text, known.closed_names):
        yield _Span(FindingKind.NAME, *near.source(start, end), masked_name(near.text[start:end]))
    tight = read.packed()
    for start, end in _members(tight.text, known.packed_homes):
        if not (_goes_on(tight, start) or _goes_on(tight, end)):
            mask = _masked_room(_as_it_is(text, tight, start, end))
            yield _Span(FindingKind.ROOM, *tight.source(start, end), mask)


def _as_it_is(text: str, read: Wording, start: int, end: int) -> str:
    """A passage as it was typed, unless marks or unseen characters stand in it: then as it is read."""
    if start == end:
        return ""
    first, last = read.source(start, end)
    return text[first:last] if wording.is_plain(text[first:last]) else read.text[start:end]


def _goes_on(read: Wording, at: int) -> bool:
    """Whether one number lies on both sides of a place."""
    if not 0 < at < len(read.text) or read.ends[at - 1] != read.starts[at]:
        return False
    return read.text[at - 1].isdecimal() and read.text[at].isdecimal()


def _members(text: str, words: dict[int, set[str]]) -> Iterator[tuple[int, int]]:
    for length, those in words.items():
        for start in range(len(text) - length + 1):
            if text[start : start + length] in those:
                yield start, start + length


def _by_length(words: Iterator[str], shortest: int) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for each in words:
        if len(each) >= shortest:
            found.setdefault(len(each), set()).add(each)
    return found


def _is_identity(digits: str) -> bool:
    """Whether the number of a card could be one: a day of birth stands in it (GB 11643)."""
    try:
        born = dt.date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return born.year >= 1880  # noqa: PLR2004 - nobody is older


def _masked_number(digits: str) -> str:
    bare = digits.removeprefix("00").removeprefix("86") if len(digits) > _WHOLE_PHONE + 1 else digits
    return masked_phone(bare) or "" if len(bare) >= _WHOLE_PHONE else f"{bare[:3]}****"


def _masked_room(word: str) -> str:
    rest = _ROOM_AT_THE_END.sub("", unicodedata.normalize("NFKC", word))
    return f"{rest}栋" if rest.isdecimal() else rest or _NO_ROOM
