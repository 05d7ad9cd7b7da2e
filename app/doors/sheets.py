"""A list of doors on paper, A4: room numbers and three boxes, no names, nothing of how anybody voted."""

from html import escape

from app.core import clock
from app.core.printing import printer
from app.doors.rules import Mark
from app.doors.service import Door, DoorUnit, Walk
from app.rounds.rules import Electorate

_STYLE = """
@page { size: A4; margin: 14mm 15mm 18mm; font: 9pt "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif; color: #444;
  @bottom-left { content: string(where) }
  @bottom-right { content: "第 " counter(page) " 页，共 " counter(pages) " 页" } }
* { box-sizing: border-box; margin: 0; padding: 0 }
body { font: 11pt/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei", sans-serif;
  color: #111 }
h1 { font-size: 20pt; line-height: 1.3; string-set: where content() }
.what { font-size: 12pt; margin: 1mm 0 3mm }
.how { border: .3mm solid #777; padding: 2.5mm 4mm; margin-bottom: 5mm }
.how li { margin-left: 4.5mm }
h2 { font-size: 14pt; margin: 5mm 0 1.5mm; break-after: avoid }
h2 span { font-size: 11pt; font-weight: 400; color: #333; margin-left: 3mm }
table { width: 100%; border-collapse: collapse; table-layout: fixed }
tr { break-inside: avoid }
th { text-align: left; font-size: 9.5pt; font-weight: 400; color: #333; border-bottom: .4mm solid #111;
  padding: .8mm 0 }
td { border-bottom: .2mm solid #999; height: 8.2mm; font-variant-numeric: tabular-nums }
td.room { font-size: 13pt; font-weight: 700 }
th.room, td.room { width: 20% }
.gap { width: 4%; border: 0 }
.box { display: inline-block; width: 4.2mm; height: 4.2mm; border: .3mm solid #111; vertical-align: -.6mm;
  margin-right: 1.2mm; text-align: center; font-size: 10pt; line-height: 3.9mm }
.none { color: #333 }
"""

_WORDS = {Mark.VISITED: "已访", Mark.REFUSED: "拒访", Mark.NOBODY: "无人"}
_COUNTED = {
    Electorate.PERSON: "每人一票：还有人没参与的住户都在名单上",
    Electorate.HOUSEHOLD: "每户一票",
    Electorate.OWNER: "业主记名表决：还没有表决的住房都在名单上",
}
#: Behind the door of a dwelling may live somebody who cannot decide about it.
_NOT_THE_OWNER = (
    "<li>由业主表决。住的不是业主的，请转告业主；业主可以用手机表决，也可以在书面表决票上签名。</li>"
)
_COLUMNS = 2


def pdf(walk: Walk) -> bytes:
    """The list as a file to print.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    with printer() as lay_out:
        drawn: bytes = lay_out(_html(walk)).write_pdf()
    return drawn


def _html(walk: Walk) -> str:
    closes = walk.closes_at.astimezone(clock.BEIJING)
    closing = f"{closes.year} 年 {closes.month} 月 {closes.day} 日 {closes:%H:%M}"
    now = clock.now().astimezone(clock.BEIJING)
    title = f"上门名单　{walk.building}"
    counted = _COUNTED[walk.electorate]
    owners = walk.electorate is Electorate.OWNER
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>
<style>{_STYLE}</style></head><body>
<h1>{escape(title)}</h1>
<p class="what">{escape(walk.title)}　{closing} 截止　{counted}</p>
<ul class="how"><li>只提醒、只讲怎么投，不问选什么，不代投。</li>
{_NOT_THE_OWNER if owners else ""}<li>名单上只有门牌。请不要在纸上写姓名、电话，也不要写对方说了什么。</li>
<li>截至 {now.month} 月 {now.day} 日 {now:%H:%M}，还有 {walk.counts.doors} 户。</li>
<li>截止后请把这张纸交回居委会销毁；系统里的上门记录在截止时一并删除。</li></ul>
{"".join(_unit(unit) for unit in walk.units)}
</body></html>"""


def _unit(unit: DoorUnit) -> str:
    head = f"<h2>{escape(unit.unit)}<span>{unit.counts.doors} 户</span></h2>"
    if not unit.doors:
        return head + '<p class="none">这个单元都已参与。</p>'
    headings = '<td class="gap"></td>'.join(['<th class="room">室</th><th>上门结果</th>'] * _COLUMNS)
    half = -(-len(unit.doors) // _COLUMNS)  # down the first column, then down the second
    rows = "".join(
        "<tr>"
        + '<td class="gap"></td>'.join(
            map(_door, (unit.doors[at : at + 1] + unit.doors[at + half : at + half + 1]))
        )
        + "</tr>"
        for at in range(half)
    )
    return f"{head}<table><tr>{headings}</tr>{rows}</table>"


def _door(door: Door) -> str:
    boxes = "　".join(
        f'<span class="box">{"✓" if door.mark is mark else ""}</span>{word}' for mark, word in _WORDS.items()
    )
    return f'<td class="room">{escape(door.room)}</td><td>{boxes}</td>'
