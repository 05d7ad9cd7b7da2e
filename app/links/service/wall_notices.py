"""The public notice of a result, or of an owners' decision, as it hangs on a wall: words and tables, ready to print.

It says what was announced and nothing else, in Chinese. What it rests on: Organic Law of Urban Residents' Committees,
art. 34 (to be published truthfully, for 15 days at least; queries are answered); for owners the law of their round.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import service as ballots
from app.ballots.rules import Level
from app.committees import service as committees
from app.core import clock
from app.core.zone import BEIJING
from app.links.rules import LinkKind
from app.links.service.making import codes_of
from app.links.service.targets import called
from app.places import service as places
from app.recorded import rules as recorded_rules
from app.recorded import service as recorded
from app.results import service as results
from app.results import showing
from app.results.rules import percent
from app.results.schemas import ProjectResult, ResultOut
from app.results.service import ResultView
from app.results.words import rule_name
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.matters import MATTERS
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, Electorate, KindRule, RoundKind, RoundState

_CHINESE = "zh-CN"
_CHANNEL = (
    "对结果有不同意见的，可以在公示期内向居委会或居务监督委员会提出，也可以扫码在“共议”里对项目提出异议；"
    "收到后会答复，您的姓名不会公开。"
)
#: How the law counts its items.
_ITEMS = "一二三四五六七八九"
_VOTERS = {Electorate.PERSON: "18 周岁以上居民", Electorate.HOUSEHOLD: "每户一票", Electorate.OWNER: "业主"}


@dataclass(frozen=True)
class NoticeTable:
    """A table of a notice; columns with ``numbers`` are set to the right."""

    heading: str
    columns: tuple[str, ...]
    numbers: frozenset[int]
    #: The column that takes the room the others leave.
    widest: int
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class WallNotice:
    """Everything that is printed, in the order in which it stands there."""

    round_id: uuid.UUID
    number: str
    #: Two lines of a heading.
    title: tuple[str, str]
    issuer: str
    opening: Sequence[str]
    tables: Sequence[NoticeTable]
    closing: Sequence[str]
    signed_on: str
    contacts: Sequence[str]
    #: What somebody needs who wants to check: digests, and how to count again.
    record: Sequence[str]
    code: str
    hangs_from: dt.datetime
    hangs_until: dt.datetime
    #: Declared void after it was announced: it must come down.
    void: bool


def wall_notice(session: Session, *, round_id: uuid.UUID, actor: Actor, verb: str) -> WallNotice:
    """The notice of what a round came to; its code is made on the way.

    Args:
        session: a writing session.
        round_id: of a secret or of a recorded round.
        actor: somebody who works there.
        verb: what is being done with it.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        NoResultYet: it has no announced result.
        NoDecisionYet: its votes are not counted.
    """
    row = rounds.round_(session, round_id)
    if not actor.may(verb, row.division_code):
        raise RoundNotFound
    return _of_decision(session, row) if row.kind in RECORDED_KINDS else _of_result(session, row)


# --- a result -------------------------------------------------------------------------------------------------------


def _of_result(session: Session, row: Round) -> WallNotice:
    view = results.read(session, row.id)
    result = showing.result_out(view, _CHINESE)
    law = rounds.law_of(row)
    funded = [each for each in result.projects if each.funded]
    out = [each for each in result.projects if not each.funded]
    tables = [_funded(funded)] if funded else []
    return WallNotice(
        round_id=row.id,
        number=_number(result.announced_at, code := _code(session, row, LinkKind.RESULT)),
        title=(f"关于“{row.title}”", "投票结果的公示"),
        issuer=_issuer(session, row),
        opening=_opening(row, result, law, funded),
        tables=[*tables, _left_out(out)] if out else tables,
        closing=[_counted(view, result), _period(result.announced_at, result.notice_until, law), _CHANNEL],
        signed_on=_day(result.announced_at),
        contacts=_contacts(session, row.id),
        record=_record(session, result),
        code=code,
        hangs_from=result.announced_at,
        hangs_until=result.notice_until,
        void=row.status is RoundState.VOID,
    )


def _opening(row: Round, result: ResultOut, law: KindRule, funded: Sequence[ProjectResult]) -> list[str]:
    share = percent(result.ballots_counted, result.roll_size)
    quorum = {
        None: "；本次是意见征集，不设参加人数的门槛",
        True: f"，超过半数，表决有效（{law.quorum_article}）",
        False: f"，没有超过半数，表决无效（{law.quorum_article}）",
    }[result.quorum_reached]
    money = "" if result.budget_fen is None else f"总金额 {_yuan(result.budget_fen)} 元。"
    served = percent(result.voters_with_something, result.ballots_counted)
    kind = "居民会议表决" if row.kind is RoundKind.RESIDENTS_MEETING else "意见征集"
    return [
        (
            f"{_span(row)}，就 {len(result.projects)} 个候选项目进行了排序投票（{kind}，{_VOTERS[row.electorate]}）。"
            f"名册 {result.roll_size:,} {'户' if row.electorate is Electorate.HOUSEHOLD else '人'}，"
            f"收到有效选票 {result.ballots_counted:,} 张（{share}%）{quorum}。"
        ),
        (
            f"{money}入选 {len(funded)} 件，合计 {_yuan(result.spent_fen)} 元；"
            f"{served}% 的投票人至少有一件所选的项目入选。"
        ),
    ]


def _funded(funded: Sequence[ProjectResult]) -> NoticeTable:
    return NoticeTable(
        heading="入选项目及理由",
        columns=("次序", "项目", "造价（元）", "累计（元）", "选它的人", "为什么入选"),
        numbers=frozenset({2, 3, 4}),
        widest=5,
        rows=[
            (
                str(each.place), each.title, _yuan(each.paid_fen), _yuan(each.cumulative_fen or 0),
                f"{each.backers:,}", _why(each),
            )
            for each in funded
        ],
    )  # fmt: skip


def _left_out(projects: Sequence[ProjectResult]) -> NoticeTable:
    return NoticeTable(
        heading="没有入选的项目及原因（按次序候补）",
        columns=("次序", "项目", "造价（元）", "选它的人", "为什么没有入选"),
        numbers=frozenset({2, 3}),
        widest=4,
        rows=[
            (str(each.place), each.title, _yuan(each.cost_fen), f"{each.backers:,}", _why(each))
            for each in projects
        ],
    )


def _why(project: ProjectResult) -> str:
    """The reason without the word that the table's heading says already."""
    said = project.reason.sentence
    for word in ("未入选：", "入选："):
        said = said.removeprefix(word)
    return said.removesuffix("。")


def _counted(view: ResultView, result: ResultOut) -> str:
    ties = "没有出现需要抽签的平局" if not result.ties else f"{len(result.ties)} 处平局按公布的办法处理"
    return (
        f"计票规则为“{rule_name(view.outcome, _CHINESE)}”，投票前已随名单公布；{ties}。"
        "选票由另一套独立程序重新计过，结果一致。"
    )


def _record(session: Session, result: ResultOut) -> list[str]:
    head = ballots.heads(session, result.round_id)[-1:]
    lines = [f"公示榜第 {each.size} 条，榜首 {each.root}" for each in head]
    lines.append(f"结果指纹 {result.outcome_digest}")
    again = (
        "选票不足 50 张，不逐张公布，可到居委会现场查验。"
        if result.level is Level.AGGREGATES
        else "想自己重新计票：扫码打开结果页，下载“公开记录”，其中有全部匿名选票和计票程序的用法。"
    )
    return [*lines, again]


# --- a decision of owners -------------------------------------------------------------------------------------------


def _of_decision(session: Session, row: Round) -> WallNotice:
    view = recorded.decision(session, round_id=row.id)
    made, facts = view.decision, view.row
    assert row.matter is not None
    matter = MATTERS[row.matter]
    verdict, *lines = recorded_rules.decision_lines(made, _CHINESE)
    code = _code(session, row, LinkKind.ROUND)
    tallies = (
        ("全体业主", made.all_owners), ("参加表决", made.taken_part), ("同意", made.in_favour),
        ("反对", made.against), ("弃权", made.abstained),
    )  # fmt: skip
    rows = [
        (name, f"{each.heads:,}", recorded_rules.area_words(each.area, _CHINESE)) for name, each in tallies
    ]
    return WallNotice(
        round_id=row.id,
        number=_number(facts.announced_at, code),
        title=(f"关于“{row.title}”", "业主共同决定结果的公示"),
        issuer=_issuer(session, row),
        opening=[
            (
                f"{_span(row)}，业主就以下事项进行了记名表决：{row.question}"
                f"（民法典第二百七十八条第一款第{_ITEMS[matter.item - 1]}项，{matter.zh}）。"
            ),
            f"结果：{verdict}",
        ],
        tables=[
            NoticeTable("表决情况", ("", "人数", "专有部分面积"), frozenset({1, 2}), 0, rows),
        ],
        closing=[
            *lines,
            _period(facts.announced_at, facts.notice_until, view.law),
            recorded_rules.REMEDIES["zh"],
        ],
        signed_on=_day(facts.announced_at),
        contacts=_contacts(session, row.id),
        record=[
            f"全部表决记录的指纹 {facts.record_digest}",
            "业主可以在“共议”里查看每一户的表决，并下载签名的记录核对。",
        ],
        code=code,
        hangs_from=facts.announced_at,
        hangs_until=facts.notice_until,
        void=row.status is RoundState.VOID,
    )


# --- both -----------------------------------------------------------------------------------------------------------


def _number(announced_at: dt.datetime, code: str) -> str:
    return f"{announced_at.astimezone(BEIJING):%Y%m%d}-{code}"


def _code(session: Session, row: Round, kind: LinkKind) -> str:
    target = str(row.id)
    return codes_of(session, kind=kind, division_code=row.division_code, targets=[target])[target]


def _issuer(session: Session, row: Round) -> str:
    """Whose name stands under it: the committee's, or the place's where several vote together."""
    codes = rounds.community_codes(session, row.id)
    if len(codes) == 1:
        committee = committees.read(session, community_code=codes[0])
        return committee.profile.name if committee.profile else committee.community
    return places.division(session, row.division_code).name


def _contacts(session: Session, round_id: uuid.UUID) -> list[str]:
    lines = []
    for code in rounds.community_codes(session, round_id):
        committee = committees.read(session, community_code=code)
        profile = committee.profile
        if profile is None:
            lines.append(f"{called(committee.community)}居委会：请到社区办公地点当面反映。")
            continue
        hours = f"（{profile.office_hours}）" if profile.office_hours else ""
        lines.append(f"{profile.name}：{profile.phone}{hours}　{profile.address}".rstrip("　"))
    return lines


def _period(since: dt.datetime, until: dt.datetime, law: KindRule) -> str:
    over = "（已满）" if clock.now() >= until else ""
    return (
        f"公示期 {law.publication_days} 天{over}：{_between(since, until)}，依据{law.publication_article}。"
    )


def _span(row: Round) -> str:
    return _between(row.opened_at or row.opens_at, row.closed_at or row.closes_at)


def _between(since: dt.datetime, until: dt.datetime) -> str:
    """``2026 年 12 月 1 日至 16 日``: of the end what differs from the beginning."""
    begun, ended = since.astimezone(BEIJING), until.astimezone(BEIJING)
    if begun.year != ended.year:
        return f"{_day(begun)}至 {_day(ended)}"
    month = "" if begun.month == ended.month else f"{ended.month} 月 "
    return f"{_day(begun)}至 {month}{ended.day} 日"


def _day(at: dt.datetime) -> str:
    there = at.astimezone(BEIJING)
    return f"{there.year} 年 {there.month} 月 {there.day} 日"


def _yuan(fen: int) -> str:
    whole, cents = divmod(fen, 100)
    return f"{whole:,}.{cents:02d}"
