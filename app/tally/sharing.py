"""The rules that divide the money among the voters: from what their backers paid for to a reasoned selection.

A pass in floating point finds the outcome, an exact one writes the minutes; they must agree, or nothing comes out.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from app.tally import ear
from app.tally.arithmetic import Arithmetic
from app.tally.ballots import NOTHING
from app.tally.completion import Completed, complete
from app.tally.equal_shares import Market, Pass, Purchase
from app.tally.errors import NotCertified
from app.tally.greedy import go_down
from app.tally.model import Completion, Fill, Priority
from app.tally.outcome import Comparison, Plain, Reason, Stake
from app.tally.purses import ExactPurses
from app.tally.selection import Selection
from app.tally.support import Support


def equal_shares(support: Support, arithmetic: Arithmetic) -> Selection:
    """Rank-MES or MES, with the completion, the fill and the comparison the round asks for.

    Raises:
        NotCertified: floating point and exact numbers disagree.
    """
    selection, candidates = _begin(support)
    budget = selection.left or 0
    market = Market(support, candidates)
    final = _run(market, budget, selection, arithmetic)
    for purchase in final.purchases:
        _fund_bought(selection, purchase)
    _finish(selection, [each for each in candidates if each not in selection.funded], final)
    for purchase in final.purchases:
        if len(purchase.equals) > 1:
            selection.tie(purchase.equals, _stake(selection, purchase.equals))
    return _compared(selection) if support.given.spec.comparison else selection


def pb_ear(support: Support, arithmetic: Arithmetic) -> Selection:
    """PB-EAR, then the fill the round asks for.

    Raises:
        NotCertified: floating point and exact numbers disagree.
    """
    selection, candidates = _begin(support)
    budget = selection.left or 0
    elected = ear.run(support, candidates, budget, exact=arithmetic is Arithmetic.EXACT)
    if arithmetic is Arithmetic.CERTIFIED:
        fast, elected = elected, ear.run(support, candidates, budget, exact=True)
        _certify(support, "order", fast.funded, elected.funded)
    for each in elected.elections:
        everybody = each.rank >= len(support.reach)
        facts: dict[str, Plain] = {
            "rank": each.rank,
            "backers": support.voters if everybody else support.backers_within(each.position, each.rank),
            "votes": _votes(each.votes),
            "needed_votes": _votes(each.needed),
        }
        code = "funded_by_everybody" if everybody else "funded_by_votes"
        selection.fund(each.position, Reason(code, facts))
    waiting = [each for each in candidates if each not in selection.funded]
    if support.given.spec.fill is Fill.K_BORDA:
        _fill(selection, waiting)
    else:
        for position in waiting:
            if (rival := selection.rival(position)) is not None:
                selection.exclude(position, rival)
                continue
            votes, needed = elected.rest[position]
            facts = {
                "backers": support.backers[position],
                "votes": _votes(votes),
                "needed_votes": _votes(needed),
            }
            selection.pass_over(position, Reason("backers_out_of_votes", facts))
    for each in elected.elections:
        if len(each.equals) > 1:
            selection.tie(each.equals, _stake(selection, each.equals))
    return selection


def _begin(support: Support) -> tuple[Selection, list[int]]:
    """The minutes with all that is decided before, and who is still in the running.

    What costs more than the whole budget is not: raised shares could pay for it, the money could not.
    """
    selection = Selection(support)
    budget = selection.left or 0
    candidates = []
    for position in selection.candidates(support.order):
        cost, rival = support.given.projects[position].cost, selection.rival(position)
        if rival is not None:
            selection.exclude(position, rival)
        elif cost > budget:
            selection.pass_over(position, Reason("over_budget", {"cost": cost, "left": budget}))
        else:
            candidates.append(position)
    return selection, candidates


def _run(market: Market, budget: int, selection: Selection, arithmetic: Arithmetic) -> Pass:
    """The pass whose outcome stands."""
    exact = arithmetic is Arithmetic.EXACT
    if market.support.given.spec.completion is Completion.NONE:
        found = market.run(budget, exact=exact)
        if arithmetic is not Arithmetic.CERTIFIED:
            return found
        certified = market.run(budget, exact=True)
        _certify(market.support, "order", found.funded, certified.funded)
        return certified
    completed = complete(market, budget, exact=exact)
    selection.completed = completed
    final = market.run(completed.pot, exact=arithmetic is not Arithmetic.FAST)
    if arithmetic is Arithmetic.CERTIFIED:
        _certify(market.support, "order", completed.funded, final.funded)
        _certify_end(market, budget, completed)
    return final


def _certify(support: Support, what: str, fast: Sequence[int], exact: Sequence[int]) -> None:
    """Stop where two runs differ, and say where."""
    if tuple(fast) == tuple(exact):
        return
    pairs = zip([*fast, None], [*exact, None], strict=False)
    step, (one, other) = next((at, pair) for at, pair in enumerate(pairs, start=1) if pair[0] != pair[1])
    names = ["nothing" if each is None else support.given.projects[each].id for each in (one, other)]
    raise NotCertified(what=what, step=step, fast=names[0], exact=names[1])


def _certify_end(market: Market, budget: int, completed: Completed) -> None:
    """The completion ends where exact numbers say so too."""
    if completed.over is None:
        return
    over = market.run(completed.over, exact=True)
    spent = sum(market.support.given.projects[position].cost for position in over.funded)
    if spent <= budget:
        raise NotCertified(what="completion", step=completed.over, fast="over budget", exact="within budget")


def _fund_bought(selection: Selection, purchase: Purchase) -> None:
    facts: dict[str, Plain] = {
        "rank": purchase.rank,
        "backers": selection.support.backers_within(purchase.position, purchase.rank),
        "price": str(Fraction(purchase.price)),
        "each": int(-(-purchase.price // 1)),
    }
    code = "funded_by_first_choices" if purchase.rank == 1 else "funded_by_backers"
    selection.fund(purchase.position, Reason(code, facts))


def _finish(selection: Selection, waiting: Sequence[int], final: Pass) -> None:
    """Fill if the round does, and give everything that is not bought its reason."""
    support = selection.support
    if support.given.spec.fill is Fill.K_BORDA:
        _fill(selection, waiting)
        return
    for position in waiting:
        if (rival := selection.rival(position)) is not None:
            selection.exclude(position, rival)
            continue
        who, voters = support.listings[position]
        exact = isinstance(final.purses, ExactPurses)
        had = int(final.purses.held(who) if exact else voters @ final.purses.amounts(who))
        cost = support.given.projects[position].cost
        facts = {"backers": support.backers[position], "had": had, "needed": cost, "missing": cost - had}
        selection.pass_over(position, Reason("backers_out_of_money", facts))


def _fill(selection: Selection, waiting: Sequence[int]) -> None:
    go_down(selection, waiting, funded="filled_by_points", misfit="leftover_too_small", skip=True)


def _stake(selection: Selection, equals: Sequence[int]) -> Stake:
    """What it meant to come first among equals."""
    if any(position not in selection.funded for position in equals):
        return Stake.FUNDING
    return Stake.PLACE if selection.support.given.spec.priority is Priority.PURCHASE else Stake.STEP


def _compared(selection: Selection) -> Selection:
    """The selection, or greedy's where strictly more voters prefer that.

    Voters prefer the outcome in which the projects they list cost more together.
    """
    support = selection.support
    other = Selection(support)
    order = other.candidates(support.by_points)
    go_down(other, order, funded="funded_by_points", misfit="does_not_fit", skip=True)
    worth = [_worth(support, each.funded) for each in (selection, other)]
    voters = support.profile.voters
    prefer = [int(voters[worth[one] > worth[1 - one]].sum()) for one in (0, 1)]
    chosen = other if prefer[1] > prefer[0] else selection
    chosen.completed = selection.completed
    chosen.compared = Comparison(shares=prefer[0], greedy=prefer[1])
    return chosen


def _worth(support: Support, funded: Sequence[int]) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    """What the funded projects on each different ballot cost."""
    costs = np.zeros(len(support.given.projects) + 1, dtype=np.int64)  # the last one stands for NOTHING
    assert NOTHING == -1
    for position in funded:
        costs[position] = support.given.projects[position].cost
    total: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = costs[support.profile.places].sum(axis=1)
    return total


def _votes(units: ear.Votes) -> str:
    """Votes with six decimals, rounded down."""
    millionths = units * 10**6 // ear.ONE if isinstance(units, int) else int(units * 10**6)
    return f"{millionths // 10**6}.{millionths % 10**6:06d}"
