"""A project's story, told from the meeting that raised it to the answer of the district, on both databases."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from tests.callers import Callers, Headers
from tests.ideas.talk import PROJECT, Talk
from tests.story import COMMUNITY, SUBDISTRICT, Story, ok, publish_signed, refused

DISTRICT = "520102000000"
ZH = {"Accept-Language": "zh-CN"}


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


@pytest.fixture
def read(app: FastAPI, client: TestClient) -> Callable[..., dict[str, Any]]:
    """The story of a project as it is now, and not some seconds ago."""

    def read(project_id: str, language: str = "zh-CN") -> dict[str, Any]:
        if hasattr(app.state, "overview_keeping"):
            app.state.overview_keeping.clear()
        found: dict[str, Any] = ok(
            client.get(f"/api/v1/projects/{project_id}/timeline", headers={"Accept-Language": language})
        )
        return found

    return read


def codes(found: dict[str, Any], *states: str) -> list[str]:
    return [each["code"] for each in found["items"] if not states or each["state"] in states]


def step(found: dict[str, Any], code: str) -> dict[str, Any]:
    (only,) = [each for each in found["items"] if each["code"] == code]
    return dict(only)


def raised_by_meeting(story: Story, *, minutes: bool = True) -> str:
    """A project that a meeting resolved; its minutes are public in their second version."""
    client = story.client
    begins = clock.now() + dt.timedelta(days=11)
    meeting = ok(
        client.post(
            "/api/v1/meetings",
            json={
                "community_code": COMMUNITY, "kind": "representatives", "title": "三季度居民代表会议",
                "place": "社区活动室", "begins_at": begins.isoformat(), "agenda": ["楼道照明"],
            },
            headers=story.clerk,
        )
    )["id"]  # fmt: skip
    clock.set_frozen(begins + dt.timedelta(hours=2))
    story.__post_init__()  # everybody has to sign in again by then
    clerk, chair = story.clerk, story.chair
    path = f"/api/v1/meetings/{meeting}"
    ok(client.put(f"{path}/attendance", json={"present": 40, "names": []}, headers=clerk))
    body = story.project("楼道与北区照明", 680_000) | {}
    del body["community_code"]
    resolution = ok(
        client.post(
            f"{path}/resolutions",
            json={
                "text": "换成声控灯", "votes_for": 36, "votes_against": 2, "abstentions": 1, "project": body,
            },
            headers=clerk,
        )
    )  # fmt: skip
    if minutes:
        text = {"text": "通过了照明项目", "chair": "主持人甲", "recorder": "记录人乙"}
        ok(client.post(f"{path}/minutes", json=text, headers=clerk))
        publish_signed(client, f"{path}/minutes/1", clerk=clerk, chair=chair)
        ok(client.post(f"{path}/corrections", json={**text, "correction": "补记一条"}, headers=clerk))
        publish_signed(client, f"{path}/minutes/2", clerk=clerk, chair=chair)
    return str(resolution["project_id"])


class TestReadTimeline:
    def test_from_the_meeting_to_the_money(  # noqa: PLR0915 - one long story
        self,
        story: Story,
        callers: Callers,
        read: Callable[..., dict[str, Any]],
        drain: Callable[[], int],
    ) -> None:
        client = story.with_residents(12).client
        lights = raised_by_meeting(story)
        refused(client.get(f"/api/v1/projects/{lights}/timeline"), 404, "project_not_found")
        ok(client.post(f"/api/v1/projects/{lights}/publish", headers=story.clerk))
        [other] = story.published_projects([900_000])

        found = read(lights)
        assert codes(found) == [
            "raised_by_meeting", "published", "to_be_listed", "vote_to_come", "notice_to_come",
            "negotiation_to_come", "funding_to_come", "works_to_come", "assessment_to_come",
        ]  # fmt: skip
        raised = step(found, "raised_by_meeting")
        assert raised["title"] == "居民代表会议提出"
        assert raised["detail"] == "表决：36 票赞成，2 票反对，1 票弃权"
        [link] = raised["links"]
        assert (link["kind"], link["version"], link["title"]) == ("minutes", 2, "三季度居民代表会议")
        assert found["stage"] == {"code": "to_be_listed", "words": "待投票"}
        assert found["objections"] == {
            "households": None, "words": "异议少于 5 件或住户太少时，不公开件数",
        }  # fmt: skip

        round_id = story.open_round([lights, other], budget_fen=1_000_000)
        found = read(lights)
        assert codes(found, "now") == ["voting"]
        assert step(found, "voting")["until"] is not None
        assert step(found, "listed")["detail"] == "2026 年社区微更新 · 共 2 个项目"
        for number in range(12):
            ok(story.cast(round_id, story.resident(number), [lights, other] if number < 9 else [other]))
        ok(client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        found = read(lights)
        assert codes(found, "now") == ["counting"]
        assert found["stage"]["words"] == "计票中"

        ok(client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        drain()
        found = read(lights)
        result = ok(client.get(f"/api/v1/rounds/{round_id}/result", headers=ZH))
        [mine] = [each for each in result["projects"] if each["project_id"] == lights]
        place = "placed" if mine["funded"] else "not_placed"
        assert step(found, place)["reason"] == mine["reason"]["sentence"]
        assert f"{mine['backers']} 人选了它" in step(found, place)["detail"]
        assert codes(found, "now") == ["notice"]
        assert step(found, "notice")["title"] == "公示 15 天"

        ok(client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        drain()
        winner, loser = (lights, other) if mine["funded"] else (other, lights)
        found = read(loser)
        assert codes(found, "now") == ["reserve"]
        assert codes(found, "coming") == []
        assert found["payment"]["estimated"] is True

        found = read(winner)
        assert codes(found, "now") == ["to_be_received"]
        assert codes(found, "coming") == ["funding_to_come", "works_to_come", "assessment_to_come"]
        assert step(found, "to_be_received")["who"] == "花果园街道"

        street = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        district = callers.staff(Role.DISTRICT_OFFICER, DISTRICT)
        [request] = ok(
            client.get(f"/api/v1/funding-requests?round_id={round_id}&state=submitted", headers=street)
        )["items"]
        public = request["district_fen"] + request["subdistrict_fen"]

        def decide(who: Headers, decision: str, **facts: Any) -> None:
            path = f"/api/v1/funding-requests/{request['id']}/decisions"
            ok(client.post(path, json={"decision": decision, **facts}, headers=who))

        decide(street, "accepted")
        assert read(winner)["stage"] == {"code": "to_be_approved", "words": "区审核中"}
        clock.set_frozen(clock.now() + dt.timedelta(days=12))
        found = read(winner)
        waits = step(found, "to_be_approved")
        assert (waits["who"], waits["waiting"], waits["late_since"]) == ("南明区统筹办", "已等 12 天", None)
        clock.set_frozen(clock.now() + dt.timedelta(days=4))
        waits = step(read(winner), "to_be_approved")
        assert waits["waiting"] == "已等 16 天，比通常要久"
        assert waits["late_since"] is not None
        story.__post_init__()
        street = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        district = callers.staff(Role.DISTRICT_OFFICER, DISTRICT)
        bureau = callers.staff(Role.BUREAU_REVIEWER, DISTRICT)
        finance = callers.staff(Role.FINANCE_REVIEWER, DISTRICT)
        decide(district, "returned", reason="缺少报价单")
        assert step(read(winner), "returned")["reason"] == "缺少报价单"
        assert step(read(winner), "returned")["who"] == "南明区统筹办"
        assert codes(read(winner), "now") == ["to_be_corrected"]
        path = f"/api/v1/funding-requests/{request['id']}/resubmit"
        ok(client.post(path, json={"justification": "附上两份报价单"}, headers=story.clerk))
        waits = step(read(winner), "to_be_approved")  # with whoever sent it back
        assert waits["waiting"] is None  # the wait begins anew
        decide(district, "accepted")
        assert step(read(winner), "to_be_judged")["who"] == "南明区主管部门"
        decide(bureau, "accepted")
        assert step(read(winner), "to_be_financed")["who"] == "南明区财政部门"
        cut = {"amount_fen": public - 100_000, "reason": "按核定造价", "left_out": "不含门楣"}
        decide(finance, "approved_in_part", **cut)
        assert read(winner)["stage"] == {"code": "to_be_answered", "words": "待居委会答复"}
        path = f"/api/v1/funding-requests/{request['id']}/accept-part"
        ok(client.post(path, json={}, headers=story.clerk))
        assert step(read(winner), "to_be_released")["who"] == "花果园街道"
        decide(street, "go_ahead")
        found = read(winner)
        assert step(found, "released")["title"] == "放行，可以开工"
        part = step(found, "approved_in_part")
        assert part["detail"].endswith("还差 1000 元")
        assert part["reason"] == "按核定造价"
        assert found["stage"]["words"] == "待拨款"
        assert codes(found, "coming") == ["works_to_come", "assessment_to_come"]
        payment = found["payment"]
        assert payment["approved_fen"] == public - 100_000
        assert payment["estimated"] is False
        assert [each["party"] for each in payment["parts"]] == ["community", "subdistrict", "district"]
        assert [each["percent"] for each in payment["parts"]] == ["30", "42", "28"]
        assert sum(each["amount_fen"] for each in payment["parts"]) == payment["cost_fen"]

        english = read(winner, "en")
        assert codes(english) == codes(found)
        assert not [each for each in english["items"] if re.search("[一-鿿]", each["title"])], (
            "an English title with Chinese words"
        )
        dates = [each["at"] for each in found["items"] if each["at"] is not None and each["state"] == "done"]
        assert dates[2:] == sorted(dates[2:])

    def test_an_idea_that_was_taken_up(self, story: Story, read: Callable[..., dict[str, Any]]) -> None:
        talk = Talk(story.with_residents(8))
        idea = talk.post(1)["id"]
        talk.endorse(idea, 2, 3)
        ok(talk.act(idea, "take-up", story.clerk, PROJECT))
        # merged later: its author stands in the project's story too
        too = talk.post(4, "南门太黑", byline="building")["id"]
        ok(talk.act(too, "merge", story.clerk, {"into_id": idea}))
        (draft,) = ok(story.client.get("/api/v1/project-drafts", headers=story.clerk))["items"]
        refused(story.client.get(f"/api/v1/projects/{draft['id']}/timeline"), 404, "project_not_found")
        ok(story.client.post(f"/api/v1/projects/{draft['id']}/publish", headers=story.clerk))
        raised = read(draft["id"])["items"][0]
        assert raised["code"] == "raised_by_idea"
        assert raised["detail"] == "南门装一个路灯，2 位居民提出，2 人附议"
        assert [(each["byline"], each["building"]) for each in raised["authors"]] == [
            ("resident", None), ("building", "1栋"),
        ]  # fmt: skip
        assert [(each["kind"], each["id"]) for each in raised["links"]] == [("idea", idea)]

    def test_minutes_that_are_not_public_are_not_linked(
        self, story: Story, read: Callable[..., dict[str, Any]]
    ) -> None:
        lights = raised_by_meeting(story.with_residents(2), minutes=False)
        ok(story.client.post(f"/api/v1/projects/{lights}/publish", headers=story.clerk))
        [link] = read(lights)["items"][0]["links"]
        assert (link["kind"], link["version"]) == ("meeting", None)

    def test_put_off_then_declined(
        self, story: Story, callers: Callers, read: Callable[..., dict[str, Any]], drain: Callable[[], int]
    ) -> None:
        client = story.with_residents(6).client
        [only] = story.published_projects([500_000])
        round_id = story.open_round([only])
        ok(story.cast(round_id, story.resident(1), [only]))
        story.finish(round_id, drain)
        ok(client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        drain()
        street = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        [request] = ok(client.get(f"/api/v1/funding-requests?round_id={round_id}", headers=street))["items"]
        path = f"/api/v1/funding-requests/{request['id']}/decisions"
        year = clock.today().year + 1
        ok(client.post(path, json={"decision": "received"}, headers=street))
        ok(
            client.post(
                path, json={"decision": "deferred", "year": year, "reason": "今年额度已满"}, headers=street
            )
        )
        found = read(only)
        assert step(found, "deferred")["title"] == f"推迟到 {year} 年"
        assert step(found, "to_come_back")["title"] == f"{year} 年自动再次申请"
        ok(client.post(path, json={"decision": "declined", "reason": "已列入别的计划"}, headers=street))
        found = read(only)
        assert codes(found, "ended") == ["declined"]
        assert codes(found, "now", "coming") == []
        assert found["stage"]["words"] == "未获批准"

    def test_rejected_taken_back_and_taken_up_again(
        self, app: FastAPI, story: Story, read: Callable[..., dict[str, Any]]
    ) -> None:
        client = story.client
        one, other = story.published_projects([100_000, 200_000])
        body = {"code": "duplicate", "reason": "与去年的项目相同"}
        ok(client.post(f"/api/v1/projects/{one}/reject", json=body, headers=story.clerk))
        ok(
            client.post(
                f"/api/v1/projects/{other}/withdraw", json={"reason": "业主不同意"}, headers=story.clerk
            )
        )
        found = read(one)
        assert codes(found) == ["raised_by_staff", "published", "rejected"]
        assert step(found, "rejected")["reason"] == "与其他项目重复：与去年的项目相同"
        assert (found["payment"], found["objections"]) == (None, None)
        assert found["stage"]["words"] == "未采纳"
        assert step(read(other), "withdrawn")["reason"] == "业主不同意"
        assert step(read(one, "en"), "rejected")["reason"].startswith("There is such a project already: ")

        ok(client.post(f"/api/v1/projects/{one}/reopen", json={"reason": "情况有变"}, headers=story.clerk))
        assert "published" in codes(ok(client.get(f"/api/v1/projects/{one}/timeline")))  # kept for seconds
        app.state.overview_keeping.clear()
        refused(client.get(f"/api/v1/projects/{one}/timeline"), 404, "project_not_found")
        ok(client.post(f"/api/v1/projects/{one}/publish", headers=story.clerk))
        found = read(one)
        assert codes(found, "done") == ["raised_by_staff", "published", "rejected", "reopened", "published"]
        assert codes(found, "now") == ["to_be_listed"]

    def test_a_vote_that_was_ended_leaves_it_waiting_for_the_next(
        self, story: Story, read: Callable[..., dict[str, Any]]
    ) -> None:
        [only] = story.with_residents(3).published_projects([100_000])
        round_id = story.publish_round([only])
        found = read(only)
        assert step(found, "voting")["state"] == "coming"
        assert found["stage"]["words"] == "待投票"
        reason = {"reason": "名单有误"}
        ok(story.client.post(f"/api/v1/rounds/{round_id}/cancel", json=reason, headers=story.chair))
        found = read(only)
        assert step(found, "vote_cancelled")["reason"] == "名单有误"
        assert codes(found, "now") == ["to_be_listed"]
        assert codes(found, "coming")[0] == "vote_to_come"

    def test_a_reserve_voted_on_again_is_history(
        self, story: Story, read: Callable[..., dict[str, Any]], drain: Callable[[], int]
    ) -> None:
        client = story.with_residents(6).client
        dear, cheap = story.published_projects([900_000, 600_000])
        first = story.open_round([dear, cheap])
        for number in range(4):
            ok(story.cast(first, story.resident(number), [dear]))
        ok(story.cast(first, story.resident(4), [cheap]))
        story.finish(first, drain)
        ok(client.post(f"/api/v1/rounds/{first}/certify", headers=story.chair))
        drain()
        assert codes(read(cheap), "now") == ["reserve"]
        story.open_round([cheap], title="明年的投票")
        found = read(cheap)
        assert codes(found, "now") == ["voting"]
        assert "reserve" not in codes(found)
        assert found["items"][-1]["code"] == "assessment_to_come"

    def test_says_who_excluded_it_by_title(
        self, story: Story, read: Callable[..., dict[str, Any]], drain: Callable[[], int]
    ) -> None:
        one, other = story.with_residents(4).published_projects([100_000, 200_000])
        round_id = story.open_round([one, other], exclusive_groups=[[one, other]])
        for number in range(3):
            ok(story.cast(round_id, story.resident(number), [one, other]))
        story.finish(round_id, drain)
        reason = step(read(other), "not_placed")["reason"]
        assert "项目1" in reason
        assert one not in reason

    def test_foreign_missing_and_never_public_are_one(self, story: Story) -> None:
        body = story.project("还没公布")
        draft = ok(story.client.post("/api/v1/projects", json=body, headers=story.clerk))["id"]
        answers = [
            story.client.get(f"/api/v1/projects/{project_id}/timeline", headers=story.clerk)
            for project_id in (draft, uuid.uuid4())
        ]
        refused(answers[0], 404, "project_not_found")
        assert answers[0].json() == answers[1].json()

    def test_the_same_bytes_are_not_sent_twice(self, story: Story) -> None:
        [only] = story.published_projects([100_000])
        path = f"/api/v1/projects/{only}/timeline"
        first = story.client.get(path)
        assert first.headers["Vary"] == "Accept-Language"
        again = story.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        chinese = story.client.get(path, headers={**ZH, "If-None-Match": first.headers["ETag"]})
        assert chinese.status_code == 200
