"""Greedy k-Borda: most points first. What most cities use.

Projects are taken by points; one that no longer fits is skipped (``skip``) or ends the list. A project nobody ranked,
or one under the threshold, is not funded. Source of the variants: Pabulib's format page.
"""

from collections.abc import Iterable, Sequence

from app.tally.outcome import Reason, Stake
from app.tally.selection import Selection
from app.tally.support import Support


def greedy(support: Support) -> Selection:
    """Run greedy k-Borda over the whole list; without a budget everything that somebody ranked is in."""
    selection = Selection(support)
    spec = support.given.spec
    eligible = set_aside(selection, support.order)
    if spec.threshold is not None:
        for position in [p for p in eligible if support.points[p] < spec.threshold]:
            facts = {"points": support.points[position], "threshold": spec.threshold}
            selection.pass_over(position, Reason("below_threshold", facts))
            eligible.remove(position)
    code = "ordered_by_points" if support.given.budget is None else "funded_by_points"
    take_by_points(selection, eligible, funded=code, misfit="does_not_fit", skip=spec.skip)
    return selection


def set_aside(selection: Selection, order: Iterable[int]) -> list[int]:
    """Pass over what no rule funds, withdrawn and unranked projects; returns the others."""
    support = selection.support
    eligible = []
    for position in order:
        if support.given.projects[position].withdrawn:
            selection.pass_over(position, Reason("withdrawn", {}))
        elif not support.backers[position]:
            selection.pass_over(position, Reason("no_support", {}))
        else:
            eligible.append(position)
    return eligible


def take_by_points(
    selection: Selection, order: Sequence[int], *, funded: str, misfit: str, skip: bool
) -> None:
    """Go down ``order``, a part of `Support.order`, and fund what fits.

    Args:
        selection: is written on.
        order: who is considered, in this order.
        funded: code of the reason of those that fit.
        misfit: code of the reason of those that do not.
        skip: go on after one that does not fit.
    """
    support = selection.support
    _note_ties(selection, order, skip=skip)
    ended_by: str | None = None
    for position in order:
        project, points, left = support.given.projects[position], support.points[position], selection.left
        if ended_by is not None:
            selection.pass_over(position, Reason("stopped_after", {"after": ended_by, "points": points}))
        elif left is None:
            selection.fund(position, Reason(funded, {"points": points}))
        elif project.cost <= left:
            selection.fund(position, Reason(funded, {"points": points, "left": left - project.cost}))
        else:
            facts = {"points": points, "cost": project.cost, "left": left, "missing": project.cost - left}
            selection.pass_over(position, Reason(misfit, facts), ends=not skip)
            if not skip:
                ended_by = project.id


def _note_ties(selection: Selection, order: Sequence[int], *, skip: bool) -> None:
    """Record the ties on which it depends who is funded, by going down ``order`` group by group.

    Among equals, only those that fit when the first of them has its turn compete. With skip, their order is without
    effect if they fit together. Without skip, it is without effect if the whole group fits, or none of it.
    """
    support, left = selection.support, selection.left
    if left is None:
        return
    for group in _groups(support, order):
        costs = {position: support.given.projects[position].cost for position in group}
        fitting = [position for position in group if costs[position] <= left]
        rivals = fitting if skip else group
        if fitting and sum(costs[position] for position in rivals) > left:
            selection.tie(rivals, Stake.FUNDING)
        for position in group:
            if costs[position] <= left:
                left -= costs[position]
            elif not skip:
                return


def _groups(support: Support, order: Sequence[int]) -> list[list[int]]:
    """``order`` cut where the points change."""
    groups: list[list[int]] = []
    for position in order:
        if groups and support.points[groups[-1][-1]] == support.points[position]:
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups
