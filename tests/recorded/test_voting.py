"""Voting for one's dwellings: signed, changeable, by every owner of a dwelling."""

import base64
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.core import clock
from app.core.canonical import canonical_json
from app.core.db import Database
from app.core.signer import verifies
from app.tally.recorded import vote_statement
from tests.callers import Callers
from tests.recorded.estate import (
    CO_OWNER,
    LABEL,
    OWNERLESS,
    SPOUSE,
    TENANT,
    THREE_FLATS,
    Estate,
    opened,
    published,
)
from tests.story import ok, refused

MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def estate(client: TestClient, callers: Callers) -> Estate:
    return opened(client, callers)


class TestCast:
    def test_one_vote_for_all_dwellings_or_for_some(self, estate: Estate) -> None:
        answer = estate.vote(THREE_FLATS, "for")
        receipts = ok(answer)
        assert (receipts["recorded"], receipts["label"]) == (True, LABEL)
        assert answer.headers["ETag"] == '"3"'
        mine = estate.my_votes(THREE_FLATS)
        assert (mine["recorded"], mine["label"], mine["matter"]["item"]) == (True, LABEL, 5)
        assert [each["vote"]["choice"] for each in mine["dwellings"]] == ["for"] * 3
        one = mine["dwellings"][1]["entry_id"]
        changed = ok(estate.vote(THREE_FLATS, "against", dwellings=[one, one]))
        assert [(each["entry_id"], each["version"], each["choice"]) for each in changed["votes"]] == [
            (one, 2, "against")
        ]
        mine = estate.my_votes(THREE_FLATS)
        assert mine["version"] == 4
        history = next(each for each in mine["dwellings"] if each["entry_id"] == one)["history"]
        assert [(act["choice"], act["in_force"], act["by_you"]) for act in history] == [
            ("for", False, True),
            ("against", True, True),
        ]

    def test_each_is_signed_by_the_service(self, estate: Estate) -> None:
        receipts = ok(estate.vote(5, "abstain"))
        (vote,) = receipts["votes"]
        said = vote_statement(
            round_id=receipts["round_id"], entry_id=vote["entry_id"], version=vote["version"], choice="abstain",
            channel="online", acted_at=vote["acted_at"],
        )  # fmt: skip
        key = base64.b64decode(receipts["signed_with"])
        signature = base64.b64decode(vote["signature"])
        assert verifies(key, signature, canonical_json(said))
        assert not verifies(key, signature, canonical_json({**said, "choice": "for"}))

    def test_every_owner_of_a_dwelling_votes_for_it_and_sees_the_other(self, estate: Estate) -> None:
        ok(estate.vote(CO_OWNER, "for"))
        ok(estate.vote(SPOUSE, "against"))
        for number, by_you in ((CO_OWNER, [True, False]), (SPOUSE, [False, True])):
            (dwelling,) = estate.my_votes(number)["dwellings"]
            assert (dwelling["vote"]["choice"], dwelling["vote"]["version"]) == ("against", 2)
            assert [act["by_you"] for act in dwelling["history"]] == by_you
        refused(estate.vote(CO_OWNER, "for", **{"If-Match": '"1"'}), 412, "vote_changed")
        ok(estate.vote(CO_OWNER, "for", **{"If-Match": '"2"'}))

    def test_the_same_again_changes_nothing(self, estate: Estate) -> None:
        first = ok(estate.vote(5, "for", **{"If-Match": '"0"'}))
        again = ok(estate.vote(5, "for", **{"If-Match": '"0"'}))  # its answer was lost
        assert again == first
        assert len(estate.my_votes(5)["dwellings"][0]["history"]) == 1
        refused(estate.vote(5, "against", **{"If-Match": '"0"'}), 412, "vote_changed")
        refused(estate.vote(5, "against", **{"If-Match": "abc"}), 422, "bad_etag")
        ok(estate.vote(5, "against", **{"If-Match": "*"}))

    def test_only_owners_for_what_is_theirs(self, estate: Estate) -> None:
        for number in (TENANT, OWNERLESS, 999):
            refused(estate.vote(number, "for"), 403, "not_an_owner")
        neighbour = estate.entry(6)["entry_id"]
        for entry_id in (neighbour, MISSING):
            refused(estate.vote(5, "for", dwellings=[entry_id]), 404, "dwelling_not_found")
        mine = estate.my_votes(5)["dwellings"][0]["entry_id"]
        refused(estate.vote(5, "for", dwellings=[mine, neighbour]), 404, "dwelling_not_found")
        assert estate.my_votes(5)["version"] == 0

    def test_what_is_no_vote(self, estate: Estate) -> None:
        wishes: list[dict[str, Any]] = [
            {},
            {"choice": "yes"},
            {"choice": "for", "dwellings": []},
            {"choice": "for", "dwellings": ["x"]},
            {"choice": "for", "area_centi_m2": 1},
        ]
        client, path = estate.client, f"{estate.path}/my-votes"
        for wish in wishes:
            refused(client.put(path, json=wish, headers=estate.owner(5)), 422, "malformed_request")
        refused(client.put(path, json={"choice": "for"}), 401, "not_signed_in")
        refused(client.put(path, json={"choice": "for"}, headers=estate.story.clerk), 403, "not_allowed")

    def test_nothing_before_it_opens_after_it_closes_or_in_a_void_round(self, estate: Estate) -> None:
        waiting = Estate(estate.story, published(estate.story))
        refused(waiting.vote(5, "for"), 409, "round_not_open")
        refused(
            waiting.client.get(f"{waiting.path}/my-votes", headers=waiting.owner(5)), 409, "round_not_open"
        )
        ok(estate.vote(5, "for"))
        estate.close()
        refused(estate.vote(5, "against"), 409, "round_closed")
        assert estate.my_votes(5)["dwellings"][0]["vote"]["choice"] == "for"
        reason = {"reason": "议题有误"}
        ok(estate.client.post(f"{estate.path}/cancel", json=reason, headers=estate.story.chair))
        refused(estate.vote(5, "against"), 409, "round_not_open")

    def test_the_announced_minute_counts_not_the_worker(self, estate: Estate) -> None:
        with clock.frozen(clock.now() + dt.timedelta(days=30, seconds=1)):
            refused(estate.vote(5, "for"), 409, "round_closed")


class TestSecrecyBeforeTheEnd:
    def test_nobody_reads_how_others_vote_or_how_it_stands(self, estate: Estate) -> None:
        ok(estate.vote(5, "against"))
        client, path = estate.client, estate.path
        refused(client.get(f"{path}/decision"), 404, "no_decision_yet")
        for headers in (estate.owner(6), estate.story.clerk):
            refused(client.get(f"{path}/decision/votes", headers=headers), 404, "no_decision_yet")
        refused(client.get(f"{path}/decision/record", headers=estate.owner(6)), 404, "no_decision_yet")
        why = {"purpose": "legal", "reason": "法院来函调取"}
        early = client.post(f"{path}/decision/record", json=why, headers=estate.story.clerk)
        refused(early, 404, "no_decision_yet")
        assert "against" not in client.get(f"{path}/owners-roll", headers=estate.story.clerk).text
        assert estate.entry(5)["voted"] is True
        assert estate.entry(5)["channel"] == "online"


class TestRecord:
    def test_every_act_leaves_a_trace_without_names(self, estate: Estate, database: Database) -> None:
        ok(estate.vote(THREE_FLATS, "for"))
        with database.reading() as session:
            rows = session.execute(
                text("SELECT tag, facts, subject FROM audit_entry WHERE tag IN ('vote:cast', 'round:opened')")
            ).all()
        assert {row.tag for row in rows} == {"vote:cast", "round:opened"}
        (cast,) = [row for row in rows if row.tag == "vote:cast"]
        assert '"dwellings":3' in cast.facts
        assert cast.subject == f"round:{estate.round_id}"
        assert "for" not in cast.facts.replace("in_force", "")

    def test_no_table_of_ballots_knows_of_it(
        self, estate: Estate, database: Database, drain: Callable[[], int]
    ) -> None:
        for number in range(5, 15):
            ok(estate.vote(number, "for"))
        estate.close()
        drain()
        estate.client.post(f"{estate.path}/recorded/certify", headers=estate.story.chair)
        drain()
        with database.reading() as session:
            for table in ("envelope", "ballot_box", "open_ballot", "roll_entry", "result", "funding_request"):
                assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608
