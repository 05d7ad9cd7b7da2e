"""Posters for the walls of buildings, A4: the building, what is decided, until when, how to take part, whom to call.

The picture holds the short address of the building and nothing of a person; whoever has no telephone reads where to go.
"""

from html import escape
from urllib.parse import urlsplit

from app.core.printing import printer
from app.links.service.posters import BuildingPoster, PosterCommittee, PosterRound, Posters

_STYLE = """
@page { size: A4; margin: 16mm 17mm 13mm }
* { box-sizing: border-box; margin: 0; padding: 0 }
body { font: 15pt/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei", sans-serif;
  color: #111 }
section { break-after: page; position: relative; height: 268mm }
section:last-child { break-after: auto }
header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 1.2mm solid #0b7a43;
  padding-bottom: 3mm }
header b { font-size: 30pt; line-height: 1.1 }
header span { font-size: 15pt; color: #333 }
h1 { font-size: 35pt; line-height: 1.3; margin: 10mm 0 6mm; font-weight: 700 }
h1 span { display: block }
h1.long { font-size: 28pt }
h1.longest { font-size: 22pt }
.when { font-size: 21pt; font-weight: 700; line-height: 1.4 }
.what { font-size: 16pt; color: #333; margin-top: 1mm }
.how { position: absolute; left: 0; top: 112mm; width: 90mm }
.how h2 { font-size: 24pt; line-height: 1.3; margin-bottom: 5mm }
.how ol { list-style: none }
.how li { display: flex; font-size: 19pt; line-height: 1.4; margin-bottom: 6mm }
.how li b { flex: none; width: 10mm; height: 10mm; margin: 0 4mm 0 0; border-radius: 50%; background: #0b7a43;
  color: #fff; font-size: 15pt; line-height: 10mm; text-align: center }
.scan { position: absolute; right: 0; top: 109mm; width: 78mm; text-align: center }
.scan img { width: 78mm; height: 78mm }
.scan p { font-size: 14pt }
.scan .code { font: 700 30pt/1.25 "Noto Sans Mono CJK SC", "DejaVu Sans Mono", monospace; letter-spacing: 1.6mm }
footer { position: absolute; bottom: 0; left: 0; right: 0; border-top: .3mm solid #777; padding-top: 4mm;
  font-size: 13pt; line-height: 1.5; color: #222 }
footer .call { font-size: 19pt; font-weight: 700; color: #111 }
footer .en { font-size: 10.5pt; color: #444; margin-top: 2mm }
"""

_LONG, _LONGEST = 22, 40


def pdf(posters: Posters, *, public_url: str) -> bytes:
    """One page a building.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    with printer() as lay_out:
        drawn: bytes = lay_out(_html(posters, public_url.rstrip("/"))).write_pdf()
    return drawn


def _html(posters: Posters, public_url: str) -> str:
    pages = "".join(_page(each, posters, public_url) for each in posters.buildings)
    title = escape(f"{posters.community} 楼栋海报")
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{pages}</body></html>"
    )


def _page(poster: BuildingPoster, posters: Posters, public_url: str) -> str:
    import segno  # noqa: PLC0415 - only who prints needs it

    url = f"{public_url}/q/{poster.code}"
    picture = segno.make_qr(url, error="q").svg_data_uri(border=2, scale=4)
    typed = f"{urlsplit(public_url).netloc}/q/{poster.code}"
    return f"""<section>
<header><b>{escape(poster.building)}</b><span>{escape(posters.community)}</span></header>
{_news(posters.round)}
<div class="how"><h2>三步就好</h2><ol>{_steps(posters.round)}</ol></div>
<div class="scan"><img src="{picture}" alt=""><p>微信或相机扫一扫</p>
<p class="code">{escape(poster.code)}</p><p>或在浏览器里打开</p><p>{escape(typed)}</p></div>
{_foot(posters.committee)}
</section>"""


def _news(row: PosterRound | None) -> str:
    if row is None:
        return (
            "<h1><span>小区的事，</span><span>大家一起定</span></h1>"
            '<p class="when">提建议 · 看项目 · 投票 · 看公示</p>'
            '<p class="what">哪些事先做、钱花在哪里、做到哪一步，都在这里。</p>'
        )
    size = "longest" if len(row.title) > _LONGEST else "long" if len(row.title) > _LONG else ""
    # broken where it can be taken a breath, as a heading on a wall is
    rows = "".join(f"<span>{escape(part)}</span>" for part in _breaths(row.title))
    what = (
        "记名投票：每一户怎么投，业主之间可以查看。"
        if row.recorded
        else f"{row.projects} 个项目，最多选 {row.max_rank} 个，排出先后。不记名，截止前可以改。"
    )
    return f'<h1 class="{size}">{rows}</h1><p class="when">{escape(row.period)}</p><p class="what">{what}</p>'


def _breaths(title: str) -> list[str]:
    head, mark, tail = title.partition("，")
    return [head + mark, tail] if tail else [title]


def _steps(row: PosterRound | None) -> str:
    middle = (
        "看一看，提建议、附议"
        if row is None
        else "看项目，按先后点选"
        if not row.recorded
        else "看清事项，选一项"
    )
    last = "有结果会公示，也能查到" if row is None else "提交，收好回执"
    steps = ("扫码，用手机号登录", middle, last)
    return "".join(
        f"<li><b>{number}</b><span>{step}</span></li>" for number, step in enumerate(steps, start=1)
    )


def _foot(committee: PosterCommittee | None) -> str:
    call = "<p>不方便用手机？请到社区居委会，有纸质办法，也有人帮忙。</p>"
    if committee is not None:
        where = "　".join(filter(None, (committee.address, committee.office_hours)))
        call = (
            f'<p>不方便用手机？到居委会，或打电话</p><p class="call">{escape(committee.phone)}</p>'
            f"<p>{escape(committee.name)}　{escape(where)}</p>"
        )
    return (
        f'<footer>{call}<p class="en" lang="en">Scan the code to see what your neighbourhood decides, '
        "to propose and to vote. No app to install.</p></footer>"
    )
