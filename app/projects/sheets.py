"""A committee's list of projects as a spreadsheet: the template, what somebody filled in, and the list to take away.

One row is one project; a row without a name is one more cost item of the project above it. What is taken away has the
same columns, so that it can be changed and sent in again.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from app.core import sheets
from app.core.money import LARGEST_AMOUNT_FEN
from app.core.sheets import Sheet
from app.projects.errors import ProjectColumnsMissing, ProjectListEmpty
from app.projects.rules import Category, CostKind, DeliveryKind, ListError, ProjectState, category_words
from app.projects.schemas import ProjectWords

MOST_PROJECTS = 200
_MOST_ROWS = 2000
_HEADER_WITHIN = 5
_MOST_ITEMS = 50
_MOST_LINE = 120
_MOST_TEXT = 20_000


class Column(StrEnum):
    """The headings."""

    TITLE = "项目名称"
    CATEGORY = "类别"
    PLACE = "地点"
    DELIVERY = "实施方式"
    DESCRIPTION = "项目说明"
    BUILDINGS = "涉及楼栋"
    REFERENCE = "来源"
    COST_KIND = "费用类别"
    COST_WORDS = "费用说明"
    AMOUNT = "金额（元）"


_NEEDED = (Column.TITLE, Column.CATEGORY, Column.DELIVERY, Column.AMOUNT)
_WIDTHS = (24, 12, 18, 10, 48, 16, 18, 10, 24, 14)

CATEGORIES: Mapping[str, Category] = {words: Category(code) for code, words in category_words("zh").items()}
DELIVERY: Mapping[str, DeliveryKind] = {
    "工程": DeliveryKind.INFRASTRUCTURE,
    "服务": DeliveryKind.SERVICE,
    "活动": DeliveryKind.ACTIVITY,
}
COSTS: Mapping[str, CostKind] = {
    "施工": CostKind.WORKS,
    "物资": CostKind.GOODS,
    "人工": CostKind.STAFF,
    "场地": CostKind.VENUE,
    "其他": CostKind.OTHER,
}
_STATES: Mapping[ProjectState, str] = {
    ProjectState.DRAFT: "草稿",
    ProjectState.PUBLISHED: "已公布",
    ProjectState.LISTED: "已列入投票",
    ProjectState.REJECTED: "未采纳",
    ProjectState.WITHDRAWN: "已撤回",
}

#: Of the row that shows how to fill in the template; it is not read.
_EXAMPLE = "示例，导入时忽略"
_HINTS = (
    "（必填，一行一个项目）", f"（必填：{'、'.join(CATEGORIES)}）", "（如：北区 3 栋前）",
    f"（必填：{'、'.join(DELIVERY)}）", "（做什么、为什么，可分段）", "（如：3栋、4栋，没有可不填）",
    "（会议、文号，不写姓名）",
    f"（{'、'.join(COSTS)}，不填为其他）", "（不填则同项目名称）",
    "（必填，如 12,000 或 1.2万；还有别的费用，另起一行只填费用三列）",
)  # fmt: skip
_EXAMPLE_ROW = (
    _EXAMPLE, "照明与安全", "北区楼道", "工程", "把楼道灯换成声控灯，共 320 盏。", "3栋、4栋", "9 月居民会议", "物资",
    "声控灯 320 盏", "38,400",
)  # fmt: skip

_AMOUNT = re.compile(r"[¥￥]?((?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,6})?)(万?)元?")
_BETWEEN = re.compile(r"[、,，;；/\s]+")


@dataclass
class Listed:
    """A project somebody wrote into a spreadsheet: what `ProjectIn` takes, and what is wrong with it."""

    row: int
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    buildings: list[str] = field(default_factory=list)
    reference: str = ""
    errors: list[dict[str, str | int]] = field(default_factory=list)

    def wrong(self, row: int, column: Column, code: ListError) -> None:
        """Note what is wrong, and where."""
        self.errors.append({"row": row, "column": column.value, "code": code.value})


Cells = Mapping[Column, str]


def template() -> bytes:
    """An .xlsx file to fill in: headings, hints, and an example row that is not read."""
    return sheets.write(Sheet("项目清单", [each.value for each in Column], [_HINTS, _EXAMPLE_ROW], _WIDTHS))


def read(raw: bytes) -> list[Listed]:
    """The projects of a file, each with what is wrong with it.

    Raises:
        SheetUnreadable, SheetTooLarge: the file.
        ProjectColumnsMissing: a needed heading is not there.
        ProjectListEmpty: nothing under the headings.
    """
    found: list[Listed] = []
    for row, cells in _rows(raw):
        title = cells.get(Column.TITLE, "")
        if title or not found:
            found.append(_project(row, title, cells))
        _add_item(found[-1], row, cells)
    if not found:
        raise ProjectListEmpty
    for each in found:
        _check_whole(each)
    return found


def write(projects: Sequence[Mapping[str, Any]]) -> bytes:
    """A list to take away, a row a cost item; the columns of the template, then where each project stands.

    Args:
        projects: fields of a project by name, with ``cost_items`` and ``buildings`` (their names).
    """
    rows: list[list[str | int | None]] = []
    for each in projects:
        first: list[str | int | None] = [
            each["title"], category_words("zh")[each["category"]], each["place"],
            _word(DELIVERY, each["delivery_kind"]), each["description"], "、".join(each["buildings"]),
            each["origin_reference"],
        ]  # fmt: skip
        last: list[str | int | None] = [each["cost_fen"], _STATES[each["state"]]]
        for number, item in enumerate(each["cost_items"]):
            cost = [_word(COSTS, item.kind), item.description, item.amount_fen]
            rows.append(
                [*(first if number == 0 else [None] * len(first)), *cost, *(last if number == 0 else [])]
            )
    header = [*(each.value for each in Column), "合计（元）", "进展"]
    amounts = frozenset({header.index(Column.AMOUNT.value), header.index("合计（元）")})
    return sheets.write(Sheet("项目清单", header, rows, [*_WIDTHS, 14, 12], amounts))


def same(title: str) -> str:
    """A title as it is compared: no blanks, no case."""
    return "".join(unicodedata.normalize("NFKC", title).lower().split())


def amount_fen(text: str) -> int | None:
    """An amount as people write it (12,000; 1.2万; ￥500元), in fen; none where it is no amount in whole fen."""
    found = _AMOUNT.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    if found is None:
        return None
    fen = Decimal(found[1].replace(",", "")) * (1_000_000 if found[2] else 100)
    return int(fen) if fen == fen.to_integral_value() else None


# --- inside -------------------------------------------------------------------------------------------------------


def _rows(raw: bytes) -> Iterable[tuple[int, Cells]]:
    names = {_heading(each.value): each for each in Column} | {"金额": Column.AMOUNT}
    header: dict[int, Column] = {}
    for number, cells in sheets.read(raw, most_rows=_MOST_ROWS):
        if not header:
            known = {names[_heading(cell)] for cell in cells if _heading(cell) in names}
            if not known.issuperset(_NEEDED):
                if number < _HEADER_WITHIN:
                    continue  # a title above the headings
                break
            header = {
                index: names[_heading(cell)] for index, cell in enumerate(cells) if _heading(cell) in names
            }
            continue
        row = {
            column: cells[index] for index, column in header.items() if index < len(cells) and cells[index]
        }
        if row and not row.get(Column.TITLE, "").startswith(("（", _EXAMPLE)):
            yield number, row
    if not header:
        raise ProjectColumnsMissing(columns=[each.value for each in _NEEDED])


def _heading(text: str) -> str:
    return re.sub(r"[\s*()]", "", unicodedata.normalize("NFKC", text))


def _project(row: int, title: str, cells: Cells) -> Listed:
    made = Listed(row, title[:_MOST_LINE])
    if not title:
        made.wrong(row, Column.TITLE, ListError.NO_PROJECT_ABOVE)
    made.values = {
        "title": _text(made, row, Column.TITLE, cells, _MOST_LINE),
        "category": _of(made, row, Column.CATEGORY, cells, CATEGORIES),
        "place": _text(made, row, Column.PLACE, cells, _MOST_LINE),
        "delivery_kind": _of(made, row, Column.DELIVERY, cells, DELIVERY),
        "description": _text(made, row, Column.DESCRIPTION, cells, _MOST_TEXT),
    }
    made.reference = _text(made, row, Column.REFERENCE, cells, _MOST_LINE)
    made.buildings = [
        name for name in _BETWEEN.split(_text(made, row, Column.BUILDINGS, cells, _MOST_TEXT)) if name
    ]
    return made


def _add_item(made: Listed, row: int, cells: Cells) -> None:
    text = cells.get(Column.AMOUNT, "")
    amount = amount_fen(text)
    if not text:
        made.wrong(row, Column.AMOUNT, ListError.MISSING)
    elif text == sheets.FORMULA:
        made.wrong(row, Column.AMOUNT, ListError.FORMULA)
    elif not amount:
        made.wrong(row, Column.AMOUNT, ListError.NOT_AN_AMOUNT)
    elif amount > LARGEST_AMOUNT_FEN:
        made.wrong(row, Column.AMOUNT, ListError.TOO_LARGE)
    kind = _of(made, row, Column.COST_KIND, {Column.COST_KIND: "其他"} | dict(cells), COSTS)
    words = _text(made, row, Column.COST_WORDS, cells, _MOST_LINE) or made.title
    made.items.append({"kind": kind, "description": words, "amount_fen": amount})


def _check_whole(made: Listed) -> None:
    """What can only be seen when all rows of a project are there."""
    if len(made.items) > _MOST_ITEMS:
        made.wrong(made.row, Column.AMOUNT, ListError.TOO_MANY)
    elif not made.errors and sum(item["amount_fen"] for item in made.items) > LARGEST_AMOUNT_FEN:
        made.wrong(made.row, Column.AMOUNT, ListError.TOO_LARGE)
    if made.errors:
        return
    try:
        ProjectWords.model_validate(made.values | {"cost_items": made.items})
    except ValidationError:  # characters that cannot be shown, line breaks in a line
        made.wrong(made.row, Column.TITLE, ListError.UNREADABLE)


def _text(made: Listed, row: int, column: Column, cells: Cells, most: int) -> str:
    text = cells.get(column, "")
    if text == sheets.FORMULA:
        made.wrong(row, column, ListError.FORMULA)
    if len(text) > most:
        made.wrong(row, column, ListError.TOO_LONG)
    return text[:most]


def _of(made: Listed, row: int, column: Column, cells: Cells, words: Mapping[str, StrEnum]) -> str | None:
    text = cells.get(column, "")
    if not text:
        made.wrong(row, column, ListError.MISSING)
    elif text not in words:
        made.wrong(row, column, ListError.UNKNOWN_WORD)
    else:
        return words[text].value
    return None


def _word(words: Mapping[str, StrEnum], value: StrEnum) -> str:
    return next(word for word, each in words.items() if each == value)
