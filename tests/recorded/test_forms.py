"""Votes on paper: two people, the owner's later act, and waiting after the end."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core import clock
from tests.callers import Callers
from tests.recorded.estate import CO_OWNER, LABEL, OWNERLESS, TENANT, Estate, opened
from tests.story import ok, refused

MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def estate(client: TestClient, callers: Callers) -> Estate:
    return opened(client, callers)


def refuse(estate: Estate, *form_ids: str) -> Any:
    body = {"form_ids": list(form_ids), "reason": "没有签名"}
    return estate.client.post(f"{estate.path}/forms/refuse", json=body, headers=estate.story.chair)


def entered(estate: Estate, *items: dict[str, Any]) -> list[str]:
    return [form["id"] for form in ok(estate.enter(*items))["items"]]


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
