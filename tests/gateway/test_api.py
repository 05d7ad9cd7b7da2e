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
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, ok, refused

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
        again = f"/api/v1/webhook-deliveries/{waiting['id']}/replay"
        refused(client.post(again, headers=elsewhere), 404, "delivery_not_found")
        assert client.post(again, headers=admin).status_code == 202
        refused(client.post(again, headers=admin), 409, "delivery_not_dead")  # its turn has come
        inbox.answers = [204]
        drain()
        now, _ = ok(client.get(path, headers=admin))["items"]
        assert (now["last_status"], now["attempts"]) == (204, 2)

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


class TestSentAboutRequests:
    """Those whose request it is see whether it arrived, and nothing that opens a door."""

    @pytest.fixture
    def street(self, callers: Callers) -> Headers:
        return callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)

    def test_what_went_where_and_who_may_send_it_again(
        self,
        *,
        client: TestClient,
        database: Database,
        callers: Callers,
        admin: Headers,
        street: Headers,
        inbox: Inbox,
        drain: Callable[[], int],
    ) -> None:
        register(client, admin, inbox.url + "?token=secret")
        inbox.answers = [404, 204]
        with database.writing() as session:
            row = make.a_request(session)
            make.a_request(session, community=NEIGHBOUR)
        drain()
        path = f"/api/v1/funding-requests/{row.id}/deliveries"
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY)
        answer = client.get(path, headers=clerk)
        (dead,) = ok(answer)["items"]
        assert (dead["state"], dead["event"], dead["last_status"]) == (
            "dead",
            "funding_request.submitted",
            404,
        )
        assert (dead["division_name"], dead["host"]) == ("花果园街道", "127.0.0.1")
        assert "secret" not in answer.text
        assert not dead["may_replay"]
        again = f"/api/v1/webhook-deliveries/{dead['id']}/replay"
        refused(client.post(again, headers=clerk), 403, "not_allowed")
        elsewhere = callers.staff(Role.SUBDISTRICT_OFFICER, "510104000000")
        refused(client.post(again, headers=elsewhere), 404, "delivery_not_found")
        (mine,) = ok(client.get(path, headers=street))["items"]
        assert mine["may_replay"]
        assert client.post(again, headers=street).status_code == 202
        drain()
        (sent,) = ok(client.get(path, headers=clerk))["items"]
        assert (sent["state"], sent["may_replay"]) == ("delivered", False)
        refused(client.post(again, headers=street), 409, "delivery_not_dead")
        for which in (row.id, uuid.uuid4()):
            foreign = f"/api/v1/funding-requests/{which}/deliveries"
            refused(client.get(foreign, headers=elsewhere), 404, "funding_request_not_found")

    def test_what_was_decided_page_by_page(
        self,
        *,
        client: TestClient,
        database: Database,
        callers: Callers,
        admin: Headers,
        street: Headers,
        inbox: Inbox,
        drain: Callable[[], int],
    ) -> None:
        register(client, admin, inbox.url)
        with database.writing() as session:
            rows = make.some_requests(session, costs=[1_000] * 3, funded=3)
        body = {"decision": "received"}
        ok(client.post(f"/api/v1/funding-requests/{rows[0].id}/decisions", json=body, headers=street))
        drain()
        path = "/api/v1/webhook-deliveries?limit=3"
        first = ok(client.get(path, headers=street))
        rest = ok(client.get(f"{path}&cursor={first['next_cursor']}", headers=street))
        items = first["items"] + rest["items"]
        assert len({each["id"] for each in items}) == 4
        assert [each["decision"] for each in items if each["decision"]] == ["received"]
        assert {each["title"] for each in items} == {"项目1", "项目2", "项目3"}
        assert ok(client.get(f"{path}&state=dead", headers=street))["items"] == []
        # whoever looks after connections sees that messages arrive, and nothing in them
        seen = ok(client.get(f"{path}&state=delivered", headers=admin))["items"]
        assert len(seen) == 3
        assert {(each["title"], each["decision"]) for each in seen} == {(None, None)}
        elsewhere = callers.staff(Role.DISTRICT_OFFICER, "510104000000")
        assert ok(client.get(path, headers=elsewhere)) == {"items": [], "next_cursor": None}
        refused(client.get(path, headers=callers.staff(Role.RC_CHAIR, COMMUNITY)), 403, "not_allowed")
        refused(client.get(f"{path}&cursor=x", headers=street), 422, "bad_cursor")
        refused(client.get(f"{path}&state=lost", headers=street), 422, "malformed_request")
