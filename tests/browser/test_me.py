"""What is mine, on a phone: agreeing, receipts, devices, taking my data along, being forgotten."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.access.actor import Actor
from app.access.models import SignInSession
from app.core import clock
from tests.callers import Callers, Headers
from tests.servers import Server
from tests.story import COMMUNITY, Story, ok, phone, refused

WECHAT = "Mozilla/5.0 (Linux; Android 14) Chrome/122 Mobile MicroMessenger/8.0.49"
FAR = 4_102_444_800_000


@dataclass
class Mine:
    """A running service and three people on its roster; what one of them keeps on a phone."""

    server: Server
    story: Story

    def at(self, address: str) -> str:
        return f"{self.server.url}/app/{address}"

    def actor(self, number: int = 0) -> Actor:
        return self.story.callers.resident_actor(phone(number))

    def keep(self, page: Page, actor: Actor, **more: Any) -> Headers:
        """Sign the phone in; ``receipt__x`` is the key ``receipt.x``."""
        headers = self.story.callers.headers(actor)
        kept = {
            "community": COMMUNITY,
            "session": {
                "access": headers["Authorization"].removeprefix("Bearer "), "refresh": None, "until": FAR,
                "who": str(actor.account_id),
            },
        } | {f"of.{actor.account_id}.{key.replace('__', '.')}": value for key, value in more.items()}  # fmt: skip
        page.goto(self.at("icon.svg"))
        page.evaluate(
            "kept => { for (const key in kept) localStorage.setItem('gongyi.' + key, JSON.stringify(kept[key])); }",
            kept,
        )
        return headers

    def age(self, actor: Actor, minutes: int) -> None:
        """The sign-in is as old as that."""
        with self.story.callers.database.writing() as session:
            row = session.get(SignInSession, actor.session_id)
            assert row is not None
            row.created_at = clock.now() - dt.timedelta(minutes=minutes)
            session.add(row)

    def sessions(self, actor: Actor) -> int:
        with self.story.callers.database.reading() as session:
            table = sa.inspect(SignInSession).local_table
            found = sa.select(sa.func.count()).where(
                table.c.account_id == actor.account_id, table.c.revoked_at.is_(None)
            )
            return int(session.execute(found).scalar_one())


@pytest.fixture
def mine(server: Server) -> Mine:
    client = TestClient(server.app)
    story = Story(client, Callers(server.app, server.app.state.wiring.database)).with_residents(3)
    return Mine(server, story)


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


def show_who(page: Page, number: int, *, first: str | None = None) -> None:
    page.get_by_label("手机号").fill(phone(number))
    page.get_by_role("button", name="发验证码").tap()
    found = re.search(r"\d{6}", page.locator(".note.info").inner_text())
    assert found is not None
    for code in filter(None, (first, found.group())):
        page.get_by_label("短信验证码").fill(code)
        page.get_by_role("button", name="继续").tap()
        if code == first:
            expect(page.locator("#app").get_by_text("验证码不对或已失效")).to_be_visible()


class TestAgreeing:
    def test_it_is_asked_before_anything_else_and_once(
        self, mine: Mine, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        mine.keep(page, mine.actor())
        page.goto(mine.at("#/consent?next=%23%2Fme%2Freceipts"))
        page.get_by_role("link", name="看全文（第 1 版）").tap()
        expect(page.get_by_role("heading", name="您的权利")).to_be_visible()
        page.go_back()
        page.get_by_role("button", name="同意，继续").tap()
        expect(page.get_by_role("heading", name="我的回执")).to_be_visible()
        page.goto(mine.at("#/consent?next=%23%2Fme%2Freceipts"))
        expect(page.get_by_role("heading", name="我的回执")).to_be_visible()

    def test_who_does_not_agree_is_signed_out_and_may_read_on(
        self, mine: Mine, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        headers = mine.keep(page, mine.actor())
        page.goto(mine.at("#/consent"))
        page.get_by_role("button", name="不同意，退出登录").tap()
        expect(page).to_have_url(re.compile("#/$"))
        assert page.evaluate("localStorage.getItem('gongyi.session')") is None
        refused(mine.story.client.get("/api/v1/me", headers=headers), 401, "token_invalid")

    def test_taking_it_back_signs_out(self, mine: Mine, new_phone: Callable[..., Page]) -> None:
        page, actor = new_phone(), mine.actor()
        headers = mine.keep(page, actor)
        path = "/api/v1/me/consents/privacy_notice"
        ok(mine.story.client.put(path, json={"version": 1}, headers=headers))
        page.goto(mine.at("#/me/data"))
        page.get_by_role("button", name="撤回同意").tap()
        page.get_by_role("button", name="撤回并退出").tap()
        expect(page.get_by_role("heading", name="先登录")).to_be_visible()
        assert mine.sessions(actor) == 0


class TestReceipts:
    def test_rounds_of_the_roll_and_what_is_on_this_phone_stand_together(
        self, mine: Mine, new_phone: Callable[..., Page]
    ) -> None:
        projects = mine.story.published_projects([500_000, 400_000])
        voted = mine.story.open_round(projects, title="春季")
        mine.story.open_round(mine.story.published_projects([300_000]), title="秋季")
        given = ok(mine.story.cast(voted, mine.story.resident(0), projects))
        page = new_phone()
        kept = {**given, "secret": "0" * 32, "ranking": projects}
        mine.keep(page, mine.actor(), **{f"receipt__{voted}": kept})
        page.goto(mine.at("#/me/receipts"))
        spring = page.locator("article", has_text="春季")
        expect(spring).to_contain_text("您用手机投了票")
        expect(spring).to_contain_text("第 1 版")
        expect(page.locator("article", has_text="秋季")).to_contain_text("您还没有投")
        spring.get_by_role("link", name="看回执").tap()
        expect(page).to_have_url(re.compile(f"#/round/{voted}/receipt$"))

    def test_a_receipt_is_shown_to_the_one_who_cast_alone(
        self, mine: Mine, new_phone: Callable[..., Page]
    ) -> None:
        projects = mine.story.published_projects([500_000])
        voted = mine.story.open_round(projects, title="春季")
        given = ok(mine.story.cast(voted, mine.story.resident(0), projects))
        page = new_phone()
        mine.keep(page, mine.actor(), **{f"receipt__{voted}": {**given, "secret": "0" * 32, "ranking": []}})
        page.goto(mine.at("#/me/receipts"))
        expect(page.locator("article", has_text="春季")).to_contain_text("这部手机上的回执：第 1 版")
        page.evaluate("localStorage.removeItem('gongyi.session')")
        page.goto("about:blank")
        page.goto(mine.at("#/me/receipts"))
        expect(page.locator("#heading")).to_be_visible()
        expect(page.locator(".loading")).to_have_count(0)
        expect(page.locator("#app").get_by_text("这部手机上的回执")).to_have_count(0)


class TestDevices:
    def test_a_lost_phone_is_signed_out_from_another(
        self, mine: Mine, new_phone: Callable[..., Page]
    ) -> None:
        lost, here = mine.actor(), mine.actor()
        page = new_phone()
        mine.keep(page, here)
        page.goto(mine.at("#/me/devices"))
        expect(page.locator("li")).to_have_count(2)
        page.get_by_role("button", name=re.compile("让 .* 退出|让.*退出")).last.tap()
        expect(page.locator("li")).to_have_count(1)
        headers = mine.story.callers.headers(lost)
        refused(mine.story.client.get("/api/v1/me", headers=headers), 401, "token_invalid")


class TestTakingAlong:
    def test_all_of_it_is_read_and_saved(
        self, mine: Mine, new_phone: Callable[..., Page], tmp_path: Path
    ) -> None:
        page = new_phone()
        mine.keep(page, mine.actor())
        page.goto(mine.at("#/me/data/export"))
        page.get_by_role("button", name="导出").tap()
        roster = page.locator("details", has_text="居民名册")
        expect(roster.get_by_text("1栋 1单元 0101")).to_be_hidden()
        roster.locator("summary").tap()
        expect(roster.get_by_text("1栋 1单元 0101")).to_be_visible()
        expect(page).to_have_title("共议")
        with page.expect_download() as started:
            page.get_by_role("button", name="下载文件").tap()
        saved = tmp_path / "my-data.json"
        started.value.save_as(saved)
        assert json.loads(saved.read_text())["sections"]["memberships"][0]["tenure"] == "owner"

    def test_in_wechat_it_is_copied(self, mine: Mine, new_phone: Callable[..., Page]) -> None:
        page = new_phone(user_agent=WECHAT, permissions=["clipboard-read", "clipboard-write"])
        mine.keep(page, mine.actor())
        page.goto(mine.at("#/me/data/export"))
        page.get_by_role("button", name="导出").tap()
        page.get_by_role("button", name="复制全部文字").tap()
        expect(page.get_by_role("button", name="已复制")).to_be_visible()
        expect(page.get_by_role("button", name="下载文件")).to_have_count(0)
        assert "住处: 1栋 1单元 0101" in page.evaluate("navigator.clipboard.readText()")

    def test_after_a_while_one_shows_again_who_one_is(
        self, mine: Mine, new_phone: Callable[..., Page]
    ) -> None:
        page, actor = new_phone(), mine.actor()
        mine.keep(page, actor)
        mine.age(actor, minutes=60)
        page.goto(mine.at("#/me/data/export"))
        page.get_by_role("button", name="导出").tap()
        expect(page.get_by_role("heading", name="先确认是您本人")).to_be_visible()
        show_who(page, 1)  # somebody else's number opens nothing
        expect(page.locator("#app").get_by_text("这不是您登录时用的手机号")).to_be_visible()
        assert mine.sessions(mine.actor(1)) == 1
        show_who(page, 0, first="12345x")  # a wrong code signs nobody out
        expect(page.get_by_role("button", name="下载文件")).to_be_visible()
        assert mine.sessions(actor) == 1  # the old sign-in has made way


class TestBeingForgotten:
    def test_one_reads_first_and_then_decides(self, mine: Mine, new_phone: Callable[..., Page]) -> None:
        page, actor = new_phone(), mine.actor()
        headers = mine.keep(page, actor, receipt__x={"version": 1, "secret": "", "ranking": []})
        page.goto(mine.at("#/me/data/delete"))
        expect(page.get_by_role("heading", name="居民名册上的姓名、住处和电话")).to_be_visible()
        act = page.get_by_role("button", name="删除我的账号")
        expect(act).to_be_disabled()
        page.get_by_label("我看过了会删什么、留什么").check()
        act.tap()
        page.get_by_role("button", name="关闭").tap()
        ok(mine.story.client.get("/api/v1/me", headers=headers))
        act.tap()
        page.get_by_role("button", name="确定删除").tap()
        expect(page.get_by_role("heading", name="已删除")).to_be_visible()
        refused(mine.story.client.get("/api/v1/me", headers=headers), 401, "token_invalid")
        assert page.evaluate("localStorage.getItem('gongyi.session')") is None
        left = page.evaluate("Object.keys(localStorage).filter(key => key.endsWith('.receipt.x'))")
        assert len(left) == 1

    def test_the_phone_forgets_too_if_that_is_wished(
        self, mine: Mine, new_phone: Callable[..., Page]
    ) -> None:
        page = new_phone()
        mine.keep(page, mine.actor(), receipt__x={"version": 1}, draft__x=["1"])
        page.goto(mine.at("#/me/data/delete"))
        page.get_by_label("也清除这部手机上的回执和草稿").check()
        page.get_by_label("我看过了会删什么、留什么").check()
        page.get_by_role("button", name="删除我的账号").tap()
        page.get_by_role("button", name="确定删除").tap()
        expect(page.get_by_role("heading", name="已删除")).to_be_visible()
        left = page.evaluate("Object.keys(localStorage).filter(key => /receipt|draft/.test(key))")
        assert left == []
