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
    rule_name: str = Field(
        description="What it is called, with its completion and fill, in the reader's language."
    )
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


class WorkedOut(OutputModel):
    """Figures that are worked out after the announcement; `state` says how far that is."""

    state: Literal["waiting", "running", "done", "withheld", "not_kept"] = Field(
        description="`withheld`: so few ballots that the figures could point at people. `not_kept`: the result is "
        "older than these figures."
    )
    stage: str
    done: int
    of: int


class RivalOut(OutputModel):
    """What the same ballots come to by one rule."""

    method: str = Field(description="`this` for the round's own rule, whose outcome is the result.")
    name: str
    about: str = Field(description="What the rule does, in a sentence.")
    projects: list[uuid.UUID] = Field(description="Those that would be in, in their order.")
    gained: list[uuid.UUID] = Field(description="Of these, those the result leaves out.")
    lost: list[uuid.UUID] = Field(description="Projects of the result that would be out.")
    spent_fen: int
    with_something: int
    nothing: int = Field(description="Voters with none of their projects in.")
    nothing_percent: str
    first_choice: int
    first_choice_percent: str
    mean_funded: int = Field(description="Projects that are in on a ballot, on average; thousandths.")
    mean_best_rank: int = Field(
        description="Best place of such a project, over voters with one; thousandths."
    )
    gini: int = Field(description="Of the number of such projects on a ballot, thousandths; 0 is equal.")
    prefer_this: int = Field(description="Voters whose projects get more money by the result.")
    prefer_other: int = Field(description="Voters whose projects would get more money by this rule.")


class RuleComparisonOut(WorkedOut):
    """What another rule would have given. It changes nothing: the result is what was announced."""

    voters: int
    budget_fen: int | None
    items: list[RivalOut] = Field(description="The round's own rule first.")


class GroupOut(OutputModel):
    """Voters whose first choice is of one category."""

    category: str
    name: str
    voters: int
    percent: str = Field(description="Of all who voted.")
    first_choice: int = Field(description="Of them, those whose first choice is in.")
    with_something: int = Field(description="Of them, those with at least one project in.")
    nothing_percent: str
    spent_fen: int = Field(description="What projects of the category get.")
    spent: int = Field(description="The same in thousandths of all that is spent.")
    wished: int | None = Field(
        description="What ballots wish for the category, in thousandths of all wishes."
    )


class TurnoutGroupOut(OutputModel):
    """How many took part in a building; how they voted is not known and never kept."""

    community_code: str
    building: str | None = Field(description="Null for a whole community, where a round has several.")
    on_roll: int
    at_least: int = Field(description="Rounded down to tens, so that it points at no household.")
    percent: str


class RepresentationOut(WorkedOut):
    """Who is heard: voters by their first choice, and turnout by building, where groups are large enough."""

    voters: int
    with_something: int
    smallest_group: int
    smallest_roll: int
    groups: list[GroupOut]
    in_small_groups: int = Field(description="Voters in groups that are too small to be shown.")
    blank: int = Field(description="Ballots that rank nothing.")
    buildings: list[TurnoutGroupOut] = Field(
        description="Turnout alone: a secret ballot carries no building, so nothing is known of how a building voted."
    )
