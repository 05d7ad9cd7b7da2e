"""The committee's desk for comments: how many wait, and what was taken down by mistake."""

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from tests.callers import Callers
from tests.ideas.talk import Talk
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

COUNTS = f"/api/v1/communities/{COMMUNITY}/comment-counts"
COMMENTS = "/api/v1/comments"


@pytest.fixture
def talk(client: TestClient, callers: Callers) -> Talk:
    return Talk(Story(client, callers).with_residents(12))


class TestCounting:
    def test_held_and_reported(self, talk: Talk, callers: Callers) -> None:
        idea = talk.post(1)["id"]
        talk.say(2, idea, "打 13900001234")
        loud, _ = talk.say(3, idea, "说得重了点")["id"], talk.say(4, idea)
        path = f"{COMMENTS}/{loud}/my-report"
        for number in (5, 6):  # twice reported is one comment
            assert talk.client.put(
                path, json={"code": "abuse"}, headers=talk.story.resident(number)
            ).is_success
        assert ok(talk.client.get(COUNTS, headers=talk.story.clerk)) == {"held": 1, "reported": 1}
        ok(talk.client.post(f"{COMMENTS}/{loud}/publish", headers=talk.story.clerk))
        assert ok(talk.client.get(COUNTS, headers=talk.story.clerk)) == {"held": 1, "reported": 0}
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(talk.client.get(COUNTS, headers=away), 404, "division_not_found")
        refused(talk.client.get(COUNTS, headers=talk.story.resident(1)), 403, "not_allowed")


class TestTakingDown:
    def test_what_was_taken_down_is_found_again(self, talk: Talk) -> None:
        idea = talk.post(1)["id"]
        held, loud = talk.say(2, idea, "打 13900001234")["id"], talk.say(3, idea, "说得重了点")["id"]
        reason = {"reason": "请换个说法。"}
        ok(talk.client.post(f"{COMMENTS}/{held}/reject", json=reason, headers=talk.story.clerk))
        ok(talk.client.post(f"{COMMENTS}/{loud}/hide", json=reason, headers=talk.story.clerk))
        params = {"community": COMMUNITY, "show": "taken_down"}
        found = ok(talk.client.get("/api/v1/held-comments", params=params, headers=talk.story.clerk))["items"]
        assert [(each["id"], each["state"], each["words"]) for each in found] == [
            (loud, "hidden", "说得重了点"), (held, "rejected", "打 13900001234"),
        ]  # fmt: skip
        one = talk.client.get("/api/v1/held-comments", params=params | {"limit": 1}, headers=talk.story.clerk)
        cursor = ok(one)["next_cursor"]
        rest = talk.client.get(
            "/api/v1/held-comments", params=params | {"cursor": cursor}, headers=talk.story.clerk
        )
        assert [each["id"] for each in ok(rest)["items"]] == [held]
