"""What everybody may know, and what everybody at work may."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.objections import queries, rules, statistics
from app.objections.deadlines import Standing, first_contact_at
from app.objections.models import Objection
from app.objections.statistics import Figures
from app.places import service as places
from app.places.errors import DivisionNotFound
from app.places.models import Division
from app.projects import service as projects

Span = tuple[dt.datetime, dt.datetime | None]

#: So many cases are read at a time.
_PAGE = 5_000


@dataclass(frozen=True)
class DivisionFigures:
    """The figures of one division."""

    division: Division
    figures: Figures


def public_count(session: Session, *, project_id: uuid.UUID) -> int | None:
    """How many households object to a project, rounded, where that cannot point at anybody.

    Raises:
        ProjectNotFound: no such public project.
    """
    project = projects.public_project(session, project_id)
    households = places.household_count(session, project.community_code)
    return rules.public_count(queries.open_count(session, project_id), households)


def read_statistics(
    session: Session, *, division_code: str, actor: Actor
) -> tuple[DivisionFigures, list[DivisionFigures]]:
    """The figures of a division, and of the communities in it that have objections, by code.

    A community whose own number could point at somebody is left out; its cases count in the division's.

    Raises:
        DivisionNotFound: no such division, or not yours.
    """
    division = places.division(session, division_code)
    if not actor.may("objection.read_statistics", division_code):
        raise DivisionNotFound
    by_community = defaultdict(list)
    for community_code, case in _standings(session, queries.cases_under(session, divisions=[division_code])):
        by_community[community_code].append(case)
    communities = {row.code: row for row in places.communities_under(session, [division_code])}
    households = {code: places.household_count(session, code) for code in communities}
    now = clock.now()
    everything = [case for cases in by_community.values() for case in cases]
    whole = statistics.figures(everything, households=sum(households.values()), now=now)
    parts = [
        DivisionFigures(row, found)
        for code, row in sorted(communities.items())
        if code != division_code
        and (found := statistics.figures(by_community[code], households=households[code], now=now)).objections
        is not None
    ]
    return DivisionFigures(division, whole), parts


@dataclass(frozen=True)
class Negotiated:
    """The cases of a span of time in figures, and how long they took; no times where the figures say nothing."""

    figures: Figures
    #: (filed, received by an officer or a mediator) of each case, and (filed, first spoken to).
    acknowledged: Sequence[Span] = ()
    contacted: Sequence[Span] = ()


def figures_between(
    session: Session, *, division_code: str, households: int, since: dt.datetime, until: dt.datetime
) -> Negotiated:
    """The cases that were filed under a division in a span of time, by the rule of the public count."""
    rows = queries.cases_between(session, division=division_code, since=since, until=until)
    cases = [case for _, case in _standings(session, rows)]
    found = statistics.figures(cases, households=households, now=clock.now())
    if found.objections is None:
        return Negotiated(found)
    return Negotiated(
        found,
        [(each.filed_at, each.acknowledged_at) for each in cases],
        [(each.filed_at, first_contact_at(each.said)) for each in cases],
    )


def _standings(session: Session, rows: Sequence[Objection]) -> list[tuple[str, Standing]]:
    return [
        each for start in range(0, len(rows), _PAGE) for each in _page(session, rows[start : start + _PAGE])
    ]


def _page(session: Session, rows: Sequence[Objection]) -> list[tuple[str, Standing]]:
    said = queries.said(session, [row.id for row in rows])
    return [
        (
            row.community_code,
            Standing(
                state=row.state, filed_at=row.filed_at, acknowledged_at=row.acknowledged_at,
                escalated_at=row.escalated_at, mediated=row.mediator_id is not None, said=said[row.id],
            ),
        )
        for row in rows
    ]  # fmt: skip
