"""Routes of calendars."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.access.actor import Actor
from app.access.deps import may
from app.calendar import service
from app.calendar.errors import SpanTooLong
from app.calendar.schemas import CalendarOut, EventOut, HolidayOut
from app.core.text import Code12
from app.core.web import Reading, language_of, problems
from app.places.errors import DivisionNotFound
from app.rounds.holidays import LAST_KNOWN_YEAR

router = APIRouter(prefix="/api/v1", tags=["calendar"])

Day = Annotated[dt.date, Query(ge=dt.date(2020, 1, 1), le=dt.date(2200, 1, 1))]


@router.get(
    "/divisions/{code}/calendar", response_model=CalendarOut,
    responses=problems(DivisionNotFound, SpanTooLong),
)  # fmt: skip
def read_calendar(
    code: Code12,
    first: Day,
    last: Day,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("calendar.read")],
) -> CalendarOut:
    """Rounds with all their days, meetings and public holidays of a place, for those who plan there."""
    with reading as session:
        found = service.read(session, division=code, first=first, last=last, actor=actor)
    chinese = language_of(request).startswith("zh")
    return CalendarOut(
        division=code,
        first=first,
        last=last,
        events=[EventOut.model_validate(each) for each in found.events],
        holidays=[HolidayOut(day=day, name=name.zh if chinese else name.en) for day, name in found.holidays],
        holidays_until=LAST_KNOWN_YEAR,
    )
