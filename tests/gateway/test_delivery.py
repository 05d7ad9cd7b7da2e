"""Messages to a real HTTP server: signed, in order, never lost, and known again when they come twice."""

import datetime as dt
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from app.access.actor import SYSTEM
from app.audit.models import AuditEntry
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.funding import service as funding
from app.funding.models import FundingRequest
from app.funding.rules import Decision
from app.funding.schemas import DecisionIn
from app.gateway import service, targets, webhook
from app.gateway.errors import DeliveryNotDead, EndpointDisabled, NameUnknown
from app.gateway.models import WebhookDelivery, WebhookEndpoint
from app.gateway.rules import Signing
from app.outbox.models import OutboxMessage
from app.outbox.service import BACKOFF_SECONDS
from app.wiring import Wiring
from app.worker import Worker
from tests import inboxes
from tests.factories import funding as make
from tests.inboxes import Answer, Inbox
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT

START = dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)
ORIGIN = "msg_"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as running:
        yield running


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(START):
        yield


class Desk:
    """A worker, an endpoint, and what became of their messages."""

    def __init__(self, wiring: Wiring, database: Database) -> None:
        self.wiring = replace(wiring, database=database)
        self.database = database
        self.now = START

    def register(
        self, url: str, *, division: str = SUBDISTRICT, signing: Signing = Signing.ED25519
    ) -> tuple[WebhookEndpoint, str]:
        with self.database.writing() as session:
            return make.an_endpoint(
                session, url, signer=self.wiring.signer, division=division, signing=signing
            )

    def request(self, *, community: str = COMMUNITY) -> FundingRequest:
        with self.database.writing() as session:
            return make.a_request(session, community=community)

    def decide(self, row: FundingRequest, decision: Decision, reason: str | None = None) -> None:
        body = DecisionIn(decision=decision, reason=reason)
        with self.database.writing() as session:
            funding.decide(session, request_id=row.id, body=body, actor=SYSTEM, verb="request.decide")

    def work(self) -> int:
        return Worker(self.wiring).drain()

    def later(self, seconds: float) -> int:
        """Move the clock and let the worker do what is due."""
        self.now += dt.timedelta(seconds=seconds)
        clock.set_frozen(self.now)
        return self.work()

    def deliveries(self) -> list[WebhookDelivery]:
        with self.database.reading() as session:
            return list(session.exec(select(WebhookDelivery).order_by(sa.text("created_at"))))

    def carriers(self) -> list[OutboxMessage]:
        with self.database.reading() as session:
            return list(
                session.exec(
                    select(OutboxMessage)
                    .where(OutboxMessage.name == "webhook.planned")
                    .order_by(sa.text("position"))
                )
            )

    def endpoint(self) -> WebhookEndpoint:
        with self.database.reading() as session:
            return session.exec(select(WebhookEndpoint)).one()


@pytest.fixture
def desk(wiring: Wiring, database: Database) -> Desk:
    return Desk(wiring, database)


class TestDeliver:
    @pytest.mark.parametrize("signing", Signing)
    def test_a_message_is_signed_and_says_only_what_is_needed(
        self, desk: Desk, inbox: Inbox, signing: Signing
    ) -> None:
        _, key = desk.register(inbox.url, signing=signing)
        row = desk.request()
        desk.work()
        (taken,) = inbox.taken
        inboxes.verify(taken, key)
        assert taken.headers["webhook-timestamp"] == str(int(START.timestamp()))
        assert taken.headers["content-type"] == "application/json"
        assert taken.headers["host"] == f"127.0.0.1:{inbox.port}"
        assert json.loads(taken.body) == {
            "type": "funding_request.submitted",
            "timestamp": START.isoformat(),
            "data": {
                "request_id": str(row.id),
                "round_id": str(row.round_id),
                "community_code": COMMUNITY,
                "priority": 1,
                "submission": 1,
                "url": f"http://127.0.0.1:8000/platform/v1/funding-requests/{row.id}",
            },
        }
        (delivery,) = desk.deliveries()
        assert taken.body == delivery.body.encode()
        assert (delivery.last_status, delivery.delivered_at) == (204, START)

    def test_one_changed_byte_breaks_the_signature(self, desk: Desk, inbox: Inbox) -> None:
        _, key = desk.register(inbox.url)
        desk.request()
        desk.work()
        (taken,) = inbox.taken
        for changed in (
            replace(taken, body=taken.body + b" "),
            replace(taken, headers={**taken.headers, "webhook-id": "msg_other"}),
            replace(taken, headers={**taken.headers, "webhook-timestamp": "1"}),
        ):
            with pytest.raises(AssertionError, match="no signature fits"):
                inboxes.verify(changed, key)

    def test_down_for_a_while_then_up(self, desk: Desk) -> None:
        inbox = Inbox()
        inbox.open()
        inbox.shut()  # its port is known, nobody listens
        _, key = desk.register(inbox.url)
        row = desk.request()
        desk.work()
        desk.decide(row, Decision.RECEIVED)
        for seconds in BACKOFF_SECONDS[:4]:
            desk.later(seconds * 1.3)
        (first, second) = desk.deliveries()
        assert (first.delivered_at, second.delivered_at) == (None, None)
        assert desk.carriers()[0].attempts == 5
        assert desk.carriers()[0].last_error == "NoAnswer: ConnectError"
        inbox.open()
        desk.later(BACKOFF_SECONDS[4] * 1.3)
        desk.later(1)
        inbox.shut()
        assert [json.loads(taken.body)["type"] for taken in inbox.taken] == [
            "funding_request.submitted",
            "funding_request.decided",
        ]
        for taken in inbox.taken:
            inboxes.verify(taken, key)
        assert desk.later(10 * 86_400) == 0, "delivered once, never again"
        assert len(inbox.taken) == 2

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (500, "NotTaken: the endpoint answered 500"),
            (503, "NotTaken: the endpoint answered 503"),
            (408, "NotTaken: the endpoint answered 408"),
            (425, "NotTaken: the endpoint answered 425"),
            (429, "NotTaken: the endpoint answered 429"),
            (inboxes.reset, "NoAnswer: Re"),
        ],
    )
    def test_an_outage_is_tried_again(self, desk: Desk, inbox: Inbox, answer: Answer, error: str) -> None:
        inbox.answers = [answer, answer]
        _, key = desk.register(inbox.url)
        desk.request()
        desk.work()
        assert len(inbox.taken) == 1, "not at once"
        assert (desk.carriers()[0].last_error or "").startswith(error)
        desk.later(3)
        assert len(inbox.taken) == 1, "not before its time"
        desk.later(7)
        desk.later(40)
        assert len(set(inbox.ids)) == 1, "the same message by its id"
        assert len({taken.body for taken in inbox.taken}) == 1, "the same bytes"
        assert len({taken.headers["webhook-timestamp"] for taken in inbox.taken}) == 3
        for taken in inbox.taken:
            inboxes.verify(taken, key)
        assert desk.deliveries()[0].delivered_at is not None

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
    def test_a_refusal_is_not_repeated_but_seen(self, desk: Desk, inbox: Inbox, status: int) -> None:
        inbox.usual = status
        desk.register(inbox.url)
        desk.request()
        desk.work()
        assert desk.later(10 * 86_400) == 0
        assert len(inbox.taken) == 1
        (carrier,) = desk.carriers()
        assert carrier.dead_at == START
        assert carrier.last_error == f"the endpoint answered {status}"
        assert desk.deliveries()[0].last_status == status

    def test_410_disables_and_what_waits_is_dead_not_lost(self, desk: Desk, inbox: Inbox) -> None:
        inbox.answers = [500, 410]
        desk.register(inbox.url)
        row = desk.request()
        desk.work()
        desk.decide(row, Decision.RECEIVED)
        desk.work()  # planned, waiting behind the first
        desk.later(7)
        endpoint = desk.endpoint()
        assert endpoint.disabled_at is not None
        assert endpoint.disabled_reason == "it answered 410 Gone"
        assert [each.dead_at is not None for each in desk.carriers()] == [True, True]
        assert desk.carriers()[1].last_error == "the endpoint is disabled"
        desk.request()
        desk.later(60)
        assert len(desk.deliveries()) == 2, "nothing is planned for it any more"
        assert len(inbox.taken) == 2
        with desk.database.reading() as session:
            tags = [each.tag for each in session.exec(select(AuditEntry))]
        assert tags.count("endpoint:disabled") == 1

    def test_after_the_last_wait_it_is_dead_and_can_be_revived(self, desk: Desk, inbox: Inbox) -> None:
        inbox.usual = 500
        desk.register(inbox.url)
        desk.request()
        desk.work()
        for seconds in BACKOFF_SECONDS:
            desk.later(seconds * 1.3)
        assert len(inbox.taken) == len(BACKOFF_SECONDS) + 1
        (delivery,) = desk.deliveries()
        assert desk.carriers()[0].dead_at is not None
        assert desk.later(30 * 86_400) == 0
        inbox.usual = 200
        with desk.database.writing() as session:
            service.replay_delivery(session, delivery_id=delivery.id, actor=SYSTEM)
        desk.work()
        assert len(set(inbox.ids)) == 1
        assert desk.deliveries()[0].delivered_at is not None

    def test_a_redirect_is_not_followed(self, desk: Desk, inbox: Inbox) -> None:
        with Inbox() as secret:
            inbox.usual = inboxes.redirect_to(secret.url)
            desk.register(inbox.url)
            desk.request()
            desk.work()
            assert secret.taken == []
        assert desk.carriers()[0].dead_at is not None
        assert desk.deliveries()[0].last_status == 307

    def test_a_slow_endpoint_is_an_outage(
        self, desk: Desk, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.2)
        inbox.answers = [inboxes.silent_for(1.0)]
        desk.register(inbox.url)
        desk.request()
        desk.work()
        assert desk.carriers()[0].last_error == "NoAnswer: ReadTimeout"
        desk.later(7)
        assert len(set(inbox.ids)) == 1
        assert desk.deliveries()[0].last_status == 204

    def test_an_answer_that_never_ends_does_not_hold_the_worker(
        self, desk: Desk, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(webhook, "DEADLINE_SECONDS", 0.5)
        inbox.answers = [inboxes.byte_by_byte(20)]
        desk.register(inbox.url)
        desk.request()
        began = time.monotonic()
        desk.work()
        assert time.monotonic() - began < 5
        assert desk.carriers()[0].last_error == "NoAnswer: ReadTimeout"
        assert webhook.DEADLINE_SECONDS + 2 * webhook.TIMEOUT_SECONDS < 60, "shorter than a claim"

    def test_a_body_without_end_is_not_read(self, desk: Desk, inbox: Inbox) -> None:
        inbox.usual = inboxes.flood
        desk.register(inbox.url)
        desk.request()
        began = time.monotonic()
        desk.work()
        assert time.monotonic() - began < 5
        assert desk.deliveries()[0].delivered_at == START

    def test_what_is_no_http_is_an_outage(self, desk: Desk) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            server.settimeout(5)
            desk.register(f"http://127.0.0.1:{port}/")
            desk.request()
            import threading

            def babble() -> None:
                connection, _ = server.accept()
                connection.recv(65536)
                connection.sendall(b"hello\r\n\r\n")
                connection.close()

            thread = threading.Thread(target=babble)
            thread.start()
            desk.work()
            thread.join()
        assert desk.carriers()[0].last_error == "NoAnswer: RemoteProtocolError"


class TestExactlyOnce:
    def test_a_worker_that_dies_after_sending_sends_the_same_message_again(
        self, desk: Desk, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The one crash nobody can hide: the answer was on its way. The receiver knows it by the id."""
        desk.register(inbox.url)
        desk.request()
        note = service.note_answer
        deaths: list[int] = []

        def die_once(session: Session, **facts: object) -> None:
            if not deaths:
                deaths.append(1)
                raise KeyboardInterrupt
            note(session, **facts)  # type: ignore[arg-type]

        monkeypatch.setattr(service, "note_answer", die_once)
        with pytest.raises(KeyboardInterrupt):
            desk.work()
        assert len(inbox.taken) == 1
        assert desk.later(59) == 0, "the dead worker still holds it"
        desk.later(2)
        assert len(inbox.taken) == 2
        assert len(set(inbox.ids)) == 1
        assert len({taken.body for taken in inbox.taken}) == 1
        assert desk.later(86_400) == 0

    def test_a_worker_that_dies_after_noting_does_not_send_again(
        self, desk: Desk, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.register(inbox.url)
        desk.request()

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("app.worker.Worker._finish", _dies_at("webhook.planned", Worker._finish))
            with pytest.raises(KeyboardInterrupt):
                desk.work()
        assert len(inbox.taken) == 1
        desk.later(61)
        assert len(inbox.taken) == 1
        assert all(carrier.done_at for carrier in desk.carriers())

    def test_two_workers_one_message_each(self, desk: Desk, inbox: Inbox) -> None:
        from concurrent.futures import ThreadPoolExecutor

        desk.register(inbox.url)
        with desk.database.writing() as session:
            make.some_requests(session, costs=[1_000 + n for n in range(12)], funded=12)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: desk.work(), range(3)))
        desk.work()
        assert len(inbox.ids) == 12
        assert len(set(inbox.ids)) == 12


class TestPlan:
    def test_every_government_above_and_nobody_beside(self, desk: Desk) -> None:
        with Inbox() as street, Inbox() as district, Inbox() as city, Inbox() as elsewhere:
            desk.register(street.url)
            desk.register(district.url, division="520102000000")
            desk.register(city.url, division="520100000000")
            desk.register(elsewhere.url, division="510104000000")
            desk.request()
            desk.request(community=NEIGHBOUR)
            desk.work()
            assert [len(each.taken) for each in (street, district, city, elsewhere)] == [2, 2, 2, 0]
            assert len({*street.ids, *district.ids, *city.ids}) == 6, "an id is one message to one endpoint"

    def test_ones_trouble_is_not_anothers(self, desk: Desk) -> None:
        with Inbox(usual=500) as broken, Inbox() as fine:
            desk.register(broken.url)
            desk.register(fine.url, division="520102000000")
            row = desk.request()
            desk.work()
            desk.decide(row, Decision.RECEIVED)
            desk.work()
            assert len(fine.taken) == 2
            assert len(broken.taken) == 1, "the second waits behind the first"
            broken.usual = 204
            desk.later(7)
            desk.work()
            types = [json.loads(taken.body)["type"].partition(".")[2] for taken in broken.taken]
            assert types == ["submitted", "submitted", "decided"]

    def test_a_disabled_endpoint_hears_nothing(self, desk: Desk, inbox: Inbox) -> None:
        row, _ = desk.register(inbox.url)
        with desk.database.writing() as session:
            service.disable_endpoint(session, endpoint_id=row.id, actor=SYSTEM)
        desk.request()
        desk.work()
        assert desk.deliveries() == []


class TestReplay:
    def test_only_the_dead_and_only_to_who_listens(self, desk: Desk, inbox: Inbox) -> None:
        endpoint, _ = desk.register(inbox.url)
        inbox.answers = [404]
        desk.request()
        desk.work()
        (delivery,) = desk.deliveries()

        def replay() -> None:
            with desk.database.writing() as session:
                service.replay_delivery(session, delivery_id=delivery.id, actor=SYSTEM)

        def switch(act: Callable[..., WebhookEndpoint]) -> None:
            with desk.database.writing() as session:
                act(session, endpoint_id=endpoint.id, actor=SYSTEM)

        switch(service.disable_endpoint)
        with pytest.raises(EndpointDisabled):
            replay()
        switch(service.enable_endpoint)
        replay()
        desk.work()
        assert len(set(inbox.ids)) == 1
        assert len(inbox.ids) == 2
        with pytest.raises(DeliveryNotDead):
            replay()


class TestAtConnect:
    def test_a_name_that_changed_its_mind_is_refused(
        self, desk: Desk, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Registered while it led elsewhere; by the time of sending it leads to this machine."""
        desk.register(f"https://rebinds.example:{inbox.port}/")
        _resolves_to(monkeypatch, "127.0.0.1")
        desk.request()
        _strict(desk)
        desk.work()
        assert inbox.taken == []
        (carrier,) = desk.carriers()
        assert carrier.dead_at is not None
        assert carrier.last_error == "it leads to this machine or a private network"

    def test_the_address_that_was_checked_is_the_address_called(
        self, inbox: Inbox, some_vault: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name server that answers differently each time is asked once."""
        assert some_vault
        asked: list[str] = []

        def resolve(host: str, _port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1" if len(asked) == 1 else "127.0.0.9"]

        monkeypatch.setattr(targets, "look_up", resolve)
        status = webhook.send(
            url=f"http://street.example:{inbox.port}/hook", message_id="msg_1", timestamp=1, body=b"{}",
            signature="v1,x", allow_private=True,
        )  # fmt: skip
        assert status == 204
        assert asked == ["street.example"]
        assert inbox.taken[0].headers["host"] == f"street.example:{inbox.port}"

    def test_the_next_address_is_tried(self, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
        _resolves_to(monkeypatch, "127.0.0.7", "127.0.0.1")
        status = webhook.send(
            url=f"http://street.example:{inbox.port}/", message_id="msg_1", timestamp=1, body=b"{}",
            signature="v1,x", allow_private=True,
        )  # fmt: skip
        assert status == 204

    def test_a_name_server_that_is_down_is_an_outage(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.register("https://nothing.example/")

        def resolve(*_: object) -> None:
            raise NameUnknown

        monkeypatch.setattr(targets, "look_up", resolve)
        desk.request()
        desk.work()
        (carrier,) = desk.carriers()
        assert carrier.dead_at is None
        assert carrier.attempts == 1


class TestLogs:
    def test_no_body_secret_or_signature(
        self, desk: Desk, inbox: Inbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        inbox.answers = [500, 404]
        _, key = desk.register(inbox.url + "?token=hidden", signing=Signing.HMAC)
        row = desk.request()
        desk.work()
        desk.later(7)
        out, err = capfd.readouterr()
        ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpcore")]
        told = "\n".join([*ours, out, err])
        for secret in (key, inbox.taken[0].headers["webhook-signature"], str(row.id), "hidden"):
            assert secret not in told

    def test_a_secret_is_sealed_in_the_database(self, desk: Desk, inbox: Inbox) -> None:
        _, key = desk.register(inbox.url, signing=Signing.HMAC)
        with desk.database.reading() as session:
            stored = session.execute(sa.text("SELECT secret FROM webhook_endpoint")).scalar_one()
        assert key.removeprefix("whsec_") not in str(stored)


def _strict(desk: Desk) -> None:
    strict: Settings = desk.wiring.settings.model_copy(update={"allow_private_targets": False})
    desk.wiring = replace(desk.wiring, settings=strict)


def _resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    monkeypatch.setattr(targets, "look_up", lambda *_: list(addresses))


def _dies_at(name: str, act: Callable[..., None]) -> Callable[..., None]:
    def dying(worker: Worker, message: OutboxMessage, *rest: object) -> None:
        if message.name == name:
            raise KeyboardInterrupt
        act(worker, message, *rest)

    return dying
