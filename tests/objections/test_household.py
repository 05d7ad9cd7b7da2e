"""What a household can do that nobody can do for it: refuse a mediator, complain past everybody, say it twice."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi.testclient import TestClient
from sqlmodel import col, select

from app.access.roles import Role
from app.core import clock
from app.objections.service import household_accounts
from app.outbox.models import OutboxMessage
from tests.callers import Callers, Headers
from tests.objection_story import DAY, FILED, WORDS, Case
from tests.story import COMMUNITY, SUBDISTRICT, Story, ok, refused


def file(case: Case, who: Headers, key: str | None = None, **changes: Any) -> Any:
    body = {"grounds": WORDS, "effect": "睡不好", "would_help": "换个位置"} | changes
    headers = who if key is None else {**who, "Idempotency-Key": key}
    path = f"/api/v1/projects/{case.project}/objections"
    return case.story.client.post(path, json=body, headers=headers)


class TestFilingTwice:
    def test_the_same_key_and_words_are_one_objection(self, case: Case) -> None:
        first = ok(file(case, case.story.resident(5), "k1"))
        again = ok(file(case, case.story.resident(5), "k1"))
        assert (again["id"], len(again["entries"])) == (first["id"], 3)

    def test_a_late_repeat_does_not_open_again_what_was_withdrawn(self, case: Case) -> None:
        who = case.story.resident(5)
        first = ok(file(case, who, "k1"))
        ok(case.story.client.post(f"/api/v1/objections/{first['id']}/withdraw", headers=who))
        again = ok(file(case, who, "k1"))
        assert (again["id"], again["state"]) == (first["id"], "withdrawn")

    def test_other_words_under_the_same_key_are_refused(self, case: Case) -> None:
        ok(file(case, case.story.resident(5), "k1"))
        refused(file(case, case.story.resident(5), "k1", grounds="换了理由"), 409, "sent_differently")

    def test_another_households_key_is_another_key(self, case: Case) -> None:
        first = ok(file(case, case.story.resident(5), "k1"))
        other = ok(file(case, case.story.resident(6), "k1"))
        assert first["id"] != other["id"]

    def test_two_phones_at_once_leave_one_objection(self, case: Case) -> None:
        """Both of one household; whoever comes second is told that it objects already."""
        who = case.story.resident(5)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda number: file(case, who, grounds=f"理由{number}"), range(6)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
        assert len(ok(case.story.client.get("/api/v1/me/objections", headers=who))["items"]) == 1

    def test_one_request_repeated_at_once_is_one_objection(self, case: Case) -> None:
        who = case.story.resident(5)
        with ThreadPoolExecutor(6) as pool:
            answers = [ok(each) for each in pool.map(lambda _: file(case, who, "k1"), range(6))]
        assert len({answer["id"] for answer in answers}) == 1


class TestAnsweringTwice:
    def test_the_same_key_and_words_are_said_once(self, assigned: Case) -> None:
        for _ in range(2):
            ok(assigned.post("answers", assigned.home(), {"text": "可以谈"}, **{"Idempotency-Key": "a1"}))
        kinds = [each["kind"] for each in assigned.mine()["entries"]]
        assert kinds.count("answer") == 1
        other = assigned.post("answers", assigned.home(), {"text": "不谈"}, **{"Idempotency-Key": "a1"})
        refused(other, 409, "sent_differently")

    def test_withdrawing_and_maintaining_twice_is_no_mistake(self, case: Case) -> None:
        for verb, state in (("withdraw", "withdrawn"), ("maintain", "maintained")):
            for _ in range(2):
                assert ok(case.post(verb, case.home()))["state"] == state
        kinds = [each["kind"] for each in case.mine()["entries"]]
        assert kinds[3:] == ["withdrawn", "maintained"]


class TestSettling:
    def test_only_the_last_offer_can_be_accepted(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer("灯罩朝下")
        with clock.frozen(FILED + 5 * DAY):
            assigned.offer("换个位置")
            seen = assigned.mine()
            assert [(each["number"], each["text"]) for each in seen["offers"]] == [
                (1, "灯罩朝下"), (2, "换个位置"),
            ]  # fmt: skip
            assert [each["offer"] for each in seen["entries"]] == [None] * 4 + [1, 2]
            old = refused(assigned.post("settle", assigned.home(), {"offer": 1}), 409, "offer_replaced")
            assert old["newest"] == 2
            refused(assigned.post("settle", assigned.home()), 422, "malformed_request")
            for _ in range(2):
                assert ok(assigned.post("settle", assigned.home(), {"offer": 2}))["state"] == "settled"

    def test_an_offer_stands_for_a_week(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer()
            (offer,) = assigned.mine()["offers"]
        stands = dt.datetime.fromisoformat(offer["stands_until"]) - dt.datetime.fromisoformat(offer["at"])
        assert stands == 7 * DAY

    def test_a_settled_one_is_not_kept_beside_a_newer_one(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer()
            ok(assigned.post("settle", assigned.home(), {"offer": 1}))
            ok(file(assigned, assigned.home(), grounds="又有了新的理由"))
            refused(assigned.post("maintain", assigned.home()), 409, "objection_open")


class TestRefusingAMediator:
    def test_the_case_goes_back_to_the_officer_and_never_to_the_same_mediator(
        self, assigned: Case, callers: Callers
    ) -> None:
        seen = ok(assigned.post("refuse-mediator", assigned.home(), {"reason": "他是施工方的亲戚"}))
        assert (seen["state"], seen["refusals_left"]) == ("filed", 2)
        assert [each["role"] for each in seen["knowers"]] == ["objection_officer"]
        gone = assigned.post("views", assigned.mediator, {"purpose": "再看一看"})
        refused(gone, 404, "objection_not_found")
        refused(assigned.assign(), 409, "mediator_refused")
        other = callers.staff_actor(Role.MEDIATOR, COMMUNITY)
        assert other.account_id is not None
        assert assigned.assign(other.account_id).status_code == 204
        assert assigned.mine()["state"] == "assigned"

    def test_why_is_read_by_the_officer_and_no_mediator(self, assigned: Case, callers: Callers) -> None:
        ok(assigned.post("refuse-mediator", assigned.home(), {"reason": "他是施工方的亲戚"}))
        other = callers.staff_actor(Role.MEDIATOR, COMMUNITY)
        assert assigned.assign(other.account_id).status_code == 204
        officer = ok(assigned.post("views", assigned.officer, {"purpose": "安排别人"}))
        assert "他是施工方的亲戚" in [each["text"] for each in officer["entries"]]
        mediator = assigned.post("views", callers.headers(other), {"purpose": "接手了解"})
        assert "施工方" not in mediator.text
        assert mediator.status_code == 200

    def test_no_reason_is_needed_and_a_kept_objection_stays_kept(self, assigned: Case) -> None:
        ok(assigned.post("maintain", assigned.home()))
        assert ok(assigned.post("refuse-mediator", assigned.home(), {}))["state"] == "maintained"

    def test_three_times_and_a_repeat_counts_once(self, assigned: Case, callers: Callers) -> None:
        for number in range(3):
            for _ in range(2):
                key = {"Idempotency-Key": f"r{number}"}
                seen = ok(assigned.post("refuse-mediator", assigned.home(), {}, **key))
            assert seen["refusals_left"] == 2 - number
            refused(assigned.post("refuse-mediator", assigned.home(), {}), 409, "no_mediator")
            next_one = callers.staff_actor(Role.MEDIATOR, COMMUNITY)
            assert assigned.assign(next_one.account_id).status_code == 204
        refused(assigned.post("refuse-mediator", assigned.home(), {}), 409, "too_many_refusals")
        assert "refuse_mediator" not in assigned.mine()["can"]
        assert {"maintain", "escalate"} <= set(assigned.mine()["can"])


class TestComplaining:
    WORDS = "居委会的人上门劝了我三次"

    def test_only_the_officer_above_the_community_reads_it(self, assigned: Case, callers: Callers) -> None:
        ok(assigned.post("escalate", assigned.home(), {"text": self.WORDS}))
        local = callers.staff(Role.OBJECTION_OFFICER, COMMUNITY)
        for who in (local, assigned.mediator):
            seen = assigned.post("views", who, {"purpose": "了解情况"})
            assert seen.status_code == 200
            assert self.WORDS not in seen.text
            (listed,) = ok(assigned.story.client.get("/api/v1/objections", headers=who))["items"]
            assert listed["complaint_waits"] is False
            refused(assigned.post("replies", local, {"text": "知道了"}), 404, "objection_not_found")
        (listed,) = ok(assigned.story.client.get("/api/v1/objections", headers=assigned.officer))["items"]
        assert listed["complaint_waits"] is True
        seen = ok(assigned.post("views", assigned.officer, {"purpose": "处理反映"}))
        assert self.WORDS in [each["text"] for each in seen["entries"]]

    def test_it_is_answered_and_can_be_made_again(self, assigned: Case) -> None:
        for _ in range(2):
            key = {"Idempotency-Key": "c1"}
            seen = ok(assigned.post("escalate", assigned.home(), {"text": self.WORDS}, **key))
        by = dt.datetime.fromisoformat(seen["deadlines"]["reply_by"])
        assert by == FILED + 7 * DAY
        refused(assigned.post("escalate", assigned.home(), {"text": "再说一次"}), 409, "complaint_waiting")
        ok(assigned.post("replies", assigned.officer, {"text": "已要求停止上门"}))
        refused(assigned.post("replies", assigned.officer, {"text": "再答"}), 409, "no_complaint")
        seen = assigned.mine()
        assert seen["deadlines"]["reply_by"] is None
        assert [each["kind"] for each in seen["entries"]][-2:] == ["complaint", "reply"]
        ok(assigned.post("escalate", assigned.home(), {"text": "又来了"}))

    def test_who_was_pressed_to_withdraw_can_say_so(self, assigned: Case) -> None:
        ok(assigned.post("withdraw", assigned.home()))
        with clock.frozen(FILED + 10 * DAY):
            assert assigned.mine()["can"] == ["escalate"]
            ok(assigned.post("escalate", assigned.home(), {"text": self.WORDS}))
            officer = assigned.story.callers.staff(Role.OBJECTION_OFFICER, SUBDISTRICT)
            ok(assigned.post("replies", officer, {"text": "正在核实"}))
            assert assigned.mine()["state"] == "withdrawn"


class TestWhatIsSaidToTheHousehold:
    def test_who_may_know_by_surname_and_what_happens_until_when(self, case: Case) -> None:
        seen = case.mine()
        assert [each["role"] for each in seen["knowers"]] == ["objection_officer"]
        assert seen["deadlines"]["acknowledged_at"] is None
        assert dt.datetime.fromisoformat(seen["deadlines"]["acknowledge_by"]) == FILED + 5 * DAY
        assert dt.datetime.fromisoformat(seen["peace"]["contact_from"]) == FILED + 3 * DAY
        assert (seen["peace"]["quiet_from_hour"], seen["peace"]["quiet_to_hour"]) == (20, 8)
        with clock.frozen(FILED + DAY):
            officer = case.officer_now()
            ok(case.post("views", officer, {"purpose": "分派给人"}))
            assert case.assign(by=officer).status_code == 204
        seen = case.mine()
        assert dt.datetime.fromisoformat(seen["deadlines"]["acknowledged_at"]) == FILED + DAY
        assert dt.datetime.fromisoformat(seen["deadlines"]["mediate_by"]) == FILED + 31 * DAY
        assert (seen["knowers"][0]["role"], seen["knowers"][0]["name"][0]) == ("mediator", "周")
        assert set(seen["knowers"][0]["name"][1:]) == {"*"}
        assert [(each["role"], each["purpose"]) for each in seen["views"]] == [
            ("objection_officer", "分派给人")
        ]

    def test_a_withdrawal_says_until_when_it_can_be_taken_back(self, case: Case) -> None:
        seen = ok(case.post("withdraw", case.home()))
        assert dt.datetime.fromisoformat(seen["deadlines"]["return_until"]) == FILED + 2 * DAY
        assert seen["can"] == ["maintain", "escalate"]


class TestEvents:
    def test_they_name_the_case_and_nobody(self, assigned: Case) -> None:
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer()
            ok(assigned.post("escalate", assigned.home(), {"text": "有人施压"}))
            ok(assigned.post("refuse-mediator", assigned.home(), {}))
        with assigned.story.callers.database.reading() as session:
            sent = session.exec(select(OutboxMessage).where(col(OutboxMessage.name).like("objection.%")))
            rows = [(message.name, message.payload) for message in sent]
        assert sorted(name for name, _ in rows) == [
            "objection.acknowledged", "objection.assigned", "objection.escalated", "objection.filed",
            "objection.mediator_refused", "objection.offered",
        ]  # fmt: skip
        for _, payload in rows:
            assert set(payload) <= {"objection_id", "mediator_id"}
            assert payload["objection_id"] == assigned.id

    def test_whom_to_tell_are_those_of_the_household_who_have_an_account(
        self, assigned: Case, callers: Callers
    ) -> None:
        callers.resident("13900000004")
        filer = callers.resident_actor("13900000003")
        with callers.database.reading() as session:
            found = household_accounts(session, objection_id=uuid.UUID(assigned.id))
            assert found == [filer.account_id]
            assert household_accounts(session, objection_id=uuid.uuid4()) == []


class TestStrangers:
    def test_a_mediator_of_the_place_learns_nothing_of_a_case_that_is_not_theirs(
        self, client: TestClient, callers: Callers, case: Case
    ) -> None:
        other = callers.staff(Role.MEDIATOR, COMMUNITY)
        for verb, body in (("replies", {"text": "好的"}), ("assign", {"mediator_id": str(uuid.uuid4())})):
            refused(case.post(verb, other, body), 403, "not_allowed")
        real, missing = case.id, str(uuid.uuid4())
        bodies = []
        for each in (real, missing):
            answer = client.get(f"/api/v1/me/objections/{each}", headers=Story(client, callers).resident(9))
            bodies.append(refused(answer, 404, "objection_not_found"))
        assert bodies[0] == bodies[1]
