"""Group commit: many waiting writes in one durable transaction, each answered only after it.

One thread owns one connection. It takes what waits (no timer: an idle writer starts at once, a busy one finds a batch
when it comes back; what comes up in one turn of an event loop arrives together), hands the batch to a domain function
inside one transaction, commits, and only then answers every caller. A refusal of one item is a value, not an exception,
so it does not take the others with it; when the batch as a whole fails, the items are tried one by one, until the
database itself turns out to be away. Too many waiting items are answered at once instead of kept.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from app.core.db import Database, DatabaseBusy
from app.core.errors import DomainError, Unavailable
from app.core.logging import log

Item = TypeVar("Item")
Answer = TypeVar("Answer")

LARGEST_BATCH = 256
LARGEST_QUEUE = 2048


class WriterFull(Unavailable):
    """Many people are voting at this moment. Your ballot was not taken; please try again in {retry_after} seconds."""

    code = "writer_full"
    zh = "此刻投票的人很多，您的选票还没有收下，请 {retry_after} 秒后再试。"


class WriterStopped(Unavailable):
    """The service is restarting. Your ballot was not taken; please try again in {retry_after} seconds."""

    code = "writer_stopped"
    zh = "服务正在重启，您的选票还没有收下，请 {retry_after} 秒后再试。"


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Item, Answer]):
    item: Item
    key: object
    future: "Future[Answer] | asyncio.Future[Answer]"

    def wanted(self) -> bool:
        """Whether somebody still waits for it; from here on they cannot take it back."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


class BatchWriter(Generic[Item, Answer]):
    """Runs ``handle(session, items)`` over batches of submitted items.

    ``handle`` returns one answer, or one `DomainError`, per item, in order. ``conflicts`` names what must not share a
    batch: of two items with the same key the later one waits for the next batch.
    """

    def __init__(
        self,
        database: Database,
        handle: Callable[[Session, Sequence[Item]], Sequence[Answer | DomainError]],
        *,
        conflicts: Callable[[Item], Hashable],
    ) -> None:
        self._database = database
        self._handle = handle
        self._conflicts = conflicts
        self._queue: queue.SimpleQueue[list[_Entry[Item, Answer]] | None] = queue.SimpleQueue()
        self._arriving: list[_Entry[Item, Answer]] = []  # in this turn of an event loop
        self._thread: threading.Thread | None = None
        self._gate = threading.Lock()
        self._accepting = False
        self._waiting = 0  # in the queue or held back for a later batch

    def start(self) -> None:
        """Begin to write."""
        self._accepting = True
        self._thread = threading.Thread(target=self._run, name="batch-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what was accepted, refuse what comes later, and end."""
        with self._gate:
            if not self._accepting:
                return
            self._accepting = False
            self._hand_over()
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    async def submit(self, item: Item) -> Answer:
        """Wait until ``item`` is durable.

        Raises:
            WriterFull: too many are waiting already.
            WriterStopped: the service is going down.
            DomainError: what ``handle`` said of this item.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        with self._gate:
            self._accept(item, future)
            if len(self._arriving) == 1:
                loop.call_soon(self._end_of_turn)
        return await future

    def enqueue(self, item: Item) -> "Future[Answer]":
        """Like `submit`, for callers without an event loop."""
        future: Future[Answer] = Future()
        with self._gate:
            self._accept(item, future)
            self._hand_over()
        return future

    def _accept(self, item: Item, future: "Future[Answer] | asyncio.Future[Answer]") -> None:
        if not self._accepting:
            raise WriterStopped(retry_after=5)
        if self._waiting >= LARGEST_QUEUE:
            raise WriterFull(retry_after=2)
        self._waiting += 1
        self._arriving.append(_Entry(item, self._conflicts(item), future))

    def _end_of_turn(self) -> None:
        with self._gate:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._arriving:
            self._queue.put(self._arriving)
            self._arriving = []

    def _run(self) -> None:
        held: list[_Entry[Item, Answer]] = []
        open_for_more = True
        while open_for_more or held:
            batch: dict[object, _Entry[Item, Answer]] = {}
            later: list[_Entry[Item, Answer]] = []
            for entry in held:
                _place(entry, batch, later)
            while open_for_more and len(batch) < LARGEST_BATCH:
                try:
                    found = self._queue.get(block=not batch)
                except queue.Empty:
                    break
                if found is None:
                    open_for_more = False
                    break
                for entry in found:
                    _place(entry, batch, later)
            held = later
            with self._gate:
                self._waiting -= len(batch)
            wanted = [entry for entry in batch.values() if entry.wanted()]
            try:
                self._write(wanted)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next ones must still be written
                log().error("writer failed", error_type=type(error).__name__, count=len(wanted))
                _deliver(wanted, [Unavailable(retry_after=1)] * len(wanted))

    def _write(self, batch: list[_Entry[Item, Answer]]) -> None:
        if not batch:
            return
        try:
            answers: Sequence[Answer | Exception] = self._commit([entry.item for entry in batch])
        except Exception as error:  # noqa: BLE001 - whatever failed, each waiting caller must be answered
            log().warning("batch failed", error_type=type(error).__name__, count=len(batch))
            alone = len(batch) == 1 and not _overtaken(error)
            answers = [_as_domain_error(error)] if alone else self._write_one_by_one(batch)
        _deliver(batch, answers)

    def _write_one_by_one(self, batch: list[_Entry[Item, Answer]]) -> list[Answer | Exception]:
        answers: list[Answer | Exception] = []
        away = False
        for entry in batch:
            if away:
                # Each would wait for the same time-out; nobody should stand in that line.
                answers.append(Unavailable(retry_after=1))
                continue
            try:
                answers.append(self._commit([entry.item])[0])
            except Exception as error:  # noqa: BLE001 - as above
                away = isinstance(error, (DatabaseBusy, OperationalError, PoolTimeout))
                answers.append(_as_domain_error(error))
        return answers

    def _commit(self, items: list[Item]) -> Sequence[Answer | DomainError]:
        with self._database.writing() as session:
            answers = self._handle(session, items)
            if len(answers) != len(items):
                message = f"{len(answers)} answers to {len(items)} items"
                raise ValueError(message)  # rolled back: nobody could be told what was saved
            return answers


def _place(
    entry: _Entry[Item, Answer], batch: dict[object, _Entry[Item, Answer]], later: list[_Entry[Item, Answer]]
) -> None:
    if entry.key in batch or len(batch) >= LARGEST_BATCH:
        later.append(entry)
    else:
        batch[entry.key] = entry


def _deliver(batch: Sequence[_Entry[Item, Answer]], answers: Sequence[Answer | Exception]) -> None:
    """Answer a batch; an event loop is woken once for all that it waits for."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer | Exception]]] = {}
    for entry, answer in zip(batch, answers, strict=True):
        if isinstance(entry.future, Future):
            _settle(entry.future, answer)
        else:
            by_loop.setdefault(entry.future.get_loop(), []).append((entry.future, answer))
    for loop, settled in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is gone, and whoever waited with it
            loop.call_soon_threadsafe(_settle_all, settled)


def _settle_all(settled: Sequence[tuple["asyncio.Future[Answer]", Answer | Exception]]) -> None:
    for future, answer in settled:
        _settle(future, answer)


def _settle(future: "Future[Answer] | asyncio.Future[Answer]", answer: Answer | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _overtaken(error: Exception) -> bool:
    """Whether the handler says that another process was faster: looking again is enough."""
    return isinstance(error, Unavailable) and not isinstance(error, DatabaseBusy)


def _as_domain_error(error: Exception) -> Exception:
    if isinstance(error, SQLAlchemyError):
        return Unavailable(retry_after=1)
    return error
