"""The worker: handles events from the outbox and does what is due by the clock.

Any number of workers may run, in processes of their own or inside the web process; each event is claimed by one. A
worker that dies lets go of its claim after a minute and another takes over.
"""

import os
import threading
import time
import uuid

from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import DomainError
from app.core.logging import log
from app.outbox import service as outbox
from app.outbox.service import Message, Refused, Unanswered
from app.wiring import Subscription, Wiring

IDLE_SECONDS = 0.2
SLOW_IDLE_SECONDS = 2.0


class Worker:
    """A loop over the outbox, and beside it one for work that takes minutes."""

    def __init__(self, wiring: Wiring) -> None:
        self._database = wiring.database
        self._subscriptions = wiring.subscriptions
        self._schedule = wiring.schedule
        self._slow = wiring.slow
        self._next_due = [0.0] * len(self._schedule)
        self._name = f"{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._stopping = threading.Event()
        self._development = wiring.settings.development
        self._said_away = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread."""
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let the loop end after the event in hand."""
        self._stopping.set()

    def stop(self) -> None:
        """Finish the event in hand and end."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Work until told to stop."""
        beside = threading.Thread(target=self._run_slow, name="slow work", daemon=True)
        beside.start()
        while not self._stopping.is_set():
            try:
                worked = self.run_due() or self.handle_next()
            except (SQLAlchemyError, DomainError) as error:
                log().warning("worker waits for the database", error_type=type(error).__name__)
                worked = False
            if not worked:
                self._stopping.wait(IDLE_SECONDS)
        beside.join()

    def _run_slow(self) -> None:
        while not self._stopping.is_set():
            if not self.do_slow():
                self._stopping.wait(SLOW_IDLE_SECONDS)

    def do_slow(self) -> bool:
        """Do one piece of slow work; false when there is none, or when told to stop."""
        worked = False
        for act in self._slow:
            try:
                worked = act(self._database, lambda: not self._stopping.is_set()) or worked
            except Exception as error:  # noqa: BLE001 - it is tried again when it has been silent for long enough
                log().error("slow work failed", error_type=type(error).__name__)
        return worked

    def drain(self, *, limit: int = 10_000) -> int:
        """Do everything that is due now, then return how many events were handled."""
        handled = 0
        self.run_due(all_of_it=True)
        while handled < limit:
            if self.handle_next():
                handled += 1
            elif not self.do_slow():
                break
        return handled

    def run_due(self, *, all_of_it: bool = False) -> bool:
        """Run the scheduled acts whose time has come."""
        now = time.monotonic()
        for index, (seconds, act) in enumerate(self._schedule):
            if all_of_it or self._next_due[index] <= now:
                self._next_due[index] = now + seconds
                try:
                    act(self._database)
                except Exception as error:  # noqa: BLE001 - one failing act must not stop the others
                    log().error(
                        "scheduled act failed",
                        error_type=type(error).__name__,
                        name=getattr(act, "__name__", ""),
                    )
        return False

    def handle_next(self) -> bool:
        """Claim and handle one event; false when none is due."""
        with self._database.writing() as session:
            message = outbox.claim(session, worker=self._name)
        if message is None:
            return False
        subscription = self._subscriptions.get(message.name, Subscription())
        try:
            for reach_out in subscription.outside:
                reach_out(self._database, message)
            self._finish(message, subscription)
        except Refused as error:
            self._give_up(message, reason=str(error))
        except Exception as error:  # noqa: BLE001 - whatever failed is tried again later
            self._say_failed(message, error)
            self._retry(message, reason=f"{type(error).__name__}: {error}")
        return True

    def _say_failed(self, message: Message, error: Exception) -> None:
        if self._development and isinstance(error, Unanswered):
            # on somebody's own machine the systems of others are mostly not there: one line for all of them
            if not self._said_away:
                log().info("another system does not answer; it is tried again later", name=message.name)
            self._said_away = True
            return
        log().warning(
            "event failed", name=message.name, attempts=message.attempts, error_type=type(error).__name__
        )

    def _finish(self, message: Message, subscription: Subscription) -> None:
        with self._database.writing() as session:
            row = outbox.still_mine(session, message, worker=self._name)
            if row is None:
                return
            for react in subscription.inside:
                react(session, row)
            outbox.finish(session, row)

    def _retry(self, message: Message, *, reason: str) -> None:
        with self._database.writing() as session:
            row = outbox.still_mine(session, message, worker=self._name)
            if row is not None:
                outbox.retry_later(session, row, reason=reason)

    def _give_up(self, message: Message, *, reason: str) -> None:
        with self._database.writing() as session:
            row = outbox.still_mine(session, message, worker=self._name)
            if row is not None:
                outbox.give_up(session, row, reason=reason)
