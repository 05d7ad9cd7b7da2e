"""Meetings, their minutes as versions, and what they resolve."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.canonical import sha256_hex
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

MEETINGS = "/api/v1/meetings"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(5)


def meeting(*, days: float = 11, **changes: Any) -> dict[str, Any]:
    return {
        "community_code": COMMUNITY,
        "kind": "residents",
        "title": "2026 年第二次居民会议",
        "place": "社区活动室",
        "begins_at": (clock.now() + dt.timedelta(days=days)).isoformat(),
        "agenda": ["讨论微更新名单", "其他事项"],
    } | changes


def called(story: Story, **changes: Any) -> str:
    return str(ok(story.client.post(MEETINGS, json=meeting(**changes), headers=story.clerk))["id"])


MINUTES = {"text": "# 会议纪要\n\n- 通过了名单", "chair": "主持人甲", "recorder": "记录人乙"}


def meeting_of(path: str) -> str:
    return path.removesuffix("/minutes").rpartition("/")[2]


class TestCalling:
    def test_everybody_reads_time_place_and_agenda(self, story: Story) -> None:
        meeting_id = called(story)
        found = ok(story.client.get(f"{MEETINGS}/{meeting_id}"))
        assert found["agenda"] == ["讨论微更新名单", "其他事项"]
        assert (found["present"], found["minutes"], found["resolutions"]) == (None, [], [])
        assert [each["id"] for each in ok(story.client.get(MEETINGS))["items"]] == [meeting_id]
        assert ok(story.client.get(MEETINGS, params={"division": NEIGHBOUR}))["items"] == []

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"days": 9.9}, 422, "meeting_notice_too_short"),
            ({"agenda": []}, 422, "malformed_request"),
            ({"begins_at": "2026-12-01T10:00:00"}, 422, "malformed_request"),
            ({"title": "两行\n标题"}, 422, "malformed_request"),
            ({"community_code": NEIGHBOUR}, 404, "division_not_found"),
        ],
    )
    def test_a_wrong_call_is_refused(
        self, story: Story, changes: dict[str, Any], status: int, code: str
    ) -> None:
        refused(story.client.post(MEETINGS, json=meeting(**changes), headers=story.clerk), status, code)
        assert ok(story.client.get(MEETINGS))["items"] == []

    def test_short_notice_says_why_and_other_meetings_need_none(self, story: Story) -> None:
        called(story, days=2, short_notice_reason="台风过后抢修")
        called(story, days=2, kind="council")
        found = ok(story.client.get(MEETINGS))["items"]
        assert {each["short_notice_reason"] for each in found} == {"台风过后抢修", None}

    def test_pages_follow_one_another(self, story: Story) -> None:
        ids = [called(story, days=11 + number) for number in range(5)]
        seen, cursor = [], None
        while True:
            page = ok(
                story.client.get(MEETINGS, params={"limit": 2, **({"cursor": cursor} if cursor else {})})
            )
            seen += [each["id"] for each in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ids[::-1]
        refused(story.client.get(MEETINGS, params={"cursor": "x"}), 422, "bad_cursor")

    def test_only_staff_of_the_place(self, story: Story, callers: Callers) -> None:
        meeting_id = called(story)
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.post(MEETINGS, json=meeting(), headers=story.resident(0)), 403, "not_allowed")
        for path, body in (
            ("attendance", {"present": 3}),
            ("minutes", MINUTES),
            ("resolutions", {"text": "同意", "votes_for": 1, "votes_against": 0}),
        ):
            method = story.client.put if path == "attendance" else story.client.post
            refused(
                method(f"{MEETINGS}/{meeting_id}/{path}", json=body, headers=away), 404, "meeting_not_found"
            )


class TestMinutes:
    def drafted(self, story: Story, text: str = MINUTES["text"]) -> str:
        path = f"{MEETINGS}/{called(story)}/minutes"
        assert ok(story.client.post(path, json=MINUTES | {"text": text}, headers=story.clerk))["version"] == 1
        return path

    def seen(self, story: Story, path: str, who: Headers | None = None) -> list[tuple[int, str]]:
        found = ok(story.client.get(path.removesuffix("/minutes"), headers=who or {}))["minutes"]
        return [(each["version"], each["state"]) for each in found]

    def test_a_draft_is_changed_by_staff_and_seen_by_nobody_else(
        self, story: Story, callers: Callers
    ) -> None:
        path = self.drafted(story)
        assert self.seen(story, path) == self.seen(story, path, story.resident(0)) == []
        assert self.seen(story, path, callers.staff(Role.RC_STAFF, NEIGHBOUR)) == []
        assert self.seen(story, path, callers.staff(Role.SUPERVISOR, COMMUNITY)) == [(1, "draft")]
        changed = ok(story.client.put(f"{path}/1", json=MINUTES | {"text": "改过"}, headers=story.clerk))
        assert (changed["text"], changed["digest"]) == ("改过", sha256_hex("改过".encode()))
        refused(story.client.post(path, json=MINUTES, headers=story.clerk), 409, "minutes_draft_pending")
        refused(story.client.put(f"{path}/2", json=MINUTES, headers=story.clerk), 404, "minutes_not_found")

    def test_what_is_published_is_never_changed_but_corrected(self, story: Story) -> None:
        path = self.drafted(story)
        refused(story.client.post(f"{path}/1/publish", headers=story.clerk), 403, "not_allowed")
        refused(story.client.post(f"{path}/1/publish", headers=story.chair), 409, "signatures_missing")
        published = story.publish_minutes(meeting_of(path))
        assert published["digest"] == sha256_hex(MINUTES["text"].encode())
        assert "<li>通过了名单</li>" in published["text_html"]
        for answer in (
            story.client.put(f"{path}/1", json=MINUTES, headers=story.clerk),
            story.client.post(f"{path}/1/publish", headers=story.chair),
            story.client.post(path, json=MINUTES, headers=story.clerk),
        ):
            refused(answer, 409, "minutes_published")
        corrections = path.replace("minutes", "corrections")
        body = MINUTES | {"text": "更正后的纪要", "correction": "人数写错"}
        assert ok(story.client.post(corrections, json=body, headers=story.clerk))["version"] == 2
        assert self.seen(story, path) == [(1, "published")]
        story.publish_minutes(meeting_of(path), 2)
        found = ok(story.client.get(path.removesuffix("/minutes")))["minutes"]
        assert [(each["version"], each["text"], each["correction"]) for each in found] == [
            (1, MINUTES["text"], None),
            (2, "更正后的纪要", "人数写错"),
        ]

    def test_a_correction_says_what_stood_there_and_what_stands_there_now(self, story: Story) -> None:
        meeting_id = called(story)
        text = "到会 146 人。\n\n通过了名单。\n\n散会。"
        path = f"{MEETINGS}/{meeting_id}"
        ok(story.client.post(f"{path}/minutes", json={**MINUTES, "text": text}, headers=story.clerk))
        story.publish_minutes(meeting_id)
        body = {
            **MINUTES,
            "text": text.replace("146", "148") + "\n\n会后补签 2 人。",
            "correction": "人数记错了",
        }
        drafted = ok(story.client.post(f"{path}/corrections", json=body, headers=story.clerk))
        expected = [
            {"before": "到会 146 人。", "after": "到会 148 人。"}, {"before": "", "after": "会后补签 2 人。"},
        ]  # fmt: skip
        assert drafted["changes"] == expected
        first = ok(story.client.get(path))
        assert ([each["version"] for each in first["minutes"]], first["minutes_version"]) == ([1], 1)
        story.publish_minutes(meeting_id, 2)
        found = ok(story.client.get(path))
        assert [each["changes"] for each in found["minutes"]] == [[], expected]
        assert found["minutes_version"] == 2

    def test_there_is_nothing_to_correct_before(self, story: Story) -> None:
        path = f"{MEETINGS}/{called(story)}/corrections"
        body = MINUTES | {"correction": "人数写错"}
        refused(story.client.post(path, json=body, headers=story.clerk), 409, "nothing_to_correct")

    @pytest.mark.parametrize("word", ["居民3", "13900000003", "13812345678"])
    def test_nobody_is_named_in_public(self, story: Story, word: str) -> None:
        path = self.drafted(story, text=f"会上{word}说了很多。")
        refused(story.client.post(f"{path}/1/publish", headers=story.chair), 409, "names_in_minutes")
        assert word not in story.client.get(path.removesuffix("/minutes")).text

    @pytest.mark.parametrize(
        "word", ["138 1234 5678", "１３８-1234-5678", "1栋1单元一〇一", "520102194404261234"]
    )
    def test_nor_in_any_dress_and_what_may_stand_stands_in_each(self, story: Story, word: str) -> None:
        path = self.drafted(story, text=f"会上说到 {word}。")
        check = {"text": f"会上说到 *{word[:3]}*{word[3:]}。"}
        allowed = path.removesuffix("/minutes") + "/allowed-words"
        (found,) = ok(story.client.post(f"{path}/check", json=check, headers=story.clerk))["findings"]
        assert found["allowed"] is None
        refused(story.client.post(f"{path}/1/circulate", headers=story.clerk), 409, "names_in_minutes")
        body = {"word": found["word"], "reason": "不是名册上的人。"}
        ok(story.client.post(allowed, json=body, headers=story.clerk))
        assert story.publish_minutes(meeting_of(path))["state"] == "published"

    def test_no_markup_gets_through(self, story: Story) -> None:
        text = "<script>alert(1)</script> [x](javascript:alert(1)) **重点**"
        path = self.drafted(story, text=text)
        html = story.publish_minutes(meeting_of(path))["text_html"]
        assert "<strong>重点</strong>" in html
        assert "<script" not in html
        assert 'href="javascript' not in html


class TestAttendance:
    def test_the_number_is_public_and_the_names_are_sealed(self, story: Story) -> None:
        path = f"{MEETINGS}/{called(story)}"
        body = {"present": 3, "names": ["居民1", "金丝雀甲"]}
        assert ok(story.client.put(f"{path}/attendance", json=body, headers=story.clerk))["present"] == 3
        ok(story.client.put(f"{path}/attendance", json=body | {"present": 4}, headers=story.clerk))
        for who in ({}, story.resident(1), story.clerk, story.chair):
            text = story.client.get(path, headers=who).text
            assert '"present":4' in text
            assert "金丝雀" not in text
        refused(
            story.client.put(f"{path}/attendance", json={"present": -1}, headers=story.clerk),
            422,
            "malformed_request",
        )


class TestResolutions:
    def test_more_than_half_of_those_present(self, story: Story) -> None:
        path = f"{MEETINGS}/{called(story)}"
        body = {"text": "先修楼道灯", "votes_for": 5, "votes_against": 4, "abstentions": 1}
        refused(
            story.client.post(f"{path}/resolutions", json=body, headers=story.clerk), 409, "meeting_not_held"
        )
        ok(story.client.put(f"{path}/attendance", json={"present": 10}, headers=story.clerk))
        made = [
            ok(
                story.client.post(
                    f"{path}/resolutions", json=body | {"votes_for": votes}, headers=story.clerk
                )
            )
            for votes in (4, 5)
        ]
        assert [each["passed"] for each in made] == [False, False]  # five of ten are not more than half
        six = body | {"votes_for": 6, "abstentions": 0}
        assert ok(story.client.post(f"{path}/resolutions", json=six, headers=story.clerk))["passed"]
        refused(
            story.client.post(f"{path}/resolutions", json=six | {"votes_for": 7}, headers=story.clerk), 422,
            "votes_do_not_add",
        )  # fmt: skip
        found = ok(story.client.get(path))["resolutions"]
        assert [each["position"] for each in found] == [1, 2, 3]

    @pytest.mark.parametrize(("votes", "raised"), [(6, True), (5, False)])
    def test_a_project_is_drafted_only_if_it_passes(
        self, story: Story, drain: Callable[[], int], votes: int, *, raised: bool
    ) -> None:
        path = f"{MEETINGS}/{called(story)}"
        ok(story.client.put(f"{path}/attendance", json={"present": 10}, headers=story.clerk))
        words = {name: value for name, value in story.project("楼道灯").items() if name != "community_code"}
        body = {"text": "修灯", "votes_for": votes, "votes_against": 0, "project": words}
        made = ok(story.client.post(f"{path}/resolutions", json=body, headers=story.clerk))
        drain()
        assert (made["passed"], made["project_id"] is not None) == (raised, raised)
        drafts = ok(story.client.get("/api/v1/project-drafts", headers=story.clerk))["items"]
        assert [each["title"] for each in drafts] == (["楼道灯"] if raised else [])

    def test_the_project_is_named_once_it_is_public(self, story: Story) -> None:
        meeting_id = called(story)
        ok(story.client.put(f"{MEETINGS}/{meeting_id}/attendance", json={"present": 30}, headers=story.clerk))
        words = {key: value for key, value in story.project("楼道照明").items() if key != "community_code"}
        body = {"text": "装声控灯。", "votes_for": 20, "votes_against": 5, "project": words}
        passed = ok(story.client.post(f"{MEETINGS}/{meeting_id}/resolutions", json=body, headers=story.clerk))
        ok(
            story.client.post(
                f"{MEETINGS}/{meeting_id}/resolutions",
                json={"text": "建停车场。", "votes_for": 3, "votes_against": 20}, headers=story.clerk,
            )
        )  # fmt: skip
        path = f"{MEETINGS}/{meeting_id}"
        assert [each["project_title"] for each in ok(story.client.get(path))["resolutions"]] == [None, None]
        published = {"project_ids": [passed["project_id"]]}
        ok(story.client.post("/api/v1/projects/publish", json=published, headers=story.clerk))
        found = ok(story.client.get(path))
        assert [each["project_title"] for each in found["resolutions"]] == ["楼道照明", None]
        (listed,) = ok(story.client.get(MEETINGS))["items"]
        assert (listed["resolutions_passed"], listed["resolutions_put"], listed["minutes_version"]) == (
            1,
            2,
            None,
        )
