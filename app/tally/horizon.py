"""How far shares can rise before a decision of Equal Shares could change.

Raising everybody's share by d lets nobody end up poorer, as long as the same projects are bought in the same order:
purses grow, and prices can only fall. How fast is bounded here from both sides, voter by voter, while a pass runs. From
that follows, for every project that was not bought when another one was, how far off it still is; the nearest of
these is the horizon. All amounts of d below it lead to the same purchases, and need not be tried.

The bounds hold for d up to ``reach``. They are lines; where a gain is not (whoever had too little and paid all they
had gains nothing before that is made up for), the chord over ``reach`` is taken, which lies above.
"""

import numpy as np

from app.tally.purses import Amounts, Who

Weights = Amounts
_SAFE = 1 - 1e-7


class Horizon:
    """The bounds of one pass.

    Attributes:
        reach: up to where the bounds hold, as a rise of the share in minor units.
        nearest: the smallest rise known at which something could change; `reach` if nothing does before.
    """

    def __init__(self, rankings: int, voters: int, reach: float) -> None:
        self.reach = reach
        self.nearest = reach
        self._voters = voters
        self._most = np.ones(rankings)  # gain per rise, at most
        self._least = np.ones(rankings)  # and at least
        self._short = np.zeros(rankings)  # what an emptied purse lacked
        self._cap_falls = 0.0

    @property
    def certain(self) -> float:
        """`nearest`, less what rounding may have spoilt of it."""
        return self.nearest * _SAFE

    def worth_a_look(self, deficit: float) -> bool:
        """Whether a project that lacks so much could become the nearest: all gains together are known."""
        return deficit < self.nearest * self._voters

    def misses(self, who: Who, weights: Weights, deficit: float) -> None:
        """A project is not bought because its backers lack ``deficit``."""
        self._note(deficit, float(weights @ self._rate(who)))

    def loses(
        self, who: Who, weights: Weights, amounts: Amounts, *, cost: float, cap: float, cap_falls: float
    ) -> None:
        """A project is affordable, but dearer than the one that is bought.

        Args:
            who: its backers.
            weights: how many they are.
            amounts: what they have.
            cost: of the project.
            cap: it would have to cost each of them no more than this.
            cap_falls: by how much this falls as the share rises, at least.
        """
        poor = amounts < cap
        raised = float(weights @ np.minimum(amounts, cap))
        gains = float(weights[poor] @ self._rate(who[poor])) - cap_falls * float(weights[~poor].sum())
        self._note(max(cost - raised, 0.0), gains)

    def falls(self, who: Who, weights: Weights, amounts: Amounts, price: float) -> tuple[float, float]:
        """How fast the price of what is bought falls as the share rises: at least, and at most."""
        poor = amounts < price
        payers = float(weights[~poor].sum())
        if payers <= 0:  # everybody pays all they have
            payers = float(weights[amounts >= amounts.max()].sum())
        most = float(weights[poor] @ self._rate(who[poor])) / payers
        touched = amounts + self._most[who] * self.reach >= price - most * self.reach
        stay = ~touched & (amounts > 0)
        least = float(weights[stay] @ self._least[who[stay]]) / float(weights[touched].sum())
        return least, most

    def pay(self, who: Who, amounts: Amounts, price: float, falls: tuple[float, float]) -> None:
        """What a purchase does to the bounds of those who pay."""
        least, most = falls
        poor = amounts < price
        self._most[who] += most
        self._least[who] = np.where(poor, 0.0, self._least[who] + least)
        self._short[who[poor]] += price - amounts[poor]

    def _rate(self, who: Who) -> Amounts:
        return np.maximum(self._most[who] - self._short[who] / self.reach, 0.0)

    def _note(self, deficit: float, gains: float) -> None:
        if gains > 0 and deficit < self.nearest * gains:
            self.nearest = deficit / gains
