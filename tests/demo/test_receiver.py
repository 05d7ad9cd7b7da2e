"""The stand-in for a sub-district's system, alone and against the whole service."""

import base64
import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access import service as access
from app.access.actor import SYSTEM
from app.access.roles import Role
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.signer import Signer
from app.demo.processes import Processes, free_port
from app.demo.receiver import Identity, Store, make_receiver
from app.funding.models import FundingRequest, RequestDecision
from app.gateway import rules
from app.outbox.models import OutboxMessage
from app.wiring import Wiring
from app.worker import Worker
from tests import inboxes
from tests.access import forge
from tests.conftest import DEEP, run_program
from tests.factories import funding as make
from tests.inboxes import Inbox
from tests.servers import Server
from tests.story import COMMUNITY, SUBDISTRICT

PATIENCE_SECONDS = 60


# --- alone ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def signer() -> Signer:
    return Signer(bytes(range(32)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "received")


@pytest.fixture
def door(signer: Signer, store: Store) -> Iterator[TestClient]:
    identity = Identity("http://127.0.0.1:1", "street", "", rules.public_key_text(signer.public_key))
    with TestClient(make_receiver(identity, store)) as client:
        yield client


class Letter:
    """A signed message, and every way to spoil it."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.id = f"msg_{uuid.uuid4().hex}"
        self.stamp = str(int(clock.now().timestamp()))
        self.body = json.dumps(
            {"type": "funding_request.submitted", "data": {"request_id": str(uuid.uuid4()), "submission": 1}}
        ).encode()

    def headers(self, **changes: str) -> dict[str, str]:
        signed = f"{self.id}.{self.stamp}.".encode() + self.body
        signature = "v1a," + base64.b64encode(self.signer.sign(signed)).decode()
        return {
            "webhook-id": self.id,
            "webhook-timestamp": self.stamp,
            "webhook-signature": signature,
        } | changes

    def post(self, door: TestClient, **changes: str) -> int:
        headers = {key.replace("_", "-"): value for key, value in changes.items()}
        return int(door.post("/webhook", content=self.body, headers=self.headers(**headers)).status_code)


class TestWebhook:
    def test_a_message_is_kept_once_however_often_it_comes(
        self, door: TestClient, store: Store, signer: Signer
    ) -> None:
        letter = Letter(signer)
        assert [letter.post(door) for _ in range(3)] == [204, 204, 204]
        (item,) = store.items()
        assert (item["message_id"], item["deliveries"], item["answered"]) == (letter.id, 3, [])
        assert door.get("/requests").json() == {"items": [item]}

    def test_one_of_several_signatures_is_enough(self, door: TestClient, signer: Signer) -> None:
        letter = Letter(signer)
        good = letter.headers()["webhook-signature"]
        assert letter.post(door, webhook_signature=f"v1,abc v1a,!! v2,x {good}") == 204

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"webhook_id": ""}, 401),
            ({"webhook_id": "msg_other"}, 401),
            ({"webhook_timestamp": ""}, 400),
            ({"webhook_timestamp": "now"}, 400),
            ({"webhook_timestamp": "1"}, 400),
            ({"webhook_timestamp": "9" * 30}, 400),
            ({"webhook_timestamp": "-5"}, 400),
            ({"webhook_signature": ""}, 401),
            ({"webhook_signature": "v1a,"}, 401),
            ({"webhook_signature": "v1a," + base64.b64encode(b"0" * 64).decode()}, 401),
            ({"webhook_signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, 401),
        ],
    )
    def test_what_is_not_ours_is_refused(
        self, door: TestClient, store: Store, signer: Signer, changes: dict[str, str], status: int
    ) -> None:
        assert Letter(signer).post(door, **changes) == status
        assert store.items() == []

    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_an_old_message_is_refused_even_if_it_was_ours(
        self, door: TestClient, store: Store, signer: Signer, seconds: int
    ) -> None:
        letter = Letter(signer)
        letter.stamp = str(int(letter.stamp) + seconds)
        assert letter.post(door) == 400
        assert store.items() == []

    def test_somebody_elses_key(self, door: TestClient) -> None:
        assert Letter(Signer(b"1" * 32)).post(door) == 401

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"\xff", 400),
            (b"[]", 400),
            (b'{"type": "funding_request.submitted"}', 400),
            (b'{"type": "funding_request.submitted", "data": {"request_id": 1, "submission": 1}}', 400),
            (b'{"type": "funding_request.decided", "data": {}}', 204),
            (b'{"type": "something.new", "data": {"a": 1}}', 204),
        ],
    )
    def test_signed_but_not_about_a_request(
        self, door: TestClient, store: Store, signer: Signer, body: bytes, status: int
    ) -> None:
        letter = Letter(signer)
        letter.body = body
        assert letter.post(door) == status
        assert store.items() == []


# --- against the service ----------------------------------------------------------------------------------------------


class Stage:
    """The service on a socket, the receiver as a program of its own, and what both have come to."""

    def __init__(
        self, *, server: Server, wiring: Wiring, database: Database, processes: Processes, folder: Path
    ) -> None:
        self.server = server
        self.wiring = wiring
        self.database = database
        self.processes = processes
        self.folder = folder
        self.port = free_port()
        self.key = ec.generate_private_key(ec.SECP256R1())
        (folder / "key.pem").write_text(forge.private_pem(self.key))
        with database.writing() as session:
            access.register_client(
                session, name="street-1", public_key_pem=forge.public_pem(self.key),
                scopes=[Role.SCOPE_FUNDING_READ, Role.SCOPE_FUNDING_DECIDE], division=SUBDISTRICT, actor=SYSTEM,
            )  # fmt: skip

    def connect(self, url: str | None = None) -> None:
        """Register where messages go: to the receiver, or to somebody in between."""
        with self.database.writing() as session:
            make.an_endpoint(session, url or f"{self.receiver_url}/webhook", signer=self.wiring.signer)

    @property
    def receiver_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_receiver(self, answer: str = "received,accepted") -> None:
        self.processes.start(
            "receiver", "receiver", "--port", str(self.port), "--base-url", self.server.url, "--client-id", "street-1",
            "--key", str(self.folder / "key.pem"), "--answer", answer, "--store", str(self.folder / "received"),
            "--webhook-key", rules.public_key_text(self.wiring.signer.public_key),
        )  # fmt: skip
        self.processes.wait_until_up("receiver", f"{self.receiver_url}/healthz")

    def certify(self, count: int) -> list[FundingRequest]:
        with self.database.writing() as session:
            costs = [10_000 + number for number in range(count + 2)]
            rows = make.some_requests(session, costs=costs, funded=count)
        return rows[:count]

    def work(self) -> None:
        Worker(self.wiring).drain()

    def let_time_pass(self) -> None:
        """What waiting would do: claims of the dead run out, retries come due."""
        past = clock.now().replace(year=2020)
        with self.database.writing() as session:
            session.execute(
                sa.update(OutboxMessage)
                .where(OutboxMessage.done_at.is_(None))  # type: ignore[union-attr]
                .values(available_at=past, claimed_until=past)
            )

    def received(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = httpx.get(f"{self.receiver_url}/requests", timeout=10).json()["items"]
        return items

    def until_answered(self, count: int) -> list[dict[str, Any]]:
        def enough() -> list[dict[str, Any]] | None:
            items = self.received()
            return (
                items
                if sum(item["answered"] == ["received", "accepted"] for item in items) == count
                else None
            )

        answered: list[dict[str, Any]] = until(enough)
        return answered

    def check(self, rows: list[FundingRequest]) -> list[dict[str, Any]]:
        """Every request arrived once, and was answered once each way."""
        items = self.until_answered(len(rows))
        assert Counter(item["request_id"] for item in items) == Counter(str(row.id) for row in rows)
        with self.database.reading() as session:
            decided = Counter(
                (str(each.request_id), each.decision.value) for each in session.exec(select(RequestDecision))
            )
            states = {each.state.value for each in session.exec(select(FundingRequest)) if each.submission}
            dead = [each for each in session.exec(select(OutboxMessage)) if each.dead_at is not None]
        assert decided == Counter(
            (str(row.id), decision) for row in rows for decision in ("received", "accepted")
        )
        assert states == {"accepted"}
        assert dead == []
        return items


def until(ask: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if (answer := ask()) is not None:
                return answer
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("waited too long")


@pytest.fixture
def stage(
    app: FastAPI, wiring: Wiring, database: Database, settings: Settings, tmp_path: Path
) -> Iterator[Stage]:
    with Server(app) as server, Processes(environment_of(settings), tmp_path / "logs") as processes:
        settings.public_url = server.url
        yield Stage(server=server, wiring=wiring, database=database, processes=processes, folder=tmp_path)


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings for a program of its own."""
    return {
        "GONGYI_MODE": settings.mode.value,
        "GONGYI_HOME": str(settings.home),
        "GONGYI_DATABASE_URL": settings.database_url,
        **{
            f"GONGYI_{name.upper()}": getattr(settings, name).get_secret_value()
            for name in ("token_key", "data_key", "signing_key")
        },
    }


class TestEndToEnd:
    def test_a_certified_list_arrives_in_order_and_is_answered(self, stage: Stage) -> None:
        stage.start_receiver()
        stage.connect()
        rows = stage.certify(8)
        stage.work()
        items = stage.check(rows)
        assert [item["priority"] for item in items] == list(range(1, 9))
        assert all(item["deliveries"] == 1 for item in items)
        assert items[0]["request"]["evidence"]["result_digest"] == make.DIGEST
        assert items[0]["community_code"] == COMMUNITY
        assert items[0]["url"] == f"{stage.server.url}/platform/v1/funding-requests/{rows[0].id}"
        stage.work()  # what was decided is told, and passed over
        assert len(stage.received()) == 8

    def test_it_may_keep_silent(self, stage: Stage) -> None:
        stage.start_receiver("none")
        stage.connect()
        rows = stage.certify(2)
        stage.work()
        assert [item["request_id"] for item in stage.received()] == [str(row.id) for row in rows]
        time.sleep(0.5)
        assert all(item["answered"] == [] for item in stage.received())
        stage.processes.kill("receiver")
        stage.start_receiver()  # a day later somebody sits at the desk
        stage.check(rows)

    def test_a_receiver_that_is_down_gets_everything_later(self, stage: Stage) -> None:
        stage.connect()
        rows = stage.certify(5)
        stage.work()
        stage.start_receiver()
        stage.let_time_pass()
        stage.work()
        stage.check(rows)

    def test_killed_after_storing_before_answering(self, stage: Stage) -> None:
        """The answer is lost in between and the receiver is dead: it kept the message and knows it again."""

        def pass_on(handler: BaseHTTPRequestHandler) -> int:
            taken = between.taken[-1]
            names = ("webhook-id", "webhook-timestamp", "webhook-signature")
            headers = {name: taken.headers[name] for name in names}
            try:
                answer = httpx.post(
                    f"{stage.receiver_url}/webhook", content=taken.body, headers=headers, timeout=10
                )
            except httpx.TransportError:
                inboxes.reset(handler)
                return 0
            return answer.status_code

        def kill_and_drop(handler: BaseHTTPRequestHandler) -> None:
            assert pass_on(handler) == 204
            stage.processes.kill("receiver")
            inboxes.reset(handler)

        def faithfully(handler: BaseHTTPRequestHandler) -> None:
            if status := pass_on(handler):
                handler.send_response(status)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

        with Inbox(usual=faithfully) as between:
            stage.start_receiver()
            stage.connect(between.url)
            rows = stage.certify(4)
            between.answers = [faithfully, kill_and_drop]  # dies at the second; the others find nobody
            stage.work()
            stage.start_receiver()
            assert len(stage.received()) == 2, "what it had not answered is kept"
            stage.let_time_pass()
            stage.work()
            items = stage.check(rows)
        deliveries = {item["priority"]: item["deliveries"] for item in items}
        assert deliveries == {1: 1, 2: 2, 3: 1, 4: 1}, "the second came twice and counts once"
        about = Counter(
            taken.message_id for taken in between.taken if b"funding_request.submitted" in taken.body
        )
        assert len(about) == 4, "a message keeps its id however often it is sent"

    def test_killed_again_and_again(self, stage: Stage) -> None:
        """Whatever it was doing: storing, reading, between its two answers."""
        stage.connect()
        rows = stage.certify(12)
        for pause in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4) if DEEP else (0.02, 0.2):
            stage.start_receiver()
            stage.let_time_pass()
            stage.work()
            time.sleep(pause)
            stage.processes.kill("receiver")
        stage.start_receiver()
        stage.let_time_pass()
        stage.work()
        stage.check(rows)

    @staticmethod
    def moved(database: Database, *, since: int) -> int | None:
        now = progress(database)
        return now if now >= since + 5 else None

    def test_a_worker_killed_again_and_again(self, stage: Stage) -> None:
        stage.start_receiver()
        stage.connect()
        rows = stage.certify(60 if DEEP else 30)
        for number in range(8 if DEEP else 2):
            name = f"worker-{number}"
            before = progress(stage.database)
            stage.processes.start(name, "work")
            until(partial(self.moved, stage.database, since=before))
            stage.processes.kill(name)
            stage.let_time_pass()
        stage.work()
        items = stage.check(rows)
        assert [item["submission"] for item in items] == [1] * len(rows)


def progress(database: Database) -> int:
    """How many events are handled."""
    with database.reading() as session:
        return sum(each.done_at is not None for each in session.exec(select(OutboxMessage)))


class TestBadStart:
    def test_a_key_that_is_none(self, tmp_path: Path) -> None:
        key = tmp_path / "key.pem"
        key.write_text("x")
        ended = run_program(
            "receiver", "--base-url", "http://127.0.0.1:1", "--client-id", "a", "--key", str(key),
            "--webhook-key", "whpk_nonsense", "--store", str(tmp_path / "store"), PATH=os.environ["PATH"],
        )  # fmt: skip
        assert ended.returncode == 2
        assert "--webhook-key" in ended.stderr
        assert "Traceback" not in ended.stderr
