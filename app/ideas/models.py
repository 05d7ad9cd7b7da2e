"""Tables of ideas. Authors and endorsers are known by account and resident, and shown by neither."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import JSON, EnumText, UtcDateTime
from app.core.ids import new_id
from app.ideas.rules import Byline, Check, CheckFinding, IdeaState
from app.projects.rules import Category


class Idea(SQLModel, table=True):
    """Something a resident proposes."""

    __tablename__ = "idea"
    __table_args__ = (
        sa.CheckConstraint("endorsements >= 0 AND comments >= 0", name="counts_not_negative"),
        sa.Index("ix_idea_community_state_posted", "community_code", "state", "posted_at"),
        sa.Index("ix_idea_community_state_changed", "community_code", "state", "changed_at"),
        sa.Index("ix_idea_community_state_endorsements", "community_code", "state", "endorsements"),
    )

    #: Made by the phone, so that it can send the same idea twice.
    id: uuid.UUID = Field(primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    title: str = Field(max_length=60)
    words: str = Field(sa_type=sa.Text)
    place: str = Field(max_length=60)
    category: Category | None = Field(default=None, sa_type=EnumText(Category))
    state: IdeaState = Field(sa_type=EnumText(IdeaState))
    #: Why it waits for a person; words for the author, see `moderation.Hold`.
    held_for: list[str] = Field(default_factory=list, sa_type=JSON)
    #: Counted anew from the rows at every change, never added to.
    endorsements: int = 0
    #: The same of its visible comments.
    comments: int = 0
    #: How many pairs of characters the title has, for likeness.
    title_grams: int
    posted_at: dt.datetime = Field(sa_type=UtcDateTime)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)
    merged_into_id: uuid.UUID | None = Field(default=None, foreign_key="idea.id", index=True)
    project_id: uuid.UUID | None = Field(default=None, foreign_key="project.id")


class IdeaAuthor(SQLModel, table=True):
    """Who proposed it; several after a merger. No account and no resident stand here once somebody is forgotten."""

    __tablename__ = "idea_author"
    __table_args__ = (sa.UniqueConstraint("idea_id", "resident_id"),)

    idea_id: uuid.UUID = Field(primary_key=True, foreign_key="idea.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    account_id: uuid.UUID | None = Field(default=None, index=True)
    resident_id: uuid.UUID | None = None
    byline: Byline = Field(sa_type=EnumText(Byline))
    building: str | None = Field(default=None, max_length=60)


class IdeaEndorsement(SQLModel, table=True):
    """A resident stands by an idea, once."""

    __tablename__ = "idea_endorsement"
    __table_args__ = (sa.UniqueConstraint("idea_id", "resident_id"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    idea_id: uuid.UUID = Field(foreign_key="idea.id")
    account_id: uuid.UUID | None = Field(default=None, index=True)
    resident_id: uuid.UUID | None = None
    at: dt.datetime = Field(sa_type=UtcDateTime)


class IdeaStep(SQLModel, table=True):
    """A change of an idea's state: when, why, and which office."""

    __tablename__ = "idea_step"

    idea_id: uuid.UUID = Field(primary_key=True, foreign_key="idea.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    state: IdeaState = Field(sa_type=EnumText(IdeaState))
    at: dt.datetime = Field(sa_type=UtcDateTime)
    #: A member of staff, ``system`` or ``resident``: which resident it was stands with the authors alone.
    by: str = Field(max_length=80)
    reason_code: str | None = Field(default=None, max_length=40)
    reason: str | None = Field(default=None, sa_type=sa.Text)


class IdeaCheck(SQLModel, table=True):
    """What the committee found when it screened an idea, point by point."""

    __tablename__ = "idea_check"

    idea_id: uuid.UUID = Field(primary_key=True, foreign_key="idea.id")
    check: Check = Field(primary_key=True, sa_type=EnumText(Check))
    finding: CheckFinding = Field(sa_type=EnumText(CheckFinding))
    #: Words for its authors.
    note: str = Field(sa_type=sa.Text)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)


class IdeaPhoto(SQLModel, table=True):
    """A picture of an idea, as we re-made it."""

    __tablename__ = "idea_photo"
    __table_args__ = (sa.UniqueConstraint("idea_id", "position"), sa.UniqueConstraint("idea_id", "digest"))

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    idea_id: uuid.UUID = Field(foreign_key="idea.id")
    position: int
    alt: str = Field(max_length=120)
    width: int
    height: int
    digest: str = Field(max_length=64)
    jpeg: bytes = Field(sa_type=sa.LargeBinary)


class IdeaGram(SQLModel, table=True):
    """A pair of characters that stands in a public idea: what finds similar ones."""

    __tablename__ = "idea_gram"

    community_code: str = Field(primary_key=True, max_length=12)
    gram: str = Field(primary_key=True, max_length=8)
    idea_id: uuid.UUID = Field(primary_key=True, foreign_key="idea.id", index=True)
    in_title: bool


class IdeaPolicy(SQLModel, table=True):
    """How a community handles ideas and comments, from a day on."""

    __tablename__ = "idea_policy"
    __table_args__ = (
        sa.CheckConstraint("endorsements_needed BETWEEN 1 AND 100000", name="endorsements_needed_range"),
    )

    community_code: str = Field(primary_key=True, max_length=12, foreign_key="division.code")
    valid_from: dt.date = Field(primary_key=True)
    endorsements_needed: int
    review_first: bool
