"""A community's calendar: every day of a round, meetings, holidays; drafts for those who work on them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers, Headers
from tests.recorded.estate import opened as opened_estate
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

MORNING = dt.datetime(2026, 9, 1, 2, 0, tzinfo=dt.UTC)
PATH = f"/api/v1/divisions/{COMMUNITY}/calendar"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    clock.set_frozen(MORNING)
    return Story(client, callers).with_residents(2)


def look(
    story: Story, first: str = "2026-09-01", last: str = "2026-12-31", who: Headers | None = None
) -> Any:
    search = {"first": first, "last": last}
    return ok(story.client.get(PATH, params=search, headers=who or story.clerk))


def days(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(each["at"][:10], each["kind"], each["expected"]) for each in found["events"]]


class TestRead:
    def test_the_days_of_a_round_first_expected_then_as_they_came(
        self, story: Story, drain: Callable[[], int]
    ) -> None:
        projects = story.published_projects([300_000])
        round_id = story.publish_round(projects)
        assert days(look(story)) == [
            ("2026-09-02", "opens", False), ("2026-09-09", "closes", False), ("2026-09-09", "announced", True),
            ("2026-09-24", "objections_end", True),
        ]  # fmt: skip
        clock.set_frozen(MORNING + dt.timedelta(days=1))
        story = Story(story.client, story.callers)
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open", headers=story.clerk))
        ok(story.cast(round_id, story.resident(0), projects))
        clock.set_frozen(MORNING + dt.timedelta(days=8))
        story = Story(story.client, story.callers)
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        drain()
        assert days(look(story))[2:] == [
            ("2026-09-09", "announced", False), ("2026-09-24", "objections_end", False),
        ]  # fmt: skip
        ok(story.client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        assert ("2026-09-09", "certified", False) in days(look(story))
        # asked for later days alone, it still knows until when residents may object
        assert days(look(story, "2026-09-20", "2026-09-30")) == [("2026-09-24", "objections_end", False)]

    def test_drafts_only_for_those_who_work_on_them(self, story: Story, callers: Callers) -> None:
        story.draft_round(story.published_projects([300_000]))
        assert days(look(story))[0] == ("2026-09-02", "opens", True)
        assert look(story, who=callers.staff(Role.SUPERVISOR, COMMUNITY))["events"] != []
        street = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        assert look(story, who=street)["events"] == []
        story.publish_round(story.published_projects([400_000]))
        above = PATH.replace(COMMUNITY, SUBDISTRICT)
        search = {"first": "2026-09-01", "last": "2026-12-31"}
        assert len(ok(story.client.get(above, params=search, headers=street))["events"]) == 4
        refused(story.client.get(above, params=search, headers=story.clerk), 404, "division_not_found")

    def test_a_cancelled_round_is_gone_and_a_void_one_has_no_result(self, story: Story) -> None:
        projects = story.published_projects([300_000])
        cancelled, void = story.publish_round(projects), story.open_round(projects)
        for round_id in (cancelled, void):
            path = f"/api/v1/rounds/{round_id}/cancel"
            ok(story.client.post(path, json={"reason": "名单有误"}, headers=story.chair))
        assert [(kind, expected) for _, kind, expected in days(look(story))] == [
            ("opens", False), ("closes", False),
        ]  # fmt: skip

    def test_owners_decisions_hang_out_longer(self, client: TestClient, callers: Callers) -> None:
        clock.set_frozen(MORNING)
        estate = opened_estate(client, callers)
        found = look(estate.story, "2026-09-01", "2026-12-31")
        closes, announced, ends = (
            dt.datetime.fromisoformat(each["at"])
            for each in found["events"]
            if each["kind"] in {"closes", "announced", "objections_end"}
        )
        assert all(each["recorded"] for each in found["events"])
        assert (announced - closes, ends - announced) == (dt.timedelta(days=3), dt.timedelta(days=30))

    def test_meetings_and_holidays(self, story: Story) -> None:
        body = {
            "community_code": COMMUNITY, "kind": "residents", "title": "第三次居民会议", "place": "活动室",
            "begins_at": "2026-09-25T19:30:00+08:00", "agenda": ["停车"],
        }  # fmt: skip
        ok(story.client.post("/api/v1/meetings", json=body, headers=story.clerk))
        found = look(story, "2026-09-25", "2026-10-01")
        assert [(each["kind"], each["title"], each["state"]) for each in found["events"]] == [
            ("meeting", "第三次居民会议", None)
        ]
        assert [(each["day"], each["name"]) for each in found["holidays"]] == [
            ("2026-09-25", "the Mid-Autumn Festival"), ("2026-10-01", "National Day"),
        ]  # fmt: skip
        assert look(story, "2026-09-26", "2026-09-30")["events"] == []

    def test_a_year_at_most_and_forwards(self, story: Story) -> None:
        for first, last in (("2026-09-02", "2026-09-01"), ("2026-01-01", "2027-01-02")):
            search = {"first": first, "last": last}
            refused(story.client.get(PATH, params=search, headers=story.clerk), 422, "span_too_long")
        look(story, "2026-01-01", "2027-01-01")

    def test_for_those_who_plan_there(self, story: Story, callers: Callers) -> None:
        search = {"first": "2026-09-01", "last": "2026-09-30"}
        for who, status, code in (
            (callers.staff(Role.RC_STAFF, NEIGHBOUR), 404, "division_not_found"),
            (story.resident(0), 403, "not_allowed"),
            (callers.staff(Role.AUDITOR, SUBDISTRICT), 403, "not_allowed"),
        ):
            refused(story.client.get(PATH, params=search, headers=who), status, code)
        missing = PATH.replace(COMMUNITY, "520102031999")
        refused(story.client.get(missing, params=search, headers=story.clerk), 404, "division_not_found")
