"""rank-MES: the Method of Equal Shares over expanding ranks.

Every voter has the same share, budget / n. For r = 1, 2, ... a project's backers are those who rank it among their
first r. While the backers of some project can pay for it together, the project with the lowest payment per backer is
funded: each backer pays that amount, or all they have left if it is less. Nobody pays for what they did not rank.

Source: D. Peters, G. Pierczyński, P. Skowron, "Proportional Participatory Budgeting with Additive Utilities",
arXiv 2008.13276; a member of the expanding-approvals family of H. Aziz and B. Lee, arXiv 1911.00864, and so it
satisfies Inclusion-PSC: a group that agrees on its first choices gets its part of the budget.

Payments are exact rationals. Floating point only proposes who comes next; what lies closer together than one part in
10⁹ is decided exactly, and what is paid is always exact.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from app.tally.greedy import Selection, take_by_points
from app.tally.model import Fill
from app.tally.outcome import Reason, Step, Tie
from app.tally.support import Support

NEAR = 1e-9

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass
class _Purse:
    """What voters have left. Voters with equal rankings always have equal money, so one entry serves them all."""

    rankings: list[tuple[int, ...]]
    counts: list[int]
    exact: list[Fraction]
    approximate: Floats = field(init=False)
    weights: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.approximate = np.array([float(money) for money in self.exact], dtype=np.float64)
        self.weights = np.array(self.counts, dtype=np.float64)

    def total(self, who: Positions) -> Fraction:
        """The money of some voters together, exactly."""
        return sum((self.exact[i] * self.counts[i] for i in who), Fraction())

    def price(self, who: Positions, cost: int) -> Fraction | None:
        """The least payment per backer at which ``who`` can pay ``cost``, exactly; none when they cannot."""
        money = sorted((self.exact[i], self.counts[i]) for i in who)
        rest, payers = Fraction(cost), sum(count for _, count in money)
        for held, count in money:
            if held * payers >= rest:
                return rest / payers
            rest -= held * count
            payers -= count
        return None

    def estimated_price(self, who: Positions, cost: int) -> float:
        """`price` in floating point; infinity when the money is short beyond doubt."""
        if len(who) == 0:
            return float("inf")
        order = np.argsort(self.approximate[who], kind="stable")
        money, weight = self.approximate[who][order], self.weights[who][order]
        paid = np.concatenate(([0.0], np.cumsum(money * weight)[:-1]))
        payers = np.cumsum(weight[::-1])[::-1]
        enough = money * payers >= (cost - paid) * (1 - NEAR)
        if not enough.any():
            return float("inf")
        first = int(np.argmax(enough))
        return float((cost - paid[first]) / payers[first])

    def pay(self, who: Positions, price: Fraction) -> int:
        """Take the payment from each backer; returns how many voters paid all they had."""
        emptied = 0
        for i in who:
            payment = min(self.exact[i], price)
            self.exact[i] -= payment
            if self.exact[i] == 0:
                emptied += self.counts[i]
            self.approximate[i] = float(self.exact[i])
        return emptied


def rank_mes(support: Support) -> Selection:
    """Run rank-MES without completion, then the fill the round asks for."""
    given = support.given
    assert given.budget is not None
    distinct = support.distinct
    share = Fraction(given.budget, support.voters) if support.voters else Fraction()
    purse = _Purse(list(distinct), list(distinct.values()), [share] * len(distinct))
    selection = Selection([], {}, [], [], given.budget)
    left = given.budget
    places = max((len(ballot) for ballot in distinct), default=0)
    for rank in range(1, places + 1):
        backers = _backers(purse.rankings, len(given.projects), rank)
        prices = {
            p: purse.estimated_price(backers[p], given.projects[p].cost)
            for p in range(len(given.projects))
            if p not in selection.reasons
        }
        while (chosen := _cheapest(support, purse, backers, prices, selection.ties)) is not None:
            position, price = chosen
            del prices[position]
            purse.pay(backers[position], price)
            cost = given.projects[position].cost
            count = sum(purse.counts[i] for i in backers[position])
            facts = {"rank": rank, "backers": count, "price": _text(price), "left": left - cost}
            selection.steps.append(
                Step(
                    given.projects[position].id,
                    "funded",
                    left,
                    left - cost,
                    {"because": "funded_by_backers", **facts},
                )
            )
            left -= cost
            selection.funded.append(position)
            selection.reasons[position] = Reason("funded_by_backers", facts)
    everybody = _backers(purse.rankings, len(given.projects), places)
    rest = [p for p in support.order if p not in selection.reasons]
    if given.spec.fill is Fill.K_BORDA:
        filled = take_by_points(support, rest, left, code="filled_by_points")
        return Selection(
            selection.funded + filled.funded,
            selection.reasons | filled.reasons,
            selection.steps + filled.steps,
            selection.ties + filled.ties,
            filled.left,
        )
    for position in rest:
        reason = _why_not(support, purse, everybody[position], position)
        selection.reasons[position] = reason
        selection.steps.append(
            Step(
                given.projects[position].id,
                "passed_over",
                left,
                left,
                {"because": reason.code, **reason.facts},
            )
        )
    return Selection(selection.funded, selection.reasons, selection.steps, selection.ties, left)


def _backers(rankings: list[tuple[int, ...]], projects: int, rank: int) -> list[Positions]:
    found: list[list[int]] = [[] for _ in range(projects)]
    for index, ranking in enumerate(rankings):
        for position in ranking[:rank]:
            found[position].append(index)
    return [np.array(indexes, dtype=np.int64) for indexes in found]


def _cheapest(
    support: Support, purse: _Purse, backers: list[Positions], prices: dict[int, float], ties: list[Tie]
) -> tuple[int, Fraction] | None:
    """The affordable project with the lowest payment per backer, and that payment.

    ``prices`` are lower bounds: money only shrinks, so an estimate is made anew only when it would win.
    """
    projects = support.given.projects
    fresh: set[int] = set()
    while True:
        best = min(prices.values(), default=float("inf"))
        if best == float("inf"):
            return None
        near = [p for p, price in prices.items() if price <= best * (1 + 2 * NEAR)]
        stale = [p for p in near if p not in fresh]
        if stale:
            for position in stale:
                prices[position] = purse.estimated_price(backers[position], projects[position].cost)
                fresh.add(position)
            continue
        exact = {p: purse.price(backers[p], projects[p].cost) for p in near}
        affordable = {p: price for p, price in exact.items() if price is not None}
        for position in set(near) - set(affordable):
            prices[position] = float("inf")
        if not affordable:
            continue
        lowest = min(affordable.values())
        equal = sorted((p for p, price in affordable.items() if price == lowest), key=support.tie_key)
        if len(equal) > 1:
            ties.append(Tie(tuple(projects[p].id for p in equal), support.tie_reason(equal[0], equal[1])))
        return equal[0], lowest


def _why_not(support: Support, purse: _Purse, who: Positions, position: int) -> Reason:
    if support.backers[position] == 0:
        return Reason("no_support", {})
    held = purse.total(who)
    cost = support.given.projects[position].cost
    return Reason(
        "backers_out_of_money",
        {"backers": support.backers[position], "held": int(held), "missing": cost - int(held), "cost": cost},
    )


def _text(amount: Fraction) -> str:
    """A rational as ``numerator/denominator``, or as a whole number."""
    return str(amount)
