"""The shapes governments' systems can rely on; they change by addition only."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.schemas import InputModel, OutputModel
from app.core.text import Reason
from app.funding.chain import Step
from app.funding.rules import Decision, RequestState

#: Far enough on both sides for any zone and any database.
_EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)

ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class PlatformToken(OutputModel):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str = Field(description="Everything this client holds, with spaces between.")


class PlatformShares(OutputModel):
    """Who carries what, in fen."""

    community_fen: int
    district_fen: int
    subdistrict_fen: int


class PlatformCostItem(OutputModel):
    """A part of the cost."""

    kind: str
    description: str
    amount_fen: int


class PlatformPolicy(OutputModel):
    """The policy that divided the cost, in ten-thousandths."""

    division_code: str
    valid_from: dt.date
    community_share: int
    district_share: int
    subdistrict_share: int
    source: str


class PlatformEvidence(OutputModel):
    """What a request rests on, as it was when the result was certified."""

    round_title: str
    result_digest: str
    certified_at: dt.datetime
    ballots_counted: int
    roll_size: int
    backers: int
    project_cost_fen: int = Field(
        description="The project's own cost: more than what is asked for where it is funded in part.",
    )
    category: str
    place: str
    delivery_kind: str
    description: str
    origin: str
    origin_reference: str
    cost_items: list[PlatformCostItem]
    policy: PlatformPolicy
    objections: int | None
    legal_ground: str


class PlatformItemChange(OutputModel):
    """A cost item before and after; it came, or it went, where one of the two is null."""

    before: PlatformCostItem | None
    after: PlatformCostItem | None


class PlatformCostChange(OutputModel):
    """What a settlement changed of the costs behind a request."""

    at: dt.datetime
    cost_before_fen: int
    cost_after_fen: int
    released: bool = Field(
        description="Work had been released by then: nothing on the request changes any more."
    )
    taken_into: int | None = Field(
        description="The submission that speaks of the new costs; null while the request speaks of the old ones."
    )
    items: list[PlatformItemChange]


class PlatformRequest(OutputModel):
    """A funding request."""

    id: uuid.UUID
    round_id: uuid.UUID
    project_id: uuid.UUID
    community_code: str
    priority: int
    title: str
    cost_fen: int
    shares: PlatformShares
    state: RequestState
    step: Step | None = Field(description="Who has it in hand; null where nobody has to do anything.")
    due_at: dt.datetime | None = Field(description="When that step should be done.")
    submission: int
    approved_fen: int | None
    district_offer_fen: int | None = Field(
        description="The district's part of a sum that was lowered; null while it is the whole share."
    )
    subdistrict_offer_fen: int | None
    left_out: str | None = Field(description="What the lowered sum does not pay for.")
    deferred_to: int | None
    released_at: dt.datetime | None = Field(description="Since when work may start.")
    settled_cost_fen: int | None = Field(
        description="What the project costs since a settlement; null where the request speaks of that already."
    )
    cost_changes: list[PlatformCostChange]
    justification: str | None
    evidence: PlatformEvidence
    created_at: dt.datetime
    changed_at: dt.datetime


class PlatformRequestPage(OutputModel):
    """Some requests."""

    items: list[PlatformRequest]
    next_cursor: str | None


class PlatformDecision(InputModel):
    """A decision, under an id of your system; the same id again gives the same answer and changes nothing."""

    id: ExternalId
    decision: Decision
    reason: Reason | None = None
    amount_fen: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_FEN)] | None = None
    district_fen: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT_FEN)] | None = Field(
        default=None, description="The district's part of that amount; without it, the policy divides."
    )
    subdistrict_fen: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT_FEN)] | None = None
    left_out: Reason | None = Field(default=None, description="What the amount does not pay for.")
    year: Annotated[int, Field(ge=2020, le=2200)] | None = None
    decided_at: Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST)] | None = None


class PlatformDecided(OutputModel):
    """What became of a decision."""

    request_id: uuid.UUID
    decision_id: str
    state: RequestState


class PlatformProject(OutputModel):
    """A published project."""

    id: uuid.UUID
    community_code: str
    title: str
    category: str
    place: str
    delivery_kind: str
    cost_fen: int
    state: str


class PlatformProjectPage(OutputModel):
    """Some projects."""

    items: list[PlatformProject]
    next_cursor: str | None


class StateTotal(OutputModel):
    """Requests in one state."""

    state: RequestState
    requests: int
    cost_fen: int
    public_fen: int
    approved_fen: int


class PlatformStats(OutputModel):
    """Aggregates over your divisions."""

    requests: list[StateTotal]
