"""Pages of HTML as PDF. One at a time: drawing fills a core, and whoever prints can wait."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.core.errors import Unavailable

if TYPE_CHECKING:
    from weasyprint import Document

_PRINTER = threading.BoundedSemaphore(1)


class PrintingUnavailable(Unavailable):
    """This machine cannot make PDFs: the system library Pango is missing (docs/operations.md)."""

    code = "printing_unavailable"
    zh = "本机缺少 Pango 系统库，不能生成 PDF，请联系管理员。"


def check_printer() -> None:
    """Whether PDFs can be made here; to be asked before anything is done that only a PDF can show.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    try:
        import weasyprint  # noqa: F401, PLC0415 - half a second, and fonts: only who prints pays for it
    except OSError as error:
        raise PrintingUnavailable(retry_after=3600) from error


@contextmanager
def printer() -> Iterator[Callable[[str], "Document"]]:
    """What lays out HTML; it takes pictures from ``data:`` addresses and nothing from anywhere else.

    Raises:
        PrintingUnavailable: a library is missing on this machine.
    """
    check_printer()
    from weasyprint import HTML  # noqa: PLC0415 - as above
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    fetcher = URLFetcher(allowed_protocols={"data"})

    def lay_out(html: str) -> "Document":
        return HTML(string=html, url_fetcher=fetcher).render()

    with _PRINTER:
        yield lay_out
