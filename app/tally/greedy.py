"""Going down a list: greedy k-Borda, Schulze's order, and the fill of the rules that divide the money.

Projects are taken in their order; one that no longer fits is skipped (``skip``) or ends the list. Source of the
variants: Pabulib's format page; the last project in part is the rule of Poznań.
"""

from collections.abc import Sequence

from app.tally.arithmetic import Arithmetic
from app.tally.model import Rule
from app.tally.outcome import Reason, Stake
from app.tally.selection import Selection
from app.tally.support import Support


def greedy(support: Support, arithmetic: Arithmetic = Arithmetic.EXACT) -> Selection:  # noqa: ARG001
    """Most points first, or Schulze's order; without a budget everything that somebody ranked is in."""
    selection = Selection(support)
    spec = support.given.spec
    by_points = spec.rule is not Rule.SCHULZE
    if support.given.budget is None:
        code = "ordered_by_points" if by_points else "ordered_by_duels"
    else:
        code = "funded_by_points" if by_points else "funded_by_duels"
    order = selection.candidates(support.order)
    go_down(selection, order, funded=code, misfit="does_not_fit", skip=spec.skip)
    return selection


def go_down(selection: Selection, order: Sequence[int], *, funded: str, misfit: str, skip: bool) -> None:
    """Go down ``order``, a part of the order of support, and fund what fits.

    Args:
        selection: is written on.
        order: who is considered, in this order.
        funded: code of the reason of those that fit.
        misfit: code of the reason of those that do not.
        skip: go on after one that does not fit.
    """
    support = selection.support
    ended_by: str | None = None
    for group in support.groups(order):
        if ended_by is None:
            _note_tie(selection, group, skip=skip)
        for position in group:
            project, left = support.given.projects[position], selection.left
            facts = {"points": support.points[position]}
            if ended_by is not None:
                selection.pass_over(position, Reason("stopped_after", {"after": ended_by, **facts}))
            elif (rival := selection.rival(position)) is not None:
                selection.exclude(position, rival)
            elif left is None:
                selection.fund(position, Reason(funded, facts))
            elif project.cost <= left:
                selection.fund(position, Reason(funded, facts | {"left": left - project.cost}))
            elif _enough_for_a_part(selection, position):
                selection.fund_in_part(position)
                ended_by = None if skip else project.id
            else:
                facts |= {"cost": project.cost, "left": left, "missing": project.cost - left}
                selection.pass_over(position, Reason(misfit, facts), ends=not skip)
                ended_by = None if skip else project.id


def _enough_for_a_part(selection: Selection, position: int) -> bool:
    """Whether a project that does not fit may have all that is left."""
    percent, cost = selection.support.given.spec.part_percent, selection.support.given.projects[position].cost
    left = selection.left or 0
    return percent is not None and left > 0 and not selection.in_part and left * 100 >= percent * cost


def _note_tie(selection: Selection, equals: Sequence[int], *, skip: bool) -> None:
    """Record that it depends on the order of ``equals``, whose turn has come, who is funded.

    Only those that could be funded now compete. With skip, their order is without effect if they fit together and do
    not exclude each other. Without skip, it is without effect if the whole group fits, or none of it.
    """
    projects, left = selection.support.given.projects, selection.left
    racing = [position for position in equals if selection.rival(position) is None]
    fitting = [
        position
        for position in racing
        if left is None or projects[position].cost <= left or _enough_for_a_part(selection, position)
    ]
    rivals = fitting if skip else racing
    names = [projects[position].group for position in rivals if projects[position].group]
    scarce = left is not None and sum(projects[position].cost for position in rivals) > left
    if fitting and len(rivals) > 1 and (scarce or len(set(names)) < len(names)):
        selection.tie(rivals, Stake.FUNDING)
