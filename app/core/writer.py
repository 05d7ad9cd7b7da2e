"""Group commit: many waiting writes in one durable transaction, each answered only after it.

One thread owns one connection. It takes what waits (no timer: an idle writer starts at once, a busy one finds a batch
when it comes back), hands the batch to a domain function inside one transaction, commits, and only then answers every
caller. A refusal of one item is a value, not an exception, so it does not take the others with it; when the batch as a
whole fails, the items are tried one by one, until the database itself turns out to be away. Too many waiting items are
answered at once instead of kept.
"""

import asyncio
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


@dataclass(frozen=True)
class _Entry(Generic[Item, Answer]):
    item: Item
    key: object
    future: "Future[Answer]"


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
        self._queue: queue.SimpleQueue[_Entry[Item, Answer] | None] = queue.SimpleQueue()
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
        return await asyncio.wrap_future(self.enqueue(item))

    def enqueue(self, item: Item) -> "Future[Answer]":
        """Like `submit`, for callers without an event loop."""
        entry: _Entry[Item, Answer] = _Entry(item, self._conflicts(item), Future())
        with self._gate:
            if not self._accepting:
                raise WriterStopped(retry_after=5)
            if self._waiting >= LARGEST_QUEUE:
                raise WriterFull(retry_after=2)
            self._waiting += 1
            self._queue.put(entry)
        return entry.future

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
                else:
                    _place(found, batch, later)
            held = later
            with self._gate:
                self._waiting -= len(batch)
            self._write([entry for entry in batch.values() if entry.future.set_running_or_notify_cancel()])

    def _write(self, batch: list[_Entry[Item, Answer]]) -> None:
        if not batch:
            return
        try:
            answers = self._commit([entry.item for entry in batch])
        except Exception as error:  # noqa: BLE001 - whatever failed, each waiting caller must be answered
            log().warning("batch failed", error_type=type(error).__name__, count=len(batch))
            if len(batch) == 1:
                batch[0].future.set_exception(_as_domain_error(error))
            else:
                self._write_one_by_one(batch)
            return
        for entry, answer in zip(batch, answers, strict=True):
            _answer(entry.future, answer)

    def _write_one_by_one(self, batch: list[_Entry[Item, Answer]]) -> None:
        away = False
        for entry in batch:
            if away:
                # Each would wait for the same time-out; nobody should stand in that line.
                entry.future.set_exception(Unavailable(retry_after=1))
                continue
            try:
                answer = self._commit([entry.item])[0]
            except Exception as error:  # noqa: BLE001 - as above
                away = isinstance(error, (DatabaseBusy, OperationalError, PoolTimeout))
                entry.future.set_exception(_as_domain_error(error))
            else:
                _answer(entry.future, answer)

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


def _answer(future: "Future[Answer]", answer: Answer | DomainError) -> None:
    if isinstance(answer, DomainError):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _as_domain_error(error: Exception) -> Exception:
    if isinstance(error, SQLAlchemyError):
        return Unavailable(retry_after=1)
    return error
