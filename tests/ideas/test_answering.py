"""An idea becomes a project, or is declined or merged, with reasons; what stays when its author leaves."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlmodel import select

from app.access.roles import Role
from app.core.db import Database
from app.ideas import service
from app.ideas.models import Idea, IdeaAuthor, IdeaEndorsement
from tests.callers import Callers
from tests.ideas.talk import DECLINE, IDEAS, PROJECT, Talk, accounts, events
from tests.story import NEIGHBOUR, ok, refused


class TestTakingUp:
    def test_a_project_is_drafted_that_points_back(self, talk: Talk, database: Database) -> None:
        idea = talk.post(5)["id"]
        talk.endorse(idea, 6, 7)
        assert ok(talk.act(idea, "take-up", talk.story.clerk, PROJECT))["state"] == "taken_up"
        (draft,) = ok(talk.client.get("/api/v1/project-drafts", headers=talk.story.clerk))["items"]
        assert (draft["origin"], draft["origin_id"], draft["origin_reference"]) == (
            "resident_idea", idea, "南门装一个路灯",
        )  # fmt: skip
        # a draft is nobody's business yet
        assert talk.read(idea)["project"] is None
        ok(talk.client.post(f"/api/v1/projects/{draft['id']}/publish", headers=talk.story.clerk))
        assert talk.read(idea)["project"] == {"id": draft["id"], "title": "南门路灯", "state": "published"}
        (event,) = events(database, "idea.taken_up")
        assert (event["project_id"], set(event["account_ids"])) == (draft["id"], accounts(talk, 5, 6, 7))
        refused(talk.act(idea, "take-up", talk.story.clerk, PROJECT), 409, "idea_wrong_state")
        refused(
            talk.client.put(f"{IDEAS}/{idea}/my-endorsement", headers=talk.story.resident(9)), 409,
            "idea_wrong_state",
        )  # fmt: skip

    def test_it_is_answered_anew_when_the_project_comes_to_nothing(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        ok(talk.act(idea, "take-up", talk.story.clerk, PROJECT))
        refused(talk.act(idea, "decline", talk.story.clerk, DECLINE), 409, "idea_wrong_state")
        (draft,) = ok(talk.client.get("/api/v1/project-drafts", headers=talk.story.clerk))["items"]
        reason = {"code": "not_feasible", "reason": "地下有燃气管。"}
        ok(talk.client.post(f"/api/v1/projects/{draft['id']}/reject", json=reason, headers=talk.story.clerk))
        declined = ok(talk.act(idea, "decline", talk.story.clerk, reason))
        assert (declined["state"], declined["answer"]["reason"]) == ("declined", "地下有燃气管。")

    def test_nothing_is_drafted_where_it_is_refused(self, talk: Talk, callers: Callers) -> None:
        idea = talk.post(5)["id"]
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(talk.act(idea, "take-up", away, PROJECT), 404, "idea_not_found")
        wrong = PROJECT | {"building_ids": [str(uuid.uuid4())]}
        refused(talk.act(idea, "take-up", talk.story.clerk, wrong), 422, "building_not_here")
        refused(talk.act(idea, "take-up", talk.story.resident(5), PROJECT), 403, "not_allowed")
        assert talk.read(idea)["state"] == "open"
        assert ok(talk.client.get("/api/v1/project-drafts", headers=talk.story.clerk))["items"] == []


class TestDeclining:
    def test_the_reason_is_public_and_an_appeal_possible(self, talk: Talk, database: Database) -> None:
        idea = talk.post(5)["id"]
        talk.endorse(idea, 6)
        ok(talk.act(idea, "decline", talk.story.clerk, DECLINE))
        found = talk.read(idea)
        assert found["answer"]["reason"] == DECLINE["reason"]
        assert (found["steps"][-1]["reason_code"], found["steps"][-1]["by"]) == ("somebody_else_liable", None)
        assert talk.read(idea, talk.story.clerk)["steps"][-1]["by"].startswith("account:")
        (event,) = events(database, "idea.declined")
        assert set(event["account_ids"]) == accounts(talk, 5, 6)
        # what was counted for the answer stays
        path = f"{IDEAS}/{idea}/my-endorsement"
        refused(talk.client.delete(path, headers=talk.story.resident(6)), 409, "idea_wrong_state")
        reopened = ok(talk.act(idea, "reopen", talk.story.clerk, {"reason": "开发商已注销，重新考虑。"}))
        assert (reopened["state"], reopened["answer"]) == ("screening", None)
        refused(talk.act(idea, "reopen", talk.story.clerk, {"reason": "再来"}), 409, "idea_wrong_state")
        refused(talk.act(idea, "decline", talk.story.clerk, {"code": "other"}), 422, "malformed_request")


class TestMerging:
    def test_authors_are_kept_and_everybody_counts_once(self, talk: Talk, database: Database) -> None:
        first, second = talk.post(5, byline="building")["id"], talk.post(6, "南门太黑")["id"]
        talk.endorse(first, 6, 7, 8)  # the author of the second one endorses the first
        talk.endorse(second, 5, 8, 9)
        merged = ok(talk.act(second, "merge", talk.story.clerk, {"into_id": first}))
        assert merged["id"] == first
        assert [each["byline"] for each in merged["authors"]] == ["building", "resident"]
        assert merged["endorsements"] == 3  # 7, 8, 9: authors stand by it anyway
        gone = talk.read(second)
        assert (gone["state"], gone["merged_into_id"], gone["endorsements"]) == ("merged", first, 3)
        assert talk.titles() == ["南门装一个路灯"]
        (event,) = events(database, "idea.merged")
        assert (event["into_id"], set(event["account_ids"])) == (first, accounts(talk, 5, 6, 8, 9))
        answer = talk.client.put(f"{IDEAS}/{second}/my-endorsement", headers=talk.story.resident(11))
        assert refused(answer, 409, "idea_merged")["into_id"] == first
        # nobody owns it alone any more
        refused(talk.act(first, "withdraw", talk.story.resident(5)), 409, "idea_shared")
        refused(
            talk.client.put(f"{IDEAS}/{first}/my-endorsement", headers=talk.story.resident(6)),
            409,
            "own_idea",
        )
        # a third one: old addresses lead on in one step
        third = talk.post(12, "南门照明")["id"]
        ok(talk.act(first, "merge", talk.story.clerk, {"into_id": third}))
        assert talk.read(second)["merged_into_id"] == third
        assert len(talk.read(third)["authors"]) == 3
        assert talk.read(third)["endorsements"] == 3

    def test_united_endorsements_can_be_enough(self, talk: Talk, database: Database) -> None:
        talk.ask_for(3)
        first, second = talk.post(5)["id"], talk.post(6, "南门太黑")["id"]
        talk.endorse(first, 7, 8)
        talk.endorse(second, 8, 9)
        assert ok(talk.act(second, "merge", talk.story.clerk, {"into_id": first}))["state"] == "screening"
        assert len(events(database, "idea.endorsed_enough")) == 1

    def test_only_into_another_living_one_of_the_place(self, talk: Talk, callers: Callers) -> None:
        first, second, third = (
            talk.post(number, title)["id"] for number, title in ((5, "一号"), (6, "二号"), (7, "三号"))
        )
        refused(talk.act(first, "merge", talk.story.clerk, {"into_id": first}), 422, "merge_target_unfit")
        ok(talk.act(third, "decline", talk.story.clerk, DECLINE))
        refused(talk.act(first, "merge", talk.story.clerk, {"into_id": third}), 422, "merge_target_unfit")
        refused(
            talk.act(first, "merge", talk.story.clerk, {"into_id": str(uuid.uuid4())}), 404, "idea_not_found"
        )
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(talk.act(first, "merge", away, {"into_id": second}), 404, "idea_not_found")
        ok(talk.act(first, "merge", talk.story.clerk, {"into_id": second}))
        refused(talk.act(first, "merge", talk.story.clerk, {"into_id": second}), 409, "idea_merged")

    def test_both_ways_at_once_ends_one_way(self, talk: Talk) -> None:
        first, second = talk.post(5)["id"], talk.post(6, "南门太黑")["id"]
        pairs = [(first, second), (second, first)]
        with ThreadPoolExecutor(2) as pool:
            done = list(
                pool.map(
                    lambda pair: talk.act(pair[0], "merge", talk.story.clerk, {"into_id": pair[1]}), pairs
                )
            )
        assert sorted(answer.status_code for answer in done) in ([200, 409], [200, 422])
        assert sorted(talk.read(idea)["state"] for idea in (first, second)) == ["merged", "open"]


class TestLeaving:
    def test_what_we_know_of_somebody_and_forgetting_it(self, talk: Talk, database: Database) -> None:
        public = talk.post(5, byline="building")["id"]
        held = talk.post(5, "金丝雀的秘密", words="打 13900001234")["id"]
        waiting, answered = talk.post(6, "东门加快递柜")["id"], talk.post(7, "西门开一个口")["id"]
        talk.endorse(waiting, 5, 8)
        talk.endorse(answered, 5, 8)
        ok(talk.act(answered, "decline", talk.story.clerk, DECLINE))
        account = uuid.UUID(accounts(talk, 5).pop())
        with database.writing() as session:
            known = service.export_of(session, account)
            ideas: Any = known["ideas"]
            endorsements: Any = known["endorsements"]
            assert {(each["id"], each["shown_as"]) for each in ideas} == {
                (public, "building"), (held, "resident"),
            }  # fmt: skip
            assert {each["idea_id"] for each in endorsements} == {waiting, answered}
            service.forget(session, account)
            service.forget(session, account)
            assert service.export_of(session, account) == {"ideas": [], "endorsements": []}
        assert talk.read(public)["authors"] == [{"byline": "forgotten", "building": None}]
        refused(talk.client.get(f"{IDEAS}/{held}", headers=talk.story.clerk), 404, "idea_not_found")
        # a number that waits for its answer goes down, one that was answered stays
        assert (talk.read(waiting)["endorsements"], talk.read(answered)["endorsements"]) == (1, 2)
        with database.reading() as session:
            for table in (IdeaAuthor, IdeaEndorsement):
                assert account not in session.exec(select(table.account_id)).all()
            assert "金丝雀" not in "".join(session.exec(select(Idea.title)).all())
