"""What came of counts: read once, for it never changes, and the outcome of a long list takes a while to read."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.core.recent import Recent
from app.overview import queries
from app.tally.outcome import Reason

KEPT_OUTCOMES = 64


@dataclass(frozen=True)
class Placing:
    """How a project did."""

    place: int
    funded: bool
    backers: int
    first_choices: int
    reason: Reason


@dataclass(frozen=True)
class Figures:
    """What came of a count: funded projects first, then the others, each in published order."""

    spent_fen: int
    placings: Mapping[uuid.UUID, Placing]

    @property
    def funded(self) -> list[uuid.UUID]:
        """The projects that are in, in order."""
        return [project_id for project_id, placing in self.placings.items() if placing.funded]


_outcomes: Recent[uuid.UUID, Figures] = Recent(KEPT_OUTCOMES)


def figures(session: Session, result_id: uuid.UUID) -> Figures:
    """What came of a count."""
    return _outcomes.get(result_id, lambda: _read(json.loads(queries.outcome(session, result_id))))


def _read(outcome: Mapping[str, Any]) -> Figures:
    by_id = {each["id"]: each for each in outcome["projects"]}
    placings = {
        uuid.UUID(project_id): Placing(
            place=place,
            funded=by_id[project_id]["funded"],
            backers=by_id[project_id]["backers"],
            first_choices=next(iter(by_id[project_id]["by_rank"]), 0),
            reason=Reason(by_id[project_id]["reason"]["code"], by_id[project_id]["reason"]["facts"]),
        )
        for place, project_id in enumerate([*outcome["priority"], *outcome["reserve"]], start=1)
    }
    return Figures(spent_fen=outcome["spent"], placings=placings)
