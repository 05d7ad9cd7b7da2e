"""The opened ballots of a round as a `.pb` file, the format of the public libraries of such elections."""

import json
from collections.abc import Mapping, Sequence

from app.ballots.rules import OpenedBallot
from app.core.canonical import Plain
from app.tally.outcome import Outcome
from app.tally.pabulib import OutFile, OutProject, write


def ballots_pb(
    *,
    frozen: Mapping[str, Plain],
    outcome: Outcome,
    lines: Sequence[OpenedBallot],
    names: Mapping[str, Mapping[str, Plain]],
) -> str:
    """The opened ballots as a `.pb` file: tracker and vote only, projects in the order of the result."""
    order = [*outcome.priority, *outcome.reserve]
    by_id = {each.id: each for each in outcome.projects}
    ids = [each.id for each in outcome.projects]
    comment = (
        f"#1: rule {outcome.rule} version {outcome.version} with {json.dumps(outcome.parameters, sort_keys=True)} "
        "#2: ties as named in result.json #3: voter_id is the voter's tracker"
    )
    return write(
        OutFile(
            meta={
                "description": str(frozen["title"]),
                "country": "China",
                "unit": str(frozen["division_code"]),
                "instance": str(frozen["opens_at"])[:4],
                "budget": _yuan(outcome.budget if outcome.budget is not None else max(outcome.spent, 1)),
                "vote_type": "ordinal",
                "rule": "greedy" if _is_plain_greedy(outcome) else "unknown",
                "date_begin": _day(str(frozen["opens_at"])),
                "date_end": _day(str(frozen["closes_at"])),
                "min_length": "1",
                "max_length": str(min(int(str(frozen["max_rank"])), len(ids))),
                "currency": "CNY",
                "language": "zh",
                "comment": comment,
            },
            projects=[
                OutProject(
                    id=project_id, cost=_yuan(by_id[project_id].cost), votes=by_id[project_id].backers,
                    score=by_id[project_id].points, name=str(names[project_id]["title"]),
                    category=str(names[project_id]["category"]), selected=int(by_id[project_id].funded),
                )
                for project_id in order
            ],
            votes=[(line.tracker, [ids[position] for position in line.ranking]) for line in lines],
        )
    )  # fmt: skip


def _is_plain_greedy(outcome: Outcome) -> bool:
    return (
        outcome.rule == "greedy"
        and outcome.parameters["points"] == "own-length"
        and outcome.budget is not None
    )


def _yuan(amount_fen: int) -> str:
    whole, rest = divmod(amount_fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _day(moment: str) -> str:
    year, month, day = moment[:10].split("-")
    return f"{day}.{month}.{year}"
