"""A report as a workbook, a sheet a topic: the figures of the API as numbers, and no formula.

Amounts are yuan with two decimals, shares percent. What may not be said is empty.
"""

from decimal import Decimal

from app.core import sheets
from app.core.sheets import Cell, Sheet
from app.core.zone import BEIJING
from app.projects.rules import category_words
from app.reports import words
from app.reports.schemas import BallotDoors, StageSum, TurnoutSum, YearReport
from app.reports.words import Words

Rows = list[list[Cell]]

_TURNOUT: tuple[Words, ...] = (
    ("计入的投票", "Rounds counted"), ("参加人次", "Took part"), ("名册人次", "On the rolls"),
    ("参加率（%）", "Of the rolls (%)"), ("含取整到十的下限", "Partly in tens, rounded down"),
)  # fmt: skip
_DOORS: tuple[Words, ...] = (
    ("本人登录", "Own sign-in"), ("一次性投票码", "One-time code"), ("协助投票", "With help"), ("纸质票", "Paper"),
)  # fmt: skip


def xlsx(report: YearReport, language: str) -> bytes:
    """The workbook of a report, in ``zh...`` or ``en...``."""
    zh = language.startswith("zh")
    return sheets.write(
        _summary(report, zh=zh), _places(report, zh=zh), _rounds(report, zh=zh),
        _priorities(report, language, zh=zh), _kinds(report, zh=zh), _money(report, language, zh=zh),
        _answers(report, zh=zh), _negotiations(report, zh=zh),
    )  # fmt: skip


def _say(*said: Words, zh: bool) -> list[str]:
    return [chinese if zh else english for chinese, english in said]


def _one(said: Words, *, zh: bool) -> str:
    return said[0 if zh else 1]


def _sheet(
    name: Words, header: tuple[Words, ...], rows: Rows, *, zh: bool, money: tuple[int, ...] = ()
) -> Sheet:
    return Sheet(
        _one(name, zh=zh), _say(*header, zh=zh), rows, widths=[32, *[16] * (len(header) - 1)],
        money=frozenset(money),
    )  # fmt: skip


def _summary(report: YearReport, *, zh: bool) -> Sheet:
    turnout, about = report.participation.turnout, report.negotiations
    facts: list[tuple[Words, Cell]] = [
        (("地方", "Place"), report.division.name or _one(("全国", "the whole country"), zh=zh)),
        (("代码", "Code"), report.division.code),
        (("年份", "Year"), report.year),
        (("数据时间", "As of"), f"{report.as_of.astimezone(BEIJING):%Y-%m-%d %H:%M}"),
        (("使用本系统的社区", "Communities"), report.communities),
        (("户数", "Households"), report.households),
        (("计入的投票", "Rounds counted"), turnout.rounds),
        (("参加人次", "Took part"), turnout.taken_part),
        (("名册人次", "On the rolls"), turnout.on_roll),
        (("参加率（%）", "Of the rolls (%)"), _decimal(turnout.percent)),
        (("资金申请", "Funding requests"), report.money.requests),
        (("申请金额（元）", "Asked for (yuan)"), _yuan(report.money.asked_fen)),
        (("批准金额（元）", "Approved (yuan)"), _yuan(report.money.approved_fen)),
        (("候补项目", "Projects in reserve"), report.money.in_reserve),
        (("异议，约", "Objections, about"), about.objections),
        (("达成协议，约（%）", "Settled, about (%)"), about.settled_percent),
        (("意愿依据的选票", "Ballots behind the wishes"), report.wishes_of),
    ]  # fmt: skip
    rows: Rows = [[_one(name, zh=zh), value] for name, value in facts]
    return _sheet(("概况", "Summary"), (("项", "Item"), ("值", "Value")), rows, zh=zh)


def _places(report: YearReport, *, zh: bool) -> Sheet:
    rows: Rows = [
        [each.name, each.code, each.communities, each.households, *_turnout(each.turnout, zh=zh)]
        for each in report.participation.parts
    ]
    header = (
        ("地方", "Place"), ("代码", "Code"), ("社区", "Communities"), ("户数", "Households"), *_TURNOUT,
    )  # fmt: skip
    return _sheet(("各地参与", "Places"), header, rows, zh=zh)


def _rounds(report: YearReport, *, zh: bool) -> Sheet:
    rows: Rows = [
        [
            each.title, f"{each.closes_at.astimezone(BEIJING):%Y-%m-%d}",
            _one(words.ROUND_STATES[each.status], zh=zh), each.communities,
            *_turnout(each.turnout, zh=zh)[1:], *_doors(each.doors),
        ]
        for each in report.participation.rounds
    ]  # fmt: skip
    header = (
        ("投票", "Round"), ("截止", "Closes"), ("状态", "State"), ("社区", "Communities"), *_TURNOUT[1:], *_DOORS,
    )  # fmt: skip
    return _sheet(("各次投票", "Rounds"), header, rows, zh=zh)


def _priorities(report: YearReport, language: str, *, zh: bool) -> Sheet:
    names = category_words(language)
    rows: Rows = [
        [
            names[each.category], each.listed, each.funded, each.first_choices, each.paid_fen, _part(each.paid),
            _part(each.wished),
        ]
        for each in report.priorities
    ]  # fmt: skip
    header = (
        ("类别", "Category"), ("上票项目", "On lists"), ("入选项目", "Funded"), ("排第一的选票", "First choices"),
        ("本年投票给付（元）", "Given by the rounds (yuan)"), ("占给付（%）", "Of all given (%)"),
        ("占选票意愿（%）", "Of all wishes (%)"),
    )  # fmt: skip
    return _sheet(("优先事项", "Priorities"), header, rows, zh=zh, money=(4,))


def _kinds(report: YearReport, *, zh: bool) -> Sheet:
    rows: Rows = [
        [
            _one(words.KINDS[each.kind], zh=zh), each.paid_fen, _part(each.paid), _part(each.wished),
            each.approved_fen, _part(each.approved),
        ]
        for each in report.kinds
    ]  # fmt: skip
    header = (
        ("方式", "Kind"), ("本年投票给付（元）", "Given by the rounds (yuan)"), ("占给付（%）", "Of all given (%)"),
        ("占选票意愿（%）", "Of all wishes (%)"), ("已批准（元）", "Approved (yuan)"),
        ("占批准（%）", "Of all approved (%)"),
    )  # fmt: skip
    return _sheet(("工程、服务与活动", "Works and activities"), header, rows, zh=zh, money=(1, 4))


def _money(report: YearReport, language: str, *, zh: bool) -> Sheet:
    names = category_words(language)
    whole = _one(("全部类别", "All categories"), zh=zh)
    rows: Rows = [
        *(_stage(whole, each, zh=zh) for each in report.money.stages),
        *(
            _stage(names[line.category], each, zh=zh)
            for line in report.money.categories
            for each in line.stages
            if each.requests
        ),
    ]
    header = (
        ("类别", "Category"), ("阶段", "Stage"), ("申请件数", "Requests"), ("申请金额（元）", "Asked for (yuan)"),
        ("批准金额（元）", "Approved (yuan)"),
    )  # fmt: skip
    return _sheet(("资金", "Money"), header, rows, zh=zh, money=(3, 4))


def _stage(name: str, each: StageSum, *, zh: bool) -> list[Cell]:
    return [name, _one(words.STAGES[each.stage], zh=zh), each.requests, each.asked_fen, each.approved_fen]


def _answers(report: YearReport, *, zh: bool) -> Sheet:
    rows: Rows = [
        [
            _one(words.WAITING[each.waiting_for], zh=zh), each.answered, each.waiting, each.overdue,
            each.median_days, each.ninetieth_days,
        ]
        for each in report.answers
    ]  # fmt: skip
    header = (
        ("等什么", "Waiting for"), ("已答复", "Answered"), ("还在等", "Waiting"), ("其中逾期", "Overdue"),
        ("半数不超过（天）", "Median (days)"), ("九成不超过（天）", "90th percentile (days)"),
    )  # fmt: skip
    return _sheet(("办理时间", "Response times"), header, rows, zh=zh)


def _negotiations(report: YearReport, *, zh: bool) -> Sheet:
    found = report.negotiations
    stage, state = _say(("进展", "stage"), ("结果", "outcome"), zh=zh)
    rows: Rows = [
        *(_cases(stage, words.CASE_STAGES[one.stage], one.objections, zh=zh) for one in found.by_stage),
        *(_cases(state, words.CASE_STATES[one.state], one.objections, zh=zh) for one in found.by_state),
    ]  # fmt: skip
    header = (("按", "By"), ("情况", "Where they are"), ("异议，约", "Objections, about"))
    return _sheet(("异议协商", "Negotiations"), header, rows, zh=zh)


def _cases(by: str, where: Words, objections: int | None, *, zh: bool) -> list[Cell]:
    return [by, _one(where, zh=zh), objections]


# --- cells ----------------------------------------------------------------------------------------------------------


def _turnout(found: TurnoutSum, *, zh: bool) -> list[Cell]:
    in_tens = _one(("是", "yes"), zh=zh) if found.at_least else None
    return [found.rounds, found.taken_part, found.on_roll, _decimal(found.percent), in_tens]


def _doors(found: BallotDoors | None) -> list[Cell]:
    if found is None:
        return [None] * len(_DOORS)
    return [found.own, found.with_code, found.assisted, found.on_paper]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _part(thousandths: int | None) -> Decimal | None:
    """Thousandths as percent."""
    return None if thousandths is None else Decimal(thousandths).scaleb(-1)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)
