"""Minutes as residents read them, handed on by a short code, and found again by whoever gets it."""

import datetime as dt
import re

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from app.core import clock
from tests.browser.screens import keep, phone
from tests.callers import Callers
from tests.servers import Server
from tests.story import COMMUNITY, Story, ok


@pytest.fixture
def meeting(server: Server) -> tuple[Story, str]:
    """Held yesterday: two resolutions, one of which raised a project; the minutes were corrected."""
    story = Story(
        TestClient(server.app), Callers(server.app, server.app.state.wiring.database)
    ).with_residents(5)
    post = story.client.post
    body = {
        "community_code": COMMUNITY, "kind": "council", "title": "居民议事会", "place": "活动室",
        "begins_at": (clock.now() - dt.timedelta(days=1)).isoformat(), "agenda": ["楼道照明", "停车"],
    }  # fmt: skip
    meeting_id = ok(post("/api/v1/meetings", json=body, headers=story.clerk))["id"]
    path = f"/api/v1/meetings/{meeting_id}"
    ok(story.client.put(f"{path}/attendance", json={"present": 30, "names": []}, headers=story.clerk))
    project = {key: value for key, value in story.project("楼道照明").items() if key != "community_code"}
    votes = {"text": "装声控灯。", "votes_for": 20, "votes_against": 5, "abstentions": 2, "project": project}
    raised = ok(post(f"{path}/resolutions", json=votes, headers=story.clerk))["project_id"]
    against = {"text": "建停车场。", "votes_for": 9, "votes_against": 20}
    ok(post(f"{path}/resolutions", json=against, headers=story.clerk))
    ok(post("/api/v1/projects/publish", json={"project_ids": [raised]}, headers=story.clerk))
    words = {"text": "到会 28 人。\n\n- 装声控灯", "chair": "召集人", "recorder": "记录员"}
    ok(post(f"{path}/minutes", json=words, headers=story.clerk))
    story.publish_minutes(meeting_id)
    corrected = words | {"text": "到会 30 人。\n\n- 装声控灯", "correction": "人数记错了"}
    ok(post(f"{path}/corrections", json=corrected, headers=story.clerk))
    story.publish_minutes(meeting_id, 2)
    return story, meeting_id


class TestReading:
    def test_from_the_list_to_what_was_corrected_and_the_project_it_raised(
        self, server: Server, meeting: tuple[Story, str], chromium: Browser
    ) -> None:
        with phone(chromium) as page:
            page.goto(f"{server.url}/app/?community={COMMUNITY}#/meetings")
            expect(page.locator("a.cell")).to_have_attribute("href", f"#/meeting/{meeting[1]}")
            page.get_by_role("link", name=re.compile("居民议事会.*纪要已更正.*30 人到会", re.DOTALL)).tap()
            expect(page.locator(".md")).to_contain_text("到会 30 人。")
            expect(page.locator("#app").get_by_text("人数记错了")).to_be_visible()
            expect(page.locator(".change del")).to_have_text("到会 28 人。")
            expect(page.locator(".change ins")).to_have_text("到会 30 人。")
            page.get_by_role("button", name=re.compile("第 1 版")).tap()
            expect(page.locator(".md")).to_contain_text("到会 28 人。")
            expect(page.locator("#app").get_by_text("这是第 1 版，后来有更正")).to_be_visible()
            expect(
                page.locator("#app").get_by_text("同意 20 · 反对 5 · 弃权 2（到会 30 人，过半通过）")
            ).to_be_visible()
            page.get_by_role("link", name="看项目“楼道照明”").tap()
            page.wait_for_url("**#/project/**")


class TestSharing:
    def test_a_short_code_leads_somebody_else_to_the_same_page(
        self, server: Server, meeting: tuple[Story, str], chromium: Browser
    ) -> None:
        story, meeting_id = meeting
        with phone(chromium) as page:
            page.goto(f"{server.url}/app/icon.svg")
            token = story.resident(1)["Authorization"].removeprefix("Bearer ")
            session = {"access": token, "refresh": None, "until": 4_102_444_800_000, "who": "somebody"}
            keep(page, session=session, community=COMMUNITY)
            page.goto(f"{server.url}/app/#/meeting/{meeting_id}")
            page.get_by_role("button", name="分享").tap()
            sheet = page.get_by_role("dialog")
            picture = sheet.locator("img")
            expect(picture).to_be_visible()
            page.wait_for_function("() => document.querySelector('.share-card img').naturalWidth === 1000")
            address = sheet.get_by_label("链接").input_value()
            sheet.get_by_role("button", name="复制链接").tap()
            expect(sheet.get_by_role("button", name="已复制")).to_be_visible()
            assert "somebody" not in address
        code = address.rpartition("/")[2]
        with phone(chromium) as page:
            page.goto(f"{server.url}/q/{code.lower()}")
            page.wait_for_url(f"**/app/?community={COMMUNITY}#/meeting/{meeting_id}")
            expect(page.locator("#heading")).to_have_text("居民议事会")
            page.goto(f"{server.url}/app/#/q")
            page.get_by_label("海报上的 5 位短码").fill("bbbbb")
            page.get_by_role("button", name="打开").tap()
            expect(page.locator("#app").get_by_text("没有这个短码")).to_be_visible()
            page.get_by_label("海报上的 5 位短码").fill(code.lower())
            page.get_by_role("button", name="打开").tap()
            page.wait_for_url(f"**#/meeting/{meeting_id}")

    def test_who_is_not_signed_in_hands_on_the_page_itself(
        self, server: Server, meeting: tuple[Story, str], chromium: Browser
    ) -> None:
        with phone(chromium) as page:
            page.goto(f"{server.url}/app/?community={COMMUNITY}#/meeting/{meeting[1]}?from=x")
            page.get_by_role("button", name="分享").tap()
            address = page.get_by_role("dialog").get_by_label("链接").input_value()
            assert address == f"{server.url}/app/?community={COMMUNITY}#/meeting/{meeting[1]}"
