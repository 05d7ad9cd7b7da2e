"""What goes in and out about projects."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import Field

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, OptionalLine, Reason, Text
from app.projects.rules import Category, CostKind, DeliveryKind, Origin, ProjectState, RejectionCode


class CostItemIn(InputModel):
    """A part of the cost, in fen."""

    kind: CostKind
    description: Line
    amount_fen: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_FEN)]


_CostItems = Annotated[list[CostItemIn], Field(min_length=1, max_length=50)]
_Buildings = Annotated[list[uuid.UUID], Field(max_length=200, description="Buildings it touches.")]


class ProjectWords(InputModel):
    """What a project says."""

    title: Line
    description: Text = Field(default="", description="Markdown; raw HTML is shown as text.")
    category: Category
    place: OptionalLine = ""
    delivery_kind: DeliveryKind
    cost_items: _CostItems
    building_ids: _Buildings = Field(default_factory=list)


class ProjectIn(ProjectWords):
    """A project to draft. Those that a meeting resolves are raised by the resolution itself."""

    community_code: Code12
    origin: Literal[Origin.RESIDENT_IDEA, Origin.STAFF] = Origin.STAFF
    origin_reference: OptionalLine = Field(
        default="", description="How to find what raised it, a file number for instance; no names."
    )


class ProjectChangeIn(InputModel):
    """What is to change; what is left out, or null, stays."""

    title: Line | None = None
    description: Text | None = None
    category: Category | None = None
    place: OptionalLine | None = None
    delivery_kind: DeliveryKind | None = None
    cost_items: _CostItems | None = Field(
        default=None, description="All items; they replace the present ones."
    )
    building_ids: _Buildings | None = Field(default=None, description="All buildings it touches.")


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


class ReasonIn(InputModel):
    """Why it is taken back, or taken up again."""

    reason: Reason


class CostItemOut(OutputModel):
    """A part of the cost, in fen."""

    kind: CostKind
    description: str
    amount_fen: int


class PhotoOut(OutputModel):
    """A photo; its bytes are at ``/api/v1/photos/{id}``."""

    id: uuid.UUID
    alt: str = Field(description="What it shows, for those who cannot see it.")
    width: int
    height: int


class StepOut(OutputModel):
    """A step in a project's life."""

    state: ProjectState
    at: dt.datetime
    by: str | None = Field(description="Who took it; shown to those who work on the project.")
    reason_code: str | None
    reason: str | None
    round_id: uuid.UUID | None = Field(description="The round whose list froze it.")


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
    origin_id: uuid.UUID | None = Field(description="The resolution, or the resident's idea, that raised it.")
    origin_reference: str
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
