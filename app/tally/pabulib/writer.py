"""From an election to the text of a `.pb` file; the same text for the same election."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.tally.errors import MalformedInput
from app.tally.pabulib.election import POINT_TYPES, Election


@dataclass(frozen=True)
class OutProject:
    """A row of PROJECTS to write; ``cost`` as decimal text in whole units of the currency."""

    id: str
    cost: str
    votes: int
    score: int
    name: str
    category: str
    selected: int


@dataclass(frozen=True)
class OutFile:
    """A file to write. Projects stand in the order of the result, votes in the order given."""

    meta: Mapping[str, str]
    projects: Sequence[OutProject]
    votes: Sequence[tuple[str, Sequence[str]]]


def write(file: OutFile) -> str:
    """A `.pb` file with ranked ballots. Titles and remarks of several lines become one line.

    Raises:
        MalformedInput: an id that a list of ids cannot hold, or a voter without an id.
    """
    return _text(
        meta={key: _one_line(value) for key, value in file.meta.items()},
        header=["project_id", "cost", "votes", "score", "name", "category", "selected"],
        projects=[
            [each.id, each.cost, str(each.votes), str(each.score), _one_line(each.name), _one_line(each.category),
             str(each.selected)]
            for each in file.projects
        ],
        votes=[[voter, ",".join(vote)] for voter, vote in file.votes],
    )  # fmt: skip


def write_election(election: Election) -> str:
    """The text from which `reader.read` makes the same election again.

    Raises:
        MalformedInput: an id that a list of ids cannot hold, or a voter without an id.
    """
    header = ["project_id", "cost", "votes", "score", "name", "category", "selected"]
    rows = [
        [each.id, election.amount(each.cost), _shown(each.votes), each.score or "", each.name, each.category,
         _shown(each.selected)]
        for each in election.projects
    ]  # fmt: skip
    used = [
        at for at, name in enumerate(header) if name in {"project_id", "cost"} or any(row[at] for row in rows)
    ]
    votes = [
        [voter, ",".join(election.projects[position].id for position in ballot)]
        for voter, ballot in zip(election.voter_ids, election.ballots, strict=True)
    ]
    if election.points:
        votes = [
            [*vote, ",".join(str(each) for each in points)]
            for vote, points in zip(votes, election.points, strict=True)
        ]
    return _text(
        meta=election.meta,
        header=[header[at] for at in used],
        projects=[[row[at] for at in used] for row in rows],
        votes=votes,
        points=bool(election.points) or election.vote_type in POINT_TYPES,
    )


def _text(
    *, meta: Mapping[str, str], header: list[str], projects: Sequence[list[str]], votes: Sequence[list[str]],
    points: bool = False,
) -> str:  # fmt: skip
    if any(not row[0].strip() or "," in row[0] or row[0] != row[0].strip() for row in projects):
        raise MalformedInput("an id of a project is empty or contains a comma or blanks at its ends")
    if any(not row[0].strip() for row in votes):
        raise MalformedInput("a voter has no id")
    said = dict(meta) | {"num_projects": str(len(projects)), "num_votes": str(len(votes))}
    rows: list[Iterable[str]] = [["META"], ["key", "value"], *said.items(), ["PROJECTS"], header, *projects]
    rows += [["VOTES"], ["voter_id", "vote", "points"] if points else ["voter_id", "vote"], *votes]
    return "".join(";".join(map(_cell, row)) + "\n" for row in rows)


def _cell(text: str) -> str:
    """A cell, in quotes where it contains what would end it."""
    if any(mark in text for mark in ';"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)
