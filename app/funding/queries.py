"""Reads of funding."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.funding.models import CostPolicy, FundingRequest, RequestDecision
from app.funding.rules import RequestState


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


def page(
    session: Session,
    *,
    divisions: Sequence[str],
    round_id: uuid.UUID | None,
    state: RequestState | None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[FundingRequest]:
    """Requests under these divisions, oldest first, the reserve included."""
    statement = select(FundingRequest).where(
        sa.or_(*(col(FundingRequest.community_code).startswith(significant(code)) for code in divisions))
    )
    if round_id is not None:
        statement = statement.where(FundingRequest.round_id == round_id)
    if state is not None:
        statement = statement.where(FundingRequest.state == state)
    if after is not None:
        at, request_id = after
        statement = statement.where(
            sa.or_(
                col(FundingRequest.created_at) > at,
                sa.and_(col(FundingRequest.created_at) == at, col(FundingRequest.id) > request_id),
            )
        )
    return session.exec(
        statement.order_by(col(FundingRequest.created_at), col(FundingRequest.id)).limit(limit)
    ).all()


def decisions(session: Session, request_id: uuid.UUID) -> Sequence[RequestDecision]:
    """What was decided on a request, in order."""
    return session.exec(
        select(RequestDecision)
        .where(RequestDecision.request_id == request_id)
        .order_by(col(RequestDecision.position))
    ).all()


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
        .where(
            sa.or_(*(col(FundingRequest.community_code).startswith(significant(code)) for code in divisions))
        )
        .group_by(col(FundingRequest.state))
    )
    return sorted(
        (RequestState(state), int(count), int(cost), int(public), int(approved))
        for state, count, cost, public, approved in session.execute(statement)
    )
