"""What goes in and out about doors."""

import datetime as dt
import uuid

from pydantic import Field

from app.core.schemas import InputModel, OutputModel
from app.doors.rules import Mark


class MarkIn(InputModel):
    """What was found at a door."""

    mark: Mark


class DoorCountsOut(OutputModel):
    """How far a walk is."""

    doors: int = Field(description="Households with somebody who has not taken part.")
    unmarked: int
    visited: int
    refused: int
    nobody: int


class DoorOut(OutputModel):
    """A household with somebody on the roll who has not taken part. No names."""

    household_id: uuid.UUID
    room: str
    on_roll: int = Field(description="How many of the roll live there; 1 where households or dwellings vote.")
    not_taken_part: int
    mark: Mark | None
    marked_on: dt.date | None


class DoorUnitOut(OutputModel):
    """The doors of one stairwell, by room."""

    unit_id: uuid.UUID
    unit: str
    counts: DoorCountsOut
    doors: list[DoorOut]


class DoorList(OutputModel):
    """Doors of a building at which somebody may knock; deleted when the round closes."""

    round_id: uuid.UUID
    building_id: uuid.UUID
    building: str
    closes_at: dt.datetime
    counts: DoorCountsOut
    units: list[DoorUnitOut]
