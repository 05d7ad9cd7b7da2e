"""What a result shows."""

import datetime as dt
import uuid
from typing import Any

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
    projects: list[ProjectResult]
    ties: list[TieOut]
    tie_seed: str
    inputs_digest: str
    outcome_digest: str
    announced_at: dt.datetime
    notice_until: dt.datetime
    certified_at: dt.datetime | None


class CertifiedOut(OutputModel):
    """A certified result."""

    round_id: uuid.UUID
    certified_at: dt.datetime
    outcome_digest: str
