"""What goes into a count: projects with whole costs, ranked ballots, a rule, a way to settle ties."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.tally.errors import MalformedInput


class Rule(StrEnum):
    """A method that turns ballots into a funded set."""

    GREEDY = "greedy"
    RANK_MES = "rank-mes"


class Points(StrEnum):
    """What the j-th place (from 0) of a ballot of length L earns, of at most k places."""

    OWN_LENGTH = "own-length"  # L - j
    FIXED_K = "fixed-k"  # k - j


class Fill(StrEnum):
    """What happens to money the rule leaves over."""

    NONE = "none"
    K_BORDA = "k-borda"


class Priority(StrEnum):
    """Which order numbers the published list."""

    SUPPORT = "support"
    PURCHASE = "purchase"


class TieOrder(StrEnum):
    """What settles a tie, in order."""

    #: Own rounds: lower cost, more backers, then a lot drawn from a published seed.
    COST_BACKERS_LOT = "cost-backers-lot"
    #: `.pb` files under Equal Shares: lower cost, more backers, then the row in the file.
    COST_BACKERS_ROW = "cost-backers-row"
    #: `.pb` files under greedy, and rounds that say so: the row in the list.
    ROW = "row"


@dataclass(frozen=True)
class Project:
    """A project to choose from.

    Attributes:
        id: its name in ballots, results and the lot.
        cost: in minor units (fen, grosz, cent).
        withdrawn: taken back after the list was published; it keeps its points and is never funded.
    """

    id: str
    cost: int
    withdrawn: bool = False


@dataclass(frozen=True)
class RuleSpec:
    """A rule and its parameters.

    Attributes:
        rule: the method.
        points: point convention of k-Borda (greedy itself, the fill, and the support order).
        max_rank: k, the most places a ballot of this round can have.
        skip: greedy goes on past a project that does not fit; without it the first such project ends the list.
        threshold: fewest points a project needs under greedy.
        fill: what Equal Shares does with money left over.
        priority: which order the published list follows.
        ties: what settles a tie.
        seed: the published seed of the lot.

    Raises:
        MalformedInput: a parameter of another rule is set, so that it would be silently without effect.
    """

    rule: Rule
    points: Points
    max_rank: int
    skip: bool = True
    threshold: int | None = None
    fill: Fill = Fill.NONE
    priority: Priority = Priority.SUPPORT
    ties: TieOrder = TieOrder.COST_BACKERS_LOT
    seed: str = ""

    def __post_init__(self) -> None:
        if self.rule is not Rule.GREEDY and (not self.skip or self.threshold is not None):
            raise MalformedInput("skipping and a threshold are settings of the rule greedy")
        if self.rule is Rule.GREEDY and self.fill is not Fill.NONE:
            raise MalformedInput("a fill is a setting of Equal Shares")


@dataclass(frozen=True)
class CountInput:
    """Everything an outcome depends on.

    Attributes:
        projects: the list in its published order.
        ballots: rankings as positions in ``projects``, best first, without repetition; an empty one counts as a
            voter who backs nothing.
        budget: in minor units; none means that the order itself is the result, and every project that somebody
            ranked is in it.
        spec: the rule.

    Raises:
        MalformedInput: an id that is empty, no text or repeated, an amount below zero, Equal Shares without a
            budget, a ranking that repeats a project, leaves the list or is too long.
    """

    projects: Sequence[Project]
    ballots: Sequence[tuple[int, ...]]
    budget: int | None
    spec: RuleSpec

    def __post_init__(self) -> None:
        self._check_amounts()
        self._check_names()
        size = len(self.projects)
        for ballot in self.distinct:
            if len(set(ballot)) != len(ballot) or len(ballot) > self.spec.max_rank:
                raise MalformedInput("a ranking repeats a project or is too long")
            if any(not 0 <= position < size for position in ballot):
                raise MalformedInput("a ranking names a project that is not on the list")

    def _check_amounts(self) -> None:
        if any(project.cost < 0 for project in self.projects):
            raise MalformedInput("a cost is below zero")
        if self.budget is None and self.spec.rule is not Rule.GREEDY:
            raise MalformedInput("Equal Shares needs a budget")
        if self.budget is not None and self.budget < 0:
            raise MalformedInput("the budget is below zero")

    def _check_names(self) -> None:
        if len({project.id for project in self.projects}) != len(self.projects):
            raise MalformedInput("a project stands on the list twice")
        if any(not project.id for project in self.projects):
            raise MalformedInput("a project has no id")
        try:
            "".join((self.spec.seed, *(project.id for project in self.projects))).encode()
        except UnicodeEncodeError as error:
            raise MalformedInput("an id or the seed contains half a character") from error

    @cached_property
    def distinct(self) -> Mapping[tuple[int, ...], int]:
        """Each different ranking and how many voters cast it, in an order that does not depend on theirs."""
        return dict(sorted(Counter(self.ballots).items()))
