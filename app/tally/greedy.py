"""Greedy k-Borda: most points first. What most cities use.

Projects are taken by points; one that no longer fits is skipped (``skip``) or ends the list. A project nobody ranked,
or one under the threshold, is not funded. Source of the variants: Pabulib's format page.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.tally.outcome import Reason, Step, Tie
from app.tally.support import Support


@dataclass(frozen=True)
class Selection:
    """What a rule decided: positions in the order they were funded, with reasons, steps and ties."""

    funded: list[int]
    reasons: dict[int, Reason]
    steps: list[Step]
    ties: list[Tie]
    left: int | None


def greedy(support: Support) -> Selection:
    """Run greedy k-Borda over the whole list."""
    return take_by_points(support, support.order, support.given.budget, code="funded_by_points")


def take_by_points(support: Support, order: Iterable[int], budget: int | None, *, code: str) -> Selection:
    """Go down ``order`` and fund what fits into ``budget``; ``code`` names the reason of those funded."""
    spec, projects = support.given.spec, support.given.projects
    selection = Selection([], {}, [], [], budget)
    left = budget
    ended_by: int | None = None
    for position in order:
        project, points = projects[position], support.points[position]
        before = left
        if support.backers[position] == 0:
            reason = Reason("no_support", {})
        elif spec.threshold is not None and points < spec.threshold:
            reason = Reason("below_threshold", {"points": points, "threshold": spec.threshold})
        elif ended_by is not None:
            reason = Reason("list_ended", {"after": projects[ended_by].id, "points": points})
        elif left is not None and project.cost > left:
            reason = Reason(
                "does_not_fit",
                {"points": points, "left": left, "missing": project.cost - left, "cost": project.cost},
            )
            if not spec.skip:
                ended_by = position
        else:
            left = None if left is None else left - project.cost
            reason = Reason(code, {"points": points, "left": left})
            selection.funded.append(position)
        selection.reasons[position] = reason
        funded = position in selection.funded[-1:]
        decision = "funded" if funded else "ended" if ended_by == position else "passed_over"
        selection.steps.append(
            Step(project.id, decision, before, left, {"because": reason.code, "points": points})
        )
    selection.ties.extend(_deciding_ties(support, selection))
    return Selection(selection.funded, selection.reasons, selection.steps, selection.ties, left)


def _deciding_ties(support: Support, selection: Selection) -> list[Tie]:
    """Equal points of which one project is in and another out for want of money."""
    projects = support.given.projects
    out = [p for p, reason in selection.reasons.items() if reason.code in {"does_not_fit", "list_ended"}]
    return [
        Tie((projects[winner].id, projects[loser].id), support.tie_reason(winner, loser))
        for loser in out
        for winner in selection.funded
        if support.points[winner] == support.points[loser]
        and support.tie_key(winner) < support.tie_key(loser)
    ]
