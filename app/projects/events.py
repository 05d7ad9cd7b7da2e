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
