"""A second, independent count: plain loops, exact fractions, no code shared with the first.

It exists to disagree. The service runs both on every result and publishes nothing while they differ.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from app.tally.model import (
    Completion,
    CountInput,
    Fill,
    Forced,
    Points,
    Priority,
    Rule,
    TieOrder,
    Unranked,
    Until,
)
from app.tally.outcome import CompletionOutcome

Money = int | None


@dataclass(frozen=True)
class Recount:
    """What the second count says: ids in the order of the rule's steps, and in the published order.

    Attributes:
        completion_holds: whether shares could be raised exactly as far as the first count says.
    """

    funded: tuple[str, ...]
    priority: tuple[str, ...]
    completion_holds: bool


def recount(given: CountInput, claimed: CompletionOutcome | None = None) -> Recount:
    """Count again.

    Args:
        given: the input of the count.
        claimed: how far the first count says that shares could be raised. Then only the pots it names are tried, those
            just before them, and the one after the last. Without it every step is.
    """
    counter = _Counter(given)
    rule = given.spec.rule
    if rule is Rule.GREEDY:
        counter.go_down(counter.by_points(), skip=given.spec.skip)
    elif rule is Rule.SCHULZE:
        counter.go_down(counter.by_duels(), skip=given.spec.skip)
    elif rule is Rule.PB_EAR:
        counter.expanding_approvals()
    else:
        counter.equal_shares(claimed)
    if given.spec.fill is Fill.K_BORDA:
        affordable = [each for each in counter.by_points() if counter.cost(each) <= counter.budget]
        counter.go_down(affordable, skip=True)
    funded = counter.funded
    if given.spec.comparison:
        funded = counter.preferred()
    published = funded
    if given.spec.priority is Priority.SUPPORT:
        order = counter.by_duels() if rule is Rule.SCHULZE else counter.by_points()
        published = [each for each in order if each in funded]
    return Recount(
        tuple(given.projects[each].id for each in funded),
        tuple(given.projects[each].id for each in published),
        counter.holds,
    )


class _Counter:
    """A counter at a table with the ballots, a sheet of points, a sheet of backers and the money."""

    def __init__(self, given: CountInput) -> None:
        self.given = given
        self.spec = given.spec
        self.people: dict[tuple[int, ...], int] = {}
        for ballot in given.ballots:
            self.people[ballot] = self.people.get(ballot, 0) + 1
        self.voters = len(given.ballots)
        self.backers = [0] * len(given.projects)
        self.points = [0] * len(given.projects)
        for ballot, people in self.people.items():
            for place, project in enumerate(ballot):
                self.backers[project] += people
                self.points[project] += people * self.worth(place, len(ballot))
        if given.given_points is not None:
            self.points = list(given.given_points)
        self.holds = True
        self.begin()

    def begin(self) -> None:
        """Set aside what was decided before the vote."""
        self.funded: list[int] = []
        self.money: Money = self.given.budget
        self.parted = False
        for project, each in enumerate(self.given.projects):
            if each.forced is Forced.IN:
                self.take(project)
        self.budget = self.money or 0

    def worth(self, place: int, length: int) -> int:
        """What a place of a ballot earns."""
        if self.spec.points is Points.APPROVAL:
            return 1
        return (length if self.spec.points is Points.OWN_LENGTH else self.spec.max_rank) - place

    def cost(self, project: int) -> int:
        """Of a project."""
        return self.given.projects[project].cost

    def take(self, project: int) -> None:
        """Fund a project."""
        self.funded.append(project)
        if self.money is not None:
            self.money -= self.cost(project)

    def open(self, project: int, funded: Iterable[int]) -> bool:
        """Whether a project can still be funded beside others."""
        each = self.given.projects[project]
        least = self.spec.threshold
        return (
            self.backers[project] > 0
            and not each.withdrawn
            and each.forced is None
            and (least is None or self.points[project] >= least)
            and project not in funded
            and not any(each.group and each.group == self.given.projects[other].group for other in funded)
        )

    def goes_first(self, one: int, other: int) -> bool:
        """Whether ``one`` wins a tie against ``other``."""
        if self.spec.ties is TieOrder.ROW:
            return one < other
        mine, theirs = self.given.projects[one], self.given.projects[other]
        if mine.cost != theirs.cost:
            return mine.cost < theirs.cost
        if self.backers[one] != self.backers[other]:
            return self.backers[one] > self.backers[other]
        if self.spec.ties is TieOrder.COST_BACKERS_ROW:
            return one < other
        return _draw(self.spec.seed, mine.id) < _draw(self.spec.seed, theirs.id)

    def first(self, projects: Iterable[int]) -> int:
        """The one that wins all ties."""
        best: int | None = None
        for project in projects:
            if best is None or self.goes_first(project, best):
                best = project
        assert best is not None
        return best

    def by_points(self) -> list[int]:
        """Every project, the one with most points first."""
        order: list[int] = []
        rest = list(range(len(self.given.projects)))
        while rest:
            most = max(self.points[project] for project in rest)
            order.append(self.first(project for project in rest if self.points[project] == most))
            rest.remove(order[-1])
        return order

    def by_duels(self) -> list[int]:
        """Every project in Schulze's order."""
        every = range(len(self.given.projects))
        wins = {(p, q): 0 for p in every for q in every}
        for ballot, people in self.people.items():
            for place, p in enumerate(ballot):
                for q in every:
                    if q not in ballot[: place + 1]:
                        wins[p, q] += people
        path = {(p, q): wins[p, q] if wins[p, q] > wins[q, p] else 0 for p, q in wins}
        for k in every:
            for p in every:
                for q in every:
                    path[p, q] = max(path[p, q], min(path[p, k], path[k, q]))
        order: list[int] = []
        rest = list(every)
        while rest:
            order.append(
                self.first(p for p in rest if not any(path[q, p] > path[p, q] for q in rest if q != p))
            )
            rest.remove(order[-1])
        return order

    def go_down(self, order: list[int], *, skip: bool) -> None:
        """Take what fits."""
        for project in order:
            if not self.open(project, self.funded):
                continue
            if self.money is None or self.cost(project) <= self.money:
                self.take(project)
            elif self.enough_for_a_part(project):
                self.funded.append(project)
                self.money, self.parted = 0, True
                if not skip:
                    break
            elif not skip:
                break

    def enough_for_a_part(self, project: int) -> bool:
        """Whether the last money goes to a project that it does not pay in full."""
        percent = self.spec.part_percent
        if percent is None or not self.money or self.parted:
            return False
        return 100 * self.money >= percent * self.cost(project)

    # --- Equal Shares -----------------------------------------------------------------------------------------------

    def equal_shares(self, claimed: CompletionOutcome | None) -> None:
        """With the completion the round asks for."""
        budget = self.money or 0
        if self.spec.completion is Completion.NONE:
            bought = self.bought(budget)
        elif claimed is not None:
            bought = self.bought(claimed.pot)
            self.holds = self.claim_holds(claimed, budget)
        else:
            start, step = self.grid(budget)
            pot, bought = start, self.bought(start)
            while not self.ends(bought, budget):
                pot += step
                more = self.bought(pot)
                if self.together(more) > budget:
                    break
                bought = more
        for project in bought:
            self.take(project)

    def grid(self, budget: int) -> tuple[int, int]:
        """The first pot, and by how much it rises."""
        if self.spec.share_unit:
            step = self.spec.share_unit * max(self.voters, 1)
            return budget - budget % step, step
        return budget, max((budget + 9_999) // 10_000, 1)

    def together(self, projects: Iterable[int]) -> int:
        """What projects cost together."""
        return sum(self.cost(project) for project in projects)

    def ends(self, bought: list[int], budget: int) -> bool:
        """Whether a completion goes no further, whatever the next pot would buy."""
        funded = self.funded + bought
        left = [each for each in range(len(self.given.projects)) if self.open(each, funded)]
        most = budget if self.spec.until is Until.INFEASIBLE else budget - self.together(bought)
        left = [each for each in left if self.cost(each) <= most]
        return not left

    def claim_holds(self, claimed: CompletionOutcome, budget: int) -> bool:
        """Whether the pots that the first count names are what it says."""
        start, step = self.grid(budget)
        fits = [(claimed.start, claimed.step) == (start, step), claimed.changes[0][0] == start]
        before: list[int] | None = None
        for pot, spent, number in claimed.changes:
            here = self.bought(pot)
            fits += [(pot - start) % step == 0, self.together(here) == spent <= budget, len(here) == number]
            if before is not None:
                fits += [self.bought(pot - step) == before != here, not self.ends(before, budget)]
            before = here
        fits.append(before == self.bought(claimed.pot))
        if claimed.next is None:
            fits.append(self.ends(before or [], budget))
        else:
            over = self.together(self.bought(claimed.next)) > budget
            fits += [claimed.next == claimed.pot + step, over, not self.ends(before or [], budget)]
        return all(fits)

    def bought(self, pot: int) -> list[int]:
        """Equal Shares with a pot; voters with equal ballots walk together, with equal purses."""
        purse = {ballot: Fraction(pot, max(self.voters, 1)) for ballot in self.people}
        longest = max([len(ballot) for ballot in self.people], default=0)
        by_cost = self.spec.rule is Rule.MES
        bought: list[int] = []
        for rank in [longest] if by_cost else range(1, longest + 1):
            while True:
                prices: dict[int, Fraction] = {}
                for project, ballots in self.backing(rank, self.funded + bought).items():
                    price = _price(self.cost(project), [(purse[each], self.people[each]) for each in ballots])
                    if price is not None:
                        prices[project] = price
                if not prices:
                    break
                ratios = {
                    p: price / max(self.cost(p), 1) if by_cost else price for p, price in prices.items()
                }
                lowest = min(ratios.values())
                project = self.first(p for p in ratios if ratios[p] == lowest)
                for ballot in self.backing(rank, self.funded + bought)[project]:
                    purse[ballot] = max(purse[ballot] - prices[project], Fraction(0))
                bought.append(project)
        return bought

    def backing(self, rank: int, funded: list[int]) -> dict[int, list[tuple[int, ...]]]:
        """Who backs what can still be funded."""
        found: dict[int, list[tuple[int, ...]]] = {}
        for ballot in self.people:
            for project in ballot[:rank]:
                found.setdefault(project, []).append(ballot)
        return {
            project: ballots
            for project, ballots in found.items()
            if self.open(project, funded) and self.cost(project) <= self.budget
        }

    def preferred(self) -> list[int]:
        """What is funded now, or what greedy would fund, where more voters like that better."""
        shares = self.funded
        self.begin()
        self.go_down(self.by_points(), skip=True)
        for_shares = for_greedy = 0
        for ballot, people in self.people.items():
            mine, theirs = (
                self.together(each for each in ballot if each in set_) for set_ in (shares, self.funded)
            )
            for_shares += people * (mine > theirs)
            for_greedy += people * (theirs > mine)
        return self.funded if for_greedy > for_shares else shares

    # --- expanding approvals ----------------------------------------------------------------------------------------

    def expanding_approvals(self) -> None:
        """PB-EAR; every ballot weighs one vote."""
        left = dict.fromkeys(self.people, Fraction(1))
        budget = self.money or 0
        longest = max([len(ballot) for ballot in self.people], default=0)
        last = longest + (self.spec.unranked is Unranked.LAST)
        for rank in range(1, last + 1):
            while True:
                backing = self.backing(rank, self.funded)
                if rank > longest:
                    backing = {project: list(self.people) for project in backing}
                votes: dict[int, Fraction] = {}
                for project, ballots in backing.items():
                    total = sum((left[each] * self.people[each] for each in ballots), Fraction(0))
                    enough = self.cost(project) <= (self.money or 0) and (
                        total * budget >= self.voters * self.cost(project)
                    )
                    if enough:
                        votes[project] = total
                if not votes:
                    break
                most = max(votes.values())
                project = self.first(p for p in votes if votes[p] == most)
                if self.cost(project):
                    kept = 1 - Fraction(self.voters * self.cost(project), budget) / most
                    for ballot in backing[project]:
                        left[ballot] *= kept
                self.take(project)


def _price(cost: int, purses: list[tuple[Fraction, int]]) -> Fraction | None:
    """The payment at which everybody pays the same, or all they have; none when together they have too little."""
    if sum(amount * people for amount, people in purses) < cost:
        return None
    paying, owed = purses, Fraction(cost)
    while True:
        price = owed / sum(people for _, people in paying)
        poor = [(amount, people) for amount, people in paying if amount < price]
        if not poor:
            return price
        owed -= sum(amount * people for amount, people in poor)
        paying = [(amount, people) for amount, people in paying if amount >= price]


def _draw(seed: str, project_id: str) -> tuple[str, str]:
    return hashlib.sha256((seed + "\0" + project_id).encode("utf-8")).hexdigest(), project_id
