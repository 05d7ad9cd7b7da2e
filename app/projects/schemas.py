"""What goes in and out about projects."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.text import Code12, Line, OptionalLine, Reason, Text
from app.core.web import InputModel, OutputModel
from app.projects.rules import Category, CostKind, DeliveryKind, Origin, ProjectState, RejectionCode


class CostItemIn(InputModel):
    """A part of the cost, in fen."""

    kind: CostKind
    description: Line
    amount_fen: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_FEN)]


class ProjectIn(InputModel):
    """A project to draft."""

    community_code: Code12
    title: Line
    description: Text = Field(default="", description="Markdown; raw HTML is shown as text.")
    category: Category
    place: OptionalLine = ""
    delivery_kind: DeliveryKind
    origin: Origin = Origin.STAFF
    origin_id: uuid.UUID | None = Field(default=None, description="The resolution or idea that raised it.")
    cost_items: Annotated[list[CostItemIn], Field(min_length=1, max_length=50)]
    building_ids: Annotated[list[uuid.UUID], Field(max_length=200)] = Field(
        default_factory=list, description="Buildings it touches."
    )


class ProjectBatchIn(InputModel):
    """Several projects at once, all or none."""

    items: Annotated[list[ProjectIn], Field(min_length=1, max_length=200)]


class PublishIn(InputModel):
    """A list to publish, all or none."""

    project_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=500)]


class RejectIn(InputModel):
    """Why the committee does not take it up."""

    code: RejectionCode
    reason: Reason


class WithdrawIn(InputModel):
    """Why it is taken back."""

    reason: Reason


class CostItemOut(OutputModel):
    """A part of the cost, in fen."""

    kind: CostKind
    description: str
    amount_fen: int


class PhotoOut(OutputModel):
    """A photo; its bytes are at ``/api/v1/photos/{id}``."""

    id: uuid.UUID
    alt: str
    width: int
    height: int


class StepOut(OutputModel):
    """A step in a project's life."""

    state: ProjectState
    at: dt.datetime
    reason_code: str | None
    reason: str | None


class ProjectOut(OutputModel):
    """A project."""

    id: uuid.UUID
    community_code: str
    title: str
    description: str
    description_html: str
    category: Category
    place: str
    delivery_kind: DeliveryKind
    origin: Origin
    origin_id: uuid.UUID | None
    cost_fen: int
    cost_items: list[CostItemOut]
    building_ids: list[uuid.UUID]
    photos: list[PhotoOut]
    state: ProjectState
    version: int
    created_at: dt.datetime
    published_at: dt.datetime | None


class ProjectDetail(ProjectOut):
    """A project with the steps of its life."""

    steps: list[StepOut]


class ProjectPage(OutputModel):
    """Some projects, newest first."""

    items: list[ProjectOut]
    next_cursor: str | None


class ProjectBatchOut(OutputModel):
    """Several projects, in the order they were given."""

    items: list[ProjectOut]
