"""What goes in and out about funding."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.schemas import InputModel, OutputModel
from app.core.text import Line, Reason, Text
from app.funding.rules import WHOLE, Decision, RequestState

Share = Annotated[int, Field(ge=0, le=WHOLE, description="In ten-thousandths.")]
Day = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2200, 1, 1))]


class PolicyIn(InputModel):
    """Who carries what, from a day on."""

    valid_from: Day
    community_share: Share = 3_000
    district_share: Share = 4_000
    subdistrict_share: Share = 6_000
    source: Line = Field(description="The document it stands in.")


class PolicyOut(OutputModel):
    """A policy of a division."""

    division_code: str
    valid_from: dt.date
    community_share: int
    district_share: int
    subdistrict_share: int
    source: str


class PolicyList(OutputModel):
    """The policies a division has set, the oldest first, and the one that applies there today."""

    in_force: PolicyOut
    items: list[PolicyOut]


class DecisionIn(InputModel):
    """A decision on a request."""

    decision: Decision
    reason: Reason | None = None
    amount_fen: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_FEN)] | None = Field(
        default=None, description="With approved_in_part: what the governments pay."
    )
    year: Annotated[int, Field(ge=2020, le=2200)] | None = Field(
        default=None, description="With deferred: the year in which it comes back."
    )


class ResubmitIn(InputModel):
    """The corrected justification of a returned request."""

    justification: Annotated[Text, Field(min_length=2)]


class DecisionOut(OutputModel):
    """A decision that was taken."""

    position: int
    decision: Decision
    at: dt.datetime
    reason: str | None
    amount_fen: int | None
    year: int | None
    external_id: str | None = Field(description="What the deciding system calls it.")
    decided_at: dt.datetime | None = Field(description="When it was decided, as that system says.")


class CostItemOut(OutputModel):
    """A part of the cost."""

    kind: str
    description: str
    amount_fen: int


class PolicyUsed(OutputModel):
    """The policy that divided the cost, as it was on the day of certification."""

    division_code: str
    valid_from: dt.date
    community_share: int
    district_share: int
    subdistrict_share: int
    source: str


class EvidenceOut(OutputModel):
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
    cost_items: list[CostItemOut]
    policy: PolicyUsed
    objections: int | None = Field(description="Rounded count; empty where it could point at a household.")
    legal_ground: str


class RequestOut(OutputModel):
    """A funding request."""

    id: uuid.UUID
    round_id: uuid.UUID
    project_id: uuid.UUID
    community_code: str
    priority: int
    title: str
    cost_fen: int
    community_fen: int
    district_fen: int
    subdistrict_fen: int
    state: RequestState
    submission: int
    approved_fen: int | None
    deferred_to: int | None
    justification: str | None
    evidence: EvidenceOut
    version: int
    created_at: dt.datetime
    changed_at: dt.datetime


class RequestDetail(RequestOut):
    """A request with what was decided on it."""

    decisions: list[DecisionOut]


class RequestPage(OutputModel):
    """Some requests."""

    items: list[RequestOut]
    next_cursor: str | None


class ProgressItem(OutputModel):
    """Where the money of a project is."""

    project_id: uuid.UUID
    title: str
    priority: int
    state: RequestState
    cost_fen: int
    community_fen: int
    public_fen: int
    approved_fen: int | None
    deferred_to: int | None
    changed_at: dt.datetime


class ProgressList(OutputModel):
    """Where the money of a round is, in published order."""

    items: list[ProgressItem]
