"""What voters have left, kept in floating point where that decides, and in exact numbers where it must."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Who = NDArray[np.int32]
"""Indexes of different ballots; all who cast the same one always have the same money left."""
Amounts = NDArray[np.float64]

#: What differs by less than this part is not told apart in floating point.
NEAR = 1e-9


#: Stands for what may be nothing, or may not: zero is kept for purses that are certainly empty.
_PERHAPS_NOTHING = 1e-300


class TooClose(Exception):
    """Floating point cannot tell which comes first; exact numbers can."""


class Purses(Protocol):
    """Money of voters, by ballot."""

    def amounts(self, who: Who) -> Amounts:
        """What each of ``who`` has, in floating point."""
        ...

    def held(self, who: Who) -> Fraction:
        """The money of ``who`` together, exactly.

        Raises:
            TooClose: these purses do not know.
        """
        ...

    def price(self, who: Who, cost: int) -> Fraction:
        """The payment per voter, at most, with which ``who`` pay ``cost``, exactly; they have enough.

        Raises:
            TooClose: these purses do not know.
        """
        ...

    def pay(self, who: Who, price: float | Fraction) -> None:
        """Each of ``who`` pays ``price``, or all they have left if it is less."""
        ...


class FloatPurses:
    """Purses in floating point: fast, and aware of what they cannot tell apart."""

    def __init__(self, share: Fraction, voters: NDArray[np.int64]) -> None:
        self._left = np.full(len(voters), float(share))

    def amounts(self, who: Who) -> Amounts:
        """See `Purses`."""
        return self._left[who]

    def held(self, who: Who) -> Fraction:  # noqa: ARG002 - these purses never know
        """See `Purses`."""
        raise TooClose

    def price(self, who: Who, cost: int) -> Fraction:  # noqa: ARG002 - these purses never know
        """See `Purses`."""
        raise TooClose

    def pay(self, who: Who, price: float | Fraction) -> None:
        """See `Purses`."""
        paid = float(price)
        before = self._left[who]
        left = np.maximum(before - paid, 0.0)
        left[np.abs(before - paid) <= paid * NEAR] = _PERHAPS_NOTHING
        self._left[who] = left


class ExactPurses:
    """Purses in whole numbers of a unit that is made finer whenever a payment asks for it.

    Voters with the same amount left are dealt with together (a "level"), so that the exact arithmetic is done once a
    level and not once a voter.

    Attributes:
        fineness: amounts are kept in units of ``1 / fineness`` of a minor unit.
        levels: the different amounts, ascending, in that unit.
    """

    def __init__(self, share: Fraction, voters: NDArray[np.int64]) -> None:
        self.fineness = share.denominator
        self.levels = [share.numerator]
        self._voters = voters
        self._level = np.zeros(len(voters), dtype=np.int32)
        self._shown = np.array([float(share)])

    def amounts(self, who: Who) -> Amounts:
        """See `Purses`."""
        return self._shown[self._level[who]]

    def held(self, who: Who) -> Fraction:
        """See `Purses`."""
        return Fraction(sum(amount * voters for amount, voters in self._by_level(who)), self.fineness)

    def price(self, who: Who, cost: int) -> Fraction:
        """See `Purses`. The poorest pay all they have, until an equal part of the rest is within all means."""
        owed = cost * self.fineness
        money = self._by_level(who)
        payers = sum(voters for _, voters in money)
        for amount, voters in money:
            if amount * payers >= owed:
                return Fraction(owed, payers * self.fineness)
            owed -= amount * voters
            payers -= voters
        raise AssertionError("they have too little")

    def pay(self, who: Who, price: float | Fraction) -> None:
        """See `Purses`; the price is exact here."""
        assert isinstance(price, Fraction)
        finer = (price * self.fineness).denominator
        self.fineness *= finer
        payment = int(price * self.fineness)
        before = [amount * finer for amount in self.levels] if finer > 1 else self.levels
        amounts = before + [max(amount - payment, 0) for amount in before]
        level = self._level.copy()
        level[who] += len(before)
        used = np.flatnonzero(np.bincount(level, minlength=len(amounts))).tolist()
        self.levels = sorted({amounts[index] for index in used})
        place = {amount: index for index, amount in enumerate(self.levels)}
        renamed = np.zeros(len(amounts), dtype=np.int32)
        renamed[used] = [place[amounts[index]] for index in used]
        self._level = renamed[level]
        self._shown = np.array([amount / self.fineness for amount in self.levels])

    def _by_level(self, who: Who) -> Sequence[tuple[int, int]]:
        """Amounts that some of ``who`` have, ascending, each with how many of them."""
        # bincount adds in floating point, which is exact for whole numbers below 2 ** 53
        voters = np.bincount(self._level[who], weights=self._voters[who]).astype(np.int64)
        present = np.flatnonzero(voters)
        return [(self.levels[i], n) for i, n in zip(present.tolist(), voters[present].tolist(), strict=True)]
