"""The door to the package: one input in, one reasoned outcome out."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from app.tally.equal_shares import rank_mes
from app.tally.greedy import greedy
from app.tally.model import CountInput, Priority, Rule
from app.tally.outcome import Outcome, Plain, Prefix, ProjectOutcome, Stake
from app.tally.selection import Selection
from app.tally.support import Support

#: A rule is a function from support to a selection; a new one is added here, in `model.Rule` and in `recount`.
RULES: Mapping[Rule, Callable[[Support], Selection]] = {Rule.GREEDY: greedy, Rule.RANK_MES: rank_mes}


def count(given: CountInput) -> Outcome:
    """Count: the same bytes for any order of the ballots, on any machine."""
    support = Support(given)
    selection = RULES[given.spec.rule](support)
    funded = set(selection.funded)
    priority = [p for p in support.order if p in funded]
    if given.spec.priority is Priority.PURCHASE:
        priority = selection.funded
    reserve = [p for p in support.order if p not in funded]
    reserve.sort(key=lambda p: given.projects[p].withdrawn)  # stable: withdrawn ones come last
    _note_places(selection, priority, reserve)
    prefixes = _prefixes(given, priority)
    places = {position: place for place, position in enumerate([*priority, *reserve], start=1)}
    spent = sum(given.projects[p].cost for p in selection.funded)

    def ids(positions: Sequence[int]) -> tuple[str, ...]:
        return tuple(given.projects[p].id for p in positions)

    return Outcome(
        rule=given.spec.rule.value,
        parameters=parameters(given),
        inputs_digest=inputs_digest(given),
        voters=support.voters,
        budget=given.budget,
        spent=spent,
        leftover=selection.left,
        funded=ids(selection.funded),
        priority=ids(priority),
        reserve=ids(reserve),
        projects=tuple(
            ProjectOutcome(
                id=project.id,
                cost=project.cost,
                points=support.points[p],
                backers=support.backers[p],
                by_rank=tuple(support.by_rank[p]),
                funded=p in funded,
                place=places[p],
                reason=selection.reasons[p],
            )
            for p, project in enumerate(given.projects)
        ),
        steps=tuple(selection.steps),
        ties=tuple(selection.ties),
        prefixes=tuple(prefixes),
        voters_with_something=prefixes[-1].voters_served if prefixes else 0,
        first_choice_funded=sum(support.backers_within(p, 1) for p in selection.funded),
    )


def parameters(given: CountInput) -> dict[str, Plain]:
    """The settings of the rule as the result names them; those without effect on it are left out."""
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
    """SHA-256 of budget, list and ballots as JSON without white space; the order of the ballots does not matter.

    Ballots are grouped: each different ranking stands once, as positions on the list with the number of voters who
    cast it, in ascending order.
    """
    content = {
        "budget": given.budget,
        "projects": [[project.id, project.cost, project.withdrawn] for project in given.projects],
        "ballots": list(given.distinct.items()),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _note_places(selection: Selection, priority: Sequence[int], reserve: Sequence[int]) -> None:
    """Record ties in points that decided a place of the published order and nothing else."""
    support = selection.support
    by_points = support.given.spec.priority is Priority.SUPPORT or support.given.spec.rule is Rule.GREEDY
    for equals in support.equals:
        for listed in (set(priority) if by_points else set(), set(reserve)):
            rivals = [position for position in equals if position in listed]
            known = {support.given.projects[position].id for position in rivals}
            decided = any(tie.stake is Stake.FUNDING and known <= set(tie.between) for tie in selection.ties)
            if len(rivals) > 1 and not decided:
                selection.tie(rivals, Stake.PLACE)


def _prefixes(given: CountInput, priority: Sequence[int]) -> list[Prefix]:
    """What is used, and who has something, after each place of the list."""
    waiting = dict(given.distinct)
    prefixes, spent, served = [], 0, 0
    for position in priority:
        spent += given.projects[position].cost
        for ballot in [ballot for ballot in waiting if position in ballot]:
            served += waiting.pop(ballot)
        prefixes.append(Prefix(given.projects[position].id, spent, served))
    return prefixes
