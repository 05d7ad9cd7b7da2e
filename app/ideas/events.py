"""What ideas tell others. ``account_ids`` are those whom it concerns; who they are to each other stays here."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class IdeaPublished:
    """A held idea was looked at and is visible; its authors wait for that."""

    NAME: ClassVar[str] = "idea.published"
    VERSION: ClassVar[int] = 1

    idea_id: str
    community_code: str
    title: str
    account_ids: list[str]


@dataclass(frozen=True)
class IdeaRejected:
    """An idea is not shown, with the reason; its authors hear it, nobody else."""

    NAME: ClassVar[str] = "idea.rejected"
    VERSION: ClassVar[int] = 1

    idea_id: str
    community_code: str
    title: str
    reason: str
    account_ids: list[str]


@dataclass(frozen=True)
class IdeaEndorsedEnough:
    """Enough neighbours endorse an idea: the committee screens it. Authors and endorsers hear it."""

    NAME: ClassVar[str] = "idea.endorsed_enough"
    VERSION: ClassVar[int] = 1

    idea_id: str
    community_code: str
    title: str
    endorsements: int
    account_ids: list[str]


@dataclass(frozen=True)
class IdeaTakenUp:
    """The committee makes a project of an idea. Authors and endorsers hear it."""

    NAME: ClassVar[str] = "idea.taken_up"
    VERSION: ClassVar[int] = 1

    idea_id: str
    community_code: str
    title: str
    project_id: str
    account_ids: list[str]


@dataclass(frozen=True)
class IdeaDeclined:
    """The committee does not take an idea up, with the reason. Authors and endorsers hear it."""

    NAME: ClassVar[str] = "idea.declined"
    VERSION: ClassVar[int] = 1

    idea_id: str
    community_code: str
    title: str
    reason_code: str
    reason: str
    account_ids: list[str]


@dataclass(frozen=True)
class IdeaMerged:
    """An idea goes on as part of another one; its authors and endorsers hear it, and can take their names back."""

    NAME: ClassVar[str] = "idea.merged"
    VERSION: ClassVar[int] = 1

    idea_id: str
    into_id: str
    community_code: str
    title: str
    into_title: str
    account_ids: list[str]
