"""Letting somebody else vote: on the phone, on paper, three owners at most, until the owner votes."""

import base64
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.canonical import canonical_json
from app.core.signer import verifies
from app.wiring import Wiring
from app.worker import Worker
from tests.callers import Callers, Headers
from tests.recorded.estate import CO_OWNER, LABEL, SPOUSE, TENANT, THREE_FLATS, Estate, Sms, opened, published
from tests.story import COMMUNITY, ok, phone, refused

MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def estate(client: TestClient, callers: Callers) -> Estate:
    return opened(client, callers)


def proxies(estate: Estate, number: int) -> dict[str, Any]:
    found: dict[str, Any] = ok(estate.client.get(f"{estate.path}/my-proxies", headers=estate.owner(number)))
    return found


def given(estate: Estate, giver: int, holder: int, **changes: Any) -> str:
    return str(ok(estate.proxy(giver, holder, **changes))["proxy"]["id"])


def revoke(estate: Estate, number: int, proxy_id: str) -> Any:
    return estate.client.delete(f"{estate.path}/proxies/{proxy_id}", headers=estate.owner(number))


class TestGive:
    def test_it_names_the_matter_the_time_and_the_powers_and_is_signed(self, estate: Estate) -> None:
        made = ok(estate.proxy(THREE_FLATS, TENANT, powers="for"))
        assert (made["recorded"], made["label"]) == (True, LABEL)
        proxy = made["proxy"]
        assert proxy["holder"] == "139****0203"
        for part in ("动用维修资金", "item 5", "for only", "cannot be passed on"):
            assert part in proxy["words"]
        said = {
            "purpose": "gongyi proxy v1",
            "round_id": estate.round_id,
            "proxy_id": proxy["id"],
            "holder": proxy["holder"],
            "matter": "use_of_repair_fund",
            "question": ok(estate.client.get(estate.path))["question"],
            "powers": "for",
            "given_at": proxy["given_at"],
            "until": proxy["until"],
        }
        key = base64.b64decode(made["signed_with"])
        assert verifies(key, base64.b64decode(proxy["signature"]), canonical_json(said))

    def test_who_cannot(self, estate: Estate) -> None:
        refused(estate.proxy(5, 5), 422, "proxy_to_oneself")
        refused(estate.proxy(CO_OWNER, SPOUSE), 422, "proxy_to_oneself")
        refused(estate.proxy(5, 777), 422, "holder_unknown")
        refused(estate.proxy(5, TENANT, holder_phone="12345"), 422, "phone_malformed")
        refused(estate.proxy(TENANT, 5), 403, "not_an_owner")
        given(estate, 5, TENANT)
        refused(estate.proxy(5, 6), 409, "proxy_stands")
        refused(estate.proxy(TENANT, 6), 403, "proxy_of_proxy")
        waiting = Estate(estate.story, published(estate.story))
        refused(waiting.proxy(5, TENANT), 409, "round_not_open")
        estate.close()
        refused(estate.proxy(6, TENANT), 409, "round_closed")

    def test_three_owners_at_most_however_many_dwellings_they_have(self, estate: Estate) -> None:
        first = given(estate, THREE_FLATS, TENANT)
        for number in (5, 6):
            given(estate, number, TENANT)
        problem = refused(estate.proxy(7, TENANT), 409, "too_many_proxies")
        assert (problem["most"], problem["article"]) == (3, "潍坊市物业管理条例第三十二条")
        held = proxies(estate, TENANT)
        assert [each["dwellings"] for each in held["held"]] == [3, 1, 1]
        assert (held["most"], held["given"]) == (3, [])
        ok(revoke(estate, THREE_FLATS, first))
        given(estate, 7, TENANT)

    def test_both_owners_of_a_dwelling_are_one(self, estate: Estate) -> None:
        for number in (CO_OWNER, SPOUSE, 5, 6):
            given(estate, number, TENANT)
        refused(estate.proxy(7, TENANT), 409, "too_many_proxies")


class TestUse:
    def test_the_vote_is_marked_and_covers_all_dwellings(self, estate: Estate) -> None:
        proxy_id = given(estate, THREE_FLATS, TENANT)
        receipts = ok(estate.use(TENANT, proxy_id, "against"))
        assert (receipts["recorded"], receipts["label"]) == (True, LABEL)
        assert [(each["channel"], each["choice"]) for each in receipts["votes"]] == [("proxy", "against")] * 3
        assert ok(estate.use(TENANT, proxy_id, "against")) == receipts  # the same again changes nothing
        ok(estate.use(TENANT, proxy_id, "for"))
        mine = estate.my_votes(THREE_FLATS)["dwellings"][0]
        assert [(act["channel"], act["by_you"]) for act in mine["history"]] == [("proxy", False)] * 2
        (held,) = proxies(estate, TENANT)["held"]
        assert (held["state"], {vote["choice"] for vote in held["votes"]}) == ("used", {"for"})
        refused(revoke(estate, THREE_FLATS, proxy_id), 409, "proxy_used")

    def test_powers_bind(self, estate: Estate) -> None:
        proxy_id = given(estate, 5, TENANT, powers="for")
        problem = refused(estate.use(TENANT, proxy_id, "against"), 409, "powers_exceeded")
        assert problem["choice"] == "for"
        ok(estate.use(TENANT, proxy_id, "for"))

    def test_voting_oneself_ends_it(self, estate: Estate) -> None:
        proxy_id = given(estate, 5, TENANT)
        ok(estate.use(TENANT, proxy_id, "against"))
        ok(estate.vote(5, "for"))
        problem = refused(estate.use(TENANT, proxy_id, "against"), 409, "proxy_wrong_state")
        assert problem["state"] == "ended"
        assert estate.my_votes(5)["dwellings"][0]["vote"]["choice"] == "for"
        assert proxies(estate, TENANT)["held"] == []
        (mine,) = proxies(estate, 5)["given"]
        assert mine["state"] == "ended"
        assert mine["ended_at"]
        refused(revoke(estate, 5, proxy_id), 409, "proxy_wrong_state")
        # a proxy that is given afterwards is the owner's later act
        ok(estate.use(TENANT, given(estate, 5, TENANT), "abstain"))
        assert estate.my_votes(5)["dwellings"][0]["vote"]["choice"] == "abstain"

    def test_another_owners_later_vote_is_not_overtaken_by_it(self, estate: Estate) -> None:
        proxy_id = given(estate, CO_OWNER, TENANT)
        ok(estate.use(TENANT, proxy_id, "for"))
        ok(estate.vote(SPOUSE, "against"))
        refused(estate.use(TENANT, proxy_id, "for"), 409, "proxy_overtaken")
        assert estate.my_votes(CO_OWNER)["dwellings"][0]["vote"]["choice"] == "against"

    def test_nobody_elses(self, estate: Estate) -> None:
        proxy_id = given(estate, 5, TENANT)
        for answer in (
            estate.use(6, proxy_id, "for"),
            estate.use(5, proxy_id, "for"),
            estate.use(TENANT, MISSING, "for"),
            revoke(estate, 6, proxy_id),
            revoke(estate, 6, MISSING),
        ):
            refused(answer, 404, "proxy_not_found")
        other = Estate(estate.story, published(estate.story))
        ok(estate.client.post(f"{other.path}/recorded/open", headers=estate.story.clerk))
        refused(other.use(TENANT, proxy_id, "for"), 404, "proxy_not_found")
        refused(revoke(other, 5, proxy_id), 404, "proxy_not_found")
        ok(revoke(estate, 5, proxy_id))
        refused(estate.use(TENANT, proxy_id, "for"), 409, "proxy_wrong_state")
        estate.close()
        refused(estate.use(TENANT, proxy_id, "for"), 409, "round_closed")
        refused(revoke(estate, 5, proxy_id), 409, "round_closed")


class TestPaper:
    def enter(self, estate: Estate, number: int, **changes: Any) -> Any:
        wish = {
            "resident_id": estate.entry(number)["owners"][0]["resident_id"],
            "holder_phone": phone(TENANT),
            "reference": "W-1",
            "given_at": clock.now().isoformat(),
        } | changes
        return estate.client.post(f"{estate.path}/paper-proxies", json=wish, headers=estate.story.clerk)

    def decide(self, estate: Estate, proxy_id: str, act: str, who: dict[str, str]) -> Any:
        body = {"reason": "签名不符"} if act == "refuse" else None
        return estate.client.post(f"{estate.path}/paper-proxies/{proxy_id}/{act}", json=body, headers=who)

    def test_two_people_and_then_it_is_in_force(self, estate: Estate) -> None:
        made = ok(self.enter(estate, 5))
        proxy_id = made["proxy"]["id"]
        assert (made["recorded"], made["proxy"]["state"], made["proxy"]["reference"]) == (
            True,
            "entered",
            "W-1",
        )
        assert refused(estate.use(TENANT, proxy_id, "for"), 409, "proxy_wrong_state")["state"] == "entered"
        refused(self.decide(estate, proxy_id, "confirm", estate.story.clerk), 403, "second_look_needed")
        assert (
            ok(self.decide(estate, proxy_id, "confirm", estate.story.chair))["proxy"]["state"] == "in_force"
        )
        refused(self.decide(estate, proxy_id, "refuse", estate.story.chair), 409, "proxy_wrong_state")
        ok(estate.use(TENANT, proxy_id, "for"))
        listed = ok(estate.client.get(f"{estate.path}/paper-proxies", headers=estate.story.clerk))
        assert (listed["label"], [each["id"] for each in listed["items"]]) == (LABEL, [proxy_id])
        (shown,) = listed["items"]  # with all that has to be compared
        assert (shown["givers"], [each["room"] for each in shown["dwellings"]]) == (["居**"], ["0601"])
        assert (shown["mine"], bool(shown["entered_by"])) == (True, True)

    def test_what_it_lets_its_holder_say_is_for_who_compares_it(
        self, estate: Estate, callers: Callers
    ) -> None:
        proxy_id = ok(self.enter(estate, 5, powers="against"))["proxy"]["id"]
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)

        def powers(who: Headers) -> str | None:
            (shown,) = ok(estate.client.get(f"{estate.path}/paper-proxies", headers=who))["items"]
            assert not {"words", "signature"} & set(
                shown
            )  # a signature tells which of five powers it is over
            found: str | None = shown["powers"]
            return found

        assert (powers(estate.story.chair), powers(supervisor)) == ("against", None)
        ok(self.decide(estate, proxy_id, "confirm", estate.story.chair))
        assert (powers(estate.story.chair), powers(supervisor)) == (None, None)
        query = {"subject": f"proxy:{proxy_id}"}
        path = f"/api/v1/audit/{COMMUNITY}/entries"
        kept = ok(estate.client.get(path, params=query, headers=supervisor))["items"]
        assert [each["tag"] for each in kept] == ["proxy:confirmed", "proxy:entered"]
        assert "against" not in str(kept)

    def test_the_owner_is_told_and_sees_at_once_what_waits(self, estate: Estate, wiring: Wiring) -> None:
        Worker(wiring).drain()
        made = ok(self.enter(estate, CO_OWNER))["proxy"]
        # the roster names two owners of this dwelling, and only one of them has given it
        (giver,) = [number for number in (CO_OWNER, SPOUSE) if proxies(estate, number)["given"]]
        assert proxies(estate, giver)["given"] == [made]
        assert (made["state"], made["reference"]) == ("entered", "W-1")
        sms = Sms()
        Worker(replace(wiring, sms=sms)).drain()
        assert sms.sent == [(phone(giver), "owners_paper_entered", {"round": "中心广场改造"})]

    def test_what_is_refused_binds_nobody(self, estate: Estate) -> None:
        proxy_id = ok(self.enter(estate, 5))["proxy"]["id"]
        refused(estate.proxy(5, 6), 409, "proxy_stands")
        assert ok(self.decide(estate, proxy_id, "refuse", estate.story.clerk))["proxy"]["state"] == "refused"
        given(estate, 5, 6)
        refused(self.decide(estate, MISSING, "confirm", estate.story.chair), 404, "proxy_not_found")
        online = given(estate, 7, 6)
        refused(self.decide(estate, online, "confirm", estate.story.chair), 404, "proxy_not_found")

    def test_what_cannot_be_entered(self, estate: Estate, callers: Callers) -> None:
        tomorrow = (clock.now() + dt.timedelta(days=1)).isoformat()
        last_year = (clock.now() - dt.timedelta(days=400)).isoformat()
        for at in (tomorrow, last_year):
            refused(self.enter(estate, 5, given_at=at), 422, "time_impossible")
        refused(self.enter(estate, 5, resident_id=MISSING), 403, "not_an_owner")
        refused(self.enter(estate, 5, holder_phone=phone(777)), 422, "holder_unknown")
        for number in (6, 7, 8):
            given(estate, number, TENANT)
        refused(self.enter(estate, 5), 409, "too_many_proxies")
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        assert ok(estate.client.get(f"{estate.path}/paper-proxies", headers=supervisor))["items"] == []
        wish = {
            "resident_id": MISSING, "holder_phone": phone(1), "reference": "W", "given_at": clock.now().isoformat()
        }  # fmt: skip
        answer = estate.client.post(f"{estate.path}/paper-proxies", json=wish, headers=supervisor)
        refused(answer, 403, "not_allowed")
