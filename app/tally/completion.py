"""Add1: raise everybody's share until the money is used.

Equal Shares leaves money over, because what is left in purses is spread too thin. So the shares are raised, all by the
same, and the rule is run again, as long as what is bought still fits the real budget. Source: the completion "Add1" of
equalshares.net, and Pabulib's ``equalshares/add1`` for the integral start and step.

The shares rise on a grid. Where nothing can change, grid points are jumped over (`horizon`); the outcome is the same
as if each had been tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.tally.equal_shares import Market, Pass
from app.tally.model import Until

#: Without a share unit, all shares together rise by this part of the budget at a time.
STEPS_PER_BUDGET = 10_000
#: First guess of how far to look ahead, in parts of a share.
_FIRST_LOOK = 64
#: Look ahead as far as this many times the last jump.
_FARTHER = 3
#: A grid with fewer steps a budget is walked step by step: looking ahead would cost more than it saves.
_FEW_STEPS = 150
#: Where looking ahead was in vain several times running, as many steps are taken without it.
_MOST_UNLOOKED = 15


class Ended(StrEnum):
    """Why a completion did not go on."""

    INFEASIBLE = "infeasible"
    EXHAUSTIVE = "exhaustive"
    ALL_FUNDED = "all_funded"


@dataclass(frozen=True)
class Grid:
    """The pots that are tried: ``start``, ``start + step``, ...; in minor units."""

    start: int
    step: int

    @classmethod
    def of(cls, market: Market, budget: int) -> "Grid":
        """As the round's share unit has it."""
        unit = market.support.given.spec.share_unit * max(market.support.voters, 1)
        if unit:
            return cls(budget // unit * unit, unit)
        return cls(budget, max(-(-budget // STEPS_PER_BUDGET), 1))


@dataclass(frozen=True)
class Change:
    """A pot at which other projects are bought, or in another order, than one step before."""

    pot: int
    spent: int
    funded: int


@dataclass(frozen=True)
class Completed:
    """What the completion came to.

    Attributes:
        grid: the pots that were tried.
        pot: the one whose outcome stands.
        funded: what is bought with it, in order.
        ended: why it is the last.
        over: the next pot, at which the budget is overspent, where this is why.
        changes: the first pot, and all later ones up to ``pot`` that changed something.
    """

    grid: Grid
    pot: int
    funded: tuple[int, ...]
    ended: Ended
    over: int | None
    changes: Sequence[Change]


def complete(market: Market, budget: int, *, exact: bool = False) -> Completed:
    """Raise the shares until the next step would overspend ``budget``, or until the round's settings end it.

    Args:
        market: what is to be had, and who backs it.
        budget: in minor units.
        exact: use exact numbers only.
    """
    grid = Grid.of(market, budget)
    voters = max(market.support.voters, 1)
    least = grid.step / voters
    look = grid.step * _FEW_STEPS < grid.start
    reach = max(grid.start / voters / _FIRST_LOOK, least)
    pot = grid.start
    unlooked = in_vain = 0
    changes: list[Change] = []
    kept: Pass | None = None
    while True:
        blind = not look or unlooked > 0
        found = market.run(pot, exact=exact, reach=None if blind else reach)
        spent = _cost(market, found.funded)
        if spent > budget and kept is not None:
            return Completed(grid, pot - grid.step, kept.funded, Ended.INFEASIBLE, pot, changes)
        if kept is None or found.funded != kept.funded:
            changes.append(Change(pot, spent, len(found.funded)))
        kept = found
        ended = _ended(market, found.funded, budget - spent)
        if ended is not None:
            return Completed(grid, pot, found.funded, ended, None, changes)
        if found.horizon is None:
            pot += grid.step
            unlooked -= 1
            continue
        nearest = found.horizon.certain
        steps = max(int(nearest / least), 1)
        pot += steps * grid.step
        reach = max(_FARTHER * nearest, reach / 2, least)
        in_vain = min(2 * in_vain + 1, _MOST_UNLOOKED) if steps == 1 else 0
        unlooked = in_vain


def _ended(market: Market, funded: Sequence[int], left: int) -> Ended | None:
    """Whether an outcome is the last, whatever comes next."""
    projects = market.support.given.projects
    groups = {projects[position].group for position in funded} - {""}
    open_ = [each for each in market.candidates if each not in funded and projects[each].group not in groups]
    if not open_:
        return Ended.ALL_FUNDED
    if market.support.given.spec.until is Until.EXHAUSTIVE and all(
        projects[each].cost > left for each in open_
    ):
        return Ended.EXHAUSTIVE
    return None


def _cost(market: Market, funded: Sequence[int]) -> int:
    return sum(market.support.given.projects[position].cost for position in funded)
