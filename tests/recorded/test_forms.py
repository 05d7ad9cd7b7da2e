"""Votes on paper: two people, the owner's later act, and waiting after the end."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.config import Settings
from app.wiring import Wiring
from app.worker import Worker
from tests.callers import Callers, Headers
from tests.recorded.estate import CO_OWNER, LABEL, OWNERLESS, SPOUSE, TENANT, Estate, Sms, opened
from tests.story import COMMUNITY, ok, phone, refused

MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def estate(client: TestClient, callers: Callers) -> Estate:
    return opened(client, callers)


def refuse(estate: Estate, *form_ids: str) -> Any:
    body = {"form_ids": list(form_ids), "reason": "没有签名"}
    return estate.client.post(f"{estate.path}/forms/refuse", json=body, headers=estate.story.chair)


def entered(estate: Estate, *items: dict[str, Any]) -> list[str]:
    return [form["id"] for form in ok(estate.enter(*items))["items"]]


def just_before_opening(estate: Estate) -> str:
    opened_at = dt.datetime.fromisoformat(ok(estate.client.get(estate.path))["opened_at"])
    return (opened_at - dt.timedelta(microseconds=1)).isoformat()


class TestCompare:
    def test_all_that_stands_on_the_paper_is_shown_and_who_entered_it(
        self, estate: Estate, callers: Callers
    ) -> None:
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY, name="李秀兰")
        (made,) = ok(estate.enter(estate.form(5, "against"), who=clerk))["items"]
        assert (made["building"], made["unit"], made["room"]) == ("1栋", "1单元", "0601")
        assert (made["entered_by"], made["mine"]) == ("李秀兰", True)
        (seen,) = ok(estate.client.get(f"{estate.path}/forms", headers=estate.story.chair))["items"]
        assert seen == made | {"mine": False}

    def test_how_a_dwelling_votes_is_shown_to_who_compares_it_and_no_longer(
        self, estate: Estate, callers: Callers
    ) -> None:
        (form_id,) = entered(estate, estate.form(5, "against"))
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)

        def choice(who: Headers) -> str | None:
            (form,) = ok(estate.client.get(f"{estate.path}/forms", headers=who))["items"]
            assert form["room"] == "0601"
            found: str | None = form["choice"]
            return found

        assert (choice(estate.story.chair), choice(supervisor)) == ("against", None)
        ok(estate.confirm(form_id))
        assert (choice(estate.story.chair), choice(supervisor)) == (None, None)

    def test_a_dwelling_is_found_as_people_type_it_or_by_its_owner(self, estate: Estate) -> None:
        def search(q: str) -> list[str]:
            path = f"{estate.path}/owners-roll/search"
            found = ok(estate.client.get(path, params={"q": q}, headers=estate.story.clerk))
            assert (found["dwellings"], found["next_cursor"]) == (20, None)
            return sorted(line["room"] for line in found["items"])

        assert search("1-1-601") == search("1栋0601") == ["0601"]
        assert search("配偶") == ["0501"]
        assert search("居民0") == ["0101", "0201", "0301"]  # one owner, three flats
        assert search("没有这个人") == []


class TestEnter:
    def test_a_stack_is_entered_by_one_and_compared_by_another(self, estate: Estate) -> None:
        stack = ok(estate.enter(estate.form(5, "for"), estate.form(OWNERLESS, "against", reference="B-2")))
        assert (stack["recorded"], stack["label"]) == (True, LABEL)
        ids = [form["id"] for form in stack["items"]]
        assert {form["state"] for form in stack["items"]} == {"entered"}
        assert estate.entry(5)["voted"] is False
        refused(estate.confirm(*ids, who=estate.story.clerk), 403, "second_look_needed")
        confirmed = ok(estate.confirm(*ids))
        assert [(form["state"], form["overtaken"]) for form in confirmed["items"]] == [
            ("confirmed", False)
        ] * 2
        roll = {line["entry_id"]: line for line in estate.roll()}
        for number in (5, OWNERLESS):  # on paper an owner whom the roster does not know can vote too
            assert roll[estate.entry(number)["entry_id"]]["channel"] == "paper"
        refused(estate.confirm(*ids), 409, "form_wrong_state")
        refused(refuse(estate, ids[0]), 409, "form_wrong_state")

    def test_all_of_a_stack_or_none(self, estate: Estate) -> None:
        good, tomorrow = estate.form(5, "for"), (clock.now() + dt.timedelta(days=1)).isoformat()
        for bad, status, code in (
            (estate.form(6, "for", entry_id=MISSING), 404, "dwelling_not_found"),
            (estate.form(6, "for", handed_in_at=tomorrow), 422, "time_impossible"),
            (estate.form(6, "for", handed_in_at="2026-01-01T00:00:00+08:00"), 422, "time_impossible"),
            (estate.form(6, "for", handed_in_at=just_before_opening(estate)), 422, "time_impossible"),
            (good, 409, "form_entered_already"),
            (estate.form(6, "yes"), 422, "malformed_request"),
        ):
            refused(estate.enter(good, bad), status, code)
        assert ok(estate.client.get(f"{estate.path}/forms", headers=estate.story.clerk))["items"] == []

    def test_a_document_is_entered_once_unless_it_was_refused(self, estate: Estate) -> None:
        (form_id,) = entered(estate, estate.form(5, "for"))
        problem = refused(estate.enter(estate.form(5, "against")), 409, "form_entered_already")
        assert problem["reference"] == "B-1"
        told = ok(refuse(estate, form_id))["items"][0]
        assert (told["state"], told["reason"]) == ("refused", "没有签名")
        entered(estate, estate.form(5, "against"))

    def test_the_list_is_read_by_pages_and_by_state(self, estate: Estate) -> None:
        ids = entered(estate, *(estate.form(number, "for") for number in range(5, 10)))
        ok(estate.confirm(ids[0]))
        path, headers = f"{estate.path}/forms", estate.story.clerk
        page = ok(estate.client.get(path, params={"limit": 2}, headers=headers))
        assert (len(page["items"]), page["label"]) == (2, LABEL)
        params = {"limit": 9, "cursor": page["next_cursor"]}
        assert len(ok(estate.client.get(path, params=params, headers=headers))["items"]) == 3
        waiting = ok(estate.client.get(path, params={"state": "entered"}, headers=headers))
        assert {form["id"] for form in waiting["items"]} == set(ids[1:])
        for act in (estate.confirm(MISSING), estate.confirm(ids[1], MISSING), refuse(estate, MISSING)):
            refused(act, 404, "form_not_found")


class TestWaiting:
    def test_the_owners_see_at_once_what_was_entered_and_nobody_else_does(self, estate: Estate) -> None:
        ok(estate.vote(CO_OWNER, "for"))
        (made,) = ok(estate.enter(estate.form(CO_OWNER, "against")))["items"]
        for number in (CO_OWNER, SPOUSE):
            (dwelling,) = estate.my_votes(number)["dwellings"]
            assert dwelling["waiting"] == [
                {name: made[name] for name in ("choice", "reference", "handed_in_at", "entered_at")}
            ]
            assert dwelling["vote"]["choice"] == "for"
        assert estate.my_votes(5)["dwellings"][0]["waiting"] == []

    def test_it_waits_until_it_is_confirmed_or_refused(self, estate: Estate) -> None:
        one, two = entered(estate, estate.form(5, "for"), estate.form(5, "against", reference="B-2"))

        def waiting() -> list[str]:
            return [form["reference"] for form in estate.my_votes(5)["dwellings"][0]["waiting"]]

        assert waiting() == ["B-1", "B-2"]
        ok(estate.confirm(one))
        assert waiting() == ["B-2"]
        ok(refuse(estate, two))
        assert waiting() == []


class TestNotice:
    def test_each_owner_with_a_phone_is_told_once_of_a_stack(self, estate: Estate, wiring: Wiring) -> None:
        Worker(wiring).drain()
        numbers = (0, 1, CO_OWNER, OWNERLESS)  # 0 and 1 have one owner, whose phone stands once on the roster
        entered(estate, *(estate.form(number, "for", reference=f"B-{number}") for number in numbers))
        sms = Sms()
        Worker(replace(wiring, sms=sms)).drain()
        assert sorted(to for to, _, _ in sms.sent) == sorted(map(phone, (0, CO_OWNER, SPOUSE)))
        assert {template for _, template, _ in sms.sent} == {"owners_paper_entered"}
        assert all(params == {"round": "中心广场改造"} for _, _, params in sms.sent)

    def test_an_owner_whose_dwelling_stands_without_the_phone_is_told_on_it(
        self, estate: Estate, wiring: Wiring
    ) -> None:
        entered(estate, estate.form(1, "for"))
        sms = Sms()
        Worker(replace(wiring, sms=sms)).drain()
        assert [to for to, _, _ in sms.sent] == [phone(0)]

    def test_nothing_is_sent_of_a_stack_that_was_not_taken(self, estate: Estate, wiring: Wiring) -> None:
        refused(estate.enter(estate.form(5, "for"), estate.form(5, "for")), 409, "form_entered_already")
        sms = Sms()
        Worker(replace(wiring, sms=sms)).drain()
        assert sms.sent == []


class TestPrecedence:
    def test_the_owners_later_act_wins(self, estate: Estate) -> None:
        start = clock.now()

        def at(seconds: float) -> str:
            return (start + dt.timedelta(seconds=seconds)).isoformat()

        first, second = entered(
            estate,
            estate.form(5, "against", handed_in_at=at(0)),
            estate.form(6, "against", reference="B-2", handed_in_at=at(0)),
        )
        ok(estate.vote(5, "for"))  # after the form was handed in, before it is compared
        told = ok(estate.confirm(first, second))["items"]
        assert {form["id"]: form["overtaken"] for form in told} == {first: True, second: False}
        mine = estate.my_votes(5)["dwellings"][0]
        assert (mine["vote"]["choice"], mine["vote"]["version"]) == ("for", 1)
        assert [(act["channel"], act["version"], act["in_force"]) for act in mine["history"]] == [
            ("online", 1, True),
            ("paper", None, False),
        ]
        listed = ok(estate.client.get(f"{estate.path}/forms", headers=estate.story.clerk))["items"]
        assert {form["id"]: form["overtaken"] for form in listed} == {first: True, second: False}
        (later,) = entered(estate, estate.form(5, "abstain", reference="B-9"))
        ok(estate.confirm(later))
        assert estate.my_votes(5)["dwellings"][0]["vote"]["choice"] == "abstain"

    def test_a_form_ends_the_proxy_that_was_given_before_it(self, estate: Estate) -> None:
        before = ok(estate.proxy(5, TENANT))["proxy"]["id"]
        ok(estate.use(TENANT, before, "against"))
        (form_id,) = entered(estate, estate.form(5, "for"))
        ok(estate.confirm(form_id))
        assert estate.my_votes(5)["dwellings"][0]["vote"]["channel"] == "paper"
        refused(estate.use(TENANT, before, "against"), 409, "proxy_wrong_state")

    def test_and_leaves_the_one_that_was_given_after_it(self, estate: Estate) -> None:
        (form_id,) = entered(estate, estate.form(5, "for"))
        after = ok(estate.proxy(5, TENANT))["proxy"]["id"]
        ok(estate.use(TENANT, after, "against"))
        assert ok(estate.confirm(form_id))["items"][0]["overtaken"] is True
        ok(estate.use(TENANT, after, "abstain"))

    def test_a_form_of_one_owner_does_not_end_the_proxy_of_another_but_is_not_overtaken(
        self, estate: Estate
    ) -> None:
        proxy_id = ok(estate.proxy(CO_OWNER, TENANT))["proxy"]["id"]
        (form_id,) = entered(estate, estate.form(CO_OWNER, "for"))
        ok(estate.confirm(form_id))
        refused(estate.use(TENANT, proxy_id, "against"), 409, "proxy_overtaken")

    def test_two_forms_of_one_dwelling_in_one_stack(self, estate: Estate) -> None:
        early = (clock.now()).isoformat()
        ids = entered(
            estate, estate.form(5, "for", reference="B-2"), estate.form(5, "against", handed_in_at=early)
        )
        told = ok(estate.confirm(*ids))["items"]
        assert [form["overtaken"] for form in told] == [
            False,
            False,
        ]  # taken in the order they were handed in
        assert estate.my_votes(5)["dwellings"][0]["vote"]["choice"] == "for"


class TestAfterTheEnd:
    def test_what_was_entered_is_compared_and_then_it_is_counted(
        self, estate: Estate, drain: Callable[[], int]
    ) -> None:
        one, two, three = entered(
            estate, *(estate.form(number, "for", reference=f"B-{number}") for number in (5, 6, 7))
        )
        estate.close()
        drain()
        assert ok(estate.client.get(estate.path))["status"] == "closed"
        refused(estate.enter(estate.form(8, "for")), 409, "round_closed")
        ok(estate.confirm(one))
        refused(estate.client.get(f"{estate.path}/decision"), 404, "no_decision_yet")
        ok(refuse(estate, two))
        assert ok(estate.client.get(estate.path))["status"] == "closed"
        ok(estate.confirm(three))
        assert ok(estate.client.get(estate.path))["status"] == "announced"
        assert estate.decision()["in_favour"]["heads"] == 2
        refused(estate.confirm(three), 409, "round_not_open")

    def test_it_is_counted_too_when_the_last_one_is_refused(
        self, estate: Estate, drain: Callable[[], int]
    ) -> None:
        (form_id,) = entered(estate, estate.form(5, "for"))
        estate.close()
        drain()
        ok(refuse(estate, form_id))
        assert estate.decision()["taken_part"]["heads"] == 0

    @pytest.mark.parametrize("door", ["closed", "announced_minute"])
    def test_a_form_never_replaces_what_the_owner_said_online(
        self, estate: Estate, drain: Callable[[], int], settings: Settings, callers: Callers, door: str
    ) -> None:
        """Two of the staff who agree cannot enter a form late, and confirm it when the owner can do nothing more."""
        ok(estate.vote(5, "for"))
        online, absent = entered(
            estate, *(estate.form(number, "against", reference=f"B-{number}") for number in (5, 6))
        )  # handed in, as they say, after the owner of 5 voted
        if door == "closed":
            estate.close()
            drain()
            told = ok(estate.confirm(online, absent))
        else:  # the minute has come, and nobody has closed the round yet
            settings.manual_round_times = False
            with clock.frozen(dt.datetime.fromisoformat(ok(estate.client.get(estate.path))["closes_at"])):
                told = ok(estate.confirm(online, absent, who=callers.staff(Role.RC_CHAIR, COMMUNITY)))
        assert {form["id"]: form["overtaken"] for form in told["items"]} == {online: True, absent: False}
        listed = ok(estate.client.get(f"{estate.path}/forms", headers=estate.story.clerk))["items"]
        assert {form["id"]: form["overtaken"] for form in listed} == {online: True, absent: False}
        (mine,) = estate.my_votes(5)["dwellings"]
        assert (mine["vote"]["choice"], mine["vote"]["channel"], mine["waiting"]) == ("for", "online", [])
        assert [(act["channel"], act["version"], act["in_force"]) for act in mine["history"]] == [
            ("online", 1, True),
            ("paper", None, False),
        ]
        assert estate.my_votes(6)["dwellings"][0]["vote"]["choice"] == "against"
        if door == "closed":
            made = estate.decision()
            assert (made["in_favour"]["heads"], made["against"]["heads"]) == (1, 1)

    def test_nor_what_somebody_said_by_the_proxy_the_owner_gave_online(
        self, estate: Estate, drain: Callable[[], int]
    ) -> None:
        proxy_id = ok(estate.proxy(5, TENANT))["proxy"]["id"]
        ok(estate.use(TENANT, proxy_id, "for"))
        (form_id,) = entered(estate, estate.form(5, "against"))
        estate.close()
        drain()
        assert ok(estate.confirm(form_id))["items"][0]["overtaken"] is True
        assert estate.my_votes(5)["dwellings"][0]["vote"]["channel"] == "proxy"
        (given,) = ok(estate.client.get(f"{estate.path}/my-proxies", headers=estate.owner(5)))["given"]
        assert given["state"] == "used"  # it is not ended by what has no effect
        assert estate.decision()["in_favour"]["heads"] == 1

    def test_one_of_two_owners_online_is_enough_and_another_form_is_none(
        self, estate: Estate, drain: Callable[[], int]
    ) -> None:
        ok(estate.vote(SPOUSE, "for"))
        both = entered(estate, estate.form(CO_OWNER, "against"), estate.form(6, "against", reference="B-2"))
        (again,) = entered(estate, estate.form(6, "abstain", reference="B-3"))
        ok(estate.confirm(both[1]))
        estate.close()
        drain()
        told = ok(estate.confirm(both[0], again))["items"]
        assert {form["id"]: form["overtaken"] for form in told} == {both[0]: True, again: False}
        assert estate.my_votes(6)["dwellings"][0]["vote"]["choice"] == "abstain"

    def test_before_the_end_a_later_form_still_takes_the_place_of_an_online_vote(
        self, estate: Estate
    ) -> None:
        ok(estate.vote(5, "for"))
        (form_id,) = entered(estate, estate.form(5, "against"))
        assert ok(estate.confirm(form_id))["items"][0]["overtaken"] is False
        assert estate.my_votes(5)["dwellings"][0]["vote"]["choice"] == "against"
        ok(estate.vote(5, "for"))  # and the owner who sees it says it again
        assert estate.my_votes(5)["dwellings"][0]["vote"]["channel"] == "online"
