"""The Method of Equal Shares, over expanding ranks (rank-MES) or for approvals with cost utilities (MES).

Every voter has the same share. Rank-MES: for r = 1, 2, ... a project's backers are those who rank it among their first
r. While the backers of some project can pay for it together, the project with the lowest payment per backer is funded:
each backer pays that amount, or all they have left if it is less. Nobody pays for what they did not rank. MES has one
stage, in which everybody backs all they list, and funds the project with the lowest payment per unit of its cost.

Source: D. Peters, G. Pierczyński, P. Skowron, "Proportional Participatory Budgeting with Additive Utilities",
arXiv 2008.13276; rank-MES is a member of the expanding-approvals family of H. Aziz and B. Lee, arXiv 1911.00864, and
so it satisfies Inclusion-PSC: a group that agrees on its first choices gets its part of the budget.

A pass is run in floating point or exactly (`purses`). Either way it does the same: where floating point cannot tell
two numbers apart it gives up, and the pass is run again exactly. It is fast because money only shrinks within a stage,
so that an old price is a bound for the new one, and few projects are looked at more than once.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from app.tally.horizon import Horizon
from app.tally.model import Rule
from app.tally.purses import NEAR, Amounts, ExactPurses, FloatPurses, Purses, TooClose, Who
from app.tally.support import Support
from app.tally.ties import TieKey


@dataclass(frozen=True)
class Purchase:
    """A project that its backers paid for.

    Attributes:
        position: of the project.
        rank: how far the ballots were read.
        price: what each backer paid, or all they had left if that was less.
        equals: all projects that had the same price then, this one first.
    """

    position: int
    rank: int
    price: Fraction | float
    equals: tuple[int, ...]


@dataclass(frozen=True)
class Pass:
    """Equal Shares with one pot.

    Attributes:
        pot: all shares together, in minor units.
        purchases: in their order.
        purses: what is left.
        horizon: how far the share can rise without changing the purchases, if that was asked for.
    """

    pot: int
    purchases: Sequence[Purchase]
    purses: Purses
    horizon: Horizon | None

    @property
    def funded(self) -> tuple[int, ...]:
        """Positions of the projects, in the order of the purchases."""
        return tuple(purchase.position for purchase in self.purchases)


@dataclass(frozen=True)
class Market:
    """What all passes of a count have in common.

    Attributes:
        support: the ballots.
        candidates: positions of the projects that may be bought.
    """

    support: Support
    candidates: Sequence[int]

    @cached_property
    def stages(self) -> Sequence[int]:
        """How far ballots are read, stage by stage."""
        longest = len(self.support.reach) - 1
        return [longest] if self.support.given.spec.rule is Rule.MES else range(1, longest + 1)

    def backers(self, position: int, rank: int) -> tuple[Who, Amounts]:
        """Who has a project among their first ``rank``, and how many they are."""
        who, voters = self.support.listings[position]
        end = self.support.reach[rank][position]
        return who[:end], voters[:end]

    def worth(self, position: int) -> int:
        """What prices are compared per: a project's cost, or nothing."""
        return max(self.support.given.projects[position].cost, 1) if self._by_cost else 1

    @cached_property
    def _by_cost(self) -> bool:
        return self.support.given.spec.rule is Rule.MES

    def run(self, pot: int, *, exact: bool = False, reach: float | None = None) -> Pass:
        """Run one pass.

        Args:
            pot: all shares together, in minor units.
            exact: do not try floating point first.
            reach: also find out how far the share can rise, at most by so much, without changing the purchases.
        """
        if not exact:
            try:
                return _Run(self, pot, FloatPurses, reach).result()
            except TooClose:
                pass
        return _Run(self, pot, ExactPurses, reach).result()


@dataclass
class _Offer:
    """What was known of a project when it was last looked at; money only shrinks within a stage.

    Attributes:
        price: the payment per backer.
        payers: how many could pay it in full.
        plain: certainly, and the others have nothing, so that the price is exactly the cost by the number of payers.
    """

    price: float
    payers: float
    plain: bool = False


class _Run:
    """One pass at work."""

    def __init__(
        self, market: Market, pot: int, purses: type[FloatPurses] | type[ExactPurses], reach: float | None
    ) -> None:
        self._market = market
        self._pot = pot
        support = market.support
        voters = support.profile.voters
        self._costs = [project.cost for project in support.given.projects]
        self._keys = {position: support.ties.key(position) for position in market.candidates}
        share = Fraction(pot, max(support.voters, 1))
        self._share = float(share)
        self._purses: Purses = purses(share, voters)
        self._horizon = None if reach is None else Horizon(len(voters), support.voters, reach)
        self._waiting = dict.fromkeys(market.candidates)
        self._held = dict.fromkeys(market.candidates, 0.0)
        self._offers: dict[int, _Offer] = {}
        self._purchases: list[Purchase] = []
        self._rank = 0

    def result(self) -> Pass:
        before = 0
        for rank in self._market.stages:
            self._rank = rank
            for position in self._waiting:
                self._widen(position, before)
            self._buy()
            before = rank
        return Pass(self._pot, self._purchases, self._purses, self._horizon)

    def _widen(self, position: int, before: int) -> None:
        """Let those who have a project in the places that are read now join its backers."""
        who, voters = self._market.support.listings[position]
        begin, end = (self._market.support.reach[rank][position] for rank in (before, self._rank))
        self._held[position] += float(voters[begin:end] @ self._purses.amounts(who[begin:end]))

    def _buy(self) -> None:
        """Fund what the backers can pay for, the lowest price first."""
        heap: list[tuple[float, TieKey, int]] = []
        self._offers = {}
        for position in list(self._waiting):
            price = self._look(position)
            if price is not None:
                heap.append((price, self._keys[position], position))
        heapq.heapify(heap)
        while equals := self._cheapest(heap):
            first = equals[0]
            for other in equals[1:]:
                heapq.heappush(heap, (self._relative(other), self._keys[other], other))
            self._pay(first, tuple(equals))

    def _look(self, position: int) -> float | None:
        """The price of a project relative to what it is worth, or none if its backers cannot pay for it."""
        cost = self._costs[position]
        certainly_not = self._held[position] < cost * (1 - NEAR)
        if certainly_not and not self._worth_a_look(cost - self._held[position]):
            self._offers.pop(position, None)
            return None
        who, voters = self._market.backers(position, self._rank)
        amounts = self._purses.amounts(who)
        money = float(voters @ amounts)
        self._held[position] = money
        if not len(who) or not self._affordable(who, amounts, cost, money):
            self._offers.pop(position, None)
            if self._worth_a_look(cost - money) and self._horizon is not None:
                self._horizon.misses(who, voters, max(cost - money, 0.0))
            return None
        self._offers[position] = _price(voters, amounts, cost)
        return self._relative(position)

    def _worth_a_look(self, deficit: float) -> bool:
        return self._horizon is not None and self._horizon.worth_a_look(deficit)

    def _affordable(self, who: Who, amounts: Amounts, cost: int, money: float) -> bool:
        if abs(money - cost) > cost * NEAR:
            return money > cost
        if (amounts == self._share).all():  # nobody has paid for anything yet
            support = self._market.support
            return int(support.profile.voters[who].sum()) * self._pot >= cost * support.voters
        return self._purses.held(who) >= cost

    def _relative(self, position: int) -> float:
        return self._offers[position].price / self._market.worth(position)

    def _cheapest(self, heap: list[tuple[float, TieKey, int]]) -> list[int]:
        """Take the best offer off the heap, and all others at the same price, in the order of ties.

        What stands on the heap was true once and is a lower bound now. An offer at the top that still holds when
        it is made again is therefore the lowest there is.
        """
        best: list[int] = []
        limit = float("inf")
        while heap and heap[0][0] <= limit:
            known, key, position = heapq.heappop(heap)
            if position not in self._waiting:
                continue
            price = self._look(position)
            if price is None:
                continue
            if price > known and (not best or price > limit):
                heapq.heappush(heap, (price, key, position))
                continue
            best.append(position)
            if len(best) == 1:
                limit = price * (1 + NEAR)
        if len(best) < 2:  # noqa: PLR2004 - nothing to compare
            return best
        exact = {position: self._exact(position) for position in best}
        lowest = min(exact.values())
        for position in best:
            if exact[position] != lowest:
                heapq.heappush(heap, (self._relative(position), self._keys[position], position))
        return sorted((each for each in best if exact[each] == lowest), key=self._keys.__getitem__)

    def _exact(self, position: int) -> Fraction:
        offer, worth = self._offers[position], self._market.worth(position)
        if offer.plain:
            return Fraction(self._costs[position], int(offer.payers) * worth)
        who, _ = self._market.backers(position, self._rank)
        return self._purses.price(who, self._costs[position]) / worth

    def _pay(self, position: int, equals: tuple[int, ...]) -> None:
        who, voters = self._market.backers(position, self._rank)
        shown = self._offers.pop(position).price
        price: Fraction | float = shown
        if isinstance(self._purses, ExactPurses):
            price = self._purses.price(who, self._costs[position])
        if self._horizon is not None:
            amounts = self._purses.amounts(who)
            falls = self._horizon.falls(who, voters, amounts, shown)
            self._look_ahead(self._horizon, position, shown, falls[0])
            self._horizon.pay(who, amounts, shown, falls)
        self._purses.pay(who, price)
        self._purchases.append(Purchase(position, self._rank, price, equals))
        del self._waiting[position]
        group = self._market.support.given.projects[position].group
        if group:
            for other in [each for each in self._waiting if self._in_group(each, group)]:
                del self._waiting[other]
                self._offers.pop(other, None)

    def _in_group(self, position: int, group: str) -> bool:
        return self._market.support.given.projects[position].group == group

    def _look_ahead(self, horizon: Horizon, position: int, price: float, falls: float) -> None:
        """Tell the horizon of all that could have been bought instead of ``position``."""
        for other, offer in self._offers.items():
            ratio = self._market.worth(other) / self._market.worth(position)
            cap = price * ratio
            if not horizon.worth_a_look(offer.payers * max(offer.price - cap, 0.0)):
                continue
            who, voters = self._market.backers(other, self._rank)
            amounts = self._purses.amounts(who)
            horizon.loses(who, voters, amounts, cost=self._costs[other], cap=cap, cap_falls=falls * ratio)


def _price(voters: Amounts, amounts: Amounts, cost: int) -> _Offer:
    """The payment at which everybody pays the same, or all they have.

    Who has less than an equal part pays all they have, which raises the part of the others, until nobody is left who
    has less.
    """
    payers = float(voters.sum())
    price = cost / payers
    poor = amounts < price
    count, before = int(poor.sum()), 0
    while count > before:
        rest = float(voters[~poor].sum())
        if not rest:  # all have exactly what it takes
            return _Offer(float(amounts.max()), payers)
        price = (cost - float(voters[poor] @ amounts[poor])) / rest
        payers = rest
        poor = amounts < price
        count, before = int(poor.sum()), count
    plain = not amounts[poor].any() and bool(amounts[~poor].min() > price * (1 + NEAR))
    return _Offer(price, payers, plain)
