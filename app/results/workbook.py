"""The published result as a workbook: values alone, equal to the published ones; no formula, whatever a title says.

Its sheets: figures of the round; projects with their reasons; ballots by rank; how close each came; other rules; who is
heard, by category and by building. Amounts are yuan with two decimals.
"""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from app.core.zone import BEIJING
from app.projects.rules import category_words
from app.results import showing
from app.results.schemas import ExplanationOut, RepresentationOut, ResultOut, RuleComparisonOut
from app.results.service import Explained, ResultView

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | Decimal | dt.datetime | None

_MONEY, _COUNT, _MOMENT = "#,##0.00", "#,##0", "yyyy-mm-dd hh:mm"
#: What a spreadsheet might take for the beginning of a formula.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60

_PROJECT_HEADINGS = (
    ("次序", "Place"), ("项目", "Project"), ("类别", "Category"), ("入选", "In"), ("造价（元）", "Cost (yuan)"),
    ("本轮给付（元）", "Gets (yuan)"), ("累计（元）", "Cumulative (yuan)"), ("得分", "Points"), ("选它的人", "Backers"),
    ("排第一的人", "First choices"), ("到此有份的人（%）", "With something by here (%)"), ("理由", "Reason"),
    ("项目编号", "Project id"),
)  # fmt: skip
_CLOSENESS_HEADINGS = (
    ("次序", "Place"), ("项目", "Project"), ("支持者最多付得起（%）", "Backers could pay at best (%)"),
    ("支持者还剩（元）", "Backers have left (yuan)"), ("造价降到（元）即入选", "In at a cost of (yuan)"),
    ("再多几人即入选", "In with more voters"), ("两两比较胜", "Duels won"), ("两两比较负", "Duels lost"),
    ("重抽选票入选次数", "In, of the draws"), ("说明", "In words"),
)  # fmt: skip
_RIVAL_HEADINGS = (
    ("规则", "Rule"), ("入选件数", "Projects in"), ("用去（元）", "Spent (yuan)"),
    ("一件也没有的人", "Voters with nothing"), ("占（%）", "Of all (%)"), ("首选入选（%）", "First choice in (%)"),
    ("平均每人入选件数", "In, of a ballot, on average"), ("更满意公布结果的人", "Better off by the result"),
    ("更满意这个规则的人", "Better off by this rule"), ("多出的项目", "In here alone"), ("少掉的项目", "Out here"),
)  # fmt: skip
_GROUP_HEADINGS = (
    ("首选的类别", "Category"), ("人数", "Voters"), ("占（%）", "Of all (%)"), ("首选入选", "First choice in"),
    ("至少一件入选", "With something"), ("一件也没有（%）", "With nothing (%)"), ("该类用去（元）", "Spent (yuan)"),
    ("选票意愿占（%）", "Of all wishes (%)"),
)  # fmt: skip
_BUILDING_HEADINGS = (
    ("社区", "Community"), ("楼栋", "Building"), ("名册人数", "On the roll"), ("至少参加", "Took part, at least"),
    ("占（%）", "Of the roll (%)"),
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A sheet: a line that says what it is, headings, rows."""

    title: str
    about: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def xlsx(view: ResultView, found: Explained, language: str) -> bytes:
    """The workbook of a result, in ``zh...`` or ``en...``."""
    from openpyxl import Workbook  # noqa: PLC0415 - ten megabytes that a process without spreadsheets does not need

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables(view, found, language):
        _write(book.create_sheet(table.title), table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def tables(view: ResultView, found: Explained, language: str) -> list[Table]:
    """What stands in the workbook."""
    zh = language.startswith("zh")
    result = showing.result_out(view, language)
    explained = showing.explanation_out(view, found, language)
    made = [_figures(result, zh=zh), _projects(result, language, zh=zh), _ballots(view, result, zh=zh)]
    if explained.outcome is not None:
        made.append(_closeness(result, explained, zh=zh))
        made.append(_rivals(showing.comparison_out(view, found, language), result, zh=zh))
    heard = showing.representation_out(view, found, language)
    return [*made, _groups(heard, zh=zh), _buildings(heard, zh=zh)]


def _figures(result: ResultOut, *, zh: bool) -> Table:
    def say(chinese: str, english: str) -> str:
        return chinese if zh else english

    quorum = {
        None: say("意见征集，不设门槛", "none applies"),
        True: say("达到", "reached"),
        False: say("未达到", "missed"),
    }
    rows: list[tuple[str, Cell]] = [
        (say("投票", "Round"), result.title),
        (say("名册人数", "On the roll"), result.roll_size),
        (say("计入选票", "Ballots counted"), result.ballots_counted),
        (say("参加门槛", "Quorum"), quorum[result.quorum_reached]),
        (say("总金额（元）", "Budget (yuan)"), _yuan(result.budget_fen)),
        (say("已用（元）", "Spent (yuan)"), _yuan(result.spent_fen)),
        (say("至少有一项入选的人", "Voters with something"), result.voters_with_something),
        (say("首选入选的人", "Voters whose first choice is in"), result.first_choice_funded),
        (say("规则", "Rule"), f"{result.rule_name} · {result.rule} {result.rule_version}"),
        (say("抽签种子", "Seed of the lot"), result.tie_seed),
        (say("公布时间", "Announced"), _there(result.announced_at)),
        (say("公示到", "On notice until"), _there(result.notice_until)),
        (say("确认时间", "Certified"), None if result.certified_at is None else _there(result.certified_at)),
        (say("计票依据的指纹", "Digest of the inputs"), result.inputs_digest),
        (say("结果的指纹", "Digest of the outcome"), result.outcome_digest),
    ]  # fmt: skip
    return Table(
        say("结果", "Result"),
        say(
            "公布的结果；可用公开记录重新计票核对。",
            "The published result; the public record counts to the same.",
        ),
        (say("项", "Item"), say("值", "Value")),
        rows,
    )


def _projects(result: ResultOut, language: str, *, zh: bool) -> Table:
    yes, no = ("是", "否") if zh else ("yes", "no")
    categories = category_words(language)
    rows = [
        (
            each.place, each.title, categories.get(each.category, each.category), yes if each.funded else no,
            _yuan(each.cost_fen), _yuan(each.paid_fen), _yuan(each.cumulative_fen), each.points, each.backers,
            each.first_choices, None if each.served_percent is None else Decimal(each.served_percent),
            each.reason.sentence, str(each.project_id),
        )
        for each in result.projects
    ]  # fmt: skip
    about = (
        "按公布的次序；入选的在前，其余依次候补。"
        if zh
        else "In the published order: those that are in, then the reserve."
    )
    return Table("项目" if zh else "Projects", about, _said(_PROJECT_HEADINGS, zh=zh), rows)


def _ballots(view: ResultView, result: ResultOut, *, zh: bool) -> Table:
    by_id = {each["id"]: each for each in view.outcome["projects"]}
    ranks = max((len(each["by_rank"]) for each in by_id.values()), default=0)
    places = [f"排第{rank}" if zh else f"Ranked {rank}" for rank in range(1, ranks + 1)]
    rows = []
    for each in result.projects:
        counted = by_id[str(each.project_id)]["by_rank"]
        rows.append((each.place, each.title, *counted, *[0] * (ranks - len(counted)), each.backers))
    return Table(
        "选票统计" if zh else "Ballots",
        "每个项目被多少人排在第几位。" if zh else "How many ranked each project where.",
        ("次序", "项目", *places, "合计") if zh else ("Place", "Project", *places, "Together"),
        rows,
    )


def _closeness(result: ResultOut, explained: ExplanationOut, *, zh: bool) -> Table:
    titles = {each.project_id: (each.place, each.title) for each in result.projects}
    rows = [
        (
            *titles[each.project_id], _part(each.effective_support), _yuan(each.held_fen), _yuan(each.funded_at_fen),
            each.more_backers, each.wins, each.losses, each.wins_in, " ".join(each.lines),
        )
        for each in explained.projects
    ]  # fmt: skip
    about = "离入选还有多远；由完整的重新计票得出。" if zh else "How close it was, by full counts."
    return Table("差多少" if zh else "How close", about, _said(_CLOSENESS_HEADINGS, zh=zh), rows)


def _rivals(compared: RuleComparisonOut, result: ResultOut, *, zh: bool) -> Table:
    titles = {each.project_id: each.title for each in result.projects}
    mark = "、" if zh else ", "
    rows = [
        (
            each.name, len(each.projects), _yuan(each.spent_fen), each.nothing, Decimal(each.nothing_percent),
            Decimal(each.first_choice_percent), Decimal(each.mean_funded).scaleb(-3), each.prefer_this,
            each.prefer_other, mark.join(titles[one] for one in each.gained),
            mark.join(titles[one] for one in each.lost),
        )
        for each in compared.items
    ]  # fmt: skip
    about = (
        "同样的选票按别的规则会怎样，只供比较；公布的结果不变。"
        if zh
        else "What other rules would have given. It changes nothing: the result is what was announced."
    )
    return Table("规则比较" if zh else "Other rules", about, _said(_RIVAL_HEADINGS, zh=zh), rows)


def _groups(heard: RepresentationOut, *, zh: bool) -> Table:
    rows = [
        (
            each.name, each.voters, Decimal(each.percent), each.first_choice, each.with_something,
            Decimal(each.nothing_percent), _yuan(each.spent_fen), _part(each.wished),
        )
        for each in heard.groups
    ]  # fmt: skip
    about = (
        f"按首选项目的类别；少于 {heard.smallest_group} 人的不列。"
        if zh
        else f"By the category of the first choice; groups below {heard.smallest_group} voters are left out."
    )
    return Table("类别" if zh else "Categories", about, _said(_GROUP_HEADINGS, zh=zh), rows)


def _buildings(heard: RepresentationOut, *, zh: bool) -> Table:
    rows = [
        (each.community_code, each.building or "", each.on_roll, each.at_least, Decimal(each.percent))
        for each in heard.buildings
    ]
    about = (
        f"只有参加情况：选票不含楼栋。名册不到 {heard.smallest_roll} 人的不列，人数取整十。"
        if zh
        else f"Turnout alone: a ballot carries no building. Rolls below {heard.smallest_roll} are left out; in tens."
    )
    return Table("楼栋" if zh else "Buildings", about, _said(_BUILDING_HEADINGS, zh=zh), rows)


def _said(headings: Sequence[tuple[str, str]], *, zh: bool) -> list[str]:
    return [chinese if zh else english for chinese, english in headings]


# --- cells ----------------------------------------------------------------------------------------------------------


def _write(sheet: "Worksheet", table: Table) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415 - see `xlsx`
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet.append([table.about])
    sheet.append(list(table.headings))
    for row in table.rows:
        sheet.append([None] * len(table.headings))
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(sheet.max_row, column)
            if value in {None, ""}:
                continue
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # a title may begin with "=": it is text all the same
                cell.quotePrefix = value.startswith(_DANGEROUS)
                cell.alignment = Alignment(wrap_text=len(value) > _WIDEST, vertical="top")
            elif isinstance(value, dt.datetime):
                cell.number_format = _MOMENT
            else:
                cell.number_format = _COUNT if isinstance(value, int) else _MONEY
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8F5EC")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for column, cells in enumerate(sheet.iter_cols(min_row=2), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(
            max(map(_width, (cell.value for cell in cells))) + 2, _WIDEST
        )
    sheet.freeze_panes = "A3"


def _width(value: object) -> int:
    """How wide a value is; a Chinese character takes the room of two."""
    text = "" if value is None else str(value)
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)  # noqa: PLR2004 - where Chinese begins


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen).scaleb(-2)


def _part(thousandths: int | None) -> Decimal | None:
    """Thousandths as percent."""
    return None if thousandths is None else Decimal(thousandths).scaleb(-1)


def _there(at: dt.datetime) -> dt.datetime:
    """A moment as clocks in Beijing show it; a cell knows no zones."""
    return at.astimezone(BEIJING).replace(tzinfo=None)
