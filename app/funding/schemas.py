"""What goes in and out about funding."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.schemas import InputModel, OutputModel
from app.core.text import Line, Reason, Text
from app.funding.chain import Reply, StationState, Step
from app.funding.rules import WHOLE, Decision, RequestState
from app.meetings.rules import MeetingKind
from app.projects.rules import Origin
from app.rounds.rules import RoundKind

_Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_FEN)]
_Part = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT_FEN)]
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
    amount_fen: _Amount | None = Field(
        default=None,
        description="With approved_in_part: what the governments pay. With accepted: what this step would pay.",
    )
    district_fen: _Part | None = Field(
        default=None, description="The district's part of it; without it, the policy divides."
    )
    subdistrict_fen: _Part | None = Field(default=None, description="The sub-district's part of it.")
    left_out: Reason | None = Field(default=None, description="With a part: what it does not pay for.")
    year: Annotated[int, Field(ge=2020, le=2200)] | None = Field(
        default=None, description="With deferred: the year in which it comes back."
    )
    to: Step | None = Field(
        default=None,
        description="With returned: the first step that lowered what is paid, to hear it again; `return_to` names it.",
    )


class ResubmitIn(InputModel):
    """The corrected justification of a returned request, or why a part is not enough."""

    justification: Annotated[Text, Field(min_length=2)]


class AcceptPartIn(InputModel):
    """The committee takes the part that was approved."""

    words: Reason | None = Field(default=None, description="How it will manage with it.")


class DecisionOut(OutputModel):
    """A decision that was taken."""

    position: int
    decision: Decision
    step: Step | None = Field(description="The step of the chain at which it was said.")
    at: dt.datetime
    reason: str | None
    amount_fen: int | None
    district_fen: int | None
    subdistrict_fen: int | None
    left_out: str | None
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
    step: Step | None = Field(description="Who has it in hand; null where nobody has to do anything.")
    back_to: Step | None = Field(
        description="Where it goes when the committee has answered, or its year came."
    )
    due_at: dt.datetime | None = Field(description="When that step should be done.")
    submission: int
    district_offer_fen: int | None = Field(
        description="What the district would pay, where a step lowered it; null while it is the whole share."
    )
    subdistrict_offer_fen: int | None
    left_out: str | None = Field(description="What the lowered sum does not pay for.")
    approved_fen: int | None
    deferred_to: int | None
    released_at: dt.datetime | None = Field(description="Since when work may start.")
    settled_cost_fen: int | None = Field(
        description="What the project costs since a settlement; null where the request speaks of that already."
    )
    justification: str | None
    evidence: EvidenceOut
    version: int
    created_at: dt.datetime
    changed_at: dt.datetime


class RequestLine(RequestOut):
    """A request in a list."""

    community_name: str
    overdue: bool


class LetterOut(OutputModel):
    """Something that was said about a request: by those who decide, by the committee, or by the calendar.

    Neither a decision nor a reply: the request was handed in.
    """

    at: dt.datetime
    side: Step | None
    by: str | None
    decision: Decision | None
    reply: Reply | None
    words: str | None
    amount_fen: int | None
    district_fen: int | None
    subdistrict_fen: int | None
    left_out: str | None
    year: int | None


class StationOut(OutputModel):
    """A step of the chain as this request went through it."""

    step: Step
    state: StationState
    at: dt.datetime | None


class ItemChangeOut(OutputModel):
    """A cost item before and after; it came, or it went, where one of the two is null."""

    before: CostItemOut | None
    after: CostItemOut | None


class CostChangeOut(OutputModel):
    """What a settlement changed of the costs behind a request; with whom, nobody is told."""

    at: dt.datetime
    cost_before_fen: int = Field(description="The project's whole cost.")
    cost_after_fen: int
    released: bool = Field(
        description="Work had been released by then: nothing on the request changes any more."
    )
    taken_into: int | None = Field(
        description="The submission that speaks of the new costs; null while the request speaks of the old ones."
    )
    items: list[ItemChangeOut] = Field(description="What did not stay as it was.")


class RequestDetail(RequestLine):
    """A request with what was said about it, and what its reader may say now."""

    subdistrict_name: str
    district_name: str
    decisions: list[DecisionOut]
    letters: list[LetterOut]
    stations: list[StationOut]
    cost_changes: list[CostChangeOut]
    most_fen: int = Field(
        description="The most the governments may grant: their shares, or less where a settlement lowered the cost."
    )
    district_left_fen: int = Field(
        description="What the steps before the one that has it have left of the district's share; none pays more."
    )
    subdistrict_left_fen: int = Field(description="The same of the sub-district's share.")
    return_to: Step | None = Field(
        description="With returned: the step that lowered what is paid and can be asked again; null where none has."
    )
    spoke_as: Step | None = Field(
        description="For whom you have spoken on it, where that keeps you from saying anything now."
    )
    open_decisions: list[Decision]
    may_resubmit: bool
    may_accept_part: bool


class RequestPage(OutputModel):
    """Some requests."""

    items: list[RequestLine]
    next_cursor: str | None


class StepCount(OutputModel):
    """How many requests a step has in hand."""

    step: Step
    requests: int
    overdue: int
    recosted: int = Field(description="Requests among them whose costs a settlement has changed.")


class PutOff(OutputModel):
    """What was put off to a year; it comes back by itself."""

    year: int
    requests: int
    public_fen: int


class RequestCounts(OutputModel):
    """How many requests wait where, and what was put off."""

    steps: list[StepCount]
    put_off: list[PutOff]


class MinutesEvidence(OutputModel):
    """The newest published version of a meeting's minutes."""

    version: int
    published_at: dt.datetime
    digest: str
    chair: str
    recorder: str
    signed: bool = Field(description="Chair and recorder have put their names under this text.")


class RaisedOut(OutputModel):
    """What raised the project."""

    origin: Origin
    reference: str
    at: dt.datetime
    votes_for: int | None
    votes_against: int | None
    abstentions: int | None
    endorsements: int | None
    meeting_id: uuid.UUID | None
    meeting_kind: MeetingKind | None
    present: int | None
    minutes: MinutesEvidence | None
    idea_id: uuid.UUID | None


class BoardEvidence(OutputModel):
    """A round's public board: entries under the newest signed root, and whether they give it."""

    entries: int
    root: str
    signed_at: dt.datetime
    holds: bool


class VoteEvidence(OutputModel):
    """The result a request rests on; it was counted a second time by another program, or there would be none."""

    round_id: uuid.UUID
    title: str
    kind: RoundKind
    place: int
    on_the_list: int
    backers: int
    ballots_counted: int
    roll_size: int
    quorum_reached: bool | None
    announced_at: dt.datetime
    notice_until: dt.datetime
    certified_at: dt.datetime | None
    counted_twice: bool = Field(description="Always true of a published result: two programs agreed.")
    unchanged: bool = Field(description="The published result is the one the request was made from.")
    board: BoardEvidence | None
    bundle_url: str = Field(description="All that anybody needs to count again.")
    ballots_url: str | None = Field(description="Null where only sums are published.")


class ObjectionEvidence(OutputModel):
    """How many households object, rounded; null where it could point at one."""

    at_certification: int | None
    now: int | None
    least_objections: int = Field(description="Below so many nothing is said.")
    least_households: int


class PhotoEvidence(OutputModel):
    """A picture of the project."""

    url: str
    alt: str


class PackOut(OutputModel):
    """Everything a request rests on, with where to look."""

    request_id: uuid.UUID
    raised: RaisedOut
    vote: VoteEvidence
    objections: ObjectionEvidence
    buildings: list[str]
    photos: list[PhotoEvidence]
    cost_changes: list[CostChangeOut] = Field(description="What settlements changed since the certificate.")
    print_url: str


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
