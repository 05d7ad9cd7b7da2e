"""A resident's evening on a phone: sign in, rank, cast, change; by keyboard, in large type, on a bad line."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from app.worker import Worker
from tests.browser.screens import keep
from tests.callers import Callers
from tests.elders import code_for
from tests.servers import Server
from tests.story import COMMUNITY, Story, csv_bytes, ok, phone, roster_row

LOST = re.compile(r"/my-ballot$")
SEALED = "选票已封存"
WAITING = "选票在等待网络"


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

    def ballots(self, round_id: str | None = None) -> int:
        path = f"/api/v1/rounds/{round_id or self.round_id}/turnout"
        return int(ok(self.story.client.get(path, headers=self.story.clerk))["taken_part"])


@pytest.fixture
def evening(server: Server) -> Evening:
    client = TestClient(server.app)  # no lifespan of its own: the running server's writer serves both
    story = Story(client, Callers(server.app, server.app.state.wiring.database)).with_residents(60)
    ids = story.published_projects([100_000 * number for number in range(1, 8)])
    return Evening(server, story, ids, story.open_round(ids, max_rank=5))


@pytest.fixture
def new_phone(chromium: Browser) -> Iterator[Callable[..., Page]]:
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
        page.set_default_timeout(20_000)
        return page

    yield make
    for context in contexts:
        context.close()


def heading(page: Page, text: str) -> None:
    """Wait until this page is up; a heading is written in phrases, so blanks between them do not count."""
    expect(page.locator("#heading")).to_have_text(re.compile(text))


def sign_in(page: Page, number: int, *, on_the_roster: bool = True, again: bool = False) -> None:
    """By a code to the phone; what is kept is agreed to, and the home confirmed, once."""
    page.get_by_label("手机号码").fill(phone(number))
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("短信验证码").fill(shown_code(page))
    page.get_by_role("button", name="登录", exact=True).click()
    if not again:
        page.get_by_role("button", name="同意，继续").click()
    if on_the_roster:
        page.get_by_role("button", name="对，是我家").click()


def shown_code(page: Page) -> str:
    """The code that a development service shows instead of sending it."""
    shown = re.search(
        r"\d{6}", page.locator(".note").filter(has_text=re.compile(r"\d{6}")).first.inner_text()
    )
    assert shown is not None
    return shown.group()


def choose(page: Page, *places: int) -> None:
    for place in places:
        page.locator(".badge").nth(place).tap()
        expect(page.locator(".badge").nth(place)).to_have_attribute("aria-pressed", "true")


def to_review(page: Page) -> None:
    page.get_by_role("link", name="下一步：排先后").tap()
    page.get_by_role("link", name="下一步：核对").tap()


def middle_of(page: Page, selector: str, at: int) -> tuple[float, float]:
    box = page.locator(selector).nth(at).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def cast(page: Page) -> None:
    page.locator("#cast").tap()
    heading(page, SEALED)


def sign_out(page: Page, evening: Evening) -> None:
    page.goto(f"{evening.address}#/me")
    page.get_by_role("button", name="退出登录").tap()
    page.get_by_role("dialog").get_by_role("button", name="退出登录").tap()
    expect(page.get_by_role("heading", name="先登录")).to_be_visible()


def press_until(page: Page, selector: str) -> None:
    """Go on by the tab key to what is wanted, and press it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            page.keyboard.press("Enter")
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def found_on_the_public_list(evening: Evening, page: Page) -> None:
    """After closing and counting, the page that checks a ballot shows its line, and the line is on the list."""
    for number in range(10, 60):
        ok(evening.story.cast(evening.round_id, evening.story.resident(number), evening.project_ids[:2]))
    evening.story.finish(evening.round_id, Worker(evening.server.app.state.wiring).drain)
    page.goto("about:blank")
    page.goto(f"{evening.address}#/check/{evening.round_id}")
    expect(page.locator("#tracker")).to_have_text(re.compile("^[A-Z2-7 ]{16,19}$"))
    expect(page.locator("#verdict")).to_have_text(re.compile("^查到了"))
    tracker = page.locator("#tracker").inner_text().replace(" ", "")
    published = evening.story.client.get(f"/board/v1/rounds/{evening.round_id}/ballots.pb").text
    mine = [line for line in published.splitlines() if line.startswith(tracker)]
    assert len(mine) == 1
    assert set(mine[0].split(";")[1].split(",")) <= set(evening.project_ids)


class TestCast:
    def test_a_first_time_resident_votes_changes_withdraws_and_finds_the_ballot(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
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
        cast(page)
        assert evening.ballots() == 1

        page.get_by_role("link", name="更改选票").tap()
        page.locator(".badge[aria-pressed=true]").first.tap()
        to_review(page)
        cast(page)
        expect(page.locator("#receipt-version")).to_have_text("2")
        page.get_by_role("button", name="撤回选票").tap()
        page.get_by_role("button", name="确定撤回").tap()
        heading(page, "选票已撤回")
        assert evening.ballots() == 0
        page.get_by_role("link", name="重新投票").tap()
        to_review(page)
        cast(page)
        found_on_the_public_list(evening, page)
        assert errors == []

    def test_the_same_by_keyboard_alone(self, evening: Evening, new_phone: Callable[..., Page]) -> None:
        page = new_phone()
        page.goto(evening.address)
        expect(page.get_by_role("link", name="去投票")).to_be_visible()
        press_until(page, "main a.button")
        heading(page, "先做哪几件")
        for many in range(1, 6):
            press_until(page, ".badge[aria-pressed=false]:not([aria-disabled])")
            expect(page.locator(".badge[aria-pressed=true]")).to_have_count(many)
        press_until(page, ".dock a.button")
        heading(page, "排出先后")
        second = page.locator(".rank h2").nth(1).inner_text()
        press_until(page, ".move:not([disabled])")
        expect(page.locator(".rank h2").first).to_have_text(second)
        press_until(page, ".dock a.button:not(.plain)")
        expect(page.get_by_label("手机号码")).to_be_visible()
        for _ in range(20):
            if page.evaluate("document.activeElement.type === 'tel'"):
                break
            page.keyboard.press("Tab")
        page.keyboard.type(phone(1))
        page.keyboard.press("Enter")
        expect(page.get_by_label("短信验证码")).to_be_focused()
        page.keyboard.type(shown_code(page))
        page.keyboard.press("Enter")
        heading(page, "隐私说明")
        press_until(page, ".consent .button")
        heading(page, "我住在哪里")
        press_until(page, "main .button")
        heading(page, "核对一遍")
        press_until(page, "#cast")
        heading(page, SEALED)
        press_until(page, f"main a[href='#/round/{evening.round_id}']")
        heading(page, "先做哪几件")
        press_until(page, ".badge[aria-pressed=true]")
        press_until(page, ".dock a.button")
        heading(page, "排出先后")
        press_until(page, ".dock a.button:not(.plain)")
        heading(page, "核对一遍")
        press_until(page, "#cast")
        heading(page, SEALED)
        expect(page.locator("#receipt-version")).to_have_text("2")
        assert evening.ballots() == 1
        found_on_the_public_list(evening, page)

    def test_the_same_in_elder_mode_one_project_at_a_time(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("button", name="长辈版").tap()
        page.get_by_role("link", name="去投票").tap()
        heading(page, "选一个")
        for place in range(1, 6):
            page.get_by_role("button", name=f"选它，排第 {place}").tap()
            expect(page.get_by_role("button", name=f"不选它了（现在第 {place}）")).to_be_visible()
            page.get_by_role("button", name="看下一个").tap()
        expect(page.locator("#app").get_by_text("已选 5 个，最多 5 个")).to_be_visible()
        page.get_by_role("link", name="选好了").tap()
        page.get_by_role("link", name="下一步：核对").tap()
        sign_in(page, 2)
        cast(page)
        # large letters, large targets, and no more than three things to do
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
        assert page.locator("main .button").count() <= 3
        page.get_by_role("link", name="更改选票").tap()
        page.get_by_role("link", name="选好了").tap()
        first = page.locator(".rank h2").first.inner_text()
        page.locator(".rank").first.get_by_role("button").nth(1).tap()
        expect(page.locator(".rank h2").nth(1)).to_have_text(first)
        page.get_by_role("link", name="下一步：核对").tap()
        cast(page)
        assert evening.ballots() == 1
        found_on_the_public_list(evening, page)

    def test_the_order_can_be_changed_by_dragging(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        keep(page, of="-", **{f"draft__{evening.round_id}": evening.project_ids[:3]})
        page.goto(f"{evening.address}#/round/{evening.round_id}/rank")
        page.reload()
        expect(page.locator(".rank")).to_have_count(3)
        before = page.locator(".rank h2").all_inner_texts()
        x, y = middle_of(page, ".grip", 0)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y + 60, steps=4)
        page.mouse.move(x, middle_of(page, ".grip", 2)[1], steps=4)
        page.mouse.up()
        assert page.locator(".rank h2").all_inner_texts() == [before[1], before[2], before[0]]
        page.mouse.move(x, y, steps=4)  # let go: nothing moves any more
        assert page.locator(".rank h2").all_inner_texts() == [before[1], before[2], before[0]]
        page.reload()
        expect(page.locator(".rank h2").nth(2)).to_have_text(before[0])


class TestWaitForALine:
    def test_draft_and_outbox_survive_a_reload_and_one_ballot_results(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0, 1)
        page.reload()
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(2)
        to_review(page)
        sign_in(page, 2)
        expect(page.locator("#cast")).to_be_enabled()
        page.context.set_offline(True)
        page.locator("#cast").tap()
        heading(page, WAITING)
        page.get_by_role("button", name="现在重试").tap()
        heading(page, WAITING)
        assert evening.ballots() == 0
        # the page itself comes from the server, so the reload needs the line; the ballot must still be lost on it
        page.route(LOST, lambda route: route.abort("internetdisconnected"))
        page.context.set_offline(False)
        page.reload()
        heading(page, WAITING)
        page.unroute(LOST)
        page.get_by_role("button", name="现在重试").tap()
        heading(page, SEALED)
        assert evening.ballots() == 1
        assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox.')).length") == 0

    def test_it_goes_out_by_itself_when_the_line_is_back(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 3)
        expect(page.locator("#cast")).to_be_enabled()
        page.context.set_offline(True)
        page.locator("#cast").tap()
        heading(page, WAITING)
        page.context.set_offline(False)
        heading(page, SEALED)
        assert evening.ballots() == 1

    def test_an_answer_lost_on_the_way_does_not_cast_twice(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 4)
        expect(page.locator("#cast")).to_be_enabled()

        def take_and_lose(route: Route) -> None:
            route.fetch()
            route.abort("connectionreset")

        page.route(LOST, take_and_lose)
        page.locator("#cast").tap()
        heading(page, WAITING)
        page.unroute(LOST)
        page.get_by_role("button", name="现在重试").tap()
        heading(page, SEALED)
        who = evening.story.resident(4)
        path = f"/api/v1/rounds/{evening.round_id}/my-participation"
        assert ok(evening.story.client.get(path, headers=who))["version"] == 1

    def test_what_was_read_before_is_shown_with_its_time(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        expect(page.get_by_role("link", name="去投票")).to_be_visible()
        page.evaluate(
            """() => { for (const key of Object.keys(localStorage)) if (key.includes('kept.')) {
              const kept = JSON.parse(localStorage.getItem(key)); kept.at -= 3600000;
              localStorage.setItem(key, JSON.stringify(kept)); } }"""
        )
        page.route(re.compile("/overview$"), lambda route: route.abort("internetdisconnected"))
        page.reload()
        expect(page.locator("#app").get_by_text("没有网络，这是")).to_be_visible()
        expect(page.get_by_role("link", name="去投票")).to_be_visible()


class TestSharePhones:
    def test_two_phones_of_one_household_make_one_ballot(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        story = evening.story
        couple = [
            roster_row(300, 户代表="是"),
            roster_row(300, 姓名="同住人", 手机=phone(301), 户代表="否"),
        ]
        story.import_roster(csv_bytes([*(roster_row(number) for number in range(60)), *couple]))
        round_id = story.open_round(evening.project_ids, electorate="household", max_rank=5)
        pages = [new_phone(), new_phone()]
        for page, number in zip(pages, (300, 301), strict=True):
            page.goto(f"{evening.address}#/round/{round_id}")
            choose(page, 0)
            to_review(page)
            sign_in(page, number)
            if number == 301:
                expect(page.locator("#app").get_by_text("您已经投过票")).to_be_visible()
            cast(page)
        assert evening.ballots(round_id) == 1

    def test_helping_somebody_with_a_paper_code_and_staying_oneself(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 4)
        cast(page)
        hers = page.evaluate("localStorage.getItem('gongyi.session')")

        page.goto(f"{evening.address}#/code")
        page.get_by_label("一次性投票码").fill(code_for(evening.story, 5).lower().replace("-", " "))
        # she is signed in already, so the code is not her own
        expect(page.get_by_label("我在帮家人投票")).to_be_checked()
        page.get_by_role("button", name="登录", exact=True).tap()
        expect(page.locator("#helping")).to_contain_text("正在帮家人投票")
        page.get_by_role("link", name="去投票").tap()
        expect(page.locator(".badge").first).to_be_visible()
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(0)  # her own draft is not shown
        choose(page, 1, 2)
        to_review(page)
        cast(page)
        assert evening.ballots() == 2
        assert page.evaluate("localStorage.getItem('gongyi.session')") == hers
        page.get_by_role("button", name="结束").tap()
        expect(page.locator("#helping")).to_have_count(0)
        page.get_by_role("link", name="更改选票").tap()
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(1)  # her own again
        to_review(page)
        cast(page)
        expect(page.locator("#receipt-version")).to_have_text("2")
        assert evening.ballots() == 2

    def test_two_residents_of_one_phone_do_not_see_each_others_ballots(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0, 1, 2)
        to_review(page)
        sign_in(page, 6)
        page.route(LOST, lambda route: route.abort("internetdisconnected"))
        page.locator("#cast").tap()
        heading(page, WAITING)
        sign_out(page, evening)
        page.unroute(LOST)

        page.goto("about:blank")
        page.goto(f"{evening.address}#/round/{evening.round_id}")
        expect(page.locator(".badge").first).to_be_visible()
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(0)
        choose(page, 4)
        to_review(page)
        sign_in(page, 7)
        expect(page.locator(".review li")).to_have_count(1)
        cast(page)
        assert evening.ballots() == 1
        sign_out(page, evening)

        page.goto("about:blank")
        page.goto(f"{evening.address}#/sign-in?next=%23%2Fround%2F{evening.round_id}%2Freceipt")
        sign_in(page, 6, again=True)
        heading(page, f"{WAITING}|{SEALED}")
        page.reload()
        heading(page, f"{WAITING}|{SEALED}")
        expect(page.locator("#heading")).to_have_text(re.compile(SEALED), timeout=20_000)
        assert evening.ballots() == 2


class TestKeep:
    def test_a_full_phone_is_told_what_it_cannot_keep(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 8)
        expect(page.locator("#cast")).to_be_enabled()
        page.evaluate(
            """() => { Object.keys(localStorage).filter(key => key.startsWith('gongyi.kept.'))
                .forEach(key => localStorage.removeItem(key));
              let piece = 'x'.repeat(1 << 20);
              while (piece.length) { try { localStorage.setItem('full' + Math.random(), piece); }
                catch { piece = piece.slice(piece.length / 2 | 0).slice(piece.length === 1 ? 1 : 0); } } }"""
        )
        page.locator("#cast").tap()
        heading(page, SEALED)
        expect(page.get_by_role("alert")).to_contain_text("这部手机存不下回执")
        assert evening.ballots() == 1

    def test_a_round_that_closed_meanwhile_is_not_offered_any_more(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 9)
        cast(page)
        ok(evening.story.client.post(f"/api/v1/rounds/{evening.round_id}/close", headers=evening.story.clerk))
        page.reload()
        expect(page.locator("#app").get_by_text("您的选票在票箱里")).to_be_visible()
        expect(page.get_by_role("link", name="更改选票")).to_have_count(0)
        for step in ("rank", "review"):
            page.goto("about:blank")
            page.goto(f"{evening.address}#/round/{evening.round_id}/{step}")
            expect(page.locator("#app").get_by_text("投票已经截止。")).to_be_visible()
            expect(page.locator("#cast")).to_have_count(0)

    def test_an_address_that_names_nothing_says_so(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        for address in ("#/nothing/here", "#/project/nonsense", "#/round/zzz", "#/meeting/12"):
            page.goto("about:blank")
            page.goto(evening.address + address)
            expect(page.locator("#app").get_by_text("网址可能不完整").first).to_be_visible()
            expect(page.get_by_role("link", name="回首页")).to_be_visible()


class TestConsent:
    def test_nothing_else_opens_before_it_is_answered(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(f"{evening.address}#/sign-in")
        page.get_by_label("手机号码").fill(phone(3))
        page.get_by_role("button", name="获取验证码").click()
        page.get_by_label("短信验证码").fill(shown_code(page))
        page.get_by_role("button", name="登录", exact=True).click()
        heading(page, "隐私说明")
        for address in ("#/", "#/ideas/new", f"#/round/{evening.round_id}"):
            page.goto(evening.address + address)
            heading(page, "隐私说明")
        page.get_by_role("button", name="同意，继续").click()
        expect(page.get_by_role("heading", name="核对一遍").or_(page.locator("#heading"))).to_be_visible()
        page.goto(f"{evening.address}#/ideas/new")
        heading(page, "我来提一条建议")


class TestTalk:
    def test_a_word_on_a_project_of_a_consultation(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(f"{evening.address}#/sign-in?next=%23%2Fround%2F{evening.round_id}")
        sign_in(page, 4)
        page.locator(".what").first.tap()
        box = page.locator(".comments textarea").first
        box.fill("希望先修 3 栋那一段。")
        page.locator(".comments form button[type=submit]").first.tap()
        expect(page.locator(".comments")).to_contain_text("希望先修 3 栋那一段。")
        other = new_phone()
        other.goto(page.url)
        expect(other.locator(".comments")).to_contain_text("希望先修 3 栋那一段。")
        other.get_by_role("link", name="返回").first.tap()


class TestArrive:
    def test_from_the_poster_of_a_building_to_the_ballot(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        story = evening.story
        buildings = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/buildings", headers=story.clerk))[
            "items"
        ]
        made = ok(
            story.client.post(
                "/api/v1/links", json={"kind": "building", "id": buildings[0]["id"]}, headers=story.clerk
            )
        )
        page = new_phone()
        page.goto(f"{evening.server.url}/q/{made['code'].lower()}")
        expect(page.locator("#app").get_by_text(f"{buildings[0]['name']} 的邻居，您好")).to_be_visible()
        page.get_by_role("link", name="去投票").tap()
        heading(page, "先做哪几件")
        assert phone(0) not in page.url

    def test_somebody_who_is_not_on_the_roll_can_register(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(evening.address)
        page.get_by_role("link", name="去投票").tap()
        choose(page, 0)
        to_review(page)
        sign_in(page, 77, on_the_roster=False)
        page.get_by_role("link", name="我住在这里，登记").first.tap()
        page.get_by_label("姓名").fill("新来的")
        page.get_by_label("楼栋").select_option("1栋")
        page.get_by_label("房号").fill("0101")
        page.get_by_role("button", name="提交").tap()
        expect(page.locator("#app").get_by_text("等待居委会核实").first).to_be_visible()

    def test_without_a_community_one_is_chosen(
        self, evening: Evening, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(f"{evening.server.url}/app/")
        heading(page, "选择社区")
        page.get_by_role("link", name=re.compile("花果园大街社区")).tap()
        expect(page.get_by_role("link", name="去投票")).to_be_visible()


def test_the_clock_on_the_page_is_beijings(evening: Evening, chromium: Browser) -> None:
    context = chromium.new_context(locale="zh-CN", timezone_id="America/New_York")
    page = context.new_page()
    page.goto(f"{evening.address}#/round/{evening.round_id}/review")
    keep(page, of="-", **{f"draft__{evening.round_id}": evening.project_ids[:1]})
    page.goto(evening.address)
    page.get_by_role("button", name="长辈版").click()
    closes = ok(evening.story.client.get(f"/api/v1/rounds/{evening.round_id}"))["closes_at"]
    beijing = dt.datetime.fromisoformat(closes).astimezone(dt.timezone(dt.timedelta(hours=8)))
    expect(page.locator("article").first).to_contain_text(f"{beijing:%H:%M}")
    context.close()
