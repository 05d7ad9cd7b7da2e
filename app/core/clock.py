"""The one source of time. Tests set it; the database has a clock of its own for what must be decided there."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.zone import BEIJING

__all__ = ["BEIJING", "database_now", "frozen", "now", "set_frozen", "today"]


class _Clock:
    frozen_at: dt.datetime | None = None


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    if _Clock.frozen_at is not None:
        return _Clock.frozen_at
    return dt.datetime.now(dt.UTC)  # noqa: TID251 - the one place that may ask


def today() -> dt.date:
    """The present day in Beijing."""
    return now().astimezone(BEIJING).date()


def database_now(session: Session) -> dt.datetime:
    """The database's own clock, for decisions that several processes must make alike.

    PostgreSQL answers with ``clock_timestamp()`` (the instant, not the start of the transaction). SQLite lives in
    this process and shares its clock. A frozen clock wins over both.
    """
    if _Clock.frozen_at is None and session.get_bind().dialect.name == "postgresql":
        value = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        assert isinstance(value, dt.datetime)
        return value.astimezone(dt.UTC)
    return now()


def set_frozen(at: dt.datetime | None) -> None:
    """Stop the clock at ``at``, or let it run again with ``None``. For tests and rehearsals only."""
    _Clock.frozen_at = at


@contextmanager
def frozen(at: dt.datetime) -> Iterator[None]:
    """Stop the clock at ``at`` inside the block."""
    before = _Clock.frozen_at
    set_frozen(at)
    try:
        yield
    finally:
        set_frozen(before)
