"""What a rule decides, written down as it decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.tally.outcome import Decision, Reason, Stake, Step, Tie
from app.tally.support import Support


@dataclass
class Selection:
    """The minutes of a rule: it funds or passes over one project after the other, each with a reason.

    Projects are positions on the list.

    Attributes:
        support: of the count this belongs to.
        left: money not yet spent, in minor units; none without a budget.
        funded: in the order of the steps.
        reasons: one a project, once the rule is through.
    """

    support: Support
    left: int | None = field(init=False)
    funded: list[int] = field(default_factory=list)
    reasons: dict[int, Reason] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = self.support.given.budget

    def fund(self, position: int, reason: Reason) -> None:
        """Take a project in and set its cost aside."""
        before = self.left
        if self.left is not None:
            self.left -= self.support.given.projects[position].cost
        self.funded.append(position)
        self._note(position, Decision.FUNDED, before, reason)

    def pass_over(self, position: int, reason: Reason, *, ends: bool = False) -> None:
        """Leave a project out; ``ends`` says that by the rule nothing after it is funded either."""
        self._note(position, Decision.ENDED if ends else Decision.PASSED_OVER, self.left, reason)

    def tie(self, equals: Sequence[int], stake: Stake) -> None:
        """Record a tie that decided something between ``equals``, the one preferred first."""
        projects = self.support.given.projects
        between = tuple(projects[position].id for position in equals)
        self.ties.append(Tie(between, self.support.ties.criterion(equals), stake))

    def _note(self, position: int, decision: Decision, before: int | None, reason: Reason) -> None:
        self.reasons[position] = reason
        name = self.support.given.projects[position].id
        self.steps.append(Step(name, decision, before, self.left, {"because": reason.code, **reason.facts}))
