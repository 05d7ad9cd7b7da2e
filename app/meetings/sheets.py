"""Minutes on paper, A4: what was said, what was voted on, who signed, and how anybody can check it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.core.canonical import sha256_hex
from app.core.printing import printer
from app.core.recent import Recent
from app.core.zone import BEIJING
from app.meetings.rules import MeetingKind, MinutesState, SigningPart
from app.meetings.service import MeetingView, MinutesView, ResolutionView

_KINDS = {
    MeetingKind.RESIDENTS: "居民会议",
    MeetingKind.REPRESENTATIVES: "居民代表会议",
    MeetingKind.COUNCIL: "居民议事会",
}
_PARTS = {SigningPart.CHAIR: "主持人", SigningPart.RECORDER: "记录人"}

_STYLE = """
@page { size: A4; margin: 20mm 22mm 18mm; @bottom-right { content: counter(page) " / " counter(pages);
  font: 8pt "Noto Sans CJK SC", sans-serif; color: #555 } }
* { box-sizing: border-box; margin: 0; padding: 0 }
body { font: 11.5pt/1.75 "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", serif; color: #111 }
h1 { font: 700 1.7em/1.35 "Noto Sans CJK SC", "Source Han Sans SC", "SimHei", sans-serif; text-align: center }
.state { text-align: center; font: 700 1.05em "Noto Sans CJK SC", sans-serif; border: .5mm solid #111;
  padding: .3em; margin-bottom: .8em }
.kind { text-align: center; color: #444; margin: .3em 0 1em; font-size: .9em }
h2, .text h3 { font: 700 1.05em/1.5 "Noto Sans CJK SC", "SimHei", sans-serif; margin: 1em 0 .3em;
  break-after: avoid }
.text h4, .text h5, .text h6 { font: 700 1em/1.5 "Noto Sans CJK SC", sans-serif; margin: .7em 0 .2em;
  break-after: avoid }
.text p { margin-bottom: .4em }
ol, ul { padding-left: 2em; margin-bottom: .4em }
table { width: 100%; border-collapse: collapse; font: .86em/1.5 "Noto Sans CJK SC", "SimHei", sans-serif;
  font-variant-numeric: tabular-nums; margin: .4em 0 .7em }
th, td { border: .3mm solid #333; padding: .3em .5em; text-align: left; vertical-align: top }
th { background: #f0f0f0; white-space: nowrap }
td.number { text-align: right; white-space: nowrap }
tr { break-inside: avoid }
table.facts th { width: 6em }
.signatures { margin-top: 1.2em; break-inside: avoid }
.signatures td { width: 50%; height: 21mm }
.signatures b { font-size: 1.1em }
footer { border-top: .3mm solid #777; margin-top: 1.2em; padding-top: .7em; display: flex; gap: 6mm;
  justify-content: space-between; break-inside: avoid; font: .8em/1.6 "Noto Sans CJK SC", "SimHei", sans-serif }
footer img { width: 24mm; height: 24mm; flex: none }
footer .digest { word-break: break-all; color: #333 }
"""

#: By what they say: drawing one takes a second.
_KEPT = 16
_drawn: Recent[str, bytes] = Recent(_KEPT)


@dataclass(frozen=True)
class Sheet:
    """What stands on the paper, as values: nothing of it needs a database any more."""

    community_code: str
    meeting_id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    state: str | None
    kind: str
    agenda: tuple[str, ...]
    text_html: str
    correction: str | None
    resolutions: tuple[tuple[str, ...], ...]
    signatures: tuple[tuple[str, str, str], ...]
    unsigned: bool
    digest: str


def sheet_of(meeting: MeetingView, minutes: MinutesView, resolutions: Sequence[ResolutionView]) -> Sheet:
    """What stands on the paper."""
    row, text = meeting.meeting, minutes.minutes
    published = text.state is MinutesState.PUBLISHED
    facts = [("时间", _moment(row.begins_at)), ("地点", row.place)]
    if row.present is not None:
        facts.append(("到会", f"{row.present} 人"))
    facts += [("主持", text.chair), ("记录", text.recorder)]
    if text.published_at is not None:
        facts.append(("公布", _moment(text.published_at)))
    return Sheet(
        community_code=row.community_code, meeting_id=str(row.id), title=row.title, facts=tuple(facts),
        state=None if published else "草稿，未公布" if text.state is MinutesState.DRAFT else "已被后来的版本代替",
        kind=f"{_KINDS[row.kind]}纪要 · 第 {text.version} 版", agenda=tuple(meeting.agenda),
        text_html=text.text_html, correction=text.correction,
        resolutions=tuple(
            (
                each.resolution.text,
                str(each.resolution.votes_for),
                str(each.resolution.votes_against),
                str(each.resolution.abstentions),
                "通过" if each.resolution.passed else "未通过",
            )
            for each in resolutions
        ),
        signatures=tuple(_signature(minutes, part) for part in SigningPart),
        unsigned=published and not minutes.signatures,
        digest=text.digest or sha256_hex(text.text.encode()),
    )  # fmt: skip


def pdf(sheet: Sheet, *, public_url: str) -> bytes:
    """The pages; what says the same is drawn once.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    html = _html(sheet, public_url.rstrip("/"))

    def draw() -> bytes:
        with printer() as lay_out:
            drawn: bytes = lay_out(html).write_pdf()
        return drawn

    return _drawn.get(sha256_hex(html.encode()), draw)


def qr(url: str) -> str:
    """An address as a picture."""
    import segno  # noqa: PLC0415 - only who prints or stands at a door needs it

    picture: str = segno.make_qr(url, error="m").svg_data_uri(border=1, scale=8)
    return picture


def door_address(code: str, *, public_url: str) -> str:
    """Where a phone goes that reads the code at a door."""
    return f"{public_url.rstrip('/')}/app/#/door/{code}"


def _html(sheet: Sheet, public_url: str) -> str:
    url = f"{public_url}/app/?community={sheet.community_code}#/meeting/{sheet.meeting_id}"
    state = "" if sheet.state is None else f'<p class="state">{sheet.state}</p>'
    facts = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in sheet.facts)
    agenda = "".join(f"<li>{escape(each)}</li>" for each in sheet.agenda)
    correction = f"<h2>更正说明</h2><p>{escape(sheet.correction)}</p>" if sheet.correction is not None else ""
    unsigned = "<p>这一版公布时还没有电子签名，公布后未作修改，仍然有效。</p>" if sheet.unsigned else ""
    signatures = "".join(
        f"<td>{part}<br><b>{escape(office)}</b><br>{escape(line)}</td>"
        for part, office, line in sheet.signatures
    )
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<title>{escape(sheet.title)}纪要</title><style>{_STYLE}</style></head><body>
{state}<h1>{escape(sheet.title)}</h1><p class="kind">{escape(sheet.kind)}</p>
<table class="facts">{facts}</table><h2>议题</h2><ol>{agenda}</ol>{correction}
<h2>纪要</h2><div class="text">{sheet.text_html}</div>{_resolutions(sheet)}
<table class="signatures"><tr>{signatures}</tr></table>
<footer><div>{unsigned}<p>扫码可看公布的全文、历次版本和更正。</p>
<p class="digest">文本摘要（SHA-256）：{sheet.digest}</p></div>
<img src="{qr(url)}" alt=""></footer></body></html>"""


def _resolutions(sheet: Sheet) -> str:
    if not sheet.resolutions:
        return ""
    rows = "".join(
        f"<tr><td>{escape(text)}</td>"
        + "".join(f'<td class="number">{each}</td>' for each in figures)
        + f"<td>{outcome}</td></tr>"
        for text, *figures, outcome in sheet.resolutions
    )
    return (
        "<h2>决议</h2><table><thead><tr><th>事项</th><th>同意</th><th>反对</th><th>弃权</th><th>结果</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _signature(minutes: MinutesView, part: SigningPart) -> tuple[str, str, str]:
    row = minutes.minutes
    office = row.chair if part is SigningPart.CHAIR else row.recorder
    for each in minutes.signatures:
        if each.signature.part is part:
            how = "动态验证码确认" if each.signature.confirmed else "未用动态验证码"
            signed = f"{_moment(each.signature.signed_at)} 电子签名（{how}）"
            return _PARTS[part], each.signature.office, signed
    return _PARTS[part], office, "" if row.published_at is None else "签名制度实行前公布"


def _moment(at: dt.datetime) -> str:
    there = at.astimezone(BEIJING)
    return f"{there.year}年{there.month}月{there.day}日 {there.hour}:{there:%M}"
