"""The desk of a sub-district and a district, over HTTP."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.funding.chain import Step
from app.funding.models import FundingRequest, RequestDecision
from app.funding.rules import RequestState
from app.outbox.models import OutboxMessage
from app.rounds.rules import RoundState
from tests.callers import Callers, Headers
from tests.factories import funding as make
from tests.overview.test_timeline import raised_by_meeting
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

DISTRICT = "520102000000"
REQUESTS = "/api/v1/funding-requests"


Facts = dict[str, str | float]

#: Decisions of finance that are refused, and why.
MALFORMED: tuple[tuple[str, Facts, str], ...] = (
    ("declined", {}, "reason_needed"),
    ("declined", {"reason": " "}, "words_needed"),
    ("approved_in_part", {"reason": "核减。"}, "amount_needed"),
    ("approved_in_part", {"reason": "核减。", "amount_fen": 476_000}, "amount_needed"),
    ("approved_in_part", {"reason": "核减。", "amount_fen": 400_000}, "left_out_needed"),
    ("approved_in_part", {"reason": "核减。", "district_fen": 476_000}, "amount_needed"),
    ("approved_in_part", {"reason": "核减。", "district_fen": -1}, "malformed_request"),
    ("approved_in_part", {"reason": "核减。", "amount_fen": 0}, "malformed_request"),
    ("approved_in_part", {"reason": "核减。", "amount_fen": 2**63}, "malformed_request"),
    ("approved_in_part", {"reason": "核减。", "amount_fen": 1.5}, "malformed_request"),
    ("deferred", {"reason": "明年。"}, "year_needed"),
    ("deferred", {"reason": "明年。", "year": 2020}, "year_needed"),
    ("deferred", {"reason": "明年。", "year": 10**9}, "malformed_request"),
    ("approved", {"amount_fen": 5}, "decision_fact_out_of_place"),
    ("declined", {"reason": "不行。", "year": 2030}, "decision_fact_out_of_place"),
    ("declined", {"reason": "a\0b"}, "malformed_request"),
    ("declined", {"reason": "x" * 1001}, "malformed_request"),
    ("reserve", {}, "malformed_request"),
    ("received", {"state": "approved"}, "malformed_request"),
)


@pytest.fixture
def street(callers: Callers) -> Headers:
    return callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)


@pytest.fixture
def district(callers: Callers) -> Headers:
    return callers.staff(Role.DISTRICT_OFFICER, DISTRICT)


@pytest.fixture
def bureau(callers: Callers) -> Headers:
    return callers.staff(Role.BUREAU_REVIEWER, DISTRICT)


@pytest.fixture
def finance(callers: Callers) -> Headers:
    return callers.staff(Role.FINANCE_REVIEWER, DISTRICT)


@pytest.fixture
def clerk(callers: Callers) -> Headers:
    return callers.staff(Role.RC_STAFF, COMMUNITY)


@dataclass
class Desk:
    """Says things to one request, each person for their step."""

    client: TestClient
    row: FundingRequest
    who: dict[str, Headers]

    @property
    def path(self) -> str:
        return f"{REQUESTS}/{self.row.id}"

    def say(self, who: str, decision: str, **facts: str | float) -> httpx.Response:
        body = {"decision": decision, **facts}
        answer: httpx.Response = self.client.post(f"{self.path}/decisions", json=body, headers=self.who[who])
        return answer

    def up_to(self, *steps: str) -> None:
        for who in steps:
            ok(self.say(who, "accepted"))

    def seen(self, who: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.client.get(self.path, headers=self.who[who]))
        return found


@pytest.fixture
def desk(
    *, client: TestClient, database: Database, street: Headers, district: Headers, bureau: Headers, finance: Headers,
    clerk: Headers,
) -> Desk:  # fmt: skip
    (row,) = requests(database)
    who = {"street": street, "district": district, "bureau": bureau, "finance": finance, "clerk": clerk}
    return Desk(client, row, who)


def requests(
    database: Database, *, costs: Sequence[int] = (680_000,), funded: int = 1, community: str = COMMUNITY
) -> list[FundingRequest]:
    with database.writing() as session:
        return make.some_requests(session, costs=costs, funded=funded, community=community)


class TestListRequests:
    def test_page_by_page_each_once(self, client: TestClient, database: Database, street: Headers) -> None:
        made = {str(row.id) for row in requests(database, costs=[1_000 + n for n in range(7)], funded=4)}
        seen: list[str] = []
        cursor = ""
        while True:
            page = ok(client.get(f"{REQUESTS}?limit=3{cursor}", headers=street))
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(seen) == 7
        assert set(seen) == made

    def test_only_ones_own_divisions(
        self, client: TestClient, database: Database, callers: Callers, street: Headers
    ) -> None:
        requests(database, costs=[1_000])
        requests(database, costs=[2_000], community=NEIGHBOUR)
        clerk = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        stranger = callers.staff(Role.SUBDISTRICT_OFFICER, "510104000000")
        assert [item["cost_fen"] for item in ok(client.get(REQUESTS, headers=clerk))["items"]] == [2_000]
        assert len(ok(client.get(REQUESTS, headers=street))["items"]) == 2
        assert ok(client.get(REQUESTS, headers=stranger)) == {"items": [], "next_cursor": None}

    def test_filters(self, client: TestClient, database: Database, street: Headers) -> None:
        rows = requests(database, costs=[1_000, 2_000], funded=1)
        requests(database, costs=[3_000])
        path = f"{REQUESTS}?round_id={rows[0].round_id}"
        assert len(ok(client.get(path, headers=street))["items"]) == 2
        (only,) = ok(client.get(f"{path}&state=reserve", headers=street))["items"]
        assert (only["cost_fen"], only["priority"], only["submission"]) == (2_000, 2, 0)

    def test_by_priority_page_by_page(self, client: TestClient, database: Database, street: Headers) -> None:
        requests(database, costs=[1_000, 2_000, 3_000], funded=2)
        requests(database, costs=[4_000, 5_000], funded=1, community=NEIGHBOUR)
        seen: list[tuple[int, int]] = []
        cursor = ""
        while True:
            page = ok(client.get(f"{REQUESTS}?order=priority&limit=2{cursor}", headers=street))
            seen += [(item["priority"], item["cost_fen"]) for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == [(1, 1_000), (1, 4_000), (2, 2_000), (2, 5_000), (3, 3_000)]

    def test_whose_turn_it_is_where_and_what_is_late(
        self, client: TestClient, desk: Desk, database: Database, callers: Callers
    ) -> None:
        requests(database, costs=[2_000], community=NEIGHBOUR)
        desk.up_to("street")

        def found(query: str) -> list[str]:
            path = f"{REQUESTS}?{query}"
            return [item["id"] for item in ok(client.get(path, headers=desk.who["street"]))["items"]]

        assert found("step=district") == [str(desk.row.id)]
        assert len(found(f"division={NEIGHBOUR}")) == 1
        assert found("division=510104000000") == []
        assert found("overdue=true") == []
        (line,) = ok(client.get(f"{REQUESTS}?step=district", headers=desk.who["district"]))["items"]
        assert (line["community_name"], line["overdue"]) == ("花果园大街社区居民委员会", False)
        clock.set_frozen(dt.datetime.fromisoformat(line["due_at"]))
        street = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        late = client.get(f"{REQUESTS}?overdue=true", headers=street)
        assert [item["overdue"] for item in ok(late)["items"]] == [True, True]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("order=priority&cursor=nonsense", "bad_cursor"),
            ("order=priority&cursor=IjEgMiAzIg", "bad_cursor"),
            ("order=luck", "malformed_request"),
            ("step=mayor", "malformed_request"),
            ("division=12", "malformed_request"),
            ("cursor=nonsense", "bad_cursor"),
            ("round_id=1", "malformed_request"),
            ("limit=0", "malformed_request"),
            ("limit=201", "malformed_request"),
            ("state=bogus", "malformed_request"),
        ],
    )
    def test_malformed(self, client: TestClient, street: Headers, query: str, code: str) -> None:
        refused(client.get(f"{REQUESTS}?{query}", headers=street), 422, code)

    @pytest.mark.parametrize("role", [Role.MUNICIPAL_MONITOR, Role.MEDIATOR, Role.ADMINISTRATOR])
    def test_not_for(self, client: TestClient, callers: Callers, role: Role) -> None:
        refused(client.get(REQUESTS, headers=callers.staff(role, DISTRICT)), 403, "not_allowed")


class TestCountRequests:
    def test_whose_turn_what_is_late_and_what_was_put_off(
        self, client: TestClient, desk: Desk, database: Database, callers: Callers
    ) -> None:
        second, _ = requests(database, costs=[1_000_000, 5_000], funded=1)
        other = Desk(client, second, desk.who)
        desk.up_to("street")
        other.up_to("street", "district")
        year = clock.today().year + 1
        ok(other.say("bureau", "deferred", reason="今年额度已满。", year=year))
        found = ok(client.get(f"{REQUESTS}/counts", headers=desk.who["district"]))
        assert [each["step"] for each in found["steps"]] == [
            "committee", "subdistrict", "district", "bureau", "finance", "go_ahead",
        ]  # fmt: skip
        assert {each["step"]: each["requests"] for each in found["steps"] if each["requests"]} == {
            "district": 1
        }
        assert found["put_off"] == [{"year": year, "requests": 1, "public_fen": 700_000}]
        clock.set_frozen(clock.now() + dt.timedelta(days=17))
        desk.who["district"] = callers.staff(Role.DISTRICT_OFFICER, DISTRICT)
        late = ok(client.get(f"{REQUESTS}/counts?division={COMMUNITY}", headers=desk.who["district"]))
        assert {each["step"]: each["overdue"] for each in late["steps"] if each["overdue"]} == {"district": 1}
        elsewhere = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        nothing = ok(client.get(f"{REQUESTS}/counts", headers=elsewhere))
        assert {each["requests"] for each in nothing["steps"]} == {0}
        assert nothing["put_off"] == []


class TestReadRequest:
    def test_with_evidence_letters_and_an_etag(self, client: TestClient, desk: Desk) -> None:
        ok(desk.say("street", "received"))
        ok(desk.say("street", "returned", reason="请补充两家报价单。"))
        answer = client.get(desk.path, headers=desk.who["clerk"])
        body = ok(answer)
        assert answer.headers["etag"] == '"3"'
        assert body["evidence"]["backers"] == 39
        assert body["evidence"]["policy"]["subdistrict_share"] == 6_000
        assert [each["decision"] for each in body["decisions"]] == ["received", "returned"]
        assert body["community_fen"] + body["district_fen"] + body["subdistrict_fen"] == body["cost_fen"]
        assert (body["subdistrict_name"], body["district_name"]) == ("花果园街道", "南明区")
        assert [(each["side"], each["decision"], each["words"]) for each in body["letters"]] == [
            ("committee", None, None),
            ("subdistrict", "received", None),
            ("subdistrict", "returned", "请补充两家报价单。"),
        ]
        assert body["letters"][2]["by"]
        assert [each["state"] for each in body["stations"]] == ["now", "coming", "coming", "coming", "coming"]

    def test_it_says_what_its_reader_may_say(self, desk: Desk) -> None:
        turns = {who: desk.seen(who)["open_decisions"] for who in desk.who}
        assert turns["street"] == ["accepted", "declined", "deferred", "received", "returned"]
        assert [turns[who] for who in ("district", "bureau", "finance", "clerk")] == [[], [], [], []]
        assert not desk.seen("clerk")["may_resubmit"]
        ok(desk.say("street", "returned", reason="请补充。"))
        assert desk.seen("clerk")["may_resubmit"]
        assert not desk.seen("street")["may_resubmit"]
        assert desk.seen("street")["open_decisions"] == []

    def test_missing_and_foreign_are_alike(
        self, client: TestClient, database: Database, callers: Callers
    ) -> None:
        (row,) = requests(database)
        foreign = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        bodies = [
            refused(client.get(f"{REQUESTS}/{which}", headers=foreign), 404, "funding_request_not_found")
            for which in (row.id, uuid.uuid4())
        ]
        assert bodies[0] == bodies[1]


class TestDecideRequest:
    def test_the_whole_way_to_the_go_ahead(self, desk: Desk) -> None:
        refused(desk.say("district", "accepted"), 403, "not_yours_to_decide")
        desk.up_to("street", "district", "bureau")
        refused(desk.say("street", "go_ahead"), 403, "not_yours_to_decide")
        refused(desk.say("finance", "accepted"), 409, "funding_request_wrong_state")
        body = ok(desk.say("finance", "approved"))
        assert (body["state"], body["step"], body["approved_fen"]) == ("approved", "go_ahead", 476_000)
        assert body["released_at"] is None
        body = ok(desk.say("street", "go_ahead", reason="可以开工。"))
        assert (body["state"], body["step"], body["due_at"]) == ("approved", None, None)
        assert body["released_at"]
        seen = desk.seen("clerk")
        assert {each["state"] for each in seen["stations"]} == {"done"}
        assert [each["step"] for each in seen["decisions"]] == [
            "subdistrict", "district", "bureau", "finance", "go_ahead",
        ]  # fmt: skip
        refused(desk.say("finance", "declined", reason="迟了。"), 409, "funding_request_wrong_state")

    def test_a_sum_lowered_on_the_way_is_what_the_next_one_sees(self, desk: Desk) -> None:
        desk.up_to("street")
        cut = {"district_fen": 100_000, "subdistrict_fen": 200_000}
        refused(desk.say("district", "accepted", reason="核减。", **cut), 422, "left_out_needed")
        body = ok(desk.say("district", "accepted", reason="按集采价。", left_out="不含门楣。", **cut))
        assert (body["state"], body["step"], body["approved_fen"]) == ("accepted", "bureau", None)
        ok(desk.say("bureau", "accepted"))
        seen = desk.seen("finance")
        assert (seen["district_offer_fen"], seen["subdistrict_offer_fen"], seen["left_out"]) == (
            100_000, 200_000, "不含门楣。",
        )  # fmt: skip
        assert seen["letters"][2]["amount_fen"] == 300_000
        assert "approved" not in seen["open_decisions"]
        assert (seen["district_left_fen"], seen["subdistrict_left_fen"], seen["return_to"]) == (
            100_000, 200_000, "district",
        )  # fmt: skip
        refused(desk.say("finance", "approved"), 409, "lowered_before")
        body = ok(desk.say("finance", "approved_in_part", amount_fen=300_000, reason="同意核减后的金额。"))
        assert (body["approved_fen"], body["district_offer_fen"], body["subdistrict_offer_fen"]) == (
            300_000, 100_000, 200_000,
        )  # fmt: skip
        assert body["left_out"] == desk.seen("clerk")["letters"][-1]["left_out"] == "不含门楣。"

    def test_a_go_ahead_first_is_paid_later(self, desk: Desk) -> None:
        desk.up_to("street")
        body = ok(desk.say("district", "go_ahead"))
        assert (body["state"], body["step"]) == ("go_ahead", "district")
        assert body["released_at"]
        desk.up_to("district", "bureau")
        body = ok(desk.say("finance", "approved"))
        assert (body["state"], body["step"], body["approved_fen"]) == ("approved", None, 476_000)

    def test_a_step_that_begins_has_its_days(self, desk: Desk) -> None:
        body = ok(desk.say("street", "accepted"))
        last = clock.today() + dt.timedelta(days=15)
        due = dt.datetime.fromisoformat(body["due_at"]).astimezone(clock.BEIJING)
        assert (due.date(), due.time()) == (last + dt.timedelta(days=1), dt.time())

    def test_two_officers_cannot_decide_the_same_step(
        self, client: TestClient, desk: Desk, callers: Callers, database: Database
    ) -> None:
        colleague = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        gate = threading.Barrier(2)

        def one(headers: Headers) -> int:
            gate.wait()
            answer = client.post(
                f"{desk.path}/decisions",
                json={"decision": "accepted"},
                headers={**headers, "If-Match": '"1"'},
            )
            return int(answer.status_code)

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(one, [colleague, desk.who["street"]])) == [200, 412]
        with database.reading() as session:
            assert len(session.exec(select(RequestDecision)).all()) == 1

    def test_malformed_leaves_nothing(self, desk: Desk, database: Database) -> None:
        with database.writing() as session:
            row = session.get(FundingRequest, desk.row.id)
            assert row is not None
            row.state, row.step = RequestState.ACCEPTED, Step.FINANCE
        for decision, facts, code in MALFORMED:
            refused(desk.say("finance", decision, **facts), 422, code)
        with database.reading() as session:
            assert not session.exec(select(RequestDecision)).all()
            found = session.get(FundingRequest, desk.row.id)
            assert found is not None
            assert (found.version, found.approved_fen) == (1, None)

    def test_lone_surrogates(self, client: TestClient, database: Database, district: Headers) -> None:
        (row,) = requests(database)
        raw = b'{"decision": "returned", "reason": "\\ud800 what"}'
        answer = client.post(
            f"{REQUESTS}/{row.id}/decisions",
            content=raw,
            headers={**district, "content-type": "application/json"},
        )
        refused(answer, 422, "malformed_request")

    def test_if_match(self, client: TestClient, desk: Desk) -> None:
        path, body, street = f"{desk.path}/decisions", {"decision": "received"}, desk.who["street"]
        refused(client.post(path, json=body, headers={**street, "If-Match": '"7"'}), 412, "outdated")
        refused(client.post(path, json=body, headers={**street, "If-Match": "x"}), 422, "bad_etag")
        ok(client.post(path, json=body, headers={**street, "If-Match": '"1"'}))

    def test_missing_foreign_and_not_for(self, client: TestClient, desk: Desk, callers: Callers) -> None:
        desk.who |= {
            "foreign": callers.staff(Role.SUBDISTRICT_OFFICER, "510104000000"),
            "monitor": callers.staff(Role.MUNICIPAL_MONITOR, "520100000000"),
            "auditor": callers.staff(Role.AUDITOR, DISTRICT),
        }
        foreign = refused(desk.say("foreign", "received"), 404, "funding_request_not_found")
        ghost = FundingRequest(**{**desk.row.model_dump(), "id": uuid.uuid4()})
        missing = Desk(client, ghost, desk.who).say("street", "received")
        assert refused(missing, 404, "funding_request_not_found") == foreign
        for who in ("clerk", "monitor", "auditor"):
            refused(desk.say(who, "accepted"), 403, "not_allowed")


class TestResubmitRequest:
    WORDS: ClassVar = {"justification": "附三家报价单。"}

    def test_to_the_step_that_returned_it(self, client: TestClient, desk: Desk, callers: Callers) -> None:
        path = f"{desk.path}/resubmit"
        clerk = desk.who["clerk"]
        refused(client.post(path, json=self.WORDS, headers=clerk), 409, "funding_request_wrong_state")
        desk.up_to("street", "district")
        body = ok(desk.say("bureau", "returned", reason="缺少施工报价。"))
        assert (body["state"], body["step"], body["back_to"]) == ("returned", "committee", "bureau")
        refused(client.post(path, json={"justification": ""}, headers=clerk), 422, "malformed_request")
        refused(
            client.post(path, json=self.WORDS, headers=callers.staff(Role.RC_CHAIR, NEIGHBOUR)),
            404,
            "funding_request_not_found",
        )
        stale = client.post(path, json=self.WORDS, headers={**clerk, "If-Match": '"1"'})
        refused(stale, 412, "outdated")
        body = ok(client.post(path, json=self.WORDS, headers=clerk))
        assert (body["state"], body["step"], body["submission"], body["justification"]) == (
            "submitted", "bureau", 2, "附三家报价单。",
        )  # fmt: skip
        letter = desk.seen("bureau")["letters"][-1]
        assert (letter["side"], letter["reply"], letter["words"]) == (
            "committee",
            "corrected",
            "附三家报价单。",
        )
        assert ok(desk.say("bureau", "accepted"))["step"] == "finance"

    def test_when_a_part_is_not_enough(self, client: TestClient, desk: Desk) -> None:
        desk.up_to("street", "district", "bureau")
        part: Facts = {"amount_fen": 300_000, "reason": "核减。", "left_out": "不含门楣。"}
        ok(desk.say("finance", "approved_in_part", **part))
        body = ok(client.post(f"{desk.path}/resubmit", json=self.WORDS, headers=desk.who["clerk"]))
        assert (body["state"], body["step"], body["approved_fen"]) == ("submitted", "finance", None)
        assert desk.seen("clerk")["letters"][-1]["reply"] == "part_refused"
        assert ok(desk.say("finance", "approved"))["approved_fen"] == 476_000


class TestAcceptPart:
    def test_it_goes_on_to_the_go_ahead_and_others_are_told(
        self, client: TestClient, desk: Desk, callers: Callers, database: Database
    ) -> None:
        path, clerk = f"{desk.path}/accept-part", desk.who["clerk"]
        refused(client.post(path, json={}, headers=clerk), 409, "no_part_to_accept")
        desk.up_to("street", "district", "bureau")
        part: Facts = {"amount_fen": 300_000, "reason": "核减。", "left_out": "不含门楣。"}
        body = ok(desk.say("finance", "approved_in_part", **part))
        assert (body["step"], body["district_offer_fen"], body["subdistrict_offer_fen"]) == (
            "committee", 120_000, 180_000,
        )  # fmt: skip
        assert desk.seen("clerk")["may_accept_part"]
        assert desk.seen("street")["open_decisions"] == []
        neighbour = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(client.post(path, json={}, headers=neighbour), 404, "funding_request_not_found")
        refused(client.post(path, json={}, headers=desk.who["street"]), 403, "not_allowed")
        stale = client.post(path, json={}, headers={**clerk, "If-Match": '"1"'})
        refused(stale, 412, "outdated")
        body = ok(client.post(path, json={"words": "门楣由居民自己做。"}, headers=clerk))
        assert (body["state"], body["step"], body["approved_fen"]) == (
            "approved_in_part",
            "go_ahead",
            300_000,
        )
        assert desk.seen("street")["letters"][-1]["words"] == "门楣由居民自己做。"
        refused(client.post(path, json={}, headers=clerk), 409, "no_part_to_accept")
        assert ok(desk.say("street", "go_ahead"))["released_at"]
        with database.reading() as session:
            (told,) = session.exec(
                select(OutboxMessage).where(OutboxMessage.name == "funding_request.part_accepted")
            )
            assert told.payload["amount_fen"] == 300_000


class TestReadRequestEvidence:
    def test_everything_a_request_rests_on(
        self, client: TestClient, callers: Callers, drain: Callable[[], int], backend: str
    ) -> None:
        story = Story(client, callers).with_residents(30)
        lights = raised_by_meeting(story)
        ok(client.post(f"/api/v1/projects/{lights}/publish", headers=story.clerk))
        (other,) = story.published_projects([900_000])
        round_id = story.open_round([lights, other])
        for number in range(25):
            ok(story.cast(round_id, story.resident(number), [lights]))
        story.finish(round_id, drain)
        ok(client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        drain()
        street = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        first, _ = ok(client.get(f"{REQUESTS}?round_id={round_id}&order=priority", headers=street))["items"]
        pack = ok(client.get(f"{REQUESTS}/{first['id']}/evidence", headers=street))
        raised = pack["raised"]
        assert (raised["origin"], raised["votes_for"], raised["meeting_kind"]) == (
            "meeting",
            36,
            "representatives",
        )
        assert raised["minutes"]["version"] == 2
        assert len(raised["minutes"]["digest"]) == 64
        assert raised["minutes"]["signed"] is True
        vote = pack["vote"]
        assert (vote["place"], vote["on_the_list"], vote["ballots_counted"], vote["roll_size"]) == (
            1,
            2,
            25,
            30,
        )
        assert (vote["counted_twice"], vote["unchanged"], vote["board"]["holds"]) == (True, True, True)
        assert vote["board"]["entries"] >= 3
        assert client.get(vote["bundle_url"]).status_code == 200
        assert (vote["ballots_url"] is None) == (
            client.get(f"/board/v1/rounds/{round_id}/ballots.pb").is_error
        )
        assert pack["objections"] == {
            "at_certification": None, "now": None, "least_objections": 5, "least_households": 30,
        }  # fmt: skip
        if backend == "sqlite":  # it is drawn from the same on both
            sheet = client.get(pack["print_url"], headers=street)
            assert sheet.headers["content-type"] == "application/pdf"
            assert sheet.content.startswith(b"%PDF")
        foreign = callers.staff(Role.SUBDISTRICT_OFFICER, "510104000000")
        for tail in ("evidence", "print"):
            answers = [
                refused(
                    client.get(f"{REQUESTS}/{which}/{tail}", headers=foreign),
                    404,
                    "funding_request_not_found",
                )
                for which in (first["id"], uuid.uuid4())
            ]
            assert answers[0] == answers[1]


class TestFundingProgress:
    def test_everybody_sees_where_the_money_is(
        self, client: TestClient, database: Database, desk: Desk
    ) -> None:
        rows = requests(database, costs=[1_000_000, 500_000], funded=1)
        desk.row = rows[0]
        desk.up_to("street", "district", "bureau")
        ok(desk.say("finance", "approved"))
        items = ok(client.get(f"/api/v1/rounds/{rows[0].round_id}/funding-progress"))["items"]
        assert [(item["priority"], item["state"], item["approved_fen"]) for item in items] == [
            (1, "approved", 700_000),
            (2, "reserve", None),
        ]
        assert set(items[0]) == {
            "project_id", "title", "priority", "state", "cost_fen", "community_fen", "public_fen", "approved_fen",
            "deferred_to", "changed_at",
        }  # fmt: skip

    def test_a_draft_round_is_not_there(self, client: TestClient, database: Database) -> None:
        with database.writing() as session:
            draft = make.a_round(session, status=RoundState.DRAFT)
        for which in (draft.id, uuid.uuid4()):
            refused(client.get(f"/api/v1/rounds/{which}/funding-progress"), 404, "round_not_found")


class TestCostPolicies:
    PATH = f"/api/v1/divisions/{SUBDISTRICT}/cost-policies"

    def test_the_usual_one_applies_until_a_district_sets_another(
        self, client: TestClient, district: Headers
    ) -> None:
        before = ok(client.get(self.PATH))
        assert before["items"] == []
        assert (before["in_force"]["division_code"], before["in_force"]["community_share"]) == (
            "000000000000",
            3_000,
        )
        body = {
            "valid_from": "2026-01-01", "community_share": 2_500, "district_share": 6_000,
            "subdistrict_share": 4_000, "source": "南明区〔2026〕3 号",
        }  # fmt: skip
        made = client.post(self.PATH, json=body, headers=district)
        assert made.status_code == 201
        after = ok(client.get(self.PATH))
        assert after["items"] == [after["in_force"]] == [ok(made)]
        refused(client.post(self.PATH, json=body, headers=district), 409, "already_exists")
        below = ok(client.get(f"/api/v1/divisions/{COMMUNITY}/cost-policies"))
        assert (below["items"], below["in_force"]) == ([], ok(made))

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"district_share": 4_001}, "shares_malformed"),
            ({"community_share": 10_001}, "malformed_request"),
            ({"community_share": -1}, "malformed_request"),
            ({"valid_from": "1999-12-31"}, "malformed_request"),
            ({"valid_from": "soon"}, "malformed_request"),
            ({"source": "a\nb"}, "malformed_request"),
            ({"source": ""}, "malformed_request"),
        ],
    )
    def test_malformed(
        self, client: TestClient, district: Headers, changes: dict[str, Any], code: str
    ) -> None:
        body = {"valid_from": "2026-01-01", "source": "文件"} | changes
        refused(client.post(self.PATH, json=body, headers=district), 422, code)
        assert ok(client.get(self.PATH))["items"] == []

    def test_who_pays_does_not_fix_the_share(
        self, client: TestClient, street: Headers, district: Headers
    ) -> None:
        body = {"valid_from": "2026-01-01", "source": "文件"}
        refused(client.post(self.PATH, json=body, headers=street), 403, "not_allowed")
        for code in ("510104000000", "999999999999"):
            path = f"/api/v1/divisions/{code}/cost-policies"
            refused(client.post(path, json=body, headers=district), 404, "division_not_found")
        refused(client.get("/api/v1/divisions/12/cost-policies"), 422, "malformed_request")
