"""Public notices 公示: what hangs out, until when, and by which article."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core import clock
from app.notices.rules import HANGING_DAYS, Kind, hangs_until
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

PATH = f"/api/v1/communities/{COMMUNITY}/public-notices"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(20)


def hanging(story: Story, **query: Any) -> dict[str, dict[str, Any]]:
    items = ok(story.client.get(PATH, params=query, headers={"Accept-Language": "zh-CN"}))["items"]
    return {each["kind"]: each for each in items}


class TestListHanging:
    def test_a_round_from_its_list_to_its_end(self, story: Story, drain: Callable[[], int]) -> None:
        assert hanging(story) == {}
        round_id = story.publish_round(story.published_projects([400_000]))
        drain()
        listed = hanging(story)["round_published"]
        opens_at = ok(story.client.get(f"/api/v1/rounds/{round_id}"))["opens_at"]
        assert (listed["round_id"], listed["state"], listed["printable"]) == (round_id, "hanging", False)
        assert dt.datetime.fromisoformat(listed["hangs_until"]) == dt.datetime.fromisoformat(opens_at)
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open", headers=story.clerk))
        ok(story.cast(round_id, story.resident(0), listed_projects(story, round_id)))
        assert "result_announced" not in hanging(story)  # nothing is said before the result
        result = story.finish(round_id, drain)
        drain()
        found = hanging(story)["result_announced"]
        assert (found["round_id"], found["state"], found["printable"]) == (round_id, "hanging", True)
        assert (found["hangs_from"], found["hangs_until"]) == (result["announced_at"], result["notice_until"])
        assert found["article"] == "居民委员会组织法第三十四条"
        assert found["certified_at"] is None
        with clock.frozen(dt.datetime.fromisoformat(result["notice_until"])):
            assert hanging(story)["result_announced"]["state"] == "over"
        ok(story.client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        drain()
        assert hanging(story)["result_announced"]["certified_at"] is not None
        assert hanging(story)["result_certified"]["printable"] is False
        # the newest first, page by page
        first = ok(story.client.get(PATH, params={"limit": 1}))
        rest = ok(story.client.get(PATH, params={"limit": 10, "cursor": first["next_cursor"]}))
        kinds = [each["kind"] for each in [*first["items"], *rest["items"]]]
        assert kinds == ["result_certified", "result_announced", "round_published"]
        assert ok(story.client.get(PATH.replace(COMMUNITY, NEIGHBOUR)))["items"] == []

    def test_what_is_void_hangs_no_longer(self, story: Story, drain: Callable[[], int]) -> None:
        round_id = story.publish_round(story.published_projects([400_000]))
        path = f"/api/v1/rounds/{round_id}/cancel"
        ok(story.client.post(path, json={"reason": "名册有误"}, headers=story.chair))
        drain()
        assert hanging(story)["round_published"]["state"] == "void"

    def test_no_such_community(self, story: Story) -> None:
        refused(story.client.get(PATH.replace(COMMUNITY, "520102031999")), 404, "division_not_found")


def listed_projects(story: Story, round_id: str) -> list[str]:
    found = ok(story.client.get(f"/api/v1/rounds/{round_id}/projects"))
    return [each["project_id"] for each in found["items"]]


def test_until_when() -> None:
    since = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    told = since + dt.timedelta(days=30)
    assert hangs_until(Kind.DECISION_ANNOUNCED, {}, since=since, told=told) == told
    opening = {"opens_at": "2026-03-12T09:00:00+08:00"}
    assert (
        hangs_until(Kind.ROUND_PUBLISHED, opening, since=since, told=None).isoformat() == opening["opens_at"]
    )
    assert hangs_until(Kind.MINUTES_PUBLISHED, {}, since=since, told=None) == since + dt.timedelta(
        days=HANGING_DAYS
    )
