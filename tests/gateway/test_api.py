"""Connecting other systems, over HTTP."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from app.access.divisions import WHOLE_COUNTRY
from app.access.roles import Role
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.gateway import targets
from app.gateway.errors import NameUnknown
from tests.callers import Callers, Headers
from tests.factories import funding as make
from tests.inboxes import Inbox
from tests.story import COMMUNITY, SUBDISTRICT, ok, refused

ENDPOINTS = "/api/v1/webhook-endpoints"


@pytest.fixture
def admin(callers: Callers) -> Headers:
    return callers.staff(Role.ADMINISTRATOR, WHOLE_COUNTRY)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as running:
        yield running


def register(client: TestClient, admin: Headers, url: str, **changes: str) -> dict[str, str]:
    body = {"division": SUBDISTRICT, "url": url} | changes
    made: dict[str, str] = ok(client.post(ENDPOINTS, json=body, headers=admin))
    return made


class TestRegisterEndpoint:
    def test_our_public_key_or_a_secret_shown_once(
        self, client: TestClient, admin: Headers, inbox: Inbox
    ) -> None:
        ours = register(client, admin, inbox.url)
        assert ours["verification_key"].startswith("whpk_")
        shared = register(client, admin, inbox.url + "2", signing="hmac")
        assert shared["verification_key"].startswith("whsec_")
        listed = ok(client.get(ENDPOINTS, headers=admin))
        assert [item["id"] for item in listed["items"]] == [ours["id"], shared["id"]]
        assert "verification_key" not in listed["items"][1]
        assert shared["verification_key"] not in str(listed)

    def test_twice_would_double_every_message(self, client: TestClient, admin: Headers, inbox: Inbox) -> None:
        first = register(client, admin, inbox.url)
        body = {"division": SUBDISTRICT, "url": inbox.url}
        refused(client.post(ENDPOINTS, json=body, headers=admin), 409, "already_exists")
        ok(client.post(f"{ENDPOINTS}/{first['id']}/disable", headers=admin))
        register(client, admin, inbox.url)
        refused(client.post(f"{ENDPOINTS}/{first['id']}/enable", headers=admin), 409, "already_exists")

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"url": "https://street.example/"}, 422, "malformed_request"),
            ({"division": SUBDISTRICT}, 422, "malformed_request"),
            (
                {"division": "５２０１０２０３１０００", "url": "https://street.example/"},
                422,
                "malformed_request",
            ),
            ({"division": SUBDISTRICT, "url": "https://街道.example/"}, 422, "malformed_request"),
            ({"division": SUBDISTRICT, "url": "https://a.example/" + "a" * 500}, 422, "malformed_request"),
            (
                {"division": SUBDISTRICT, "url": "https://a.example/", "signing": "none"},
                422,
                "malformed_request",
            ),
            ({"division": SUBDISTRICT, "url": "https://a.example/", "secret": "x"}, 422, "malformed_request"),
            ({"division": SUBDISTRICT, "url": "ftp://127.0.0.1/a"}, 422, "target_refused"),
            ({"division": SUBDISTRICT, "url": "http://user@127.0.0.1/"}, 422, "target_refused"),
            ({"division": COMMUNITY, "url": "http://127.0.0.1/"}, 422, "endpoint_division_too_low"),
            ({"division": "999999999999", "url": "http://127.0.0.1/"}, 404, "division_not_found"),
            ({"division": WHOLE_COUNTRY, "url": "http://127.0.0.1/"}, 404, "division_not_found"),
        ],
    )
    def test_what_is_refused(
        self, client: TestClient, admin: Headers, body: dict[str, str], status: int, code: str
    ) -> None:
        refused(client.post(ENDPOINTS, json=body, headers=admin), status, code)
        assert ok(client.get(ENDPOINTS, headers=admin))["items"] == []

    def test_strict_outside_of_development(
        self, client: TestClient, admin: Headers, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "allow_private_targets", False)
        names = {"rebinds.example": ["127.0.0.1"], "street.example": ["8.8.8.8"]}
        real = targets.look_up
        monkeypatch.setattr(targets, "look_up", lambda host, port: names.get(host) or real(host, port))
        for url in (
            "http://street.example/",
            "https://rebinds.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
        ):
            body = {"division": SUBDISTRICT, "url": url}
            refused(client.post(ENDPOINTS, json=body, headers=admin), 422, "target_refused")
        register(client, admin, "https://street.example/hook")

    def test_a_name_that_does_not_resolve(
        self, client: TestClient, admin: Headers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def nothing(*_: object) -> list[str]:
            raise NameUnknown

        monkeypatch.setattr(targets, "look_up", nothing)
        body = {"division": SUBDISTRICT, "url": "https://nothing.example/"}
        refused(client.post(ENDPOINTS, json=body, headers=admin), 422, "target_name_unknown")

    def test_an_administrator_of_elsewhere(self, client: TestClient, callers: Callers, inbox: Inbox) -> None:
        elsewhere = callers.staff(Role.ADMINISTRATOR, "510104000000")
        body = {"division": SUBDISTRICT, "url": inbox.url}
        refused(client.post(ENDPOINTS, json=body, headers=elsewhere), 404, "division_not_found")
        officer = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        refused(client.post(ENDPOINTS, json=body, headers=officer), 403, "not_allowed")


class TestForeignEndpoints:
    @pytest.mark.parametrize("act", ["disable", "enable", "deliveries"])
    def test_missing_and_foreign_are_alike(
        self, client: TestClient, callers: Callers, admin: Headers, inbox: Inbox, act: str
    ) -> None:
        mine = register(client, admin, inbox.url)
        elsewhere = callers.staff(Role.ADMINISTRATOR, "510104000000")
        method = "GET" if act == "deliveries" else "POST"
        bodies = [
            refused(
                client.request(method, f"{ENDPOINTS}/{which}/{act}", headers=elsewhere),
                404,
                "endpoint_not_found",
            )
            for which in (mine["id"], uuid.uuid4())
        ]
        assert bodies[0] == bodies[1]
        assert ok(client.get(ENDPOINTS, headers=elsewhere))["items"] == []


class TestDeliveries:
    def test_dead_letters_are_seen_and_sent_again(
        self,
        *,
        client: TestClient,
        database: Database,
        callers: Callers,
        admin: Headers,
        inbox: Inbox,
        drain: Callable[[], int],
    ) -> None:
        made = register(client, admin, inbox.url)
        path = f"{ENDPOINTS}/{made['id']}/deliveries"
        inbox.answers = [404, 204, 500]
        with database.writing() as session:
            make.a_request(session)
        drain()
        (dead,) = ok(client.get(path, headers=admin))["items"]
        assert (dead["dead"], dead["last_status"], dead["attempts"]) == (True, 404, 1)
        assert dead["last_error"] == "the endpoint answered 404"
        assert dead["next_attempt_at"] is None
        again = f"/api/v1/webhook-deliveries/{dead['id']}/replay"
        elsewhere = callers.staff(Role.ADMINISTRATOR, "510104000000")
        refused(client.post(again, headers=elsewhere), 404, "delivery_not_found")
        missing = f"/api/v1/webhook-deliveries/{uuid.uuid4()}/replay"
        refused(client.post(missing, headers=admin), 404, "delivery_not_found")
        ok(client.post(f"{ENDPOINTS}/{made['id']}/disable", headers=admin))
        refused(client.post(again, headers=admin), 409, "endpoint_disabled")
        ok(client.post(f"{ENDPOINTS}/{made['id']}/enable", headers=admin))
        assert client.post(again, headers=admin).status_code == 202
        drain()
        (sent,) = ok(client.get(path, headers=admin))["items"]
        assert (sent["dead"], sent["last_status"], sent["last_error"]) == (False, 204, None)
        assert len(set(inbox.ids)) == 1
        refused(client.post(again, headers=admin), 409, "delivery_not_dead")
        with database.writing() as session:
            make.a_request(session)
        drain()
        waiting, _ = ok(client.get(path, headers=admin))["items"]
        assert (waiting["dead"], waiting["last_status"]) == (False, 500)
        assert waiting["next_attempt_at"] is not None
        refused(
            client.post(f"/api/v1/webhook-deliveries/{waiting['id']}/replay", headers=admin),
            409,
            "delivery_not_dead",
        )

    def test_how_an_endpoint_does_and_all_that_was_given_up_again(
        self,
        *,
        client: TestClient,
        database: Database,
        callers: Callers,
        admin: Headers,
        inbox: Inbox,
        drain: Callable[[], int],
    ) -> None:
        clock.set_frozen(clock.now())  # nothing is tried a second time by itself
        made = register(client, admin, inbox.url)
        path = f"{ENDPOINTS}/{made['id']}"
        [idle] = ok(client.get(ENDPOINTS, headers=admin))["items"]
        assert (idle["waiting"], idle["dead"], idle["last_delivered_at"]) == (0, 0, None)
        inbox.answers = [404, 404, 500]
        for _ in range(4):
            with database.writing() as session:
                make.a_request(session)
        drain()
        [state] = ok(client.get(ENDPOINTS, headers=admin))["items"]
        assert (state["waiting"], state["dead"]) == (1, 2)
        assert state["last_delivered_at"] is not None
        for which, number in (("dead", 2), ("waiting", 1), ("delivered", 1)):
            found = ok(client.get(f"{path}/deliveries", params={"state": which}, headers=admin))["items"]
            assert len(found) == number, which
        elsewhere = callers.staff(Role.ADMINISTRATOR, "510104000000")
        refused(client.post(f"{path}/replay", headers=elsewhere), 404, "endpoint_not_found")
        ok(client.post(f"{path}/disable", headers=admin))
        refused(client.post(f"{path}/replay", headers=admin), 409, "endpoint_disabled")
        ok(client.post(f"{path}/enable", headers=admin))
        assert ok(client.post(f"{path}/replay", headers=admin)) == {"replayed": 2}
        drain()
        [after] = ok(client.get(ENDPOINTS, headers=admin))["items"]
        assert (after["waiting"], after["dead"]) == (1, 0)
        assert ok(client.post(f"{path}/replay", headers=admin)) == {"replayed": 0}

    def test_page_by_page_newest_first(
        self, client: TestClient, database: Database, admin: Headers, inbox: Inbox, drain: Callable[[], int]
    ) -> None:
        made = register(client, admin, inbox.url)
        with database.writing() as session:
            make.some_requests(session, costs=[1_000] * 5, funded=5)
        drain()
        seen: list[str] = []
        query = ""
        while True:
            page = ok(client.get(f"{ENDPOINTS}/{made['id']}/deliveries?limit=2{query}", headers=admin))
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            query = f"&cursor={page['next_cursor']}"
        assert len(seen) == len(set(seen)) == 5
        assert len(set(inbox.ids)) == 5
