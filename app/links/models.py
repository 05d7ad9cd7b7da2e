"""The table of short codes."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.links.rules import LinkKind


class ShortLink(SQLModel, table=True):
    """A code and what it stands for. Who asked for it is not kept."""

    __tablename__ = "short_link"
    __table_args__ = (
        sa.UniqueConstraint("kind", "target"),
        sa.Index("ix_short_link_division_code_made_at", "division_code", "made_at"),
    )

    code: str = Field(primary_key=True, max_length=5)
    kind: LinkKind = Field(sa_type=EnumText(LinkKind))
    #: An id, or the code of a community.
    target: str = Field(max_length=36)
    division_code: str = Field(max_length=12)
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
