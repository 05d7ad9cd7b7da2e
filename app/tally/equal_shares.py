"""rank-MES: the Method of Equal Shares over expanding ranks.

Every voter has the same share, budget / n. For r = 1, 2, ... a project's backers are those who rank it among their
first r. While the backers of some project can pay for it together, the project with the lowest payment per backer is
funded: each backer pays that amount, or all they have left if it is less. Nobody pays for what they did not rank.

Source: D. Peters, G. Pierczyński, P. Skowron, "Proportional Participatory Budgeting with Additive Utilities",
arXiv 2008.13276; a member of the expanding-approvals family of H. Aziz and B. Lee, arXiv 1911.00864, and so it
satisfies Inclusion-PSC: a group that agrees on its first choices gets its part of the budget.

Every payment is exact, and there is no floating point: amounts are whole numbers of a unit that is made finer
whenever a payment asks for it. It is fast all the same, because voters with the same amount left are dealt with
together (a "level"), and because money only shrinks, so that an old price is a bound for the new one.
"""

import heapq
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from app.tally.greedy import set_aside, take_by_points
from app.tally.model import Fill, Priority
from app.tally.outcome import Plain, Reason, Stake
from app.tally.selection import Selection
from app.tally.support import Support
from app.tally.ties import TieKey

#: Indexes of different rankings; all who cast the same one always have the same money left.
Group = NDArray[np.int64]

Offer = tuple[Fraction, TieKey, int]
"""Payment per backer, what settles a tie, project: offers compare as the rule prefers them."""


class Purses:
    """What voters have left, exactly.

    Attributes:
        fineness: amounts are kept in units of ``1 / fineness`` of a minor unit.
        levels: the different amounts, ascending, in that unit.
    """

    def __init__(self, share: Fraction, voters: list[int]) -> None:
        """Everybody starts with ``share``; ``voters[i]`` of them cast the i-th ranking."""
        self.fineness = share.denominator
        self.levels = [share.numerator]
        self._voters = np.array(voters, dtype=np.int64)
        self._level = np.zeros(len(voters), dtype=np.int64)

    def held(self, who: Group) -> Fraction:
        """The money of some voters together, in minor units."""
        return Fraction(sum(amount * voters for amount, voters in self._by_level(who)), self.fineness)

    def price(self, who: Group, cost: int) -> Fraction | None:
        """The payment per voter, at most, with which ``who`` can pay ``cost``; none when they cannot.

        The poorest pay all they have, until an equal part of what is still owed is within everybody's means.
        """
        owed = cost * self.fineness
        money = self._by_level(who)
        payers = sum(voters for _, voters in money)
        for amount, voters in money:
            if amount * payers >= owed:
                return Fraction(owed, payers * self.fineness)
            owed -= amount * voters
            payers -= voters
        return None

    def pay(self, who: Group, price: Fraction) -> None:
        """Each of ``who`` pays ``price``, or all they have left if it is less."""
        finer = (price * self.fineness).denominator
        self.fineness *= finer
        payment = int(price * self.fineness)
        before = [amount * finer for amount in self.levels]
        amounts = before + [max(amount - payment, 0) for amount in before]
        level = self._level.copy()
        level[who] += len(before)
        used = np.flatnonzero(np.bincount(level, minlength=len(amounts))).tolist()
        self.levels = sorted({amounts[index] for index in used})
        place = {amount: index for index, amount in enumerate(self.levels)}
        renamed = np.zeros(len(amounts), dtype=np.int64)
        renamed[used] = [place[amounts[index]] for index in used]
        self._level = renamed[level]

    def _by_level(self, who: Group) -> list[tuple[int, int]]:
        """Amounts that some of ``who`` have, ascending, each with how many of them."""
        # bincount adds in floating point, which is exact for whole numbers below 2 ** 53
        voters = np.bincount(self._level[who], weights=self._voters[who]).astype(np.int64)
        present = np.flatnonzero(voters)
        return [(self.levels[i], n) for i, n in zip(present.tolist(), voters[present].tolist(), strict=True)]


def rank_mes(support: Support) -> Selection:
    """Run rank-MES without completion, then the fill the round asks for."""
    run = _Run(support)
    for rank, joining in enumerate(_by_place(support), start=1):
        run.widen(joining)
        run.buy(rank)
    run.finish()
    return run.selection


def _by_place(support: Support) -> list[list[Group]]:
    """``[j][p]``: the different rankings that have project ``p`` in place ``j``."""
    given = support.given
    found: list[list[list[int]]] = []
    for index, ranking in enumerate(given.distinct):
        while len(found) < len(ranking):
            found.append([[] for _ in given.projects])
        for place, position in enumerate(ranking):
            found[place][position].append(index)
    return [[np.array(indexes, dtype=np.int64) for indexes in place] for place in found]


class _Run:
    """One run of the rule: purses, who backs what so far, and what is still to be had."""

    def __init__(self, support: Support) -> None:
        given = support.given
        assert given.budget is not None  # CountInput refuses Equal Shares without a budget
        share = Fraction(given.budget, max(support.voters, 1))
        self._support = support
        self.selection = Selection(support)
        self._waiting = set_aside(self.selection, support.order)
        self._purses = Purses(share, list(given.distinct.values()))
        self._backers: list[Group] = [np.zeros(0, dtype=np.int64) for _ in given.projects]
        self._ties: list[list[int]] = []

    def widen(self, joining: list[Group]) -> None:
        """Let those who have a project in the next place join its backers."""
        self._backers = [np.concatenate(pair) for pair in zip(self._backers, joining, strict=True)]

    def buy(self, rank: int) -> None:
        """Fund what the backers, all within ``rank``, can pay for, the lowest payment first."""
        offers = [offer for position in self._waiting if (offer := self._offer(position)) is not None]
        heapq.heapify(offers)
        while equals := self._cheapest(offers):
            price, _, position = equals[0]
            if len(equals) > 1:
                self._ties.append([each for _, _, each in equals])
            for other in equals[1:]:
                heapq.heappush(offers, other)
            self._purses.pay(self._backers[position], price)
            self._waiting.remove(position)
            facts: dict[str, Plain] = {
                "rank": rank,
                "backers": self._support.backers_within(position, rank),
                "price": str(price),
                "each": -(-price // 1),
            }
            code = "funded_by_first_choices" if rank == 1 else "funded_by_backers"
            self.selection.fund(position, Reason(code, facts))

    def _offer(self, position: int) -> Offer | None:
        price = self._purses.price(self._backers[position], self._support.given.projects[position].cost)
        return None if price is None else (price, self._support.ties.key(position), position)

    def _cheapest(self, offers: list[Offer]) -> list[Offer]:
        """Take the best offer off the heap, and all others at the same payment, in the order of ties.

        What stands on the heap was true once and is a lower bound now. An offer at the top that still holds when
        it is made again is therefore the lowest there is.
        """
        best: list[Offer] = []
        while offers and (not best or offers[0][0] == best[0][0]):
            price, _, position = heapq.heappop(offers)
            offer = self._offer(position)
            if offer is None:
                continue
            if offer[0] == price:
                best.append(offer)
            else:
                heapq.heappush(offers, offer)
        return best

    def finish(self) -> None:
        """Fill if the round does, give everything that is not bought its reason, and record the ties."""
        if self._support.given.spec.fill is Fill.K_BORDA:
            take_by_points(
                self.selection,
                self._waiting,
                funded="filled_by_points",
                misfit="leftover_too_small",
                skip=True,
            )
        else:
            for position in self._waiting:
                self.selection.pass_over(position, self._out_of_money(position))
        for equals in self._ties:
            self.selection.tie(equals, self._stake(equals))

    def _out_of_money(self, position: int) -> Reason:
        cost = self._support.given.projects[position].cost
        had = int(self._purses.held(self._backers[position]))
        facts = {
            "backers": self._support.backers[position],
            "had": had,
            "needed": cost,
            "missing": cost - had,
        }
        return Reason("backers_out_of_money", facts)

    def _stake(self, equals: list[int]) -> Stake:
        """What it meant to come first among projects with the same payment per backer."""
        if any(position not in self.selection.funded for position in equals):
            return Stake.FUNDING
        return Stake.PLACE if self._support.given.spec.priority is Priority.PURCHASE else Stake.STEP
