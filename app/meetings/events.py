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


@dataclass(frozen=True)
class MeetingCalled:
    """A meeting was called; times are in UTC."""

    NAME: ClassVar[str] = "meeting.called"
    VERSION: ClassVar[int] = 1

    meeting_id: str
    community_code: str
    title: str
    begins_at: str
    place: str


@dataclass(frozen=True)
class MeetingChanged:
    """A meeting that had been called is to be as said here: its title, time, place or agenda is another."""

    NAME: ClassVar[str] = "meeting.changed"
    VERSION: ClassVar[int] = 1

    meeting_id: str
    community_code: str
    title: str
    begins_at: str
    place: str


@dataclass(frozen=True)
class MeetingCalledOff:
    """A meeting that had been called does not take place."""

    NAME: ClassVar[str] = "meeting.cancelled"
    VERSION: ClassVar[int] = 1

    meeting_id: str
    community_code: str
    title: str
    begins_at: str
    place: str
    reason: str
