"""The first screen of a community, in a handful of statements."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from app.committees.models import CommitteeProfile
from app.funding.rules import RequestState
from app.overview import queries, rules
from app.overview.rules import PublicTurnout
from app.overview.service.outcomes import Figures, figures
from app.places import rules as place_rules
from app.places import service as places
from app.places.models import Division
from app.recorded.models import OwnersDecision
from app.results.models import Result
from app.rounds.models import Round
from app.rounds.rules import RoundState

#: Where a round is neither coming nor over.
_COUNTING = (RoundState.CLOSED, RoundState.UNSEALED, RoundState.COUNTED)
_NOW = (RoundState.PUBLISHED, RoundState.OPEN, *_COUNTING)
MOST_MINUTES = 2
MOST_IDEAS = 2
MOST_FIRST = 3


@dataclass(frozen=True)
class RoundNow:
    """A round that is not over."""

    round: Round
    projects: int
    turnout: PublicTurnout | None


@dataclass(frozen=True)
class Funded:
    """A project that a round put first, and where its money is."""

    project_id: uuid.UUID
    title: str
    place: int
    cost_fen: int
    state: RequestState | None


@dataclass(frozen=True)
class Counted:
    """A round with a published result, and where its money is: (state, requests, cost, approved)."""

    round: Round
    result: Result
    figures: Figures
    money: list[tuple[RequestState, int, int, int]]
    first: list[Funded]


@dataclass(frozen=True)
class Decided:
    """A recorded round with a published decision."""

    round: Round
    decision: OwnersDecision


@dataclass(frozen=True)
class Overview:
    """A community at one glance."""

    community: Division
    above: Sequence[Division]
    committee: CommitteeProfile | None
    open: list[RoundNow]
    coming: list[RoundNow]
    counting: list[RoundNow]
    last: Counted | Decided | None
    minutes: Sequence[Any]
    ideas: Sequence[Any]


def read(session: Session, community_code: str) -> Overview:
    """A community at one glance.

    Raises:
        DivisionNotFound: there is no such community.
    """
    community = places.community(session, community_code)
    rows = queries.rounds_of(session, community_code, _NOW)
    sizes = queries.list_sizes(session, [row.id for row in rows])
    figures_of = queries.turnouts(session, [row.id for row in rows])

    def now(*states: RoundState) -> list[RoundNow]:
        return [
            RoundNow(row, sizes.get(row.id, 0), _turnout(row, figures_of.get(row.id)))
            for row in rows
            if row.status in states
        ]

    return Overview(
        community=community,
        above=queries.divisions(session, codes_above(community_code)),
        committee=queries.committee(session, community_code),
        open=now(RoundState.OPEN),
        coming=sorted(now(RoundState.PUBLISHED), key=lambda each: each.round.opens_at),
        counting=now(*_COUNTING),
        last=_last(session, community_code),
        minutes=queries.latest_minutes(session, community_code, MOST_MINUTES),
        ideas=queries.most_endorsed(session, community_code, MOST_IDEAS),
    )


def codes_above(code: str) -> list[str]:
    """The codes of the divisions above one, the nearest first."""
    found: list[str] = []
    parent = place_rules.parent_of(code)
    while parent is not None:
        found.append(parent)
        parent = place_rules.parent_of(parent)
    return found


def _turnout(row: Round, at_least: int | None) -> PublicTurnout | None:
    # a figure may be a minute older than the end of its round
    if at_least is None or row.status is not RoundState.OPEN:
        return None
    return rules.public_turnout(taken_part=at_least, roll_size=row.roll_size)


def _last(session: Session, community_code: str) -> Counted | Decided | None:
    counted = queries.last_result(session, community_code)
    decided = queries.last_decision(session, community_code)
    if decided is not None and (counted is None or counted[0].announced_at < decided[0].announced_at):
        return Decided(decided[1], decided[0])
    return None if counted is None else _counted(session, *counted)


def _counted(session: Session, result: Result, row: Round) -> Counted:
    counted = figures(session, result.id)
    requests = queries.requests_of(session, row.id)
    money: dict[RequestState, tuple[int, int, int]] = {}
    for request in requests:
        count, cost_fen, approved_fen = money.get(request.state, (0, 0, 0))
        money[request.state] = (
            count + 1, cost_fen + request.cost_fen, approved_fen + (request.approved_fen or 0),
        )  # fmt: skip
    first = counted.funded[:MOST_FIRST]
    listed = queries.listed(session, row.id, first)
    states = {request.project_id: request.state for request in requests}
    return Counted(
        row, result, counted,
        [(state, *money[state]) for state in RequestState if state in money],
        [
            Funded(
                project_id, listed[project_id].title, place, listed[project_id].cost_fen, states.get(project_id)
            )
            for place, project_id in enumerate(first, start=1)
        ],
    )  # fmt: skip
