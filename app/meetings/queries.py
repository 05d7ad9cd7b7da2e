"""Reads of meetings."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.meetings.models import AgendaItem, Meeting, Minutes, Resolution
from app.meetings.rules import MinutesState


def meeting(session: Session, meeting_id: uuid.UUID) -> Meeting | None:
    """One meeting."""
    return session.get(Meeting, meeting_id)


def meeting_locked(session: Session, meeting_id: uuid.UUID) -> Meeting | None:
    """One meeting, locked."""
    statement = locked(select(Meeting).where(Meeting.id == meeting_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def page(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[Meeting]:
    """Meetings under a division, the latest first."""
    statement = select(Meeting)
    if division is not None:
        statement = statement.where(col(Meeting.community_code).startswith(significant(division)))
    if after is not None:
        at, meeting_id = after
        statement = statement.where(
            sa.or_(
                col(Meeting.begins_at) < at,
                sa.and_(col(Meeting.begins_at) == at, col(Meeting.id) > meeting_id),
            )
        )
    return session.exec(statement.order_by(col(Meeting.begins_at).desc(), col(Meeting.id)).limit(limit)).all()


def agenda(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The agendas of several meetings."""
    found: dict[uuid.UUID, list[str]] = {meeting_id: [] for meeting_id in ids}
    rows = session.exec(
        select(AgendaItem).where(col(AgendaItem.meeting_id).in_(ids)).order_by(col(AgendaItem.position))
    )
    for row in rows:
        found[row.meeting_id].append(row.title)
    return found


def minutes(session: Session, meeting_id: uuid.UUID, *, drafts: bool) -> Sequence[Minutes]:
    """The versions of a meeting's minutes, the first one first."""
    statement = select(Minutes).where(Minutes.meeting_id == meeting_id)
    if not drafts:
        statement = statement.where(Minutes.state == MinutesState.PUBLISHED)
    return session.exec(statement.order_by(col(Minutes.version))).all()


def resolutions(session: Session, meeting_id: uuid.UUID) -> Sequence[Resolution]:
    """What a meeting voted on, in order."""
    return session.exec(
        select(Resolution).where(Resolution.meeting_id == meeting_id).order_by(col(Resolution.position))
    ).all()


def published_versions(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Meeting -> the newest published version of its minutes."""
    rows = session.execute(
        sa.select(col(Minutes.meeting_id), sa.func.max(col(Minutes.version)))
        .where(col(Minutes.meeting_id).in_(ids), col(Minutes.state) == MinutesState.PUBLISHED)
        .group_by(col(Minutes.meeting_id))
    )
    return {row[0]: row[1] for row in rows}


def resolution_counts(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """Meeting -> (resolutions that passed, all of them)."""
    passed = sa.func.count(sa.case((col(Resolution.passed), 1)))
    rows = session.execute(
        sa.select(col(Resolution.meeting_id), passed, sa.func.count())
        .where(col(Resolution.meeting_id).in_(ids))
        .group_by(col(Resolution.meeting_id))
    )
    return {meeting_id: (passed, put) for meeting_id, passed, put in rows}
