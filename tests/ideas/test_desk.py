"""The committee's desk for ideas: what waits, what stands beside it, what was found point by point."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from tests.callers import Callers, Headers
from tests.ideas.talk import DECLINE, IDEAS, PROJECT, Talk
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

COUNTS = f"/api/v1/communities/{COMMUNITY}/idea-counts"


@pytest.fixture
def talk(client: TestClient, callers: Callers) -> Talk:
    return Talk(Story(client, callers).with_residents(12))


def screen(talk: Talk, idea: str, who: Headers | None = None, **findings: tuple[str, str]) -> Any:
    checks = [
        {"check": check, "finding": finding, "note": note} for check, (finding, note) in findings.items()
    ]
    return talk.client.put(
        f"{IDEAS}/{idea}/screening", json={"checks": checks}, headers=who or talk.story.clerk
    )


FINE = ("fine", "")


class TestScreening:
    def test_its_author_reads_it_at_once_and_everybody_with_the_answer(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        ok(screen(talk, idea, cost=FINE, lawful=("unsure", "要问燃气公司。"), feasible=FINE))
        for who in (talk.story.resident(5), talk.story.chair):
            found = [
                (each["check"], each["finding"], each["note"]) for each in talk.read(idea, who)["checks"]
            ]
            assert found == [("feasible", *FINE), ("lawful", "unsure", "要问燃气公司。"), ("cost", *FINE)]
        assert talk.read(idea)["checks"] == talk.read(idea, talk.story.resident(6))["checks"] == []
        # the whole record is replaced
        ok(screen(talk, idea, duplicate=("fails", "去年已经做过。")))
        ok(talk.act(idea, "decline", talk.story.clerk, DECLINE))
        (check,) = talk.read(idea)["checks"]
        assert (check["check"], check["note"]) == ("duplicate", "去年已经做过。")
        assert "by" not in check

    def test_what_fails_is_not_taken_up(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        ok(screen(talk, idea, feasible=("fails", "地下有燃气管。")))
        answer = talk.act(idea, "take-up", talk.story.clerk, PROJECT)
        assert refused(answer, 409, "idea_fails_check")["checks"] == ["feasible"]
        assert ok(talk.client.get("/api/v1/project-drafts", headers=talk.story.clerk))["items"] == []
        ok(screen(talk, idea, feasible=("unsure", "换个位置可以。")))
        assert ok(talk.act(idea, "take-up", talk.story.clerk, PROJECT))["state"] == "taken_up"
        refused(screen(talk, idea, feasible=FINE), 409, "idea_wrong_state")

    def test_what_is_not_fine_says_why(self, talk: Talk, callers: Callers) -> None:
        idea = talk.post(5)["id"]
        answer = screen(talk, idea, cost=("fails", ""), lawful=FINE)
        assert refused(answer, 422, "check_unexplained")["checks"] == ["cost"]
        refused(screen(talk, idea, taste=FINE), 422, "malformed_request")
        refused(screen(talk, str(uuid.uuid4()), cost=FINE), 404, "idea_not_found")
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(screen(talk, idea, away, cost=FINE), 404, "idea_not_found")
        refused(screen(talk, idea, talk.story.resident(5), cost=FINE), 403, "not_allowed")
        assert talk.read(idea, talk.story.clerk)["checks"] == []
        held = talk.post(6, "联系 13900001234")["id"]
        refused(screen(talk, held, cost=FINE), 409, "idea_wrong_state")

    def test_the_committee_sees_the_draft_it_made_and_nobody_else(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        made = ok(talk.act(idea, "take-up", talk.story.clerk, PROJECT))
        assert made["project"]["state"] == "draft"
        assert talk.read(idea, talk.story.chair)["project"]["id"] == made["project"]["id"]
        assert talk.read(idea, talk.story.resident(5))["project"] is None


class TestListing:
    def test_counts_by_state_and_those_not_shown(self, talk: Talk, callers: Callers) -> None:
        held, rejected, _ = (
            talk.post(number, title)["id"]
            for number, title in ((1, "打 13900001234"), (2, "打 13900001235"), (3, "好主意"))
        )
        ok(talk.act(rejected, "reject", talk.story.clerk, {"reason": "请不要写电话。"}))
        assert ok(talk.client.get(COUNTS, headers=talk.story.clerk)) == {
            "held": 1, "open": 1, "screening": 0, "taken_up": 0, "declined": 0, "merged": 0, "rejected": 1,
        }  # fmt: skip
        for state, expected in (("held", held), ("rejected", rejected)):
            params = {"community": COMMUNITY, "state": state}
            found = ok(talk.client.get("/api/v1/held-ideas", params=params, headers=talk.story.clerk))
            assert [each["id"] for each in found["items"]] == [expected]
        params = {"community": COMMUNITY, "state": "withdrawn"}
        answer = talk.client.get("/api/v1/held-ideas", params=params, headers=talk.story.clerk)
        refused(answer, 422, "malformed_request")
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(talk.client.get(COUNTS, headers=away), 404, "division_not_found")
        officer = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        refused(talk.client.get(COUNTS, headers=officer), 403, "not_allowed")


class TestComparing:
    def beside(self, talk: Talk, path: str, who: Headers | None = None) -> list[dict[str, Any]]:
        answer = talk.client.get(f"/api/v1/{path}/similar", headers=who or talk.story.clerk)
        found: list[dict[str, Any]] = ok(answer)["items"]
        return found

    def test_by_words_and_by_place_with_drafts(self, talk: Talk) -> None:
        lamp = talk.post(1, "南门装一个路灯")["id"]
        dark = talk.post(2, "南门路灯不亮", words="晚上看不清", place="南门岗亭旁")["id"]
        talk.post(3, "周末办电影会", words="露天放电影", place="广场", category="culture")
        draft = talk.story.project("南门路灯", place="南门", description="两盏太阳能路灯。")
        other = talk.story.project(
            "四点半课堂", place="活动室", description="放学以后。", category="children"
        )
        ids = [
            ok(talk.client.post("/api/v1/projects", json=body, headers=talk.story.clerk))["id"]
            for body in (draft, other)
        ]
        found = self.beside(talk, f"ideas/{lamp}")
        assert {each["id"] for each in found} == {dark, ids[0]}
        assert all(each["near"] and each["alike"] for each in found)
        kinds = {each["kind"]: each for each in found}
        assert (kinds["project"]["state"], kinds["project"]["cost_fen"]) == ("draft", 680_000)
        assert kinds["idea"]["endorsements"] == 0
        assert {each["id"] for each in self.beside(talk, f"projects/{ids[0]}")} == {lamp, dark}
        assert self.beside(talk, f"projects/{ids[1]}") == []

    def test_an_idea_does_not_stand_beside_its_own_project(self, talk: Talk) -> None:
        lamp = talk.post(1, "南门装一个路灯")["id"]
        project = ok(talk.act(lamp, "take-up", talk.story.clerk, PROJECT))["project"]["id"]
        assert self.beside(talk, f"projects/{project}") == []
        assert [each["id"] for each in self.beside(talk, f"ideas/{lamp}")] == [project]

    def test_for_those_who_work_on_it(self, talk: Talk, callers: Callers) -> None:
        idea = talk.post(1)["id"]
        project = ok(
            talk.client.post("/api/v1/projects", json=talk.story.project(), headers=talk.story.clerk)
        )["id"]
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        for path, code in ((f"ideas/{idea}", "idea_not_found"), (f"projects/{project}", "project_not_found")):
            refused(talk.client.get(f"/api/v1/{path}/similar", headers=away), 404, code)
            missing = path.split("/")[0] + f"/{uuid.uuid4()}"
            refused(talk.client.get(f"/api/v1/{missing}/similar", headers=talk.story.clerk), 404, code)
            refused(
                talk.client.get(f"/api/v1/{path}/similar", headers=talk.story.resident(1)), 403, "not_allowed"
            )
