"""What the ballot box tells others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class BoxUnsealed:
    """All ballots are open, without names, and can be counted."""

    NAME: ClassVar[str] = "box.unsealed"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str


@dataclass(frozen=True)
class BoxKeyDestroyed:
    """The key of a round is gone; the envelopes may be deleted."""

    NAME: ClassVar[str] = "box.key_destroyed"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str
