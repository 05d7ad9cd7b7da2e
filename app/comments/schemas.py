"""What goes in and out about comments."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field, StringConstraints

from app.comments.rules import CommentKind, CommentState, ReportCode
from app.core.schemas import InputModel, OutputModel
from app.core.text import Reason, Text
from app.ideas.moderation import Hold
from app.ideas.rules import Byline
from app.ideas.schemas import AuthorOut, ChosenByline


class CommentIn(InputModel):
    """A comment to post. Sending the same id and words again changes nothing."""

    kind: CommentKind
    subject_id: uuid.UUID = Field(description="The idea or the project.")
    round_id: uuid.UUID | None = Field(
        default=None, description="The round on whose page it is said; for projects."
    )
    parent_id: uuid.UUID | None = Field(default=None, description="The comment it answers.")
    words: Annotated[Text, StringConstraints(min_length=1, max_length=500)]
    byline: ChosenByline = Byline.RESIDENT


class ReportIn(InputModel):
    """What is wrong with a comment; nobody learns who reported it."""

    code: ReportCode
    words: Annotated[Text, Field(max_length=200)] = ""


class HideIn(InputModel):
    """Why a comment is not shown."""

    reason: Reason


class CommentOut(OutputModel):
    """A comment."""

    id: uuid.UUID
    kind: CommentKind
    subject_id: uuid.UUID
    round_id: uuid.UUID | None
    parent_id: uuid.UUID | None
    by_staff: bool = Field(description="Said for the Residents' Committee.")
    author: AuthorOut | None = Field(description="How the author stands under it; null for the committee.")
    words: str = Field(description="Plain text; empty where it is not shown.")
    state: CommentState
    held_for: list[Hold] = Field(description="What was noticed; shown to its author and to staff.")
    reason: str | None = Field(description="Why it is hidden; why it is not shown, for its author and staff.")
    mine: bool
    reported: bool = Field(description="Whether you reported it.")
    posted_at: dt.datetime


class CommentThread(CommentOut):
    """A comment with its first answers."""

    reply_count: int
    replies: list[CommentOut]


class CommentPage(OutputModel):
    """Comments, the newest first; answers of one comment, the oldest first."""

    items: list[CommentThread]
    next_cursor: str | None
    total: int = Field(description="Visible comments, answers included.")
    open: bool = Field(description="Whether comments can be written here.")


class ReportOut(OutputModel):
    """What somebody said against a comment."""

    code: ReportCode
    words: str
    at: dt.datetime


class HeldComment(CommentOut):
    """A comment somebody of the committee should look at."""

    title: str = Field(description="What it was said about.")
    reports: list[ReportOut]


class HeldCommentPage(OutputModel):
    """Held and reported comments, the oldest first; those that were taken down, the newest first."""

    items: list[HeldComment]
    next_cursor: str | None


class CommentCounts(OutputModel):
    """How many comments of a community somebody should look at."""

    held: int
    reported: int = Field(description="Visible, and reported.")
