"""The table of what the public may see while people vote."""

import datetime as dt
import uuid

from sqlmodel import Field, SQLModel

from app.core.db import UtcDateTime


class TurnoutFigure(SQLModel, table=True):
    """How many have taken part in an open round, in whole tens. One row a round, written over, gone when it closes.

    It stands in the database so that there is one clock: two processes that read by clocks of their own would tell
    between them when a ten was crossed.
    """

    __tablename__ = "turnout_figure"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    at_least: int
    read_at: dt.datetime = Field(sa_type=UtcDateTime)
