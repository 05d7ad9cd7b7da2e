"""Text residents and staff write, as safe HTML: Markdown without raw HTML, then an allow-list."""

import nh3
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image").enable("table")

_TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "h5", "h6", "hr", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def render(source: str) -> str:
    """Markdown as HTML that may stand in any page; links lead to http, https, tel or mailto only."""
    html = _MARKDOWN.render(source)
    # a description stands under a page's own headings
    for level in (2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "tel", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
