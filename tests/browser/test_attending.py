"""Somebody signs in at a meeting's door with their phone, reads the draft they were given, and puts it right."""

from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from app.core import clock
from tests.browser.screens import keep, phone
from tests.callers import Callers
from tests.servers import Server
from tests.story import COMMUNITY, Story, ok


class TestAttending:
    def test_from_the_door_to_a_correction(self, server: Server, chromium: Browser) -> None:
        callers = Callers(server.app, server.app.state.wiring.database)
        story = Story(TestClient(server.app), callers).with_residents(3)
        post = story.client.post
        body = {
            "community_code": COMMUNITY, "kind": "council", "title": "居民议事会", "place": "活动室",
            "begins_at": clock.now().isoformat(), "agenda": ["楼道照明"],
        }  # fmt: skip
        path = f"/api/v1/meetings/{ok(post('/api/v1/meetings', json=body, headers=story.clerk))['id']}"
        words = {"text": "到会 28 人。", "chair": "召集人", "recorder": "记录员"}
        ok(post(f"{path}/minutes", json=words, headers=story.clerk))
        ok(post(f"{path}/minutes/1/circulate", headers=story.clerk))
        code = ok(post(f"{path}/door-code", headers=story.clerk))["code"]
        with phone(chromium) as page:
            page.goto(f"{server.url}/app/icon.svg")
            token = story.resident(1)["Authorization"].removeprefix("Bearer ")
            session = {"access": token, "refresh": None, "until": 4_102_444_800_000, "who": "somebody"}
            keep(page, session=session, community=COMMUNITY)
            page.goto(f"{server.url}/app/#/door/{code}")
            page.get_by_role("button", name="我到会了").tap()
            expect(page.get_by_role("status").get_by_text("签到好了")).to_be_visible()
            page.get_by_role("link", name="看议题").tap()
            expect(page.get_by_role("heading", name="请您核对的纪要草稿")).to_be_visible()
            expect(page.locator(".md")).to_have_text("到会 28 人。")
            page.get_by_role("button", name="提出更正").tap()
            page.get_by_role("button", name="提交").tap()
            expect(page.get_by_text("请写上应当怎么记。")).to_be_visible()
            page.get_by_label("应当是").fill("到会是 30 人。")
            page.get_by_role("button", name="提交").tap()
            expect(page.get_by_text("等待答复")).to_be_visible()
        (proposed,) = ok(story.client.get(f"{path}/amendments", headers=story.clerk))["items"]
        assert proposed["text"] == "到会是 30 人。"
        with phone(chromium) as page:  # somebody who was not there sees none of it
            page.goto(f"{server.url}/app/#/meeting/{path.rpartition('/')[2]}")
            expect(page.get_by_text("会议纪要还没有公布。")).to_be_visible()
            expect(page.get_by_role("button", name="提出更正")).to_have_count(0)
