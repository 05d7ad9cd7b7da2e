"""An objection on a phone: filed on a bad line, followed, answered; and nobody beside the household learns of it."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from app.core import clock
from tests.browser.screens import LANGUAGES, MODES, keep, phone
from tests.callers import Callers
from tests.objection_story import WORDS, Case, a_case
from tests.servers import Server
from tests.story import COMMUNITY, ok
from tests.usable import barriers

GATES = (Path(__file__).parent / "gates.js").read_text()
LEAST = {"normal": 44, "elder": 60}
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def case(server: Server) -> Case:
    """Filed five days ago, given to a mediator, who made an offer at three in the afternoon, in Beijing."""
    client = TestClient(server.app)
    now = clock.now()
    afternoon = now.astimezone(clock.BEIJING).replace(hour=15, minute=0, second=0, microsecond=0)
    if afternoon > now:
        afternoon -= 24 * HOUR
    with clock.frozen(afternoon.astimezone(dt.UTC) - 120 * HOUR):
        case = a_case(client, Callers(server.app, server.app.state.wiring.database))
        assert case.assign().status_code == 204
    with clock.frozen(afternoon.astimezone(dt.UTC)):
        ok(case.post("views", case.at_work(), {"purpose": "上门前了解情况"}))
        case.offer("灯罩朝下，夜间调暗。")
    return case


@pytest.fixture
def at_home(server: Server, chromium: Browser) -> Iterator[Page]:
    with phone(chromium) as page:
        page.goto(f"{server.url}/app/icon.svg")
        keep(page, community=COMMUNITY)
        yield page


def sign_in(page: Page, case: Case, server: Server, number: int) -> None:
    """As somebody who has signed in on this phone before."""
    token = case.story.resident(number)["Authorization"].removeprefix("Bearer ")
    page.goto(f"{server.url}/app/icon.svg")
    keep(
        page,
        session={"access": token, "refresh": None, "until": 4_102_444_800_000, "who": f"household {number}"},
    )


def open_case(page: Page, case: Case, server: Server) -> None:
    sign_in(page, case, server, 3)
    page.goto(f"{server.url}/app/#/objection/{case.id}")
    expect(page.get_by_role("button", name="看方案一")).to_be_visible()


class TestFollowing:
    def test_who_knows_what_is_waited_for_and_who_looked(
        self, server: Server, case: Case, at_home: Page
    ) -> None:
        page = at_home
        sign_in(page, case, server, 3)
        page.goto(f"{server.url}/app/#/objections")
        page.get_by_role("link", name=re.compile("等您答复")).tap()
        expect(page.locator(".note").first).to_contain_text(
            re.compile(r"只有调解员周\*+、?和?街道专员.*知道是您提的")
        )
        expect(page.locator(".timeline li.now")).to_contain_text("不急")
        expect(page.locator("#app").get_by_text("上门前了解情况")).to_be_visible()
        # the window, and the list of pages a phone shows, say nothing
        assert page.title() == "共议"

    def test_an_offer_is_read_and_accepted_by_its_number(
        self, server: Server, case: Case, at_home: Page
    ) -> None:
        page = at_home
        open_case(page, case, server)
        page.get_by_role("button", name="看方案一").tap()
        sheet = page.get_by_role("dialog")
        expect(sheet).to_contain_text("灯罩朝下，夜间调暗。")
        sheet.get_by_role("button", name="接受这个方案").tap()
        expect(sheet).to_contain_text("随时可以重新保留异议")
        sheet.get_by_role("button", name="确定接受").tap()
        expect(page.locator("#app").get_by_text("已达成协议")).to_be_visible()
        assert case.mine()["state"] == "settled"
        page.get_by_role("button", name="继续保留异议").tap()
        page.get_by_role("dialog").get_by_role("button", name="保留异议", exact=True).tap()
        expect(page.locator(".tag", has_text="保留异议")).to_be_visible()

    def test_another_mediator_and_a_complaint_past_everybody(
        self, server: Server, case: Case, at_home: Page
    ) -> None:
        page = at_home
        open_case(page, case, server)
        page.get_by_role("button", name="越过居委会，向上反映").tap()
        sheet = page.get_by_role("dialog")
        sheet.get_by_role("button", name="提交").tap()
        expect(sheet.get_by_text("请写几个字。")).to_be_visible()
        sheet.get_by_label("发生了什么").fill("有人上门劝了三次。")
        sheet.get_by_role("button", name="提交").tap()
        expect(page.locator("#app").get_by_text("等上级专员答复您的反映")).to_be_visible()
        page.get_by_role("button", name="换一位调解员").tap()
        page.get_by_role("dialog").get_by_role("button", name="换一位", exact=True).tap()
        expect(page.locator("#app").get_by_text("等街道专员安排调解员")).to_be_visible()
        seen = case.mine()
        assert [each["kind"] for each in seen["entries"]][-2:] == ["complaint", "refusal"]
        assert (seen["state"], seen["refusals_left"]) == ("filed", 2)

    def test_withdrawn_it_can_be_taken_up_again(self, server: Server, case: Case, at_home: Page) -> None:
        page = at_home
        open_case(page, case, server)
        page.get_by_role("button", name="撤回异议").tap()
        page.get_by_role("dialog").get_by_role("button", name="撤回异议", exact=True).tap()
        expect(page.locator("#app").get_by_text("已撤回", exact=True)).to_be_visible()
        page.locator(".card > .button", has_text="恢复这份异议").tap()
        page.get_by_role("dialog").get_by_role("button", name="恢复这份异议").tap()
        expect(page.locator(".tag", has_text="保留异议")).to_be_visible()


class TestFiling:
    def test_on_a_bad_line_it_waits_and_is_filed_once(
        self, server: Server, case: Case, at_home: Page
    ) -> None:
        page = at_home
        sign_in(page, case, server, 7)
        address = f"{server.url}/app/#/objection/new/{case.project}"
        page.goto(address)
        expect(page.locator(".note").first).to_contain_text("邻居、居委会和公示里都没有您的名字")
        page.get_by_role("button", name="提交异议").tap()
        expect(page.locator("#app").get_by_text("请点选一项，或写几个字。")).to_be_visible()
        page.get_by_role("button", name="噪声").tap()
        page.get_by_label("说说您的理由").fill("离卧室太近。")
        page.get_by_label("怎样改会好一些").fill("往南移一点。")
        page.reload()
        expect(page.get_by_label("说说您的理由")).to_have_value("离卧室太近。")  # the draft is kept
        sent: list[str] = []
        page.on(
            "request", lambda each: sent.append(each.method) if each.url.endswith("/objections") else None
        )
        page.route(
            "**/objections",
            lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
        )
        page.get_by_role("button", name="提交异议").tap()
        expect(page.locator("#app").get_by_text("已存在手机上，等网络")).to_be_visible()
        page.unroute_all()
        page.reload()
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#app").get_by_text("已存在手机上，等网络")).to_have_count(0)
        mine = ok(case.story.client.get("/api/v1/me/objections", headers=case.story.resident(7)))["items"]
        assert [[entry["text"] for entry in each["entries"]] for each in mine] == [
            ["噪声\n离卧室太近。", "往南移一点。"]
        ]
        assert "POST" in sent


class TestOthers:
    def test_another_household_finds_nothing_anywhere(
        self, server: Server, case: Case, at_home: Page
    ) -> None:
        page = at_home
        sign_in(page, case, server, 9)
        page.goto(f"{server.url}/app/#/objections")
        expect(page.locator("#app").get_by_text("您家没有提过异议")).to_be_visible()
        page.goto(f"{server.url}/app/#/objection/{case.id}")
        expect(page.get_by_role("alert")).to_contain_text("没有这份异议")
        page.goto(f"{server.url}/app/#/project/{case.project}")
        expect(page.locator("#heading")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert WORDS not in page.content()

    def test_whoever_is_not_signed_in_is_asked_to(self, server: Server, case: Case, at_home: Page) -> None:
        at_home.goto(f"{server.url}/app/#/objection/{case.id}")
        at_home.wait_for_url("**#/sign-in**")
        assert "异议" not in at_home.title()


@pytest.mark.parametrize(("language", "mode"), [(language, mode) for language in LANGUAGES for mode in MODES])
def test_everybody_can_use_it(
    server: Server, case: Case, chromium: Browser, language: str, mode: str
) -> None:
    """The gates of every screen, on those that need a case of one's own."""
    wrong: list[str] = []
    with phone(chromium, language=language) as page:
        page.add_init_script(GATES)
        sign_in(page, case, server, 3)
        keep(page, mode=mode, language=language, community=COMMUNITY)

        def check(where: str) -> None:
            wrong.extend(f"{where}: {each}" for each in barriers(page))
            for gate in (f"small({LEAST[mode]})", "nameless()", "untranslated()", "sideways()"):
                wrong.extend(f"{where}: {gate}: {each}" for each in page.evaluate(f"window.gates.{gate}"))
            wrong.extend(page.evaluate("window.refused"))

        def visit(address: str, ready: Callable[[], object]) -> None:
            page.goto(f"{server.url}/app/icon.svg")
            page.goto(f"{server.url}/app/#{address}")
            ready()
            check(address)

        def shown(selector: str) -> Callable[[], object]:
            return lambda: page.wait_for_selector(selector)

        visit("/objections", shown("a.cell"))
        visit(f"/objection/new/{case.project}", shown("form.objection"))
        visit(f"/objection/{case.id}", shown(".timeline"))
        page.locator(".card > .button").first.tap()
        page.wait_for_selector(".sheet")
        check("an offer")
        page.keyboard.press("Escape")
        page.evaluate("window.gates.twiceTheText()")
        wrong.extend(f"twice the text: {each}" for each in page.evaluate("window.gates.sideways()"))
    assert wrong == []
