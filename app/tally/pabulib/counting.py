"""From a file to a count, and from its outcome back to a file."""

import re
from dataclasses import replace
from decimal import Decimal

from app.tally.errors import MalformedInput, NotRanked
from app.tally.model import (
    SHARING,
    Completion,
    CountInput,
    Fill,
    Points,
    Priority,
    Project,
    Rule,
    RuleSpec,
    TieOrder,
    Unranked,
    Until,
)
from app.tally.outcome import Outcome, ProjectOutcome
from app.tally.pabulib.election import POINT_TYPES, Election, VoteType

_RANKED = frozenset({VoteType.ORDINAL, VoteType.CHOOSE_1})
#: Rules to which it matters what stands before what on a ballot.
_BY_RANK = frozenset({Rule.RANK_MES, Rule.SCHULZE, Rule.PB_EAR})
#: How the comments of Poznań's files say that a last project is funded in part.
_IN_PART = re.compile(r"at least (\d{1,2}) ?% of that project")


def natural_points(election: Election) -> Points:
    """The point convention of the file's ballots."""
    if election.vote_type is VoteType.ORDINAL:
        return Points.OWN_LENGTH
    return Points.GIVEN if election.vote_type in POINT_TYPES else Points.APPROVAL


def count_input(
    election: Election, *, rule: Rule, points: Points | None = None, skip: bool = True, threshold: int | None = None,
    completion: Completion = Completion.NONE, until: Until = Until.INFEASIBLE, fill: Fill = Fill.NONE,
    comparison: bool = False, part_percent: int | None = None, unranked: Unranked = Unranked.NEVER,
    priority: Priority = Priority.SUPPORT,
) -> CountInput:  # fmt: skip
    """The input of a count of ``election``.

    Ties are settled as Pabulib's officials do: by the row order of PROJECTS at once (cost first would miss Krakow 2022
    Czyżyny), under the rules that divide the money by lower cost, more backers, row order. Shares are raised from whole
    units of the currency, by one unit at a time, as the library defines it.

    Raises:
        NotRanked: the file has no rankings, and the rule or the points need them.
        MalformedInput: a parameter of another rule is set.
    """
    points = points or natural_points(election)
    ranks = rule in _BY_RANK or points in {Points.OWN_LENGTH, Points.FIXED_K}
    if ranks and election.vote_type not in _RANKED:
        message = f"the file holds {election.vote_type} ballots, and this counts ranked ones; greedy and mes count both"
        raise NotRanked(message)
    if points is Points.GIVEN and election.vote_type not in POINT_TYPES:
        raise MalformedInput("the voters of this file gave no points")
    scale, given = _given_points(election) if points is Points.GIVEN else (0, None)
    return CountInput(
        projects=tuple(Project(each.id, each.cost, each.withdrawn) for each in election.projects),
        ballots=election.ballots,
        budget=election.budget,
        given_points=given,
        spec=RuleSpec(
            rule=rule, points=points, max_rank=election.max_length, skip=skip,
            threshold=None if threshold is None else threshold * 10**scale,
            completion=completion, until=until, fill=fill, comparison=comparison, part_percent=part_percent,
            share_unit=10**election.scale if completion is not Completion.NONE else 0,
            unranked=unranked, priority=priority,
            ties=TieOrder.COST_BACKERS_ROW if rule in SHARING else TieOrder.ROW,
        ),
    )  # fmt: skip


def as_file(election: Election) -> CountInput:
    """The count that the file itself names in META: rule, kind of ballots, threshold, last project in part.

    Raises:
        MalformedInput: META names no rule, or one that the file does not tell enough about.
    """
    name = election.meta.get("rule", "").strip().lower()
    family, _, variant = name.partition("/")
    if family.partition("-")[0] == "equalshares":
        words = {*family.split("-"), *variant.split("-")} - {"equalshares", ""}
        if words <= {"add1", "comparison"}:
            return count_input(
                election,
                rule=Rule.MES,
                completion=Completion.ADD1 if "add1" in words else Completion.NONE,
                comparison="comparison" in words,
            )
    if name == "greedy":
        return count_input(election, rule=Rule.GREEDY)
    if name == "greedy-no-skip":
        return count_input(election, rule=Rule.GREEDY, skip=False)
    if name == "greedy-threshold":
        return count_input(election, rule=Rule.GREEDY, threshold=_threshold(election))
    if name == "greedy-custom" and (said := _IN_PART.search(election.meta.get("comment", ""))):
        return count_input(election, rule=Rule.GREEDY, skip=False, part_percent=int(said[1]))
    if not name or name == "unknown":
        raise MalformedInput("the file does not say by which rule it was counted; name one with --rule")
    message = f"the file says rule {name}, and not all that this rule needs; name another one with --rule"
    raise MalformedInput(message)


def _threshold(election: Election) -> int:
    """``min_project_score_threshold``, rounded up to whole points."""
    text = election.meta.get("min_project_score_threshold", "").replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", text):
        raise MalformedInput("the rule is greedy-threshold, and META has no min_project_score_threshold")
    return int(-(-Decimal(text) // 1))


def _given_points(election: Election) -> tuple[int, tuple[int, ...]]:
    """How many decimals the points have, and the sum of each project's points in units of the last one."""
    total = [Decimal(0)] * len(election.projects)
    listed = [0] * len(election.projects)
    for ballot, points in zip(election.ballots, election.points, strict=True):
        for position, each in zip(ballot, points, strict=True):
            total[position] += each
            listed[position] += 1
    default = election.meta.get("default_score", "").replace(",", ".")
    if election.vote_type is VoteType.SCORING and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", default):
        silent = [len(election.ballots) - number for number in listed]
        total = [each + Decimal(default) * number for each, number in zip(total, silent, strict=True)]
    exponents = [-int(each.normalize().as_tuple().exponent) for each in total]
    scale = max(0, *exponents) if exponents else 0
    return scale, tuple(int(each.scaleb(scale)) for each in total)


def counted(election: Election, outcome: Outcome) -> Election:
    """``election`` with an outcome written into it: projects in the order of the result, votes, score, selected, rule.

    A rule that Pabulib has no name for is ``unknown``, and a comment says what it was.
    """
    position = {each.id: at for at, each in enumerate(election.projects)}
    results = {each.id: each for each in outcome.projects}
    order = [*outcome.priority, *outcome.reserve]
    moved = {position[project_id]: at for at, project_id in enumerate(order)}
    comment = "; ".join(
        f"{name} {value}" for name, value in sorted(outcome.parameters.items()) if value not in {"", None}
    )
    known = election.meta.get("comment", "")
    number = known.count("#") + 1
    return replace(
        election,
        meta={
            **election.meta,
            "rule": _pabulib_rule(election, outcome),
            "comment": f"{known} #{number}: counted by {outcome.rule} version {outcome.version}: {comment}".strip(),
        },
        projects=tuple(
            replace(
                election.projects[position[project_id]],
                selected=_selected(results[project_id]),
                votes=results[project_id].backers,
                score=str(results[project_id].points),
            )
            for project_id in order
        ),
        ballots=tuple(tuple(moved[each] for each in ballot) for ballot in election.ballots),
    )


def _selected(project: ProjectOutcome) -> int:
    """Pabulib's mark: 1 funded, 2 funded in part, 0 not."""
    if not project.funded:
        return 0
    return 1 if project.paid == project.cost else 2


def _pabulib_rule(election: Election, outcome: Outcome) -> str:
    said = outcome.parameters
    if said["points"] != natural_points(election) or said["part_percent"] is not None:
        return "unknown"
    if outcome.rule == Rule.GREEDY:
        if not said["skip"]:
            return "greedy-no-skip" if said["threshold"] is None else "unknown"
        return "greedy" if said["threshold"] is None else "greedy-threshold"
    if outcome.rule != Rule.MES or said["threshold"] is not None or said["fill"] != Fill.NONE:
        return "unknown"
    compared = "-comparison" if said["comparison"] else ""
    if said["completion"] == Completion.NONE:
        return f"equalshares{compared}"
    return (
        f"equalshares/add1{compared}"
        if said["until"] == Until.INFEASIBLE and said["share_unit"]
        else "unknown"
    )
