"""Reads of funding."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.funding.chain import Reply, Step
from app.funding.models import CostPolicy, FundingRequest, RequestCostChange, RequestDecision, RequestReply
from app.funding.rules import Decision, RequestState
from app.ideas.models import Idea
from app.meetings.models import Meeting, Minutes, Resolution
from app.meetings.rules import MinutesState
from app.places.models import Building, Division
from app.rounds.models import RoundProject


def policies(session: Session, codes: Sequence[str], on: dt.date) -> Sequence[CostPolicy]:
    """Policies of these divisions that have begun by a day."""
    return session.exec(
        select(CostPolicy)
        .where(col(CostPolicy.division_code).in_(codes), CostPolicy.valid_from <= on)
        .order_by(col(CostPolicy.division_code), col(CostPolicy.valid_from))
    ).all()


def policies_of(session: Session, division_code: str) -> Sequence[CostPolicy]:
    """Every policy a division has set."""
    return session.exec(
        select(CostPolicy)
        .where(CostPolicy.division_code == division_code)
        .order_by(col(CostPolicy.valid_from))
    ).all()


def request(session: Session, request_id: uuid.UUID) -> FundingRequest | None:
    """One request."""
    return session.get(FundingRequest, request_id)


def request_locked(session: Session, request_id: uuid.UUID) -> FundingRequest | None:
    """One request, locked."""
    statement = locked(select(FundingRequest).where(FundingRequest.id == request_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def of_round(session: Session, round_id: uuid.UUID) -> Sequence[FundingRequest]:
    """The requests of a round, in order of priority."""
    return session.exec(
        select(FundingRequest)
        .where(FundingRequest.round_id == round_id)
        .order_by(col(FundingRequest.priority))
    ).all()


def of_project_locked(session: Session, project_id: uuid.UUID) -> Sequence[FundingRequest]:
    """The requests for a project in whatever rounds, locked."""
    statement = locked(select(FundingRequest).where(FundingRequest.project_id == project_id), session)
    ordered = statement.order_by(col(FundingRequest.id)).execution_options(populate_existing=True)
    return session.execute(ordered).scalars().all()


def won(session: Session, project_ids: Collection[uuid.UUID]) -> Sequence[uuid.UUID]:
    """Those of these projects for which money is asked, granted or put off; not the reserve, nor what was declined."""
    waiting = (RequestState.RESERVE, RequestState.DECLINED)
    return session.exec(
        select(FundingRequest.project_id)
        .where(col(FundingRequest.project_id).in_(project_ids), col(FundingRequest.state).not_in(waiting))
        .distinct()
    ).all()


def cost_changes(session: Session, request_ids: Collection[uuid.UUID]) -> Sequence[RequestCostChange]:
    """What settlements changed of the costs behind several requests, in order."""
    return session.exec(
        select(RequestCostChange)
        .where(col(RequestCostChange.request_id).in_(request_ids))
        .order_by(col(RequestCostChange.request_id), col(RequestCostChange.position))
    ).all()


@dataclass(frozen=True)
class Wanted:
    """Which requests somebody looks for."""

    divisions: Sequence[str]
    #: Only under this division, which need not be one of theirs.
    division: str | None = None
    round_id: uuid.UUID | None = None
    state: RequestState | None = None
    step: Step | None = None
    #: Only those that should have been done before this moment.
    overdue_at: dt.datetime | None = None


#: The last row of a page, in the order of the list.
Age = tuple[dt.datetime, uuid.UUID]
Place = tuple[int, dt.datetime, uuid.UUID]


def page(session: Session, wanted: Wanted, *, after: Age | None, limit: int) -> Sequence[FundingRequest]:
    """Requests that are wanted, oldest first, the reserve included."""
    return _page(session, wanted, (col(FundingRequest.created_at), col(FundingRequest.id)), after, limit)


def page_by_priority(
    session: Session, wanted: Wanted, *, after: Place | None, limit: int
) -> Sequence[FundingRequest]:
    """Requests that are wanted, by their place in the result of their round; older ones first among equals."""
    order = (col(FundingRequest.priority), col(FundingRequest.created_at), col(FundingRequest.id))
    return _page(session, wanted, order, after, limit)


def by_step(session: Session, wanted: Wanted, *, now: dt.datetime) -> Sequence[tuple[Step, int, int, int]]:
    """(step, requests it has in hand, those that are overdue, those whose costs a settlement changed)."""
    late = sa.func.count(sa.case((col(FundingRequest.due_at) <= now, 1)))
    statement: Any = (
        sa.select(
            col(FundingRequest.step),
            sa.func.count(),
            late,
            sa.func.count(col(FundingRequest.settled_cost_fen)),
        )
        .where(*_wanted(wanted), col(FundingRequest.step).is_not(None))
        .group_by(col(FundingRequest.step))
    )
    return [
        (Step(step), int(count), int(overdue), int(recosted))
        for step, count, overdue, recosted in session.execute(statement)
    ]


def first_dues(session: Session, wanted: Wanted) -> dict[Step, dt.datetime]:
    """Step -> when the first of its requests is due; steps without a deadline are left out."""
    statement: Any = (
        sa.select(col(FundingRequest.step), sa.func.min(col(FundingRequest.due_at)))
        .where(
            *_wanted(wanted), col(FundingRequest.step).is_not(None), col(FundingRequest.due_at).is_not(None)
        )
        .group_by(col(FundingRequest.step))
    )
    return {Step(step): due_at for step, due_at in session.execute(statement)}


def put_off(session: Session, wanted: Wanted) -> Sequence[tuple[int, int, int]]:
    """(year, requests put off to it, the governments' part of their cost), by year."""
    public = col(FundingRequest.district_fen) + col(FundingRequest.subdistrict_fen)
    statement: Any = (
        sa.select(col(FundingRequest.deferred_to), sa.func.count(), sa.func.sum(public))
        .where(
            *_wanted(wanted), col(FundingRequest.state) == RequestState.DEFERRED,
            col(FundingRequest.deferred_to).is_not(None),
        )
        .group_by(col(FundingRequest.deferred_to))
        .order_by(col(FundingRequest.deferred_to))
    )  # fmt: skip
    return [(int(year), int(count), int(public)) for year, count, public in session.execute(statement)]


def division_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Code -> name of several divisions."""
    rows = session.execute(
        sa.select(col(Division.code), col(Division.name)).where(col(Division.code).in_(codes))
    )
    return {code: name for code, name in rows}  # noqa: C416 - a row is not a pair for the type checker


def replies(session: Session, request_id: uuid.UUID) -> Sequence[RequestReply]:
    """What came from the committee and the calendar, in order."""
    return session.exec(
        select(RequestReply).where(RequestReply.request_id == request_id).order_by(col(RequestReply.position))
    ).all()


def resolution(session: Session, resolution_id: uuid.UUID) -> tuple[Resolution, Meeting] | None:
    """A resolution and its meeting."""
    found = session.execute(
        sa.select(Resolution, Meeting)
        .join(Meeting, col(Meeting.id) == col(Resolution.meeting_id))
        .where(col(Resolution.id) == resolution_id)
    ).first()
    return None if found is None else (found[0], found[1])


def latest_minutes(session: Session, meeting_id: uuid.UUID) -> Minutes | None:
    """The newest published version of a meeting's minutes."""
    return session.exec(
        select(Minutes)
        .where(Minutes.meeting_id == meeting_id, Minutes.state == MinutesState.PUBLISHED)
        .order_by(col(Minutes.version).desc())
        .limit(1)
    ).first()


def idea(session: Session, idea_id: uuid.UUID) -> Idea | None:
    """The residents' idea that raised a project."""
    return session.get(Idea, idea_id)


def building_names(session: Session, ids: Collection[uuid.UUID]) -> Sequence[str]:
    """What several buildings are called."""
    return session.exec(
        select(Building.name).where(col(Building.id).in_(ids)).order_by(col(Building.name))
    ).all()


def decisions(session: Session, request_id: uuid.UUID) -> Sequence[RequestDecision]:
    """What was decided on a request, in order."""
    return session.exec(
        select(RequestDecision)
        .where(RequestDecision.request_id == request_id)
        .order_by(col(RequestDecision.position))
    ).all()


def spoke_at(session: Session, request_id: uuid.UUID, ref: str) -> set[Step]:
    """For whom somebody has spoken on a request: a step of the chain, or the committee."""
    steps = session.exec(
        select(RequestDecision.step)
        .where(RequestDecision.request_id == request_id, RequestDecision.by == ref)
        .distinct()
    ).all()
    answered = session.exec(
        select(RequestReply.position)
        .where(RequestReply.request_id == request_id, RequestReply.by == ref)
        .limit(1)
    ).first()
    found = {Step(each) for each in steps if each is not None}
    return found if answered is None else found | {Step.COMMITTEE}


def due_deferred(session: Session, year: int, limit: int) -> Sequence[FundingRequest]:
    """Requests put off to this year or an earlier one."""
    return session.exec(
        select(FundingRequest)
        .where(FundingRequest.state == RequestState.DEFERRED, col(FundingRequest.deferred_to) <= year)
        .order_by(col(FundingRequest.created_at), col(FundingRequest.id))
        .limit(limit)
    ).all()


def totals(session: Session, divisions: Sequence[str]) -> Sequence[tuple[RequestState, int, int, int, int]]:
    """By state: requests, their cost, the governments' part of it, what was approved."""
    statement: Any = (
        sa.select(
            col(FundingRequest.state),
            sa.func.count(),
            *(
                sa.func.coalesce(sa.func.sum(amount), 0)
                for amount in (
                    col(FundingRequest.cost_fen),
                    col(FundingRequest.district_fen) + col(FundingRequest.subdistrict_fen),
                    col(FundingRequest.approved_fen),
                )
            ),
        )
        .where(_under(divisions))
        .group_by(col(FundingRequest.state))
    )
    return sorted(
        (RequestState(state), int(count), int(cost), int(public), int(approved))
        for state, count, cost, public, approved in session.execute(statement)
    )


def _page(
    session: Session, wanted: Wanted, order: Sequence[Any], after: Sequence[Any] | None, limit: int
) -> Sequence[FundingRequest]:
    statement = select(FundingRequest).where(*_wanted(wanted))
    if after is not None:
        bound = sa.tuple_(*after, types=[each.type for each in order])
        statement = statement.where(sa.tuple_(*order) > bound)
    return session.exec(statement.order_by(*order).limit(limit)).all()


def _wanted(wanted: Wanted) -> list[Any]:
    found: list[Any] = [_under(wanted.divisions)]
    if wanted.division is not None:
        found.append(_under([wanted.division]))
    if wanted.round_id is not None:
        found.append(col(FundingRequest.round_id) == wanted.round_id)
    if wanted.state is not None:
        found.append(col(FundingRequest.state) == wanted.state)
    if wanted.step is not None:
        found.append(col(FundingRequest.step) == wanted.step)
    if wanted.overdue_at is not None:
        found.append(col(FundingRequest.due_at) <= wanted.overdue_at)
    return found


def _under(divisions: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.false(),
        *(col(FundingRequest.community_code).startswith(significant(code)) for code in divisions),
    )


@dataclass(frozen=True)
class MoneyLine:
    """Requests of one category, way of delivery and state; amounts are the governments' part, in fen."""

    category: str
    delivery_kind: str
    state: RequestState
    #: Work may start.
    released: bool
    requests: int
    asked_fen: int
    approved_fen: int


def money_lines(session: Session, *, division: str, round_ids: Collection[uuid.UUID]) -> list[MoneyLine]:
    """The requests of several rounds under a division, grouped."""
    public = col(FundingRequest.district_fen) + col(FundingRequest.subdistrict_fen)
    released = sa.case((col(FundingRequest.released_at).is_not(None), 1), else_=0)
    keys = (col(RoundProject.category), col(RoundProject.delivery_kind), col(FundingRequest.state), released)
    statement: Any = (
        sa.select(
            *keys, sa.func.count(), sa.func.sum(public),
            sa.func.coalesce(sa.func.sum(col(FundingRequest.approved_fen)), 0),
        )
        .join(
            RoundProject,
            sa.and_(
                col(RoundProject.round_id) == col(FundingRequest.round_id),
                col(RoundProject.project_id) == col(FundingRequest.project_id),
            ),
        )
        .where(col(FundingRequest.round_id).in_(round_ids), _under([division]))
        .group_by(*keys)
    )  # fmt: skip
    return [
        MoneyLine(category, kind, RequestState(state), bool(out), int(count), int(asked), int(approved))
        for category, kind, state, out, count, asked, approved in session.execute(statement)
    ]


def requests_under(
    session: Session, *, division: str, round_ids: Collection[uuid.UUID]
) -> Sequence[FundingRequest]:
    """The submitted requests of several rounds under a division, without their evidence."""
    return session.exec(
        select(FundingRequest)
        .options(defer(FundingRequest.evidence), defer(FundingRequest.justification))  # type: ignore[arg-type]
        .where(*_submitted(division, round_ids))
    ).all()


def said_about(
    session: Session, *, division: str, round_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[dt.datetime, Step | None, Decision | Reply]]]:
    """(when, at which step, what) was said about each of the same requests, by either side, as it happened."""
    found: dict[uuid.UUID, list[tuple[dt.datetime, Step | None, Decision | Reply]]] = defaultdict(list)
    ids = sa.select(col(FundingRequest.id)).where(*_submitted(division, round_ids))
    decisions: Any = sa.select(
        col(RequestDecision.request_id), col(RequestDecision.at), col(RequestDecision.step),
        col(RequestDecision.decision),
    ).where(col(RequestDecision.request_id).in_(ids))  # fmt: skip
    replies: Any = sa.select(
        col(RequestReply.request_id), col(RequestReply.at), sa.null(), col(RequestReply.reply)
    ).where(col(RequestReply.request_id).in_(ids))
    for statement in (decisions, replies):
        for request_id, at, step, what in session.execute(statement):
            found[request_id].append((at, step, what))
    for each in found.values():
        each.sort(key=lambda said: said[0])
    return found


def _submitted(division: str, round_ids: Collection[uuid.UUID]) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(FundingRequest.round_id).in_(round_ids), _under([division]),
        col(FundingRequest.state) != RequestState.RESERVE,
    )  # fmt: skip
