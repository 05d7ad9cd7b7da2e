"""What comments tell others. ``account_ids`` are those whom it concerns."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class CommentPublished:
    """A comment is visible: authors of the idea, and of the comment it answers, hear of it."""

    NAME: ClassVar[str] = "comment.published"
    VERSION: ClassVar[int] = 1

    comment_id: str
    #: ``idea`` or ``project``.
    kind: str
    subject_id: str
    round_id: str | None
    community_code: str
    #: What it was said about.
    title: str
    by_staff: bool
    account_ids: list[str]
    #: Who wrote it, if they waited for somebody to look at it.
    waited_ids: list[str]


@dataclass(frozen=True)
class CommentRejected:
    """A held comment is not shown, with the reason; its author hears it, nobody else."""

    NAME: ClassVar[str] = "comment.rejected"
    VERSION: ClassVar[int] = 1

    comment_id: str
    kind: str
    subject_id: str
    community_code: str
    title: str
    reason: str
    account_ids: list[str]


@dataclass(frozen=True)
class CommentHidden:
    """A visible comment was hidden, with the reason; its author hears it."""

    NAME: ClassVar[str] = "comment.hidden"
    VERSION: ClassVar[int] = 1

    comment_id: str
    kind: str
    subject_id: str
    community_code: str
    title: str
    reason: str
    account_ids: list[str]
