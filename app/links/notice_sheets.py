"""A public notice as an A4 sheet: laid out in the largest type with which it fits on one page, or on two."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from app.core.canonical import sha256_hex
from app.core.printing import printer
from app.core.recent import Recent
from app.core.zone import BEIJING
from app.links.service import NoticeTable, WallNotice

_STYLE = """
@page { size: A4; margin: 18mm 22mm 16mm; @bottom-right { content: counter(page) " / " counter(pages);
  font: 8pt "Noto Sans CJK SC", sans-serif; color: #555 } }
* { box-sizing: border-box; margin: 0; padding: 0 }
body { font: SIZEpt/1.65 "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", serif; color: #111 }
h1 { font: 700 1.85em/1.35 "Noto Sans CJK SC", "Source Han Sans SC", "SimHei", sans-serif; text-align: center }
h1 span { display: block }
.issuer { text-align: center; font-size: .88em; color: #444; margin: .7em 0 1.4em }
p { text-indent: 2em; margin-bottom: .35em }
h2 { font: 700 1em/1.5 "Noto Sans CJK SC", "SimHei", sans-serif; margin: .9em 0 .35em; break-after: avoid }
table { width: 100%; border-collapse: collapse; font: .84em/1.45 "Noto Sans CJK SC", "SimHei", sans-serif;
  font-variant-numeric: tabular-nums; margin-bottom: .7em }
th, td { border: .3mm solid #333; padding: .28em .5em; text-align: left; vertical-align: top }
th { background: #f0f0f0; white-space: nowrap }
td.number, th.number { text-align: right; white-space: nowrap }
td.first { text-align: center; white-space: nowrap }
td.name { min-width: 8.5em }
td.widest { width: 42% }
tr { break-inside: avoid }
.seal { text-align: right; margin: 1.2em 0 1.4em; text-indent: 0; line-height: 1.9 }
footer { border-top: .3mm solid #777; padding-top: .9em; display: flex; justify-content: space-between; gap: 6mm;
  break-inside: avoid; font: .82em/1.6 "Noto Sans CJK SC", "SimHei", sans-serif }
footer p { text-indent: 0; margin: 0; text-align: left }
footer .record { font-size: .8em; color: #333; margin-top: .5em; word-break: break-all }
footer img { width: 30mm; height: 30mm; flex: none }
footer b { letter-spacing: .12em }
footer .en { color: #444; margin-top: .4em; font-size: .9em }
.void { text-align: center; font: 700 1.2em "Noto Sans CJK SC", sans-serif; text-indent: 0; border: .6mm solid #111;
  padding: .3em; margin-bottom: 1em }
"""
#: Type sizes in points, the largest first.
_SIZES = ("12", "10.5", "9")
_PAGES = 2

#: By what they say: drawing one takes a second.
_KEPT = 16
_drawn: Recent[str, bytes] = Recent(_KEPT)


def pdf(notice: WallNotice, *, public_url: str) -> bytes:
    """The sheet; a notice that says the same is drawn once.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    html = _html(notice, public_url.rstrip("/"))
    return _drawn.get(sha256_hex(html.encode()), lambda: _draw(html))


def qr(code: str, *, public_url: str) -> str:
    """The picture of a code's address, as it stands on the sheet."""
    import segno  # noqa: PLC0415 - only who prints needs it

    url = f"{public_url.rstrip('/')}/q/{code}"
    picture: str = segno.make_qr(url, error="m").svg_data_uri(border=1, scale=4)
    return picture


def _draw(html: str) -> bytes:
    """One page in the largest type with which it fits; else two; else as many as it takes, in the smallest."""
    with printer() as lay_out:
        documents = []
        for size in _SIZES:
            document = lay_out(html.replace("SIZEpt", f"{size}pt", 1))
            documents.append(document)
            if len(document.pages) == 1:
                break
        fitting = [each for each in documents if len(each.pages) <= _PAGES]
        best = documents[-1] if len(documents[-1].pages) == 1 or not fitting else fitting[0]
        drawn: bytes = best.write_pdf()
    return drawn


def _html(notice: WallNotice, public_url: str) -> str:
    first, second = notice.title
    typed = f"{urlsplit(public_url).netloc}/q/{notice.code}"
    void = '<p class="void">本结果已宣布作废，本公示应当撤下</p>' if notice.void else ""
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<title>{escape(first + second)}</title><style>{_STYLE}</style></head><body>
{void}<h1><span>{escape(first)}</span><span>{escape(second)}</span></h1>
<p class="issuer">{escape(notice.issuer)} · 公示编号 {escape(notice.number)}</p>
{_paragraphs(notice.opening)}{"".join(_table(each) for each in notice.tables)}{_paragraphs(notice.closing)}
<p class="seal">{escape(notice.issuer)}（章）<br>{escape(notice.signed_on)}</p>
<footer><div>{_paragraphs(notice.contacts)}
<p>短码：打开 {escape(typed)}，或在“共议”里输入 <b>{escape(notice.code)}</b></p>
<p class="en" lang="en">Scan the code for the result, the reasons and the public record; it hangs out until
{notice.hangs_until.astimezone(BEIJING):%Y-%m-%d}.</p>
<div class="record">{_paragraphs(notice.record)}</div></div>
<img src="{qr(notice.code, public_url=public_url)}" alt=""></footer></body></html>"""


def _paragraphs(lines: Sequence[str]) -> str:
    return "".join(f"<p>{escape(each)}</p>" for each in lines)


def _table(table: NoticeTable) -> str:
    def style(column: int) -> str:
        if column in table.numbers:
            return ' class="number"'
        return (
            ' class="first"'
            if column == 0
            else ' class="widest"'
            if column == table.widest
            else ' class="name"'
        )

    head = "".join(
        f"<th{style(at) if at in table.numbers else ''}>{escape(each)}</th>"
        for at, each in enumerate(table.columns)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{style(at)}>{escape(each)}</td>" for at, each in enumerate(row)) + "</tr>"
        for row in table.rows
    )
    heading = f"<h2>{escape(table.heading)}</h2>" if table.heading else ""
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
