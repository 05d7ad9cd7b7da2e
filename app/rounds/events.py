"""What rounds tell others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class RoundPublished:
    """List, costs, rule and dates are frozen and public."""

    NAME: ClassVar[str] = "round.published"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str
    opens_at: str
    closes_at: str


@dataclass(frozen=True)
class RoundOpened:
    """The roll is frozen; ballots are accepted."""

    NAME: ClassVar[str] = "round.opened"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str
    roll_size: int


@dataclass(frozen=True)
class RoundEnded:
    """It will have no result: cancelled before it opened, or void."""

    NAME: ClassVar[str] = "round.ended"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str
    state: str


@dataclass(frozen=True)
class RoundClosed:
    """Nothing is accepted any more."""

    NAME: ClassVar[str] = "round.closed"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str
