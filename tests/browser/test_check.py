"""Checking a ballot on the phone that cast it: while the round is open, at closing, on the list; and forgeries."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from app.worker import Worker
from tests.callers import Callers
from tests.servers import Server
from tests.story import COMMUNITY, Story, ok
from tests.usable import barriers

Receipt = dict[str, Any]
Kept = dict[str, Any] | None

#: Notes how long the page was busy at a stretch, and when it began to show how far it has read.
WATCH_TASKS = """
window.tasks = [];
new PerformanceObserver(list => list.getEntries().forEach(each => tasks.push(each)))
  .observe({type: 'longtask', buffered: true});
new MutationObserver(() => {
  if (document.querySelector('progress')) window.began = window.began || performance.now();
}).observe(document, {childList: true, subtree: true});
"""


@dataclass
class Box:
    """A running service with one open round, and receipts as phones keep them."""

    server: Server
    story: Story
    project_ids: list[str]
    round_id: str
    kept: dict[int, Receipt] = field(default_factory=dict)

    def cast(self, number: int, *places: int) -> Receipt:
        """Cast as the app does; what the phone keeps of it."""
        ranking, secret = [self.project_ids[place] for place in places], secrets.token_hex(16)
        answer = self.story.client.put(
            f"/api/v1/rounds/{self.round_id}/my-ballot",
            json={"ranking": ranking, "secret": secret},
            headers=self.story.resident(number),
        )
        self.kept[number] = ok(answer) | {"ranking": ranking, "secret": secret}
        return self.kept[number]

    def session(self, number: int) -> Kept:
        """What a phone keeps when somebody has signed in."""
        token = self.story.resident(number)["Authorization"].removeprefix("Bearer ")
        return {"access": token, "refresh": None, "until": 4_102_444_800_000, "who": "somebody"}

    def close(self) -> None:
        ok(self.story.client.post(f"/api/v1/rounds/{self.round_id}/close", headers=self.story.clerk))

    def count(self) -> None:
        ok(self.story.client.post(f"/api/v1/rounds/{self.round_id}/open-box", headers=self.story.clerk))
        Worker(self.server.app.state.wiring).drain()

    @property
    def board(self) -> str:
        return f"/board/v1/rounds/{self.round_id}"


@pytest.fixture
def make_box(server: Server) -> Callable[[int], Box]:
    assert isinstance(server.app, FastAPI)
    app = server.app
    client = TestClient(app)  # no lifespan of its own: the running server's writer serves both

    def make(residents: int) -> Box:
        story = Story(client, Callers(app, app.state.wiring.database)).with_residents(residents)
        ids = story.published_projects([100_000 * number for number in range(1, 6)])
        return Box(server, story, ids, story.open_round(ids, max_rank=4))

    return make


@pytest.fixture
def new_phone(chromium: Browser) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []

    def make(locale: str = "zh-CN") -> Page:
        context = chromium.new_context(
            viewport={"width": 360, "height": 640}, device_scale_factor=2, is_mobile=True, has_touch=True,
            locale=locale,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield make
    for context in contexts:
        context.close()


def check(
    page: Page, box: Box, receipt: Kept, *, mode: str = "normal", session: Kept = None, patience: int = 10_000
) -> None:
    """Open the page on a phone that keeps a receipt."""
    page.goto(f"{box.server.url}/app/?community={COMMUNITY}#/communities")
    who = "-" if session is None else session["who"]
    kept = {f"of.{who}.receipt.{box.round_id}": receipt, "mode": mode, "session": session}
    page.evaluate(
        "kept => Object.entries(kept).forEach(([key, value]) => value"
        " ? localStorage.setItem('gongyi.' + key, JSON.stringify(value)) : localStorage.removeItem('gongyi.' + key))",
        kept,
    )
    page.goto("about:blank")
    page.goto(f"{box.server.url}/app/#/check/{box.round_id}")
    expect(page.locator(".verdict:not(.running)")).to_be_visible(timeout=patience)


def verdict(page: Page, sentence: str) -> None:
    expect(page.locator("#verdict")).to_have_text(sentence)


def steps(page: Page) -> dict[str, str]:
    """Each sentence with its mark."""
    found = page.locator(".steps-found > li")
    return {item.locator("p.b").inner_text(): item.get_attribute("class") or "" for item in found.all()}


def shown(page: Page) -> list[str]:
    """The titles of the line on the page, best first."""
    return [each.inner_text() for each in page.locator(".ballot-lines li > span:last-child").all()]


def altered(receipt: Receipt, **changes: object) -> Receipt:
    return receipt | changes


def looks_well(page: Page, *, least: int) -> None:
    """No serious finding, nothing too small to touch, nothing that makes the page scroll sideways."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert barriers(page) == []
    small = page.evaluate(
        """least => [...document.querySelectorAll('a, button, input, textarea, summary')]
          .filter(each => each.offsetParent && !each.matches('.skip'))
          .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
          .filter(([, box]) => box.height < least - 0.5 || box.width < 44 - 0.5).map(([html]) => html)""",
        least,
    )
    assert small == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("document.documentElement.style.setProperty('--t', '34px')")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "at 200 % text"


class TestCheck:
    def test_from_the_receipt_to_the_public_list(
        self, make_box: Callable[[int], Box], new_phone: Callable[..., Page]
    ) -> None:
        box = make_box(200)
        mine = box.cast(0, 2, 0, 3, 1)
        page = new_phone()
        check(page, box, mine)
        verdict(page, "到现在都对得上")
        assert set(steps(page).values()) == {"fits", "later"}  # nobody is signed in: the box is not asked
        for number in range(1, 200):
            box.cast(number, number % 5)

        box.close()
        check(page, box, mine)
        verdict(page, "您的票在票箱里")
        assert steps(page)["截止时的票箱里有您这个信封"] == "fits"
        assert steps(page)["从您上次来到现在，公示板只加没改"] == "fits"

        box.count()
        check(page, box, mine)
        verdict(page, "查到了，一项不差")
        assert set(steps(page).values()) == {"fits"}
        assert shown(page) == ["项目3", "项目1", "项目4", "项目2"]
        tracker = page.locator("#tracker").inner_text().replace(" ", "")
        assert (
            f"\n{tracker};{','.join(mine['ranking'])}\n"
            in box.story.client.get(f"{box.board}/ballots.pb").text
        )

        # somebody else's phone, with nothing but the tracker
        other = new_phone("en")
        check(other, box, None)
        verdict(other, "This phone has no receipt of this vote")
        other.get_by_label("I have a tracker only").fill(page.locator("#tracker").inner_text().lower())
        other.get_by_role("button", name="Find it on the list").click()
        verdict(other, "This line was found")
        assert shown(other) == ["项目3", "项目1", "项目4", "项目2"]
        other.get_by_text("No receipt here").click()
        other.get_by_label("I have a tracker only").fill("AAAA AAAA AAAA AAAA")
        other.get_by_role("button", name="Find it on the list").click()
        verdict(other, "Something does not fit")
        assert steps(other)["This tracker is not on the list"] == "differs"

        # the receipt on its way to another phone
        page.get_by_text("换部手机来查").click()
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('none')); }")
        page.get_by_role("button", name="复制整张回执").click()
        text = page.get_by_label("长按全选").input_value()
        other.goto("about:blank")
        other.goto(f"{box.server.url}/app/#/check")
        other.get_by_role("button", name="Use a receipt from elsewhere").click()
        other.get_by_label("Receipt", exact=True).fill(text[:-5])
        other.get_by_role("button", name="Check", exact=True).click()
        expect(other.get_by_text("There is no receipt in it")).to_be_visible()
        other.get_by_label("Receipt", exact=True).fill(text)
        other.get_by_role("button", name="Check", exact=True).click()
        verdict(other, "Found, and as you cast it")
        assert other.evaluate("Object.keys(localStorage).filter(key => key.includes('receipt'))") == []

    def test_what_does_not_fit_is_said_with_what_to_do(
        self, make_box: Callable[[int], Box], new_phone: Callable[..., Page]
    ) -> None:
        box = make_box(56)
        mine = box.cast(0, 0, 1, 2, 3)
        for number in range(1, 55):
            box.cast(number, number % 5)
        page = new_phone()
        first = box.cast(55, 1)
        check(page, box, first, session=box.session(55))
        verdict(page, "到现在都对得上")
        assert steps(page)["票箱里现在就是您这一张"] == "fits"
        box.cast(55, 2)
        check(page, box, first, session=box.session(55))
        verdict(page, "有一处请您看看")
        assert steps(page)["票箱里是更晚的一张，第 2 次投的"] == "look"
        check(page, box, first, session=box.session(0))  # whose ballot is another one
        assert steps(page)["现在登录的不是投这张票的人，看不了票箱"] == "later"
        gone = box.cast(54, 4)
        path = f"/api/v1/rounds/{box.round_id}/my-ballot"
        withdrawal = ok(box.story.client.delete(path, headers=box.story.resident(54)))
        box.close()
        box.count()
        committee = {"name": "花溪居委会", "phone": "0851-8899 0011"}
        path = f"/api/v1/communities/{COMMUNITY}/committee"
        ok(box.story.client.put(path, json=committee, headers={**box.story.clerk, "If-Match": '"0"'}))

        check(page, box, mine)
        verdict(page, "查到了，前三名不差")
        assert shown(page) == ["项目1", "项目2", "项目3"]

        check(page, box, altered(mine, ranking=mine["ranking"][::-1]))
        verdict(page, "有一处对不上")
        assert steps(page)["跟这部手机记得的不一样"] == "differs"
        assert shown(page) == [
            "项目1",
            "项目2",
            "项目3",
            "项目4",
            "项目3",
            "项目2",
            "项目1",
        ]  # and what it remembers
        expect(page.get_by_role("heading", name="怎么办")).to_be_visible()
        call = page.get_by_role("link", name="打电话 0851-8899 0011")
        expect(call).to_have_attribute("href", "tel:085188990011")
        proof = page.evaluate(
            "() => new Promise(done => {"
            " navigator.clipboard.writeText = text => { done(text); return Promise.resolve(); };"
            " document.querySelector('.what-now .copy button').click(); })"
        )
        assert {"secret", "nonce", "ranking"}.isdisjoint(json.loads(proof))

        for forged, sentence in (
            (altered(mine, version=2), "回执上的签名对不上"),
            (altered(mine, signed_with=first["nonce"]), "回执跟公示板不是同一把钥匙签的"),
            (altered(mine, round_id=mine["entry_id"]), "这是另一轮投票的回执"),
        ):
            check(page, box, forged)
            verdict(page, "有一处对不上")
            assert steps(page)[sentence] == "differs"
        check(page, box, altered(mine, secret="00" * 16))
        assert steps(page)["公示榜上没有这个查票码"] == "differs"

        check(page, box, first)
        verdict(page, "有一处请您看看")
        assert steps(page)["后来换过票，最后算的是第 2 次那一张"] == "look"
        check(page, box, gone)
        assert steps(page)["记录里写着：这张票撤回了"] == "look"
        check(page, box, withdrawal | {"secret": gone["secret"], "ranking": gone["ranking"]})
        verdict(page, "您撤回了选票")
        assert set(steps(page).values()) == {"fits"}

    def test_a_service_that_changes_its_word_is_found_out(
        self, make_box: Callable[[int], Box], new_phone: Callable[..., Page]
    ) -> None:
        box = make_box(51)
        mine = box.cast(0, 0, 1)
        for number in range(1, 51):
            box.cast(number, number % 5)
        box.close()
        box.count()
        page = new_phone()

        def with_answer(path: str, change: Callable[[str], str]) -> None:
            def answer(route: Route) -> None:
                real = route.fetch()
                route.fulfill(response=real, body=change(real.text()))

            page.route(re.compile(path), answer)

        def told(path: str, change: Callable[[str], str], sentence: str) -> None:
            with_answer(path, change)
            check(page, box, mine)
            verdict(page, "有一处对不上")
            assert steps(page)[sentence] == "differs"
            page.unroute_all()

        told(
            r"/ballots\.pb$",
            lambda text: text.replace("PROJECTS", "PROJECTS ", 1),
            "公示榜跟公示板上登记的不一样",
        )
        other_list = "公示榜跟公示板上登记的不一样"
        told(r"/ballots\.pb$", lambda text: text.replace("PROJECTS", "PROJECTS ", 1), other_list)
        told(r"/ballots\.pb$", lambda _: "<!doctype html>", other_list)
        told(r"/result$", _other('"outcome_digest":"'), "结果跟公示板上登记的不一样")
        told(r"/envelope-proof", _other('"path":["'), "从您的信封算不出公布的总指纹")
        told(box.board + "$", _other('"frozen_digest":"'), "公告跟签过名的不一样")
        told(box.board + "$", _other('"root":"'), "公示板上的签名对不上")
        # an older board, signed and all, is not what this phone has seen
        old = page.evaluate(
            "key => JSON.parse(localStorage.getItem(key)).head.size", f"gongyi.board.{box.round_id}"
        )
        heads = box.story.client.get(f"{box.board}/heads").json()["heads"]
        before = heads[1]
        assert before["size"] < old
        told(box.board + "$", lambda text: _cut(text, before), "公示板跟这部手机上次看到的不一样")

        page.route(re.compile(r"/ballots\.pb$"), lambda route: route.abort())
        page.goto("about:blank")
        page.goto(f"{box.server.url}/app/#/check/{box.round_id}")
        expect(page.get_by_role("alert")).to_contain_text("现在连不上网络")
        page.unroute_all()
        page.get_by_role("button", name="再试一次").click()
        verdict(page, "查到了，前三名不差")

    def test_a_large_list_does_not_freeze_the_phone(
        self, make_box: Callable[[int], Box], new_phone: Callable[..., Page]
    ) -> None:
        box = make_box(50)
        mine = box.cast(0, 0, 1)
        for number in range(1, 50):
            box.cast(number, number % 5)
        box.close()
        box.count()
        real = box.story.client.get(f"{box.board}/ballots.pb").text
        votes = "".join(f"A{number:015d};{','.join(box.project_ids)}\n" for number in range(51_000))
        page = new_phone()
        page.route(
            re.compile(r"/ballots\.pb$"),
            lambda route: route.fulfill(body=real + votes, content_type="text/plain; charset=utf-8"),
        )
        page.add_init_script(WATCH_TASKS)
        check(page, box, mine, patience=60_000)
        assert (
            steps(page)["公示榜跟公示板上登记的不一样"] == "differs"
        )  # these are not the ballots of the board
        assert steps(page)["照查票码找到了这一行"] == "fits"
        while_reading = "tasks.filter(each => each.startTime > began).map(each => each.duration)"
        longest = page.evaluate(f"Math.max(0, ...{while_reading})")
        assert longest < page.evaluate("performance.now() - began") / 4

    def test_few_ballots_are_not_listed(
        self, make_box: Callable[[int], Box], new_phone: Callable[..., Page]
    ) -> None:
        box = make_box(3)
        mine = [box.cast(number, number) for number in range(3)][1]
        box.close()
        box.count()
        page = new_phone()
        check(page, box, mine)
        verdict(page, "您的票在票箱里")
        assert steps(page)["这轮票少，没有逐张公布的榜"] == "later"
        assert page.locator("#tracker").count() == 0

    def test_a_round_that_was_ended_says_why(
        self, make_box: Callable[[int], Box], new_phone: Callable[..., Page]
    ) -> None:
        box = make_box(1)
        mine, page = box.cast(0, 1), new_phone()
        path, reason = f"/api/v1/rounds/{box.round_id}/cancel", {"reason": "名单印错了，重新公布后再投。"}
        ok(box.story.client.post(path, json=reason, headers=box.story.chair))
        check(page, box, mine)
        verdict(page, "这一轮没有计票")
        expect(page.locator(".verdict")).to_contain_text(reason["reason"])
        assert set(steps(page).values()) == {"fits"}  # receipt and board hold all the same

    def test_every_state_is_accessible(
        self, make_box: Callable[[int], Box], new_phone: Callable[..., Page]
    ) -> None:
        box = make_box(50)
        receipt = box.cast(0, 0, 1)
        for number in range(1, 50):
            box.cast(number, number % 5)
        phones = [(new_phone("zh-CN"), "normal"), (new_phone("en"), "elder")]
        for page, mode in phones:
            check(page, box, receipt, mode=mode)
            looks_well(page, least=60 if mode == "elder" else 44)
        box.close()
        box.count()
        for page, mode in phones:
            for kept in (receipt, altered(receipt, version=7), None):
                check(page, box, kept, mode=mode)
                looks_well(page, least=60 if mode == "elder" else 44)


def _other(before: str) -> Callable[[str], str]:
    """Exchanges the two digits behind a text."""

    def change(text: str) -> str:
        at = text.index(before) + len(before)
        return f"{text[:at]}{'11' if text[at : at + 2] == '00' else '00'}{text[at + 2 :]}"

    return change


def _cut(board: str, head: dict[str, Any]) -> str:
    found = json.loads(board)
    return json.dumps(found | {"entries": found["entries"][: head["size"]], "head": head})
