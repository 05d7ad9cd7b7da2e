"""What comes out of a count, as data that explains itself and has one spelling."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Plain = None | bool | int | str | Sequence["Plain"] | Mapping[str, "Plain"]

#: Raised whenever a rule could come to another outcome on the same input.
VERSION = "1"


@dataclass(frozen=True)
class Reason:
    """Why a project is in or out: a stable code and its facts. `words.sentence` says it aloud."""

    code: str
    facts: Mapping[str, Plain]


@dataclass(frozen=True)
class Step:
    """One decision of the rule, in the order in which it was taken.

    Attributes:
        project: id.
        decision: ``funded``, ``passed_over`` or ``ended``.
        money_before: minor units not yet spent; none without a budget.
        money_after: the same afterwards.
        facts: what the decision was taken on.
    """

    project: str
    decision: str
    money_before: int | None
    money_after: int | None
    facts: Mapping[str, Plain]


@dataclass(frozen=True)
class Tie:
    """Projects that were equal where it mattered, the one preferred first, and what decided."""

    between: tuple[str, ...]
    decided_by: str


@dataclass(frozen=True)
class ProjectOutcome:
    """One project."""

    id: str
    cost: int
    points: int
    backers: int
    by_rank: tuple[int, ...]
    funded: bool
    reason: Reason

    @property
    def first_choices(self) -> int:
        """How many voters put it first."""
        return self.by_rank[0] if self.by_rank else 0


@dataclass(frozen=True)
class Prefix:
    """If the money ends after this place of the published list."""

    project: str
    spent: int
    voters_served: int


@dataclass(frozen=True)
class Outcome:
    """The whole result of a count.

    Attributes:
        funded: ids in the order of the rule's own steps.
        priority: funded ids in the published order.
        reserve: ids that are not funded, continuing the published order.
        voters_with_something: voters who ranked at least one funded project.
        first_choice_funded: voters whose first choice is funded.
    """

    rule: str
    parameters: Mapping[str, Plain]
    inputs_digest: str
    voters: int
    budget: int | None
    spent: int
    funded: tuple[str, ...]
    priority: tuple[str, ...]
    reserve: tuple[str, ...]
    projects: tuple[ProjectOutcome, ...]
    steps: tuple[Step, ...]
    ties: tuple[Tie, ...]
    prefixes: tuple[Prefix, ...]
    voters_with_something: int
    first_choice_funded: int
    version: str = VERSION

    def to_dict(self) -> dict[str, Plain]:
        """Plain data: whole numbers and text only."""
        return {
            "rule": self.rule,
            "version": self.version,
            "parameters": dict(self.parameters),
            "inputs_digest": self.inputs_digest,
            "voters": self.voters,
            "budget": self.budget,
            "spent": self.spent,
            "funded": list(self.funded),
            "priority": list(self.priority),
            "reserve": list(self.reserve),
            "projects": [
                {
                    "id": each.id,
                    "cost": each.cost,
                    "points": each.points,
                    "backers": each.backers,
                    "by_rank": list(each.by_rank),
                    "funded": each.funded,
                    "reason": {"code": each.reason.code, "facts": dict(each.reason.facts)},
                }
                for each in self.projects
            ],
            "steps": [
                {
                    "project": step.project,
                    "decision": step.decision,
                    "money_before": step.money_before,
                    "money_after": step.money_after,
                    "facts": dict(step.facts),
                }
                for step in self.steps
            ],
            "ties": [{"between": list(tie.between), "decided_by": tie.decided_by} for tie in self.ties],
            "if_money_ends_here": [
                {"project": each.project, "spent": each.spent, "voters_served": each.voters_served}
                for each in self.prefixes
            ],
            "voters_with_something": self.voters_with_something,
            "first_choice_funded": self.first_choice_funded,
        }

    def to_json(self) -> bytes:
        """The one byte string of this outcome."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
