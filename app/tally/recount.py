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
    """What the second count says."""

    funded: tuple[str, ...]
    priority: tuple[str, ...]


def recount(given: CountInput) -> Recount:
    """Count again."""
    spec = given.spec
    ids = [project.id for project in given.projects]
    costs = [project.cost for project in given.projects]
    points = [0] * len(ids)
    backers = [0] * len(ids)
    for ballot in given.ballots:
        place = 0
        for project in ballot:
            points[project] += (len(ballot) if spec.points is Points.OWN_LENGTH else spec.max_rank) - place
            backers[project] += 1
            place += 1

    def before(one: int, other: int) -> bool:
        if spec.ties is TieOrder.ROW:
            return one < other
        if costs[one] != costs[other]:
            return costs[one] < costs[other]
        if backers[one] != backers[other]:
            return backers[one] > backers[other]
        if spec.ties is TieOrder.COST_BACKERS_ROW:
            return one < other
        return _draw(spec.seed, ids[one]) < _draw(spec.seed, ids[other])

    def more_wanted(one: int, other: int) -> bool:
        return points[one] > points[other] or (points[one] == points[other] and before(one, other))

    by_points: list[int] = []
    for project in range(len(ids)):
        at = 0
        while at < len(by_points) and more_wanted(by_points[at], project):
            at += 1
        by_points.insert(at, project)

    def down_the_list(candidates: list[int], money: int | None) -> list[int]:
        taken: list[int] = []
        for project in candidates:
            if backers[project] == 0 or (spec.threshold is not None and points[project] < spec.threshold):
                continue
            if money is not None and costs[project] > money:
                if spec.skip:
                    continue
                break
            taken.append(project)
            money = None if money is None else money - costs[project]
        return taken

    if spec.rule is Rule.GREEDY:
        funded = down_the_list(by_points, given.budget)
    else:
        funded = _equal_shares(given, before)
        if spec.fill is Fill.K_BORDA:
            left = (given.budget or 0) - sum(costs[project] for project in funded)
            funded = funded + down_the_list([p for p in by_points if p not in funded], left)
    published = funded if spec.priority is Priority.PURCHASE else [p for p in by_points if p in funded]
    return Recount(tuple(ids[p] for p in funded), tuple(ids[p] for p in published))


def _equal_shares(given: CountInput, before: Callable[[int, int], bool]) -> list[int]:
    """Equal Shares over expanding ranks, voter by voter (equal ballots walk together, as one entry with a count)."""
    groups: dict[tuple[int, ...], int] = {}
    for ballot in given.ballots:
        groups[ballot] = groups.get(ballot, 0) + 1
    voters = len(given.ballots)
    money = {ballot: Fraction(given.budget or 0, voters) for ballot in groups}
    funded: list[int] = []
    for depth in range(1, max([len(ballot) for ballot in groups], default=0) + 1):
        who_backs: dict[int, list[tuple[int, ...]]] = {}
        for ballot in groups:
            for project in ballot[:depth]:
                who_backs.setdefault(project, []).append(ballot)
        while True:
            best: tuple[Fraction, int] | None = None
            for project in sorted(who_backs):
                if project in funded:
                    continue
                price = _price(
                    given.projects[project].cost, [(money[b], groups[b]) for b in who_backs[project]]
                )
                if price is None:
                    continue
                if best is None or price < best[0] or (price == best[0] and before(project, best[1])):
                    best = (price, project)
            if best is None:
                break
            price, project = best
            funded.append(project)
            for ballot in who_backs[project]:
                money[ballot] = max(money[ballot] - price, Fraction(0))
    return funded


def _price(cost: int, held: list[tuple[Fraction, int]]) -> Fraction | None:
    """The payment at which everybody pays the same, or all they have."""
    if sum(amount * people for amount, people in held) < cost:
        return None
    paying = list(held)
    owed = Fraction(cost)
    while True:
        price = owed / sum(people for _, people in paying)
        poor = [(amount, people) for amount, people in paying if amount < price]
        if not poor:
            return price
        owed -= sum(amount * people for amount, people in poor)
        paying = [(amount, people) for amount, people in paying if amount >= price]


def _draw(seed: str, project_id: str) -> str:
    return hashlib.sha256((seed + "\0" + project_id).encode("utf-8")).hexdigest() + project_id
