"""The picture of a shared page: 1000 x 800 points, drawn here, so that no other host is asked for anything.

A card takes a tenth of a second; the last ones are kept, by what stands on them. Chinese needs a font of this machine:
fontconfig names the best one. Where there is none a card shows the code and the QR alone, which need no Chinese, and
nothing is drawn as empty boxes.
"""

import io
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from app.core.recent import Recent

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

WIDTH, HEIGHT = 1000, 800
_MARGIN = 64
_GREEN, _INK, _GREY, _PAPER = "#0b7a43", "#17211c", "#4f5a54", "#ffffff"
_QR_SIDE = 260
_TITLE_LINES = 3
_TITLE_SIZES = (88, 76, 64, 56)
KEPT = 64
_CLOSING = "，。、；：？！）”》"
_CLAUSES = re.compile(f"[^{_CLOSING}]*[{_CLOSING}]+|[^{_CLOSING}]+")

#: Names asked for in turn; an answer counts if it holds Chinese.
_FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "sans-serif")


@dataclass(frozen=True)
class Card:
    """What stands on a card; equal cards are drawn once."""

    title: str
    division: str
    lines: tuple[str, ...]
    code: str
    url: str


_kept: Recent[Card, bytes] = Recent(KEPT)


def png(card: Card) -> bytes:
    """The picture of a card.

    Raises:
        Unavailable: others are being drawn; safe to repeat.
    """
    return _kept.get(card, lambda: _draw(card))


def _draw(card: Card) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - few processes draw

    picture = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, WIDTH, 20), fill=_GREEN)
    left, top = WIDTH - _MARGIN - _QR_SIDE, HEIGHT - _MARGIN - _QR_SIDE
    _draw_qr(draw, card.url, left, top)
    regular, bold = font_file(bold=False), font_file(bold=True)
    if regular is None or bold is None:
        draw.text((_MARGIN, top + _QR_SIDE // 2), card.code, fill=_INK, font=_plain(110), anchor="lm")
    else:
        _draw_words(draw, card, _Fonts(regular, bold), top)
    out = io.BytesIO()
    # few colours: a third of the bytes, and letters stay sharp
    picture.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_words(draw: "ImageDraw.ImageDraw", card: Card, fonts: "_Fonts", foot: int) -> None:
    draw.text((_MARGIN, 84), card.division, fill=_GREEN, font=fonts.regular(40), anchor="lm")
    size, rows = _fitted(draw, card.title, fonts)
    y = 140
    for row in rows:
        draw.text((_MARGIN, y), row, fill=_INK, font=fonts.bold(size))
        y += size * 5 // 4
    y = foot
    for line in card.lines[:3]:
        for row in _wrapped(draw, line, fonts.regular(38), WIDTH - 3 * _MARGIN - _QR_SIDE)[:2]:
            draw.text((_MARGIN, y), row, fill=_GREY, font=fonts.regular(38))
            y += 54
    base = HEIGHT - _MARGIN
    draw.text((_MARGIN, base), "共议", fill=_GREEN, font=fonts.bold(44), anchor="ls")
    draw.text((_MARGIN + 110, base), f"短码 {card.code}", fill=_GREY, font=fonts.regular(38), anchor="ls")


def _draw_qr(draw: "ImageDraw.ImageDraw", url: str, left: int, top: int) -> None:
    import segno  # noqa: PLC0415 - as above

    matrix = [bytes(row) for row in segno.make_qr(url, error="m").matrix]
    step = _QR_SIDE // len(matrix)
    inset = (_QR_SIDE - step * len(matrix)) // 2
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                x0, y0 = left + inset + x * step, top + inset + y * step
                draw.rectangle((x0, y0, x0 + step - 1, y0 + step - 1), fill=_INK)


def _fitted(draw: "ImageDraw.ImageDraw", title: str, fonts: "_Fonts") -> tuple[int, list[str]]:
    """The largest letters in which a title fits three rows, broken at a comma rather than in a word.

    What does not fit in the smallest is cut off, and says so.
    """
    room = WIDTH - 2 * _MARGIN
    tried = [(size, _wrapped(draw, title, fonts.bold(size), room)) for size in _TITLE_SIZES]
    fits = [each for each in tried if len(each[1]) <= _TITLE_LINES]
    whole = [each for each in fits if all(row[-1:] in _CLOSING for row in each[1][:-1])]
    if whole or fits:
        return (whole or fits)[0]
    size, rows = tried[-1]
    return size, [*rows[: _TITLE_LINES - 1], rows[_TITLE_LINES - 1][:-1] + "…"]


def _wrapped(draw: "ImageDraw.ImageDraw", text: str, font: "ImageFont.FreeTypeFont", room: int) -> list[str]:
    """Rows that fit, broken where one can take a breath if there is such a place."""
    rows = [""]
    for clause in _CLAUSES.findall(text):
        if draw.textlength(rows[-1] + clause, font=font) <= room:
            rows[-1] += clause
            continue
        if rows[-1] and draw.textlength(clause, font=font) <= room:
            rows.append(clause)
            continue
        for letter in clause:
            # a row does not begin with what belongs to the letter before
            if draw.textlength(rows[-1] + letter, font=font) > room and letter not in _CLOSING:
                rows.append("")
            rows[-1] += letter
    return [row.strip() for row in rows]


class _Fonts:
    def __init__(self, regular: tuple[str, int], bold: tuple[str, int]) -> None:
        self._regular, self._bold = regular, bold

    def regular(self, size: int) -> "ImageFont.FreeTypeFont":
        return _loaded(*self._regular, size)

    def bold(self, size: int) -> "ImageFont.FreeTypeFont":
        return _loaded(*self._bold, size)


@cache
def _loaded(path: str, index: int, size: int) -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415 - as above

    return ImageFont.truetype(path, size, index=index)


@cache
def _plain(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont  # noqa: PLC0415 - as above

    return ImageFont.load_default(size)


@cache
def font_file(*, bold: bool) -> tuple[str, int] | None:
    """(file, face) of a font of this machine that holds Chinese; none where there is none."""
    for family in _FAMILIES:
        pattern = f"{family}:lang=zh-cn:{'bold' if bold else 'regular'}"
        try:
            found = subprocess.run(  # noqa: S603 - our own words
                ["fc-match", "-f", "%{file}\n%{index}\n%{lang}", pattern],  # noqa: S607 - where fontconfig is
                capture_output=True, text=True, timeout=5, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return None
        path, index, languages = found.stdout.split("\n", 2)
        if "zh-cn" in languages.split("|") and path:
            return path, int(index) & 0xFFFF
    return None
