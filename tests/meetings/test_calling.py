"""A meeting that was called and is changed or cancelled, written by two, printed, and raises projects."""

import datetime as dt
from typing import Any

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.canonical import sha256_hex
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

MEETINGS = "/api/v1/meetings"
NOBODY = "00000000-0000-0000-0000-000000000000"
MINUTES = {"text": "到会 30 人。\n\n- 通过了名单", "chair": "居委会主任", "recorder": "记录员"}


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(3)


def called(story: Story, *, days: float = 11, kind: str = "residents") -> dict[str, Any]:
    body = {
        "community_code": COMMUNITY, "kind": kind, "title": "居民会议", "place": "活动室",
        "begins_at": (clock.now() + dt.timedelta(days=days)).isoformat(), "agenda": ["名单", "其他"],
    }  # fmt: skip
    made: dict[str, Any] = ok(story.client.post(MEETINGS, json=body, headers=story.clerk))
    return made


def words(meeting: dict[str, Any], **changes: Any) -> dict[str, Any]:
    kept = {name: meeting[name] for name in ("title", "place", "begins_at", "agenda", "short_notice_reason")}
    return kept | changes


def day(days: int) -> str:
    return (clock.now() + dt.timedelta(days=days)).date().isoformat()


class TestChange:
    def test_place_and_agenda(self, story: Story) -> None:
        meeting = called(story)
        path = f"{MEETINGS}/{meeting['id']}"
        body = words(meeting, place="二楼会议室", agenda=["名单"])
        changed = ok(story.client.put(path, json=body, headers=story.clerk))
        assert (changed["place"], changed["agenda"], changed["called_at"]) == (
            "二楼会议室", ["名单"], meeting["called_at"],
        )  # fmt: skip
        assert changed["changed_at"] is not None
        assert ok(story.client.get(path))["agenda"] == ["名单"]

    def test_another_time_is_called_anew(self, story: Story) -> None:
        meeting = called(story, days=20)
        path, now = f"{MEETINGS}/{meeting['id']}", clock.now()
        soon = words(meeting, begins_at=(now + dt.timedelta(days=9)).isoformat())
        refused(story.client.put(path, json=soon, headers=story.clerk), 422, "meeting_notice_too_short")
        ok(story.client.put(path, json=soon | {"short_notice_reason": "台风"}, headers=story.clerk))
        late = words(meeting, begins_at=(now + dt.timedelta(days=30)).isoformat())
        changed = ok(story.client.put(path, json=late, headers=story.clerk))
        assert changed["called_at"] > meeting["called_at"]
        assert changed["short_notice_reason"] is None

    def test_not_once_it_has_begun_nor_by_others(self, story: Story, callers: Callers) -> None:
        begun = called(story, days=-0.1, kind="council")
        for answer in (
            story.client.put(f"{MEETINGS}/{begun['id']}", json=words(begun), headers=story.clerk),
            story.client.post(
                f"{MEETINGS}/{begun['id']}/cancel", json={"reason": "停电"}, headers=story.clerk
            ),
        ):
            refused(answer, 409, "meeting_begun")
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        coming = called(story)
        for meeting_id in (coming["id"], NOBODY):
            path = f"{MEETINGS}/{meeting_id}"
            refused(story.client.put(path, json=words(coming), headers=away), 404, "meeting_not_found")
            answer = story.client.post(f"{path}/cancel", json={"reason": "停电"}, headers=away)
            refused(answer, 404, "meeting_not_found")


class TestCancel:
    def test_the_reason_stands_where_the_meeting_stood(self, story: Story) -> None:
        meeting = called(story)
        path = f"{MEETINGS}/{meeting['id']}"
        ok(story.client.post(f"{path}/cancel", json={"reason": "场地停电"}, headers=story.clerk))
        found = ok(story.client.get(path))
        assert (found["cancelled_reason"], found["title"]) == ("场地停电", "居民会议")
        for answer in (
            story.client.post(f"{path}/cancel", json={"reason": "再来"}, headers=story.clerk),
            story.client.put(path, json=words(meeting), headers=story.clerk),
            story.client.put(f"{path}/attendance", json={"present": 3}, headers=story.clerk),
            story.client.post(f"{path}/minutes", json=MINUTES, headers=story.clerk),
        ):
            refused(answer, 409, "meeting_cancelled")

    def test_it_is_on_no_desk_and_in_no_calendar(self, story: Story, callers: Callers) -> None:
        kept, gone = (called(story, days=1, kind="council")["id"] for _ in range(2))
        ok(story.client.post(f"{MEETINGS}/{gone}/cancel", json={"reason": "停电"}, headers=story.clerk))
        with clock.frozen(clock.now() + dt.timedelta(days=2)):
            clerk = callers.staff(Role.RC_STAFF, COMMUNITY)
            todo = ok(story.client.get("/api/v1/desk", params={"division": COMMUNITY}, headers=clerk))
            assert {each["subject_id"] for each in todo["items"]} == {kept}
        path = f"/api/v1/divisions/{COMMUNITY}/calendar"
        planned = ok(story.client.get(path, params={"first": day(0), "last": day(3)}, headers=story.clerk))
        assert {each["subject_id"] for each in planned["events"] if each["kind"] == "meeting"} == {kept}


class TestChangeMinutes:
    def test_who_began_from_another_text_looks_first(self, story: Story) -> None:
        path = f"{MEETINGS}/{called(story)['id']}/minutes"
        ok(story.client.post(path, json=MINUTES, headers=story.clerk))
        base = sha256_hex(MINUTES["text"].encode())
        one = MINUTES | {"text": "甲改的", "based_on": base}
        ok(story.client.put(f"{path}/1", json=one, headers=story.clerk))
        two = MINUTES | {"text": "乙改的", "based_on": base}
        refused(
            story.client.put(f"{path}/1", json=two, headers=story.chair), 409, "minutes_changed_meanwhile"
        )


class TestCheckMinutes:
    def test_what_residents_would_see_and_what_names_them(self, story: Story) -> None:
        path = f"{MEETINGS}/{called(story)['id']}"
        body = {"text": "**居民1** 住 1栋1单元0101", "chair": "居民2", "correction": "打 13812345678"}
        found = ok(story.client.post(f"{path}/minutes/check", json=body, headers=story.clerk))
        assert "<strong>居民1</strong>" in found["text_html"]
        assert {(each["field"], each["kind"], each["word"]) for each in found["findings"]} == {
            ("text", "name", "居民1"), ("text", "room", "1栋1单元0101"), ("chair", "name", "居民2"),
            ("correction", "phone", "13812345678"),
        }  # fmt: skip
        allowed = {"word": "居民1", "reason": "本人要求署名"}
        ok(story.client.post(f"{path}/allowed-words", json=allowed, headers=story.clerk))
        again = ok(story.client.post(f"{path}/minutes/check", json=body, headers=story.clerk))["findings"]
        assert [each["allowed"] for each in again if each["word"] == "居民1"] == ["本人要求署名"]
        away = story.callers.staff(Role.RC_STAFF, NEIGHBOUR)
        for route in ("minutes/check", "allowed-words"):
            sent = allowed if route == "allowed-words" else body
            refused(story.client.post(f"{path}/{route}", json=sent, headers=away), 404, "meeting_not_found")


class TestPrintMinutes:
    def test_on_paper_with_signatures_and_in_chinese(self, story: Story, callers: Callers) -> None:
        meeting = called(story, kind="council", days=0)["id"]
        path = f"{MEETINGS}/{meeting}"
        ok(story.client.put(f"{path}/attendance", json={"present": 30}, headers=story.clerk))
        ok(story.client.post(f"{path}/minutes", json=MINUTES, headers=story.clerk))
        sheet = f"{path}/minutes/1/sheet.pdf"
        officer = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        refused(story.client.get(sheet, headers=officer), 404, "minutes_not_found")
        story.publish_minutes(meeting)
        answer = story.client.get(sheet, headers=officer)
        text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))
        for words_on_it in ("居民会议", "通过了名单", "居委会主任", "电子签名", "30 人"):
            assert words_on_it in text
        away = callers.staff(Role.SUBDISTRICT_OFFICER, "520102032000")
        refused(story.client.get(sheet, headers=away), 404, "meeting_not_found")


class TestRaiseProject:
    def test_a_resolution_that_passed_raises_one_project(self, story: Story, callers: Callers) -> None:
        path = f"{MEETINGS}/{called(story, kind='council', days=0)['id']}"
        ok(story.client.put(f"{path}/attendance", json={"present": 10}, headers=story.clerk))
        project = {key: value for key, value in story.project("路灯").items() if key != "community_code"}
        ids = [
            ok(
                story.client.post(
                    f"{path}/resolutions", json={"text": "修路灯", "votes_for": votes, "votes_against": 0},
                    headers=story.clerk,
                )
            )["id"]
            for votes in (6, 5)
        ]  # fmt: skip
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        for resolution, who, status, code in (
            (ids[1], story.clerk, 409, "resolution_raises_nothing"),
            (ids[0], away, 404, "resolution_not_found"),
            (NOBODY, story.clerk, 404, "resolution_not_found"),
        ):
            answer = story.client.post(f"/api/v1/resolutions/{resolution}/project", json=project, headers=who)
            refused(answer, status, code)
        raised = ok(
            story.client.post(f"/api/v1/resolutions/{ids[0]}/project", json=project, headers=story.clerk)
        )
        assert raised["project_id"]
        again = story.client.post(f"/api/v1/resolutions/{ids[0]}/project", json=project, headers=story.clerk)
        refused(again, 409, "resolution_raises_nothing")
        (draft,) = ok(story.client.get("/api/v1/project-drafts", headers=story.clerk))["items"]
        assert (draft["id"], draft["origin"]) == (raised["project_id"], "meeting")
