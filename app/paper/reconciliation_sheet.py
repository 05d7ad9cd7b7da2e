"""The reconciliation sheet as A4: a table of batches, what does not add up, and room for two signatures."""

from dataclasses import fields
from html import escape

from app.core.printing import printer
from app.core.zone import BEIJING
from app.paper.rules import Void
from app.paper.service import Figures, Line, Reconciliation

VOID_WORDS = {
    Void.UNSIGNED: "无签名",
    Void.UNREADABLE: "无法辨认",
    Void.TOO_MANY_RANKS: "超出数量",
    Void.LATE: "超过截止时间",
    Void.BLANK: "空白",
}

_HEADS = (
    "批次", "印制", "领票<br>签名", "票箱内", "未发出", "写错<br>换回", "信封<br>不拆", "缺失", "领走<br>未交回",
    "已录入", "已核定",
)  # fmt: skip


def pdf(made: Reconciliation) -> bytes:
    """The sheet as a PDF.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    with printer() as lay_out:
        drawn: bytes = lay_out(_html(made)).write_pdf()
    return drawn


def _html(made: Reconciliation) -> str:
    rows = "".join(
        _row(f"第 {line.view.batch.number} 批　{line.view.batch.label}", line) for line in made.lines
    )
    at = made.made_at.astimezone(BEIJING)
    total = "".join(f"<td>{number}</td>" for number in _numbers(made.total))
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>纸质选票核对表</title>
<style>{_STYLE}</style></head><body>
<h1>纸质选票核对表</h1>
<p class="round">{escape(made.round.title)}</p>
<p>{escape("、".join(made.communities))}　{at:%Y-%m-%d %H:%M} 打印</p>
<table><thead><tr>{"".join(f"<th>{head}</th>" for head in _HEADS)}</tr></thead>
<tbody>{rows}<tr class="total"><td>合计（计票的批次）</td>{total}</tr></tbody></table>
{_sums(made.total, back=_all_back(made))}
{_notes(made)}
<p class="verdict">{"以上各批数目相符，已由两人录入并核定。" if made.adds_up else "尚未核对完毕，不能开箱。"}</p>
<div class="hands"><p>经手人签名<u></u></p><p>监督人签名<u></u></p><p>日期<u></u></p></div>
</body></html>"""


def _row(name: str, line: Line) -> str:
    if line.merged_into is not None:
        return f'<tr class="out"><td>{escape(name)}</td><td colspan="10">已并入第 {line.merged_into} 批</td></tr>'
    numbers = [str(number) for number in _numbers(line.figures)]
    if line.view.batch.used is None:
        numbers = [*numbers[:2], *(["—"] * (len(numbers) - 2))]
    cells = "".join(f"<td>{number}</td>" for number in numbers)
    out = "" if line.counts else ' class="out"'
    return f"<tr{out}><td>{escape(name)}</td>{cells}</tr>"


def _sums(total: Figures, *, back: bool) -> str:
    """The two sums by which sheets are accounted for; they are shown whether they hold or not."""
    printed = total.used + total.unused + total.spoilt + total.unopened + total.missing
    signed = total.used + total.unopened + total.not_handed_in
    late = "" if back else "（有批次尚未交回）"
    return (
        f'<p class="sum">印制 {total.printed} {_equals(total.printed, printed)} 票箱内 {total.used} ＋ '
        f"未发出 {total.unused} ＋ 写错换回 {total.spoilt} ＋ 信封不拆 {total.unopened} ＋ "
        f"缺失 {total.missing}{late}</p>"
        f'<p class="sum">领票签名 {total.signed_in} {_equals(total.signed_in, signed)} 票箱内 {total.used} ＋ '
        f"信封不拆 {total.unopened} ＋ 领走未交回 {total.not_handed_in}</p>"
    )


def _equals(one: int, other: int) -> str:
    return "＝" if one == other else "≠"


def _numbers(figures: Figures) -> list[int]:
    return [getattr(figures, one.name) for one in fields(Figures)]


def _all_back(made: Reconciliation) -> bool:
    return all(line.view.batch.used is not None for line in made.lines if line.counts)


def _notes(made: Reconciliation) -> str:
    lines = []
    for line in made.lines:
        batch = line.view.batch
        said = [each.zh for each in line.findings]
        if batch.missing_reason:
            said.append(f"缺失原因：{batch.missing_reason}")
        if batch.set_aside_by is not None:
            said.append(f"整批搁置，不计票。原因：{batch.set_aside_reason}")
        if line.void is not None and (void := {reason: n for reason, n in line.void.items() if n}):
            words = "，".join(f"{VOID_WORDS[reason]} {number} 张" for reason, number in void.items())
            said.append(f"无效票 {sum(void.values())} 张：{words}")
        lines += [f"<li>第 {batch.number} 批：{escape(each)}</li>" for each in said]
    return f"<ul>{''.join(lines)}</ul>" if lines else ""


_STYLE = """
@page { size: A4; margin: 16mm 14mm; @bottom-right { content: "第 " counter(page) " 页"; font-size: 9pt } }
html { font: 10.5pt/1.5 "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif }
h1 { font-size: 18pt; margin: 0 0 1mm; text-align: center }
.round { font-size: 13pt; font-weight: bold; margin: 0 0 1mm; text-align: center }
p { margin: 0 0 2mm }
table { width: 100%; border-collapse: collapse; table-layout: fixed; margin: 3mm 0; font-size: 9.5pt }
th, td { border: .5pt solid #555; padding: 1mm 1.2mm; text-align: right; vertical-align: top }
th { font-weight: bold; text-align: center }
th:first-child, td:first-child { text-align: left; width: 40mm }
tr { break-inside: avoid }
.total td { font-weight: bold }
.out td { color: #555 }
.sum { font-size: 11pt }
ul { margin: 2mm 0; padding-left: 5mm }
.verdict { font-size: 12pt; font-weight: bold; margin-top: 4mm }
.hands { margin-top: 12mm; break-inside: avoid }
.hands p { display: inline-block; margin-right: 5mm; font-size: 11pt }
.hands u { display: inline-block; width: 28mm; border-bottom: .6pt solid #000; text-decoration: none }
"""
