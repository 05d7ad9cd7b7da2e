"""The decision: exact at every threshold, recounted from its file, for everybody without a dwelling in it."""

import base64
import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from typer.testing import CliRunner

from app.access.roles import Role
from app.cli import commands
from app.core import clock
from app.core.canonical import sha256_hex
from app.core.config import Settings
from app.core.db import Database
from app.core.pagination import decode_cursor
from app.core.signer import verifies
from app.tally.recorded import check, vote_statement
from app.tally.verify import canonical
from tests.callers import Callers
from tests.recorded.estate import (
    AREAS,
    CO_OWNER,
    LABEL,
    OWNERLESS,
    TENANT,
    THREE_FLATS,
    Estate,
    centi,
    opened,
    published,
)
from tests.story import COMMUNITY, NEIGHBOUR, Story, csv_bytes, ok, phone, refused, roster_row

WHY = {"purpose": "legal", "reason": "业主要求法院撤销决定，法院来函调取"}


def in_units(client: TestClient, callers: Callers, drain: Callable[[], int], *sizes: int) -> Estate:
    """One building whose units have so many dwellings; every other owner is for it, and all vote."""
    story = Story(client, callers)
    units = [unit for unit, size in enumerate(sizes, start=1) for _ in range(size)]
    story.import_roster(
        csv_bytes([roster_row(number, 单元=f"{unit}单元") for number, unit in enumerate(units)])
    )
    estate = Estate(story, published(story))
    ok(client.post(f"{estate.path}/recorded/open", headers=story.clerk))
    for number in range(len(units)):
        ok(estate.vote(number, ("for", "against")[number % 2]))
    estate.close()
    drain()
    return estate


def record(estate: Estate) -> dict[str, Any]:
    """What was counted, as an owner reads it."""
    found: dict[str, Any] = ok(estate.client.get(f"{estate.path}/decision/record", headers=estate.owner(5)))[
        "body"
    ]
    return found


def voted(client: TestClient, callers: Callers, drain: Callable[[], int], **changes: Any) -> Estate:
    """Most vote: by phone, one by proxy, one on paper; 16 and 17 stay away, as does the owner nobody knows."""
    estate = opened(client, callers, **changes)
    ok(estate.vote(THREE_FLATS, "for"))
    for number in (3, CO_OWNER, 5, 6, 7, 8, 9, 10):
        ok(estate.vote(number, "for"))
    for number in (11, 12):
        ok(estate.vote(number, "against"))
    ok(estate.vote(13, "abstain"))
    ok(estate.use(TENANT, ok(estate.proxy(14, TENANT))["proxy"]["id"], "for"))
    (form,) = ok(estate.enter(estate.form(15, "against")))["items"]
    ok(estate.confirm(form["id"]))
    estate.close()
    drain()
    return estate


class TestDecision:
    def test_everybody_reads_figures_and_what_the_law_asks_for(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        estate = voted(client, callers, drain)
        made = estate.decision()
        assert (made["recorded"], made["label"], made["status"]) == (True, LABEL, "announced")
        areas = [centi(area) for area in AREAS]
        in_favour = sum(areas[:11]) + areas[14]
        assert made["all_owners"] == {"heads": 18, "area_centi_m2": sum(areas)}
        assert made["taken_part"] == {"heads": 14, "area_centi_m2": sum(areas[:16])}
        assert made["in_favour"] == {"heads": 10, "area_centi_m2": in_favour}
        assert made["against"] == {"heads": 3, "area_centi_m2": areas[11] + areas[12] + areas[15]}
        assert made["abstained"] == {"heads": 1, "area_centi_m2": areas[13]}
        assert (made["valid"], made["passed"], made["article"]) == (True, True, "民法典第二百七十八条")
        for one in made["requirements"]:
            part = Fraction(one["part"])
            enough = (
                one["have"] > part * one["whole"] if one["strictly"] else one["have"] >= part * one["whole"]
            )
            assert enough is (one["missing"] == 0) is True
        assert "280" in made["remedies"]
        zh = ok(client.get(f"{estate.path}/decision", headers={"Accept-Language": "zh-CN"}))
        assert zh["lines"][0] == "通过（民法典第二百七十八条）。"
        assert "第二百八十条" in zh["remedies"]
        for secret in (estate.entry(5)["entry_id"], "1单元", "0601", "居*"):
            assert secret not in json.dumps([made, zh], ensure_ascii=False)

    def test_a_special_matter_takes_three_quarters(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        made = voted(client, callers, drain, matter="rebuilding").decision()
        assert (made["matter"]["item"], made["matter"]["majority"]) == (7, "special")
        assert (made["valid"], made["passed"]) == (True, False)
        heads, area = made["requirements"][2:]
        assert (heads["part"], heads["have"], heads["needed"], heads["missing"]) == ("3/4", 10, 11, 1)
        assert area["missing"] == area["needed"] - area["have"] > 0

    def test_it_is_posted_within_three_days_and_hangs_out_for_thirty(
        self,
        client: TestClient,
        callers: Callers,
        drain: Callable[[], int],
        settings: Settings,
        database: Database,
    ) -> None:
        estate = voted(client, callers, drain)
        made, chair = estate.decision(), estate.story.chair
        moments = {
            name: dt.datetime.fromisoformat(made[name])
            for name in ("announced_at", "post_by", "notice_until")
        }
        closed = dt.datetime.fromisoformat(ok(client.get(estate.path))["closed_at"])
        assert moments["post_by"] == closed + dt.timedelta(days=3) > moments["announced_at"]
        assert moments["notice_until"] == moments["announced_at"] + dt.timedelta(days=30)
        settings.manual_round_times = False
        path = f"{estate.path}/recorded/certify"
        refused(client.post(path, headers=chair), 409, "decision_notice_running")
        refused(client.post(path, headers=estate.story.clerk), 403, "not_allowed")
        with clock.frozen(moments["notice_until"]):
            later = callers.staff(Role.RC_CHAIR, COMMUNITY)
            certified = ok(client.post(path, headers=later))
            assert (certified["status"], certified["label"]) == ("certified", LABEL)
            refused(client.post(path, headers=later), 409, "round_wrong_state")
            drain()
        assert estate.decision()["certified_at"]
        with database.reading() as session:
            names = set(session.execute(text("SELECT name FROM outbox_message")).scalars())
            requests = session.execute(text("SELECT count(*) FROM funding_request")).scalar_one()
        assert {"round.closed", "decision.announced", "decision.certified"} <= names
        assert not names & {"result.announced", "result.certified", "box.unsealed"}
        assert requests == 0

    def test_a_void_round_keeps_its_figures_and_says_so(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        estate = voted(client, callers, drain)
        void = {"reason": "公告有误"}
        ok(client.post(f"{estate.path}/cancel", json=void, headers=estate.story.chair))
        assert estate.decision()["status"] == "void"
        refused(
            client.post(f"{estate.path}/recorded/certify", headers=estate.story.chair),
            409,
            "round_wrong_state",
        )


class TestThresholds:
    @pytest.mark.parametrize(("short", "valid"), [(0, True), (1, False)])
    def test_two_thirds_of_the_area_to_a_hundredth_of_a_square_metre(
        self, client: TestClient, callers: Callers, drain: Callable[[], int], short: int, *, valid: bool
    ) -> None:
        """Six of nine owners are enough heads; their area is exactly two thirds, or one hundredth less."""
        story = Story(client, callers)
        areas = [10_000] * 6 + [10_000 + short] + [10_000] * 2
        areas[0] -= short
        rows = [
            roster_row(number, 面积=f"{area // 100}.{area % 100:02d}") for number, area in enumerate(areas)
        ]
        story.import_roster(csv_bytes(rows))
        estate = Estate(story, published(story))
        ok(client.post(f"{estate.path}/recorded/open", headers=story.clerk))
        for number in range(6):
            ok(estate.vote(number, "for"))
        estate.close()
        drain()
        made = estate.decision()
        area = made["requirements"][1]
        assert (3 * area["have"] >= 2 * area["whole"]) is valid
        assert (made["valid"], made["passed"], area["missing"]) == (valid, valid, short)

    def test_half_is_not_more_than_half(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        story = Story(client, callers).with_residents(4)
        estate = Estate(story, published(story))
        ok(client.post(f"{estate.path}/recorded/open", headers=story.clerk))
        for number, choice in enumerate(("for", "for", "against", "abstain")):
            ok(estate.vote(number, choice))
        estate.close()
        drain()
        made = estate.decision()
        assert (made["valid"], made["passed"]) == (True, False)
        assert [one["missing"] for one in made["requirements"]] == [0, 0, 1, 1]


class TestVotes:
    def test_owners_and_staff_read_how_dwellings_voted_rooms_masked(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        estate = voted(client, callers, drain)
        path = f"{estate.path}/decision/votes"
        for headers in (
            estate.owner(16),  # who stayed away may look too
            estate.story.clerk,
            callers.staff(Role.SUPERVISOR, COMMUNITY),
        ):
            page = ok(client.get(path, params={"limit": 10}, headers=headers))
            rest = ok(client.get(path, params={"limit": 10, "cursor": page["next_cursor"]}, headers=headers))
            items = [*page["items"], *rest["items"]]
            assert (page["recorded"], page["label"], rest["next_cursor"]) == (True, LABEL, None)
            assert len(items) == 16
            assert {each["room"] for each in items} == {"**"}
            assert {each["building"] for each in items} == {"1栋"}
        refused(client.get(path), 401, "not_signed_in")
        refused(client.get(path, headers=estate.owner(TENANT)), 403, "not_an_owner")
        refused(client.get(path, headers=callers.resident("13700000000")), 403, "not_an_owner")
        refused(
            client.get(path, headers=callers.staff(Role.SUBDISTRICT_OFFICER, COMMUNITY)), 403, "not_allowed"
        )
        refused(client.get(path, headers=callers.staff(Role.RC_STAFF, NEIGHBOUR)), 404, "round_not_found")
        for rest_of_path in ("votes", "record"):
            refused(client.get(f"{estate.path}/decision/{rest_of_path}"), 401, "not_signed_in")

    def test_nothing_in_them_leads_to_a_line_of_the_roll(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        """Who reads both lists, as staff may, learns no more of a room than of the others beside it."""
        estate = in_units(client, callers, drain, 5, 5, 5)
        path, clerk = f"{estate.path}/decision/votes", estate.story.clerk
        listed = ok(client.get(path, params={"limit": 200}, headers=clerk))["items"]
        assert set(listed[0]) == {"building", "unit", "room", "choice"}
        said = {each["id"]: each["vote"]["choice"] for each in record(estate)["entries"]}
        by_roll = [(line["unit"], said[line["entry_id"]]) for line in estate.roll()]
        shown = [(each["unit"], each["choice"]) for each in listed]
        assert sorted(by_roll) == sorted(shown)
        assert by_roll != shown  # by chance they are the same once in 750 million
        pages, cursor = [], None
        while True:
            query = {"limit": 4} if cursor is None else {"limit": 4, "cursor": cursor}
            page = ok(client.get(path, params=query, headers=clerk))
            pages += page["items"]
            if (cursor := page["next_cursor"]) is None:
                break
            mark = decode_cursor(cursor)
            assert mark is not None
            assert not any(line["entry_id"] in mark for line in estate.roll())
        assert pages == listed
        refused(client.get(path, params={"cursor": "%"}, headers=clerk), 422, "bad_cursor")

    def test_a_place_where_few_voted_has_no_name(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        """Two voted in the third unit; were it alone without a name, the nameless would be they."""
        estate = in_units(client, callers, drain, 6, 5, 2)
        items = ok(client.get(f"{estate.path}/decision/votes", headers=estate.story.clerk))["items"]
        places = Counter((each["building"], each["unit"]) for each in items)
        assert places == {("1栋", "1单元"): 6, ("1栋", "**"): 7}

    def test_who_reads_the_roll_takes_the_record_for_a_reason_alone(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        estate = voted(client, callers, drain)
        path = f"{estate.path}/decision/record"
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        seen = f"/api/v1/communities/{COMMUNITY}/disclosures"
        for who in (estate.story.clerk, supervisor):
            refused(client.get(path, headers=who), 403, "not_allowed")
            refused(client.post(path, json={}, headers=who), 422, "malformed_request")
        refused(client.post(path, json=WHY, headers=estate.owner(5)), 403, "not_allowed")
        refused(
            client.post(path, json=WHY, headers=callers.staff(Role.RC_STAFF, NEIGHBOUR)),
            404,
            "round_not_found",
        )
        assert ok(client.get(seen, headers=supervisor))["items"] == []
        told = ok(client.post(path, json=WHY, headers=estate.story.clerk))
        assert check(told, verifies=verifies).passed is True
        assert told["body"] == record(estate)
        (kept,) = ok(client.get(seen, headers=supervisor))["items"]
        assert (kept["kind"], kept["people"], kept["purpose"], kept["reason"]) == (
            "list", len(AREAS), WHY["purpose"], WHY["reason"],
        )  # fmt: skip
        entries = ok(
            client.get(
                f"/api/v1/audit/{COMMUNITY}/entries",
                params={"tag": "decision:exported"},
                headers=callers.staff(Role.AUDITOR, COMMUNITY),
            )
        )["items"]
        assert [(each["subject"], each["facts"]) for each in entries] == [
            (f"round:{estate.round_id}", {"purpose": "legal"})
        ]

    def test_the_audit_log_is_no_way_to_a_vote(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        """A hash over the statement alone could be found by trying three choices."""
        estate = voted(client, callers, drain)
        body = record(estate)
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        entries = ok(
            client.get(
                f"/api/v1/audit/{COMMUNITY}/entries",
                params={"tag": "vote:cast", "limit": 200},
                headers=auditor,
            )
        )["items"]
        kept = {each["facts"]["digest"] for each in entries}
        found = 0
        for entry in body["entries"]:
            if entry["vote"] is None:
                continue
            vote = dict(entry["vote"])
            signature = vote.pop("signature")
            statement = canonical(vote_statement(round_id=estate.round_id, entry_id=entry["id"], **vote))
            assert sha256_hex(statement) not in kept
            found += sha256_hex(statement + b" " + signature.encode()) in kept
        assert found == 11  # one dwelling each; three were said at one stroke, one by proxy, one on paper

    def test_the_signed_record_is_counted_again_by_somebody_else(
        self, client: TestClient, callers: Callers, drain: Callable[[], int], tmp_path: Path
    ) -> None:
        estate = voted(client, callers, drain)
        told = ok(client.get(f"{estate.path}/decision/record", headers=estate.owner(5)))
        made, body = estate.decision(), told["body"]
        assert (told["label"], body["label"], body["recorded"]) == (LABEL, LABEL, True)
        assert check(told, verifies=verifies).passed is True
        # written anew, from the article alone
        whole = body["entries"]
        cast = [entry for entry in whole if entry["vote"]]
        yes = [entry for entry in cast if entry["vote"]["choice"] == "for"]

        def area(entries: list[dict[str, Any]]) -> int:
            return sum(entry["area"] for entry in entries)

        def heads(entries: list[dict[str, Any]]) -> int:
            return len({entry["head"] for entry in entries})

        valid = 3 * area(cast) >= 2 * area(whole) and 3 * heads(cast) >= 2 * heads(whole)
        passed = valid and 2 * area(yes) > area(cast) and 2 * heads(yes) > heads(cast)
        assert (valid, passed) == (made["valid"], made["passed"])
        assert (area(whole), heads(whole)) == (181_626, 18)
        raw = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert hashlib.sha256(raw).hexdigest() == made["record_digest"]
        assert told["signature"] == made["signature"]
        assert verifies(base64.b64decode(told["signed_with"]), base64.b64decode(told["signature"]), raw)
        # the voter's own receipt stands in it
        mine = estate.my_votes(5)["dwellings"][0]
        line = next(entry for entry in whole if entry["id"] == mine["entry_id"])
        assert line["vote"]["signature"] == mine["vote"]["signature"]
        for personal in ("居民", "配偶", "1栋", "1单元", phone(5)):
            assert personal not in raw.decode()
        self.on_the_command_line(told, tmp_path / "record.json")

    def on_the_command_line(self, told: dict[str, Any], file: Path) -> None:
        def run(text: str, *more: str) -> tuple[int, str]:
            file.write_text(text, encoding="utf-8")
            done = CliRunner().invoke(commands(), ["verify-recorded", str(file), *more])
            return done.exit_code, done.stdout

        code, said = run(json.dumps(told, ensure_ascii=False))
        assert (code, "of 181626" in said, said.splitlines()[-1]) == (0, True, "all facts hold; passed")
        assert run(json.dumps(told), "--signed-with", told["signed_with"])[0] == 0
        other = base64.b64encode(b"8" * 32).decode()
        assert run(json.dumps(told), "--signed-with", other) == (
            1,
            "does not hold: it is signed with another key\n",
        )
        told["body"]["entries"][0]["area"] += 1
        assert run(json.dumps(told)) == (1, "does not hold: the signature of the file\n")
        for no_such_file in ("{", "[]", "{}"):
            assert run(no_such_file)[0] == 2

    def test_the_unknown_owner_is_in_the_whole(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        estate = opened(client, callers)
        estate.close()
        drain()
        made = estate.decision()
        assert (made["valid"], made["taken_part"]["heads"], made["all_owners"]["heads"]) == (False, 0, 18)
        assert made["requirements"][0]["missing"] == 12
        assert estate.entry(OWNERLESS)["owners"] == []
