"""Roster files: read as people send them, .xlsx and .csv in UTF-8 or GBK; no formula is evaluated, none is written."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from app.residents.errors import (
    RosterColumnsMissing,
    RosterEmpty,
    RosterFileTooLarge,
    RosterFileUnreadable,
)
from app.residents.rules import (
    FORMULA,
    TICK_ROWS,
    Column,
    ResidentSource,
    Tenure,
    masked_birth,
    masked_home,
    masked_name,
    masked_phone,
    missing_columns,
    narrow,
)
from app.residents.service import ListedPerson

LARGEST_ROWS = 200_000
LARGEST_COLUMNS = 60
LARGEST_CELL = 500
LARGEST_UNZIPPED = 200 * 1024 * 1024
LARGEST_RATIO = 200
LARGEST_PARTS = 200
HEADER_WITHIN = 5

EXAMPLE = ("示例，导入时忽略", "1单元", "0301", "王小明", "13800138000", "1990-01-02", "89.50", "业主", "是")
_HINTS = (
    "必填", "没有可不填", "必填", "必填", "11 位，可不填", "如 1990-01-02，可不填", "平方米，可不填",
    "业主/租户/其他", "是/否",
)  # fmt: skip

_MASKED_HEADER = ("楼栋单元", "姓名", "手机", "出生年", "身份", "户代表", "来源")
_FULL_HEADER = (*(column.value for column in Column), "来源")
_TENURE_WORDS = {Tenure.OWNER: "业主", Tenure.TENANT: "租户", Tenure.OTHER: "其他"}
_SOURCE_WORDS = {ResidentSource.ROSTER: "名册", ResidentSource.REGISTRATION: "自行登记"}
#: What a spreadsheet might run.
_LIVE = ("=", "+", "-", "@", "\t", "\r")

Rows = list[tuple[int, Mapping[Column, str]]]


def template() -> bytes:
    """An .xlsx file to fill in: headings, hints, one example row that the import ignores."""
    from openpyxl import Workbook  # noqa: PLC0415 - ten megabytes that a process without rosters does not need
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名册"
    sheet.append([column.value for column in Column])
    sheet.append([f"（{hint}）" for hint in _HINTS])
    sheet.append(list(EXAMPLE))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter in "ABCDEFGHI":
        sheet.column_dimensions[letter].width = 18
        for row in range(1, 4):
            sheet[f"{letter}{row}"].number_format = "@"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(  # noqa: C901 - one pass over one table, step by step
    raw: bytes, *, tick: Callable[[int], None] = lambda _: None
) -> Rows:
    """The rows of a roster with their numbers in the file; ``tick`` is told now and then how many were read.

    Raises:
        RosterFileUnreadable: neither a workbook nor a table of text.
        RosterFileTooLarge: unzipped, or in rows or columns.
        RosterColumnsMissing: a needed heading is not there.
        RosterEmpty: nothing under the headings.
    """
    if not raw:
        raise RosterEmpty
    table = _workbook_rows(raw) if raw[:2] == b"PK" else _text_rows(raw)
    header: dict[int, Column] = {}
    names = {column.value: column for column in Column}
    found: Rows = []
    missing: list[str] = [column.value for column in Column][:1]
    for number, cells in table:
        if not any(cells):
            continue
        if not header:
            missing = missing_columns(cells)
            if missing and number < HEADER_WITHIN:
                continue  # a title above the headings
            if missing:
                break
            header = {index: names[narrow(cell)] for index, cell in enumerate(cells) if narrow(cell) in names}
            continue
        row = {column: cells[index] for index, column in header.items() if index < len(cells)}
        building = row.get(Column.BUILDING, "")
        if not any(row.values()) or building.startswith(("（", EXAMPLE[0])):
            continue
        if len(found) >= LARGEST_ROWS:
            raise RosterFileTooLarge(reason=f"more than {LARGEST_ROWS} rows")
        found.append((number, row))
        if len(found) % TICK_ROWS == 0:
            tick(len(found))
    if not header:
        raise RosterColumnsMissing(columns=missing)
    if not found:
        raise RosterEmpty
    return found


def _text_rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decode(raw)
    delimiter = max(",\t;", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if len(cells) > LARGEST_COLUMNS:
                raise RosterFileTooLarge(reason=f"more than {LARGEST_COLUMNS} columns")
            yield (
                reader.line_num,
                [FORMULA if cell.lstrip().startswith("=") else cell.strip()[:LARGEST_CELL] for cell in cells],
            )
    except csv.Error as error:
        raise RosterFileUnreadable(reason=f"line {reader.line_num}: {error}") from error


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise RosterFileUnreadable(reason="the text is neither UTF-8 nor GBK")


def _workbook_rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - see `template`
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    _refuse_bombs(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(_values(sheet.iter_rows(values_only=True)), start=1):
            if len(cells) > LARGEST_COLUMNS and any(cells[LARGEST_COLUMNS:]):
                raise RosterFileTooLarge(reason=f"more than {LARGEST_COLUMNS} columns")  # noqa: TRY301
            yield number, cells[:LARGEST_COLUMNS]
    except (RosterFileTooLarge, GeneratorExit):
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, SyntaxError,
            AttributeError, OSError, EOFError, OverflowError, AssertionError) as error:  # fmt: skip
        # openpyxl lets whatever its parts throw pass; for us it is one thing: not a workbook
        raise RosterFileUnreadable(reason="the workbook is damaged") from error


def _refuse_bombs(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise RosterFileUnreadable(reason="the workbook is damaged") from error
    unzipped = sum(part.file_size for part in parts)
    if (
        len(parts) > LARGEST_PARTS
        or unzipped > LARGEST_UNZIPPED
        or unzipped > LARGEST_RATIO * max(len(raw), 1)
    ):
        raise RosterFileTooLarge(reason="the workbook unpacks to far more than it should")


def _values(rows: Iterable[Iterable[object]]) -> Iterator[list[str]]:
    for row in rows:
        yield [_text(value) for value in row]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "ref"):  # a formula over many cells
        return FORMULA
    text = str(value).strip()[:LARGEST_CELL]
    return FORMULA if text.startswith("=") else text


def listing(people: Sequence[ListedPerson], *, masked: bool) -> bytes:
    """An .xlsx file of residents: masked, or in full under the headings of a roster. No cell is ever a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - see `template`
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("居民")
    header, row_of = (_MASKED_HEADER, _masked_row) if masked else (_FULL_HEADER, _full_row)
    for number, _ in enumerate(header):
        sheet.column_dimensions["ABCDEFGHIJ"[number]].width = 16
    rows = [row_of(each) for each in people]
    if masked:  # within a stairwell the order of the rooms would say who lives in which
        stairs = {row[0]: at for at, row in reversed([*enumerate(rows)])}
        rows.sort(key=lambda row: (stairs[row[0]], row))
    for cells in (header, *rows):
        written = []
        for text in cells:
            cell = WriteOnlyCell(sheet, value=text)
            if text:
                cell.data_type = "s"  # whatever it begins with
            if text.startswith(_LIVE):
                cell.quotePrefix = True  # and it stays text when somebody edits it
            written.append(cell)
        sheet.append(written)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _masked_row(each: ListedPerson) -> tuple[str, ...]:
    return (
        masked_home(each.dwelling.building, each.dwelling.unit), masked_name(each.name),
        masked_phone(each.phone) or "", masked_birth(each.birth_date) or "", _TENURE_WORDS[each.tenure],
        "是" if each.is_representative else "否", _SOURCE_WORDS[each.source],
    )  # fmt: skip


def _full_row(each: ListedPerson) -> tuple[str, ...]:
    area = each.area_centi_m2
    return (
        each.dwelling.building, each.dwelling.unit, each.dwelling.room, each.name, each.phone or "",
        each.birth_date or "", "" if area is None else f"{area // 100}.{area % 100:02d}",
        _TENURE_WORDS[each.tenure], "是" if each.is_representative else "否", _SOURCE_WORDS[each.source],
    )  # fmt: skip
