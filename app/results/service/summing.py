"""Results in short, for figures over many rounds: who took part, what got money, what ballots wished for."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.core.recent import Recent
from app.results import queries
from app.results.models import ExplanationState
from app.results.queries import ResultLine

#: A year of a city; each is some kilobytes.
KEPT_SUMMARIES = 4096


@dataclass(frozen=True)
class ProjectSum:
    """What ballots and money a project got."""

    first_choices: int
    paid_fen: int
    funded: bool


@dataclass(frozen=True)
class Summary:
    """What of a result is added up.

    Wishes are thousandths of all wishes of the round: every voter has one, divided by the cost of the projects on the
    ballot. They are none while the explanation is being worked out, and where too few voted.
    """

    projects: Mapping[uuid.UUID, ProjectSum]
    by_category: Mapping[str, int] | None
    by_kind: Mapping[str, int] | None
    #: Community -> (on the roll, at least so many of them took part), where the round has several and that was kept.
    communities: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class CountedRound:
    """A result in short."""

    ballots_counted: int
    roll_size: int
    summary: Summary


_summaries: Recent[tuple[uuid.UUID, ExplanationState | None], Summary] = Recent(KEPT_SUMMARIES)


def counted(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, CountedRound]:
    """The announced results of several rounds; those without one are left out."""
    return {
        line.round_id: CountedRound(line.ballots_counted, line.roll_size, _summary(session, line))
        for line in queries.lines_of(session, round_ids)
    }


def _summary(session: Session, line: ResultLine) -> Summary:
    """Read once for each state of the explanation: a result never changes, and neither does what is said of it."""

    def make() -> Summary:
        row = queries.explanation(session, line.result_id)
        body: dict[str, Any] = json.loads(row.body or "{}") if row is not None else {}
        return _read(json.loads(queries.outcome(session, line.result_id)), body)

    return _summaries.get((line.result_id, line.explained), make)


def _read(outcome: Mapping[str, Any], body: Mapping[str, Any]) -> Summary:
    explained = body.get("outcome")
    return Summary(
        projects={
            uuid.UUID(each["id"]): ProjectSum(next(iter(each["by_rank"]), 0), each["paid"], each["funded"])
            for each in outcome["projects"]
        },
        by_category=None if explained is None else _wishes(explained["by_category"]),
        by_kind=_wishes(body["by_kind"]) if "by_kind" in body else None,
        communities={
            each["community_code"]: (each["on_roll"], each["at_least"])
            for each in body.get("turnout", ())
            if each["building"] is None
        },
    )


def _wishes(shares: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {each["name"]: each["wished"] for each in shares}
