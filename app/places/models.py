"""Tables of places."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.ids import new_id


class Division(SQLModel, table=True):
    """A province, city, district, sub-district or community."""

    __tablename__ = "division"
    __table_args__ = (sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_known"),)

    code: str = Field(primary_key=True, max_length=12)
    name: str = Field(max_length=120)
    parent_code: str | None = Field(default=None, max_length=12, foreign_key="division.code", index=True)
    level: int = Field(sa_type=sa.SmallInteger)
    #: Which list it stands in, or ``local`` for one that was added here.
    source: str = Field(max_length=40)
    valid_from: dt.date
    valid_to: dt.date | None = None


class Building(SQLModel, table=True):
    """A building of a community."""

    __tablename__ = "building"
    __table_args__ = (sa.UniqueConstraint("community_code", "name"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    name: str = Field(max_length=60)


class Unit(SQLModel, table=True):
    """A stairwell of a building."""

    __tablename__ = "unit"
    __table_args__ = (sa.UniqueConstraint("building_id", "name"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    building_id: uuid.UUID = Field(foreign_key="building.id")
    name: str = Field(max_length=60)


class Household(SQLModel, table=True):
    """A dwelling, and who lives there together. Floor area in hundredths of a square metre."""

    __tablename__ = "household"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "room"),
        sa.CheckConstraint("area_centi_m2 IS NULL OR area_centi_m2 > 0", name="area_positive"),
        sa.Index("ix_household_community_code", "community_code"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    building_id: uuid.UUID = Field(foreign_key="building.id")
    unit_id: uuid.UUID = Field(foreign_key="unit.id")
    room: str = Field(max_length=30)
    area_centi_m2: int | None = None
