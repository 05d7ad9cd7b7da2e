"""What those who attended put right in minutes, before they are signed and after they are published."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.meetings import service
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


def sign(story: Story, meeting: str, part: str, who: Headers, version: int = 1) -> Any:
    path = f"{MEETINGS}/{meeting}/minutes/{version}/signatures"
    return story.client.post(path, json={"part": part}, headers=who)


def publish(story: Story, meeting: str, version: int = 1) -> Any:
    return story.client.post(f"{MEETINGS}/{meeting}/minutes/{version}/publish", headers=story.chair)


def decline(story: Story, amendment: str) -> Any:
    body = {"reason": "签到表上是 28 人。"}
    return story.client.post(f"/api/v1/amendments/{amendment}/decline", json=body, headers=story.clerk)


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

    def test_a_signed_draft_takes_nothing_up_before_it_is_changed(self, story: Story, meeting: str) -> None:
        ok(circulate(story, meeting))
        ok(sign(story, meeting, "recorder", story.clerk))
        amendment = ok(propose(story, meeting, story.resident(0)))["id"]
        path = f"/api/v1/amendments/{amendment}/take-up"
        refused(story.client.post(path, json={}, headers=story.clerk), 409, "minutes_signed")
        changed = MINUTES | {"text": "到会 30 人。"}
        made = ok(story.client.put(f"{MEETINGS}/{meeting}/minutes/1", json=changed, headers=story.clerk))
        assert (made["version"], made["signatures"]) == (2, [])  # the signature stays under what was signed
        assert ok(story.client.post(path, json={}, headers=story.clerk))["taken_up_in"] == 2
        refused(publish(story, meeting, 2), 409, "signatures_missing")
        ok(sign(story, meeting, "recorder", story.clerk, 2))
        ok(sign(story, meeting, "chair", story.chair, 2))
        assert ok(publish(story, meeting, 2))["text"] == "到会 30 人。"

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


class TestHearing:
    """Those who attended read a draft before it is signed, and nothing is signed or published over their heads."""

    def test_nobody_signs_what_attendees_were_not_given(self, story: Story, meeting: str) -> None:
        refused(sign(story, meeting, "recorder", story.clerk), 409, "minutes_not_circulated")
        ok(circulate(story, meeting))
        ok(sign(story, meeting, "recorder", story.clerk))

    def test_a_list_that_grows_after_the_signatures_is_heard_too(self, story: Story, meeting: str) -> None:
        people = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/residents", headers=story.clerk))[
            "items"
        ]
        path = f"{MEETINGS}/{meeting}/attendance/{people[0]['id']}"
        ok(story.client.delete(path, headers=story.clerk))
        for part, who in (("recorder", story.clerk), ("chair", story.chair)):
            ok(sign(story, meeting, part, who))
        ok(story.client.put(path, headers=story.clerk))
        refused(publish(story, meeting), 409, "minutes_not_circulated")
        ok(circulate(story, meeting))
        ok(publish(story, meeting))

    def test_nobody_signs_or_publishes_before_every_proposal_is_answered(
        self, story: Story, meeting: str
    ) -> None:
        ok(circulate(story, meeting))
        first, second = (ok(propose(story, meeting, story.resident(0)))["id"] for _ in range(2))
        answer = sign(story, meeting, "recorder", story.clerk)
        refused(answer, 409, "amendments_pending")
        assert answer.json()["count"] == 2
        ok(decline(story, first))
        ok(story.client.post(f"/api/v1/amendments/{second}/take-up", json={}, headers=story.clerk))
        for part, who in (("recorder", story.clerk), ("chair", story.chair)):
            ok(sign(story, meeting, part, who))
        late = ok(propose(story, meeting, story.resident(0)))["id"]
        answer = publish(story, meeting)
        refused(answer, 409, "amendments_pending")
        assert answer.json()["count"] == 1
        ok(decline(story, late))  # and the text they signed is still the text
        assert len(ok(publish(story, meeting))["signatures"]) == 2

    def test_a_correction_neither(self, story: Story, meeting: str) -> None:
        story.publish_minutes(meeting)
        amendment = ok(propose(story, meeting, story.resident(0)))["id"]
        corrected = MINUTES | {"text": "到会 29 人。", "correction": "人数记错了"}
        ok(story.client.post(f"{MEETINGS}/{meeting}/corrections", json=corrected, headers=story.clerk))
        path = f"{MEETINGS}/{meeting}/minutes/2/circulate"
        refused(sign(story, meeting, "recorder", story.clerk, 2), 409, "amendments_pending")
        ok(decline(story, amendment))
        refused(sign(story, meeting, "recorder", story.clerk, 2), 409, "minutes_not_circulated")
        ok(story.client.post(path, headers=story.clerk))
        story.publish_minutes(meeting, 2)


class TestWaiting:
    """What a desk is told of minutes."""

    def test_first_the_answers_and_then_the_signatures(
        self, story: Story, meeting: str, database: Database
    ) -> None:
        def waits() -> tuple[list[tuple[str, int]], list[tuple[str, int, set[str], int]]]:
            with database.reading() as session:
                pending = service.pending_amendments(session, [COMMUNITY])
                awaited = service.awaiting_signature(session, [COMMUNITY])
                assert service.pending_amendments(session, [NEIGHBOUR]) == []
                assert service.awaiting_signature(session, [NEIGHBOUR]) == []
                return [(str(each.meeting.id), each.count) for each in pending], [
                    (
                        str(each.meeting.id),
                        each.version,
                        {part.value for part in each.missing},
                        len(each.signed_by),
                    )
                    for each in awaited
                ]

        assert waits() == ([], [])  # it is not given to anybody yet
        ok(circulate(story, meeting))
        assert waits() == ([], [(meeting, 1, {"chair", "recorder"}, 0)])
        amendment = ok(propose(story, meeting, story.resident(0)))["id"]
        assert waits() == ([(meeting, 1)], [])
        ok(decline(story, amendment))
        ok(sign(story, meeting, "recorder", story.clerk))
        assert waits() == ([], [(meeting, 1, {"chair"}, 1)])
        ok(sign(story, meeting, "chair", story.chair))
        assert waits() == ([], [])
