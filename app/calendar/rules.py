"""Which days a round has, and what stands in a calendar. Pure."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.calendar.errors import SpanTooLong
from app.core.zone import BEIJING
from app.rounds.rules import RoundState

LONGEST_SPAN = 366


class EventKind(StrEnum):
    """What happens."""

    OPENS = "opens"
    CLOSES = "closes"
    #: The result is made public.
    ANNOUNCED = "announced"
    #: Until then residents object to the result; then it is certified.
    OBJECTIONS_END = "objections_end"
    CERTIFIED = "certified"
    MEETING = "meeting"


@dataclass(frozen=True)
class RoundDays:
    """A round, as far as a calendar needs it."""

    round_id: uuid.UUID
    title: str
    state: RoundState
    recorded: bool
    opens_at: dt.datetime
    closes_at: dt.datetime
    #: How long a result hangs out, and within how many days of the closing it has to, by law.
    publication_days: int
    posted_within_days: int | None
    announced_at: dt.datetime | None = None
    notice_until: dt.datetime | None = None
    certified_at: dt.datetime | None = None


@dataclass(frozen=True)
class Event:
    """Something at a time."""

    at: dt.datetime
    kind: EventKind
    title: str
    subject_id: uuid.UUID
    state: RoundState | None = None
    recorded: bool = False
    #: Worked out from the closing and the law, and not fixed yet.
    expected: bool = False


_ENDED = frozenset({RoundState.VOID, RoundState.CANCELLED})


def check_span(first: dt.date, last: dt.date) -> None:
    """Whether a calendar can be shown for these days.

    Raises:
        SpanTooLong: for more than a year, or backwards.
    """
    if not 0 <= (last - first).days < LONGEST_SPAN:
        raise SpanTooLong(days=LONGEST_SPAN)


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins in Beijing."""
    return dt.datetime.combine(day, dt.time(), BEIJING)


def days_of(row: RoundDays) -> Iterator[Event]:
    """Everything that happens in the life of a round; what is still to come of a round that ended does not."""

    def event(at: dt.datetime, kind: EventKind, *, expected: bool = False) -> Event:
        return Event(at, kind, row.title, row.round_id, row.state, row.recorded, expected)

    if row.state is RoundState.CANCELLED:
        return
    yield event(row.opens_at, EventKind.OPENS, expected=row.state is RoundState.DRAFT)
    yield event(row.closes_at, EventKind.CLOSES, expected=row.state is RoundState.DRAFT)
    if row.announced_at is not None and row.notice_until is not None:
        yield event(row.announced_at, EventKind.ANNOUNCED)
        yield event(row.notice_until, EventKind.OBJECTIONS_END)
        if row.certified_at is not None:
            yield event(row.certified_at, EventKind.CERTIFIED)
    elif row.state not in _ENDED:
        posted = row.closes_at + dt.timedelta(days=row.posted_within_days or 0)
        yield event(posted, EventKind.ANNOUNCED, expected=True)
        yield event(posted + dt.timedelta(days=row.publication_days), EventKind.OBJECTIONS_END, expected=True)


def within(events: Iterable[Event], first: dt.date, last: dt.date) -> list[Event]:
    """Those events that fall on these days in Beijing, in their order."""
    found = [each for each in events if first <= each.at.astimezone(BEIJING).date() <= last]
    order = list(EventKind)  # as a round lives
    return sorted(found, key=lambda each: (each.at, order.index(each.kind), each.title))
