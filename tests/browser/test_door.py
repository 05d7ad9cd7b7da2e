"""The ways in, on a phone: by code, by a ticket of the mini program, as somebody whom no roster knows."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.callers import Callers
from tests.elders import code_for
from tests.servers import Server
from tests.story import COMMUNITY, Story, csv_bytes, ok, phone, roster_row

WECHAT = (
    "Mozilla/5.0 (Linux; Android 14) Chrome/122 Mobile MicroMessenger/8.0.49 miniProgram/wx0000000000000000"
)
#: What WeChat puts into every page of a web-view.
BRIDGE = """
window.asked = [];
window.WeixinJSBridge = { invoke: (name, given) => window.asked.push([name, given.name, given.arg.url]) };
"""


@dataclass
class Neighbourhood:
    """A running service, its committee, three people on its roster."""

    server: Server
    story: Story

    def at(self, address: str) -> str:
        return f"{self.server.url}/app/?community={COMMUNITY}{address}"

    def tokens(self, name: str, number: int) -> dict[str, Any]:
        """Bound in WeChat, as the mini program does it."""
        client = self.story.client
        path = "/api/v1/auth/tokens"
        answer = client.post(path, json={"wechat_code": f"dev:{name}"})
        if answer.status_code == 409:
            body = {"wechat_binding": answer.json()["binding"], "phone_code": f"dev:{phone(number)}"}
            answer = client.post(path, json=body)
        made: dict[str, Any] = ok(answer)
        return made

    def ticket(self, name: str, number: int) -> str:
        token = self.tokens(name, number)["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return str(ok(self.story.client.post("/api/v1/auth/tickets", headers=headers))["ticket"])


@pytest.fixture
def place(server: Server) -> Neighbourhood:
    client = TestClient(server.app)
    story = Story(client, Callers(server.app, server.app.state.wiring.database))
    # masked, all others are alike
    rows = [roster_row(0), roster_row(1), roster_row(2, 房号="0302")]
    story.import_roster(csv_bytes(rows))
    return Neighbourhood(server, story)


@pytest.fixture
def new_phone(chromium: Browser) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": 360, "height": 640}, device_scale_factor=2, is_mobile=True, has_touch=True,
            locale="zh-CN", **options,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield make
    for context in contexts:
        context.close()


def ask_code(page: Page, number: int) -> str:
    page.get_by_label("手机号码").fill(phone(number))
    page.get_by_role("button", name="获取验证码").tap()
    found = re.search(r"\d{6}", page.locator(".note").inner_text())
    assert found is not None
    return found.group()


def give_code(page: Page, code: str) -> None:
    page.get_by_label("短信验证码").fill(code)
    page.get_by_role("button", name="登录", exact=True).tap()


def agree(page: Page) -> None:
    page.get_by_role("button", name="同意，继续").tap()


def sign_in(page: Page, place: Neighbourhood, number: int) -> None:
    page.goto(place.at("#/sign-in"))
    give_code(page, ask_code(page, number))
    agree(page)
    expect(page.get_by_role("button", name="对，是我家")).to_be_visible()


def who(page: Page) -> str | None:
    """The account that is signed in in a page."""
    found: str | None = page.evaluate(
        "JSON.parse(localStorage.getItem('gongyi.session') ?? '{}').who ?? null"
    )
    return found


class TestSignIn:
    def test_a_code_survives_the_look_at_the_message_and_the_home_is_confirmed_once(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(place.at("#/sign-in"))
        code = ask_code(page, 0)
        again = page.get_by_role("button", name=re.compile("秒后可以重新获取"))
        expect(again).to_be_disabled()
        page.reload()  # what a small phone does while the short message is read
        expect(page.locator("#app").get_by_text("验证码已发到 139****0000")).to_be_visible()
        give_code(page, "000000" if code != "000000" else "111111")
        expect(page.locator("#app").get_by_text("还可以再试 4 次")).to_be_visible()
        give_code(page, code)
        agree(page)
        expect(page.get_by_role("heading", name="1栋 1单元 **01")).to_be_visible()
        expect(page.locator("#app").get_by_text("居**")).to_be_visible()
        assert "居民0" not in page.content()
        page.get_by_role("button", name="对，是我家").tap()
        expect(page).to_have_url(re.compile("#/$"))
        assert page.evaluate("localStorage.getItem('gongyi.door.sent')") is None
        page.goto(place.at("#/where"))
        page.reload()
        expect(page).to_have_url(re.compile("#/$"))

    def test_whoever_has_an_old_number_does_not_go_on_as_its_former_owner(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(place.at("#/sign-in"))
        give_code(page, ask_code(page, 1))
        agree(page)
        page.get_by_role("button", name="不是我").tap()
        expect(page.locator("#app").get_by_text("请不要替别人投票")).to_be_visible()
        page.get_by_role("button", name="退出登录").tap()
        expect(page.get_by_label("手机号码")).to_be_visible()
        assert page.evaluate("localStorage.getItem('gongyi.session')") is None

    @pytest.mark.parametrize(
        "next_", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"]
    )
    def test_where_one_goes_next_is_in_the_application(
        self, place: Neighbourhood, new_phone: Callable[..., Page], next_: str
    ) -> None:
        page = new_phone()
        page.goto(place.at(f"#/sign-in?next={next_}"))
        give_code(page, ask_code(page, 2))
        agree(page)
        expect(page.get_by_role("button", name="对，是我家")).to_be_visible()
        assert page.url.startswith(place.server.url)


class TestHelp:
    def test_a_wrong_code_does_not_sign_the_helper_out(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(place.at("#/sign-in?next=%23%2Fhelp"))
        give_code(page, ask_code(page, 0))
        agree(page)
        page.get_by_role("button", name="对，是我家").tap()
        expect(page.get_by_label("我在帮家人投票")).to_be_checked()
        hers = page.evaluate("localStorage.getItem('gongyi.session')")
        assert hers
        page.get_by_label("一次性投票码").fill("AAAAA-AAAAA")
        page.get_by_role("button", name="登录", exact=True).tap()
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.evaluate("localStorage.getItem('gongyi.session')") == hers
        page.get_by_label("一次性投票码").fill(code_for(place.story, 1))
        page.get_by_role("button", name="登录", exact=True).tap()
        expect(page.locator("#helping")).to_contain_text("正在帮家人投票")
        page.goto(place.at("#/help"))
        expect(page.locator("#helping")).to_be_visible()
        page.get_by_role("button", name="结束").tap()
        expect(page.locator("#helping")).to_have_count(0)
        page.wait_for_function("hers => localStorage.getItem('gongyi.session') === hers", arg=hers)


class TestRegister:
    def test_a_tenant_says_where_and_sees_what_becomes_of_it(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(place.at("#/sign-in"))
        give_code(page, ask_code(page, 60))
        agree(page)
        expect(page.locator("#app").get_by_text("名册上还没有这个号码")).to_be_visible()
        page.get_by_role("link", name="我住在这里，登记").tap()
        expect(page.get_by_label("手机号码")).to_have_value(phone(60))
        page.get_by_label("姓名").fill("新来的")
        page.get_by_label("楼栋").select_option("1栋")
        expect(page.get_by_label("单元")).to_have_value("1单元")
        page.get_by_label("房号").fill("0909")
        page.get_by_label("租户").check()
        page.get_by_role("button", name="提交").tap()
        expect(page.locator("#app").get_by_text("已登记，等待居委会核实。")).to_be_visible()
        page.goto(place.at("#/where"))
        expect(page.get_by_role("heading", name="1栋 1单元 0909")).to_be_visible()

        listed = f"/api/v1/communities/{COMMUNITY}/registrations"
        story = place.story
        (filed,) = ok(story.client.get(listed, headers=story.clerk))["items"]
        assert (filed["person"]["tenure"], filed["person"]["birth_year"]) == ("tenant", None)
        reject = f"/api/v1/registrations/{filed['id']}/reject"
        ok(story.client.post(reject, json={"reason": "这一户没有出租"}, headers=story.clerk))
        page.reload()
        expect(page.locator("#app").get_by_text("居委会说：这一户没有出租")).to_be_visible()
        page.get_by_role("link", name="我住在这里，登记").tap()
        page.get_by_label("楼栋").select_option(label="列表里没有")
        page.get_by_label("楼栋名称").fill("12栋")
        page.get_by_label("姓名").fill("新来的")
        page.get_by_label("手机号码").fill(phone(60))
        page.get_by_label("房号").fill("1")
        page.get_by_role("button", name="提交").tap()
        expect(page.locator("#app").get_by_text("已登记，等待居委会核实。")).to_be_visible()


class TestMiniProgram:
    def test_a_ticket_comes_in_and_leaves_no_trace(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        ticket = place.ticket("wang", 0)
        page = new_phone(user_agent=WECHAT)
        page.add_init_script(BRIDGE)
        page.goto(place.at(f"#/enter/{ticket}?to=%2Fme"))
        expect(page.locator("#app").get_by_text("居**")).to_be_visible()
        assert ticket not in page.url
        assert ticket not in page.evaluate("JSON.stringify({ ...localStorage })")
        page.go_back()
        assert ticket not in page.url
        page.goto("about:blank")
        page.goto(place.at(f"#/enter/{ticket}?to=%2Fcommunities"))  # sent on by mistake: worth nothing
        expect(page.get_by_role("heading", name="选择社区")).to_be_visible()

        stranger = new_phone()
        stranger.goto(place.at(f"#/enter/{ticket}?to=%2Fme"))
        stranger.get_by_role("button", name="看看是谁的登录").tap()
        expect(stranger.get_by_text("进入凭证已用过或已过期")).to_be_visible()
        stranger.get_by_role("link", name="用短信验证码登录").tap()
        expect(stranger.get_by_label("手机号码")).to_be_visible()

    def test_in_a_browser_an_address_signs_nobody_in_unasked(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        """A neighbour sends an address; what the victim writes next must not count as the neighbour's."""
        victim = new_phone()
        sign_in(victim, place, 2)
        mine = who(victim)
        ticket = place.ticket("wang", 0)
        victim.goto(place.at(f"#/enter/{ticket}?to=%2Fme"))
        expect(victim.get_by_role("heading", name="用另一个登录继续？")).to_be_visible()
        assert who(victim) == mine
        victim.get_by_role("button", name="看看是谁的登录").tap()
        expect(victim.locator("#now")).to_have_text("居** · 1栋 1单元 **02")
        expect(victim.locator("#then")).to_have_text("居** · 1栋 1单元 **01")
        assert who(victim) == mine
        with victim.expect_response("**/api/v1/auth/session") as ended:
            victim.get_by_role("button", name="不换").tap()
        assert ended.value.status == 204
        expect(victim).to_have_url(re.compile("#/me$"))
        assert who(victim) == mine

    def test_in_the_mini_program_another_is_asked_for_and_oneself_is_not(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone(user_agent=WECHAT)
        for _ in range(2):  # opened twice: the second time one is there already
            page.goto("about:blank")
            page.goto(place.at(f"#/enter/{place.ticket('wang', 0)}?to=%2Fme"))
            expect(page).to_have_url(re.compile("#/me$"))
        wang = who(page)
        page.goto("about:blank")
        page.goto(place.at(f"#/enter/{place.ticket('li', 2)}?to=%2Fme"))
        expect(page.locator("#now")).to_have_text("居** · 1栋 1单元 **01")
        expect(page.locator("#then")).to_have_text("居** · 1栋 1单元 **02")
        assert who(page) == wang
        page.get_by_role("button", name="换过去，继续").tap()
        expect(page).to_have_url(re.compile("#/me$"))
        assert who(page) not in {wang, None}

    def test_opened_for_a_guest_it_forgets_who_was_there_and_in_a_browser_it_does_not(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone(user_agent=WECHAT)
        page.goto(place.at(f"#/enter/{place.ticket('wang', 0)}?to=%2Fme"))
        expect(page).to_have_url(re.compile("#/me$"))
        assert who(page)
        page.goto("about:blank")
        page.goto(place.at("#/leave?to=%2Fcommunities"))
        expect(page.get_by_role("heading", name="选择社区")).to_be_visible()
        assert who(page) is None
        page.goto("about:blank")
        page.goto(place.at("#/leave?to=%2F%2Felsewhere.example"))
        expect(page).to_have_url(re.compile("elsewhere|#/$"))
        assert page.url.startswith(place.server.url)

        browser = new_phone()
        sign_in(browser, place, 2)
        browser.goto(place.at("#/leave?to=%2Fme"))
        expect(browser).to_have_url(re.compile("#/me$"))
        assert who(browser)

    def test_signing_in_opens_the_native_page(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone(user_agent=WECHAT)
        page.add_init_script(BRIDGE)
        page.goto(place.at("#/sign-in?next=%23%2Fround%2Fx%2Freview"))
        page.get_by_role("button", name="用微信登录").tap()
        assert page.evaluate("window.asked") == [
            ["invokeMiniProgramAPI", "navigateTo", "/pages/bind/bind?to=%2Fround%2Fx%2Freview"]
        ]

    def test_in_a_browser_nothing_of_wechat_is_offered(
        self, place: Neighbourhood, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        page.goto(place.at("#/sign-in"))
        expect(page.get_by_label("手机号码")).to_be_visible()
        expect(page.get_by_role("button", name="用微信登录")).to_have_count(0)
