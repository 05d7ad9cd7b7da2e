"""What meetings tell others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class MinutesPosted:
    """Minutes are public, or a correction of them; this version never changes."""

    NAME: ClassVar[str] = "minutes.posted"
    VERSION: ClassVar[int] = 1

    meeting_id: str
    community_code: str
    title: str
    version: int
    corrected: bool
