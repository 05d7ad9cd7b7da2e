"""Who attended: at the door, by the roster, on paper; and what nobody else may learn of it."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.meetings.models import Attendance, DoorCode
from app.meetings.tasks import forget_door_codes
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, phone, refused

MEETINGS = "/api/v1/meetings"
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(5)


def held(story: Story, *, hours: float = 0, kind: str = "council", community: str = COMMUNITY) -> str:
    begins = clock.now() + dt.timedelta(hours=hours)
    body = {
        "community_code": community, "kind": kind, "title": "议事会", "place": "活动室",
        "begins_at": begins.isoformat(), "agenda": ["照明"],
    }  # fmt: skip
    return str(ok(story.client.post(MEETINGS, json=body, headers=story.clerk))["id"])


def people(story: Story) -> list[str]:
    path = f"/api/v1/communities/{COMMUNITY}/residents"
    return [str(each["id"]) for each in ok(story.client.get(path, headers=story.clerk))["items"]]


def code_at(story: Story, meeting: str) -> str:
    return str(ok(story.client.post(f"{MEETINGS}/{meeting}/door-code", headers=story.clerk))["code"])


def scan(story: Story, code: str, who: Headers) -> Any:
    return story.client.post(f"{MEETINGS}/sign-in", json={"code": code}, headers=who)


def listed(story: Story, meeting: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(story.client.get(f"{MEETINGS}/{meeting}/attendance", headers=story.clerk))
    return found


class TestSignInAtDoor:
    def test_a_phone_signs_in_once(self, story: Story) -> None:
        meeting = held(story)
        shown = ok(story.client.post(f"{MEETINGS}/{meeting}/door-code", headers=story.clerk))
        assert shown["url"].endswith(f"/app/#/door/{shown['code']}")
        assert shown["picture"].startswith("data:image/svg+xml")
        first = ok(scan(story, shown["code"].lower(), story.resident(1)))
        assert (first["meeting_id"], first["title"], first["already"]) == (meeting, "议事会", False)
        assert ok(scan(story, shown["code"], story.resident(1)))["already"]
        assert code_at(story, meeting) == shown["code"]  # for a minute
        found = listed(story, meeting)
        assert (found["listed"], found["present"]) == (1, None)
        (person,) = found["people"]
        assert (person["name"], person["home"], person["way"]) == ("居**", "1栋1单元", "door")

    def test_a_code_is_replaced_and_ends(self, story: Story, database: Database) -> None:
        meeting, now = held(story), clock.now()
        with clock.frozen(now):
            first = code_at(story, meeting)
        with clock.frozen(now + dt.timedelta(seconds=61)):
            second = code_at(story, meeting)
            assert second != first
            ok(scan(story, first, story.resident(0)))  # a slow phone
        with clock.frozen(now + dt.timedelta(minutes=4, seconds=1)):
            refused(scan(story, first, story.resident(1)), 409, "door_code_expired")
            ok(scan(story, second, story.resident(1)))
            with database.writing() as session:
                forget_door_codes(session)
                assert [row.code for row in session.execute(sa.select(DoorCode)).scalars()] == [second]

    @pytest.mark.parametrize("hours", [2.1, -6.1])
    def test_the_door_is_open_around_the_meeting(self, story: Story, hours: float) -> None:
        meeting = held(story, hours=hours)
        answer = story.client.post(f"{MEETINGS}/{meeting}/door-code", headers=story.clerk)
        refused(answer, 409, "meeting_door_closed")

    def test_only_who_lives_there(self, story: Story, callers: Callers) -> None:
        meeting = held(story)
        code = code_at(story, meeting)
        refused(scan(story, code, callers.resident(phone(99))), 403, "not_of_this_community")
        refused(scan(story, code, story.clerk), 403, "not_allowed")
        refused(scan(story, "ZZZZZZ", story.resident(1)), 409, "door_code_expired")
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        path = f"{MEETINGS}/{meeting}"
        refused(story.client.post(f"{path}/door-code", headers=away), 404, "meeting_not_found")
        refused(story.client.get(f"{path}/attendance", headers=away), 404, "meeting_not_found")
        officer = callers.staff(Role.SUPERVISOR, COMMUNITY)
        refused(story.client.get(f"{path}/attendance", headers=officer), 403, "not_allowed")
        assert listed(story, meeting)["listed"] == 0

    def test_two_taps_at_once_are_one_person(self, story: Story) -> None:
        meeting = held(story)
        code, who = code_at(story, meeting), story.resident(2)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: ok(scan(story, code, who))["already"], range(4)))
        assert sorted(answers) == [False, True, True, True]
        assert listed(story, meeting)["listed"] == 1


class TestTick:
    def test_somebody_of_the_roster_is_put_down_and_taken_off(self, story: Story) -> None:
        meeting, (one, two, *_) = held(story), people(story)
        path = f"{MEETINGS}/{meeting}/attendance"
        for _ in range(2):
            ok(story.client.put(f"{path}/{one}", headers=story.clerk))
        ok(story.client.put(f"{path}/{two}", headers=story.clerk))
        assert {each["way"] for each in listed(story, meeting)["people"]} == {"list"}
        ok(story.client.delete(f"{path}/{one}", headers=story.clerk))
        refused(story.client.delete(f"{path}/{one}", headers=story.clerk), 404, "not_on_the_list")
        refused(story.client.put(f"{path}/{NOBODY}", headers=story.clerk), 404, "not_on_the_list")
        assert [each["resident_id"] for each in listed(story, meeting)["people"]] == [two]

    def test_somebody_of_another_community_is_nobody(self, story: Story, callers: Callers) -> None:
        neighbour = Story(story.client, callers, community=NEIGHBOUR)
        one = people(story)[0]
        body = {
            "community_code": NEIGHBOUR, "kind": "council", "title": "邻居", "place": "那边",
            "begins_at": clock.now().isoformat(), "agenda": ["一"],
        }  # fmt: skip
        away = ok(story.client.post(MEETINGS, json=body, headers=neighbour.clerk))["id"]
        path = f"{MEETINGS}/{away}/attendance/{one}"
        refused(story.client.put(path, headers=neighbour.clerk), 404, "not_on_the_list")

    def test_the_list_is_sealed_and_no_answer_tells_it(self, story: Story, database: Database) -> None:
        meeting, (one, *_) = held(story), people(story)
        ok(story.client.put(f"{MEETINGS}/{meeting}/attendance/{one}", headers=story.clerk))
        with database.reading() as session:
            raw = session.execute(sa.text("SELECT mark, who FROM attendance")).all()
            assert len(raw) == 1
            assert one.replace("-", "") not in str(raw).replace("-", "")
            assert session.exec(select(Attendance.who)).one() == one
        for who in ({}, story.resident(1), story.chair):
            assert one not in story.client.get(f"{MEETINGS}/{meeting}", headers=who).text


class TestRecordAttendance:
    def test_the_number_is_never_below_the_list(self, story: Story) -> None:
        meeting, ids = held(story), people(story)
        path = f"{MEETINGS}/{meeting}/attendance"
        for each in ids[:3]:
            ok(story.client.put(f"{path}/{each}", headers=story.clerk))
        few = {"present": 4, "names": ["纸上甲", "纸上乙"]}
        refused(story.client.put(path, json=few, headers=story.clerk), 409, "fewer_than_listed")
        assert ok(story.client.put(path, json=few | {"present": 5}, headers=story.clerk))["present"] == 5
        ok(story.client.put(f"{path}/{ids[3]}", headers=story.clerk))
        found = listed(story, meeting)
        assert (found["present"], found["listed"], found["names"]) == (6, 6, ["纸上甲", "纸上乙"])


class TestLeaving:
    def test_a_person_takes_along_where_they_were(self, story: Story) -> None:
        meeting = held(story)
        ok(scan(story, code_at(story, meeting), story.resident(1)))
        kept = ok(story.client.get("/api/v1/me/data", headers=story.resident(1)))
        (section,) = [each for each in kept["sections"] if each["key"] == "meetings_attended"]
        assert len(section["rows"]) == 1
        assert "meetings_attended" not in {
            each["key"]
            for each in ok(story.client.get("/api/v1/me/data", headers=story.resident(2)))["sections"]
            if each["rows"]
        }
