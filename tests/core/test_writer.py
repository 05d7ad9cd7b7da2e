"""Group commit."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app.core import writer as writer_module
from app.core.db import Database, DatabaseBusy
from app.core.errors import Conflict, DomainError, Unavailable
from app.core.writer import BatchWriter, WriterFull, WriterStopped

Handle = Callable[[Session, Sequence[str]], Sequence[str | DomainError]]

metadata = sa.MetaData()
table = sa.Table("written", metadata, sa.Column("word", sa.String(40)))


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as session:
        metadata.create_all(session.connection())
    yield database
    database.dispose()


def written(store: Database) -> list[str]:
    with store.reading() as session:
        return sorted(session.execute(sa.select(table.c.word)).scalars())


class Recorder:
    """Inserts every word; a gate keeps the first batch open until told."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.entered = threading.Event()

    def __call__(self, session: Session, items: Sequence[str]) -> list[str | DomainError]:
        self.batches.append(list(items))
        self.entered.set()
        assert self.gate.wait(10)
        answers: list[str | DomainError] = []
        for word in items:
            if word.startswith("refused"):
                answers.append(Conflict(word=word))
                continue
            if word.startswith("poison"):
                message = "a mistake in the handler"
                raise RuntimeError(message)
            session.execute(sa.insert(table).values(word=word))
            answers.append(word.upper())
        return answers


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def writer(store: Database, recorder: Recorder) -> Iterator[BatchWriter[str, str]]:
    made: BatchWriter[str, str] = BatchWriter(store, recorder, conflicts=lambda word: word.partition(":")[0])
    made.start()
    yield made
    recorder.gate.set()
    made.stop()


def first_and_then(
    writer: BatchWriter[str, str], recorder: Recorder, words: Sequence[str]
) -> list["Future[str]"]:
    """One word opens the first batch; the others wait behind it and are written when the gate opens."""
    futures = [writer.enqueue("first")]
    assert recorder.entered.wait(10)
    futures += [writer.enqueue(word) for word in words]
    recorder.gate.set()
    return futures


class TestBatching:
    def test_what_waits_is_written_in_one_transaction(
        self, writer: BatchWriter[str, str], recorder: Recorder, store: Database
    ) -> None:
        futures = first_and_then(writer, recorder, ["a", "b", "c"])
        assert [each.result(10) for each in futures] == ["FIRST", "A", "B", "C"]
        assert recorder.batches == [["first"], ["a", "b", "c"]]
        assert written(store) == ["a", "b", "c", "first"]

    def test_who_is_answered_can_read_it(
        self, writer: BatchWriter[str, str], recorder: Recorder, store: Database
    ) -> None:
        recorder.gate.set()
        for number in range(20):
            assert writer.enqueue(f"w{number}").result(10) == f"W{number}"
            assert f"w{number}" in written(store)

    def test_a_batch_has_a_largest_size(
        self, writer: BatchWriter[str, str], recorder: Recorder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer_module, "LARGEST_BATCH", 3)
        for each in first_and_then(writer, recorder, list("abcdefg")):
            each.result(10)
        assert [len(batch) for batch in recorder.batches] == [1, 3, 3, 1]

    def test_conflicting_items_go_to_later_batches_in_their_order(
        self, writer: BatchWriter[str, str], recorder: Recorder
    ) -> None:
        for each in first_and_then(writer, recorder, ["x:1", "y:1", "x:2", "x:3", "y:2"]):
            each.result(10)
        assert recorder.batches == [["first"], ["x:1", "y:1"], ["x:2", "y:2"], ["x:3"]]

    def test_submit_waits_without_a_thread_of_its_own(
        self, writer: BatchWriter[str, str], recorder: Recorder
    ) -> None:
        recorder.gate.set()

        async def several() -> list[str]:
            return await asyncio.gather(*(writer.submit(f"w{number}") for number in range(50)))

        assert asyncio.run(several()) == [f"W{number}" for number in range(50)]
        assert len(recorder.batches) < 50


class TestFailures:
    def test_a_refused_item_does_not_take_the_others(
        self, writer: BatchWriter[str, str], recorder: Recorder, store: Database
    ) -> None:
        first, good, bad, other = first_and_then(writer, recorder, ["a", "refused", "b"])
        assert (first.result(10), good.result(10), other.result(10)) == ("FIRST", "A", "B")
        with pytest.raises(Conflict):
            bad.result(10)
        assert written(store) == ["a", "b", "first"]

    def test_a_poisonous_item_does_not_take_the_others(
        self, writer: BatchWriter[str, str], recorder: Recorder, store: Database
    ) -> None:
        _, good, bad, other = first_and_then(writer, recorder, ["a", "poison", "b"])
        assert (good.result(10), other.result(10)) == ("A", "B")
        with pytest.raises(RuntimeError):
            bad.result(10)
        assert written(store) == ["a", "b", "first"]

    def test_the_writer_lives_on_after_a_failure(
        self, writer: BatchWriter[str, str], recorder: Recorder, store: Database
    ) -> None:
        recorder.gate.set()
        with pytest.raises(RuntimeError):
            writer.enqueue("poison").result(10)
        assert writer.enqueue("after").result(10) == "AFTER"
        assert written(store) == ["after"]

    def test_a_database_that_is_away_is_asked_twice_and_not_once_per_item(self, store: Database) -> None:
        calls: list[int] = []
        started, gate = threading.Event(), threading.Event()

        def away(_session: Session, items: Sequence[str]) -> Sequence[str]:
            calls.append(len(items))
            if items[0] == "first":
                started.set()
                assert gate.wait(10)
                return ["FIRST"]
            raise OperationalError("x", {}, Exception("database is locked"))

        made: BatchWriter[str, str] = BatchWriter(store, away, conflicts=str)
        made.start()
        try:
            made.enqueue("first")
            assert started.wait(10)
            futures = [made.enqueue(f"w{number}") for number in range(40)]
            gate.set()
            for each in futures:
                with pytest.raises(Unavailable):
                    each.result(10)
        finally:
            made.stop()
        assert calls == [1, 40, 1]

    def test_another_processs_conflict_is_tried_one_by_one(self, store: Database) -> None:
        calls: list[int] = []

        def contested(_session: Session, items: Sequence[str]) -> Sequence[str]:
            calls.append(len(items))
            if len(items) > 1:
                raise Unavailable(retry_after=1)
            return [items[0].upper()]

        made: BatchWriter[str, str] = BatchWriter(store, contested, conflicts=str)
        futures = []
        made._accepting = True
        futures = [made.enqueue(word) for word in "abc"]
        made.start()
        assert [each.result(10) for each in futures] == ["A", "B", "C"]
        made.stop()
        assert calls == [3, 1, 1, 1]

    def test_somebody_alone_who_was_overtaken_is_tried_once_more(self, store: Database) -> None:
        tries: list[int] = []

        def handle(session: Session, items: Sequence[str]) -> list[str | DomainError]:
            tries.append(len(items))
            if len(tries) == 1:
                raise Unavailable(retry_after=1)
            session.execute(sa.insert(table).values(word=items[0]))
            return [items[0].upper()]

        writer = BatchWriter(store, handle, conflicts=lambda item: item)
        writer.start()
        assert writer.enqueue("alone").result(timeout=10) == "ALONE"
        writer.stop()
        assert tries == [1, 1]
        assert written(store) == ["alone"]

    def test_a_failure_outside_of_the_handler_answers_who_waits_and_the_next_ones_too(
        self, store: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def handle(_: Session, items: Sequence[str]) -> list[str | DomainError]:
            return list(items)

        writer = BatchWriter(store, handle, conflicts=lambda item: item)
        original = writer._commit
        monkeypatch.setattr(writer, "_write", lambda _: 1 / 0)
        writer.start()
        with pytest.raises(Unavailable):
            writer.enqueue("first").result(timeout=10)
        monkeypatch.undo()
        assert writer._commit == original
        assert writer.enqueue("second").result(timeout=10) == "second"
        writer.stop()

    def test_too_few_answers_save_nothing(self, store: Database) -> None:
        def forgetful(session: Session, items: Sequence[str]) -> Sequence[str]:
            for word in items:
                session.execute(sa.insert(table).values(word=word))
            return []

        made: BatchWriter[str, str] = BatchWriter(store, forgetful, conflicts=str)
        made.start()
        with pytest.raises(ValueError, match="0 answers to 1 items"):
            made.enqueue("a").result(10)
        made.stop()
        assert written(store) == []

    def test_a_busy_database_stays_a_typed_answer(self, store: Database) -> None:
        def busy(_session: Session, _items: Sequence[str]) -> Sequence[str]:
            raise DatabaseBusy(retry_after=1)

        made: BatchWriter[str, str] = BatchWriter(store, busy, conflicts=str)
        made.start()
        with pytest.raises(DatabaseBusy):
            made.enqueue("a").result(10)
        made.stop()


class TestLimits:
    def test_a_full_queue_is_answered_at_once(
        self,
        writer: BatchWriter[str, str],
        recorder: Recorder,
        monkeypatch: pytest.MonkeyPatch,
        store: Database,
    ) -> None:
        monkeypatch.setattr(writer_module, "LARGEST_QUEUE", 3)
        futures = [writer.enqueue("first")]
        assert recorder.entered.wait(10)
        futures += [writer.enqueue(f"same:{number}") for number in range(3)]
        with pytest.raises(WriterFull) as refused:
            writer.enqueue("more")
        assert refused.value.facts["retry_after"] == 2
        recorder.gate.set()
        for each in futures:
            each.result(10)
        assert writer.enqueue("more").result(10) == "MORE"
        assert "more" in written(store)

    def test_who_no_longer_waits_is_not_written(
        self, writer: BatchWriter[str, str], recorder: Recorder, store: Database
    ) -> None:
        writer.enqueue("first")
        assert recorder.entered.wait(10)
        left = writer.enqueue("left")
        stayed = writer.enqueue("stayed")
        assert left.cancel()
        recorder.gate.set()
        assert stayed.result(10) == "STAYED"
        assert written(store) == ["first", "stayed"]


class TestStop:
    def test_what_was_accepted_is_written_and_the_rest_refused(
        self, writer: BatchWriter[str, str], recorder: Recorder, store: Database
    ) -> None:
        futures = [writer.enqueue("first")]
        assert recorder.entered.wait(10)
        futures += [writer.enqueue(f"x:{number}") for number in range(5)]
        stopper = threading.Thread(target=writer.stop)
        stopper.start()
        deadline = time.monotonic() + 10
        while writer._accepting:
            assert time.monotonic() < deadline
        with pytest.raises(WriterStopped):
            writer.enqueue("late")
        recorder.gate.set()
        stopper.join(10)
        assert not stopper.is_alive()
        assert [each.result(0) for each in futures] == ["FIRST", *(f"X:{number}" for number in range(5))]
        assert len(written(store)) == 6

    def test_twice_is_once(self, writer: BatchWriter[str, str], recorder: Recorder) -> None:
        recorder.gate.set()
        writer.stop()
        writer.stop()

    def test_before_the_start_nothing_is_taken(self, store: Database, recorder: Recorder) -> None:
        made: BatchWriter[str, str] = BatchWriter(store, recorder, conflicts=str)
        with pytest.raises(WriterStopped):
            made.enqueue("a")
        made.stop()
