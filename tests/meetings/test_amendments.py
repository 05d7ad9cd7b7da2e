"""What those who attended put right in minutes, before they are signed and after they are published."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.meetings.rules import OPEN_AMENDMENTS
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

MEETINGS = "/api/v1/meetings"
NOBODY = "00000000-0000-0000-0000-000000000000"
MINUTES = {"text": "到会 28 人。", "chair": "居委会主任", "recorder": "记录员"}


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(4)


@pytest.fixture
def meeting(story: Story) -> str:
    """Held now; the first resident was there; the minutes are a draft."""
    body = {
        "community_code": COMMUNITY, "kind": "council", "title": "议事会", "place": "活动室",
        "begins_at": clock.now().isoformat(), "agenda": ["照明"],
    }  # fmt: skip
    made = str(ok(story.client.post(MEETINGS, json=body, headers=story.clerk))["id"])
    people = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/residents", headers=story.clerk))["items"]
    ok(story.client.put(f"{MEETINGS}/{made}/attendance/{people[0]['id']}", headers=story.clerk))
    ok(story.client.post(f"{MEETINGS}/{made}/minutes", json=MINUTES, headers=story.clerk))
    return made


def propose(story: Story, meeting: str, who: Headers, **changes: Any) -> Any:
    body = {"version": 1, "passage": "到会 28 人", "text": "到会是 30 人。"} | changes
    return story.client.post(f"{MEETINGS}/{meeting}/amendments", json=body, headers=who)


def circulate(story: Story, meeting: str) -> Any:
    return story.client.post(f"{MEETINGS}/{meeting}/minutes/1/circulate", headers=story.clerk)


def mine(story: Story, meeting: str, who: Headers) -> dict[str, Any]:
    found: dict[str, Any] = ok(story.client.get(f"{MEETINGS}/{meeting}/mine", headers=who))
    return found


class TestCirculateMinutes:
    def test_those_who_attended_read_the_draft_and_nobody_else(self, story: Story, meeting: str) -> None:
        there, away = story.resident(0), story.resident(1)
        assert mine(story, meeting, there)["attended"]
        assert mine(story, meeting, there)["draft"] is None
        refused(propose(story, meeting, there), 404, "minutes_not_found")
        assert ok(circulate(story, meeting))["circulated_at"] is not None
        assert mine(story, meeting, there)["draft"]["text"] == MINUTES["text"]
        assert mine(story, meeting, away) == {"attended": False, "draft": None, "amendments": []}
        for who in ({}, there, away):
            assert ok(story.client.get(f"{MEETINGS}/{meeting}", headers=who))["minutes"] == []

    def test_not_while_it_names_somebody(self, story: Story, meeting: str) -> None:
        path = f"{MEETINGS}/{meeting}/minutes/1"
        ok(story.client.put(path, json=MINUTES | {"recorder": "居民2"}, headers=story.clerk))
        refused(circulate(story, meeting), 409, "names_in_minutes")


class TestProposeAmendment:
    def test_only_who_attended_and_only_what_they_may_read(self, story: Story, meeting: str) -> None:
        ok(circulate(story, meeting))
        refused(propose(story, meeting, story.resident(1)), 403, "not_attended")
        refused(propose(story, meeting, story.resident(0), version=2), 404, "minutes_not_found")
        refused(propose(story, NOBODY, story.resident(0)), 404, "meeting_not_found")
        refused(propose(story, meeting, story.clerk), 403, "not_allowed")
        for _ in range(OPEN_AMENDMENTS):
            ok(propose(story, meeting, story.resident(0)))
        refused(propose(story, meeting, story.resident(0)), 409, "too_many_amendments")

    def test_the_desk_reads_what_and_not_who(self, story: Story, meeting: str, callers: Callers) -> None:
        ok(circulate(story, meeting))
        ok(propose(story, meeting, story.resident(0)))
        path = f"{MEETINGS}/{meeting}/amendments"
        (found,) = ok(story.client.get(path, headers=callers.staff(Role.SUPERVISOR, COMMUNITY)))["items"]
        assert (found["passage"], found["text"], found["state"]) == (
            "到会 28 人",
            "到会是 30 人。",
            "pending",
        )
        assert not {"account_id", "name", "resident_id"} & set(found)
        refused(story.client.get(path, headers=story.resident(0)), 403, "not_allowed")
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.get(path, headers=away), 404, "meeting_not_found")
        for act, body in (("take-up", {}), ("decline", {"reason": "不是您的会"})):
            answer = story.client.post(f"/api/v1/amendments/{found['id']}/{act}", json=body, headers=away)
            refused(answer, 404, "amendment_not_found")


class TestAnswering:
    def test_taken_up_in_a_second_version(self, story: Story, meeting: str) -> None:
        story.publish_minutes(meeting)
        amendment = ok(propose(story, meeting, story.resident(0)))["id"]
        path = f"/api/v1/amendments/{amendment}"
        refused(
            story.client.post(f"{path}/take-up", json={}, headers=story.clerk), 409, "no_draft_of_minutes"
        )
        corrected = MINUTES | {"text": "到会 30 人。", "correction": "人数记错了"}
        ok(story.client.post(f"{MEETINGS}/{meeting}/corrections", json=corrected, headers=story.clerk))
        taken = ok(story.client.post(f"{path}/take-up", json={"answer": "谢谢。"}, headers=story.clerk))
        assert (taken["state"], taken["taken_up_in"]) == ("taken_up", 2)
        refused(
            story.client.post(f"{path}/decline", json={"reason": "不对"}, headers=story.clerk),
            409,
            "amendment_answered",
        )
        (own,) = mine(story, meeting, story.resident(0))["amendments"]
        assert (own["answer"], own["taken_up_in"]) == ("谢谢。", 2)

    def test_or_declined_with_a_reason(self, story: Story, meeting: str) -> None:
        ok(circulate(story, meeting))
        amendment = ok(propose(story, meeting, story.resident(0)))["id"]
        path = f"/api/v1/amendments/{amendment}/decline"
        refused(story.client.post(path, json={}, headers=story.clerk), 422, "malformed_request")
        ok(story.client.post(path, json={"reason": "签到表上是 28 人。"}, headers=story.clerk))
        (own,) = mine(story, meeting, story.resident(0))["amendments"]
        assert (own["state"], own["answer"]) == ("declined", "签到表上是 28 人。")

    def test_it_goes_with_who_is_forgotten(self, story: Story, meeting: str) -> None:
        ok(circulate(story, meeting))
        kept, gone = (ok(propose(story, meeting, story.resident(0)))["id"] for _ in range(2))
        path = f"/api/v1/amendments/{kept}/decline"
        ok(story.client.post(path, json={"reason": "签到表上是 28 人。"}, headers=story.clerk))
        who = story.resident(0)
        plan = story.client.get("/api/v1/me/data/deletion", headers=who)
        ok(story.client.delete("/api/v1/me/data", headers={**who, "If-Match": plan.headers["ETag"]}))
        left = ok(story.client.get(f"{MEETINGS}/{meeting}/amendments", headers=story.clerk))["items"]
        assert [each["id"] for each in left] == [kept]
        assert gone != kept
