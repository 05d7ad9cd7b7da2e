"""The desk of a sub-district and a district, over HTTP."""

import uuid
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.roles import Role
from app.core.db import Database
from app.funding.models import FundingRequest, RequestDecision
from app.rounds.rules import RoundState
from tests.callers import Callers, Headers
from tests.factories import funding as make
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok, refused

DISTRICT = "520102000000"
REQUESTS = "/api/v1/funding-requests"


@pytest.fixture
def street(callers: Callers) -> Headers:
    return callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)


@pytest.fixture
def district(callers: Callers) -> Headers:
    return callers.staff(Role.DISTRICT_OFFICER, DISTRICT)


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

    @pytest.mark.parametrize(
        ("query", "code"),
        [
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


class TestReadRequest:
    def test_with_evidence_decisions_and_an_etag(
        self, client: TestClient, database: Database, street: Headers
    ) -> None:
        (row,) = requests(database)
        ok(client.post(f"{REQUESTS}/{row.id}/decisions", json={"decision": "received"}, headers=street))
        answer = client.get(f"{REQUESTS}/{row.id}", headers=street)
        body = ok(answer)
        assert answer.headers["etag"] == '"2"'
        assert body["evidence"]["backers"] == 39
        assert body["evidence"]["policy"]["subdistrict_share"] == 6_000
        assert [each["decision"] for each in body["decisions"]] == ["received"]
        assert body["community_fen"] + body["district_fen"] + body["subdistrict_fen"] == body["cost_fen"]

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
    def decide(
        self, client: TestClient, row: FundingRequest, who: Headers, decision: str, **facts: str | float
    ) -> httpx.Response:
        path = f"{REQUESTS}/{row.id}/decisions"
        answer: httpx.Response = client.post(path, json={"decision": decision, **facts}, headers=who)
        return answer

    def test_street_hears_and_district_pays(
        self, client: TestClient, database: Database, street: Headers, district: Headers
    ) -> None:
        (row,) = requests(database)
        ok(self.decide(client, row, street, "accepted"))
        refused(self.decide(client, row, street, "approved"), 403, "not_yours_to_decide")
        body = ok(self.decide(client, row, district, "approved"))
        assert (body["state"], body["approved_fen"]) == ("approved", 476_000)
        refused(
            self.decide(client, row, district, "declined", reason="迟了。"),
            409,
            "funding_request_wrong_state",
        )

    @pytest.mark.parametrize(
        ("decision", "facts", "code"),
        [
            ("declined", {}, "reason_needed"),
            ("declined", {"reason": " "}, "malformed_request"),
            ("approved_in_part", {"reason": "核减。"}, "amount_needed"),
            ("approved_in_part", {"reason": "核减。", "amount_fen": 476_000}, "amount_needed"),
            ("approved_in_part", {"reason": "核减。", "amount_fen": 0}, "malformed_request"),
            ("approved_in_part", {"reason": "核减。", "amount_fen": 2**63}, "malformed_request"),
            ("approved_in_part", {"reason": "核减。", "amount_fen": 1.5}, "malformed_request"),
            ("deferred", {"reason": "明年。"}, "year_needed"),
            ("deferred", {"reason": "明年。", "year": 2020}, "year_needed"),
            ("deferred", {"reason": "明年。", "year": 10**9}, "malformed_request"),
            ("approved", {"amount_fen": 5}, "decision_fact_out_of_place"),
            ("go_ahead", {"year": 2030}, "decision_fact_out_of_place"),
            ("declined", {"reason": "a\0b"}, "malformed_request"),
            ("declined", {"reason": "x" * 1001}, "malformed_request"),
            ("reserve", {}, "malformed_request"),
            ("received", {"state": "approved"}, "malformed_request"),
        ],
    )
    def test_malformed_leaves_nothing(
        self,
        *,
        client: TestClient,
        database: Database,
        district: Headers,
        decision: str,
        facts: dict[str, str | float],
        code: str,
    ) -> None:
        (row,) = requests(database)
        ok(self.decide(client, row, district, "accepted"))
        refused(self.decide(client, row, district, decision, **facts), 422, code)
        with database.reading() as session:
            assert len(session.exec(select(RequestDecision)).all()) == 1
            found = session.get(FundingRequest, row.id)
            assert found is not None
            assert (found.version, found.approved_fen) == (2, None)

    def test_lone_surrogates(self, client: TestClient, database: Database, district: Headers) -> None:
        (row,) = requests(database)
        raw = b'{"decision": "returned", "reason": "\\ud800 what"}'
        answer = client.post(
            f"{REQUESTS}/{row.id}/decisions",
            content=raw,
            headers={**district, "content-type": "application/json"},
        )
        refused(answer, 422, "malformed_request")

    def test_if_match(self, client: TestClient, database: Database, street: Headers) -> None:
        (row,) = requests(database)
        stale = self.decide(client, row, {**street, "If-Match": '"7"'}, "received")
        refused(stale, 412, "outdated")
        refused(self.decide(client, row, {**street, "If-Match": "x"}, "received"), 422, "bad_etag")
        ok(self.decide(client, row, {**street, "If-Match": '"1"'}, "received"))

    def test_missing_foreign_and_not_for(
        self, client: TestClient, database: Database, callers: Callers, street: Headers
    ) -> None:
        (row,) = requests(database)
        foreign = callers.staff(Role.SUBDISTRICT_OFFICER, "510104000000")
        refused(self.decide(client, row, foreign, "received"), 404, "funding_request_not_found")
        ghost = FundingRequest(**{**row.model_dump(), "id": uuid.uuid4()})
        refused(self.decide(client, ghost, street, "received"), 404, "funding_request_not_found")
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY)
        refused(self.decide(client, row, clerk, "approved"), 403, "not_allowed")
        bureau = callers.staff(Role.BUREAU_REVIEWER, DISTRICT)
        refused(self.decide(client, row, bureau, "approved"), 403, "not_allowed")


class TestResubmitRequest:
    def test_a_corrected_justification(
        self, client: TestClient, database: Database, callers: Callers, street: Headers
    ) -> None:
        (row,) = requests(database)
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY)
        path = f"{REQUESTS}/{row.id}/resubmit"
        words = {"justification": "附三家报价单。"}
        refused(client.post(path, json=words, headers=clerk), 409, "funding_request_wrong_state")
        ok(
            client.post(
                f"{REQUESTS}/{row.id}/decisions",
                json={"decision": "returned", "reason": "请补充。"},
                headers=street,
            )
        )
        refused(client.post(path, json={"justification": ""}, headers=clerk), 422, "malformed_request")
        refused(
            client.post(path, json=words, headers=callers.staff(Role.RC_CHAIR, NEIGHBOUR)),
            404,
            "funding_request_not_found",
        )
        body = ok(client.post(path, json=words, headers=clerk))
        assert (body["state"], body["submission"], body["justification"]) == (
            "submitted",
            2,
            "附三家报价单。",
        )


class TestFundingProgress:
    def test_everybody_sees_where_the_money_is(
        self, client: TestClient, database: Database, district: Headers
    ) -> None:
        rows = requests(database, costs=[1_000_000, 500_000], funded=1)
        for decision in ("accepted", "approved"):
            path = f"{REQUESTS}/{rows[0].id}/decisions"
            ok(client.post(path, json={"decision": decision}, headers=district))
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
