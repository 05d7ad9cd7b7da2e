"""Text residents and staff write, as safe HTML: Markdown without raw HTML, then an allow-list."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_LINK = re.compile(r"(?:https?://[^\s/]|tel:\+?[0-9])", re.IGNORECASE)

_TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "h5", "h6", "hr", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - text is rendered when staff save it, and in few processes

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image").enable("table")
    # Relative addresses ("//elsewhere") and every other scheme stay text, as they were typed.
    parser.validateLink = lambda url: _LINK.match(url) is not None  # type: ignore[method-assign]
    return parser


def render(source: str) -> str:
    """Markdown as HTML that may stand in any page; links lead to http, https or tel only."""
    import nh3  # noqa: PLC0415 - as above

    html = _parser().render(source)
    # a description stands under a page's own headings
    for level in (2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}, "*": set()}, url_schemes={"http", "https", "tel"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
