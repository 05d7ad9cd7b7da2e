"""Proposing, endorsing and talking on a phone: with what neighbours said already, with a picture, on a bad line."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.browser.screens import keep
from tests.callers import Callers
from tests.ideas.talk import Talk
from tests.servers import Server
from tests.story import COMMUNITY, Story, phone


@pytest.fixture
def talk(server: Server) -> Talk:
    client = TestClient(server.app)  # no lifespan of its own: the running server's serves both
    return Talk(Story(client, Callers(server.app, server.app.state.wiring.database)).with_residents(8))


@pytest.fixture
def phone_of(chromium: Browser, server: Server) -> Iterator[Callable[[Talk, int], Page]]:
    """The phone of a resident who has signed in on it."""
    contexts: list[BrowserContext] = []

    def make(talk: Talk, number: int) -> Page:
        context = chromium.new_context(
            viewport={"width": 360, "height": 640},
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        actor = talk.story.callers.resident_actor(phone(number))
        token = talk.story.callers.headers(actor)["Authorization"].removeprefix("Bearer ")
        page.goto(f"{server.url}/app/icon.svg")
        session = {"access": token, "refresh": None, "until": 4_102_444_800_000, "who": str(actor.account_id)}
        keep(page, community=COMMUNITY, session=session)
        return page

    yield make
    for context in contexts:
        context.close()


def photo() -> FilePayload:
    """What a phone takes: large, and full of detail that does not compress."""
    noise = Image.effect_noise((1000, 700), 90).convert("RGB").resize((2000, 1400))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=92)
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def heading(page: Page, text: str) -> None:
    expect(page.locator("#heading")).to_have_text(re.compile(text))


class TestProposing:
    def test_similar_ones_a_picture_an_endorsement_and_a_conversation(
        self, talk: Talk, server: Server, phone_of: Callable[[Talk, int], Page]
    ) -> None:
        talk.ask_for(2)
        known = talk.post(1, "东门加一组快递柜", words="快递堆在门卫室。")["id"]
        page = phone_of(talk, 2)
        sent: list[int] = []
        page.on(
            "request",
            lambda each: (
                sent.append(len(each.post_data_buffer or b"")) if each.url.endswith("/photos") else None
            ),
        )
        page.goto(f"{server.url}/app/#/ideas")
        page.get_by_role("link", name="我来提一条建议").tap()
        title = page.get_by_label("一句话说清楚想做什么")
        title.fill("想在东门放快递柜")
        page.get_by_role("button", name="附议“东门加一组快递柜”").tap()
        expect(page.get_by_role("button", name="已附议“东门加一组快递柜”")).to_be_visible()
        assert talk.read(known)["endorsements"] == 1

        # something else then; what was written is still there when the page is opened again
        title.fill("南门装一个路灯")
        page.get_by_label("为什么要做（可不写）").fill("晚上太黑，老人看不清台阶。")
        page.reload()
        expect(title).to_have_value("南门装一个路灯")
        with page.expect_file_chooser() as chosen:
            page.get_by_role("button", name="加照片").tap()
        chosen.value.set_files([photo()])
        page.get_by_label("拍的是什么").fill("南门的台阶")
        page.get_by_label("“几栋居民”").tap()
        page.get_by_role("button", name="提出建议").tap()
        heading(page, "南门装一个路灯")
        expect(page.locator(".note")).to_contain_text("再有 2 位邻居附议")
        expect(page.get_by_role("img", name="南门的台阶")).to_be_visible()
        expect(page.locator("main")).to_contain_text("1栋居民")
        assert [size <= 310 * 1024 for size in sent] == [True]
        address = page.url.partition("?new")[0]

        neighbour = phone_of(talk, 3)
        neighbour.goto(address)
        neighbour.get_by_role("button", name="附议这条建议").tap()
        expect(neighbour.locator("main")).to_contain_text("还差 1 人进入审核")
        neighbour.get_by_label("说说您的看法").fill("支持，台阶那里最要紧。")
        neighbour.get_by_role("button", name="发表").tap()
        expect(neighbour.locator(".talk-thread")).to_contain_text("支持，台阶那里最要紧。")

        page.reload()
        page.get_by_role("button", name="回复").tap()
        page.get_by_label("您的回复").fill("谢谢！我的电话 13900001234")
        page.locator(".talk-thread").get_by_role("button", name="发表").tap()
        expect(page.locator(".talk-replies")).to_contain_text(
            "只有您能看到，等居委会看过再显示：里面像是有电话号码。"
        )
        neighbour.reload()
        expect(neighbour.locator(".talk-thread")).to_be_visible()
        expect(neighbour.locator(".talk-replies")).to_have_count(0)

    def test_without_a_line_everything_waits_and_arrives_once(
        self, talk: Talk, server: Server, phone_of: Callable[[Talk, int], Page]
    ) -> None:
        other = talk.post(1, "中心花园种树")["id"]
        page = phone_of(talk, 2)
        page.goto(f"{server.url}/app/#/idea/{other}")
        said = page.get_by_label("说说您的看法")
        said.fill("种在西边，不挡光。")
        page.context.set_offline(True)
        page.get_by_role("button", name="发表").tap()
        expect(page.locator(".comments .note")).to_contain_text("正在等待网络")
        page.context.set_offline(False)
        expect(page.locator(".talk-thread")).to_contain_text("种在西边，不挡光。")
        assert talk.conversation(other)["total"] == 1

        page.goto(f"{server.url}/app/#/ideas/new")
        page.get_by_label("一句话说清楚想做什么").fill("东门加一组快递柜")
        with page.expect_file_chooser() as chosen:
            page.get_by_role("button", name="加照片").tap()
        chosen.value.set_files([photo()])
        expect(page.locator(".idea-shots img")).to_be_visible()
        page.context.set_offline(True)
        page.get_by_role("button", name="提出建议").tap()
        heading(page, "议事")
        expect(page.locator(".note")).to_contain_text("东门加一组快递柜")
        assert talk.titles() == ["中心花园种树"]
        page.context.set_offline(False)
        expect(page.locator(".idea").filter(has_text="东门加一组快递柜")).to_be_visible()
        expect(page.locator(".note")).to_have_count(0)
        page.get_by_role("link", name="东门加一组快递柜").tap()
        page.wait_for_function("!Object.keys(localStorage).some(key => key.includes('.pictures.'))")
        page.reload()
        expect(page.get_by_role("img", name="居民拍的照片 1")).to_be_visible()
        assert len(talk.titles()) == 2

    def test_three_a_day_is_said_and_nothing_is_lost(
        self, talk: Talk, server: Server, phone_of: Callable[[Talk, int], Page]
    ) -> None:
        for number in range(3):
            talk.post(2, f"第 {number} 个想法")
        page = phone_of(talk, 2)
        page.goto(f"{server.url}/app/#/ideas/new")
        page.get_by_label("一句话说清楚想做什么").fill("第四个想法")
        page.get_by_role("button", name="提出建议").tap()
        expect(page.get_by_role("alert")).to_contain_text("每人每天最多提 3 条建议，大约 24 小时后可以再提。")
        page.reload()
        expect(page.get_by_label("一句话说清楚想做什么")).to_have_value("第四个想法")
