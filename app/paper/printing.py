"""Ballot sheets as an A4 PDF in large type, a sheet for each serial, all alike but for that.

The sheet is laid out once and stamped with each serial: laying it out five hundred times would take a minute and more.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from app.core.printing import printer
from app.core.zone import BEIJING
from app.paper.rules import printed_serial
from app.rounds.rules import PaperPolicy

if TYPE_CHECKING:
    import pydyf


@dataclass(frozen=True)
class PrintedProject:
    """A line of the frozen list."""

    number: int
    title: str
    place: str
    cost_fen: int
    exclusive_group: int | None
    forced_in: bool


@dataclass(frozen=True)
class Sheets:
    """All that stands on the sheets of a batch."""

    title: str
    community: str
    batch: int
    policy: PaperPolicy
    max_rank: int
    budget_fen: int | None
    closes_at: dt.datetime
    frozen_digest: str
    projects: Sequence[PrintedProject]
    serials: Sequence[str]


def pdf(sheets: Sheets) -> bytes:
    """The sheets of a batch, one after the other; a long list goes on overleaf, with the serial on every page.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    style = f"<style>{_STYLE}</style>"
    stamps = "".join(_stamp(serial) for serial in sheets.serials)
    with printer() as lay_out:
        size, pages = _fitted(sheets, lambda body: len(lay_out(style + body).pages))
        document = lay_out(style + _sheet(sheets, size=size, pages=pages) + stamps)
        made: bytes = document.write_pdf(
            finisher=lambda _, made: _stamp_all(made, stamps=len(sheets.serials))
        )
    return made


def _stamp_all(made: "pydyf.PDF", *, stamps: int) -> None:
    """Replace the pages by one copy of the sheet for each stamp; what they show is stored once."""
    import pydyf  # noqa: PLC0415

    kids = [made.objects[number] for number in made.pages["Kids"][::3]]
    sheet, stamped = kids[:-stamps], kids[-stamps:]
    save, restore = pydyf.Stream([b"q"]), pydyf.Stream([b"Q"])
    made.add_object(save)
    made.add_object(restore)
    made.pages["Kids"], made.pages["Count"] = pydyf.Array(), 0
    for stamp in stamped:
        for page in sheet:
            contents = [
                save.reference, page["Contents"], restore.reference,
                save.reference, stamp["Contents"], restore.reference,
            ]  # fmt: skip
            made.add_page(pydyf.Dictionary({**page, "Contents": pydyf.Array(contents)}))


def _stamp(serial: str) -> str:
    import segno  # noqa: PLC0415

    code = segno.make_qr(serial, error="m").svg_data_uri(border=0, scale=4)
    return f'<section class="stamp"><img src="{code}" alt=""><p>编号</p><b>{printed_serial(serial)}</b></section>'


def _sheet(sheets: Sheets, *, size: str, pages: int) -> str:
    ranks = min(sheets.max_rank, len(sheets.projects))
    closes = sheets.closes_at.astimezone(BEIJING)
    until = f"{closes.month} 月 {closes.day} 日 {closes:%H:%M}"
    budget = "" if sheets.budget_fen is None else f"　本轮经费 {_yuan(sheets.budget_fen)}"
    boxes = "".join(
        f'<span class="rank"><i>第{_chinese(place)}</i><u></u><i>号</i></span>'
        for place in range(1, ranks + 1)
    )
    way, handing_in = _WAYS[sheets.policy]
    unsigned = "外信封上没有签名" if sheets.policy is PaperPolicy.ONLINE_WINS else "领票时没有签名"
    over = ""
    if pages > 1:
        over = f'<p class="over">名单共 {len(sheets.projects)} 项，印了 {pages} 页，请翻过来看完再写。</p>'
    return f"""
<section class="sheet {size}">
<header><b>纸质选票</b><p>{escape(sheets.community)}　第 {sheets.batch} 批</p></header>
<h1>{escape(sheets.title)}</h1>
<ol>
<li>在方框里写项目编号，<b>最想要的写在“第一”</b>。最多写 {ranks} 个，可以少写。</li>
<li>同一个编号只写一次。写错了，到登记处换一张，写错的那张交回。</li>
<li><b>本票不记名</b>：不写姓名、房号，不做记号。</li>
<li>{way}{handing_in}（{until} 截止）</li>
</ol>
<div class="ranks">{boxes}</div>
{over}
<table>
<thead><tr><th>编号</th><th>项目</th><th>地点</th><th>造价</th></tr></thead>
<tbody>{"".join(_row(project) for project in sheets.projects)}</tbody>
</table>
<aside><p><b>这样的选票无效</b>：看不清顺序，同一编号写了两次，或写了名单上没有的编号；超过 {ranks} 个；空白；
{until} 以后交回；{unsigned}。</p>
<p>全部选票不记名公布；全轮不足 200 张时只公布并计算前三位，不足 50 张时只公布汇总。</p>
<p>Write project numbers into the boxes, the one you want most first, at most {ranks}. No name, no marks: this sheet
carries no name.</p>
<p>名单指纹 {escape(sheets.frozen_digest[:16])}{budget}</p></aside>
</section>"""


def _row(project: PrintedProject) -> str:
    notes = []
    if project.exclusive_group is not None:
        notes.append(f"第 {project.exclusive_group} 组，同组只做一项")
    if project.forced_in:
        notes.append("投票前已确定")
    note = f"<small>（{'；'.join(notes)}）</small>" if notes else ""
    return (
        f"<tr><td>{project.number}</td><td>{escape(project.title)}{note}</td><td>{escape(project.place)}</td>"
        f"<td>{_yuan(project.cost_fen)}</td></tr>"
    )


def _yuan(fen: int) -> str:
    yuan, cents = divmod(fen, 100)
    return f"{yuan:,}.{cents:02d} 元" if cents else f"{yuan:,} 元"


def _chinese(number: int) -> str:
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return (f"{digits[tens] if tens > 1 else ''}十" if tens else "") + (
        digits[ones] if ones or not tens else ""
    )


def _fitted(sheets: Sheets, pages_of: Callable[[str], int]) -> tuple[str, int]:
    """The largest type in which all stands on one page; where none does, the list goes on overleaf in the smallest.

    The smallest is still larger than a newspaper's.
    """
    for size in _SIZES:
        if pages_of(_sheet(sheets, size=size, pages=1)) == 1:
            return size, 1
    return _SIZES[-1], pages_of(_sheet(sheets, size=_SIZES[-1], pages=2))


_SIZES = ("largest", "larger", "large")

#: How the sheet is handed in, and what it means for a ballot on the phone.
_WAYS = {
    PaperPolicy.NONE: ("", "填好后投入票箱。"),
    PaperPolicy.FIRST_WINS: ("领了这张票，就不再用手机投票。", "填好后对折，投入票箱。"),
    PaperPolicy.PAPER_WINS: ("领了这张票，手机上投过的票不再计算。", "填好后对折，投入票箱。"),
    PaperPolicy.ONLINE_WINS: (
        "如果手机上也投了票，以手机上的为准，信封不拆。",
        "填好后装进信封封好，在<b>信封</b>上写房号并签名，再交回。",
    ),
}

_STYLE = """
@page { size: A4; margin: 38mm 15mm 15mm; @bottom-right { content: "第 " counter(page) " 页"; font-size: 11pt } }
@page :first { margin-top: 12mm }
@page stamp { margin: 0; @bottom-right { content: none } }
html { font-family: "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif; line-height: 1.35 }
.stamp { page: stamp; break-before: page; position: relative; height: 297mm }
.stamp img { position: absolute; top: 12mm; right: 15mm; width: 21mm }
.stamp p { position: absolute; top: 12mm; right: 40mm; margin: 0; font-size: 12pt }
.stamp b { position: absolute; top: 19mm; right: 40mm; font: bold 20pt "DejaVu Sans Mono", monospace }
header { padding-right: 80mm; height: 24mm; font-size: 13pt; line-height: 1.2 }
header b { font-size: 20pt }
header p { margin: 1mm 0 0 }
h1 { font-size: 1.45em; line-height: 1.2; margin: 0 0 2mm }
ol { margin: 0 0 3mm; padding-left: 1.5em }
li { margin: 0 0 .6mm }
.ranks { border: 1.4pt solid #000; padding: 3mm 3mm 1mm; margin: 0 0 3mm }
.rank { display: inline-block; margin: 0 2.5mm 2mm 0; white-space: nowrap }
.rank i { font-style: normal; vertical-align: middle }
.rank u { display: inline-block; width: 14mm; height: 12mm; border: 1.4pt solid #000; margin: 0 1mm;
  vertical-align: middle }
.over { margin: 0 0 1mm; font-weight: bold }
table { width: 100%; border-collapse: collapse }
th { text-align: left; border-bottom: 1.4pt solid #000; font-size: 12pt; padding: 0 1.5mm }
td { border-bottom: .5pt solid #777; padding: .5mm 1.5mm; vertical-align: top }
tr { break-inside: avoid }
td:first-child { font-weight: bold; text-align: center; width: 10mm }
td:nth-child(3) { width: 28mm }
td:last-child, th:last-child { text-align: right; white-space: nowrap; width: 24mm }
small { font-size: 11pt }
aside { break-inside: avoid; margin-top: 3mm; font-size: 12pt; line-height: 1.3 }
aside p { margin: 0 0 1mm }
.largest { font-size: 18pt }
.largest td { padding: 1.6mm 1.5mm }
.largest .rank u { width: 20mm; height: 16mm }
.largest aside { font-size: 14pt }
.larger { font-size: 15pt }
.larger td { padding: .8mm 1.5mm }
.large { font-size: 13pt }
.large td { padding: .7mm 1.5mm }
"""
