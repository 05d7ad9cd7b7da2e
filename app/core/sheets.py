"""Tables in files, as people send them and take them away: .xlsx, and .csv in UTF-8 or GBK.

Nobody's formula is ever evaluated here, and none is ever written: what begins like one is text.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app.core.errors import Invalid, TooLarge

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: What a cell with a formula reads as; no rule takes it for a value.
FORMULA = "=…"

MOST_COLUMNS = 60
MOST_CHARACTERS = 20_000
_MOST_UNZIPPED = 200 * 1024 * 1024
_MOST_TIMES_AS_LARGE = 200
_MOST_PARTS = 200
_WORKBOOK_BEGINS = b"PK"
_LIVE = ("=", "+", "-", "@", "\t", "\r")


class SheetUnreadable(Invalid):
    """This file cannot be read as a table. Please send .xlsx, or .csv in UTF-8 or GBK."""

    code = "sheet_unreadable"
    zh = "无法把这个文件当作表格读取。请使用 .xlsx，或者 UTF-8、GBK 编码的 .csv。"


class SheetTooLarge(TooLarge):
    """The table has more than {most_rows} rows or {most_columns} columns, or unpacks to far more than it should."""

    code = "sheet_too_large"
    zh = "表格超过 {most_rows} 行或 {most_columns} 列，或者解压后过大。"


Cell = str | int | Decimal | dt.date | None


@dataclass(frozen=True)
class Sheet:
    """A table to write: its name, its headings, its rows, and how wide the columns are."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int] = ()
    #: Columns of fen, shown as yuan; counted from 0.
    money: frozenset[int] = field(default_factory=frozenset)


def read(raw: bytes, *, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with their numbers in the file, cells as trimmed text; of a workbook the first sheet.

    Raises:
        SheetUnreadable: neither a workbook nor a table of text.
        SheetTooLarge: unzipped, or in rows or columns.
    """
    too_large = SheetTooLarge(most_rows=most_rows, most_columns=MOST_COLUMNS)
    is_workbook = raw[:2] == _WORKBOOK_BEGINS
    if is_workbook and _is_bomb(raw):
        raise too_large
    for number, cells in enumerate(_workbook_rows(raw) if is_workbook else _text_rows(raw), start=1):
        if number > most_rows or any(cells[MOST_COLUMNS:]):
            raise too_large
        yield number, cells[:MOST_COLUMNS]


def write(*sheets: Sheet) -> bytes:
    """A workbook of these tables, without a single formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - ten megabytes that a process without spreadsheets does not need
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for each in sheets:
        sheet = book.create_sheet(each.name)
        sheet.freeze_panes = "A2"
        for row, cells in enumerate([each.header, *each.rows], start=1):
            for column, value in enumerate(cells, start=1):
                cell = sheet.cell(row, column)
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                if row == 1:
                    cell.font = Font(bold=True)
                if isinstance(value, str):
                    cell.value = value
                    cell.data_type = "s"  # whatever it begins with
                    cell.quotePrefix = value.startswith(_LIVE)  # and it stays text when somebody edits it
                elif row > 1 and column - 1 in each.money and isinstance(value, int):
                    cell.value = Decimal(value).scaleb(-2)
                    cell.number_format = "#,##0.00"
                else:
                    cell.value = value
        for column, width in enumerate(each.widths, start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_rows(raw: bytes) -> Iterator[list[str]]:
    text = _decode(raw)
    delimiter = max(",\t;", key=text.split("\n", 1)[0].count)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [FORMULA if cell.lstrip().startswith("=") else _trimmed(cell) for cell in cells]
    except csv.Error as error:
        raise SheetUnreadable from error


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise SheetUnreadable


def _workbook_rows(raw: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - see `write`
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        yield from _values(book.worksheets[0].iter_rows(values_only=False))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, SyntaxError,
            AttributeError, OSError, EOFError, OverflowError, AssertionError) as error:  # fmt: skip
        # openpyxl lets whatever its parts throw pass; for us it is one thing: not a workbook
        raise SheetUnreadable from error


def _is_bomb(raw: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise SheetUnreadable from error
    unzipped = sum(part.file_size for part in parts)
    return len(parts) > _MOST_PARTS or unzipped > min(_MOST_UNZIPPED, _MOST_TIMES_AS_LARGE * len(raw))


def _values(rows: Iterable[Iterable[object]]) -> Iterator[list[str]]:
    for row in rows:
        yield [
            FORMULA if getattr(cell, "data_type", "") == "f" else _text(getattr(cell, "value", None))
            for cell in row
        ]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _trimmed(str(value))


def _trimmed(text: str) -> str:
    return text.strip()[:MOST_CHARACTERS]
