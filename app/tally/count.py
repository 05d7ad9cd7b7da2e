"""The door to the package: one input in, one reasoned outcome out."""

import hashlib
from collections import Counter

from app.tally.equal_shares import rank_mes
from app.tally.greedy import Selection, greedy
from app.tally.model import CountInput, Priority, Rule
from app.tally.outcome import Outcome, Plain, Prefix, ProjectOutcome
from app.tally.support import Support


def count(given: CountInput) -> Outcome:
    """Count: the same bytes for any order of the ballots, on any machine."""
    support = Support(given)
    selection = greedy(support) if given.spec.rule is Rule.GREEDY else rank_mes(support)
    funded = [given.projects[p].id for p in selection.funded]
    in_order = [p for p in support.order if p in set(selection.funded)]
    if given.spec.priority is Priority.PURCHASE:
        in_order = selection.funded
    reserve = [p for p in support.order if p not in set(selection.funded)]
    served = _Served(given)
    prefixes, spent = [], 0
    for position in in_order:
        spent += given.projects[position].cost
        prefixes.append(Prefix(given.projects[position].id, spent, served.after(position)))
    return Outcome(
        rule=given.spec.rule.value,
        parameters=parameters(given),
        inputs_digest=inputs_digest(given),
        voters=support.voters,
        budget=given.budget,
        spent=spent,
        funded=tuple(funded),
        priority=tuple(given.projects[p].id for p in in_order),
        reserve=tuple(given.projects[p].id for p in reserve),
        projects=tuple(_project(support, selection, p) for p in range(len(given.projects))),
        steps=tuple(selection.steps),
        ties=tuple(selection.ties),
        prefixes=tuple(prefixes),
        voters_with_something=prefixes[-1].voters_served if prefixes else 0,
        first_choice_funded=sum(support.by_rank[p][0] for p in selection.funded if support.by_rank[p]),
    )


def parameters(given: CountInput) -> dict[str, Plain]:
    """The settings of the rule as the result names them."""
    spec = given.spec
    shown: dict[str, Plain] = {
        "points": spec.points.value,
        "max_rank": spec.max_rank,
        "priority": spec.priority.value,
        "ties": spec.ties.value,
        "seed": spec.seed,
    }
    if spec.rule is Rule.GREEDY:
        return shown | {"skip": spec.skip, "threshold": spec.threshold}
    return shown | {"completion": "none", "fill": spec.fill.value}


def inputs_digest(given: CountInput) -> str:
    """SHA-256 over list, budget and ballots; the order of the ballots does not matter."""
    digest = hashlib.sha256()
    digest.update(f"budget {given.budget}\n".encode())
    for project in given.projects:
        digest.update(f"project {project.id} {project.cost}\n".encode())
    for ballot, voters in sorted(Counter(given.ballots).items()):
        digest.update(f"ballot {','.join(map(str, ballot))} {voters}\n".encode())
    return digest.hexdigest()


class _Served:
    """Voters who have at least one funded project as the list grows."""

    def __init__(self, given: CountInput) -> None:
        self._waiting = Counter(given.ballots)
        self._served = 0

    def after(self, position: int) -> int:
        """Voters served once this project is funded too."""
        for ballot in [ballot for ballot in self._waiting if position in ballot]:
            self._served += self._waiting.pop(ballot)
        return self._served


def _project(support: Support, selection: Selection, position: int) -> ProjectOutcome:
    project = support.given.projects[position]
    return ProjectOutcome(
        id=project.id,
        cost=project.cost,
        points=support.points[position],
        backers=support.backers[position],
        by_rank=tuple(support.by_rank[position]),
        funded=position in selection.funded,
        reason=selection.reasons[position],
    )
