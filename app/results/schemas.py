"""What a result shows."""

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import Field

from app.ballots.rules import Level
from app.core.schemas import OutputModel


class ReasonOut(OutputModel):
    """Why a project is in or out: a code with facts, and a sentence in the reader's language."""

    code: str
    facts: dict[str, Any]
    sentence: str


class ProjectResult(OutputModel):
    """One project of the result, in published order."""

    project_id: uuid.UUID
    place: int = Field(description="Place in the published order; funded ones first, then the reserve list.")
    title: str
    category: str
    community_code: str
    cost_fen: int
    paid_fen: int = Field(
        description="What it gets: its cost, or less where a last project is funded in part."
    )
    funded: bool
    points: int
    backers: int
    first_choices: int
    reason: ReasonOut
    cumulative_fen: int | None = Field(
        description="Money used if it ends after this place; null in the reserve."
    )
    served_percent: str | None = Field(
        description="Voters with at least one funded project by then, in percent."
    )


class TieOut(OutputModel):
    """A tie that decided something."""

    between: list[uuid.UUID]
    decided_by: str


class CompletionOut(OutputModel):
    """How far everybody's share was raised, so that the money is used. Pots are all shares together."""

    start_fen: int
    step_fen: int
    pot_fen: int = Field(description="The pot whose outcome stands.")
    ended_by: str = Field(
        description="`infeasible`: one step more overspends. `exhaustive`: nothing more fits. `all_funded`."
    )
    next_fen: int | None = Field(description="The next pot, where that overspends the budget.")


class ComparisonOut(OutputModel):
    """How many voters prefer the outcome of Equal Shares, and how many that of greedy."""

    prefer_shares: int
    prefer_greedy: int


class ResultOut(OutputModel):
    """A round's published result."""

    round_id: uuid.UUID
    result_id: uuid.UUID
    title: str
    rule: str
    rule_version: str
    parameters: dict[str, Any]
    priority: str
    level: Level = Field(description="How ballots are published; `top-3` means cut rankings were counted.")
    ballots_counted: int
    roll_size: int
    quorum_reached: bool | None = Field(
        description="Null where no quorum applies: then this is a consultation."
    )
    budget_fen: int | None
    spent_fen: int
    voters_with_something: int
    first_choice_funded: int
    completion: CompletionOut | None = Field(description="How far everybody's share was raised.")
    comparison: ComparisonOut | None
    projects: list[ProjectResult]
    ties: list[TieOut]
    tie_seed: str
    inputs_digest: str
    outcome_digest: str
    announced_at: dt.datetime
    notice_until: dt.datetime
    certified_at: dt.datetime | None


class TakenOut(OutputModel):
    """Money of a project's backers that went into another project."""

    project_id: uuid.UUID
    amount_fen: int


class ProjectExplanationOut(OutputModel):
    """How a project stood."""

    project_id: uuid.UUID
    funded: bool
    wins: int = Field(description="Projects that more voters rank below it than above it.")
    losses: int = Field(description="Projects that more voters rank above it.")
    effective_support: int | None = Field(
        description="Thousandths of its cost that its backers could have paid at the best moment; from 1000 on enough."
    )
    held_fen: int | None = Field(description="What its backers had left at the end, where it is out.")
    taken: list[TakenOut] = Field(description="Where the rest of its backers' money went, most first.")
    funded_at_fen: int | None = Field(description="A lower cost with which a full count funds it.")
    more_backers: int | None = Field(
        description="Additional voters, who rank only it, with whom a full count funds it."
    )
    wins_in: int | None = Field(description="In how many of the draws of the ballots it is in.")
    lines: list[str] = Field(description="The same in sentences, in the reader's language.")


class SpendingOut(OutputModel):
    """What a category or a community gets, and what ballots wish for it, in thousandths."""

    name: str
    spent: int
    wished: int


class UnderservedOut(OutputModel):
    """A project whose backers could have paid for it with their own shares, and did not get it (EJR+ up to one)."""

    project_id: uuid.UUID
    voters: int


class OutcomeExplanationOut(OutputModel):
    """How the outcome stands; shares are thousandths."""

    voters: int
    with_something: int
    first_choice: int
    mean_best_rank: int
    mean_funded: int
    gini: int = Field(description="Of the number of funded projects on a ballot; 0 is equal.")
    spent: int | None
    share_raised: int | None = Field(description="The share the completion came to, of the first one.")
    by_category: list[SpendingOut]
    by_place: list[SpendingOut]
    underserved: list[UnderservedOut]
    only_here: list[uuid.UUID] = Field(
        description="Projects that counting by points alone would not have funded."
    )
    only_greedy: list[uuid.UUID] = Field(
        description="Projects that only counting by points would have funded."
    )
    greedy_with_something: int
    prefer_this: int
    prefer_greedy: int
    resamples: int | None
    duels: list[list[int]] = Field(
        description="A row a project, in the order of the round's list: how many voters rank it above each other one."
    )
    lines: list[str] = Field(description="The same in sentences, in the reader's language.")


class ExplanationOut(OutputModel):
    """How close every project came, and who has what; `state` says how far this is worked out."""

    state: Literal["waiting", "running", "done", "withheld"] = Field(
        description="`withheld`: so few ballots that the figures could point at people."
    )
    stage: str
    done: int
    of: int
    projects: list[ProjectExplanationOut]
    outcome: OutcomeExplanationOut | None


class CertifiedOut(OutputModel):
    """A certified result."""

    round_id: uuid.UUID
    certified_at: dt.datetime
    outcome_digest: str
