"""What a government's system sees and says."""

import datetime as dt
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access import service as access
from app.access.actor import SYSTEM
from app.access.roles import SCOPES, Role
from app.access.tokens import make_client_assertion
from app.core import clock
from app.core.canonical import canonical_json, sha256_hex
from app.core.db import Database
from app.funding.models import FundingRequest, RequestDecision
from app.outbox.models import InboxMessage
from app.projects.rules import ProjectState
from tests.access import forge
from tests.callers import Callers, Headers
from tests.factories import funding as make
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok, refused

TOKEN = "/platform/v1/oauth/token"
AUDIENCE = f"http://127.0.0.1:8000{TOKEN}"
REQUESTS = "/platform/v1/funding-requests"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ELSEWHERE = "510104000000"
ALL = (Role.SCOPE_FUNDING_READ, Role.SCOPE_FUNDING_DECIDE, Role.SCOPE_PROJECT_READ, Role.SCOPE_STATS_READ)


@dataclass(frozen=True)
class System:
    """A registered client with its key."""

    name: str
    key: ec.EllipticCurvePrivateKey

    def form(self, **changes: str) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        } | changes

    def assertion(self, audience: str = AUDIENCE) -> str:
        return make_client_assertion(
            client_id=self.name, audience=audience, private_key_pem=forge.private_pem(self.key)
        )


@pytest.fixture
def street_system(database: Database) -> System:
    return a_system(database, "street-1", ALL)


def a_system(database: Database, name: str, scopes: Sequence[Role], *, over: str = SUBDISTRICT) -> System:
    made = System(name, ec.generate_private_key(ec.SECP256R1()))
    with database.writing() as session:
        access.register_client(
            session,
            name=name,
            public_key_pem=forge.public_pem(made.key),
            scopes=scopes,
            division=over,
            actor=SYSTEM,
        )
    return made


def sign_in(client: TestClient, system: System) -> Headers:
    issued = ok(client.post(TOKEN, data=system.form()))
    return {"Authorization": f"Bearer {issued['access_token']}"}


def requests(
    database: Database, *, costs: Sequence[int] = (680_000,), funded: int = 1, community: str = COMMUNITY
) -> list[FundingRequest]:
    with database.writing() as session:
        return make.some_requests(session, costs=costs, funded=funded, community=community)


class TestToken:
    def test_an_assertion_buys_a_token_once(self, client: TestClient, street_system: System) -> None:
        form = street_system.form()
        answer = client.post(TOKEN, data=form)
        issued = ok(answer)
        assert answer.headers["cache-control"] == "no-store"
        assert (issued["token_type"], issued["expires_in"]) == ("Bearer", 600)
        assert issued["scope"] == "funding:decide funding:read project:read stats:read"
        refused(client.post(TOKEN, data=form), 401, "client_assertion_invalid")
        headers = {"Authorization": f"Bearer {issued['access_token']}"}
        assert ok(client.get(REQUESTS, headers=headers)) == {"items": [], "next_cursor": None}

    def test_a_scope_may_be_named_if_it_is_held(self, client: TestClient, street_system: System) -> None:
        issued = ok(client.post(TOKEN, data=street_system.form(scope="funding:read stats:read")))
        assert "funding:read" in issued["scope"].split(), "the answer says what the token really carries"
        for scope in ("webhook:manage", "funding:read ballots:read", "administrator"):
            refused(client.post(TOKEN, data=street_system.form(scope=scope)), 422, "scope_not_held")

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"grant_type": "password"}, 422, "unsupported_grant"),
            ({"client_assertion_type": "urn:x"}, 422, "unsupported_grant"),
            ({"client_assertion": "x"}, 401, "client_assertion_invalid"),
            ({"client_assertion": "a.b.c"}, 401, "client_assertion_invalid"),
            ({"client_assertion": "共.识.议"}, 401, "client_assertion_invalid"),
            ({"client_assertion": ""}, 422, "malformed_request"),
            ({"client_assertion": "x" * 9000}, 422, "malformed_request"),
            ({"scope": "x" * 401}, 422, "malformed_request"),
        ],
    )
    def test_what_is_refused(
        self, client: TestClient, street_system: System, changes: dict[str, str], status: int, code: str
    ) -> None:
        refused(client.post(TOKEN, data=street_system.form(**changes)), status, code)

    def test_other_ways_of_being_wrong(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        other_key = System(street_system.name, ec.generate_private_key(ec.SECP256R1()))
        unknown = System("nobody", street_system.key)
        elsewhere = street_system.assertion(audience="https://other.example/token")
        with clock.frozen(clock.now() - dt.timedelta(minutes=10)):
            old = street_system.assertion()
        assertions = [other_key.assertion(), unknown.assertion(), elsewhere, old]
        bodies = [
            refused(
                client.post(TOKEN, data=street_system.form(client_assertion=each)),
                401,
                "client_assertion_invalid",
            )
            for each in assertions
        ]
        assert len({str(body) for body in bodies}) == 1, "nothing says which part was wrong"
        with database.writing() as session:
            account = access.account_named(session, street_system.name)
            assert account is not None
            access.disable_account(session, account_id=account.id, actor=SYSTEM)
        refused(client.post(TOKEN, data=street_system.form()), 401, "client_assertion_invalid")

    @pytest.mark.parametrize(
        ("content_type", "raw"),
        [
            ("application/json", b'{"grant_type": "client_credentials"}'),
            ("application/x-www-form-urlencoded", b""),
            ("application/x-www-form-urlencoded", b"grant_type=%ff%fe&client_assertion=%00"),
            ("application/x-www-form-urlencoded", b"&&&===%%%"),
            ("application/x-www-form-urlencoded", b"grant_type=a&" * 2000),
            ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
            ("multipart/form-data", b"--x"),
            (
                "multipart/form-data; boundary=x; charset=bogus",
                b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
            ),
            ("text/plain", b"grant_type=client_credentials"),
        ],
    )  # fmt: skip
    def test_a_body_that_is_no_form_is_never_our_fault(
        self, client: TestClient, content_type: str, raw: bytes
    ) -> None:
        answer = client.post(TOKEN, content=raw, headers={"content-type": content_type})
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")

    def test_twenty_at_once_with_one_assertion_buy_one(
        self, client: TestClient, street_system: System
    ) -> None:
        form = street_system.form()
        gate = threading.Barrier(10)

        def buy(_: int) -> int:
            gate.wait()
            return int(client.post(TOKEN, data=form).status_code)

        with ThreadPoolExecutor(10) as pool:
            assert sorted(pool.map(buy, range(10))) == [200] + [401] * 9


class TestScopes:
    PATHS: ClassVar[dict[str, tuple[str, str, Role]]] = {
        "list": ("GET", REQUESTS, Role.SCOPE_FUNDING_READ),
        "read": ("GET", f"{REQUESTS}/{uuid.uuid4()}", Role.SCOPE_FUNDING_READ),
        "decide": ("POST", f"{REQUESTS}/{uuid.uuid4()}/decisions", Role.SCOPE_FUNDING_DECIDE),
        "projects": ("GET", f"/platform/v1/projects?community={COMMUNITY}", Role.SCOPE_PROJECT_READ),
        "stats": ("GET", "/platform/v1/stats", Role.SCOPE_STATS_READ),
    }

    @pytest.mark.parametrize("which", PATHS)
    def test_each_opens_its_own_door_only(self, client: TestClient, callers: Callers, which: str) -> None:
        method, path, needed = self.PATHS[which]
        for scope in sorted(SCOPES):
            answer = client.request(method, path, headers=callers.client(scope, over=SUBDISTRICT))
            if scope is needed:
                assert answer.status_code != 403, (scope, answer.text)
            else:
                refused(answer, 403, "not_allowed")

    @pytest.mark.parametrize("role", [Role.DISTRICT_OFFICER, Role.ADMINISTRATOR, Role.RC_CHAIR])
    def test_people_come_through_the_other_door(
        self, client: TestClient, callers: Callers, role: Role
    ) -> None:
        refused(client.get(REQUESTS, headers=callers.staff(role, SUBDISTRICT)), 403, "not_allowed")

    def test_a_system_reads_no_desk_of_ours(self, client: TestClient, callers: Callers) -> None:
        headers = callers.client(*SCOPES, over=SUBDISTRICT)
        for path in (
            "/api/v1/funding-requests",
            "/api/v1/webhook-endpoints",
            "/api/v1/accounts",
            "/api/v1/audit",
        ):
            assert client.get(path, headers=headers).status_code in {403, 404}, path


class TestReadRequests:
    def test_only_ones_own_and_by_cursor(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        rows = requests(database, costs=[1_000, 2_000, 3_000], funded=2)
        rows += requests(database, costs=[4_000], community=NEIGHBOUR)
        headers = sign_in(client, street_system)
        seen: list[str] = []
        query = ""
        while True:
            page = ok(client.get(f"{REQUESTS}?limit=2{query}", headers=headers))
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            query = f"&cursor={page['next_cursor']}"
        assert len(seen) == 4
        assert set(seen) == {str(row.id) for row in rows}
        path = f"{REQUESTS}?round_id={rows[0].round_id}&state=reserve"
        assert [item["priority"] for item in ok(client.get(path, headers=headers))["items"]] == [3]
        refused(client.get(f"{REQUESTS}?cursor=x", headers=headers), 422, "bad_cursor")

    def test_the_request_with_what_it_rests_on(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        answer = client.get(f"{REQUESTS}/{row.id}", headers=sign_in(client, street_system))
        body = ok(answer)
        assert answer.headers["cache-control"] == "no-store"
        assert body["shares"] == {
            "community_fen": 204_000,
            "district_fen": 190_400,
            "subdistrict_fen": 285_600,
        }
        assert body["evidence"]["result_digest"] == make.DIGEST
        assert body["evidence"]["cost_items"] == [
            {"kind": "works", "description": "施工", "amount_fen": 680_000}
        ]

    def test_missing_and_foreign_are_alike(self, client: TestClient, database: Database) -> None:
        (row,) = requests(database)
        foreign = sign_in(client, a_system(database, "elsewhere", ALL, over=ELSEWHERE))
        for method, tail, body in (
            ("GET", "", None),
            ("POST", "/decisions", {"id": "d-1", "decision": "received"}),
        ):
            answers = [
                refused(
                    client.request(method, f"{REQUESTS}/{which}{tail}", json=body, headers=foreign),
                    404,
                    "funding_request_not_found",
                )
                for which in (row.id, uuid.uuid4())
            ]
            assert answers[0] == answers[1]
        assert ok(client.get(REQUESTS, headers=foreign))["items"] == []
        with database.reading() as session:
            assert not session.exec(select(InboxMessage)).all()


class TestDecide:
    def decide(
        self, client: TestClient, row: FundingRequest, headers: Headers, **body: str | float | None
    ) -> httpx.Response:
        answer: httpx.Response = client.post(f"{REQUESTS}/{row.id}/decisions", json=body, headers=headers)
        return answer

    def test_step_by_step_to_the_money(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        headers = sign_in(client, street_system)
        steps: list[tuple[str, dict[str, str | int]]] = [
            ("received", {}),
            ("accepted", {"decided_at": "2026-11-24T12:00:00+08:00"}),
            ("approved_in_part", {"amount_fen": 400_000, "reason": "按集采价核减。"}),
        ]
        for number, (decision, facts) in enumerate(steps):
            body = ok(self.decide(client, row, headers, id=f"d-{number}", decision=decision, **facts))
            assert body == {"request_id": str(row.id), "decision_id": f"d-{number}", "state": decision}
        assert ok(client.get(f"{REQUESTS}/{row.id}", headers=headers))["approved_fen"] == 400_000
        with database.reading() as session:
            kept = session.exec(select(RequestDecision).order_by("position")).all()
        assert [each.external_id for each in kept] == ["d-0", "d-1", "d-2"]
        assert kept[1].decided_at == dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)

    def test_each_government_says_what_it_pays_if_it_wants_to(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        headers = sign_in(client, street_system)
        ok(self.decide(client, row, headers, id="d-1", decision="accepted"))
        said: dict[str, str | float | None] = {
            "district_fen": 100_000,
            "subdistrict_fen": 200_000,
            "left_out": "不含门楣。",
            "reason": "核减。",
        }
        ok(self.decide(client, row, headers, id="d-2", decision="approved_in_part", **said))
        body = ok(client.get(f"{REQUESTS}/{row.id}", headers=headers))
        assert (body["approved_fen"], body["district_offer_fen"], body["left_out"]) == (
            300_000, 100_000, "不含门楣。",
        )  # fmt: skip
        assert (body["state"], body["step"], body["released_at"]) == ("approved_in_part", "committee", None)

    def test_an_id_from_before_there_was_more_to_say_is_known(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        ok(self.decide(client, row, sign_in(client, street_system), id="d-1", decision="received"))
        content = {
            "request_id": str(row.id), "id": "d-1", "decision": "received", "reason": None, "amount_fen": None,
            "year": None, "decided_at": None,
        }  # fmt: skip
        with database.reading() as session:
            kept = session.exec(select(InboxMessage)).one()
            assert kept.digest == sha256_hex(canonical_json(content))

    def test_the_same_id_again_is_the_same_answer(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        headers = sign_in(client, street_system)
        first = ok(self.decide(client, row, headers, id="d-1", decision="received"))
        ok(self.decide(client, row, headers, id="d-2", decision="accepted"))
        again = ok(self.decide(client, row, headers, id="d-1", decision="received"))
        assert again == first
        with database.reading() as session:
            assert len(session.exec(select(RequestDecision)).all()) == 2

    def test_the_same_id_with_other_content(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        row, other = requests(database, costs=[1_000, 2_000], funded=2)
        headers = sign_in(client, street_system)
        ok(self.decide(client, row, headers, id="d-1", decision="received"))
        for target, body in (
            (row, {"decision": "accepted"}),
            (row, {"decision": "received", "reason": "理由。"}),
            (other, {"decision": "received"}),
        ):
            refused(self.decide(client, target, headers, id="d-1", **body), 409, "same_id_other_content")

    def test_two_systems_may_use_the_same_id(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        district = sign_in(client, a_system(database, "district-1", ALL, over="520102000000"))
        ok(self.decide(client, row, sign_in(client, street_system), id="1", decision="received"))
        ok(self.decide(client, row, district, id="1", decision="accepted"))

    def test_of_thirty_twins_at_once_one_counts(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        headers = sign_in(client, street_system)
        gate = threading.Barrier(12)

        def twin(_: int) -> tuple[int, str]:
            gate.wait()
            answer = self.decide(client, row, headers, id="d-1", decision="received")
            return answer.status_code, answer.text

        with ThreadPoolExecutor(12) as pool:
            assert len(set(pool.map(twin, range(12)))) == 1, "all are told the same"
        with database.reading() as session:
            assert len(session.exec(select(RequestDecision)).all()) == 1

    def test_a_refused_decision_does_not_use_up_its_id(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        (row,) = requests(database)
        headers = sign_in(client, street_system)
        refused(
            self.decide(client, row, headers, id="d-1", decision="approved"),
            409,
            "funding_request_wrong_state",
        )
        ok(self.decide(client, row, headers, id="d-0", decision="accepted"))
        ok(self.decide(client, row, headers, id="d-1", decision="approved"))

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"decision": "received"}, "malformed_request"),
            ({"id": "", "decision": "received"}, "malformed_request"),
            ({"id": "a b", "decision": "received"}, "malformed_request"),
            ({"id": "共", "decision": "received"}, "malformed_request"),
            ({"id": "x" * 101, "decision": "received"}, "malformed_request"),
            ({"id": "d", "decision": "submitted"}, "malformed_request"),
            ({"id": "d", "decision": "received", "state": "approved"}, "malformed_request"),
            ({"id": "d", "decision": "received", "decided_at": "2026-11-24T12:00:00"}, "malformed_request"),
            (
                {"id": "d", "decision": "received", "decided_at": "9999-12-31T23:59:59-12:00"},
                "malformed_request",
            ),
            (
                {"id": "d", "decision": "received", "decided_at": "0001-01-01T00:00:00+14:00"},
                "malformed_request",
            ),
            ({"id": "d", "decision": "received", "decided_at": 1e300}, "malformed_request"),
            ({"id": "d", "decision": "received", "amount_fen": 5}, "decision_fact_out_of_place"),
            ({"id": "d", "decision": "returned"}, "reason_needed"),
        ],
    )
    def test_malformed_leaves_nothing(
        self,
        *,
        client: TestClient,
        database: Database,
        street_system: System,
        body: dict[str, str | float],
        code: str,
    ) -> None:
        (row,) = requests(database)
        refused(self.decide(client, row, sign_in(client, street_system), **body), 422, code)
        with database.reading() as session:
            assert not session.exec(select(RequestDecision)).all()
            assert not session.exec(select(InboxMessage)).all()


class TestProjects:
    def test_what_is_published_where_one_works(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        with database.writing() as session:
            shown = make.a_project(session, state=ProjectState.PUBLISHED)
            make.a_project(session, state=ProjectState.DRAFT)
            make.a_project(session, community=NEIGHBOUR, state=ProjectState.PUBLISHED)
        headers = sign_in(client, street_system)
        path = "/platform/v1/projects?community="
        (item,) = ok(client.get(path + COMMUNITY, headers=headers))["items"]
        assert (item["id"], item["cost_fen"], item["state"]) == (str(shown.id), 680_000, "published")
        assert len(ok(client.get(path + SUBDISTRICT, headers=headers))["items"]) == 2
        for code in (ELSEWHERE, "520102000000", "999999999999", "520102031999"):
            refused(client.get(path + code, headers=headers), 404, "division_not_found")
        refused(client.get(path + "12", headers=headers), 422, "malformed_request")


class TestStats:
    def test_sums_and_nothing_else(
        self, client: TestClient, database: Database, street_system: System
    ) -> None:
        requests(database, costs=[1_000_000, 500_000], funded=1)
        requests(database, costs=[100_000], community=NEIGHBOUR)
        headers = sign_in(client, street_system)
        assert ok(client.get("/platform/v1/stats", headers=headers)) == {
            "requests": [
                {"state": "reserve", "requests": 1, "cost_fen": 500_000, "public_fen": 350_000, "approved_fen": 0},
                {"state": "submitted", "requests": 2, "cost_fen": 1_100_000, "public_fen": 770_000, "approved_fen": 0},
            ]
        }  # fmt: skip
        one = ok(client.get(f"/platform/v1/stats?division={NEIGHBOUR}", headers=headers))
        assert [each["cost_fen"] for each in one["requests"]] == [100_000]
        for code in (ELSEWHERE, "520102000000", "999999999999"):
            refused(
                client.get(f"/platform/v1/stats?division={code}", headers=headers), 404, "division_not_found"
            )
