"""What funding tells others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FundingRequestSubmitted:
    """A request for a funded project is ready for the sub-district; sent again after a return."""

    NAME: ClassVar[str] = "funding_request.submitted"
    VERSION: ClassVar[int] = 1

    request_id: str
    round_id: str
    community_code: str
    priority: int
    submission: int


@dataclass(frozen=True)
class FundingRequestDecided:
    """Somebody decided on a request."""

    NAME: ClassVar[str] = "funding_request.decided"
    VERSION: ClassVar[int] = 1

    request_id: str
    round_id: str
    community_code: str
    decision: str
    position: int
    #: The step of the chain at which it was said.
    step: str | None


@dataclass(frozen=True)
class FundingPartAccepted:
    """The committee takes the part that was approved."""

    NAME: ClassVar[str] = "funding_request.part_accepted"
    VERSION: ClassVar[int] = 1

    request_id: str
    round_id: str
    community_code: str
    amount_fen: int


@dataclass(frozen=True)
class FundingRequestCostsChanged:
    """A settlement has changed what the project costs; the request keeps its amounts until it is handed in again."""

    NAME: ClassVar[str] = "funding_request.costs_changed"
    VERSION: ClassVar[int] = 1

    request_id: str
    round_id: str
    community_code: str
    cost_before_fen: int
    cost_fen: int
    #: Work had been released by then.
    released: bool
