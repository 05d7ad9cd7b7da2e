"""Voting with a one-time code: an elder on a device of their own, or a granddaughter on hers, for minutes.

The trap others fell into: a helper mode that leaves the helper logged in as the resident.
"""

import datetime as dt
import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.core import clock
from app.core.config import Settings, SmsGateway
from app.core.db import Database
from tests.callers import Callers, Headers
from tests.elders import code_for, elder_row, enter, with_code
from tests.story import COMMUNITY, Story, csv_bytes, ok, refused, roster_row

GRANDDAUGHTER = 1
ELDER = 2


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    """People with phones, and in dwelling 2 an elder without."""
    made = Story(client, callers)
    made.import_roster(csv_bytes([roster_row(0), roster_row(1), elder_row(2, 姓名="王桂芳")]))
    return made


@pytest.fixture
def projects(story: Story) -> list[str]:
    return story.published_projects([300_000, 400_000, 500_000])


@pytest.fixture
def round_id(story: Story, projects: list[str]) -> str:
    return story.open_round(projects)


def envelopes(database: Database) -> list[tuple[int, bool, bool]]:
    """(version, cast with a code, assisted) of what was cast."""
    with database.reading() as session:
        rows = session.execute(text("SELECT version, with_code, assisted FROM envelope ORDER BY version"))
        return [(version, bool(code), bool(helped)) for version, code, helped in rows]


def participation(story: Story, round_id: str, who: Headers) -> httpx.Response:
    answer: httpx.Response = story.client.get(f"/api/v1/rounds/{round_id}/my-participation", headers=who)
    return answer


def closed(story: Story, round_id: str) -> dict[str, Any]:
    ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
    entries = ok(story.client.get(f"/board/v1/rounds/{round_id}"))["entries"]
    (body,) = [entry["body"] for entry in entries if entry["kind"] == "closed"]
    assert isinstance(body, dict)
    return body


class TestCast:
    def test_a_granddaughter_helps_on_her_phone_and_stays_herself(
        self, story: Story, round_id: str, projects: list[str], database: Database, drain: Callable[[], int]
    ) -> None:
        herself = story.resident(GRANDDAUGHTER)
        ok(story.cast(round_id, herself, projects[:1]))
        helping = with_code(story, code_for(story, ELDER, round_id=round_id), helping=True)
        assert ok(participation(story, round_id, helping))["taken_part"] is False  # the elder's, not hers
        assert ok(story.cast(round_id, helping, projects[1:2]))["version"] == 1
        assert ok(participation(story, round_id, helping))["taken_part"] is True
        ok(story.client.delete("/api/v1/auth/session", headers=helping))
        refused(participation(story, round_id, helping), 401, "token_invalid")
        refused(story.cast(round_id, helping, projects[2:]), 401, "token_invalid")
        # her own sign-in never noticed
        assert ok(story.cast(round_id, herself, projects[2:]))["version"] == 2
        assert envelopes(database) == [(1, True, True), (2, False, False)]
        turnout = f"/api/v1/rounds/{round_id}/turnout"
        channels = {"own": 1, "with_code": 0, "assisted": 1, "on_paper": 0}
        assert ok(story.client.get(turnout, headers=story.clerk))["channels"] == channels
        told = closed(story, round_id)
        assert (told["envelopes"], told["cast_with_codes"], told["assisted"]) == (2, 1, 1)
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        drain()
        assert ok(story.client.get(f"/api/v1/rounds/{round_id}/result"))["ballots_counted"] == 2
        after = ok(
            story.client.get(turnout, headers=story.clerk)
        )  # the envelopes are gone; what was posted is not
        assert (after["lines"], after["taken_part"], after["channels"]) == ([], 2, channels)

    def test_it_ends_by_itself(self, story: Story, round_id: str, projects: list[str]) -> None:
        code = code_for(story, ELDER)
        now = clock.now()
        with clock.frozen(now):
            helping = with_code(story, code, helping=True)
        with clock.frozen(now + dt.timedelta(minutes=14, seconds=50)):
            ok(story.cast(round_id, helping, projects[:1]))
        with clock.frozen(now + dt.timedelta(minutes=15)):
            refused(story.cast(round_id, helping, projects[1:]), 401, "token_expired")
            refused(participation(story, round_id, helping), 401, "token_expired")
            refused(enter(story, code, helping=True), 401, "wrong_code")

    def test_the_elder_replaces_it_and_then_nobody_helped(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        helping = with_code(story, code_for(story, ELDER), helping=True)
        first = ok(story.cast(round_id, helping, projects[:1]))
        herself = with_code(story, code_for(story, ELDER))  # on a tablet at the committee, say
        refused(story.cast(round_id, helping, projects[2:]), 401, "token_invalid")
        second = ok(story.cast(round_id, herself, projects[1:2], **{"If-Match": '"1"'}))
        assert (first["entry_id"], second["version"]) == (second["entry_id"], 2)
        assert envelopes(database) == [(2, True, False)]
        told = closed(story, round_id)
        assert (told["cast_with_codes"], told["assisted"]) == (1, 0)

    def test_somebody_with_a_phone_replaces_what_was_cast_with_a_code(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        helping = with_code(story, code_for(story, 0), helping=True)
        ok(story.cast(round_id, helping, projects[:1]))
        assert ok(story.cast(round_id, story.resident(0), projects[1:2]))["version"] == 2
        assert envelopes(database) == [(2, False, False)]
        told = closed(story, round_id)
        assert (told["envelopes"], told["cast_with_codes"], told["assisted"]) == (1, 0, 0)

    def test_a_lost_answer_can_be_had_again(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        helping = with_code(story, code_for(story, ELDER), helping=True)
        body = {"ranking": projects[:2], "secret": secrets.token_hex(16)}
        path = f"/api/v1/rounds/{round_id}/my-ballot"
        answers = [
            ok(story.client.put(path, json=body, headers={**helping, "Idempotency-Key": "once"}))
            for _ in range(3)
        ]
        assert answers[0] == answers[1] == answers[2]
        assert envelopes(database) == [(1, True, True)]

    def test_past_the_fast_lane_it_is_the_same(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        helping = with_code(story, code_for(story, ELDER), helping=True)
        body = {"ranking": projects[:1], "secret": secrets.token_hex(16)}
        slow = {"Content-Type": "application/json; charset=utf-8"}
        ok(story.client.put(f"/api/v1/rounds/{round_id}/my-ballot", json=body, headers={**helping, **slow}))
        assert envelopes(database) == [(1, True, True)]

    def test_only_in_the_round_the_code_is_for(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        other = story.open_round(story.published_projects([100_000]))
        helping = with_code(story, code_for(story, ELDER, round_id=other), helping=True)
        refused(story.cast(round_id, helping, projects[:1]), 403, "code_for_another_round")
        refused(participation(story, round_id, helping), 403, "code_for_another_round")
        withdrawn = story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=helping)
        refused(withdrawn, 403, "code_for_another_round")
        assert envelopes(database) == []
        ok(participation(story, other, helping))
        anywhere = with_code(story, code_for(story, ELDER), helping=True)
        ok(story.cast(round_id, anywhere, projects[:1]))

    def test_it_opens_nothing_else(self, story: Story, round_id: str, projects: list[str]) -> None:
        helping = with_code(story, code_for(story, ELDER), helping=True)
        own = with_code(story, code_for(story, 0))
        objection = {"grounds": "noise", "effect": "窗下施工", "wish": "改线"}
        registration = {"name": "李四", "phone": "13900000000", "building": "1栋", "room": "0101"}
        for method, path, body in (
            ("POST", f"/api/v1/projects/{projects[0]}/objections", objection),
            ("GET", "/api/v1/me/objections", None),
            ("POST", f"/api/v1/communities/{COMMUNITY}/registrations", registration),
            ("GET", f"/api/v1/communities/{COMMUNITY}/residents", None),
            ("GET", f"/api/v1/rounds/{round_id}/turnout", None),
            ("POST", f"/api/v1/communities/{COMMUNITY}/paper-codes", {"building_id": projects[0]}),
        ):
            for who in (helping, own):
                answer = story.client.request(method, path, json=body, headers=who)
                refused(answer, 403, "not_allowed")
        for path in ("/api/v1/me", "/api/v1/me/memberships"):
            refused(story.client.get(path, headers=helping), 403, "not_allowed")
            ok(story.client.get(path, headers=own))
        ok(story.client.get(f"/api/v1/rounds/{round_id}", headers=helping))  # what anybody may read

    def test_it_can_be_withdrawn(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        helping = with_code(story, code_for(story, ELDER), helping=True)
        ok(story.cast(round_id, helping, projects[:1]))
        withdrawn = story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=helping)
        assert ok(withdrawn)["withdrawn"] is True
        assert envelopes(database) == [(2, True, True)]
        told = closed(story, round_id)
        assert (told["cast_with_codes"], told["assisted"], told["withdrawn_with_codes"]) == (0, 0, 1)

    def test_a_withdrawal_behind_ones_back_is_seen_and_can_be_made_good(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        # staff who hold codes take two ballots away; one of the two people votes again
        for number in (0, GRANDDAUGHTER):
            ok(story.cast(round_id, story.resident(number), projects[:1]))
            behind = with_code(story, code_for(story, number))
            ok(story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=behind))
        assert envelopes(database) == [(2, True, False)] * 2
        ok(story.cast(round_id, story.resident(0), projects[1:]))
        ok(story.cast(round_id, with_code(story, code_for(story, ELDER)), projects[:1]))
        told = closed(story, round_id)
        assert (told["envelopes"], told["cast_with_codes"], told["withdrawn_with_codes"]) == (2, 1, 1)

    def test_a_withdrawal_from_ones_own_phone_is_not_counted(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        ok(story.cast(round_id, with_code(story, code_for(story, 0)), projects[:1]))
        ok(story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=story.resident(0)))
        assert envelopes(database) == [(2, False, False)]
        assert closed(story, round_id)["withdrawn_with_codes"] == 0

    def test_whoever_moved_out_has_no_ballot(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        me = with_code(story, code_for(story, ELDER))
        story.import_roster(csv_bytes([roster_row(0), roster_row(1)]))
        refused(story.cast(round_id, me, projects[:1]), 403, "not_on_the_roll")
        refused(participation(story, round_id, me), 403, "not_on_the_roll")
        assert ok(story.client.get("/api/v1/me/memberships", headers=me)) == {"items": []}
        assert envelopes(database) == []

    def test_of_a_household_the_one_ballot_is_replaced(
        self, client: TestClient, callers: Callers, database: Database
    ) -> None:
        story = Story(client, callers)
        same = {"楼栋": "1栋", "房号": "0101"}
        story.import_roster(
            csv_bytes([roster_row(0, **same), elder_row(1, **same, 户代表="否"), roster_row(2)])
        )
        ids = story.published_projects([300_000, 400_000])
        round_id = story.open_round(ids, electorate="household")
        ok(story.cast(round_id, story.resident(0), ids[:1]))
        path = f"/api/v1/communities/{COMMUNITY}/residents"
        (elder,) = [
            each["id"] for each in ok(client.get(path, headers=story.clerk))["items"] if each["phone"] is None
        ]
        made = client.post(
            f"/api/v1/communities/{COMMUNITY}/paper-codes",
            json={"resident_ids": [elder]},
            headers=story.clerk,
        )
        me = with_code(story, ok(made)["items"][0]["code"])
        assert ok(participation(story, round_id, me))["taken_part"] is True
        assert ok(story.cast(round_id, me, ids[1:]))["version"] == 2
        assert envelopes(database) == [(2, True, False)]

    def test_many_at_once_each_for_their_own_elder(
        self, client: TestClient, callers: Callers, database: Database
    ) -> None:
        count = 12
        story = Story(client, callers)
        rows = [elder_row(each) if each % 2 else roster_row(each) for each in range(count)]
        story.import_roster(csv_bytes(rows))
        projects = story.published_projects([300_000, 400_000])
        round_id = story.open_round(projects)
        voters = [
            with_code(story, code_for(story, each), helping=each % 4 == 1)
            if each % 2
            else story.resident(each)
            for each in range(count)
        ]
        with ThreadPoolExecutor(count) as pool:
            answers = list(pool.map(lambda who: ok(story.cast(round_id, who, projects)), voters))
        assert len({each["entry_id"] for each in answers}) == count
        assert (
            sorted(envelopes(database))
            == [(1, False, False)] * 6 + [(1, True, False)] * 3 + [(1, True, True)] * 3
        )
        told = closed(story, round_id)
        assert (told["envelopes"], told["cast_with_codes"], told["assisted"]) == (12, 6, 3)

    def test_two_uses_of_one_code_at_once_are_one_vote(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        code = code_for(story, ELDER)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: enter(story, code, helping=True), range(6)))
        assert sorted(each.status_code for each in answers) == [200] + [401] * 5
        (good,) = [each.json()["access_token"] for each in answers if each.is_success]
        ok(story.cast(round_id, {"Authorization": f"Bearer {good}"}, projects[:1]))
        assert envelopes(database) == [(1, True, True)]


class TestTraces:
    def test_neither_code_nor_name_stands_in_record_log_or_any_table(
        self, story: Story, round_id: str, projects: list[str], database: Database, drain: Callable[[], int],
        capfd: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        code = code_for(story, ELDER, round_id=round_id)
        refused(enter(story, "ABCDE-FGHJK", helping=True), 401, "wrong_code")
        helping = with_code(story, code, helping=True)
        ok(story.cast(round_id, helping, projects[:1]))
        told = closed(story, round_id)
        drain()
        with database.reading() as session:
            tables = [table.name for table in __import__("app.tables").tables.metadata.sorted_tables]
            everything = "\n".join(
                repr(tuple(row))
                for name in tables
                for row in session.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608
            )
        logged = capfd.readouterr()
        for where in (everything, str(told), logged.out, logged.err):
            for canary in (code, code.replace("-", ""), "ABCDE-FGHJK", "ABCDEFGHJK", "王桂芳", "testclient"):
                assert canary not in where

    def test_the_record_does_not_tell_an_assisted_vote_from_another(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        ok(story.cast(round_id, with_code(story, code_for(story, ELDER), helping=True), projects[:1]))
        with database.reading() as session:
            (row,) = session.execute(
                text("SELECT at, actor, subject, facts FROM audit_entry WHERE tag = 'ballots:cast'")
            ).all()
        assert (row.at, row.actor, row.subject) == (None, "system", f"round:{round_id}")
        assert set(json.loads(row.facts)) == {"count", "root"}


class TestWithoutGateway:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"sms_gateway": SmsGateway.NONE})

    def test_people_vote_all_the_same(
        self, story: Story, round_id: str, projects: list[str], drain: Callable[[], int], database: Database
    ) -> None:
        refused(
            story.client.post("/api/v1/auth/codes", json={"phone": "13900000000"}), 503, "sms_unavailable"
        )
        for number in (0, ELDER):
            me = with_code(story, code_for(story, number))
            ok(story.cast(round_id, me, projects[: number + 1]))
        drain()
        with database.reading() as session:
            dead = session.execute(
                text("SELECT COUNT(*) FROM outbox_message WHERE dead_at IS NOT NULL")
            ).scalar_one()
        assert dead == 0
        assert closed(story, round_id)["cast_with_codes"] == 2
