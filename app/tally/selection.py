"""What a rule decides, written down as it decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.tally.completion import Completed
from app.tally.model import Forced
from app.tally.outcome import Comparison, Decision, Reason, Stake, Step, Tie
from app.tally.support import Support


@dataclass
class Selection:
    """The minutes of a rule: it funds or passes over one project after the other, each with a reason.

    Projects are positions on the list. What was decided before the vote is in the minutes from the start.

    Attributes:
        support: of the count this belongs to.
        left: money not yet spent, in minor units; none without a budget.
        funded: in the order of the steps.
        in_part: what a project that is not funded in full gets, in minor units.
        reasons: one a project, once the rule is through.
        completed: what the completion came to, where there is one.
        compared: what the comparison with greedy came to, where there is one.
    """

    support: Support
    left: int | None = field(init=False)
    funded: list[int] = field(default_factory=list)
    in_part: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, Reason] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    completed: Completed | None = None
    compared: Comparison | None = None

    def __post_init__(self) -> None:
        self.left = self.support.given.budget
        for position, project in enumerate(self.support.given.projects):
            if project.forced is Forced.IN:
                self.fund(position, Reason("forced_in", {"cost": project.cost}))

    def candidates(self, order: Sequence[int]) -> list[int]:
        """Pass over what no rule funds; returns the others, in ``order``."""
        support, spec = self.support, self.support.given.spec
        found = []
        for position in order:
            project = support.given.projects[position]
            if position in self.funded:
                continue
            if project.withdrawn:
                self.pass_over(position, Reason("withdrawn", {}))
            elif project.forced is Forced.OUT:
                self.pass_over(position, Reason("forced_out", {}))
            elif not support.backers[position]:
                self.pass_over(position, Reason("no_support", {}))
            elif spec.threshold is not None and support.points[position] < spec.threshold:
                facts = {"points": support.points[position], "threshold": spec.threshold}
                self.pass_over(position, Reason("below_threshold", facts))
            else:
                found.append(position)
        return found

    def rival(self, position: int) -> int | None:
        """The funded project that excludes this one, if there is one."""
        projects = self.support.given.projects
        group = projects[position].group
        return next((each for each in self.funded if group and projects[each].group == group), None)

    def fund(self, position: int, reason: Reason) -> None:
        """Take a project in and set its cost aside."""
        before = self.left
        if self.left is not None:
            self.left -= self.support.given.projects[position].cost
        self.funded.append(position)
        self._note(position, Decision.FUNDED, before, reason)

    def fund_in_part(self, position: int) -> None:
        """Give a project all that is left."""
        before, cost = self.left, self.support.given.projects[position].cost
        assert before is not None
        self.left = 0
        self.funded.append(position)
        self.in_part[position] = before
        facts = {"paid": before, "cost": cost, "missing": cost - before}
        self._note(position, Decision.FUNDED, before, Reason("funded_in_part", facts))

    def pass_over(self, position: int, reason: Reason, *, ends: bool = False) -> None:
        """Leave a project out; ``ends`` says that by the rule nothing after it is funded either."""
        self._note(position, Decision.ENDED if ends else Decision.PASSED_OVER, self.left, reason)

    def exclude(self, position: int, rival: int) -> None:
        """Leave a project out because another one of its group is in."""
        self.pass_over(position, Reason("excluded_by", {"other": self.support.given.projects[rival].id}))

    def tie(self, equals: Sequence[int], stake: Stake) -> None:
        """Record a tie that decided something between ``equals``, the one preferred first."""
        projects = self.support.given.projects
        between = tuple(projects[position].id for position in equals)
        self.ties.append(Tie(between, self.support.ties.criterion(equals), stake))

    def _note(self, position: int, decision: Decision, before: int | None, reason: Reason) -> None:
        self.reasons[position] = reason
        name = self.support.given.projects[position].id
        self.steps.append(Step(name, decision, before, self.left, {"because": reason.code, **reason.facts}))
