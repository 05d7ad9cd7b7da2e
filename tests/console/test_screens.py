"""What holds on every screen of the console, in both languages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as NotInTime

from tests.chromium import Demonstration
from tests.console.conftest import DESKTOP
from tests.console.screens import SCREENS, Seen, ids_of
from tests.usable import barriers

ROOT = Path(__file__).parents[2]
GATES = (ROOT / "tests" / "browser" / "gates.js").read_text()
SOURCES = ROOT / "frontend" / "console" / "src"
#: Points a pointer needs at a desk (WCAG 2.2, 2.5.8).
LEAST = 24
LANGUAGES = ("zh-CN", "en")


class Desk:
    """One browser that goes from desk to desk."""

    def __init__(self, page: Page, demonstration: Demonstration, language: str) -> None:
        self.page, self.demonstration, self.language = page, demonstration, language
        self.who = ""
        self.ids = ids_of(demonstration)

    def show(self, screen: Seen) -> None:
        """Open it in the right person's name, and wait for it to stand."""
        if screen.who != self.who:
            self._sign_in(screen.who)
        self.page.goto(f"{self.demonstration.url}/console/#{screen.path.format_map(self.ids)}")
        for each in screen.press:
            self.page.locator(each).first.click()
        self.page.locator(screen.shows).first.wait_for()
        self.page.wait_for_load_state("networkidle")

    def _sign_in(self, who: str) -> None:
        self.page.goto(f"{self.demonstration.url}/console/#/sign-in")
        self.page.evaluate(
            "language => { localStorage.clear();"
            " localStorage.setItem('gongyi-console.language', JSON.stringify(language)) }",
            self.language,
        )
        self.page.reload()
        self.page.locator("input[autocomplete=username]").fill(who)
        self.page.locator("input[type=password]").fill(self.demonstration.passwords[who])
        self.page.locator("button[type=submit]").click()
        self.page.locator(".frame #heading").wait_for()
        self.who = who


def check(page: Page, screen: Seen) -> list[str]:
    """What is wrong with the screen that is up, in words."""

    def gate(name: str, *arguments: int) -> list[str]:
        found: list[str] = page.evaluate(f"window.gates.{name}({', '.join(map(str, arguments))})")
        return [f"{screen.name}: {name}: {each}" for each in found]

    wrong = [f"{screen.name}: {each}" for each in barriers(page)]
    wrong += [
        f"{screen.name}: against the page's own policy: {each}" for each in page.evaluate("window.refused")
    ]
    return wrong + gate("nameless") + gate("untranslated") + gate("sideways")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_usable_by_everybody(
    demonstration: Demonstration, chromium: Browser, language: str
) -> None:
    wrong: list[str] = []
    foreign: set[str] = set()
    ours = (demonstration.url, "data:", "blob:")
    context = chromium.new_context(viewport=DESKTOP, locale=language)
    try:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.add_init_script(GATES)
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        page.on("request", lambda each: None if each.url.startswith(ours) else foreign.add(each.url))
        desk = Desk(page, demonstration, language)
        for screen in sorted(SCREENS, key=lambda each: each.who):
            try:
                desk.show(screen)
            except NotInTime:
                wrong.append(f"{screen.name}: no {screen.shows}: {page.inner_text('body')[:300]}")
            else:
                wrong += check(page, screen)
    finally:
        context.close()
    assert foreign == set()
    assert not wrong, "\n".join(wrong)


def test_no_screen_is_left_out() -> None:
    written = [
        path
        for routes in sorted(SOURCES.glob("areas/*/routes.ts"))
        for path in re.findall(r'path: "([^"]+)"', routes.read_text())
    ]
    walked = [screen.path.partition("?")[0] for screen in SCREENS]
    # a word of its own comes before an id: /projects/new is no project
    first = {
        path: next((each for each in sorted(written, key=_ids_last) if _matches(each, path)), None)
        for path in walked
    }
    assert set(written) - set(first.values()) == set()


def _ids_last(path: str) -> tuple[int, str]:
    return path.count(":"), path


def _matches(route: str, path: str) -> bool:
    return re.fullmatch(re.sub(r":\w+", "[^/]+", route), path) is not None
