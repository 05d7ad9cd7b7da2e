"""A request with its evidence on A4, for the file: what the desk shows, in the words of an office."""

import datetime as dt
from collections.abc import Iterable
from html import escape

from app.access.divisions import WHOLE_COUNTRY
from app.core.money import FEN_PER_YUAN
from app.core.printing import printer
from app.core.zone import BEIJING
from app.funding.chain import Reply, StationState
from app.funding.costs import Item
from app.funding.service import CostChange, Detail, Letter, Pack
from app.funding.service.evidence import MinutesOnFile
from app.funding.words import DECISIONS_ZH, STEPS_ZH
from app.objections.rules import LEAST_OBJECTIONS
from app.projects.rules import CostKind, category_words

_REPLIES = {
    Reply.CORRECTED: "补正后再次报送", Reply.PART_ACCEPTED: "接受部分批准",
    Reply.PART_REFUSED: "说明理由，再次申请", Reply.CAME_BACK: "年度到期，自动再次申请",
}  # fmt: skip
_STATIONS = {
    StationState.DONE: "已办", StationState.NOW: "办理中", StationState.COMING: "待办", StationState.ENDED: "终止",
}  # fmt: skip
_KINDS = {
    CostKind.WORKS: "施工", CostKind.GOODS: "物资", CostKind.STAFF: "人工", CostKind.VENUE: "场地",
    CostKind.OTHER: "其他",
}  # fmt: skip
_STYLE = """
@page { size: A4; margin: 18mm 20mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt } }
body { font: 10.5pt/1.6 "Noto Sans CJK SC", "Noto Sans SC", sans-serif; color: #111 }
h1 { font-size: 17pt; margin: 0 0 1mm } h2 { font-size: 12pt; margin: 6mm 0 1.5mm; border-bottom: .4pt solid #999 }
p { margin: .8mm 0 } .small { font-size: 9pt; color: #444; word-break: break-all }
table { width: 100%; border-collapse: collapse } td, th { text-align: left; padding: 1mm 2mm 1mm 0;
border-bottom: .3pt solid #ccc; vertical-align: top; font-weight: normal } th { color: #555 }
td:first-child { white-space: nowrap; min-width: 24mm } .sum { text-align: right; white-space: nowrap }
tr { break-inside: avoid }
"""


def pdf(found: Detail, pack: Pack, *, address: str) -> bytes:
    """The sheet as a PDF.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    with printer() as lay_out:
        made: bytes = lay_out(html(found, pack, address=address)).write_pdf()
    return made


def html(found: Detail, pack: Pack, *, address: str) -> str:
    """The sheet as HTML; everything people wrote is escaped."""
    row = found.line.request
    community = found.line.community_name.removesuffix("居民委员会")
    parts = [
        f"<h1>资金申请：{escape(row.title)}</h1>",
        f"<p>{escape(community)} · 第 {row.priority} 号 · 第 {row.submission} 次报送</p>",
        _section("办理", _chain(found)),
        _section("依据", _evidence(pack, address)),
        _section("造价", _costs(pack)),
        *([_section("协议调整造价", _settled(pack.cost_changes))] if pack.cost_changes else []),
        _section("分摊", _shares(found)),
        _section("往来", _table(_letter(each) for each in found.letters)),
        f'<p class="small">{escape(row.evidence["legal_ground"])}</p>',
        f'<p class="small">申请编号 {row.id}，版本 {row.version}</p>',
    ]
    return f'<html lang="zh-CN"><head><style>{_STYLE}</style></head><body>{"".join(parts)}</body></html>'


def _section(title: str, body: str) -> str:
    return f"<h2>{title}</h2>{body}"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows of cells that are HTML already."""
    return (
        "<table>"
        + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        + "</table>"
    )


def _money(rows: Iterable[tuple[str, str, int]]) -> str:
    lines = (
        f'<tr><td>{escape(what)}</td><td>{escape(kind)}</td><td class="sum">{_yuan(fen)} 元</td></tr>'
        for what, kind, fen in rows
    )
    return "<table>" + "".join(lines) + "</table>"


def _chain(found: Detail) -> str:
    return _table(
        (STEPS_ZH[each.step], _STATIONS[each.state], _day(each.at) if each.at else "")
        for each in found.stations
    )


def _evidence(pack: Pack, address: str) -> str:
    vote = pack.vote
    rows = [
        ("投票结果", _vote(pack)),
        ("公示", f"{_day(vote.result.announced_at)} 至 {_day(vote.result.notice_until)}"),
        ("来源", _raised(pack)),
        *([("会议纪要", _minutes(pack.raised.minutes))] if pack.raised.minutes is not None else []),
        ("异议", _objections(pack.request.evidence["objections"], pack.objections_now)),
        ("受影响楼栋", escape("、".join(pack.buildings)) or "未登记"),
        ("公开文件", _files(pack, address)),
    ]
    return _table(rows)


def _vote(pack: Pack) -> str:
    vote, row, board = pack.vote, pack.request, pack.vote.board
    held = ""
    if board is not None:
        held = f"公示榜 {board.entries} 条，{'核对一致' if board.holds else '核对不一致'}。"
    return (
        f"《{escape(vote.round.title)}》第 {row.priority} 名（共 {vote.on_the_list} 件），"
        f"{row.evidence['backers']} 人选它；{vote.result.ballots_counted} 张选票，名册 {vote.result.roll_size} 人；"
        f"两套程序重数一致。{held}"
    )


def _minutes(minutes: MinutesOnFile) -> str:
    return (
        f"第 {minutes.version} 版，主持人 {escape(minutes.chair)}，记录人 {escape(minutes.recorder)}"
        f"{'，两人均已签名' if minutes.signed else ''}"
        f'<br><span class="small">摘要 {minutes.digest}</span>'
    )


def _files(pack: Pack, address: str) -> str:
    return (
        f'<span class="small">{escape(address.rstrip("/"))}/board/v1/rounds/{pack.request.round_id}/bundle.zip'
        f"<br>结果摘要 {pack.vote.result.outcome_digest}</span>"
    )


def _raised(pack: Pack) -> str:
    raised = pack.raised
    if raised.meeting is not None and raised.resolution is not None:
        said = raised.resolution
        return (
            f"{escape(raised.meeting.title)}（{_day(raised.meeting.begins_at)}）："
            f"{said.votes_for} 票赞成，{said.votes_against} 票反对，{said.abstentions} 票弃权"
        )
    if raised.endorsements is not None:
        return f"居民建议“{escape(raised.reference)}”，{raised.endorsements} 人附议"
    return escape(raised.reference) or "居委会提出"


def _objections(then: int | None, now: int | None) -> str:
    few = f"少于 {LEAST_OBJECTIONS} 件或住户太少，不公开件数"
    words = [few if each is None else f"约 {each} 户" for each in (then, now)]
    return words[0] if words[0] == words[1] else f"确认结果时{words[0]}；现在{words[1]}"


def _costs(pack: Pack) -> str:
    evidence = pack.request.evidence
    items = [
        (each["description"], _KINDS[CostKind(each["kind"])], each["amount_fen"])
        for each in evidence["cost_items"]
    ]
    kind = category_words("zh-CN")[evidence["category"]]
    return _money([*items, ("合计", kind, evidence["project_cost_fen"])])


def _settled(changes: Iterable[CostChange]) -> str:
    return "".join(_settlement(each) for each in changes)


def _settlement(change: CostChange) -> str:
    """What one agreement changed; of those who agreed, nothing is known here."""
    if change.taken_into is not None:
        follows = "新造价已写入申请。"
    elif change.released:
        follows = "协议在同意实施以后达成，申请不变。"
    else:
        follows = "申请仍按原造价；再次报送时写入新造价。"
    line = (
        f"<p>{_day(change.at)}，一份协议把造价由 {_yuan(change.cost_before_fen)} 元"
        f"改为 {_yuan(change.cost_after_fen)} 元。{follows}</p>"
    )
    rows = [(_item(each.before), _item(each.after)) for each in change.items]
    return line + (_table([("原来", "现在"), *rows]) if rows else "")


def _item(item: Item | None) -> str:
    if item is None:
        return "无"
    return f"{escape(item.description)}（{_KINDS[CostKind(item.kind)]}）{_yuan(item.amount_fen)} 元"


def _shares(found: Detail) -> str:
    row = found.line.request
    policy = row.evidence["policy"]
    rows = [
        ("居民自筹", "按办法", row.community_fen),
        (found.names[0], "按办法", row.subdistrict_fen),
        (found.names[1], "按办法", row.district_fen),
        ("合计", "申请总额", row.cost_fen),
    ]
    if row.approved_fen is not None or row.offer != row.whole:
        word = "拟付" if row.approved_fen is None else "批准"
        rows += [
            (found.names[0], word, row.offer.subdistrict_fen),
            (found.names[1], word, row.offer.district_fen),
            ("政府合计", word, row.offer.amount_fen),
        ]
    source = f"{policy['source']}，{policy['valid_from']} 起"
    if policy["division_code"] == WHOLE_COUNTRY:
        source = "没有专门规定，按通常的分摊"
    note = f'<p class="small">办法：{escape(source)}</p>'
    left_out = f"<p>不包括：{_lines(row.left_out)}</p>" if row.left_out else ""
    return _money(rows) + left_out + note


def _letter(letter: Letter) -> tuple[str, str, str]:
    side = "" if letter.side is None else STEPS_ZH[letter.side]
    who = f"{side} {escape(letter.by or '')}".strip()
    if letter.decision is not None:
        said = DECISIONS_ZH[letter.decision.decision]
        if letter.decision.amount_fen is not None:
            said += f" {_yuan(letter.decision.amount_fen)} 元"
        if letter.decision.year is not None:
            said += f"（{letter.decision.year} 年）"
    else:
        said = "报送申请" if letter.reply is None else _REPLIES[letter.reply]
    words = f"<br>{escape(letter.words)}" if letter.words else ""
    if letter.decision is not None and letter.decision.left_out:
        words += f"<br>不包括：{_lines(letter.decision.left_out)}"
    return _day(letter.at), who, said + words


def _lines(words: str) -> str:
    """What several steps have said, each on its line."""
    return "<br>".join(escape(each) for each in words.splitlines())


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, FEN_PER_YUAN)
    return f"{whole:,}.{rest:02d}"


def _day(at: dt.datetime) -> str:
    day = at.astimezone(BEIJING)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
