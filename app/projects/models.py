"""Tables of projects."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import JSON, EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.money import LARGEST_AMOUNT_FEN
from app.projects.rules import Category, CostKind, DeliveryKind, ListState, Origin, ProjectState


class Project(SQLModel, table=True):
    """Something that could be done."""

    __tablename__ = "project"
    __table_args__ = (
        sa.CheckConstraint(f"cost_fen > 0 AND cost_fen <= {LARGEST_AMOUNT_FEN}", name="cost_in_range"),
        sa.Index("ix_project_community_state", "community_code", "state", "created_at"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code")
    title: str = Field(max_length=120)
    description: str = Field(sa_type=sa.Text)
    description_html: str = Field(sa_type=sa.Text)
    category: Category = Field(sa_type=EnumText(Category))
    place: str = Field(max_length=120)
    delivery_kind: DeliveryKind = Field(sa_type=EnumText(DeliveryKind))
    origin: Origin = Field(sa_type=EnumText(Origin))
    #: The resolution or the resident's idea that raised it, where one did.
    origin_id: uuid.UUID | None = None
    #: How somebody finds what raised it: a meeting's title, a file number.
    origin_reference: str = Field(max_length=120)
    cost_fen: int = Field(sa_type=sa.BigInteger)
    state: ProjectState = Field(sa_type=EnumText(ProjectState))
    #: Goes up with every change of words, costs, photos or state; the ETag.
    version: int
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    published_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class CostItem(SQLModel, table=True):
    """A part of a project's cost."""

    __tablename__ = "cost_item"
    __table_args__ = (sa.CheckConstraint("amount_fen > 0", name="amount_positive"),)

    project_id: uuid.UUID = Field(primary_key=True, foreign_key="project.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    kind: CostKind = Field(sa_type=EnumText(CostKind))
    description: str = Field(max_length=120)
    amount_fen: int = Field(sa_type=sa.BigInteger)


class TouchedBuilding(SQLModel, table=True):
    """A building a project touches; its households hear of the works first."""

    __tablename__ = "touched_building"

    project_id: uuid.UUID = Field(primary_key=True, foreign_key="project.id")
    building_id: uuid.UUID = Field(primary_key=True, foreign_key="building.id", index=True)


class ProjectStep(SQLModel, table=True):
    """A change of a project's state: who, when, why."""

    __tablename__ = "project_step"

    project_id: uuid.UUID = Field(primary_key=True, foreign_key="project.id")
    #: The project's version that this step made.
    version: int = Field(primary_key=True, sa_type=sa.Integer)
    state: ProjectState = Field(sa_type=EnumText(ProjectState))
    at: dt.datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)
    reason_code: str | None = Field(default=None, max_length=40)
    reason: str | None = Field(default=None, sa_type=sa.Text)
    #: The round whose list froze it.
    round_id: uuid.UUID | None = None


class Photo(SQLModel, table=True):
    """A picture of a project, as we re-made it."""

    __tablename__ = "photo"
    __table_args__ = (sa.UniqueConstraint("project_id", "position"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID = Field(foreign_key="project.id")
    position: int
    alt: str = Field(max_length=120)
    width: int
    height: int
    digest: str = Field(max_length=64)
    jpeg: bytes = Field(sa_type=sa.LargeBinary)


class ProjectExclusion(SQLModel, table=True):
    """Of two projects only one is to be done: the same place, the same purpose. The smaller id comes first."""

    __tablename__ = "project_exclusion"
    __table_args__ = (sa.CheckConstraint("first_id <> second_id", name="two_projects"),)

    first_id: uuid.UUID = Field(primary_key=True, foreign_key="project.id")
    second_id: uuid.UUID = Field(primary_key=True, foreign_key="project.id", index=True)
    reason: str = Field(max_length=120)
    by: str = Field(max_length=80)
    at: dt.datetime = Field(sa_type=UtcDateTime)


class ProjectImport(SQLModel, table=True):
    """An uploaded list of projects: previewed, then committed."""

    __tablename__ = "project_import"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    community_code: str = Field(max_length=12, foreign_key="division.code", index=True)
    state: ListState = Field(sa_type=EnumText(ListState))
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    #: The projects of the file, with what is wrong with them; see `sheets.Listed`.
    lines: list[dict[str, Any]] = Field(sa_type=JSON)
