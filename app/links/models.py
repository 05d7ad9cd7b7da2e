"""Tables of short codes."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.vault import FINGERPRINT
from app.links.rules import LinkKind


class ShortLink(SQLModel, table=True):
    """A code and what it stands for. Who asked for it is not kept with it."""

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


class LinkPace(SQLModel, table=True):
    """How many new codes somebody has made in an hour; gone when the hour is over."""

    __tablename__ = "link_pace"

    #: Keyed hash of an account and the hour: from one hour to the next nothing says that it is the same account.
    maker: str = Field(primary_key=True, sa_type=FINGERPRINT)
    made: int
    #: The end of the hour, so that no row says when which code was made.
    expires_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
