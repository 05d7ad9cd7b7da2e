"""The second count of a result, by the program that anybody can run on the public bundle (`verify`).

It exists to disagree. The service runs both on every result and publishes nothing while they differ.
"""

from dataclasses import dataclass

from app.tally import verify
from app.tally.model import CountInput
from app.tally.outcome import CompletionOutcome


@dataclass(frozen=True)
class Recount:
    """What the second count says: ids in the order of the rule's steps, and in the published order.

    Attributes:
        completion_holds: whether shares could be raised exactly as far as the first count says.
    """

    funded: tuple[str, ...]
    priority: tuple[str, ...]
    completion_holds: bool


def recount(given: CountInput, claimed: CompletionOutcome | None = None) -> Recount:
    """Count again.

    Args:
        given: the input of the count.
        claimed: how far the first count says that shares could be raised. Then only the pots it names are tried, those
            just before them, and the one after the last. Without it every step is.
    """
    spec = given.spec
    again = verify.recount(
        verify.Election(
            projects=[
                verify.Project(each.id, each.cost, each.withdrawn, each.group, each.forced.value if each.forced else "")
                for each in given.projects
            ],
            ballots=tuple(given.ballots),
            budget=given.budget,
            settings={
                "rule": spec.rule.value, "points": spec.points.value, "max_rank": spec.max_rank, "skip": spec.skip,
                "threshold": spec.threshold, "completion": spec.completion.value, "until": spec.until.value,
                "share_unit": spec.share_unit, "fill": spec.fill.value, "comparison": spec.comparison,
                "part_percent": spec.part_percent, "unranked": spec.unranked.value, "priority": spec.priority.value,
                "ties": spec.ties.value, "seed": spec.seed,
            },
            given_points=given.given_points,
        ),
        None
        if claimed is None
        else verify.Claim(claimed.start, claimed.step, claimed.pot, claimed.next, claimed.changes),
    )  # fmt: skip
    return Recount(
        tuple(given.projects[each].id for each in again.funded),
        tuple(given.projects[each].id for each in again.priority),
        again.claim_holds,
    )
