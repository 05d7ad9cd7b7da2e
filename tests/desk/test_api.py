"""What waits for whom."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.desk.rules import PART_OF, Item, Part, Task, Urgency, counts, in_order
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

NOW = dt.datetime(2026, 11, 26, 15, 0, tzinfo=dt.UTC)  # 23:00 in Beijing


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(3)


def desk(client: TestClient, who: Headers, division: str = COMMUNITY) -> dict[str, Any]:
    found: dict[str, Any] = ok(client.get("/api/v1/desk", params={"division": division}, headers=who))
    return found


def register(client: TestClient, callers: Callers) -> None:
    phone = "13712345678"
    person = {"building": "1栋", "unit": "1单元", "room": "0101", "name": "新来的", "phone": phone}
    path = f"/api/v1/communities/{COMMUNITY}/registrations"
    ok(client.post(path, json=person, headers=callers.resident(phone)))


def tasks(found: dict[str, Any]) -> list[str]:
    return [each["task"] for each in found["items"]]


class TestOrder:
    @pytest.mark.parametrize(
        ("due", "late", "urgency"),
        [
            (NOW - dt.timedelta(seconds=1), False, Urgency.OVERDUE),
            (NOW, False, Urgency.OVERDUE),
            (NOW + dt.timedelta(minutes=59), False, Urgency.TODAY),
            (NOW + dt.timedelta(minutes=60), False, Urgency.THIS_WEEK),  # midnight in Beijing has passed
            (NOW + dt.timedelta(days=6, minutes=59), False, Urgency.THIS_WEEK),
            (NOW + dt.timedelta(days=6, minutes=60), False, Urgency.LATER),
            (None, False, Urgency.THIS_WEEK),
            (None, True, Urgency.OVERDUE),
        ],
    )
    def test_days_are_those_of_beijing(
        self, due: dt.datetime | None, *, late: bool, urgency: Urgency
    ) -> None:
        assert Item(Task.CASE, due_at=due, late=late).urgency(NOW) is urgency

    def test_the_most_urgent_comes_first(self) -> None:
        later = Item(Task.ROUND_TO_APPROVE, due_at=NOW + dt.timedelta(days=20))
        week, sooner = Item(Task.IDEAS_HELD), Item(Task.CASE, due_at=NOW + dt.timedelta(days=2))
        late = Item(Task.MINUTES_TO_PUBLISH, due_at=NOW - dt.timedelta(days=2))
        assert in_order([later, week, sooner, late], NOW) == [late, sooner, week, later]
        assert counts([later, week, late]) == {Part.ROUNDS: 1, Part.IDEAS: 1, Part.MEETINGS: 1}

    def test_every_task_has_its_part(self) -> None:
        assert set(PART_OF) == set(Task)


class TestRead:
    def test_a_quiet_day(self, client: TestClient, story: Story) -> None:
        assert desk(client, story.clerk) == {"items": [], "counts": {}, "overdue": 0}

    def test_a_registration_waits_a_week_at_most(
        self, client: TestClient, story: Story, callers: Callers
    ) -> None:
        register(client, callers)
        [item] = desk(client, story.clerk)["items"]
        assert (item["task"], item["part"], item["count"]) == ("registrations", "residents", 1)
        assert item["urgency"] == "later"
        clock.set_frozen(clock.now() + dt.timedelta(days=8))
        found = desk(client, callers.staff(Role.RC_STAFF, COMMUNITY))
        assert found["items"][0]["urgency"] == "overdue"
        assert found["overdue"] == 1

    def test_the_second_person_is_asked_and_the_first_is_not(self, client: TestClient, story: Story) -> None:
        round_id = story.draft_round(story.published_projects([100_000]))
        ok(client.post(f"/api/v1/rounds/{round_id}/publish", headers=story.chair))
        assert tasks(desk(client, story.chair)) == []
        second = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
        [item] = desk(client, second)["items"]
        assert (item["task"], item["subject_id"]) == ("round_to_approve", round_id)
        assert tasks(desk(client, story.clerk)) == ["round_to_approve"]  # one of the two is the chair

    def test_two_of_the_staff_do_not_publish_without_the_chair(
        self, client: TestClient, story: Story
    ) -> None:
        round_id = story.draft_round(story.published_projects([100_000]))
        ok(client.post(f"/api/v1/rounds/{round_id}/publish", headers=story.clerk))
        assert tasks(desk(client, story.callers.staff(Role.RC_STAFF, COMMUNITY))) == []
        assert tasks(desk(client, story.chair)) == ["round_to_approve"]

    def test_a_round_asks_for_its_next_act(
        self, client: TestClient, story: Story, drain: Callable[[], int]
    ) -> None:
        round_id = story.publish_round(story.published_projects([100_000, 200_000]))
        assert tasks(desk(client, story.clerk)) == []
        clock.set_frozen(clock.now() + dt.timedelta(days=2))
        clerk = story.callers.staff(Role.RC_STAFF, COMMUNITY)
        chair = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
        assert tasks(desk(client, clerk)) == ["round_to_open"]
        ok(client.post(f"/api/v1/rounds/{round_id}/open", headers=clerk))
        assert tasks(desk(client, clerk)) == []
        ok(client.post(f"/api/v1/rounds/{round_id}/close", headers=clerk))
        assert tasks(desk(client, clerk)) == ["box_to_open"]
        ok(client.post(f"/api/v1/rounds/{round_id}/open-box", headers=clerk))
        drain()
        assert tasks(desk(client, chair)) == []
        clock.set_frozen(clock.now() + dt.timedelta(days=40))
        chair = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
        assert tasks(desk(client, chair)) == ["round_to_certify"]
        assert tasks(desk(client, story.callers.staff(Role.RC_STAFF, COMMUNITY))) == []

    def test_minutes_are_owed_after_a_meeting(self, client: TestClient, story: Story) -> None:
        body = {
            "community_code": COMMUNITY, "kind": "residents", "title": "居民会议", "place": "活动室",
            "begins_at": (clock.now() + dt.timedelta(days=11)).isoformat(), "agenda": ["楼道照明"],
        }  # fmt: skip
        ok(client.post("/api/v1/meetings", json=body, headers=story.clerk))
        assert tasks(desk(client, story.clerk)) == []
        clock.set_frozen(clock.now() + dt.timedelta(days=12))
        [item] = desk(client, story.callers.staff(Role.RC_STAFF, COMMUNITY))["items"]
        assert (item["task"], item["urgency"]) == ("minutes_to_publish", "this_week")

    @pytest.mark.usefixtures("story")
    def test_everybody_sees_their_own_alone(self, client: TestClient, callers: Callers) -> None:
        register(client, callers)
        for role, over in (
            (Role.SUBDISTRICT_OFFICER, SUBDISTRICT),
            (Role.MEDIATOR, COMMUNITY),
        ):
            assert desk(client, callers.staff(role, over))["items"] == []
        assert tasks(desk(client, callers.staff(Role.AUDITOR, SUBDISTRICT))) == ["record_to_verify"]
        assert desk(client, callers.staff(Role.ADMINISTRATOR, "000000000000"), "000000000000")["items"] == []

    def test_staff_over_several_communities_have_a_desk_for_what_is_common(
        self, client: TestClient, story: Story, callers: Callers
    ) -> None:
        register(client, callers)
        round_id = story.draft_round(story.published_projects([100_000]))
        ok(client.post(f"/api/v1/rounds/{round_id}/publish", headers=story.clerk))
        above = callers.staff(Role.RC_CHAIR, SUBDISTRICT)
        assert tasks(desk(client, above, SUBDISTRICT)) == ["round_to_approve"]
        assert set(tasks(desk(client, above))) == {"registrations", "round_to_approve"}

    def test_other_places_are_not_there(self, client: TestClient, story: Story) -> None:
        for division in (NEIGHBOUR, SUBDISTRICT, "999999999999"):
            answer = client.get("/api/v1/desk", params={"division": division}, headers=story.clerk)
            refused(answer, 404, "division_not_found")
        refused(
            client.get("/api/v1/desk", params={"division": COMMUNITY}, headers=story.resident(0)),
            403, "not_allowed",
        )  # fmt: skip

    def test_a_proposal_waits_for_another_administrator(self, client: TestClient, callers: Callers) -> None:
        first = callers.staff(Role.ADMINISTRATOR, "000000000000")
        second = callers.staff(Role.ADMINISTRATOR, "000000000000")
        made = ok(
            client.post(
                "/api/v1/accounts",
                json={"name": f"n{uuid.uuid4().hex[:8]}", "display_name": "新人"},
                headers=first,
            )
        )
        body = {"role": "rc_staff", "division": COMMUNITY}
        ok(client.post(f"/api/v1/accounts/{made['account_id']}/grants", json=body, headers=first))
        assert tasks(desk(client, first, "000000000000")) == []
        assert tasks(desk(client, second, "000000000000")) == ["links_to_countersign", "proposals"]
        ok(client.post(f"/api/v1/accounts/{made['account_id']}/countersign", headers=second))
        assert tasks(desk(client, second, "000000000000")) == ["proposals"]
