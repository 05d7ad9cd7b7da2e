"""What recorded rounds tell others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class DecisionAnnounced:
    """Owners' votes are counted, and what came of them hangs out."""

    NAME: ClassVar[str] = "decision.announced"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str
    passed: bool


@dataclass(frozen=True)
class DecisionCertified:
    """The public notice is over and the decision stands. Nothing is funded by it."""

    NAME: ClassVar[str] = "decision.certified"
    VERSION: ClassVar[int] = 1

    round_id: str
    division_code: str
    passed: bool
