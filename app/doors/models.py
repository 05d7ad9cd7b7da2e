"""The table of doors. Emptied for a round when it closes, or ends before."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText
from app.doors.rules import Mark


class DoorVisit(SQLModel, table=True):
    """What was last found at the door of a household. Not who knocked, and no hour: a day is enough to come again."""

    __tablename__ = "door_visit"
    __table_args__ = (
        {"sqlite_with_rowid": False},
    )  # hidden row numbers would say in which order somebody walked

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    household_id: uuid.UUID = Field(primary_key=True)
    mark: Mark = Field(sa_type=EnumText(Mark))
    marked_on: dt.date = Field(sa_type=sa.Date)
