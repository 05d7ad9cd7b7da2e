"""The door to the package: one input in, one reasoned outcome out."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from app.tally.arithmetic import Arithmetic
from app.tally.greedy import greedy
from app.tally.model import LISTING, Completion, CountInput, Priority, Rule
from app.tally.outcome import CompletionOutcome, Outcome, Plain, Prefix, ProjectOutcome, Stake
from app.tally.selection import Selection
from app.tally.sharing import equal_shares, pb_ear
from app.tally.support import Support

#: A rule is a function from support to a selection; a new one is added here, in `model.Rule` and in the recount.
RULES: Mapping[Rule, Callable[[Support, Arithmetic], Selection]] = {
    Rule.GREEDY: greedy,
    Rule.SCHULZE: greedy,
    Rule.RANK_MES: equal_shares,
    Rule.MES: equal_shares,
    Rule.PB_EAR: pb_ear,
}


def select(support: Support, arithmetic: Arithmetic = Arithmetic.CERTIFIED) -> Selection:
    """Run the rule alone: who is in, in the order of its own steps."""
    return RULES[support.given.spec.rule](support, arithmetic)


def count(given: CountInput, arithmetic: Arithmetic = Arithmetic.CERTIFIED) -> Outcome:
    """Count: the same bytes for any order of the ballots, on any machine.

    Raises:
        NotCertified: exact numbers come to another outcome than floating point.
    """
    support = Support(given)
    selection = select(support, arithmetic)
    funded = set(selection.funded)
    priority = [p for p in support.order if p in funded]
    if given.spec.priority is Priority.PURCHASE:
        priority = selection.funded
    reserve = [p for p in support.order if p not in funded]
    reserve.sort(key=lambda p: given.projects[p].withdrawn)  # stable: withdrawn ones come last
    _note_places(selection, priority, reserve)
    paid = {p: selection.in_part.get(p, given.projects[p].cost) for p in selection.funded}
    prefixes = _prefixes(support, priority, paid)
    places = {position: place for place, position in enumerate([*priority, *reserve], start=1)}

    def ids(positions: Sequence[int]) -> tuple[str, ...]:
        return tuple(given.projects[p].id for p in positions)

    return Outcome(
        rule=given.spec.rule.value,
        parameters=parameters(given),
        inputs_digest=inputs_digest(given),
        voters=support.voters,
        budget=given.budget,
        spent=sum(paid.values()),
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
                paid=paid.get(p, 0),
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
        completion=None if selection.completed is None else CompletionOutcome.of(selection.completed),
        comparison=selection.compared,
    )


def parameters(given: CountInput) -> dict[str, Plain]:
    """The settings of the rule as the result names them; those without effect on it are left out."""
    spec = given.spec
    shown: dict[str, Plain] = {
        "points": spec.points.value,
        "max_rank": spec.max_rank,
        "threshold": spec.threshold,
        "part_percent": spec.part_percent,
        "priority": spec.priority.value,
        "ties": spec.ties.value,
        "seed": spec.seed,
    }
    if spec.rule in LISTING:
        return shown | {"skip": spec.skip}
    shown |= {"fill": spec.fill.value}
    if spec.rule is Rule.PB_EAR:
        return shown | {"unranked": spec.unranked.value}
    shown |= {"completion": spec.completion.value}
    if spec.completion is not Completion.NONE:
        shown |= {"until": spec.until.value, "share_unit": spec.share_unit}
    return shown | {"comparison": spec.comparison} if spec.rule is Rule.MES else shown


def inputs_digest(given: CountInput) -> str:
    """SHA-256 of budget, list and ballots as JSON without white space; the order of the ballots does not matter.

    Ballots are grouped: each different ranking stands once, as positions on the list with the number of voters who
    cast it, in ascending order. Groups, decisions before the vote and given points stand there where there are any.
    """
    content: dict[str, object] = {
        "budget": given.budget,
        "projects": [[project.id, project.cost, project.withdrawn] for project in given.projects],
        "ballots": list(given.profile.items()),
    }
    groups = {project.id: project.group for project in given.projects if project.group}
    forced = {project.id: project.forced.value for project in given.projects if project.forced}
    content |= {"groups": groups} if groups else {}
    content |= {"forced": forced} if forced else {}
    content |= {"points": list(given.given_points)} if given.given_points is not None else {}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _note_places(selection: Selection, priority: Sequence[int], reserve: Sequence[int]) -> None:
    """Record ties in support that decided a place of the published order and nothing else."""
    support = selection.support
    by_support = support.given.spec.priority is Priority.SUPPORT or support.given.spec.rule in LISTING
    for equals in support.equals:
        for listed in (set(priority) if by_support else set(), set(reserve)):
            rivals = [position for position in equals if position in listed]
            known = {support.given.projects[position].id for position in rivals}
            decided = any(tie.stake is Stake.FUNDING and known <= set(tie.between) for tie in selection.ties)
            if len(rivals) > 1 and not decided:
                selection.tie(rivals, Stake.PLACE)


def _prefixes(support: Support, priority: Sequence[int], paid: Mapping[int, int]) -> list[Prefix]:
    """What is used, and who has something, after each place of the list."""
    waiting = support.profile.voters.copy()
    prefixes, spent, served = [], 0, 0
    for position in priority:
        spent += paid[position]
        who, _ = support.listings[position]
        served += int(waiting[who].sum())
        waiting[np.asarray(who)] = 0
        prefixes.append(Prefix(support.given.projects[position].id, spent, served))
    return prefixes
