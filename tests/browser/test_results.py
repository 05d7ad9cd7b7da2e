"""Projects, results and owners' decisions on a phone: who pays, why it is in, what comes next."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.core import clock
from app.worker import Worker
from tests.callers import Callers
from tests.recorded.estate import Estate, opened
from tests.servers import Server
from tests.story import COMMUNITY, Story, ok
from tests.usable import barriers

NewPhone = Callable[..., Page]


@pytest.fixture
def new_phone(chromium: Browser) -> Iterator[NewPhone]:
    contexts: list[BrowserContext] = []

    def make(locale: str = "zh-CN", mode: str = "normal") -> Page:
        context = chromium.new_context(
            viewport={"width": 360, "height": 640}, device_scale_factor=2, is_mobile=True, has_touch=True,
            locale=locale,
        )  # fmt: skip
        context.add_init_script(f"localStorage.setItem('gongyi.mode', '\"{mode}\"')")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def story(server: Server) -> Story:
    client = TestClient(server.app)  # no lifespan of its own: the running server's writer serves both
    return Story(client, Callers(server.app, server.app.state.wiring.database))


def told(story: Story, server: Server) -> tuple[str, list[str]]:
    """A round that was voted on, counted and explained: two of its four projects are in."""
    story.with_residents(55)
    ids = story.published_projects([400_000, 900_000, 500_000, 700_000])
    now = clock.now()
    round_id = story.open_round(
        ids, kind="residents_meeting", opens_at=(now + dt.timedelta(days=11)).isoformat(),
        closes_at=(now + dt.timedelta(days=20)).isoformat(),
    )  # fmt: skip
    for number in range(52):
        ranking = [ids[0], ids[2]] if number % 4 else [ids[1], ids[0]]
        ok(story.cast(round_id, story.resident(number), ranking))
    story.finish(round_id, Worker(server.app.state.wiring).drain)
    return round_id, ids


def address(server: Server, screen: str) -> str:
    return f"{server.url}/app/?community={COMMUNITY}{screen}"


class TestProjects:
    def test_from_the_list_to_who_pays_what_and_back_to_the_ballot(
        self, server: Server, story: Story, new_phone: NewPhone
    ) -> None:
        story.with_residents(3)
        ids = story.published_projects([680_000, 200_000])
        bench = ok(
            story.client.post(
                "/api/v1/projects",
                json=story.project("中心花园座椅", 90_000, category="green_space"),
                headers=story.clerk,
            )
        )
        ok(story.client.post(f"/api/v1/projects/{bench['id']}/publish", headers=story.clerk))
        round_id = story.open_round(ids)
        page = new_phone()
        page.goto(address(server, "#/projects"))
        expect(page.locator(".offer")).to_have_count(3)
        page.get_by_role("button", name="筛选").tap()
        page.get_by_role("dialog").get_by_role("button", name="绿化").tap()
        expect(page.locator(".offer")).to_have_count(1)
        page.locator(".offer").tap()
        expect(page.locator("#heading")).to_have_text("中心花园座椅")
        expect(page.locator(".timeline > .now h3")).to_contain_text("等待列入投票")
        expect(page.get_by_role("link", name="我有不同意见")).to_have_attribute(
            "href", f"#/objection/new/{bench['id']}"
        )

        page.goto(address(server, f"#/project/{ids[0]}?round={round_id}"))
        payers = page.locator(".payers")
        expect(payers).to_contain_text("2,040 元 · 30%")
        expect(payers).to_contain_text("2,856 元 · 42%")
        expect(payers).to_contain_text("1,904 元 · 28%")
        page.get_by_role("button", name="选它").tap()
        expect(page.get_by_role("button", name=re.compile("^已选第 1"))).to_be_visible()
        page.get_by_role("link", name="回名单").tap()
        expect(page.locator(".badge[aria-pressed=true]")).to_have_count(1)

    def test_a_list_seen_before_is_shown_with_its_time_when_there_is_no_line(
        self, server: Server, story: Story, new_phone: NewPhone
    ) -> None:
        story.published_projects([100_000])
        page = new_phone()
        page.goto(address(server, "#/projects"))
        expect(page.locator(".offer")).to_have_count(1)
        page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
        page.evaluate(
            """() => {
              const name = Object.keys(localStorage).find(each => each.includes("kept.zh-CN.projects."));
              const kept = JSON.parse(localStorage.getItem(name));
              localStorage.setItem(name, JSON.stringify({ ...kept, at: kept.at - 60000 }));
            }"""
        )
        page.evaluate("location.hash = '#/rounds'")
        expect(page.locator("#heading")).to_have_text("投票与结果")
        page.evaluate("location.hash = '#/projects'")
        expect(page.locator(".offer")).to_have_count(1)
        expect(page.locator(".note.warn")).to_contain_text("没有网络")


class TestResult:
    def test_says_why_how_close_and_where_the_money_is(
        self, server: Server, story: Story, new_phone: NewPhone
    ) -> None:
        round_id, _ = told(story, server)
        page = new_phone()
        page.goto(address(server, "#/rounds"))
        page.get_by_role("link", name=re.compile("社区微更新")).tap()
        expect(page.locator(".figures")).to_contain_text("52")
        expect(page.get_by_role("tab", name="入选 2", exact=True)).to_be_visible()
        first = page.locator(".placed").first
        expect(first).to_contain_text("如果钱到这里用完：共用")
        first.locator("summary").tap()
        answer = ok(story.client.get(f"/api/v1/rounds/{round_id}/result", headers={"Accept-Language": "zh"}))
        expect(first).to_contain_text(answer["projects"][0]["reason"]["sentence"])

        page.get_by_role("tab", name="入选 2", exact=True).press("ArrowRight")
        expect(page.get_by_role("tab", name="未入选 2")).to_be_focused()
        loser = page.locator(".placed").first
        expect(loser).to_contain_text("未入选")
        loser.locator("summary").tap()
        expect(loser).to_contain_text("把选票重新抽")

        page.get_by_role("tab", name="怎么算的").tap()
        expect(page.locator("#panel")).to_contain_text("参与率 94.5%")
        for name in ("下载全部选票", "下载公开文件包"):
            href = page.get_by_role("link", name=name).get_attribute("href")
            assert href is not None
            assert story.client.get(href).status_code == 200
        expect(page.get_by_role("link", name="查我的选票")).to_have_attribute("href", f"#/check/{round_id}")

        ok(story.client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        Worker(server.app.state.wiring).drain()
        page.reload()
        expect(page.locator(".placed .tag").first).to_have_text("已上报街道")
        page.locator(".placed h3 a").first.tap()
        expect(page.locator(".timeline > .now h3")).to_contain_text("等街道接收")
        expect(page.locator(".timeline")).to_contain_text("投票第 1 名，入选")
        page.get_by_role("link", name="返回").tap()
        expect(page.get_by_role("tab", name="入选 2", exact=True)).to_be_visible()

    def test_a_consultation_says_it_is_none_and_an_open_round_has_no_result(
        self, server: Server, story: Story, new_phone: NewPhone
    ) -> None:
        ids = story.with_residents(4).published_projects([100_000, 200_000])
        round_id = story.open_round(ids)
        ok(story.cast(round_id, story.resident(1), ids))
        page = new_phone()
        page.goto(address(server, f"#/result/{round_id}"))
        expect(page.locator("main")).to_contain_text("还没有结果")
        story.finish(round_id, Worker(server.app.state.wiring).drain)
        page.reload()
        expect(page.locator(".note.info")).to_contain_text("这是意见征集")
        page.get_by_role("tab", name="怎么算的").tap()
        expect(page.locator("#panel")).to_contain_text("只公布总数")
        expect(page.get_by_role("link", name="下载全部选票")).to_have_count(0)


def estate_of(server: Server) -> Estate:
    return opened(TestClient(server.app), Callers(server.app, server.app.state.wiring.database))


class TestDecision:
    def test_an_owner_votes_changes_and_reads_what_came_of_it(
        self, server: Server, new_phone: NewPhone
    ) -> None:
        estate = estate_of(server)
        page = new_phone()
        page.goto(address(server, f"#/decision/{estate.round_id}"))
        expect(page.locator(".note.warn")).to_contain_text("记名投票")
        expect(page.locator(".question")).to_contain_text("翻修中心广场")
        expect(page.get_by_role("link", name="登录后表决")).to_be_visible()
        session = {
            "access": estate.owner(0)["Authorization"].removeprefix("Bearer "), "refresh": None,
            "until": 4_000_000_000_000, "who": "owner",
        }  # fmt: skip
        page.evaluate("kept => localStorage.setItem('gongyi.session', JSON.stringify(kept))", session)
        page.reload()

        for choice in ("反对", "同意"):
            page.get_by_label(choice).check()
            page.get_by_role("button", name="提交表决").tap()
            page.get_by_role("button", name=f"投“{choice}”").tap()
            expect(page.locator("main dl dd").first).to_have_text(choice)
        assert {each["vote"]["choice"] for each in estate.my_votes(0)["dwellings"]} == {"for"}

        for number in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14):
            ok(estate.vote(number, "for" if number < 13 else "against"))
        estate.close()
        Worker(server.app.state.wiring).drain()
        page.reload()
        decision = ok(estate.client.get(f"{estate.path}/decision"))
        words = "通过" if decision["passed"] else "没有通过"
        expect(page.locator("h2.big")).to_contain_text(words)
        expect(page.locator(".need")).to_have_count(len(decision["requirements"]))


SCREENS = (
    "#/projects",
    "#/project/{project}",
    "#/project/{project}?round={round}",
    "#/result/{round}",
    "#/result/{round} how",
    "#/rounds",
)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_every_screen_is_accessible(
    server: Server, story: Story, new_phone: NewPhone, language: str, mode: str
) -> None:
    round_id, ids = told(story, server)
    page = new_phone(language, mode)
    for screen in SCREENS:
        name, _, tab = screen.partition(" ")
        look(page, address(server, name.format(round=round_id, project=ids[0])), tab, mode)


@pytest.mark.parametrize(("language", "mode"), [("zh-CN", "elder"), ("en", "normal")])
def test_a_decision_is_accessible(server: Server, new_phone: NewPhone, language: str, mode: str) -> None:
    estate = estate_of(server)
    page = new_phone(language, mode)
    look(page, address(server, f"#/decision/{estate.round_id}"), "", mode)
    for number in (0, 3, 4, 5):
        ok(estate.vote(number, "for"))
    estate.close()
    Worker(server.app.state.wiring).drain()
    look(page, address(server, f"#/decision/{estate.round_id}"), "", mode)


def look(page: Page, at: str, tab: str, mode: str) -> None:
    page.goto("about:blank")
    page.goto(at)
    expect(page.locator("#heading")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    if tab:
        page.locator(f"#tab-{tab}").tap()
    assert barriers(page) == [], at
    small = page.evaluate(
        """least => [...document.querySelectorAll('a, button, input, select, summary')]
          .filter(each => each.offsetParent && !each.closest('.md, label') && !each.matches('.skip'))
          .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
          .filter(([, box]) => box.height < least - 0.5 || box.width < 44 - 0.5).map(([html]) => html)""",
        60 if mode == "elder" else 44,
    )
    assert small == [], (at, small)
    for change in ("fontSize = '100%'", "fontSize = '200%'", "setProperty('--t', '34px')"):
        page.evaluate(f"document.documentElement.style.{change}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (at, change)
