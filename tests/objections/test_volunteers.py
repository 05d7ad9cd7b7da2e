"""A neighbour who helps: asked by the officer, wanted by the household, and gone when the case ends."""

import uuid
from typing import Any

import pytest

from app.access.roles import Role
from app.core import clock
from app.objections import service
from tests.callers import Callers, Headers
from tests.objection_story import DAY, FILED, Case
from tests.story import COMMUNITY, NEIGHBOUR, ok, phone, refused

NEIGHBOUR_NUMBER = 8


@pytest.fixture
def helper(assigned: Case) -> uuid.UUID:
    """Agreed to help, and proposed."""
    account = assigned.volunteer(NEIGHBOUR_NUMBER)
    assert propose(assigned, account).status_code == 204
    return account


def propose(case: Case, account: uuid.UUID, by: Headers | None = None) -> Any:
    return case.post("volunteers", by or case.officer_now(), {"account_id": str(account)})


def helping(case: Case) -> Headers:
    return case.story.resident(NEIGHBOUR_NUMBER)


def cases_of(case: Case, who: Headers) -> list[str]:
    return [each["id"] for each in ok(case.story.client.get("/api/v1/objections", headers=who))["items"]]


class TestJoining:
    def test_whoever_lives_there_may_and_can_leave_again(self, case: Case, callers: Callers) -> None:
        client, who = case.story.client, helping(case)
        path = "/api/v1/me/volunteering"
        for _ in range(2):
            found = ok(client.put(f"{path}/{COMMUNITY}", headers=who))["items"]
            assert [each["community_code"] for each in found] == [COMMUNITY]
        refused(client.put(f"{path}/{NEIGHBOUR}", headers=who), 403, "not_a_resident_there")
        refused(client.put(f"{path}/{COMMUNITY}", headers=callers.resident("13700000001")), 403,
                "not_a_resident_there")  # fmt: skip
        refused(client.put(f"{path}/{COMMUNITY}", headers=case.officer), 403, "not_allowed")
        for _ in range(2):
            assert ok(client.delete(f"{path}/{COMMUNITY}", headers=who))["items"] == []
        assert ok(client.get(path, headers=who))["items"] == []


class TestProposing:
    def test_from_the_list_and_nobody_of_the_household(self, assigned: Case, callers: Callers) -> None:
        own = assigned.volunteer(3)
        unasked = callers.resident_actor(phone(9)).account_id
        assert unasked is not None
        for account in (own, unasked, uuid.uuid4()):
            refused(propose(assigned, account), 422, "not_a_volunteer")
        account = assigned.volunteer(NEIGHBOUR_NUMBER)
        refused(propose(assigned, account, assigned.mediator), 403, "not_allowed")
        away = callers.staff(Role.OBJECTION_OFFICER, NEIGHBOUR)
        refused(propose(assigned, account, away), 404, "objection_not_found")
        path = f"/api/v1/objections/{assigned.id}/candidates"
        found = ok(assigned.story.client.get(path, headers=assigned.officer))["volunteers"]
        assert (str(account), "居民8", "1栋") in [tuple(each.values()) for each in found]
        assert propose(assigned, account).status_code == 204
        refused(propose(assigned, assigned.volunteer(7)), 409, "volunteer_there")
        told = assigned.mine()
        assert told["volunteer"] == {"name": "居民8", "building": "1栋", "state": "proposed"}
        assert {"accept_volunteer", "decline_volunteer"} <= set(told["can"])

    @pytest.mark.usefixtures("helper")
    def test_until_the_household_has_accepted_there_is_no_such_case(self, assigned: Case) -> None:
        who = helping(assigned)
        assert cases_of(assigned, who) == []
        real, missing = assigned.id, str(uuid.uuid4())
        answers = []
        for each in (real, missing):
            path = f"/api/v1/objections/{each}/views"
            answer = assigned.story.client.post(path, json={"purpose": "看看情况"}, headers=who)
            answers.append(refused(answer, 404, "objection_not_found"))
        assert answers[0] == answers[1]
        refused(assigned.post("entries", who, {"kind": "note", "text": "记一下"}), 404, "objection_not_found")
        refused(assigned.post("hand-over", who, {"reason": "没空"}), 404, "objection_not_found")
        for verb in ("accept-volunteer", "decline-volunteer"):  # nor can they speak for the household
            refused(assigned.post(verb, who), 404, "objection_not_found")


@pytest.mark.usefixtures("helper")
class TestHelping:
    def test_the_one_case_is_theirs_with_the_same_log(self, assigned: Case) -> None:
        other = f"/api/v1/projects/{assigned.project}/objections"
        ok(
            assigned.story.client.post(
                other, json={"grounds": "也不同意"}, headers=assigned.story.resident(5)
            )
        )
        for _ in range(2):
            accepted = ok(assigned.post("accept-volunteer", assigned.home()))
        assert [each["kind"] for each in accepted["entries"]].count("volunteer_accepted") == 1
        assert {each["role"]: each["name"] for each in accepted["knowers"]}["volunteer"] == "居**"
        who = helping(assigned)
        assert cases_of(assigned, who) == [assigned.id]
        seen = assigned.opened(who, "帮忙劝和")
        assert (seen["you_are"], seen["objector"]["name"]) == ("volunteer", "居民3")
        assert "offer" not in seen["may_write"]
        look = assigned.mine()["views"][-1]
        assert (look["role"], look["name"], look["purpose"]) == ("volunteer", "居**", "帮忙劝和")
        refused(
            assigned.post("entries", who, {"kind": "offer", "text": "加钱"}), 409, "objection_wrong_state"
        )
        refused(
            assigned.post("entries", who, {"kind": "contact", "text": "上门", "channel": "visit"}),
            409,
            "cool_off",
        )
        with clock.frozen(FILED + 4 * DAY):
            # contacts of mediator and volunteer count together
            assigned.note("contact", channel="call")
            visit = {"kind": "contact", "text": "一起上门", "channel": "visit"}
            assert ok(assigned.post("entries", helping(assigned), visit))["by"] == "volunteer"
            refused(assigned.write("session"), 409, "too_many_contacts")
            assert [each["by"] for each in assigned.mine()["entries"]][-2:] == ["mediator", "volunteer"]

    def test_they_never_read_why_a_mediator_was_refused_or_what_was_complained_of(
        self, assigned: Case
    ) -> None:
        ok(assigned.post("accept-volunteer", assigned.home()))
        ok(assigned.post("escalate", assigned.home(), {"text": "居委会催我"}))
        ok(assigned.post("refuse-mediator", assigned.home(), {"reason": "他是施工方亲戚"}))
        text = str(assigned.opened(helping(assigned)))
        assert "催我" not in text
        assert "亲戚" not in text

    @pytest.mark.parametrize("end", ["settle", "withdraw", "decline-volunteer", "hand-over"])
    def test_never_after_it_has_ended(self, assigned: Case, helper: uuid.UUID, end: str) -> None:
        ok(assigned.post("accept-volunteer", assigned.home()))
        with clock.frozen(FILED + 4 * DAY):
            assigned.offer()
            if end == "hand-over":
                body: Any = {"reason": "没有时间"}
                assert assigned.post(end, helping(assigned), body).status_code == 204
            else:
                body = {"offer": 1} if end == "settle" else None
                ok(assigned.post(end, assigned.home(), body))
            gone = assigned.post("views", helping(assigned), {"purpose": "再看一看"})
            refused(gone, 404, "objection_not_found")
            assert cases_of(assigned, helping(assigned)) == []
            ok(assigned.post("maintain", assigned.home()))  # opened again, it is not open to them
            assert cases_of(assigned, helping(assigned)) == []
            again = propose(assigned, helper)
            if end == "decline-volunteer":
                refused(again, 409, "volunteer_declined")
            else:
                assert again.status_code == 204
                assert cases_of(assigned, helping(assigned)) == []

    def test_who_asks_to_be_forgotten_is_out_of_it(
        self, assigned: Case, helper: uuid.UUID, callers: Callers
    ) -> None:
        ok(assigned.post("accept-volunteer", assigned.home()))
        with callers.database.writing() as session:
            (kept,) = service.volunteering_of(session, account_id=helper)
            assert (kept["name"], kept["building"], kept["cases"]) == ("居民8", "1栋", 1)
            service.forget(session, account_id=helper)
        with callers.database.reading() as session:
            assert service.volunteering_of(session, account_id=helper) == []
        assert cases_of(assigned, helping(assigned)) == []
        seen = assigned.mine()
        assert seen["volunteer"] is None
        assert "居民8" not in str(seen)


class TestAccepting:
    def test_somebody_has_to_be_proposed(self, assigned: Case) -> None:
        for verb in ("accept-volunteer", "decline-volunteer"):
            refused(assigned.post(verb, assigned.home()), 409, "no_volunteer")
        assert not {"accept_volunteer", "decline_volunteer"} & set(assigned.mine()["can"])

    @pytest.mark.usefixtures("helper")
    def test_both_are_told(self, assigned: Case, drain: Any) -> None:
        ok(assigned.post("accept-volunteer", assigned.home()))
        drain()
        path = "/api/v1/me/notices"
        for who in (assigned.home(), helping(assigned)):
            found = assigned.story.client.get(path, headers=who)
            assert found.status_code == 200, found.text
            assert any(each["kind"] == "private_reply" for each in found.json()["items"]), found.text
