"""Slips to print and cut: six to a page of A4, with what their owner needs to know and nothing that points at them.

The room is there so that a slip reaches the right door, the name is masked, and the picture holds the address of the
sign-in page alone: whoever photographs it learns nothing.
"""

from html import escape
from urllib.parse import urlsplit

from app.access.rules import HELPING_MINUTES
from app.codes.service import Issued, Slip
from app.core.clock import BEIJING
from app.core.printing import printer

SIGN_IN_PATH = "/app/#/code"

_STYLE = """
@page { size: A4; margin: 9mm 10mm }
* { box-sizing: border-box; margin: 0; padding: 0 }
body { font: 10.5pt/1.4 "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei", sans-serif }
.slip {
  float: left; width: 95mm; height: 92.5mm; padding: 3.5mm 4mm 0; border: 0.2mm dashed #777; overflow: hidden;
  break-inside: avoid;
}
h1 { font-size: 13.5pt; line-height: 1.3 }
.for { font-size: 12pt }
.code {
  margin: 1.4mm 0; border: 0.4mm solid #000; text-align: center;
  font: 700 24pt/1.5 "Noto Sans Mono CJK SC", "DejaVu Sans Mono", monospace; letter-spacing: 0.7mm;
}
.round { max-height: 11mm; overflow: hidden }
img { float: right; width: 21mm; height: 21mm; margin: 0.5mm 0 0 1.5mm }
.how { padding-left: 5mm; margin: 1mm 0 }
.yours { font-weight: 700 }
.en { font-size: 9pt }
"""


def pdf(issued: Issued, *, public_url: str) -> bytes:
    """The slips of a batch as a PDF.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    with printer() as lay_out:
        drawn: bytes = lay_out(_html(issued, public_url.rstrip("/"))).write_pdf()
    return drawn


def sign_in_address(public_url: str) -> str:
    """Where a code is entered; the same for everybody."""
    return f"{public_url.rstrip('/')}{SIGN_IN_PATH}"


def qr(address: str) -> str:
    """An address as a picture, a ``data:`` address of SVG."""
    import segno  # noqa: PLC0415 - only who prints needs it

    picture: str = segno.make(address, error="m", micro=False).svg_data_uri(border=1, scale=4)
    return picture


def _html(issued: Issued, public_url: str) -> str:
    picture = qr(sign_in_address(public_url))
    title = f"{issued.community} 一次性投票码"
    slips = "".join(_slip(slip, issued, urlsplit(public_url).netloc, picture) for slip in issued.slips)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{slips}</body></html>"
    )


def _slip(slip: Slip, issued: Issued, host: str, picture: str) -> str:
    until = issued.expires_at.astimezone(BEIJING)
    dwelling = f"{slip.dwelling.building} {slip.dwelling.unit} {slip.dwelling.room}"
    good_for = "" if issued.round_title is None else f"，仅用于“{issued.round_title}”"
    return f"""<div class="slip">
<h1>{escape(issued.community)} 一次性投票码</h1>
<p class="for">{escape(slip.name)}　{escape(dwelling)}</p>
<p class="code">{escape(slip.code)}</p>
<p class="round">{until:%Y-%m-%d %H:%M} 前有效{escape(good_for)}</p>
<img src="{picture}" alt="">
<ol class="how">
<li>扫码或打开 {escape(host)}，选“用居委会发的纸质码”，输入上面的码。</li>
<li>请家人帮忙时，在家人手机上勾选“我在帮家人投票”，{HELPING_MINUTES} 分钟后自动退出。</li>
<li>只能用一次。截止前想改票，可再领一张，或用自己的手机登录更换。</li>
</ol>
<p class="yours">此码归您本人，工作人员不得留存，不得代投。</p>
<p class="en" lang="en">One-time voting code, yours alone; staff may not keep it.</p>
</div>"""
