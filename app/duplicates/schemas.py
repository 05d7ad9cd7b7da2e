"""What goes in and out about duplicates."""

import datetime as dt
import uuid

from pydantic import Field

from app.core.schemas import InputModel, OutputModel
from app.core.text import Reason
from app.duplicates.rules import DuplicateState
from app.residents.rules import Likeness, ResidentSource, Tenure


class DuplicateRow(OutputModel):
    """One of two rows that may be one person; masked."""

    id: uuid.UUID
    name: str
    phone: str | None
    birth_year: str | None
    building: str
    unit: str
    room: str
    tenure: Tenure
    is_representative: bool
    source: ResidentSource
    signs_in: bool = Field(description="Somebody has signed in with its number.")
    may_stay: bool = Field(description="Whether this one can take the other in.")
    problem: str | None = Field(description="The code of what forbids it.")
    detail: str | None = Field(description="The same as a sentence.")


class DuplicatePair(OutputModel):
    """Two rows that may be one person, and why."""

    one: DuplicateRow
    other: DuplicateRow
    likeness: list[Likeness]


class DuplicateList(OutputModel):
    """The first of these pairs, by home."""

    items: list[DuplicatePair]
    total: int


class MergeIn(InputModel):
    """Which row stays, which one goes into it, and how it is known that they are one person."""

    kept_id: uuid.UUID
    gone_id: uuid.UUID
    reason: Reason


class TellApartIn(InputModel):
    """Which two rows are two people, and how it is known."""

    one_id: uuid.UUID
    other_id: uuid.UUID
    reason: Reason


class MergedPerson(OutputModel):
    """One of two rows, masked."""

    id: uuid.UUID
    name: str
    phone: str | None
    dwelling: str


class MergeOut(OutputModel):
    """Two rows that were made one, perhaps made two again."""

    id: uuid.UUID
    state: DuplicateState
    at: dt.datetime
    by: str | None
    reason: str
    undone_at: dt.datetime | None
    undone_by: str | None
    kept: MergedPerson
    gone: MergedPerson


class MergePage(OutputModel):
    """Some merges, the newest first."""

    items: list[MergeOut]
    next_cursor: str | None


class DuplicateAnswered(OutputModel):
    """What was said of two rows."""

    id: uuid.UUID
    state: DuplicateState
