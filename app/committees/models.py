"""The table of what committees say of themselves."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import UtcDateTime


class CommitteeProfile(SQLModel, table=True):
    """How a community's committee is reached. Public, every word of it."""

    __tablename__ = "committee_profile"
    __table_args__ = (sa.CheckConstraint("version >= 1", name="version_positive"),)

    community_code: str = Field(primary_key=True, max_length=12, foreign_key="division.code")
    name: str = Field(max_length=120)
    address: str = Field(max_length=120)
    phone: str = Field(max_length=24)
    #: Who answers the telephone.
    contact: str = Field(max_length=120)
    office_hours: str = Field(max_length=120)
    text: str = Field(sa_type=sa.Text)
    version: int
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)
