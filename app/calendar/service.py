"""The one verb of a calendar: to be read."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlmodel import Session

from app.access.actor import Actor
from app.calendar import queries, rules
from app.calendar.rules import Event, EventKind, RoundDays
from app.core import clock
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.rounds import service as rounds
from app.rounds.holidays import Holiday, holidays
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, kind_rule


@dataclass(frozen=True)
class Calendar:
    """What happens in a place between two days."""

    events: list[Event]
    holidays: list[tuple[dt.date, Holiday]]


def read(session: Session, *, division: str, first: dt.date, last: dt.date, actor: Actor) -> Calendar:
    """Openings, closings, announcements and the ends of objection periods; meetings; public holidays.

    Raises:
        DivisionNotFound: no such division, or not yours.
        SpanTooLong: for more than a year, or backwards.
    """
    if not actor.may("calendar.read", places.division(session, division).code):
        raise DivisionNotFound
    rules.check_span(first, last)
    since, until = rules.midnight(first), rules.midnight(last + dt.timedelta(days=1))
    found = rounds.in_span(session, division=division, since=since, until=until, actor=actor)
    public = queries.public_days(session, [row.id for row in found])
    events: list[Event] = []
    for row in found:
        days = _days(row)
        if row.id in public:
            announced, notice_until, certified = public[row.id]
            days = replace(days, announced_at=announced, notice_until=notice_until, certified_at=certified)
        events += rules.days_of(days)
    events += [
        Event(row.begins_at, EventKind.MEETING, row.title, row.id)
        for row in queries.meetings(session, division=division, since=since, until=until)
    ]
    return Calendar(rules.within(events, first, last), holidays(first, last))


def _days(row: Round) -> RoundDays:
    law = kind_rule(row.kind, (row.published_at or clock.now()).astimezone(clock.BEIJING).date())
    return RoundDays(
        row.id, row.title, row.status, row.kind in RECORDED_KINDS, row.opens_at, row.closed_at or row.closes_at,
        law.publication_days, law.posted_within_days,
    )  # fmt: skip
