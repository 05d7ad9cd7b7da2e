"""Events: written with the act, handled once, in order, until they are done or visibly dead."""

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core import clock
from app.core.db import Database
from app.outbox import service
from app.outbox.models import InboxMessage, OutboxMessage
from app.outbox.service import BACKOFF_SECONDS, CLAIM_SECONDS, SameIdOtherContent

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Rang:
    NAME: ClassVar[str] = "bell.rang"
    VERSION: ClassVar[int] = 1

    number: int
    extra: object = None


@dataclass(frozen=True)
class Nested:
    NAME: ClassVar[str] = "nest.made"
    VERSION: ClassVar[int] = 2

    id: uuid.UUID
    at: dt.datetime
    day: dt.date
    parts: list[Rang] = field(default_factory=list)


def emit(database: Database, number: int, subject: str = "bell:a", delay: int = 0) -> uuid.UUID:
    with database.writing() as session:
        row = service.emit(session, Rang(number), subject=subject, delay=dt.timedelta(seconds=delay))
        return row.id


def claim(database: Database, worker: str = "w1") -> int | None:
    with database.writing() as session:
        row = service.claim(session, worker=worker)
        return None if row is None else int(row.payload["number"])


def row_of(database: Database, message: uuid.UUID) -> OutboxMessage:
    with database.reading() as session:
        return session.exec(select(OutboxMessage).where(OutboxMessage.id == message)).one()


def finish(database: Database, message: uuid.UUID) -> None:
    with database.writing() as session:
        service.finish(session, session.exec(select(OutboxMessage).where(OutboxMessage.id == message)).one())


class TestEmit:
    def test_an_event_exists_only_if_its_act_does(self, database: Database) -> None:
        def act_and_fail() -> None:
            with database.writing() as session:
                service.emit(session, Rang(1), subject="bell:a")
                raise KeyError

        with pytest.raises(KeyError):
            act_and_fail()
        assert claim(database) is None

    def test_facts_become_plain_values(self, database: Database) -> None:
        made = uuid.uuid4()
        with database.writing() as session:
            row = service.emit(
                session, Nested(made, START, dt.date(2026, 3, 1), [Rang(1, ("共", True))]), subject="nest:a"
            )
            message = row.id
        row = row_of(database, message)
        assert (row.name, row.version) == ("nest.made", 2)
        assert row.payload == {
            "id": str(made),
            "at": "2026-03-01T00:00:00+00:00",
            "day": "2026-03-01",
            "parts": [{"number": 1, "extra": ["共", True]}],
        }

    @pytest.mark.parametrize("fact", [0.5, b"x", {1, 2}])
    def test_what_is_not_plain_is_refused(self, session: Session, fact: object) -> None:
        with pytest.raises(TypeError, match="no place in an event"):
            service.emit(session, Rang(1, fact), subject="bell:a")

    def test_a_delayed_event_waits(self, database: Database) -> None:
        with clock.frozen(START):
            emit(database, 1, delay=60)
            assert claim(database) is None
        with clock.frozen(START + dt.timedelta(seconds=60)):
            assert claim(database) == 1


class TestClaim:
    def test_events_of_one_subject_come_in_order_and_one_at_a_time(self, database: Database) -> None:
        first, second = emit(database, 1), emit(database, 2)
        assert claim(database) == 1
        assert claim(database, "w2") is None
        finish(database, first)
        assert claim(database, "w2") == 2
        finish(database, second)
        assert claim(database) is None

    def test_events_of_other_subjects_do_not_wait(self, database: Database) -> None:
        emit(database, 1, "bell:a")
        emit(database, 2, "bell:a")
        emit(database, 3, "bell:b")
        assert (claim(database), claim(database, "w2"), claim(database, "w3")) == (1, 3, None)

    def test_an_event_waiting_for_its_retry_keeps_its_place(self, database: Database) -> None:
        with clock.frozen(START):
            first = emit(database, 1)
            emit(database, 2)
            assert claim(database) == 1
            with database.writing() as session:
                service.retry_later(session, row_in(session, first), reason="away")
            assert claim(database) is None
        with clock.frozen(START + dt.timedelta(seconds=10)):
            assert claim(database) == 1

    def test_a_dead_event_lets_the_next_one_pass(self, database: Database) -> None:
        first = emit(database, 1)
        emit(database, 2)
        assert claim(database) == 1
        with database.writing() as session:
            service.give_up(session, row_in(session, first), reason="refused")
        assert claim(database) == 2

    def test_a_worker_that_died_loses_its_claim_after_a_minute(self, database: Database) -> None:
        with clock.frozen(START):
            message = emit(database, 1)
            assert claim(database, "died") == 1
        with clock.frozen(START + dt.timedelta(seconds=CLAIM_SECONDS)):
            assert claim(database, "w2") is None
        with clock.frozen(START + dt.timedelta(seconds=CLAIM_SECONDS + 1)):
            assert claim(database, "w2") == 1
        row = row_of(database, message)
        assert (row.attempts, row.claimed_by) == (2, "w2")

    def test_two_workers_never_hold_the_same_event(self, database: Database) -> None:
        for number in range(60):
            emit(database, number, f"bell:{number % 7}")
        seen: list[int] = []
        gate = threading.Barrier(4)

        def work(name: str) -> None:
            gate.wait()
            idle = 0
            while idle < 20:
                with database.writing() as session:
                    row = service.claim(session, worker=name)
                if row is None:
                    idle += 1
                    continue
                seen.append(int(row.payload["number"]))
                with database.writing() as session:
                    mine = service.still_mine(session, row, worker=name)
                    assert mine is not None
                    service.finish(session, mine)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, ["w1", "w2", "w3", "w4"]))
        assert sorted(seen) == list(range(60))
        for subject in range(7):
            of_subject = [number for number in seen if number % 7 == subject]
            assert of_subject == sorted(of_subject)


def row_in(session: Session, message: uuid.UUID) -> OutboxMessage:
    return session.exec(select(OutboxMessage).where(OutboxMessage.id == message)).one()


class TestStillMine:
    def test_a_late_worker_finds_that_another_took_over(self, database: Database) -> None:
        with clock.frozen(START):
            emit(database, 1)
            with database.writing() as session:
                held = service.claim(session, worker="slow")
        assert held is not None
        with clock.frozen(START + dt.timedelta(seconds=CLAIM_SECONDS + 1)):
            assert claim(database, "quick") == 1
        with database.writing() as session:
            assert service.still_mine(session, held, worker="slow") is None
            assert service.still_mine(session, held, worker="quick") is not None

    def test_a_finished_or_dead_event_is_nobodys(self, database: Database) -> None:
        emit(database, 1)
        with database.writing() as session:
            held = service.claim(session, worker="w1")
            assert held is not None
            service.finish(session, held)
        with database.writing() as session:
            assert service.still_mine(session, held, worker="w1") is None

    def test_while_it_is_being_finished_nobody_takes_over(self, database: Database, backend: str) -> None:
        if backend == "sqlite":
            return  # one writer at a time: the same is true by itself
        with clock.frozen(START):
            emit(database, 1)
            with database.writing() as session:
                held = service.claim(session, worker="slow")
        assert held is not None
        late = START + dt.timedelta(seconds=CLAIM_SECONDS + 1)
        with clock.frozen(late), database.writing() as session:
            mine = service.still_mine(session, held, worker="slow")
            assert mine is not None
            assert claim(database, "quick") is None  # skipped: the row is locked
            service.finish(session, mine)
        with clock.frozen(late):
            assert claim(database, "quick") is None


class TestRetryLater:
    def test_waits_grow_and_then_it_is_dead(self, database: Database) -> None:
        now = START
        with clock.frozen(now):
            message = emit(database, 1)
        waits = []
        for _ in range(len(BACKOFF_SECONDS)):
            with clock.frozen(now):
                assert claim(database) == 1
                with database.writing() as session:
                    service.retry_later(session, row_in(session, message), reason="x" * 1000)
            row = row_of(database, message)
            assert row.dead_at is None
            assert row.claimed_by is None
            assert len(row.last_error or "") == 300
            waits.append((row.available_at - now).total_seconds())
            now = row.available_at
        for wait, planned in zip(waits, BACKOFF_SECONDS, strict=True):
            assert planned * 0.8 <= wait <= planned * 1.2
        with clock.frozen(now):
            assert claim(database) == 1
            with database.writing() as session:
                service.retry_later(session, row_in(session, message), reason="last")
        assert row_of(database, message).dead_at == now
        with clock.frozen(now + dt.timedelta(days=30)):
            assert claim(database) is None

    def test_the_waits_add_up_to_about_75_hours(self) -> None:
        assert 70 <= sum(BACKOFF_SECONDS) / 3600 <= 80


class TestRevive:
    def test_a_dead_event_starts_anew(self, database: Database) -> None:
        message = emit(database, 1)
        claim(database)
        with database.writing() as session:
            service.give_up(session, row_in(session, message), reason="refused")
        assert claim(database) is None
        with database.writing() as session:
            service.revive(session, row_in(session, message))
        assert claim(database, "w2") == 1
        assert row_of(database, message).attempts == 1


class TestWaiting:
    def test_it_counts_what_is_neither_done_nor_dead(self, database: Database) -> None:
        messages = [emit(database, number, f"bell:{number}") for number in range(3)]
        finish(database, messages[0])
        with database.writing() as session:
            service.give_up(session, row_in(session, messages[1]), reason="no")
        with database.reading() as session:
            assert service.waiting(session) == 1


class TestInbox:
    SOURCE = "client:a"

    def take(self, database: Database, content: dict[str, int], external_id: str = "m-1") -> str:
        with database.writing() as session:
            earlier = service.take_once(session, source=self.SOURCE, external_id=external_id, content=content)
            if earlier is not None:
                return f"again {earlier.answer['n']}"
            service.remember(
                session, source=self.SOURCE, external_id=external_id, content=content, answer={"n": content["n"]}
            )  # fmt: skip
            return f"taken {content['n']}"

    def test_a_message_is_taken_once_and_answered_alike(self, database: Database) -> None:
        assert self.take(database, {"n": 1}) == "taken 1"
        assert self.take(database, {"n": 1}) == "again 1"
        assert self.take(database, {"n": 2}, "m-2") == "taken 2"

    def test_the_same_id_with_other_content_is_refused(self, database: Database) -> None:
        self.take(database, {"n": 1})
        with pytest.raises(SameIdOtherContent):
            self.take(database, {"n": 2})

    def test_twins_at_once_are_one(self, database: Database) -> None:
        gate = threading.Barrier(6)

        def one(_: int) -> str:
            gate.wait()
            try:
                return self.take(database, {"n": 1})
            except IntegrityError:  # the constraint let the other one through
                return "refused"

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(one, range(6)))
        assert answers.count("taken 1") == 1
        with database.reading() as session:
            assert len(session.exec(select(InboxMessage)).all()) == 1


class TestForget:
    def test_what_must_not_stay_goes_handled_or_not_and_nothing_else(self, database: Database) -> None:
        with database.writing() as session:
            about = [
                service.emit(session, Rang(number, extra=extra), subject="bell:a").id
                for number, extra in enumerate(["here", "here", "there"])
            ]
            other = Nested(uuid.uuid4(), START, START.date())
            about.append(service.emit(session, other, subject="here").id)
        finish(database, about[0])
        with database.writing() as session:
            assert service.forget(session, name=Rang.NAME, facts={"extra": "here"}) == 2
            assert service.forget(session, name=Rang.NAME, facts={"extra": "here"}) == 0
        with database.reading() as session:
            assert set(session.exec(select(OutboxMessage.id))) == set(about[2:])
        assert claim(database) == 2

    def test_a_worker_that_holds_one_finds_it_gone(self, database: Database) -> None:
        with database.writing() as session:
            service.emit(session, Rang(1, extra="here"), subject="bell:a")
        with database.writing() as session:
            held = service.claim(session, worker="w1")
            assert held is not None
        with database.writing() as session:
            service.forget(session, name=Rang.NAME, facts={"extra": "here"})
        with database.writing() as session:
            assert service.still_mine(session, held, worker="w1") is None
