"""From a file to a count, and from its outcome back to a file."""

from dataclasses import replace

from app.tally.errors import NotRanked
from app.tally.model import CountInput, Fill, Points, Priority, Project, Rule, RuleSpec, TieOrder
from app.tally.outcome import Outcome
from app.tally.pabulib.election import Election, VoteType

_RANKED = frozenset({VoteType.ORDINAL, VoteType.CHOOSE_1})


def count_input(
    election: Election, *, rule: Rule, points: Points = Points.OWN_LENGTH, skip: bool = True,
    threshold: int | None = None, fill: Fill = Fill.NONE, priority: Priority = Priority.SUPPORT,
) -> CountInput:  # fmt: skip
    """The input of a count of ``election``.

    Ties are settled as Pabulib's officials do: under greedy by the row order of PROJECTS at once (cost first would
    miss Krakow 2022 Czyżyny), under Equal Shares by lower cost, more backers, row order.

    Raises:
        NotRanked: the file has no rankings.
        MalformedInput: a parameter of another rule is set.
    """
    if election.vote_type not in _RANKED:
        message = f"the file holds {election.vote_type} ballots, and this rule counts ranked ones"
        raise NotRanked(message)
    return CountInput(
        projects=tuple(Project(each.id, each.cost, each.withdrawn) for each in election.projects),
        ballots=election.ballots,
        budget=election.budget,
        spec=RuleSpec(
            rule=rule, points=points, max_rank=election.max_length, skip=skip, threshold=threshold, fill=fill,
            priority=priority, ties=TieOrder.ROW if rule is Rule.GREEDY else TieOrder.COST_BACKERS_ROW,
        ),
    )  # fmt: skip


def counted(election: Election, outcome: Outcome) -> Election:
    """``election`` with an outcome written into it: projects in the order of the result, votes, score, selected, rule.

    A rule that Pabulib has no name for is ``unknown``, and a comment says what it was.
    """
    position = {each.id: at for at, each in enumerate(election.projects)}
    results = {each.id: each for each in outcome.projects}
    order = [*outcome.priority, *outcome.reserve]
    moved = {position[project_id]: at for at, project_id in enumerate(order)}
    comment = "; ".join(
        f"{name} {value}" for name, value in sorted(outcome.parameters.items()) if value != ""
    )
    known = election.meta.get("comment", "")
    number = known.count("#") + 1
    return replace(
        election,
        meta={
            **election.meta,
            "rule": _pabulib_rule(outcome),
            "comment": f"{known} #{number}: counted by {outcome.rule} version {outcome.version}: {comment}".strip(),
        },
        projects=tuple(
            replace(
                election.projects[position[project_id]],
                selected=int(results[project_id].funded),
                votes=results[project_id].backers,
                score=str(results[project_id].points),
            )
            for project_id in order
        ),
        ballots=tuple(tuple(moved[each] for each in ballot) for ballot in election.ballots),
    )


def _pabulib_rule(outcome: Outcome) -> str:
    said = outcome.parameters
    if outcome.rule != Rule.GREEDY or said["points"] != Points.OWN_LENGTH:
        return "unknown"
    if not said["skip"]:
        return "greedy-no-skip" if said["threshold"] is None else "unknown"
    return "greedy" if said["threshold"] is None else "greedy-threshold"
