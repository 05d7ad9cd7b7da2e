"""Somebody's data as files: a page anybody can open, and JSON for programs."""

import html
import io
import json
import zipfile
from collections.abc import Mapping

from app.core import clock
from app.privacy.service.export import ExportedData, ExportedSection

TITLE = {"zh-CN": "我的资料", "en": "My data"}
_NOTHING = {"zh-CN": "没有。", "en": "Nothing."}
_MADE = {"zh-CN": "导出时间：{at}", "en": "Made at {at}, Beijing time"}

# The page is opened from a disk: what it looks like stands inside it, and nothing is loaded from anywhere.
_STYLE = (
    "body{font:17px/1.6 sans-serif;max-width:42em;margin:2em auto;padding:0 1em;color:#1a1a1a}"
    "h2{margin:2em 0 0}p{margin:.2em 0 1em;color:#595959}"
    "dl{border-top:1px solid #ccc;padding:.6em 0;margin:0}"
    "dt{float:left;clear:left;width:9em;color:#595959}dd{margin:0 0 .3em 9.5em;overflow-wrap:anywhere}"
)


def as_json(data: ExportedData) -> str:
    """Everything as it is kept, by kind."""
    plain = {
        "made_at": data.made_at.astimezone(clock.BEIJING).isoformat(timespec="seconds"),
        "sections": {section.key: section.data for section in data.sections},
    }
    return json.dumps(plain, ensure_ascii=False, indent=2)


def as_html(data: ExportedData) -> str:
    """Everything in words, as one page."""
    title = TITLE[data.language]
    at = data.made_at.astimezone(clock.BEIJING)
    made = _MADE[data.language].format(at=f"{at:%Y-%m-%d %H:%M}")
    parts = "".join(_section(section, data.language) for section in data.sections)
    return (
        f'<!doctype html><html lang="{data.language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{made}</p>{parts}</html>"
    )


def as_zip(data: ExportedData) -> bytes:
    """Both, in one file."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-data.html", as_html(data))
        archive.writestr("my-data.json", as_json(data))
    return raw.getvalue()


def _section(section: ExportedSection, language: str) -> str:
    rows = "".join(_row(row) for row in section.rows) or f"<p>{_NOTHING[language]}</p>"
    return f"<h2>{html.escape(section.heading)}</h2><p>{html.escape(section.about)}</p>{rows}"


def _row(row: Mapping[str, object]) -> str:
    pairs = "".join(f"<dt>{html.escape(name)}</dt><dd>{_value(value)}</dd>" for name, value in row.items())
    return f"<dl>{pairs}</dl>"


def _value(value: object) -> str:
    if isinstance(value, list):
        return "".join(f"<div>{html.escape(str(each))}</div>" for each in value) or "—"
    return html.escape(str(value))
