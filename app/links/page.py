"""The page behind a short code: a card for chats to read, and the way on.

It is a page and no redirect, because what makes a card out of an address reads the page that answers; who opens it in
a browser is taken on at once. It has no script; its few lines of style are named by their hash, so that nothing else
of the kind could run.
"""

import base64
import hashlib
from html import escape

from app.links.rules import Target

_STYLE = """
html { background: #f2f4f3; color: #17211c;
  font: 18px/1.6 -apple-system, "PingFang SC", "Noto Sans CJK SC", sans-serif }
body { margin: 0; padding: 24px 16px }
main { max-width: 480px; margin: 0 auto; padding: 24px; border-radius: 12px; background: #fff }
h1 { margin: 0 0 8px; font-size: 24px; line-height: 1.35 }
p { margin: 0 0 12px; color: #4f5a54 }
a { display: block; margin-top: 20px; padding: 14px; border-radius: 10px; background: #0b7a43; color: #fff;
  font-weight: 600; text-align: center; text-decoration: none }
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: Stricter than elsewhere: nothing but this style, and our own picture.
CSP = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def card(target: Target, *, address: str, url: str, picture_url: str) -> str:
    """The page of a code: title, lines and picture for a chat's card, and on to ``address``."""
    title, lines = escape(target.title), escape(" · ".join(target.lines))
    description = (
        escape(" · ".join((target.division, *target.lines)) if target.division != target.title else "")
        or lines
    )
    return f"""<!doctype html>
<html lang="zh-CN" prefix="og: https://ogp.me/ns#"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<meta name="description" content="{description}">
<meta property="og:type" content="website"><meta property="og:site_name" content="共议 Gongyi">
<meta property="og:locale" content="zh_CN"><meta property="og:title" content="{title}">
<meta property="og:description" content="{description}"><meta property="og:url" content="{escape(url)}">
<meta property="og:image" content="{escape(picture_url)}"><meta property="og:image:type" content="image/png">
<meta property="og:image:width" content="1000"><meta property="og:image:height" content="800">
<meta http-equiv="refresh" content="0; url={escape(address)}"><meta name="robots" content="noindex">
<style>{_STYLE}</style></head>
<body><main><h1>{title}</h1><p>{escape(target.division)}</p><p>{lines}</p>
<a href="{escape(address)}">打开 <span lang="en">Open</span></a></main></body></html>"""


def nothing(code: str) -> str:
    """What somebody reads who mistyped a code, or came too late."""
    shown = escape(code[:12])
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>没有这个短码 No such code</title><meta name="robots" content="noindex"><style>{_STYLE}</style></head>
<body><main><h1>没有找到“{shown}”</h1>
<p>短码是 5 位字母或数字，请对照张贴的公告再看一看。内容也可能已经撤下。</p>
<div lang="en"><h1>Nothing behind “{shown}”</h1>
<p>A code has five letters or digits; please compare it with the poster. What it stood for may be gone.</p></div>
<a href="/app/#/">去首页 <span lang="en">Home</span></a></main></body></html>"""
