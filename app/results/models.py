"""Tables of results and of their explanations."""

import datetime as dt
import uuid
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.ballots.rules import Level
from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id


class Result(SQLModel, table=True):
    """The count of a round, with everything it was made from. Written once."""

    __tablename__ = "result"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id", unique=True)
    level: Level = Field(sa_type=EnumText(Level))
    ballots_counted: int
    roll_size: int
    quorum_reached: bool | None = None
    tie_seed: str = Field(max_length=80)
    inputs_digest: str = Field(max_length=64)
    #: Canonical JSON of the outcome: funded, priority, steps, reasons, ties.
    outcome: str = Field(sa_type=sa.Text)
    outcome_digest: str = Field(max_length=64)
    #: The public ballots in Pabulib format; none where only aggregates are published.
    ballots_pb: str | None = Field(default=None, sa_type=sa.Text)
    counted_at: dt.datetime = Field(sa_type=UtcDateTime)
    announced_at: dt.datetime = Field(sa_type=UtcDateTime)
    notice_until: dt.datetime = Field(sa_type=UtcDateTime)
    certified_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    certified_by: str | None = Field(default=None, max_length=80)


class ExplanationState(StrEnum):
    """How far an explanation is."""

    #: Nobody works on it yet; what had to be read while envelopes were there is in its body.
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    #: Too few ballots: the figures could point at people.
    WITHHELD = "withheld"


class ResultExplanation(SQLModel, table=True):
    """How close every project came, who has what, what other rules would have given: worked out after a result."""

    __tablename__ = "result_explanation"

    result_id: uuid.UUID = Field(primary_key=True, foreign_key="result.id")
    state: ExplanationState = Field(sa_type=EnumText(ExplanationState))
    #: What is being worked out, how much of it is done, and of how much.
    stage: str = Field(default="", max_length=40)
    done: int = 0
    of: int = 0
    #: Who works on it; another worker takes over when `beat_at` is old.
    worker: str = Field(max_length=80)
    beat_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
    #: Canonical JSON: ``turnout`` from the beginning; ``projects``, ``outcome``, ``rivals`` and ``groups`` when done.
    body: str | None = Field(default=None, sa_type=sa.Text)
