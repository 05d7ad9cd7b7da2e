"""What holds on every screen, in both languages, in normal and in elder mode."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.screens import LANGUAGES, MODES, SCREENS, Seen, Walk, phone
from tests.servers import Server
from tests.usable import barriers

#: Points a finger needs; the elders' guide of the ministry (MIIT 适老化通用设计规范) asks for 60.
LEAST = {"normal": 44, "elder": 60}
SOURCES = Path(__file__).parents[2] / "frontend" / "resident" / "src"
GATES = (Path(__file__).parent / "gates.js").read_text()


def check(page: Page, screen: Seen, *, mode: str, keyboard: bool) -> list[str]:
    """What is wrong with the screen that is up, in words; which keys reach what is the same in every language."""

    def gate(name: str, *arguments: int) -> list[str]:
        found: list[str] = page.evaluate(f"window.gates.{name}({', '.join(map(str, arguments))})")
        return [f"{screen.name}: {name}: {each}" for each in found]

    wrong = [f"{screen.name}: {each}" for each in barriers(page)]
    wrong += gate("small", LEAST[mode]) + gate("nameless") + gate("untranslated") + gate("sideways")
    wrong += [
        f"{screen.name}: against the page's own policy: {each}" for each in page.evaluate("window.refused")
    ]
    if keyboard:
        for _ in range(page.evaluate("window.gates.mark()") + 5):
            page.keyboard.press("Tab")
        wrong += gate("unreached")
    page.evaluate("window.gates.twiceTheText()")
    return wrong + [f"twice the text, {each}" for each in gate("sideways")]


@contextmanager
def walking(server: Server, chromium: Browser, *, language: str, mode: str) -> Iterator[Walk]:
    """A phone with the gates in every page."""
    with phone(chromium, language=language) as page:
        page.add_init_script(GATES)
        yield Walk.of(page, server.url, language=language, mode=mode)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", MODES)
def test_every_screen_is_usable_by_everybody(
    demonstration: Server, chromium: Browser, language: str, mode: str
) -> None:
    wrong: list[str] = []
    foreign: set[str] = set()
    ours = (demonstration.url, "data:", "blob:")
    with walking(demonstration, chromium, language=language, mode=mode) as walk:
        walk.page.on("pageerror", lambda error: wrong.append(f"{walk.page.url}: {error}"))
        walk.page.on("request", lambda each: None if each.url.startswith(ours) else foreign.add(each.url))
        for screen in SCREENS:
            walk.show(screen)
            wrong += check(walk.page, screen, mode=mode, keyboard=language == "zh-CN")
    assert foreign == set()
    assert not wrong, "\n".join(wrong)


def test_no_screen_is_left_out() -> None:
    written = {
        re.sub(r":\w+", "x", path)
        for routes in SOURCES.glob("areas/*/routes.ts")
        for path in re.findall(r'path: "([^"]+)"', routes.read_text())
    }
    walked = {
        re.sub(r"\{\w+\}", "x", screen.address.removeprefix("#").partition("?")[0]) for screen in SCREENS
    }
    walked = {re.sub(r"^(/enter|/q|/door)/.+", r"\1/x", path) for path in walked}
    assert written - walked == {"/ideas/x"}  # the same screen by a second address
