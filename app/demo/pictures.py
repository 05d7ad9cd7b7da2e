"""Pictures for the demonstration's projects: flat drawings where a committee would show photographs."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 960, 640
_INK, _WALL, _SKY, _NIGHT, _LEAF, _SUN = "#55605a", "#e8dfcf", "#dbe9f2", "#1e2b40", "#6fa978", "#f2c14e"
_EARTH, _PIPE, _BRICK, _WOOD, _WHITE, _RED = "#b08d62", "#4f7da3", "#c98f5a", "#9a6b3f", "#fbf8f1", "#b8553a"

Pen = ImageDraw.ImageDraw


def picture_of(category: str, delivery_kind: str = "") -> tuple[bytes, str]:
    """A JPEG for a project of a category and a kind, and what it shows."""
    draw, ground, words = _DRAWN.get(f"{category}/{delivery_kind}") or _DRAWN.get(category, _DRAWN["other"])
    image = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue(), words


def _windows(pen: Pen, box: tuple[int, int, int, int], *, rows: int, columns: int, fill: str) -> None:
    left, top, right, bottom = box
    wide, high = (right - left) // columns, (bottom - top) // rows
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * wide, top + row * high
            pen.rectangle((x + wide // 4, y + high // 4, x + 3 * wide // 4, y + 3 * high // 4), fill=fill)


def _lighting(pen: Pen) -> None:
    pen.rectangle((560, 150, 860, 640), fill="#2f3f58")
    _windows(pen, (580, 170, 840, 560), rows=4, columns=3, fill="#46597a")
    pen.polygon(((300, 190), (120, 560), (480, 560)), fill="#3d4a52")
    pen.rectangle((292, 170, 308, 560), fill="#93a1ad")
    pen.rounded_rectangle((250, 140, 350, 185), 20, fill=_SUN)
    pen.rectangle((0, 560, WIDTH, HEIGHT), fill="#39445a")


def _roads(pen: Pen) -> None:
    pen.rectangle((0, 0, WIDTH, 250), fill=_SKY)
    pen.polygon(((400, 250), (560, 250), (900, 640), (60, 640)), fill="#8b9299")
    for top, half in ((290, 5), (370, 9), (470, 14), (580, 20)):
        end = top + 46
        pen.polygon(((480 - half, top), (480 + half, top), (486 + half, end), (474 - half, end)), fill=_WHITE)
    pen.polygon(((0, 250), (400, 250), (60, 640), (0, 640)), fill=_LEAF)
    pen.polygon(((560, 250), (WIDTH, 250), (WIDTH, 640), (900, 640)), fill=_LEAF)


def _sewage(pen: Pen) -> None:
    pen.rectangle((0, 0, WIDTH, 300), fill="#e5e0d5")
    pen.rectangle((0, 300, WIDTH, HEIGHT), fill=_EARTH)
    pen.rectangle((0, 410, 480, 480), fill=_PIPE)
    pen.rectangle((420, 410, 490, 590), fill=_PIPE)
    pen.rectangle((420, 530, WIDTH, 600), fill=_PIPE)
    for x, y in ((180, 400), (640, 520), (800, 520)):
        pen.rectangle((x, y, x + 26, y + 90), fill="#3b6488")
    pen.rectangle((560, 280, 700, 306), fill=_INK)


def _renovation(pen: Pen) -> None:
    pen.rectangle((180, 120, 560, 600), fill=_WALL)
    _windows(pen, (190, 140, 550, 580), rows=5, columns=4, fill="#a9c3d3")
    pen.rectangle((580, 90, 720, 600), fill="#9db9cf")
    for y in range(110, 580, 96):
        pen.rectangle((600, y, 700, y + 70), fill="#cfe1ec")
    pen.rectangle((0, 600, WIDTH, HEIGHT), fill=_LEAF)


def _accessibility(pen: Pen) -> None:
    pen.rectangle((560, 120, 900, 560), fill=_WALL)
    pen.rectangle((660, 300, 780, 560), fill=_BRICK)
    pen.polygon(((80, 560), (640, 470), (640, 560)), fill="#b9c0c5")
    pen.line(((100, 470), (640, 385)), fill=_INK, width=12)
    for x, y in ((110, 470), (290, 442), (470, 414)):
        pen.line(((x, y), (x, y + 86)), fill=_INK, width=10)
    pen.rectangle((0, 560, WIDTH, HEIGHT), fill="#c9d1cb")


def _green(pen: Pen) -> None:
    pen.rectangle((0, 420, WIDTH, HEIGHT), fill="#a9cf9e")
    for x, size in ((170, 120), (430, 90), (780, 140)):
        pen.rectangle((x - 12, 420 - size // 2, x + 12, 470), fill=_WOOD)
        pen.ellipse((x - size, 420 - 2 * size - 20, x + size, 420 - 10), fill=_LEAF)
    for x in range(60, WIDTH, 120):
        pen.ellipse((x, 540, x + 44, 584), fill=_SUN if x % 240 else _RED)
    pen.rounded_rectangle((520, 430, 700, 460), 8, fill=_WOOD)
    pen.rectangle((540, 460, 556, 510), fill=_WOOD)
    pen.rectangle((664, 460, 680, 510), fill=_WOOD)


def _children(pen: Pen) -> None:
    pen.rectangle((230, 280, 730, 600), fill="#f2b56b")
    pen.polygon(((190, 290), (480, 110), (770, 290)), fill="#a85f24")
    pen.ellipse((440, 200, 520, 280), fill=_WHITE)
    pen.line(((480, 240), (480, 214)), fill=_INK, width=6)
    pen.line(((480, 240), (502, 240)), fill=_INK, width=6)
    pen.rectangle((430, 430, 530, 600), fill=_WOOD)
    for x in (280, 600):
        pen.rectangle((x, 350, x + 80, 430), fill="#fdeccd")
    pen.rectangle((0, 600, WIDTH, HEIGHT), fill="#d9c69a")


def _elders(pen: Pen) -> None:
    pen.rectangle((0, 430, WIDTH, HEIGHT), fill="#dcc9ac")
    pen.ellipse((230, 300, 730, 560), fill=_WHITE)
    pen.ellipse((300, 336, 660, 520), fill="#f1e6d2")
    pen.ellipse((360, 370, 500, 470), fill="#8fb56a")
    pen.ellipse((470, 380, 600, 480), fill=_RED)
    pen.rectangle((780, 300, 792, 560), fill=_INK)
    pen.rectangle((806, 300, 818, 560), fill=_INK)
    for x in (420, 480, 540):
        pen.arc((x - 20, 190, x + 20, 290), 90, 270, fill="#b9c0c5", width=8)


def _culture(pen: Pen) -> None:
    pen.rectangle((140, 90, 820, 560), fill=_WOOD)
    for shelf in range(3):
        y = 120 + shelf * 148
        pen.rectangle((165, y, 795, y + 118), fill="#f5ead6")
        for book in range(14):
            x = 180 + book * 43
            colour = (_RED, _PIPE, _LEAF, _SUN, "#7a5c8e")[(book * 3 + shelf) % 5]
            pen.rectangle((x, y + 14 + (book * 7 + shelf * 5) % 30, x + 32, y + 118), fill=colour)
    pen.rectangle((0, 560, WIDTH, HEIGHT), fill="#cdb892")


def _festival(pen: Pen) -> None:
    pen.ellipse((640, 70, 820, 250), fill="#f7e7b0")
    pen.line(((0, 150), (WIDTH, 230)), fill="#6b7a94", width=5)
    for x, y in ((140, 165), (330, 181), (520, 197), (700, 212)):
        pen.ellipse((x, y + 20, x + 110, y + 120), fill=_RED)
        pen.rectangle((x + 35, y + 12, x + 75, y + 26), fill=_SUN)
        pen.rectangle((x + 35, y + 114, x + 75, y + 126), fill=_SUN)
        pen.line(((x + 55, y + 126), (x + 55, y + 170)), fill=_SUN, width=6)
    pen.rectangle((0, 540, WIDTH, HEIGHT), fill="#39445a")
    pen.rounded_rectangle((280, 460, 680, 500), 10, fill=_WOOD)
    for x in (310, 630):
        pen.rectangle((x, 500, x + 20, 570), fill=_WOOD)


def _playground(pen: Pen) -> None:
    pen.rectangle((0, 500, WIDTH, HEIGHT), fill="#d9c69a")
    pen.rectangle((300, 180, 330, 540), fill=_PIPE)
    pen.rectangle((420, 180, 450, 540), fill=_PIPE)
    pen.polygon(((270, 190), (375, 100), (480, 190)), fill=_RED)
    for y in range(250, 540, 56):
        pen.rectangle((330, y, 420, y + 14), fill=_SUN)
    pen.polygon(((450, 250), (500, 250), (800, 540), (740, 540)), fill="#e0a43b")
    pen.ellipse((80, 500, 250, 580), fill="#c9ad74")


def _other(pen: Pen) -> None:
    pen.rectangle((150, 220, 810, 560), fill=_WALL)
    pen.rectangle((150, 180, 810, 250), fill=_RED)
    pen.rectangle((420, 370, 540, 560), fill=_WOOD)
    for x in (220, 640):
        pen.rectangle((x, 320, x + 110, 430), fill="#a9c3d3")
    pen.rectangle((0, 560, WIDTH, HEIGHT), fill="#c9d1cb")


_DRAWN: dict[str, tuple[Callable[[Pen], None], str, str]] = {
    "lighting_safety": (_lighting, _NIGHT, "夜里的小路，一盏路灯亮着"),
    "roads": (_roads, _SKY, "小区里的一条路"),
    "sewage": (_sewage, "#e5e0d5", "地下的一段排水管"),
    "renovation": (_renovation, _SKY, "一栋楼，旁边是电梯井"),
    "accessibility": (_accessibility, _SKY, "单元门前的坡道和扶手"),
    "green_space": (_green, _SKY, "花园里的树、花和长椅"),
    "children": (_children, "#fdeccd", "社区活动室"),
    "culture/activity": (_festival, _NIGHT, "月亮下挂着一排灯笼"),
    "children/infrastructure": (_playground, _SKY, "滑梯和沙池"),
    "elder_care": (_elders, "#f6efe2", "桌上的一盘热菜"),
    "culture": (_culture, "#f6efe2", "三层书架"),
    "other": (_other, _SKY, "社区服务站的门面"),
}
