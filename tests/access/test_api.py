"""Signing in, accounts, the record and health, as a client sees them."""

import datetime as dt
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.access import service as access
from app.access.actor import SYSTEM
from app.access.deps import ActorCache
from app.access.roles import Role
from app.audit import service as audit
from app.core import clock, migrations
from app.core.config import Mode, Settings, SmsGateway, new_secret
from app.core.db import Database
from app.main import create_app
from tests.access import forge
from tests.callers import Callers, Headers

COMMUNITY = "520102031006"
COUNTRY = "000000000000"
PASSWORD = "correct horse battery"


def sent(client: TestClient, phone: str = "13800138000", **more: str) -> dict[str, str]:
    answer = client.post("/api/v1/auth/codes", json={"phone": phone, **more})
    assert answer.status_code == 202, answer.text
    body: dict[str, str] = answer.json()
    return body


def signed_in(client: TestClient, phone: str = "13800138000") -> dict[str, str]:
    body = sent(client, phone)
    answer = client.post(
        "/api/v1/auth/tokens", json={"challenge_id": body["challenge_id"], "code": body["development_code"]}
    )
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


def bearer(tokens: dict[str, str]) -> Headers:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.fixture
def admin(callers: Callers) -> Headers:
    return callers.staff(Role.ADMINISTRATOR, COUNTRY)


class TestRequestCode:
    def test_the_answer_is_the_same_for_known_and_unknown_numbers(self, client: TestClient) -> None:
        signed_in(client)
        known, unknown = sent(client), sent(client, "13900139000")
        assert known.keys() == unknown.keys()
        assert known["expires_in"] == unknown["expires_in"]

    @pytest.mark.parametrize("phone", ["１３８００１３８０００", "+86 138-0013-8000"])
    def test_a_phone_may_be_typed_as_people_type(self, client: TestClient, phone: str) -> None:
        sent(client, phone)

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"phone": "12345678901"}, "phone_malformed"), ({"phone": "abcdefgh"}, "phone_malformed"),
            ({"phone": "1380013800\0"}, "phone_malformed"), ({"phone": "1" * 33}, "malformed_request"),
            ({}, "malformed_request"), ({"phone": 13800138000}, "malformed_request"),
            ({"phone": None}, "malformed_request"),
            ({"phone": "13800138000", "device_nonce": "short"}, "malformed_request"),
            ({"phone": "13800138000", "device_nonce": "a b c d e f"}, "malformed_request"),
            ({"phone": "13800138000", "lift_limits": True}, "malformed_request"),
        ],
    )  # fmt: skip
    def test_bad_input(self, client: TestClient, body: dict[str, object], code: str) -> None:
        answer = client.post("/api/v1/auth/codes", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert "13800138000" not in answer.text

    def test_half_a_character_is_malformed(self, client: TestClient) -> None:
        answer = client.post(
            "/api/v1/auth/codes", content=b'{"phone": "\\ud800\\ud800\\ud800\\ud800\\ud800"}',
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 422

    def test_without_a_gateway_paper_codes_remain(self, settings: Settings) -> None:
        off = settings.model_copy(update={"sms_gateway": SmsGateway.NONE})
        with TestClient(create_app(off)) as client:
            answer = client.post("/api/v1/auth/codes", json={"phone": "13800138000"})
        assert (answer.status_code, answer.json()["code"]) == (503, "sms_unavailable")

    def test_production_shows_no_code_and_keeps_its_limits(self, database_url: str, tmp_path: Path) -> None:
        settings = Settings(
            mode=Mode.PRODUCTION, home=tmp_path, database_url=database_url, token_key=new_secret(),
            data_key=new_secret(), signing_key=new_secret(), sms_gateway="http", sms_token="t",
            sms_url="https://sms.example.org/send",
        )  # fmt: skip
        with TestClient(create_app(settings)) as client:
            assert sent(client)["development_code"] is None
            answer = client.post("/api/v1/auth/codes", json={"phone": "13800138000"})
        assert (answer.status_code, answer.json()["code"]) == (429, "code_too_soon")
        assert 1 <= int(answer.headers["retry-after"]) <= 61


class TestIssueToken:
    def test_a_phone_code_signs_a_resident_in(self, client: TestClient) -> None:
        tokens = signed_in(client)
        assert tokens["token_type"] == "Bearer"
        me = client.get("/api/v1/me", headers=bearer(tokens))
        assert me.status_code == 200, me.text
        assert (me.json()["kind"], me.json()["grants"]) == ("resident", [])

    def test_a_wrong_code_says_how_many_tries_are_left(self, client: TestClient) -> None:
        body = sent(client)
        answers = [
            client.post(
                "/api/v1/auth/tokens", json={"challenge_id": body["challenge_id"], "code": "000000x"}
            ).json()
            for _ in range(6)
        ]
        assert {each["code"] for each in answers} == {"wrong_code"}
        assert [each.get("tries_left") for each in answers] == [4, 3, 2, 1, 0, None]

    def test_a_refresh_token_goes_on(self, client: TestClient) -> None:
        tokens = signed_in(client)
        answer = client.post("/api/v1/auth/tokens", json={"refresh_token": tokens["refresh_token"]})
        assert answer.status_code == 200
        again = client.post("/api/v1/auth/tokens", json={"refresh_token": tokens["refresh_token"]})
        assert again.json()["refresh_token"] == answer.json()["refresh_token"]
        with clock.frozen(clock.now() + dt.timedelta(seconds=60)):
            thief = client.post("/api/v1/auth/tokens", json={"refresh_token": tokens["refresh_token"]})
        assert (thief.status_code, thief.json()["code"]) == (401, "token_invalid")

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"code": "123456"}, {"challenge_id": str(uuid.uuid4())}, {"name": "li.wei"}, {"password": PASSWORD},
            {"name": "li.wei", "password": PASSWORD, "refresh_token": "x" * 43},
            {"challenge_id": str(uuid.uuid4()), "code": "123456", "name": "li.wei"},
            {"challenge_id": "1", "code": "123456"}, {"name": "Li Wei", "password": PASSWORD},
            {"name": "li.wei", "password": "x" * 129}, {"name": "li.wei", "password": "a\0b"},
            {"refresh_token": "x" * 8193},
        ],
    )  # fmt: skip
    def test_a_mixture_is_malformed(self, client: TestClient, body: dict[str, str]) -> None:
        answer = client.post("/api/v1/auth/tokens", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed_request")
        assert PASSWORD not in answer.text

    def test_tries_are_counted_although_the_answer_is_an_error(self, client: TestClient) -> None:
        answers = [
            client.post("/api/v1/auth/tokens", json={"name": "nobody", "password": "wrong"}).json()["code"]
            for _ in range(6)
        ]
        assert answers == ["wrong_password"] * 5 + ["too_many_password_attempts"]


class TestRedeemLink:
    def test_a_new_clerk_chooses_a_password_and_signs_in(
        self, client: TestClient, callers: Callers, admin: Headers
    ) -> None:
        body = {"name": "new.clerk", "display_name": "新来的"}
        made = client.post("/api/v1/accounts", json=body, headers=admin).json()
        other = callers.staff(Role.ADMINISTRATOR, COUNTRY)
        half = client.post(f"/api/v1/accounts/{made['account_id']}/countersign", headers=other).json()
        chosen = {"link": made["link"], "code": half["code"], "password": PASSWORD}
        weak = client.post("/api/v1/auth/passwords", json=chosen | {"password": "short"})
        assert (weak.status_code, weak.json()["code"]) == (422, "password_too_weak")
        first = client.post("/api/v1/auth/passwords", json=chosen)
        assert first.status_code == 204
        second = client.post("/api/v1/auth/passwords", json=chosen)
        assert (second.status_code, second.json()["code"]) == (404, "link_invalid")
        tokens = client.post("/api/v1/auth/tokens", json={"name": "new.clerk", "password": PASSWORD})
        assert tokens.status_code == 200
        me = client.get("/api/v1/me", headers=bearer(tokens.json()))
        assert (me.status_code, me.json()["display_name"]) == (
            200,
            "新来的",
        )  # signed in, though without a role


class TestEndSession:
    def test_the_access_token_ends_at_once(self, client: TestClient) -> None:
        tokens = signed_in(client)
        assert client.delete("/api/v1/auth/session", headers=bearer(tokens)).status_code == 204
        assert client.get("/api/v1/me", headers=bearer(tokens)).json()["code"] == "token_invalid"
        answer = client.post("/api/v1/auth/tokens", json={"refresh_token": tokens["refresh_token"]})
        assert answer.status_code == 401


class TestAccounts:
    ROUTES = (
        ("POST", "/api/v1/accounts", {"name": "new.clerk", "display_name": "新来的"}),
        ("GET", "/api/v1/accounts", None),
        ("POST", f"/api/v1/accounts/{uuid.uuid4()}/disable", None),
        ("POST", f"/api/v1/accounts/{uuid.uuid4()}/grants", {"role": "auditor", "division": COMMUNITY}),
        ("DELETE", f"/api/v1/grants/{uuid.uuid4()}", None),
        ("POST", f"/api/v1/accounts/{uuid.uuid4()}/link", None),
        ("POST", f"/api/v1/accounts/{uuid.uuid4()}/countersign", None),
        ("POST", f"/api/v1/accounts/{uuid.uuid4()}/second-factor-resets", None),
        ("POST", f"/api/v1/account-proposals/{uuid.uuid4()}/confirm", None),
        ("POST", f"/api/v1/account-proposals/{uuid.uuid4()}/refuse", None),
        ("GET", "/api/v1/account-proposals", None),
        ("GET", "/api/v1/platform-clients", None),
        (
            "POST", "/api/v1/platform-clients",
            {"name": "s1", "public_key_pem": "x" * 60, "scopes": ["funding:read"], "division": COMMUNITY},
        ),
    )  # fmt: skip

    def test_only_an_administrator_may(self, client: TestClient, callers: Callers) -> None:
        clerk = callers.staff(Role.RC_CHAIR, COMMUNITY, also=(Role.RC_STAFF,))
        auditor = callers.staff(Role.AUDITOR, COUNTRY)
        resident = callers.resident("13800138000")
        for method, path, body in self.ROUTES:
            for headers, status in (({}, 401), (resident, 403), (clerk, 403), (auditor, 403)):
                assert client.request(method, path, json=body, headers=headers).status_code == status, path

    def test_missing_accounts_and_grants(self, client: TestClient, admin: Headers) -> None:
        for (method, path, body), code in zip(
            self.ROUTES[2:10],
            [
                "account_not_found", "account_not_found", "grant_not_found", "account_not_found", "account_not_found",
                "account_not_found", "proposal_not_found", "proposal_not_found",
            ],
            strict=True,
        ):  # fmt: skip
            answer = client.request(method, path, json=body, headers=admin)
            assert (answer.status_code, answer.json()["code"]) == (404, code)

    def test_a_grant_works_once_confirmed_and_ends_at_once(
        self, client: TestClient, callers: Callers, admin: Headers
    ) -> None:
        second = callers.staff(Role.ADMINISTRATOR, COUNTRY)
        clerk = callers.staff_actor(Role.RC_STAFF, "520102031007")
        headers = callers.headers(clerk)
        path = f"/api/v1/audit/{COMMUNITY}/entries"
        assert client.get(path, headers=headers).status_code == 403
        proposed = client.post(
            f"/api/v1/accounts/{clerk.account_id}/grants",
            json={"role": "auditor", "division": COMMUNITY},
            headers=admin,
        )
        assert proposed.status_code == 201, proposed.text
        assert client.get(path, headers=headers).status_code == 403
        confirm = f"/api/v1/account-proposals/{proposed.json()['id']}/confirm"
        assert client.post(confirm, headers=second).status_code == 200
        assert client.get(path, headers=headers).status_code == 200
        listed = client.get("/api/v1/accounts", params={"limit": 200}, headers=admin).json()["items"]
        [held] = [each for each in listed if each["account_id"] == str(clerk.account_id)]
        [grant] = [each for each in held["grants"] if each["role"] == "auditor"]
        assert client.delete(f"/api/v1/grants/{grant['id']}", headers=admin).status_code == 204
        assert client.get(path, headers=headers).status_code == 403

    def test_a_disabled_account_is_out_at_once(
        self, client: TestClient, callers: Callers, admin: Headers
    ) -> None:
        clerk = callers.staff_actor(Role.RC_STAFF, COMMUNITY)
        headers = callers.headers(clerk)
        assert client.get("/api/v1/me", headers=headers).status_code == 200
        assert client.post(f"/api/v1/accounts/{clerk.account_id}/disable", headers=admin).status_code == 204
        assert client.get("/api/v1/me", headers=headers).json()["code"] == "token_invalid"

    @pytest.mark.parametrize(
        ("role", "refusal"),
        [
            ("supervisor", (409, "supervisor_in_committee")), ("public", (422, "role_not_grantable")),
            ("funding:read", (422, "role_not_grantable")), ("emperor", (422, "malformed_request")),
        ],
    )  # fmt: skip
    def test_grants_that_are_refused(
        self, client: TestClient, callers: Callers, role: str, refusal: tuple[int, str]
    ) -> None:
        admin = callers.staff(Role.ADMINISTRATOR, COUNTRY)
        clerk = callers.staff_actor(Role.RC_STAFF, COMMUNITY)
        answer = client.post(
            f"/api/v1/accounts/{clerk.account_id}/grants",
            json={"role": role, "division": COMMUNITY},
            headers=admin,
        )
        assert (answer.status_code, answer.json()["code"]) == refusal

    def test_the_list_goes_on_by_cursor(self, client: TestClient, callers: Callers, admin: Headers) -> None:
        for name in ("c", "a", "b"):
            callers.staff(Role.AUDITOR, COMMUNITY, name=f"zz.{name}")
        names: list[str] = []
        cursor = None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/v1/accounts", params=params, headers=admin).json()
            names += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert names == sorted(names)
        assert names[-3:] == ["zz.a", "zz.b", "zz.c"]

    @pytest.mark.parametrize(
        "params", [{"cursor": "x"}, {"limit": "0"}, {"limit": "201"}, {"cursor": "x" * 401}]
    )
    def test_a_bad_page(self, client: TestClient, admin: Headers, params: dict[str, str]) -> None:
        assert client.get("/api/v1/accounts", params=params, headers=admin).status_code == 422

    def test_a_machine_client(self, client: TestClient, admin: Headers) -> None:
        pem = forge.public_pem(ec.generate_private_key(ec.SECP256R1()))
        body = {"name": "street", "public_key_pem": pem, "scopes": ["funding:read"], "division": COMMUNITY}
        made = client.post("/api/v1/platform-clients", json=body, headers=admin)
        assert (made.status_code, made.json()["client_id"]) == (201, "street")
        again = client.post("/api/v1/platform-clients", json=body, headers=admin)
        assert (again.status_code, again.json()["code"]) == (409, "name_taken")
        private = body | {
            "name": "s2",
            "public_key_pem": forge.private_pem(ec.generate_private_key(ec.SECP256R1())),
        }
        answer = client.post("/api/v1/platform-clients", json=private, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (422, "key_malformed")
        assert "PRIVATE" not in answer.text


class TestListEntries:
    def test_an_auditor_reads_her_divisions(self, client: TestClient, callers: Callers) -> None:
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        page = client.get(f"/api/v1/audit/{COMMUNITY}/entries", headers=auditor).json()
        assert [each["tag"] for each in page["items"]] == ["auditor:read", "grant:given"]
        assert page["items"][1]["facts"] == {"role": "auditor", "division": COMMUNITY}

    def test_what_an_auditor_reads_is_on_record_once(
        self, client: TestClient, callers: Callers, database: Database
    ) -> None:
        actor = callers.staff_actor(Role.AUDITOR, COMMUNITY)
        auditor, path = callers.headers(actor), f"/api/v1/audit/{COMMUNITY}/entries"
        for _ in range(3):
            assert client.get(path, headers=auditor).status_code == 200
        assert client.get(f"/api/v1/communities/{COMMUNITY}/disclosures", headers=auditor).status_code == 200
        request = uuid.uuid4()
        assert client.get(f"/api/v1/funding-requests/{request}", headers=auditor).status_code == 404
        for free in ("/api/v1/audit/tags", "/api/v1/audit/verification", "/api/v1/desk", "/api/v1/rounds"):
            client.get(free, headers=auditor)
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        assert client.get(path, headers=supervisor).status_code == 200  # is one of those who live there
        with database.reading() as session:
            entries = audit.listing(session, prefix="", after=None, limit=50)
        read = [each for each in entries if each.tag == "auditor:read"]
        assert {(each.chain, each.actor) for each in read} == {(COMMUNITY, actor.ref)}
        assert sorted((audit.facts_of(each)["verb"], each.subject) for each in read) == [
            ("audit.list", f"audit:{COMMUNITY}"),
            ("disclosure.list", f"disclosure:{COMMUNITY}"),
            ("request.read", f"request:{request}"),
        ]

    def test_the_record_is_of_the_division_they_audit(
        self, client: TestClient, callers: Callers, database: Database
    ) -> None:
        actor = callers.staff_actor(Role.AUDITOR, "520102031007")
        assert actor.account_id is not None
        with database.writing() as session:
            access.give_grant(
                session, account_id=actor.account_id, role=Role.AUDITOR, division=COMMUNITY, actor=SYSTEM
            )
        auditor = callers.headers(actor)
        for place in (COMMUNITY, "999999999999", "%2e%2e%20x"):
            client.get(f"/api/v1/audit/{place}/entries", headers=auditor)
        with database.reading() as session:
            entries = audit.listing(session, prefix="", after=None, limit=50)
        read = [(each.chain, each.subject) for each in entries if each.tag == "auditor:read"]
        assert read.count((COMMUNITY, f"audit:{COMMUNITY}")) == 1
        assert {chain for chain, _ in read} <= {COMMUNITY, "520102031007"}

    @pytest.mark.parametrize("division", ["520102031007", "520102031000", COUNTRY])
    def test_a_foreign_division_answers_like_a_missing_one(
        self, client: TestClient, callers: Callers, division: str
    ) -> None:
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        answer = client.get(f"/api/v1/audit/{division}/entries", headers=auditor)
        missing = client.get("/api/v1/audit/999999999999/entries", headers=auditor)
        assert answer.status_code == missing.status_code == 404
        assert answer.json() == missing.json()

    @pytest.mark.parametrize("cursor", ["x", "IngiIg", "IjUyMDEwMjAzMTAwNjo5OTk5OTk5OTk5OTk5OTk5OTk5OSI"])
    def test_a_bad_cursor(self, client: TestClient, callers: Callers, cursor: str) -> None:
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        answer = client.get(f"/api/v1/audit/{COMMUNITY}/entries", params={"cursor": cursor}, headers=auditor)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")

    def test_pages(self, client: TestClient, callers: Callers) -> None:
        for _ in range(4):
            callers.staff(Role.AUDITOR, COMMUNITY)
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        seqs: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = client.get(f"/api/v1/audit/{COMMUNITY}/entries", params=params, headers=auditor).json()
            seqs += [item["seq"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert seqs == [6, 5, 4, 3, 2, 1]


class TestVerifyChains:
    def test_it_tells_a_broken_chain(self, client: TestClient, callers: Callers, database: Database) -> None:
        auditor = callers.staff(Role.AUDITOR, COMMUNITY)
        callers.staff(Role.AUDITOR, "520102031007")
        (report,) = client.get("/api/v1/audit/verification", headers=auditor).json()
        assert (report["chain"], report["holds"], report["length"]) == (COMMUNITY, True, 1)
        with database.writing() as session:
            session.execute(sa.text("UPDATE audit_entry SET actor = 'x'"))
        (report,) = client.get("/api/v1/audit/verification", headers=auditor).json()
        assert (report["holds"], report["broken_at"], report["reason"]) == (False, 1, "the entry was altered")


class TestHealth:
    def test_up_and_ready(self, client: TestClient) -> None:
        assert client.get("/healthz").json() == {"status": "up", "development": True}
        assert client.get("/readyz").json() == {"status": "ready", "development": True}

    @pytest.mark.parametrize(
        "statement", ["UPDATE alembic_version SET version_num = 'old'", "DROP TABLE alembic_version"]
    )
    def test_not_ready_before_the_migrations(
        self, client: TestClient, database: Database, statement: str
    ) -> None:
        with database.writing() as session:
            session.execute(sa.text(statement))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        assert answer.headers["retry-after"] == "5"
        assert client.get("/healthz").status_code == 200

    def test_not_ready_without_a_database(self, tmp_path: Path) -> None:
        away = Settings(
            mode=Mode.DEVELOPMENT,
            home=tmp_path,
            database_url="postgresql://x:x@127.0.0.1:1/x?connect_timeout=1",
        )
        with TestClient(create_app(away), raise_server_exceptions=False) as client:
            assert client.get("/healthz").status_code == 200
            answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")

    def test_the_head_is_known(self) -> None:
        assert migrations.head()


class TestActorCache:
    def test_it_forgets_after_half_a_minute_and_never_mixes_accounts(
        self, callers: Callers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache = ActorCache()
        actor = callers.resident_actor("13800138000")
        assert actor.session_id is not None
        assert actor.account_id is not None
        cache.put(actor)
        assert cache.get(actor.session_id, actor.account_id) == actor
        assert cache.get(actor.session_id, uuid.uuid4()) is None
        assert cache.get(uuid.uuid4(), actor.account_id) is None
        monkeypatch.setattr("app.access.deps.ACTOR_CACHE_SECONDS", -1)
        cache.put(actor)
        assert cache.get(actor.session_id, actor.account_id) is None

    def test_it_does_not_grow_without_end(self, callers: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.access.deps.LARGEST_CACHE", 2)
        cache = ActorCache()
        for number in range(5):
            cache.put(callers.resident_actor(f"1380013800{number}"))
        assert len(cache._actors) <= 2

    def test_a_session_revoked_elsewhere_ends_within_its_time(
        self, app: FastAPI, client: TestClient, callers: Callers, database: Database
    ) -> None:
        headers = callers.staff(Role.AUDITOR, COMMUNITY)
        assert client.get("/api/v1/me", headers=headers).status_code == 200
        with database.writing() as session:
            session.execute(sa.text("UPDATE sign_in_session SET revoked_at = '2026-01-01 00:00:00'"))
        app.state.actor_cache.clear()  # what the half minute does
        assert client.get("/api/v1/me", headers=headers).status_code == 401


class TestTime:
    def test_a_token_ages_with_the_clock(self, client: TestClient) -> None:
        tokens = signed_in(client)
        with clock.frozen(clock.now() + dt.timedelta(seconds=600)):
            assert client.get("/api/v1/me", headers=bearer(tokens)).json()["code"] == "token_expired"
