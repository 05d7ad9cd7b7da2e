"""What goes in and out about ideas."""

import datetime as dt
import uuid
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, OptionalLine, Reason, Text
from app.ideas.moderation import Hold
from app.ideas.rules import Byline, Check, CheckFinding, IdeaState
from app.projects.rules import Category, ProjectState, RejectionCode
from app.projects.schemas import ProjectWords

Title = Annotated[Line, StringConstraints(min_length=2, max_length=60)]
Place = Annotated[OptionalLine, StringConstraints(max_length=60)]
Day = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2200, 1, 1))]
ChosenByline = Literal[Byline.RESIDENT, Byline.BUILDING]


class IdeaIn(InputModel):
    """An idea to post. Sending the same id and words again changes nothing."""

    community_code: Code12
    title: Title
    words: Annotated[Text, Field(max_length=2000)] = ""
    place: Place = ""
    category: Category | None = None
    byline: ChosenByline = Field(
        default=Byline.RESIDENT,
        description="How you stand under it: a resident, or a resident of your building.",
    )


class DeclineIn(InputModel):
    """Why the committee does not take it up."""

    code: RejectionCode
    reason: Reason


class HouseRulesIn(InputModel):
    """Why it is not shown; the author reads it."""

    reason: Reason


class ReopenIn(InputModel):
    """Why it is screened once more."""

    reason: Reason


class MergeIn(InputModel):
    """Which idea it becomes part of."""

    into_id: uuid.UUID


class TakeUpIn(ProjectWords):
    """The project to draft from it."""


class IdeaCheckIn(InputModel):
    """What was found on one point."""

    check: Check
    finding: CheckFinding
    note: Annotated[Text, Field(max_length=500)] = Field(
        default="", description="Words for its authors; needed where it is not fine."
    )


class ScreenIn(InputModel):
    """All that was found so far; it replaces what was found before. The later of two on one point counts."""

    checks: Annotated[list[IdeaCheckIn], Field(max_length=len(Check))]


class IdeaPolicyIn(InputModel):
    """How a community handles ideas and comments, from a day on."""

    valid_from: Day
    endorsements_needed: Annotated[int, Field(ge=1, le=100_000)]
    review_first: bool = Field(
        default=False, description="Whether somebody looks at everything before it is visible."
    )


class IdeaPolicyOut(OutputModel):
    """How a community handles ideas and comments."""

    valid_from: dt.date | None = Field(description="Null: nothing was set, this is usual.")
    endorsements_needed: int
    review_first: bool


class IdeaPolicies(OutputModel):
    """What applies today, and what was set for which day, the oldest first."""

    in_force: IdeaPolicyOut
    items: list[IdeaPolicyOut]


class AuthorOut(OutputModel):
    """How an author stands under the own words; never by name."""

    byline: Byline
    building: str | None


class IdeaPhotoOut(OutputModel):
    """A photo; its bytes are at ``/api/v1/idea-photos/{id}``."""

    id: uuid.UUID
    alt: str = Field(description="What it shows; empty if its author did not say.")
    width: int
    height: int


class AnswerOut(OutputModel):
    """What the committee said."""

    at: dt.datetime
    reason_code: str | None
    reason: str | None


class IdeaCheckOut(OutputModel):
    """What was found on one point."""

    check: Check
    finding: CheckFinding
    note: str
    at: dt.datetime


class RaisedProject(OutputModel):
    """The project that was made of it."""

    id: uuid.UUID
    title: str
    state: ProjectState


class IdeaOut(OutputModel):
    """An idea."""

    id: uuid.UUID
    community_code: str
    title: str
    words: str = Field(description="Plain text.")
    place: str
    category: Category | None
    authors: list[AuthorOut]
    photos: list[IdeaPhotoOut]
    state: IdeaState
    held_for: list[Hold] = Field(description="What was noticed; shown to its author and to staff.")
    endorsements: int
    still_needed: int = Field(description="How many more endorsements bring it to screening.")
    comments: int
    mine: bool
    endorsed: bool = Field(description="Whether you endorse it.")
    posted_at: dt.datetime
    changed_at: dt.datetime
    answer: AnswerOut | None = Field(description="The latest answer of the committee, if there is one.")
    merged_into_id: uuid.UUID | None
    project: RaisedProject | None = Field(
        description="Null until the project is public; those who work on projects see it at once."
    )


class IdeaStepOut(OutputModel):
    """A step of an idea's life."""

    state: IdeaState
    at: dt.datetime
    by: str | None = Field(description="Who took it; shown to those who work on ideas.")
    reason_code: str | None
    reason: str | None


class IdeaDetail(IdeaOut):
    """An idea with the steps of its life."""

    steps: list[IdeaStepOut]
    checks: list[IdeaCheckOut] = Field(
        description="What the committee found, point by point; for its authors and staff, and for everybody once it "
        "is taken up or declined."
    )
    can_withdraw: bool = Field(description="Whether you can take it back.")


class IdeaPage(OutputModel):
    """Some ideas."""

    items: list[IdeaOut]
    next_cursor: str | None


class EndorsementOut(OutputModel):
    """Where an idea stands after you endorsed it, or took that back."""

    idea_id: uuid.UUID
    endorsed: bool
    endorsements: int
    still_needed: int
    state: IdeaState


class SimilarKind(StrEnum):
    """What is similar."""

    IDEA = "idea"
    PROJECT = "project"


class SimilarOut(OutputModel):
    """Something like what is being written."""

    kind: SimilarKind
    id: uuid.UUID
    title: str
    excerpt: str
    state: IdeaState | ProjectState
    endorsements: int | None = Field(description="Null for projects.")
    still_needed: int | None
    mine: bool
    endorsed: bool


class SimilarList(OutputModel):
    """What is like the words, the most similar first."""

    items: list[SimilarOut]


class IdeaCounts(OutputModel):
    """How many ideas of a community stand where."""

    held: int
    open: int
    screening: int
    taken_up: int
    declined: int
    merged: int
    rejected: int


class BesideOut(OutputModel):
    """Something to look at side by side."""

    kind: SimilarKind
    id: uuid.UUID
    title: str
    excerpt: str
    place: str
    category: Category | None
    state: IdeaState | ProjectState
    alike: bool = Field(description="The words are like.")
    near: bool = Field(description="It is for the same place.")
    endorsements: int | None = Field(description="Null for projects.")
    cost_fen: int | None = Field(description="Null for ideas.")
    exclusion: str | None = Field(description="Why only one of the two is to be done, where that is marked.")
    at: dt.datetime = Field(description="Since when it is there.")


class BesideList(OutputModel):
    """What a committee compares with, marked ones first, then the most similar."""

    items: list[BesideOut]
