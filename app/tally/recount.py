"""A second, independent count: plain loops, exact fractions, no code shared with the first.

It exists to disagree. The service runs both on every result and publishes nothing while they differ.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from app.tally.model import CountInput, Fill, Points, Priority, Rule, TieOrder


@dataclass(frozen=True)
class Recount:
    """What the second count says: ids in the order of the rule's steps, and in the published order."""

    funded: tuple[str, ...]
    priority: tuple[str, ...]


def recount(given: CountInput) -> Recount:
    """Count again."""
    counter = _Counter(given)
    if given.spec.rule is Rule.GREEDY:
        funded = counter.down_the_list(counter.by_points(), given.budget, greedy=True)
    else:
        funded = counter.equal_shares()
        if given.spec.fill is Fill.K_BORDA:
            left = (given.budget or 0) - sum(given.projects[each].cost for each in funded)
            rest = [each for each in counter.by_points() if each not in funded]
            funded += counter.down_the_list(rest, left, greedy=False)
    published = funded
    if given.spec.priority is Priority.SUPPORT:
        published = [each for each in counter.by_points() if each in funded]
    return Recount(
        tuple(given.projects[each].id for each in funded),
        tuple(given.projects[each].id for each in published),
    )


class _Counter:
    """A counter at a table with the ballots, a sheet of points and a sheet of backers."""

    def __init__(self, given: CountInput) -> None:
        self.given = given
        self.spec = given.spec
        self.points = [0] * len(given.projects)
        self.backers = [0] * len(given.projects)
        for ballot in given.ballots:
            worth = len(ballot) if self.spec.points is Points.OWN_LENGTH else self.spec.max_rank
            for project in ballot:
                self.points[project] += worth
                self.backers[project] += 1
                worth -= 1

    def electable(self, project: int) -> bool:
        """Whether any rule may fund it."""
        return self.backers[project] > 0 and not self.given.projects[project].withdrawn

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

    def more_wanted(self, one: int, other: int) -> bool:
        """Whether ``one`` stands before ``other`` by points."""
        if self.points[one] != self.points[other]:
            return self.points[one] > self.points[other]
        return self.goes_first(one, other)

    def by_points(self) -> list[int]:
        """Every project, sorted by insertion."""
        order: list[int] = []
        for project in range(len(self.given.projects)):
            at = 0
            while at < len(order) and self.more_wanted(order[at], project):
                at += 1
            order.insert(at, project)
        return order

    def down_the_list(self, candidates: list[int], money: int | None, *, greedy: bool) -> list[int]:
        """Take what fits; threshold and stopping belong to the rule greedy, not to a fill."""
        taken: list[int] = []
        for project in candidates:
            cost = self.given.projects[project].cost
            least = self.spec.threshold if greedy else None
            if not self.electable(project) or (least is not None and self.points[project] < least):
                continue
            if money is None:
                taken.append(project)
            elif cost <= money:
                taken.append(project)
                money -= cost
            elif greedy and not self.spec.skip:
                break
        return taken

    def equal_shares(self) -> list[int]:
        """Equal Shares over expanding ranks; voters with equal ballots walk together, with equal purses."""
        people: dict[tuple[int, ...], int] = {}
        for ballot in self.given.ballots:
            people[ballot] = people.get(ballot, 0) + 1
        purse = {ballot: Fraction(self.given.budget or 0, len(self.given.ballots)) for ballot in people}
        funded: list[int] = []
        for rank in range(1, max([len(ballot) for ballot in people], default=0) + 1):
            backing: dict[int, list[tuple[int, ...]]] = {}
            for ballot in people:
                for project in ballot[:rank]:
                    if self.electable(project) and project not in funded:
                        backing.setdefault(project, []).append(ballot)
            while backing:
                prices = {
                    project: _price(
                        self.given.projects[project].cost, [(purse[each], people[each]) for each in ballots]
                    )
                    for project, ballots in backing.items()
                }
                winner = _first(prices, self.goes_first)
                if winner is None:
                    break
                project, price = winner
                for ballot in backing.pop(project):
                    purse[ballot] = max(purse[ballot] - price, Fraction(0))
                funded.append(project)
        return funded


def _first(
    prices: dict[int, Fraction | None], goes_first: Callable[[int, int], bool]
) -> tuple[int, Fraction] | None:
    best: tuple[int, Fraction] | None = None
    for project, price in prices.items():
        if price is None:
            continue
        if best is None or price < best[1] or (price == best[1] and goes_first(project, best[0])):
            best = (project, price)
    return best


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
