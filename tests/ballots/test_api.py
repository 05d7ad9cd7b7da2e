"""Casting, replacing, withdrawing, and everything that is refused without leaving a trace."""

import base64
import re
import secrets
import sys
import uuid
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.roles import Role
from app.ballots.rules import envelope_statement
from app.core import clock
from app.core.db import Database
from app.core.signer import verifies
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, refused, roster_row


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(3)


@pytest.fixture
def projects(story: Story) -> list[str]:
    return story.published_projects([300_000, 400_000, 500_000, 200_000])


@pytest.fixture
def round_id(story: Story, projects: list[str]) -> str:
    return story.open_round(projects)


def envelopes(database: Database) -> list[tuple[int, bool]]:
    with database.reading() as session:
        rows = session.execute(text("SELECT version, ciphertext IS NULL FROM envelope ORDER BY version"))
        return [(version, bool(empty)) for version, empty in rows]


class TestCast:
    def test_the_receipt_is_the_services_signature_over_the_envelope(
        self, story: Story, round_id: str, projects: list[str]
    ) -> None:
        receipt = ok(story.cast(round_id, story.resident(0), projects[:2]))
        statement = envelope_statement(
            round_id=uuid.UUID(receipt["round_id"]),
            entry_id=uuid.UUID(receipt["entry_id"]),
            version=receipt["version"],
            ciphertext_hash=receipt["envelope_hash"],
        )
        key, signature = base64.b64decode(receipt["signed_with"]), base64.b64decode(receipt["signature"])
        assert verifies(key, signature, statement)
        assert not verifies(key, signature, statement + b" ")
        assert "ranking" not in receipt

    def test_the_same_request_again_gives_the_same_receipt(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        me, body = story.resident(0), {"ranking": projects[:2], "secret": secrets.token_hex(16)}
        path = f"/api/v1/rounds/{round_id}/my-ballot"
        answers = [
            ok(story.client.put(path, json=body, headers={**me, "Idempotency-Key": "once"})) for _ in range(3)
        ]
        assert answers[0] == answers[1] == answers[2]
        assert envelopes(database) == [(1, False)]

    def test_a_late_retry_does_not_bring_the_old_ballot_back(
        self, story: Story, round_id: str, projects: list[str]
    ) -> None:
        me, path = story.resident(0), f"/api/v1/rounds/{round_id}/my-ballot"
        first = {"ranking": projects[:1], "secret": secrets.token_hex(16)}
        ok(story.client.put(path, json=first, headers=me))
        ok(story.cast(round_id, me, projects[1:2]))
        refused(story.client.put(path, json=first, headers=me), 412, "ballot_changed")

    def test_replacing_asks_for_the_version_if_the_phone_names_one(
        self, story: Story, round_id: str, projects: list[str]
    ) -> None:
        me = story.resident(0)
        assert ok(story.cast(round_id, me, projects[:1], **{"If-Match": '"0"'}))["version"] == 1
        refused(story.cast(round_id, me, projects[1:2], **{"If-Match": '"0"'}), 412, "ballot_changed")
        assert ok(story.cast(round_id, me, projects[1:2], **{"If-Match": '"1"'}))["version"] == 2
        refused(story.cast(round_id, me, projects[:1], **{"If-Match": "soon"}), 422, "bad_etag")

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"ranking": [str(uuid.uuid4())]}, 422, "unknown_project"),
            ({"ranking": "twice"}, 422, "repeated_project"),
            ({"ranking": "all"}, 422, "too_many_ranks"),
            ({"ranking": []}, 422, "malformed_request"),
            ({"ranking": ["１２３"]}, 422, "malformed_request"),
            ({"secret": "ｆ" * 32}, 422, "malformed_request"),
            ({"secret": "00"}, 422, "malformed_request"),
            ({"weight": 3}, 422, "malformed_request"),
        ],
    )
    def test_a_wrong_ballot_is_refused_and_leaves_nothing(
        self, story: Story, round_id: str, projects: list[str], database: Database,
        change: dict[str, object], status: int, code: str,
    ) -> None:  # fmt: skip
        body: dict[str, object] = {"ranking": projects[:1], "secret": secrets.token_hex(16)} | change
        if body["ranking"] == "twice":
            body["ranking"] = [projects[0], projects[0]]
        if body["ranking"] == "all":
            body["ranking"] = projects
        answer = story.client.put(
            f"/api/v1/rounds/{round_id}/my-ballot", json=body, headers=story.resident(0)
        )
        refused(answer, status, code)
        assert envelopes(database) == []

    def test_only_those_on_the_roll_may(self, story: Story, round_id: str, projects: list[str]) -> None:
        refused(story.cast(round_id, story.resident(99), projects[:1]), 403, "not_on_the_roll")
        refused(story.cast(round_id, story.clerk, projects[:1]), 403, "not_allowed")
        refused(story.cast(round_id, {}, projects[:1]), 401, "not_signed_in")

    def test_somebody_of_another_community_may_not(
        self, client: TestClient, callers: Callers, story: Story, round_id: str, projects: list[str]
    ) -> None:
        other = Story(client, callers, NEIGHBOUR)
        other.import_roster(csv_bytes([roster_row(7)]))
        refused(story.cast(round_id, other.resident(7), projects[:1]), 403, "not_on_the_roll")

    def test_a_round_that_is_not_open_takes_nothing(self, story: Story, projects: list[str]) -> None:
        published = story.publish_round(projects)
        body = refused(story.cast(published, story.resident(0), projects[:1]), 409, "round_not_open")
        assert body["state"] == "published"
        draft = story.draft_round(projects)
        refused(story.cast(draft, story.resident(0), projects[:1]), 404, "round_not_found")
        refused(story.cast(str(uuid.uuid4()), story.resident(0), projects[:1]), 404, "round_not_found")

    def test_nothing_is_taken_after_the_announced_minute_even_before_anybody_closes(
        self, story: Story, round_id: str, projects: list[str]
    ) -> None:
        import datetime as dt

        closes = dt.datetime.fromisoformat(ok(story.client.get(f"/api/v1/rounds/{round_id}"))["closes_at"])
        me = story.resident(0)
        with clock.frozen(closes - dt.timedelta(seconds=1)):
            me = story.callers.resident("13900000000")
            ok(story.cast(round_id, me, projects[:1]))
        with clock.frozen(closes):
            refused(story.cast(round_id, me, projects[:1]), 409, "round_closed")

    def test_a_body_that_is_too_large_is_refused(self, story: Story, round_id: str) -> None:
        answer = story.client.put(
            f"/api/v1/rounds/{round_id}/my-ballot", content=b"[" + b"1," * 200_000, headers=story.resident(0)
        )
        refused(answer, 413, "body_too_large")


class TestWithdraw:
    def test_a_withdrawn_ballot_is_not_counted_and_can_be_cast_again(
        self, story: Story, round_id: str, projects: list[str], database: Database, drain: Callable[[], int]
    ) -> None:
        me, path = story.resident(0), f"/api/v1/rounds/{round_id}/my-ballot"
        refused(story.client.delete(path, headers=me), 404, "no_ballot")
        receipt = ok(story.cast(round_id, me, projects[:1]))
        assert ok(story.client.delete(path, headers=me))["withdrawn"] is True
        assert envelopes(database) == [(2, True)]
        participation = ok(story.client.get(f"/api/v1/rounds/{round_id}/my-participation", headers=me))
        assert participation == {
            "on_the_roll": True, "taken_part": False, "version": 2, "on_paper": False, "entry_id": receipt["entry_id"],
        }  # fmt: skip
        ok(story.cast(round_id, story.resident(1), projects[1:2]))
        assert story.finish(round_id, drain)["ballots_counted"] == 1


class TestTurnout:
    def test_staff_see_who_came_by_building_and_nobody_sees_how(
        self, story: Story, round_id: str, projects: list[str], callers: Callers
    ) -> None:
        ok(story.cast(round_id, story.resident(0), projects[:1]))
        path = f"/api/v1/rounds/{round_id}/turnout"
        seen = ok(story.client.get(path, headers=story.clerk))
        assert (seen["on_roll"], seen["taken_part"]) == (3, 1)
        (line,) = seen["lines"]
        assert (line["building"], [(each["unit"], each["on_roll"], each["taken_part"]) for each in line["units"]]) == (
            "1栋", [("1单元", 3, 1)],
        )  # fmt: skip
        assert (seen["electorate"], seen["channels"]) == (
            "person", {"own": 1, "with_code": 0, "assisted": 0, "on_paper": 0},
        )  # fmt: skip
        refused(story.client.get(path), 401, "not_signed_in")
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.get(path, headers=stranger), 404, "round_not_found")

    def test_by_unit_as_people_count_and_only_for_those_who_go_there(
        self, client: TestClient, callers: Callers
    ) -> None:
        story = Story(client, callers)
        homes = [("2栋", "1单元"), ("10栋", "2单元"), ("10栋", "10单元"), ("10栋", "2单元")]
        story.import_roster(
            csv_bytes([roster_row(n, 楼栋=building, 单元=unit) for n, (building, unit) in enumerate(homes)])
        )
        ids = story.published_projects([300_000, 400_000])
        round_id = story.open_round(ids)
        for number in (1, 2):
            ok(story.cast(round_id, story.resident(number), ids[:1]))
        path = f"/api/v1/rounds/{round_id}/turnout"
        lines = ok(client.get(path, headers=story.clerk))["lines"]
        units = [[(each["unit"], each["taken_part"]) for each in line["units"]] for line in lines]
        assert [(line["building"], line["on_roll"], line["taken_part"]) for line in lines] == [
            ("2栋", 1, 0), ("10栋", 3, 2),
        ]  # fmt: skip
        assert units == [[("1单元", 0)], [("2单元", 1), ("10单元", 1)]]
        for role, over in ((Role.SUPERVISOR, COMMUNITY), (Role.SUBDISTRICT_OFFICER, SUBDISTRICT)):
            seen = ok(client.get(path, headers=callers.staff(role, over)))
            assert [(line["taken_part"], line["units"]) for line in seen["lines"]] == [(0, []), (2, [])]

    def test_a_large_round_is_counted_once_for_all_who_ask(
        self, story: Story, round_id: str, projects: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules["app.ballots.service.turnout"], "SHARED_FROM", 1)
        path = f"/api/v1/rounds/{round_id}/turnout"

        def count() -> int:
            return int(ok(story.client.get(path, headers=story.clerk))["taken_part"])

        assert count() == 0
        ok(story.cast(round_id, story.resident(0), projects[:1]))
        assert count() == 0
        app = story.callers.app
        app.state.turnout_counts.clear()  # ten seconds later
        assert count() == 1

    def test_each_committee_sees_its_own_part_of_a_common_round(
        self, client: TestClient, callers: Callers
    ) -> None:
        here, there = Story(client, callers), Story(client, callers, community=NEIGHBOUR)
        here.with_residents(3)
        there.import_roster(csv_bytes([roster_row(number) for number in (10, 11)]))
        street = callers.staff(Role.RC_STAFF, SUBDISTRICT, also=(Role.RC_CHAIR,))
        ids = here.published_projects([300_000])
        body = here.round_body(ids, division_code=SUBDISTRICT, community_codes=[COMMUNITY, NEIGHBOUR])
        round_id = ok(client.post("/api/v1/rounds", json=body, headers=street))["id"]
        path = f"/api/v1/rounds/{round_id}"
        ok(client.post(f"{path}/publish", headers=street))
        ok(client.post(f"{path}/approve", headers=callers.staff(Role.RC_CHAIR, SUBDISTRICT)))
        ok(client.post(f"{path}/open", headers=street))
        ok(here.cast(round_id, here.resident(0), ids))
        seen = [ok(client.get(f"{path}/turnout", headers=who)) for who in (here.clerk, there.clerk, street)]
        assert [(each["on_roll"], each["taken_part"], each["channels"]["own"]) for each in seen] == [
            (3, 1, 1), (2, 0, 0), (5, 1, 1),
        ]  # fmt: skip


class TestHousehold:
    def test_two_phones_of_one_household_have_one_ballot(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        story = Story(client, callers)
        same = {"楼栋": "1栋", "房号": "0101"}
        story.import_roster(
            csv_bytes([roster_row(0, **same), roster_row(1, **same, 户代表="否"), roster_row(2)])
        )
        ids = story.published_projects([300_000, 400_000])
        round_id = story.open_round(ids, electorate="household")
        assert ok(story.cast(round_id, story.resident(0), ids[:1]))["version"] == 1
        assert ok(story.cast(round_id, story.resident(1), ids[1:]))["version"] == 2
        result = story.finish(round_id, drain)
        assert (result["ballots_counted"], result["roll_size"]) == (1, 2)
        assert [each["backers"] for each in result["projects"]] == [1, 0]
        assert result["projects"][0]["project_id"] == ids[1]


class TestUnseal:
    def test_names_are_gone_key_and_envelopes_too(
        self, story: Story, round_id: str, projects: list[str], database: Database, drain: Callable[[], int]
    ) -> None:
        for number in range(3):
            ok(story.cast(round_id, story.resident(number), projects[: number + 1]))
        refused(
            story.client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk),
            409,
            "round_wrong_state",
        )
        story.finish(round_id, drain)
        board = ok(story.client.get(f"/board/v1/rounds/{round_id}"))
        kinds = [entry["kind"] for entry in board["entries"] if entry["kind"] != "hour"]
        assert kinds == [
            "published",
            "opened",
            "closed",
            "unsealed",
            "result",
            "key_destroyed",
        ]
        assert envelopes(database) == []
        keys = story.client.app.state.wiring.keys  # type: ignore[attr-defined]
        assert not keys.has(uuid.UUID(round_id))
        with database.reading() as session:
            columns = session.execute(text("SELECT * FROM open_ballot")).keys()
        assert set(columns) == {"round_id", "position", "tracker", "ranking"}


class TestSecrecy:
    def test_no_table_holds_a_ranking_or_tracker_before_opening(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        secret = secrets.token_hex(16)
        body = {"ranking": [projects[2], projects[0]], "secret": secret}
        receipt = ok(
            story.client.put(f"/api/v1/rounds/{round_id}/my-ballot", json=body, headers=story.resident(0))
        )
        from app.ballots.rules import tracker

        canary = tracker(
            round_id=uuid.UUID(round_id), secret=bytes.fromhex(secret), nonce=bytes.fromhex(receipt["nonce"])
        )
        with database.reading() as session:
            tables = [table.name for table in __import__("app.tables").tables.metadata.sorted_tables]
            everything = "\n".join(
                repr(tuple(row))
                for name in tables
                for row in session.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608
            )
        assert canary not in everything
        assert secret not in everything
        assert "[2,0]" not in everything.replace(" ", "")

    def test_casts_stand_in_the_record_without_ids_or_times(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        ok(story.cast(round_id, story.resident(0), projects[:1]))
        with database.reading() as session:
            rows = session.execute(
                text(
                    "SELECT at, actor, facts FROM audit_entry WHERE tag = 'ballots:cast' AND chain = :chain"
                ),
                {"chain": COMMUNITY},
            ).all()
        assert len(rows) == 1
        assert rows[0].at is None
        assert rows[0].actor == "system"
        assert '"count":1' in rows[0].facts

    def test_no_route_tells_anybody_how_somebody_voted_or_the_public_who_did(
        self, story: Story, round_id: str, projects: list[str], callers: Callers
    ) -> None:
        me, secret = story.resident(0), secrets.token_hex(16)
        body = {"ranking": [projects[2], projects[0]], "secret": secret}
        receipt = ok(story.client.put(f"/api/v1/rounds/{round_id}/my-ballot", json=body, headers=me))
        who = {
            "the voter": me, "a neighbour": story.resident(1), "staff": story.clerk, "the chair": story.chair,
            "the supervisor": callers.staff(Role.SUPERVISOR, COMMUNITY), "nobody": {},
            "the administrator": callers.staff(Role.ADMINISTRATOR, "000000000000"),
            "the sub-district": callers.staff(Role.SUBDISTRICT_OFFICER, COMMUNITY),
        }  # fmt: skip
        described = ok(story.client.get("/openapi.json"))["paths"]
        paths = [
            path.format(round_id=round_id, code=COMMUNITY)
            for path, calls in described.items()
            if "get" in calls and set(re.findall(r"{(\w+)}", path)) <= {"round_id", "code"}
        ]
        assert len(paths) > 40
        answered = 0
        for path in paths:
            for name, headers in who.items():
                answer = story.client.get(path, headers=headers)
                answered += answer.is_success
                said = answer.text.replace(" ", "")
                assert f'{projects[2]}","{projects[0]}' not in said, (path, name)
                assert secret not in said, (path, name)
                if name in {"a neighbour", "nobody"}:
                    assert receipt["entry_id"] not in said, (path, name)
                    assert 'taken_part":1' not in said, (path, name)
        assert answered > 60
