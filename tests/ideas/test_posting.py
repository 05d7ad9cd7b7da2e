"""An idea is posted once, held where a person must look, endorsed once each, and withdrawn."""

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.ideas import service
from tests.callers import Callers
from tests.ideas.talk import IDEAS, PROJECT, Talk, accounts, events
from tests.story import COMMUNITY, NEIGHBOUR, ok, phone, refused


class TestPosting:
    def test_everybody_reads_it_and_nobody_reads_who(self, talk: Talk) -> None:
        made = talk.post(25, byline="building")
        assert (made["state"], made["mine"], made["still_needed"], made["held_for"]) == ("open", True, 20, [])
        for who in ({}, talk.story.resident(1), talk.story.clerk):
            answer = talk.client.get(f"{IDEAS}/{made['id']}", headers=who)
            assert answer.json()["authors"] == [{"byline": "building", "building": "2栋"}]
            assert answer.json()["mine"] is False
            assert "居民25" not in answer.text
            assert phone(25) not in answer.text
        anonymous = talk.post(26, "东门加快递柜")
        assert anonymous["authors"] == [{"byline": "resident", "building": None}]

    def test_sent_again_it_is_there_once(self, talk: Talk) -> None:
        path, body, who = f"{IDEAS}/{uuid.uuid4()}", talk.words(), talk.story.resident(3)
        answers = [talk.client.put(path, json=body, headers=who) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 200, 200]
        assert answers[0].json() == answers[2].json()
        assert talk.titles() == ["南门装一个路灯"]
        for other, changed in ((who, {"title": "换一个题目"}), (talk.story.resident(4), {})):
            refused(talk.client.put(path, json=body | changed, headers=other), 409, "idea_id_taken")

    def test_sent_many_times_at_once_it_is_there_once(self, talk: Talk) -> None:
        path, who = f"{IDEAS}/{uuid.uuid4()}", talk.story.resident(3)
        with ThreadPoolExecutor(6) as pool:
            sent = list(pool.map(lambda _: talk.client.put(path, json=talk.words(), headers=who), range(6)))
        assert sorted(answer.status_code for answer in sent) == [200] * 5 + [201]
        assert talk.titles() == ["南门装一个路灯"]

    def test_three_a_day_even_at_once(self, talk: Talk) -> None:
        who = talk.story.resident(3)

        def post(number: int) -> int:
            body = talk.words(f"第 {number} 个想法")
            return int(talk.client.put(f"{IDEAS}/{uuid.uuid4()}", json=body, headers=who).status_code)

        with ThreadPoolExecutor(6) as pool:
            statuses = sorted(pool.map(post, range(6)))
        assert statuses == [201] * 3 + [429] * 3
        answer = talk.client.put(f"{IDEAS}/{uuid.uuid4()}", json=talk.words(), headers=who)
        body = refused(answer, 429, "ideas_too_often")
        assert int(answer.headers["Retry-After"]) == body["retry_after"] > 86_000
        assert body["hours"] == 24

    def test_only_people_who_live_there(self, talk: Talk, callers: Callers) -> None:
        path = f"{IDEAS}/{uuid.uuid4()}"
        for who, body in (
            (callers.resident("13700000001"), talk.words()),
            (talk.story.resident(1), talk.words(community_code=NEIGHBOUR)),
            (talk.story.resident(1), talk.words(community_code="999999999999")),
        ):
            refused(talk.client.put(path, json=body, headers=who), 403, "not_your_community")
        refused(talk.client.put(path, json=talk.words(), headers=talk.story.clerk), 403, "not_allowed")
        refused(talk.client.put(path, json=talk.words()), 401, "not_signed_in")

    def test_a_wrong_form_is_refused(self, talk: Talk) -> None:
        wrong: tuple[dict[str, Any], ...] = (
            {"title": "灯"}, {"title": "长" * 61}, {"title": "两\n行"}, {"words": "字" * 2001},
            {"category": "weapons"}, {"byline": "forgotten"}, {"state": "taken_up"}, {"endorsements": 99},
            {"place": "p" * 61}, {"words": "\u202e反"},
        )  # fmt: skip
        who = talk.story.resident(1)
        for changes in wrong:
            answer = talk.client.put(f"{IDEAS}/{uuid.uuid4()}", json=talk.words(**changes), headers=who)
            refused(answer, 422, "malformed_request")
        assert talk.titles() == []


class TestHolding:
    def test_what_is_held_waits_for_a_person_and_its_author_knows_why(
        self, talk: Talk, callers: Callers, database: Database
    ) -> None:
        made = talk.post(5, words="有意者请打 13900001234")
        assert (made["state"], made["held_for"]) == ("held", ["phone"])
        assert talk.titles() == []
        refused(talk.client.get(f"{IDEAS}/{made['id']}"), 404, "idea_not_found")
        refused(
            talk.client.put(f"{IDEAS}/{made['id']}/my-endorsement", headers=talk.story.resident(6)),
            404,
            "idea_not_found",
        )
        held = ok(
            talk.client.get("/api/v1/held-ideas", params={"community": COMMUNITY}, headers=talk.story.clerk)
        )
        assert [(each["id"], each["held_for"]) for each in held["items"]] == [(made["id"], ["phone"])]
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(
            talk.client.get("/api/v1/held-ideas", params={"community": COMMUNITY}, headers=away),
            404,
            "division_not_found",
        )
        refused(talk.act(made["id"], "publish", away), 404, "idea_not_found")
        published = ok(talk.act(made["id"], "publish", talk.story.clerk))
        assert published["state"] == "open"
        assert talk.titles() == ["南门装一个路灯"]
        (event,) = events(database, "idea.published")
        assert set(event["account_ids"]) == accounts(talk, 5)
        refused(talk.act(made["id"], "publish", talk.story.clerk), 409, "idea_wrong_state")

    def test_a_rejected_one_is_shown_to_its_author_with_the_reason(
        self, talk: Talk, database: Database
    ) -> None:
        made = talk.post(5, words="3栋2单元1201 天天吵，你们都是傻逼")
        assert made["held_for"] == ["dwelling", "abuse"]
        reason = {"reason": "请不要写别人家的门牌，也不要骂人。"}
        ok(talk.act(made["id"], "reject", talk.story.clerk, reason))
        mine = ok(talk.client.get("/api/v1/me/ideas", headers=talk.story.resident(5)))["items"]
        assert [(each["state"], each["answer"]["reason"]) for each in mine] == [
            ("rejected", reason["reason"])
        ]
        refused(
            talk.client.get(f"{IDEAS}/{made['id']}", headers=talk.story.resident(6)), 404, "idea_not_found"
        )
        (event,) = events(database, "idea.rejected")
        assert (event["reason"], set(event["account_ids"])) == (reason["reason"], accounts(talk, 5))
        # a mistake is undone
        assert ok(talk.act(made["id"], "publish", talk.story.clerk))["state"] == "open"

    def test_a_community_can_look_at_everything_first(self, talk: Talk) -> None:
        talk.ask_for(20, review_first=True)
        made = talk.post(5)
        assert (made["state"], made["held_for"]) == ("held", ["review_first"])


class TestEndorsing:
    def test_once_each_and_not_for_oneself(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        for _ in range(2):
            assert talk.endorse(idea, 6) == {
                "idea_id": idea, "endorsed": True, "endorsements": 1, "still_needed": 19, "state": "open",
            }  # fmt: skip
        path = f"{IDEAS}/{idea}/my-endorsement"
        refused(talk.client.put(path, headers=talk.story.resident(5)), 409, "own_idea")
        assert (talk.read(idea, talk.story.resident(6))["endorsed"], talk.read(idea)["endorsed"]) == (
            True,
            False,
        )
        for _ in range(2):
            found = ok(talk.client.delete(path, headers=talk.story.resident(6)))
            assert (found["endorsed"], found["endorsements"]) == (False, 0)

    def test_only_people_who_live_there(self, talk: Talk, callers: Callers) -> None:
        path = f"{IDEAS}/{talk.post(5)['id']}/my-endorsement"
        stranger = callers.resident("13700000001")
        for method in (talk.client.put, talk.client.delete):
            refused(method(path, headers=stranger), 403, "not_your_community")
            refused(
                method(f"{IDEAS}/{uuid.uuid4()}/my-endorsement", headers=talk.story.resident(1)),
                404,
                "idea_not_found",
            )

    def test_many_at_once_are_all_counted(self, talk: Talk, database: Database) -> None:
        talk.ask_for(8)
        idea = talk.post(5)["id"]
        people = [talk.story.resident(number) for number in range(10, 22)]

        def endorse(number: int) -> int:
            path = f"{IDEAS}/{idea}/my-endorsement"
            return int(talk.client.put(path, headers=people[number % 12]).status_code)

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(endorse, range(24))) == {200}  # everybody twice
        assert talk.read(idea)["endorsements"] == 12
        assert [step["state"] for step in talk.read(idea)["steps"]] == ["open", "screening"]
        assert len(events(database, "idea.endorsed_enough")) == 1

    def test_enough_of_them_bring_it_to_screening(self, talk: Talk, database: Database) -> None:
        talk.ask_for(3)
        idea = talk.post(5)["id"]
        assert talk.endorse(idea, 6, 7)["still_needed"] == 1
        assert talk.endorse(idea, 8)["state"] == "screening"
        (event,) = events(database, "idea.endorsed_enough")
        assert (event["endorsements"], set(event["account_ids"])) == (3, accounts(talk, 5, 6, 7, 8))
        # whoever takes the own word back does not send it away again
        ok(talk.client.delete(f"{IDEAS}/{idea}/my-endorsement", headers=talk.story.resident(8)))
        assert talk.read(idea)["state"] == "screening"
        assert talk.endorse(idea, 9)["endorsements"] == 3

    def test_fewer_can_be_asked_for_from_a_day_on(self, talk: Talk, drain: Callable[[], int]) -> None:
        idea = talk.post(5)["id"]
        talk.endorse(idea, 6, 7)
        path = f"/api/v1/communities/{COMMUNITY}/idea-policies"
        later = (clock.today() + dt.timedelta(days=2)).isoformat()
        body = {"valid_from": later, "endorsements_needed": 2}
        refused(talk.client.post(path, json=body, headers=talk.story.clerk), 403, "not_allowed")
        ok(talk.client.post(path, json=body, headers=talk.story.chair))
        found = ok(talk.client.get(path))
        assert found["in_force"] == {"valid_from": None, "endorsements_needed": 20, "review_first": False}
        assert [each["valid_from"] for each in found["items"]] == [later]
        assert talk.read(idea)["state"] == "open"
        with clock.frozen(clock.now() + dt.timedelta(days=2)):
            drain()
            with talk.story.callers.database.writing() as session:
                service.screen_all_due(session)
            assert ok(talk.client.get(path))["in_force"]["endorsements_needed"] == 2
        assert talk.read(idea)["state"] == "screening"
        yesterday = (clock.today() - dt.timedelta(days=1)).isoformat()
        refused(
            talk.client.post(path, json=body | {"valid_from": yesterday}, headers=talk.story.chair), 422,
            "policy_too_early",
        )  # fmt: skip


class TestWithdrawing:
    def test_its_author_takes_it_back_until_a_project_depends_on_it(self, talk: Talk) -> None:
        idea = talk.post(5)["id"]
        refused(talk.act(idea, "withdraw", talk.story.resident(6)), 404, "idea_not_found")
        assert talk.read(idea, talk.story.resident(5))["can_withdraw"]
        for _ in range(2):
            assert ok(talk.act(idea, "withdraw", talk.story.resident(5)))["state"] == "withdrawn"
        for who in ({}, talk.story.resident(6), talk.story.clerk):
            refused(talk.client.get(f"{IDEAS}/{idea}", headers=who), 404, "idea_not_found")
        other = talk.post(7, "东门加快递柜")["id"]
        ok(talk.act(other, "take-up", talk.story.clerk, PROJECT))
        refused(talk.act(other, "withdraw", talk.story.resident(7)), 409, "idea_wrong_state")
        assert not talk.read(other, talk.story.resident(7))["can_withdraw"]
