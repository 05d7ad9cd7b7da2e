"""Telling people of what happened at the moment it happened."""

from app.core import clock
from app.outbox import service as outbox
from app.wiring import Wiring
from app.worker import Worker


def tell_in_time(wiring: Wiring, worker: Worker) -> None:
    """Let the worker hear of everything that waits, each at its own moment; the clock is as before afterwards.

    A notice bears the time at which people were told of it. Told at the end, all of it would be news of that day.
    """
    with wiring.database.reading() as session:
        moments = outbox.untried(session)
    for at in moments:
        with clock.frozen(at):
            while worker.handle_next():
                pass
