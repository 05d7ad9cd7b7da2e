"""Tables of agreements, and of data that was taken along."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.privacy.rules import ConsentKind


class Consent(SQLModel, table=True):
    """Somebody has read a version of a text and agreed; withdrawn, it stays as what once held."""

    __tablename__ = "consent"

    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id")
    kind: ConsentKind = Field(primary_key=True, sa_type=EnumText(ConsentKind))
    version: int = Field(primary_key=True, sa_type=sa.Integer)
    given_at: dt.datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class DataExport(SQLModel, table=True):
    """Somebody took their data along: the how-manieth time on a day in Beijing."""

    __tablename__ = "data_export"

    account_id: uuid.UUID = Field(primary_key=True, foreign_key="account.id")
    day: dt.date = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.Integer)
    at: dt.datetime = Field(sa_type=UtcDateTime)
