"""What goes in and out about projects."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import Field

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, OptionalLine, Reason, Text
from app.projects.rules import (
    Category,
    CostKind,
    DeliveryKind,
    ListError,
    ListState,
    Origin,
    ProjectState,
    RejectionCode,
)


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


class ProjectCounts(OutputModel):
    """How many projects of a community stand where."""

    draft: int
    published: int
    listed: int
    rejected: int
    withdrawn: int


class PhotoChangeIn(InputModel):
    """What a photo shows, said anew."""

    alt: Line


class PhotoOrderIn(InputModel):
    """All photos of a project in their order; the first one stands in lists."""

    photo_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=50)]


class PhotoList(OutputModel):
    """The photos of a project, in their order."""

    items: list[PhotoOut]


class ExclusionIn(InputModel):
    """Why only one of the two is to be done."""

    reason: Annotated[Line, Field(min_length=2)]


class ComparedProject(OutputModel):
    """A project beside another one."""

    id: uuid.UUID
    title: str
    place: str
    category: Category
    state: ProjectState


class ExclusionOut(OutputModel):
    """Two projects of which only one is to be done."""

    first: ComparedProject
    second: ComparedProject
    reason: str
    by: str
    at: dt.datetime


class LikePairOut(OutputModel):
    """Two projects that look like two ways to the same thing; nobody has marked them."""

    first: ComparedProject
    second: ComparedProject
    near: bool = Field(description="They are for the same place.")


class ExclusiveGroupOut(OutputModel):
    """Projects of which a round should let only one be funded, as its ``exclusive_groups`` take them."""

    project_ids: list[uuid.UUID]
    complete: bool = Field(
        description="Every two of them were marked. If not, look: with A or B, and B or C, A and C may both be done."
    )


class ExclusionList(OutputModel):
    """What is marked, what that means for a round's list, and what may have to be marked."""

    items: list[ExclusionOut]
    groups: list[ExclusiveGroupOut]
    suggested: list[LikePairOut]


class ListErrorOut(OutputModel):
    """What is wrong with a cell of an uploaded list."""

    row: int
    column: str = Field(description="The heading, as in the template.")
    code: ListError


class ListedItemOut(OutputModel):
    """A cost item of an uploaded list; what could not be read is null."""

    kind: CostKind | None
    description: str
    amount_fen: int | None


class ListedLike(OutputModel):
    """A project that one of an uploaded list may be in other words."""

    id: uuid.UUID
    title: str


class ListedOut(OutputModel):
    """A project of an uploaded list; what could not be read is null."""

    row: int
    change: Literal["new", "known", "wrong"] = Field(
        description="known: a project here is called so already."
    )
    title: str
    category: Category | None
    place: str
    delivery_kind: DeliveryKind | None
    description: str
    reference: str
    cost_items: list[ListedItemOut]
    project_id: uuid.UUID | None = Field(
        description="The known one; after the commit, the one that was drafted."
    )
    like: ListedLike | None = Field(
        description="One that is called otherwise, for the same place and with like words."
    )
    errors: list[ListErrorOut]


class ProjectImportOut(OutputModel):
    """An uploaded list of projects."""

    id: uuid.UUID
    state: ListState
    created_at: dt.datetime
    new: int
    known: int
    wrong: int
    lines: list[ListedOut] = Field(description="In the order of the file.")


class ProjectListCommitIn(InputModel):
    """Draft what is new."""

    skip_rows_with_errors: bool = False
