"""What recorded rounds tell others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class OwnersPaperEntered:
    """A form, or a proxy on paper, was entered for a dwelling of this owner; they are told."""

    NAME: ClassVar[str] = "owners_paper.entered"
    VERSION: ClassVar[int] = 1

    round_id: str
    resident_id: str


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
