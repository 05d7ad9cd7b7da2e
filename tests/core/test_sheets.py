"""Tables in files: read as they come, written without a formula."""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from app.core import sheets
from app.core.sheets import FORMULA, Cell, Sheet, SheetTooLarge, SheetUnreadable


def workbook(*rows: list[Any]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


class TestReading:
    def test_a_workbook_and_its_text_say_the_same(self) -> None:
        rows: list[list[Any]] = [["项目", "金额"], ["路灯 ", 12.0], [None, dt.datetime(2026, 9, 1)]]  # noqa: DTZ001 - a spreadsheet knows no zone
        expected = [(1, ["项目", "金额"]), (2, ["路灯", "12"]), (3, ["", "2026-09-01"])]
        assert list(sheets.read(workbook(*rows), most_rows=9)) == expected
        for encoding in ("utf-8", "utf-8-sig", "gb18030"):
            text = "项目;金额\n路灯 ;12\n;2026-09-01\n".encode(encoding)
            assert list(sheets.read(text, most_rows=9)) == expected

    def test_a_formula_is_not_run(self) -> None:
        assert list(sheets.read(workbook(["=1+1", "=HYPERLINK(1)"]), most_rows=9)) == [(1, [FORMULA] * 2)]
        assert list(sheets.read(b"=1+1,b\n", most_rows=9)) == [(1, [FORMULA, "b"])]

    @pytest.mark.parametrize("raw", [b"PK\x03\x04 broken", b"\xff\xfe\x00\x01", b"a\x00b", b'"open'])
    def test_what_is_no_table_is_refused(self, raw: bytes) -> None:
        with pytest.raises(SheetUnreadable):
            list(sheets.read(raw, most_rows=9))

    def test_another_zip_is_no_workbook(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
        with pytest.raises(SheetUnreadable):
            list(sheets.read(out.getvalue(), most_rows=9))

    def test_it_has_an_end(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)
        for raw in (b"a\n" * 5, b"a," * 70 + b"b", out.getvalue()):
            with pytest.raises(SheetTooLarge):
                list(sheets.read(raw, most_rows=4))


class TestWriting:
    def test_nothing_in_it_is_a_formula(self) -> None:
        rows: list[list[Cell]] = [["=1+1", 1_234_567], ["+86", None], ["@x", 5], ["普通", 0]]
        made = sheets.write(Sheet("表", ["名称", "元"], rows, [20], frozenset({1})))
        book = load_workbook(io.BytesIO(made))
        assert book.sheetnames == ["表"]
        cells = list(book["表"].iter_rows(min_row=2))
        assert [cell.data_type for row in cells for cell in row] == ["s", "n"] * 4
        assert [row[0].value for row in cells] == ["=1+1", "+86", "@x", "普通"]
        assert [row[0].quotePrefix for row in cells] == [True, True, True, False]
        assert [row[1].value for row in cells] == [12345.67, None, 0.05, 0]
        # and it is read back as it was
        assert next(iter(dict(sheets.read(made, most_rows=9)).values())) == ["名称", "元"]
