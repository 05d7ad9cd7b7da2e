"""What goes in and out about rounds."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import AwareDatetime, Field

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, Reason, Text
from app.rounds.checks import Weight
from app.rounds.matters import OwnersMatter
from app.rounds.rules import (
    Completion,
    Custody,
    Electorate,
    Fill,
    PaperPolicy,
    Points,
    Priority,
    RoundKind,
    RoundState,
    Rule,
    Ties,
    Unranked,
    Until,
)

Moment = Annotated[
    AwareDatetime, Field(ge=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), le=dt.datetime(2200, 1, 1, tzinfo=dt.UTC))
]


class RoundIn(InputModel):
    """A round to draft: what is asked, of whom, when, and how it is counted."""

    division_code: Code12 = Field(description="The community, or a division above the communities that vote.")
    community_codes: Annotated[list[Code12], Field(min_length=1, max_length=100)]
    title: Line
    description: Text = ""
    kind: RoundKind
    electorate: Electorate
    matter: OwnersMatter | None = Field(
        default=None, description="owners_decision: which matter of the Civil Code's article 278 is decided."
    )
    question: Annotated[Text, Field(min_length=2, max_length=2000)] | None = Field(
        default=None, description="owners_decision: what owners are for or against, word for word."
    )
    project_ids: Annotated[list[uuid.UUID], Field(max_length=500)] = Field(
        default_factory=list,
        description="The list, in its order; empty as long as nobody has chosen. An owners_decision has none, and "
        "none of the settings that say how a list is counted.",
    )
    max_rank: Annotated[
        int,
        Field(
            ge=1, le=50,
            description="How many projects a ballot may rank at most. Below 200 ballots only "
            "the first three places are published and counted, below 50 only totals.",
        ),
    ] = 5  # fmt: skip
    budget_fen: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_FEN)] | None = Field(
        default=None, description="Without a budget the order itself is the result."
    )
    exclusive_groups: Annotated[
        list[Annotated[list[uuid.UUID], Field(min_length=2, max_length=50)]], Field(max_length=50)
    ] = Field(
        default_factory=list, description="Of the projects of each of these groups only one can be funded."
    )
    forced_in: Annotated[list[uuid.UUID], Field(max_length=50)] = Field(
        default_factory=list,
        description="Projects that are decided already; their cost is taken off the budget first.",
    )
    rule: Rule = Field(default=Rule.RANK_MES, description="How ballots become a list.")
    points: Points = Points.FIXED_K
    skip: bool = Field(default=True, description="greedy, schulze: go on past a project that no longer fits.")
    threshold: Annotated[int, Field(ge=1, le=10**9)] | None = Field(
        default=None, description="Fewest points a project needs to be considered."
    )
    completion: Completion | None = Field(
        default=None,
        description="rank-mes (there `add1` unless said otherwise), mes: raise everybody's share.",
    )
    until: Until = Field(default=Until.INFEASIBLE, description="When raising the shares ends.")
    fill: Fill | None = Field(
        default=None,
        description="Give out by points what is left over; `k-borda` for rank-mes and pb-ear unless said otherwise.",
    )
    comparison: bool = Field(
        default=False, description="mes: take greedy's outcome where more voters prefer it."
    )
    part_percent: Annotated[int, Field(ge=1, le=99)] | None = Field(
        default=None,
        description="Down a list: the first that does not fit gets what is left, from so much of its cost on.",
    )
    unranked: Unranked = Field(
        default=Unranked.NEVER, description="pb-ear: when voters back what they did not rank."
    )
    ties: Ties = Ties.LOT
    priority: Priority = Priority.SUPPORT
    paper: PaperPolicy = Field(
        default=PaperPolicy.FIRST_WINS,
        description="Voting on paper, and which ballot counts where somebody used both ways.",
    )
    custody: Custody = Field(default=Custody.LOCAL, description="Who keeps the key that opens the box.")
    opens_at: Moment
    closes_at: Moment
    short_notice_reason: Reason | None = Field(
        default=None, description="The special circumstance for notice shorter than the law's (art. 26)."
    )


class EndIn(InputModel):
    """Why a round ends without a result."""

    reason: Reason


class LabelOut(OutputModel):
    """Words to show, in both languages."""

    zh: str
    en: str


RECORDED_LABEL = LabelOut(zh="记名投票", en="recorded vote, not secret")
SECRET_LABEL = LabelOut(zh="无记名投票", en="secret ballot")


class RoundOut(OutputModel):
    """A round. What says how a list is counted is null in a recorded one."""

    id: uuid.UUID
    division_code: str
    community_codes: list[str]
    title: str
    description: str
    kind: RoundKind
    electorate: Electorate
    recorded: bool = Field(description="Votes are signed and not secret; say so wherever the round is shown.")
    label: LabelOut = Field(description="Whether votes are secret, in words to stand beside the title.")
    matter: OwnersMatter | None
    question: str | None
    max_rank: int | None
    budget_fen: int | None
    rule: Rule | None
    points: Points | None
    skip: bool | None
    threshold: int | None
    completion: Completion | None
    until: Until | None
    fill: Fill | None
    comparison: bool | None
    part_percent: int | None
    unranked: Unranked | None
    ties: Ties | None
    priority: Priority | None
    paper: PaperPolicy
    custody: Custody
    opens_at: dt.datetime
    closes_at: dt.datetime
    short_notice_reason: str | None
    status: RoundState
    version: int
    proposed: bool = Field(description="Somebody proposed publication; another person must approve it.")
    published_at: dt.datetime | None
    frozen_digest: str | None = Field(
        description="SHA-256 of list, costs, rule and dates as frozen at publication."
    )
    opened_at: dt.datetime | None
    roll_size: int | None
    roll_digest: str | None
    closed_at: dt.datetime | None
    ended_reason: str | None


class RoundPage(OutputModel):
    """Some rounds, newest first."""

    items: list[RoundOut]
    next_cursor: str | None


class ListedProject(OutputModel):
    """A project on a round's list, as it was when the round was published."""

    project_id: uuid.UUID
    position: int
    community_code: str
    title: str
    category: str
    place: str
    delivery_kind: str
    cost_fen: int
    exclusive_group: int | None = Field(
        description="Of the projects with the same number only one can be funded."
    )
    forced_in: bool = Field(description="Decided before the vote.")
    photo_id: uuid.UUID | None = Field(description="The project's first photo; pictures are not frozen.")


class ProjectList(OutputModel):
    """A round's list of projects."""

    items: list[ListedProject]


class FindingOut(OutputModel):
    """Something to know before a round is published."""

    code: str
    weight: Weight = Field(
        description="`stops`: it cannot be published so. `warns`: somebody should have thought of it."
    )
    sentence: str = Field(description="In the caller's language.")


class CheckOut(OutputModel):
    """A round looked over by those who answer for its publication."""

    round_id: uuid.UUID
    version: int
    findings: list[FindingOut] = Field(description="What stops it first; empty once it is published.")
    proposed_by: str | None = Field(description="The name of who proposed its publication.")
    proposed_by_me: bool = Field(description="So that somebody else has to approve it.")
    approved_by: str | None
    approvers: list[str] = Field(
        description="The names of who may approve it: what you would propose, or what has been proposed."
    )
    people: int = Field(description="Adults who live in its communities today.")
    households: int = Field(description="In how many households they live.")
    listed_cost_fen: int
    forced_cost_fen: int = Field(description="What is decided already, and paid first.")
    notice_days: int = Field(
        description="From its publication to its opening, by law; 0 where no law sets any."
    )
    notice_article: str
    quorum_article: str | None = Field(description="Null where no quorum applies.")
    publication_days: int = Field(description="How long the result hangs out before it is certified.")
    publication_article: str
    by_hand: bool = Field(
        description="On this installation rounds may be opened and closed before their time."
    )
