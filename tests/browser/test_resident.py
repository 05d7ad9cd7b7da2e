"""A resident's evening on a phone: sign in, rank, cast, change; by keyboard, in large type, on a bad line."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.worker import Worker
from tests.callers import Callers
from tests.elders import code_for
from tests.servers import Server
from tests.story import COMMUNITY, Story, ok, phone

LOST = re.compile(r"/my-ballot$")


@dataclass
class Evening:
    """A running service with one open round."""

    server: Server
    story: Story
    project_ids: list[str]
    round_id: str

    @property
    def address(self) -> str:
        return f"{self.server.url}/app/?community={COMMUNITY}"

    def ballots(self) -> int:
        turnout = ok(
            self.story.client.get(f"/api/v1/rounds/{self.round_id}/turnout", headers=self.story.clerk)
        )
        return int(turnout["taken_part"])


@pytest.fixture
def evening(server: Server) -> Evening:
    client = TestClient(server.app)  # no lifespan of its own: the running server's writer serves both
    story = Story(client, Callers(server.app, server.app.state.wiring.database)).with_residents(52)
    ids = story.published_projects([100_000 * number for number in range(1, 8)])
    return Evening(server, story, ids, story.open_round(ids, max_rank=5))


@pytest.fixture
def new_phone(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    contexts: list[BrowserContext] = []

    def make(locale: str = "zh-CN") -> Page:
        context = chromium.new_context(
            viewport={"width": 360, "height": 640},
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale=locale,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, number: int) -> None:
    page.get_by_label("手机号码").fill(phone(number))
    page.get_by_role("button", name="获取验证码").click()
    shown = re.search(r"\d{6}", page.locator(".note").inner_text())
    assert shown is not None
    page.get_by_label("短信验证码").fill(shown.group())
    page.get_by_role("button", name="登录", exact=True).click()


def choose(page: Page, *places: int) -> None:
    for place in places:
        page.locator(".badge").nth(place).tap()
        expect(page.locator(".badge").nth(place)).to_have_attribute("aria-pressed", "true")


def to_review(page: Page) -> None:
    page.get_by_role("link", name="下一步：排先后").tap()
    page.get_by_role("link", name="下一步：核对").tap()


class TestResident:
    def test_votes_changes_withdraws_and_finds_the_ballot(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        foreign: list[str] = []
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(evening.server.url) else foreign.append(request.url)
            ),
        )
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0, 1, 2, 3, 4)
        page.locator(".badge").nth(5).tap(force=True)
        expect(page.locator("#live")).to_have_text("最多选 5 个，先取消一个再选。")
        page.get_by_role("link", name="下一步：排先后").tap()
        second = page.locator(".rank h2").nth(1).inner_text()
        page.locator(".rank").nth(1).get_by_role("button").first.tap()
        expect(page.locator(".rank h2").first).to_have_text(second)
        page.get_by_role("link", name="下一步：核对").tap()
        sign_in(page, 0)
        page.get_by_role("button", name="投出选票").tap()
        expect(page.get_by_role("heading", name="选票已封存")).to_be_visible()
        assert evening.ballots() == 1

        page.get_by_role("link", name="更改选票").tap()
        page.locator(".badge[aria-pressed=true]").first.tap()
        to_review(page)
        page.get_by_role("button", name="投出选票").tap()
        expect(page.locator("dl")).to_contain_text("2")
        page.get_by_role("button", name="撤回选票").tap()
        page.get_by_role("button", name="确定撤回").tap()
        expect(page.get_by_role("heading", name=re.compile("选票已撤回"))).to_be_visible()
        assert evening.ballots() == 0
        page.get_by_role("link", name="去投票").tap()
        to_review(page)
        page.get_by_role("button", name="投出选票").tap()
        expect(page.get_by_role("heading", name="选票已封存")).to_be_visible()

        for number in range(1, 52):
            ok(evening.story.cast(evening.round_id, evening.story.resident(number), evening.project_ids[:2]))
        evening.story.finish(evening.round_id, Worker(evening.server.app.state.wiring).drain)
        page.goto(f"{evening.address}#/result/{evening.round_id}")
        expect(page.get_by_role("tab", name=re.compile("^入选 "))).to_be_visible()
        expect(page.locator("#tracker")).to_have_text(re.compile("^[A-Z2-7]{16}$"))
        published = evening.story.client.get(f"/board/v1/rounds/{evening.round_id}/ballots.pb").text
        mine = [
            line for line in published.splitlines() if line.startswith(page.locator("#tracker").inner_text())
        ]
        assert len(mine) == 1
        assert set(mine[0].split(";")[1].split(",")) <= set(evening.project_ids)
        assert errors == []
        assert foreign == []

    def test_votes_by_keyboard_alone(self, evening: Evening, new_phone: Callable[..., Page]) -> None:
        page = new_phone()
        page.goto(evening.address)

        def press_until(selector: str) -> None:
            for _ in range(60):
                page.keyboard.press("Tab")
                if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                    page.keyboard.press("Enter")
                    return
            pytest.fail(f"the keyboard does not reach {selector}")

        expect(page.get_by_role("link", name="去投票")).to_be_visible()
        press_until("a.button")
        expect(page.locator(".badge").first).to_be_visible()
        press_until(".badge")
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(1)
        press_until(".badge[aria-pressed=false]")
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(2)
        press_until("#dock a.button")
        press_until(".move:not([disabled])")
        press_until("#dock a.button:not(.plain)")
        expect(page.get_by_label("手机号码")).to_be_visible()
        page.get_by_label("手机号码").focus()
        page.keyboard.type(phone(1))
        page.keyboard.press("Enter")
        shown = re.search(r"\d{6}", page.locator(".note").inner_text())
        assert shown is not None
        page.keyboard.type(shown.group())
        page.keyboard.press("Enter")
        expect(page.locator("#cast")).to_be_visible()
        press_until("#cast")
        expect(page.get_by_role("heading", name="选票已封存")).to_be_visible()
        assert evening.ballots() == 1

    def test_a_lost_line_keeps_the_ballot_and_sends_it_once(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0, 1)
        to_review(page)
        sign_in(page, 2)
        expect(page.get_by_role("button", name="投出选票")).to_be_visible()
        page.route(LOST, lambda route: route.abort("internetdisconnected"))
        page.get_by_role("button", name="投出选票").tap()
        expect(page.get_by_role("heading", name="选票在等待网络")).to_be_visible()
        assert evening.ballots() == 0
        page.unroute(LOST)
        page.reload()
        page.get_by_role("button", name="现在重试").tap()
        expect(page.get_by_role("heading", name="选票已封存")).to_be_visible()
        assert evening.ballots() == 1

    def test_an_answer_lost_on_the_way_does_not_cast_twice(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 3)

        def take_and_lose(route: object) -> None:
            route.fetch()  # type: ignore[attr-defined]
            route.abort("connectionreset")  # type: ignore[attr-defined]

        expect(page.get_by_role("button", name="投出选票")).to_be_visible()
        page.route(LOST, take_and_lose)
        page.get_by_role("button", name="投出选票").tap()
        expect(page.get_by_role("heading", name="选票在等待网络")).to_be_visible()
        page.unroute(LOST)
        page.get_by_role("button", name="现在重试").tap()
        expect(page.get_by_role("heading", name="选票已封存")).to_be_visible()
        participation = ok(
            evening.story.client.get(
                f"/api/v1/rounds/{evening.round_id}/my-participation", headers=evening.story.resident(3)
            )
        )
        assert participation["version"] == 1

    def test_somebody_who_is_not_on_the_roll_can_register(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 77)
        page.get_by_role("button", name="投出选票").tap()
        page.get_by_role("link", name="我住在这里，登记").tap()
        page.get_by_label("姓名").fill("新来的")
        page.get_by_label("手机号码").fill(phone(77))
        page.get_by_label("楼栋").fill("9栋")
        page.get_by_label("房号").fill("0101")
        page.get_by_role("button", name="提交").tap()
        expect(page.get_by_text("已登记，等待居委会核实。")).to_be_visible()

    def test_helps_somebody_with_a_paper_code_and_stays_herself(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 4)
        page.get_by_role("button", name="投出选票").tap()
        expect(page.get_by_role("heading", name="选票已封存")).to_be_visible()
        hers = page.evaluate("localStorage.getItem('gongyi.session')")

        page.goto(f"{evening.address}#/me")
        page.get_by_role("link", name="帮家人投票").tap()
        page.get_by_label("一次性投票码").fill(code_for(evening.story, 5).lower().replace("-", " "))
        # she is signed in already, so the code is not her own
        expect(page.get_by_label("我在帮家人投票")).to_be_checked()
        page.get_by_role("button", name="登录", exact=True).tap()
        expect(page.locator("#helping")).to_contain_text("正在帮家人投票")
        page.get_by_role("link", name="去投票").tap()
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(0)  # her own draft is not shown
        choose(page, 1, 2)
        to_review(page)
        page.get_by_role("button", name="投出选票").tap()
        expect(page.get_by_role("heading", name="选票已封存")).to_be_visible()
        assert evening.ballots() == 2
        assert page.evaluate("localStorage.getItem('gongyi.session')") == hers
        page.get_by_role("button", name="结束").tap()
        expect(page.locator("#helping")).to_have_count(0)
        page.get_by_role("link", name="更改选票").tap()
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(1)  # her own again
        to_review(page)
        page.get_by_role("button", name="投出选票").tap()
        expect(page.locator("dl")).to_contain_text("2")
        assert evening.ballots() == 2


SCREENS = (
    "#/",
    "#/round/{round}",
    "#/round/{round}/rank",
    "#/sign-in",
    "#/code",
    "#/notices",
    "#/communities",
    "#/project/{project}",
)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_every_screen_is_accessible(
    evening: Evening, new_phone: Callable[..., Page], language: str, mode: str
) -> None:
    page = new_phone(language)
    page.goto(evening.address)
    page.evaluate("mode => localStorage.setItem('gongyi.mode', JSON.stringify(mode))", mode)
    page.evaluate(
        "([id, ranking]) => localStorage.setItem('gongyi.draft.' + id, JSON.stringify(ranking))",
        [evening.round_id, evening.project_ids[:3]],
    )
    least = 60 if mode == "elder" else 44
    for screen in SCREENS:
        address = screen.format(round=evening.round_id, project=evening.project_ids[0])
        page.goto("about:blank")
        page.goto(evening.address + address)
        expect(page.locator("#heading")).to_be_visible()
        expect(page.locator(".loading")).to_have_count(0)
        found = Axe().run(page).response["violations"]
        serious = [
            (each["id"], each["nodes"][0]["html"])
            for each in found
            if each["impact"] in {"serious", "critical"}
        ]
        assert serious == [], (address, serious)
        small = page.evaluate(
            """least => [...document.querySelectorAll('a, button, input, select')]
              .filter(each => each.offsetParent && !each.closest('.md') && !each.matches('.skip'))
              .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
              .filter(([, box]) => box.height < least - 0.5 || box.width < 44 - 0.5).map(([html]) => html)""",
            least,
        )
        assert small == [], (address, small)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.evaluate("document.documentElement.style.setProperty('--t', '34px')")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, "at 200 % text")


def test_the_clock_on_the_page_is_beijings(evening: Evening, chromium: Browser) -> None:
    context = chromium.new_context(locale="zh-CN", timezone_id="America/New_York")
    page = context.new_page()
    page.goto(evening.address)
    closes = ok(evening.story.client.get(f"/api/v1/rounds/{evening.round_id}"))["closes_at"]
    beijing = dt.datetime.fromisoformat(closes).astimezone(dt.timezone(dt.timedelta(hours=8)))
    expect(page.locator("article").first).to_contain_text(f"{beijing:%H:%M}")
    context.close()


def test_no_file_of_the_page_is_large() -> None:
    folder = Path(__file__).parents[2] / "frontend" / "resident"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 100_000
