"""What a row of a roster must say, how two rosters differ, who counts as adult. Pure."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.core.canonical import Plain

ADULT_YEARS = 18
#: After so many rows, whoever waits is told how far it is.
TICK_ROWS = 500


class Tenure(StrEnum):
    """How somebody lives in a household."""

    OWNER = "owner"
    TENANT = "tenant"
    OTHER = "other"


class ResidentSource(StrEnum):
    """How somebody came to be known."""

    ROSTER = "roster"
    REGISTRATION = "registration"


class ImportState(StrEnum):
    """Where an import stands."""

    PREVIEW = "preview"
    COMMITTED = "committed"
    UNDONE = "undone"


class Change(StrEnum):
    """What an import would make of a row, or of somebody it does not name."""

    WRONG = "wrong"
    CHANGED = "changed"
    NEW = "new"
    MOVED_OUT = "moved_out"
    UNCHANGED = "unchanged"


class Stage(StrEnum):
    """What an import is doing at this moment."""

    READING = "reading"
    CHECKING = "checking"
    COMPARING = "comparing"
    KEEPING = "keeping"
    PREPARING = "preparing"
    WRITING = "writing"
    DONE = "done"


class Purpose(StrEnum):
    """What somebody needs a name or a number in full for."""

    CORRECTION = "correction"
    CONTACT = "contact"
    PAPER = "paper"
    LEGAL = "legal"
    OTHER = "other"


class DisclosureKind(StrEnum):
    """How much was shown in full."""

    PERSON = "person"
    LIST = "list"


class Likeness(StrEnum):
    """Why two rows may be one person."""

    NAME_AND_BIRTH = "name_and_birth"
    SAME_HOME = "same_home"


class RegistrationState(StrEnum):
    """Where a registration stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Column(StrEnum):
    """Columns of a roster, as the template heads them."""

    BUILDING = "楼栋"
    UNIT = "单元"
    ROOM = "房号"
    NAME = "姓名"
    PHONE = "手机"
    BIRTH_DATE = "出生日期"
    AREA = "面积"
    TENURE = "身份"
    REPRESENTATIVE = "户代表"


NEEDED = (Column.BUILDING, Column.ROOM, Column.NAME)

_TENURES = {
    "": Tenure.OTHER,
    "业主": Tenure.OWNER,
    "租户": Tenure.TENANT,
    "租客": Tenure.TENANT,
    "其他": Tenure.OTHER,
}
_TENURES |= {tenure.value: tenure for tenure in Tenure}
_YES = frozenset({"是", "√", "y", "yes", "1", "true"})
_NO = frozenset({"", "否", "n", "no", "0", "false"})
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_DATE = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?(?: 00:00:00)?")
_AREA = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,4}))?")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")

#: Of two characters one is the surname: 王明 and 王红 have only that in common.
SHORTEST_ALIKE = 3

FORMULA = "=formula"
"""What a reader puts in place of a cell that holds a formula; formulas are never evaluated."""


@dataclass(frozen=True)
class RowError:
    """What is wrong in one cell."""

    row: int
    column: str
    code: str
    message: str
    #: The row it contradicts.
    other_row: int | None = None


@dataclass(frozen=True)
class Person:
    """A row of a roster, understood."""

    building: str
    unit: str
    room: str
    name: str
    phone: str | None
    birth_date: dt.date | None
    area_centi_m2: int | None
    tenure: Tenure
    is_representative: bool

    @property
    def identity(self) -> str:
        """Who this is within a community: name and dwelling."""
        return identity_of(self.name, self.building, self.unit, self.room)

    def to_plain(self) -> dict[str, Plain]:
        """As JSON can hold it."""
        birth_date = None if self.birth_date is None else self.birth_date.isoformat()
        return {**self.__dict__, "birth_date": birth_date, "tenure": self.tenure.value}


def identity_of(name: str, building: str, unit: str, room: str) -> str:
    """Who somebody is within a community: name and dwelling."""
    return f"{name}\0{building}\0{unit}\0{room}"


def person_from_plain(plain: Mapping[str, Any]) -> Person:
    """The inverse of `Person.to_plain`."""
    birth_date = plain["birth_date"]
    values = {
        **plain,
        "birth_date": None if birth_date is None else dt.date.fromisoformat(birth_date),
        "tenure": Tenure(plain["tenure"]),
    }
    return Person(**values)


@dataclass(frozen=True)
class Checked:
    """A row: its number, the person if it is sound, and what is wrong if not."""

    row: int
    person: Person | None
    errors: tuple[RowError, ...]
    #: Who it is about, also where something else in the row is wrong.
    identity: str | None = None


class _CellError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_rows(
    rows: Iterable[tuple[int, Mapping[Column, str]]],
    *,
    today: dt.date,
    tick: Callable[[int], None] = lambda _: None,
) -> list[Checked]:
    """Read every row, and find what contradicts another row: one phone twice, one person twice.

    ``tick`` is told now and then how many rows were read.
    """
    checked = []
    for count, (number, cells) in enumerate(rows):
        checked.append(_check_row(number, cells, today))
        if count % TICK_ROWS == 0:
            tick(count)
    phones: dict[str, int] = {}
    people: dict[str, int] = {}
    result = []
    for each in checked:
        if each.person is None:
            result.append(each)
            continue
        errors = []
        first = phones.setdefault(each.person.phone, each.row) if each.person.phone else each.row
        if first != each.row:
            errors.append(
                RowError(each.row, Column.PHONE, "duplicate_phone", f"与第 {first} 行的手机号相同", first)
            )
        first = people.setdefault(each.person.identity, each.row)
        if first != each.row:
            errors.append(
                RowError(each.row, Column.NAME, "duplicate_person", f"与第 {first} 行是同一个人", first)
            )
        result.append(replace(each, person=None, errors=tuple(errors)) if errors else each)
    return result


def is_adult(birth_date: dt.date | None, on: dt.date) -> bool:
    """Whether somebody is 18 on a day (Organic Law art. 26); a committee that gives no date vouches for it."""
    if birth_date is None:
        return True
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return years >= ADULT_YEARS


def masked_name(name: str) -> str:
    """``王*``."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def masked_phone(phone: str | None) -> str | None:
    """``138****8000``."""
    return None if phone is None else f"{phone[:3]}****{phone[-4:]}"


def masked_home(building: str, unit: str) -> str:
    """``3栋2单元``: never the room."""
    return building if unit == "-" else f"{building}{unit}"


def masked_birth(birth_date: str | None) -> str | None:
    """``1990``: the year alone."""
    return None if birth_date is None else birth_date[:4]


def are_alike(one: str, other: str) -> bool:
    """Whether two names may be one written differently: at most one character apart, with the same first one.

    王小明 and 王晓明, 王明 and 王小明; not 王明 and 李明, and not two single characters.
    """
    first, second = sorted((narrow(one).replace(" ", ""), narrow(other).replace(" ", "")), key=len)
    if first == second:
        return True
    if first[:1] != second[:1] or len(second) - len(first) > 1 or len(second) < SHORTEST_ALIKE:
        return False
    same = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(first))
    rest = first[same + 1 :] if len(first) == len(second) else first[same:]
    return rest == second[same + 1 :]


def narrow(text: str) -> str:
    """Full-width letters and digits as ordinary ones, blanks trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


def _check_row(number: int, cells: Mapping[Column, str], today: dt.date) -> Checked:
    errors: list[RowError] = []

    def read(column: Column, parse: Callable[[str], object]) -> object:
        text = cells.get(column, "")
        try:
            if text == FORMULA:
                raise _CellError("formula_cell", "单元格里是公式，请改为数值")  # noqa: TRY301
            return parse(narrow(text))
        except _CellError as error:
            errors.append(RowError(number, column, error.code, str(error)))
            return None

    building = read(Column.BUILDING, lambda text: _line(text, 60))
    unit = read(Column.UNIT, lambda text: _line(text or "-", 60))
    room = read(Column.ROOM, lambda text: _line(_whole_number(text), 30))
    name = read(Column.NAME, lambda text: _line(text, 60))
    phone = read(Column.PHONE, _phone)
    birth_date = read(Column.BIRTH_DATE, lambda text: _birth_date(text, today))
    area = read(Column.AREA, _area)
    tenure = read(Column.TENURE, _tenure)
    representative = read(Column.REPRESENTATIVE, _yes_or_no)
    identity = None
    if all(part is not None for part in (name, building, unit, room)):
        identity = identity_of(str(name), str(building), str(unit), str(room))
    if errors:
        return Checked(number, None, tuple(errors), identity)
    person = Person(
        building=str(building), unit=str(unit), room=str(room), name=str(name),
        phone=None if phone is None else str(phone),
        birth_date=birth_date if isinstance(birth_date, dt.date) else None,
        area_centi_m2=area if isinstance(area, int) else None,
        tenure=tenure if isinstance(tenure, Tenure) else Tenure.OTHER,
        is_representative=bool(representative),
    )  # fmt: skip
    return Checked(number, person, (), identity)


def _line(text: str, longest: int) -> str:
    if not text:
        raise _CellError("empty", "不能为空")
    if len(text) > longest:
        raise _CellError("too_long", f"最多 {longest} 个字")
    if _UNPRINTABLE.search(text):
        raise _CellError("unprintable", "含有无法显示的字符")
    return text


def _whole_number(text: str) -> str:
    """Spreadsheets turn room 301 into 301.0."""
    return text[:-2] if re.fullmatch(r"[0-9]+\.0", text) else text


def _phone(text: str) -> str | None:
    text = re.sub(r"[\s-]", "", _whole_number(text)).removeprefix("+86")
    if text == "":
        return None
    if not _MOBILE.fullmatch(text):
        raise _CellError("phone_malformed", "应为 11 位手机号")
    return text


def _birth_date(text: str, today: dt.date) -> dt.date | None:
    if text == "":
        return None
    match = _DATE.fullmatch(_whole_number(text))
    try:
        date = dt.date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        date = None
    if date is None or not dt.date(1900, 1, 1) <= date <= today:
        raise _CellError("date_malformed", "日期应如 1990-01-02")
    return date


def _area(text: str) -> int | None:
    text = text.removesuffix("㎡").removesuffix("m2").removesuffix("平方米").strip()
    if text == "":
        return None
    match = _AREA.fullmatch(text)
    if match is None:
        raise _CellError("area_malformed", "面积应为平方米数，如 89.50")
    decimals = (match[2] or "").ljust(2, "0")
    if decimals[2:].strip("0"):
        raise _CellError("area_malformed", "面积最多两位小数")
    centi = int(match[1]) * 100 + int(decimals[:2])
    if centi == 0:
        raise _CellError("area_malformed", "面积必须大于零")
    return centi


def _tenure(text: str) -> Tenure:
    if text not in _TENURES:
        raise _CellError("tenure_unknown", "身份应为 业主、租户 或 其他")
    return _TENURES[text]


def _yes_or_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _CellError("yes_or_no", "应为 是 或 否")


def missing_columns(header: Sequence[str]) -> list[str]:
    """Needed columns that a header does not have."""
    present = {narrow(cell) for cell in header}
    return [column.value for column in NEEDED if column.value not in present]
