"""What residents hear of a meeting that is called, changed or cancelled; each notice stands by itself."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

MEETINGS = "/api/v1/meetings"
#: A Tuesday, eleven in the morning in Beijing.
MORNING = dt.datetime(2026, 6, 2, 3, 0, tzinfo=dt.UTC)
#: Half past seven in the evening in Beijing, eleven days later.
EVENING = dt.datetime(2026, 6, 13, 11, 30, tzinfo=dt.UTC)
Drain = Callable[[], int]


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    clock.set_frozen(MORNING)
    return Story(client, callers).with_residents(2)


def called(story: Story, **changes: Any) -> dict[str, Any]:
    body = {
        "community_code": COMMUNITY, "kind": "residents", "title": "第二次居民会议", "place": "社区活动室",
        "begins_at": EVENING.isoformat(), "agenda": ["名单", "其他"],
    }  # fmt: skip
    made: dict[str, Any] = ok(story.client.post(MEETINGS, json=body | changes, headers=story.clerk))
    return made


def change(story: Story, meeting: dict[str, Any], **changes: Any) -> None:
    kept = {name: meeting[name] for name in ("title", "place", "begins_at", "agenda", "short_notice_reason")}
    ok(story.client.put(f"{MEETINGS}/{meeting['id']}", json=kept | changes, headers=story.clerk))


def cancel(story: Story, meeting: dict[str, Any], reason: str = "场地停电") -> None:
    path = f"{MEETINGS}/{meeting['id']}/cancel"
    ok(story.client.post(path, json={"reason": reason}, headers=story.clerk))


def told(story: Story, *, language: str = "zh-CN", community: str = COMMUNITY) -> dict[str, dict[str, Any]]:
    """What hangs out in a community, by kind."""
    path = f"/api/v1/communities/{community}/notices"
    query = {"topic": "minutes"}
    found = ok(story.client.get(path, params=query, headers={"Accept-Language": language}))["items"]
    assert len({each["kind"] for each in found}) == len(found)
    return {each["kind"]: each for each in found}


class TestCall:
    @pytest.mark.parametrize("kind", ["residents", "representatives", "council"])
    def test_the_community_hears_what_when_and_where(self, story: Story, drain: Drain, kind: str) -> None:
        who = story.resident(0)
        clock.set_frozen(MORNING + dt.timedelta(minutes=1))
        meeting = called(story, kind=kind)
        drain()
        (item,) = ok(story.client.get("/api/v1/me/notices", headers=who | {"Accept-Language": "zh-CN"}))[
            "items"
        ]
        assert (item["kind"], item["label"], item["link"]) == (
            "meeting_called", "会议", f"/meeting/{meeting['id']}",
        )  # fmt: skip
        assert (item["unread"], item["personal"], item["private"]) == (True, False, False)
        assert item["title"] == "要开会了：第二次居民会议"
        assert item["text"] == "6月13日 19:30，地点：社区活动室。可以先看看要议什么。"
        assert item["facts"] == {
            "meeting_id": meeting["id"], "title": "第二次居民会议", "begins_at": EVENING.isoformat(),
            "place": "社区活动室",
        }  # fmt: skip
        english = told(story, language="en")["meeting_called"]
        assert english["title"] == "A meeting is called: 第二次居民会议"
        assert english["text"].startswith("13 June, 19:30. Place: 社区活动室.")
        assert told(story, community=NEIGHBOUR) == {}

    def test_nobody_is_called_to_what_was_held_already(self, story: Story, drain: Drain) -> None:
        called(story, kind="council", begins_at=(MORNING - dt.timedelta(days=1)).isoformat())
        late = called(story, kind="council", begins_at=(MORNING + dt.timedelta(hours=1)).isoformat())
        with clock.frozen(MORNING + dt.timedelta(hours=2)):
            drain()  # nobody carried it out in time
        assert told(story) == {}
        assert ok(story.client.get(f"{MEETINGS}/{late['id']}"))["cancelled_at"] is None

    def test_a_refusal_tells_nobody(self, story: Story, drain: Drain) -> None:
        body = {
            "community_code": COMMUNITY, "kind": "residents", "title": "居民会议", "place": "活动室",
            "begins_at": (MORNING + dt.timedelta(days=9)).isoformat(), "agenda": ["名单"],
        }  # fmt: skip
        refused(story.client.post(MEETINGS, json=body, headers=story.clerk), 422, "meeting_notice_too_short")
        away = story.callers.staff(Role.RC_STAFF, NEIGHBOUR)
        meeting = called(story)
        path = f"{MEETINGS}/{meeting['id']}/cancel"
        refused(story.client.post(path, json={"reason": "停电"}, headers=away), 404, "meeting_not_found")
        drain()
        assert set(told(story)) == {"meeting_called"}


class TestChange:
    def test_what_it_is_now(self, story: Story, drain: Drain) -> None:
        meeting = called(story)
        change(story, meeting, place="二楼会议室", begins_at=(EVENING + dt.timedelta(days=1)).isoformat())
        drain()
        found = told(story)
        assert found["meeting_changed"]["title"] == "会议有变动：第二次居民会议"
        assert found["meeting_changed"]["text"].startswith("现在定在 6月14日 19:30，地点：二楼会议室。")
        assert found["meeting_changed"]["link"] == f"/meeting/{meeting['id']}"
        assert found["meeting_called"]["text"].startswith("6月13日 19:30")  # as it was said then

    @pytest.mark.parametrize(
        ("changes", "heard"),
        [({}, False), ({"agenda": ["名单"]}, True), ({"title": "居民会议"}, True), ({"place": "楼下"}, True)],
        ids=["nothing", "agenda", "title", "place"],
    )
    def test_only_of_what_is_another(
        self,
        story: Story,
        drain: Drain,
        changes: dict[str, Any],
        heard: bool,  # noqa: FBT001
    ) -> None:
        change(story, called(story), **changes)
        drain()
        assert ("meeting_changed" in told(story)) is heard


class TestCancel:
    def test_called_and_cancelled_before_anybody_was_told(self, story: Story, drain: Drain) -> None:
        meeting = called(story)
        cancel(story, meeting)
        drain()
        found = told(story)
        assert set(found) == {"meeting_called", "meeting_cancelled"}
        gone = found["meeting_cancelled"]
        assert gone["title"] == "会议取消了：第二次居民会议"
        assert gone["text"] == "原定 6月13日 19:30，地点：社区活动室。现在不开了，原因：场地停电"
        assert gone["link"] == f"/meeting/{meeting['id']}"
        english = told(story, language="en")["meeting_cancelled"]
        assert english["text"].endswith("The reason: 场地停电")

    def test_even_late_it_is_said(self, story: Story, drain: Drain) -> None:
        meeting = called(story)
        drain()
        cancel(story, meeting)
        with clock.frozen(EVENING + dt.timedelta(hours=1)):
            drain()
        assert "meeting_cancelled" in told(story)
