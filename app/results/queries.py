"""Reads of results."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.core.db import locked
from app.results.models import ExplanationState, Result, ResultExplanation
from app.results.rules import NoticePeriod
from app.rounds.models import Round


def of_round(session: Session, round_id: uuid.UUID) -> Result | None:
    """The result of a round."""
    return session.exec(select(Result).where(Result.round_id == round_id)).one_or_none()


def is_counted(session: Session, round_id: uuid.UUID) -> bool:
    """Whether a round has a result; without reading its ballots."""
    return session.exec(select(Result.id).where(Result.round_id == round_id)).first() is not None


def of_round_locked(session: Session, round_id: uuid.UUID) -> Result | None:
    """The result of a round, locked for certification."""
    return session.execute(
        locked(select(Result).where(Result.round_id == round_id), session)
    ).scalar_one_or_none()


def notice_periods(session: Session, round_ids: Collection[uuid.UUID]) -> list[NoticePeriod]:
    """How long the results of several rounds hang out; without reading their ballots."""
    statement = select(Result.round_id, Result.announced_at, Result.notice_until, Result.certified_at).where(
        col(Result.round_id).in_(round_ids)
    )
    return [NoticePeriod(*row) for row in session.exec(statement)]


def explanation(session: Session, result_id: uuid.UUID) -> ResultExplanation | None:
    """The explanation of a result, however far it is."""
    return session.get(ResultExplanation, result_id)


def explanation_locked(session: Session, result_id: uuid.UUID) -> ResultExplanation | None:
    """The same, locked for a change."""
    statement = select(ResultExplanation).where(ResultExplanation.result_id == result_id)
    return session.execute(locked(statement, session)).scalar_one_or_none()


def unexplained(session: Session, *, silent_since: dt.datetime) -> tuple[Result, Round] | None:
    """The oldest result without an explanation, or with one that nobody has worked on since a moment."""
    statement = (
        select(Result, Round)
        .join(Round, col(Round.id) == col(Result.round_id))
        .outerjoin(ResultExplanation, col(ResultExplanation.result_id) == col(Result.id))
        .where(
            sa.or_(
                col(ResultExplanation.result_id).is_(None),
                col(ResultExplanation.state) == ExplanationState.WAITING,
                sa.and_(
                    col(ResultExplanation.state) == ExplanationState.RUNNING,
                    col(ResultExplanation.beat_at) < silent_since,
                ),
            )
        )
        .order_by(col(Result.announced_at), col(Result.id))
        .limit(1)
    )
    found = session.exec(statement).first()
    return None if found is None else (found[0], found[1])


@dataclass(frozen=True)
class ResultLine:
    """A result without what it was made from."""

    result_id: uuid.UUID
    round_id: uuid.UUID
    ballots_counted: int
    roll_size: int
    #: How far its explanation is; none where there is none.
    explained: ExplanationState | None


def lines_of(session: Session, round_ids: Collection[uuid.UUID]) -> list[ResultLine]:
    """The results of several rounds, without ballots and outcomes."""
    rows = session.execute(
        sa.select(
            col(Result.id), col(Result.round_id), col(Result.ballots_counted), col(Result.roll_size),
            col(ResultExplanation.state),
        )
        .outerjoin(ResultExplanation, col(ResultExplanation.result_id) == col(Result.id))
        .where(col(Result.round_id).in_(round_ids))
    )  # fmt: skip
    return [ResultLine(*row) for row in rows]


def outcome(session: Session, result_id: uuid.UUID) -> str:
    """What came of a count, as canonical JSON."""
    return session.exec(select(Result.outcome).where(Result.id == result_id)).one()
