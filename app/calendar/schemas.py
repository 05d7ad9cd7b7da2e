"""What a calendar shows."""

import datetime as dt
import uuid

from pydantic import Field

from app.calendar.rules import EventKind
from app.core.schemas import OutputModel
from app.rounds.rules import RoundState


class EventOut(OutputModel):
    """Something at a time."""

    at: dt.datetime
    kind: EventKind
    title: str
    subject_id: uuid.UUID = Field(description="The round, or the meeting.")
    state: RoundState | None = Field(description="Where the round stands; null for a meeting.")
    recorded: bool
    expected: bool = Field(description="Worked out from the closing and the law; not fixed yet.")


class HolidayOut(OutputModel):
    """A public holiday by law."""

    day: dt.date
    name: str


class CalendarOut(OutputModel):
    """What happens in a place between two days."""

    division: str
    first: dt.date
    last: dt.date
    events: list[EventOut]
    holidays: list[HolidayOut]
    holidays_until: int = Field(description="The last year of which the lunar holidays are known here.")
