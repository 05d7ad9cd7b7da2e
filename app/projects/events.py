"""What projects tell others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ProjectPublished:
    """A project is public."""

    NAME: ClassVar[str] = "project.published"
    VERSION: ClassVar[int] = 1

    project_id: str
    community_code: str


@dataclass(frozen=True)
class ProjectCostsAgreed:
    """What a project costs was changed by an agreement; with whom, nobody is told."""

    NAME: ClassVar[str] = "project.costs_agreed"
    VERSION: ClassVar[int] = 1

    project_id: str
