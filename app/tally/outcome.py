"""What comes out of a count, as data that explains itself and has one spelling.

Amounts are whole minor units; the price per backer, which need not be whole, is text such as ``"2500/3"``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.tally.ties import Criterion

if TYPE_CHECKING:
    from app.tally.completion import Completed

Plain = None | bool | int | str | Sequence["Plain"] | Mapping[str, "Plain"]

#: Names of those facts of reasons and steps that are amounts.
AMOUNT_FACTS = frozenset({"left", "missing", "had", "needed", "cost", "each", "paid"})

#: Raised whenever a rule could come to another outcome on the same input.
VERSION = "2"


@dataclass(frozen=True)
class Reason:
    """Why a project is in or out: a stable code and its facts. `words.sentence` says it aloud."""

    code: str
    facts: Mapping[str, Plain]


class Decision(StrEnum):
    """What a step decides about its project."""

    FUNDED = "funded"
    PASSED_OVER = "passed_over"
    #: Passed over, and by the rule nothing after it is funded either.
    ENDED = "ended"


@dataclass(frozen=True)
class Step:
    """One decision of the rule, in the order in which it was taken.

    Attributes:
        project: id.
        decision: what was decided about it.
        money_before: minor units not yet spent; none without a budget.
        money_after: the same afterwards.
        facts: what the decision was taken on; ``because`` is the code of the reason.
    """

    project: str
    decision: Decision
    money_before: int | None
    money_after: int | None
    facts: Mapping[str, Plain]


class Stake(StrEnum):
    """What a tie decided."""

    #: Which of the equals is funded.
    FUNDING = "funding"
    #: Which place of the published order each has.
    PLACE = "place"
    #: Only which of them Equal Shares took first.
    STEP = "step"


@dataclass(frozen=True)
class Tie:
    """A tie that decided something.

    Attributes:
        between: ids of the equals, the one preferred first.
        decided_by: the last criterion that was needed to put them in this order.
        stake: what depended on it.
    """

    between: tuple[str, ...]
    decided_by: Criterion
    stake: Stake


@dataclass(frozen=True)
class ProjectOutcome:
    """One project.

    Attributes:
        points: k-Borda points of the round.
        backers: voters who rank it at all.
        by_rank: how many put it first, second, ...
        paid: what it gets, in minor units: its cost, or less where the round funds a last project in part.
        place: from 1, in the published order; the reserve continues the funded ones.
    """

    id: str
    cost: int
    points: int
    backers: int
    by_rank: tuple[int, ...]
    funded: bool
    paid: int
    place: int
    reason: Reason

    @property
    def first_choices(self) -> int:
        """How many voters put it first."""
        return self.by_rank[0] if self.by_rank else 0


@dataclass(frozen=True)
class Prefix:
    """If the money ends after this place of the published list.

    Attributes:
        project: the last one funded then.
        spent: minor units used by then.
        voters_served: voters with at least one of their projects funded by then.
    """

    project: str
    spent: int
    voters_served: int


@dataclass(frozen=True)
class CompletionOutcome:
    """How far everybody's share was raised. Pots are all shares together, in minor units.

    Attributes:
        start: the first pot.
        step: by how much it rose.
        pot: the one whose outcome stands.
        ended_by: why it is the last (`completion.Ended`).
        next: the pot after it, where that overspends the budget.
        changes: pots at which something changed, each with what was bought for how much.
    """

    start: int
    step: int
    pot: int
    ended_by: str
    next: int | None
    changes: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, completed: "Completed") -> "CompletionOutcome":
        """As a result says it."""
        return cls(
            start=completed.grid.start,
            step=completed.grid.step,
            pot=completed.pot,
            ended_by=completed.ended.value,
            next=completed.over,
            changes=tuple((each.pot, each.spent, each.funded) for each in completed.changes),
        )

    def to_dict(self, amount: Callable[[int], Plain]) -> dict[str, Plain]:
        """Plain data; ``amount`` says how minor units are written."""
        return {
            "start": amount(self.start),
            "step": amount(self.step),
            "pot": amount(self.pot),
            "ended_by": self.ended_by,
            "next": None if self.next is None else amount(self.next),
            "changes": [
                {"pot": amount(pot), "spent": amount(spent), "funded": funded}
                for pot, spent, funded in self.changes
            ],
        }


@dataclass(frozen=True)
class Comparison:
    """How many voters prefer the outcome of Equal Shares, and how many greedy's."""

    shares: int
    greedy: int


@dataclass(frozen=True)
class Outcome:
    """The whole result of a count.

    Attributes:
        parameters: settings of the rule, among them the seed of the lot.
        inputs_digest: SHA-256 of list, budget and ballots (`count.inputs_digest`).
        voters: ballots counted, empty ones included.
        leftover: budget not spent; none without a budget.
        funded: ids in the order of the rule's own steps.
        priority: funded ids in the published order.
        reserve: ids that are not funded, continuing the published order.
        projects: in the order of the list.
        voters_with_something: voters who ranked at least one funded project.
        first_choice_funded: voters whose first choice is funded.
        completion: how far shares were raised, where the round does.
        comparison: with greedy, where the round makes one.
        version: of the rule's programming, `VERSION`.
    """

    rule: str
    parameters: Mapping[str, Plain]
    inputs_digest: str
    voters: int
    budget: int | None
    spent: int
    leftover: int | None
    funded: tuple[str, ...]
    priority: tuple[str, ...]
    reserve: tuple[str, ...]
    projects: tuple[ProjectOutcome, ...]
    steps: tuple[Step, ...]
    ties: tuple[Tie, ...]
    prefixes: tuple[Prefix, ...]
    voters_with_something: int
    first_choice_funded: int
    completion: CompletionOutcome | None = None
    comparison: Comparison | None = None
    version: str = VERSION

    def to_dict(self, amount: Callable[[int], Plain] = int) -> dict[str, Plain]:
        """Plain data: whole numbers and text only. ``amount`` says how minor units are written."""

        def or_none(minor: int | None) -> Plain:
            return None if minor is None else amount(minor)

        def written(facts: Mapping[str, Plain]) -> dict[str, Plain]:
            return {
                name: amount(value) if name in AMOUNT_FACTS and isinstance(value, int) else value
                for name, value in facts.items()
            }

        return {
            "rule": self.rule,
            "version": self.version,
            "parameters": dict(self.parameters),
            "inputs_digest": self.inputs_digest,
            "voters": self.voters,
            "budget": or_none(self.budget),
            "spent": amount(self.spent),
            "leftover": or_none(self.leftover),
            "funded": list(self.funded),
            "priority": list(self.priority),
            "reserve": list(self.reserve),
            "projects": [
                {
                    "id": each.id,
                    "cost": amount(each.cost),
                    "points": each.points,
                    "backers": each.backers,
                    "first_choices": each.first_choices,
                    "by_rank": list(each.by_rank),
                    "funded": each.funded,
                    "paid": amount(each.paid),
                    "place": each.place,
                    "reason": {"code": each.reason.code, "facts": written(each.reason.facts)},
                }
                for each in self.projects
            ],
            "steps": [
                {
                    "project": step.project,
                    "decision": step.decision.value,
                    "money_before": or_none(step.money_before),
                    "money_after": or_none(step.money_after),
                    "facts": written(step.facts),
                }
                for step in self.steps
            ],
            "ties": [
                {
                    "between": list(tie.between),
                    "decided_by": tie.decided_by.value,
                    "stake": tie.stake.value,
                }
                for tie in self.ties
            ],
            "if_money_ends_here": [
                {
                    "project": each.project,
                    "spent": amount(each.spent),
                    "voters_served": each.voters_served,
                }
                for each in self.prefixes
            ],
            "voters_with_something": self.voters_with_something,
            "first_choice_funded": self.first_choice_funded,
            "completion": None if self.completion is None else self.completion.to_dict(amount),
            "comparison": None
            if self.comparison is None
            else {"prefer_shares": self.comparison.shares, "prefer_greedy": self.comparison.greedy},
        }

    def to_json(self) -> bytes:
        """The one byte string of this outcome."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
