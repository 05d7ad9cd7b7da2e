"""Notices on a phone: masked until tapped, a dot that goes out, one tap to be told of the result."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from app.notices import service
from app.notices.rules import Kind
from app.worker import Worker
from tests.browser.screens import keep
from tests.browser.screens import phone as a_phone
from tests.callers import Callers
from tests.servers import Server
from tests.story import COMMUNITY, Story, ok, phone

MASKED = "一条私密回复"


@dataclass
class Stairwell:
    """A community with an open round, and the phone of one of its residents, signed in."""

    server: Server
    story: Story
    round_id: str
    project_ids: list[str]
    page: Page

    def open(self, address: str) -> None:
        self.page.goto("about:blank")
        self.page.goto(f"{self.server.url}/app/?community={COMMUNITY}{address}")

    def work(self) -> None:
        Worker(self.server.app.state.wiring).drain()

    def tell_in_private(self) -> None:
        database = self.server.app.state.wiring.database
        account_id = self.story.callers.resident_actor(phone(0)).account_id
        assert account_id is not None
        with database.writing() as session:
            service.tell_person(
                session, kind=Kind.OBJECTION_MOVED, facts={"step": "offered"}, account_id=account_id, source="x"
            )  # fmt: skip

    def wanted(self) -> bool:
        path = f"/api/v1/rounds/{self.round_id}/my-interest"
        return bool(ok(self.story.client.get(path, headers=self.story.resident(0)))["wanted"])


@pytest.fixture
def stairwell(server: Server, chromium: Browser) -> Iterator[Stairwell]:
    app: Any = server.app
    client = TestClient(app)
    story = Story(client, Callers(app, app.state.wiring.database)).with_residents(3)
    sent = ok(client.post("/api/v1/auth/codes", json={"phone": phone(0)}))
    code = {"challenge_id": sent["challenge_id"], "code": sent["development_code"]}
    tokens = ok(client.post("/api/v1/auth/tokens", json=code))
    ids = story.published_projects([100_000, 200_000])
    round_id = story.open_round(ids)
    with a_phone(chromium) as page:
        page.goto(f"{server.url}/app/icon.svg")
        session = {"access": tokens["access_token"], "refresh": tokens["refresh_token"], "who": "x"}
        keep(page, session=session | {"until": 4_102_444_800_000})
        yield Stairwell(server, story, round_id, ids, page)


class TestInbox:
    def test_a_private_one_shows_its_subject_when_tapped_and_the_dot_goes_out(
        self, stairwell: Stairwell
    ) -> None:
        stairwell.tell_in_private()
        stairwell.work()
        page = stairwell.page
        stairwell.open("#/")
        expect(page.locator(".tabs .dot")).to_be_visible()
        stairwell.open("#/me/notices")
        private = page.get_by_role("button", name=MASKED)
        expect(private).to_contain_text("新")
        expect(page.get_by_role("link", name=re.compile("可以投票了"))).to_contain_text("新")
        assert "异议" not in page.locator("body").inner_text()
        assert "异议" not in page.title()
        expect(
            page.locator(".tabs .dot")
        ).to_be_visible()  # what was on the page is seen, the private one is not

        private.tap()
        sheet = page.get_by_role("dialog")
        expect(sheet).to_contain_text("您提的异议：有了新方案")
        sheet.get_by_role("button", name="关闭").tap()
        expect(page.locator(".tabs .dot")).to_have_count(0)
        expect(private).not_to_contain_text("新")
        page.reload()
        expect(private).to_be_visible()
        expect(page.locator("#app").get_by_text("新", exact=True)).to_have_count(0)

    def test_by_keyboard_and_back_to_where_one_was(self, stairwell: Stairwell) -> None:
        stairwell.tell_in_private()
        page = stairwell.page
        stairwell.open("#/me/notices")
        private = page.get_by_role("button", name=MASKED)
        private.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(private).to_be_focused()

    def test_choices_are_kept(self, stairwell: Stairwell) -> None:
        page = stairwell.page
        stairwell.open("#/me/notice-settings")
        expect(page.locator("#app").get_by_text("不做选择时，两项都是打开的。")).to_be_visible()
        page.get_by_label(re.compile("可以发短信")).tap()
        expect(page.locator("#live")).to_have_text("已保存")
        page.reload()
        expect(page.get_by_label(re.compile("可以发短信"))).not_to_be_checked()
        expect(page.get_by_label(re.compile("快截止时提醒我"))).to_be_checked()


class TestBoard:
    def test_one_kind_at_a_time_and_a_way_to_what_it_tells_of(self, stairwell: Stairwell) -> None:
        stairwell.work()
        page = stairwell.page
        stairwell.open("#/notices")
        expect(page.get_by_role("link", name=re.compile("新公布了 2 个项目"))).to_be_visible()
        page.get_by_role("tab", name="投票").tap()
        expect(page.get_by_role("link", name=re.compile("新公布了"))).to_have_count(0)
        expect(page.get_by_role("link", name=re.compile("可以投票了"))).to_have_attribute(
            "href", f"#/round/{stairwell.round_id}"
        )
        page.get_by_role("tab", name="资金").tap()
        expect(page.locator("#app").get_by_text("这一类还没有公示。")).to_be_visible()


class TestNotifyMe:
    def voted(self, stairwell: Stairwell) -> None:
        keep(stairwell.page, of="x", **{f"draft__{stairwell.round_id}": stairwell.project_ids})
        stairwell.open(f"#/round/{stairwell.round_id}/review")
        stairwell.page.locator("#cast").tap()

    def test_one_tap_after_the_ballot_and_back(self, stairwell: Stairwell) -> None:
        page = stairwell.page
        self.voted(stairwell)
        page.get_by_role("button", name="结果公布时通知我").tap()
        expect(page.locator("#main").get_by_text("结果公布时，会发短信告诉您。")).to_be_visible()
        assert stairwell.wanted()
        page.get_by_role("button", name="不用通知了").tap()
        expect(page.get_by_role("button", name="结果公布时通知我")).to_be_visible()
        assert not stairwell.wanted()

    def test_in_the_mini_program_wechats_own_question_is_opened(self, stairwell: Stairwell) -> None:
        page = stairwell.page
        page.add_init_script(
            "window.__wxjs_environment = 'miniprogram'; window.asked = [];"
            "window.WeixinJSBridge = { invoke: (name, args) => window.asked.push([name, args]) };"
        )
        self.voted(stairwell)
        page.get_by_role("button", name="结果公布时通知我").tap()
        expect(page.get_by_role("button", name="不用通知了")).to_be_visible()
        url = f"/pages/subscribe/subscribe?round={stairwell.round_id}"
        assert page.evaluate("window.asked") == [
            ["invokeMiniProgramAPI", {"name": "navigateTo", "arg": {"url": url}}]
        ]
        assert stairwell.wanted()  # told by another way, whatever is answered there
