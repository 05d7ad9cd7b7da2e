"""Group commit: many waiting writes in one durable transaction, each answered only after it.

One thread owns one connection. It takes what waits (no timer: an idle writer starts at once, a busy one finds a batch
when it comes back), hands the batch to a domain function inside one transaction, commits, and only then answers every
caller. A refusal of one item is a value, not an exception, so it does not take the others with it; when the batch as a
whole fails, the items are tried one by one. A full queue is answered at once instead of growing.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.core.db import Database
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
        conflicts: Callable[[Item], object],
    ) -> None:
        self._database = database
        self._handle = handle
        self._conflicts = conflicts
        self._queue: queue.Queue[tuple[Item, Future[Answer]] | None] = queue.Queue(LARGEST_QUEUE)
        self._thread: threading.Thread | None = None
        self._gate = threading.Lock()
        self._accepting = False

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
        future: Future[Answer] = Future()
        with self._gate:
            if not self._accepting:
                raise WriterStopped(retry_after=5)
            try:
                self._queue.put_nowait((item, future))
            except queue.Full:
                raise WriterFull(retry_after=2) from None
        return future

    def _run(self) -> None:
        held: list[tuple[Item, Future[Answer]]] = []
        open_for_more = True
        while open_for_more or held:
            batch, held = self._split(held)
            while len(batch) < LARGEST_BATCH and open_for_more:
                try:
                    entry = self._queue.get(block=not batch)
                except queue.Empty:
                    break
                if entry is None:
                    open_for_more = False
                    break
                if self._clashes(entry, batch):
                    held.append(entry)
                else:
                    batch.append(entry)
            if batch:
                self._write(batch)

    def _split(
        self, waiting: list[tuple[Item, "Future[Answer]"]]
    ) -> tuple[list[tuple[Item, "Future[Answer]"]], list[tuple[Item, "Future[Answer]"]]]:
        batch: list[tuple[Item, Future[Answer]]] = []
        held: list[tuple[Item, Future[Answer]]] = []
        for entry in waiting:
            (held if self._clashes(entry, batch) else batch).append(entry)
        return batch, held

    def _clashes(
        self, entry: tuple[Item, "Future[Answer]"], batch: list[tuple[Item, "Future[Answer]"]]
    ) -> bool:
        key = self._conflicts(entry[0])
        return any(self._conflicts(item) == key for item, _ in batch)

    def _write(self, batch: list[tuple[Item, "Future[Answer]"]]) -> None:
        batch = [(item, future) for item, future in batch if future.set_running_or_notify_cancel()]
        if not batch:
            return
        try:
            answers = self._commit([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever failed, each waiting caller must be answered
            log().warning("batch failed", error_type=type(error).__name__, count=len(batch))
            if len(batch) == 1:
                batch[0][1].set_exception(_as_domain_error(error))
                return
            for item, future in batch:
                self._write_alone(item, future)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            _answer(future, answer)

    def _write_alone(self, item: Item, future: "Future[Answer]") -> None:
        try:
            _answer(future, self._commit([item])[0])
        except Exception as error:  # noqa: BLE001 - as above
            future.set_exception(_as_domain_error(error))

    def _commit(self, items: list[Item]) -> Sequence[Answer | DomainError]:
        with self._database.writing() as session:
            return self._handle(session, items)


def _answer(future: "Future[Answer]", answer: Answer | DomainError) -> None:
    if isinstance(answer, DomainError):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _as_domain_error(error: Exception) -> Exception:
    if isinstance(error, SQLAlchemyError):
        return Unavailable(retry_after=1)
    return error
