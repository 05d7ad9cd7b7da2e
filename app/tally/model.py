"""What goes into a count: projects with whole costs, ballots, a rule, a way to settle ties."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, cast

from app.tally.errors import MalformedInput

if TYPE_CHECKING:
    from app.tally.ballots import Ballots, Profile


class Rule(StrEnum):
    """A method that turns ballots into a funded set."""

    GREEDY = "greedy"
    RANK_MES = "rank-mes"
    #: Equal Shares for approvals: whatever is listed is approved, and worth its cost.
    MES = "mes"
    SCHULZE = "schulze"
    PB_EAR = "pb-ear"


#: Rules that divide the budget among the voters.
SHARING = frozenset({Rule.RANK_MES, Rule.MES, Rule.PB_EAR})
#: Rules that go down one list.
LISTING = frozenset({Rule.GREEDY, Rule.SCHULZE})


class Points(StrEnum):
    """What the j-th place (from 0) of a ballot of length L earns, of at most k places."""

    OWN_LENGTH = "own-length"  # L - j
    FIXED_K = "fixed-k"  # k - j
    APPROVAL = "approval"  # 1
    GIVEN = "given"  # what the voter wrote beside it


class Completion(StrEnum):
    """What Equal Shares does when no backers can pay any more."""

    NONE = "none"
    #: Raise everybody's share, as long as the outcome fits the budget.
    ADD1 = "add1"


class Until(StrEnum):
    """When a completion ends."""

    #: Before the first outcome that is over the budget.
    INFEASIBLE = "infeasible"
    #: Then, or earlier at the first outcome beside which nothing more fits.
    EXHAUSTIVE = "exhaustive"


class Fill(StrEnum):
    """What happens to money the rule leaves over."""

    NONE = "none"
    K_BORDA = "k-borda"


class Unranked(StrEnum):
    """When PB-EAR lets voters back what they did not rank."""

    NEVER = "never"
    #: After the last place, all of it at once.
    LAST = "last"


class Forced(StrEnum):
    """What was decided about a project before the vote."""

    IN = "in"
    OUT = "out"


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
        group: of several projects with the same group only one can be funded; empty is no group.
        forced: what was decided about it before the vote, if anything.
    """

    id: str
    cost: int
    withdrawn: bool = False
    group: str = ""
    forced: Forced | None = None


@dataclass(frozen=True)
class RuleSpec:
    """A rule and its parameters.

    Attributes:
        rule: the method.
        points: point convention of k-Borda (greedy itself, the fill, and the support order).
        max_rank: k, the most places a ballot of this round can have.
        skip: go on past a project that does not fit; without it the first such project ends the list.
        threshold: fewest points a project needs to be considered at all.
        completion: what Equal Shares does when no backers can pay any more.
        until: when the completion ends.
        share_unit: minor units to which a voter's share is rounded down before the completion, and by which it
            then rises step by step (the `.pb` files' "integral start"). 0: shares begin at exactly budget / n, and
            all shares together rise by a ten-thousandth of the budget at a time, rounded up to a minor unit.
        fill: what happens with money left over.
        comparison: with `mes`, greedy's outcome is taken where strictly more voters prefer it.
        part_percent: going down a list, the first project that does not fit still gets all that is left, where
            this is at least so many percent of its cost.
        unranked: when PB-EAR lets voters back what they did not rank.
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
    completion: Completion = Completion.NONE
    until: Until = Until.INFEASIBLE
    share_unit: int = 0
    fill: Fill = Fill.NONE
    comparison: bool = False
    part_percent: int | None = None
    unranked: Unranked = Unranked.NEVER
    priority: Priority = Priority.SUPPORT
    ties: TieOrder = TieOrder.COST_BACKERS_LOT
    seed: str = ""

    def __post_init__(self) -> None:
        listing, sharing = self.rule in LISTING, self.rule in SHARING
        shares = self.rule in {Rule.RANK_MES, Rule.MES}
        completed = self.completion is not Completion.NONE
        rules = (
            (self.skip or listing, "stopping at what does not fit is a setting of greedy and schulze"),
            (self.fill is Fill.NONE or sharing, "a fill is a setting of Equal Shares and pb-ear"),
            (not completed or shares, "a completion is a setting of Equal Shares"),
            (completed or self.until is Until.INFEASIBLE, "until says when a completion ends"),
            (completed or not self.share_unit, "a share unit is a setting of a completion"),
            (not self.comparison or self.rule is Rule.MES, "the comparison is a setting of mes"),
            (self.unranked is Unranked.NEVER or self.rule is Rule.PB_EAR, "unranked is a setting of pb-ear"),
            (self.part_percent is None or listing or self.fill is not Fill.NONE,
             "funding in part is a setting of going down a list"),
            (self.part_percent is None or 0 < self.part_percent < 100, "a part is 1 to 99 percent"),  # noqa: PLR2004
            (self.share_unit >= 0, "a share unit is not below zero"),
        )  # fmt: skip
        for holds, message in rules:
            if not holds:
                raise MalformedInput(message)


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
        given_points: where voters give points (`Points.GIVEN`): how many each project got.

    Raises:
        MalformedInput: an id that is empty, no text or repeated, an amount below zero, a rule that divides a budget
            without one, a ranking that repeats a project, leaves the list or is too long, projects forced in that
            the budget does not pay for or that exclude each other, points where there are none.
    """

    projects: Sequence[Project]
    ballots: Sequence[tuple[int, ...]]
    budget: int | None
    spec: RuleSpec
    given_points: Sequence[int] | None = None

    def __post_init__(self) -> None:
        from app.tally.ballots import Ballots  # noqa: PLC0415 - who names a rule needs no arrays

        self._check_amounts()
        self._check_names()
        try:
            object.__setattr__(self, "ballots", Ballots.of(self.ballots))
        except (OverflowError, ValueError) as error:
            raise MalformedInput("a ranking names a project that is not on the list") from error
        self._check_ballots()
        self._check_forced()
        if (self.given_points is not None) != (self.spec.points is Points.GIVEN):
            raise MalformedInput("given points go with the convention that counts them")
        if self.given_points is not None and len(self.given_points) != len(self.projects):
            raise MalformedInput("every project has its given points")

    def _check_amounts(self) -> None:
        if any(project.cost < 0 for project in self.projects):
            raise MalformedInput("a cost is below zero")
        if self.budget is None and self.spec.rule in SHARING:
            raise MalformedInput("a rule that divides the budget among the voters needs one")
        if self.budget is not None and self.budget < 0:
            raise MalformedInput("the budget is below zero")

    def _check_names(self) -> None:
        if len({project.id for project in self.projects}) != len(self.projects):
            raise MalformedInput("a project stands on the list twice")
        if any(not project.id for project in self.projects):
            raise MalformedInput("a project has no id")
        try:
            "".join((self.spec.seed, *(f"{each.id}{each.group}" for each in self.projects))).encode()
        except UnicodeEncodeError as error:
            raise MalformedInput("an id, a group or the seed contains half a character") from error

    def _check_ballots(self) -> None:
        ballots = self.packed
        if ballots.lengths.max(initial=0) > self.spec.max_rank:
            raise MalformedInput("a ranking repeats a project or is too long")
        if ballots.listed.min(initial=0) < 0 or ballots.listed.max(initial=-1) >= len(self.projects):
            raise MalformedInput("a ranking names a project that is not on the list")
        if ballots.any_repeats(len(self.projects)):
            raise MalformedInput("a ranking repeats a project or is too long")

    def _check_forced(self) -> None:
        forced = [project for project in self.projects if project.forced is Forced.IN]
        if any(project.withdrawn for project in forced):
            raise MalformedInput("a project that was taken back is forced in")
        if self.budget is not None and sum(project.cost for project in forced) > self.budget:
            raise MalformedInput("the budget does not pay for the projects that are forced in")
        if any(number > 1 for number in Counter(each.group for each in forced if each.group).values()):
            raise MalformedInput("two projects of a group are forced in")

    @property
    def packed(self) -> "Ballots":
        """The ballots, packed."""
        return cast("Ballots", self.ballots)

    @cached_property
    def profile(self) -> "Profile":
        """Each different ballot and how many voters cast it, in an order that does not depend on theirs."""
        from app.tally.ballots import Profile  # noqa: PLC0415 - see above

        return Profile.of(self.packed)
