"""The loop over the outbox: exactly once inside, at least once outside, and nothing stops it."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from app.audit import service as audit
from app.audit.models import AuditChain
from app.audit.tags import Tag
from app.core import clock
from app.core.db import Database
from app.outbox import service as outbox
from app.outbox.models import OutboxMessage
from app.outbox.service import CLAIM_SECONDS, Message, Refused
from app.wiring import Scheduled, Subscription, Wiring
from app.worker import Worker

CHAIN = "520102031006"
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Rang:
    NAME: ClassVar[str] = "bell.rang"
    VERSION: ClassVar[int] = 1

    number: int = 1


@dataclass(frozen=True)
class Bench:
    """A worker whose subscriptions and schedule are the test's."""

    wiring: Wiring

    def worker(
        self, subscription: Subscription | None = None, schedule: tuple[tuple[int, Scheduled], ...] = ()
    ) -> Worker:
        made = Worker(self.wiring)
        made._subscriptions = {} if subscription is None else {Rang.NAME: subscription}
        made._schedule = schedule
        made._next_due = [0.0] * len(schedule)
        return made

    def ring(self, number: int = 1, subject: str = "bell:a") -> None:
        with self.wiring.database.writing() as session:
            outbox.emit(session, Rang(number), subject=subject)

    def messages(self) -> list[OutboxMessage]:
        with self.wiring.database.reading() as session:
            return list(session.exec(select(OutboxMessage).order_by(sa.text("position"))))


@pytest.fixture
def bench(wiring: Wiring, database: Database) -> Bench:
    return Bench(replace(wiring, database=database))


def note(session: Session, message: Message) -> None:
    audit.record(
        session, chain=CHAIN, by="system", tag=Tag.ROUND_CHANGED, subject=f"bell:{message.payload['number']}"
    )


def noted(database: Database) -> int:
    with database.reading() as session:
        return sum(session.exec(select(AuditChain.length)))


class TestInside:
    def test_the_reaction_and_its_mark_are_one_transaction(self, bench: Bench, database: Database) -> None:
        bench.ring()
        assert bench.worker(Subscription(inside=(note,))).drain() == 1
        assert noted(database) == 1
        assert bench.messages()[0].done_at is not None
        assert bench.worker(Subscription(inside=(note,))).drain() == 0

    def test_a_failing_reaction_leaves_nothing_and_is_tried_again(
        self, bench: Bench, database: Database
    ) -> None:
        calls: list[int] = []

        def fail_once(session: Session, message: Message) -> None:
            note(session, message)
            calls.append(1)
            if len(calls) == 1:
                message_text = "not today"
                raise RuntimeError(message_text)

        with clock.frozen(START):
            bench.ring()
            worker = bench.worker(Subscription(inside=(fail_once,)))
            worker.drain()
            assert noted(database) == 0
            row = bench.messages()[0]
            assert (row.done_at, row.attempts, row.last_error) == (None, 1, "RuntimeError: not today")
        with clock.frozen(START + dt.timedelta(seconds=7)):
            worker.drain()
        assert noted(database) == 1
        assert bench.messages()[0].last_error is None

    def test_one_failing_reaction_takes_the_others_of_its_event_with_it(
        self, bench: Bench, database: Database
    ) -> None:
        def fail(_session: Session, _message: Message) -> None:
            raise KeyError

        bench.ring()
        bench.worker(Subscription(inside=(note, fail))).drain()
        assert noted(database) == 0

    def test_a_crash_between_claim_and_finish_neither_loses_nor_doubles(
        self, bench: Bench, database: Database
    ) -> None:
        with clock.frozen(START):
            bench.ring()
            with database.writing() as session:  # a worker that claims and then is no more
                assert outbox.claim(session, worker="died") is not None
            assert bench.worker(Subscription(inside=(note,))).drain() == 0
        with clock.frozen(START + dt.timedelta(seconds=CLAIM_SECONDS + 1)):
            assert bench.worker(Subscription(inside=(note,))).drain() == 1
        assert noted(database) == 1

    def test_a_worker_that_was_too_slow_does_not_react_twice(self, bench: Bench, database: Database) -> None:
        taken_over: list[int] = []

        def slow(_database: Database, _message: Message) -> None:
            if not taken_over:
                taken_over.append(1)
                clock.set_frozen(START + dt.timedelta(seconds=CLAIM_SECONDS + 1))
                assert bench.worker(Subscription(inside=(note,))).handle_next()

        with clock.frozen(START):
            bench.ring()
            bench.worker(Subscription(inside=(note,), outside=(slow,))).drain()
        assert noted(database) == 1

    def test_an_event_nobody_hears_is_done(self, bench: Bench) -> None:
        bench.ring()
        assert bench.worker().drain() == 1
        assert bench.messages()[0].done_at is not None


class TestOutside:
    def test_it_runs_without_a_transaction_and_before_the_mark(self, bench: Bench, backend: str) -> None:
        marks: list[object] = []

        def reach_out(database: Database, _message: Message) -> None:
            marks.append(bench.messages()[0].done_at)
            with database.writing():  # nobody holds the writer
                pass

        bench.ring()
        bench.worker(Subscription(outside=(reach_out,))).drain()
        assert marks == [None], backend
        assert bench.messages()[0].done_at is not None

    def test_an_outage_is_retried_and_a_refusal_is_not(self, bench: Bench) -> None:
        def away(_database: Database, _message: Message) -> None:
            raise ConnectionError("13800138000"[:3])

        def refuse(_database: Database, _message: Message) -> None:
            raise Refused("410 Gone")

        bench.ring(1, "bell:a")
        bench.worker(Subscription(outside=(away,))).drain()
        assert bench.messages()[0].dead_at is None
        assert bench.messages()[0].available_at > clock.now()
        bench.ring(2, "bell:b")
        bench.worker(Subscription(outside=(refuse,))).drain()
        row = bench.messages()[1]
        assert row.dead_at is not None
        assert row.last_error == "410 Gone"

    def test_order_within_a_subject_survives_failures(self, bench: Bench) -> None:
        sent: list[int] = []

        def flaky(_database: Database, message: Message) -> None:
            if message.attempts == 1 and message.payload["number"] != 2:
                raise ConnectionError
            sent.append(message.payload["number"])

        with clock.frozen(START):
            for number in range(4):
                bench.ring(number)
        for day in range(1, 8):
            with clock.frozen(START + dt.timedelta(days=day)):
                bench.worker(Subscription(outside=(flaky,))).drain()
        assert sent == [0, 1, 2, 3]


class TestSchedule:
    def test_each_act_runs_when_its_time_has_come(self, bench: Bench) -> None:
        ran: list[str] = []
        worker = bench.worker(
            schedule=((3600, lambda _d: ran.append("hourly")), (0, lambda _d: ran.append("always")))
        )
        worker.run_due()
        worker.run_due()
        assert ran == ["hourly", "always", "always"]

    def test_a_failing_act_does_not_stop_the_others(self, bench: Bench) -> None:
        ran: list[str] = []

        def fail(_database: Database) -> None:
            raise OperationalError("x", {}, Exception("database is locked"))

        worker = bench.worker(schedule=((1, fail), (1, lambda _d: ran.append("other"))))
        worker.drain()
        assert ran == ["other"]

    def test_expired_proofs_are_forgotten(self, wiring: Wiring, database: Database) -> None:
        from app.access import service as access
        from app.access.models import SignInChallenge

        with clock.frozen(START), database.writing() as session:
            access.request_code(session, phone="13800138000")
        for days, left in ((0.5, 1), (2, 0)):
            with clock.frozen(START + dt.timedelta(days=days)):
                Worker(wiring).run_due(all_of_it=True)
            with database.reading() as session:
                assert len(session.exec(select(SignInChallenge)).all()) == left


class TestRun:
    def wait_until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 15
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def test_it_works_until_told_to_stop_and_finishes_what_it_holds(self, bench: Bench) -> None:
        entered, gate = threading.Event(), threading.Event()

        def hold(_database: Database, _message: Message) -> None:
            entered.set()
            assert gate.wait(10)

        bench.ring()
        worker = bench.worker(Subscription(outside=(hold,)))
        worker.start()
        assert entered.wait(10)
        stopper = threading.Thread(target=worker.stop)
        stopper.start()
        gate.set()
        stopper.join(10)
        assert not stopper.is_alive()
        assert bench.messages()[0].done_at is not None

    def test_a_database_that_is_away_for_a_while_does_not_end_it(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.ring()
        failures: list[int] = []
        claim = outbox.claim

        def shaky(session: Session, *, worker: str) -> OutboxMessage | None:
            if len(failures) < 3:
                failures.append(1)
                raise OperationalError("x", {}, Exception("server closed the connection unexpectedly"))
            return claim(session, worker=worker)

        monkeypatch.setattr("app.worker.outbox.claim", shaky)
        worker = bench.worker(Subscription())
        worker.start()
        self.wait_until(lambda: bench.messages()[0].done_at is not None)
        worker.stop()
        assert len(failures) == 3


class TestCommand:
    def test_work_ends_cleanly_when_asked(self, database_url: str, tmp_path: Path, bench: Bench) -> None:
        bench.ring()
        environment = {
            **os.environ, "GONGYI_MODE": "development", "GONGYI_HOME": str(tmp_path),
            "GONGYI_DATABASE_URL": database_url,
        }  # fmt: skip
        program = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "work"], env=environment, stderr=subprocess.PIPE, text=True
        )
        try:
            TestRun().wait_until(lambda: bench.messages()[0].done_at is not None)
            program.send_signal(signal.SIGTERM)
            _, told = program.communicate(timeout=20)
        finally:
            program.kill()
        assert program.returncode == 0, told
        assert "Traceback" not in told
