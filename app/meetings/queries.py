"""Reads of meetings."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.meetings.models import (
    AgendaItem,
    Amendment,
    Attendance,
    DoorCode,
    Meeting,
    Minutes,
    MinutesSignature,
    Resolution,
    StandingWord,
)
from app.meetings.rules import AmendmentState, MinutesState


def meeting(session: Session, meeting_id: uuid.UUID) -> Meeting | None:
    """One meeting."""
    return session.get(Meeting, meeting_id)


def meeting_locked(session: Session, meeting_id: uuid.UUID) -> Meeting | None:
    """One meeting, locked."""
    statement = locked(select(Meeting).where(Meeting.id == meeting_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def meetings_locked(session: Session, community_code: str) -> Sequence[Meeting]:
    """Every meeting of a community, locked: nobody comes onto a list before this transaction ends."""
    statement = locked(select(Meeting).where(Meeting.community_code == community_code), session)
    statement = statement.order_by(col(Meeting.id)).execution_options(populate_existing=True)
    return session.execute(statement).scalars().all()


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


def resolution_locked(session: Session, resolution_id: uuid.UUID) -> Resolution | None:
    """One resolution, locked."""
    statement = locked(select(Resolution).where(Resolution.id == resolution_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def forget_agenda(session: Session, meeting_id: uuid.UUID) -> None:
    """Make room for another agenda."""
    session.execute(sa.delete(AgendaItem).where(col(AgendaItem.meeting_id) == meeting_id))


def signatures(session: Session, meeting_id: uuid.UUID) -> dict[int, list[MinutesSignature]]:
    """Version -> its signatures, in the order in which they were given."""
    found: dict[int, list[MinutesSignature]] = {}
    statement = select(MinutesSignature).where(MinutesSignature.meeting_id == meeting_id)
    for row in session.exec(statement.order_by(col(MinutesSignature.signed_at))):
        found.setdefault(row.version, []).append(row)
    return found


def standing_words(session: Session, meeting_id: uuid.UUID) -> Sequence[StandingWord]:
    """What may stand in a meeting's minutes, and why."""
    return session.exec(
        select(StandingWord)
        .where(StandingWord.meeting_id == meeting_id)
        .order_by(col(StandingWord.allowed_at))
    ).all()


def attendances(session: Session, meeting_id: uuid.UUID) -> Sequence[Attendance]:
    """Who stands on the list of those who attended, the last first."""
    return session.exec(
        select(Attendance).where(Attendance.meeting_id == meeting_id).order_by(col(Attendance.at).desc())
    ).all()


def count_attendances(session: Session, meeting_id: uuid.UUID) -> int:
    """How many stand on the list."""
    statement = sa.select(sa.func.count()).where(col(Attendance.meeting_id) == meeting_id)
    return int(session.execute(statement).scalar_one())


def attendance(session: Session, meeting_id: uuid.UUID, mark: str) -> Attendance | None:
    """One person on the list."""
    return session.get(Attendance, (meeting_id, mark))


def attendances_marked(session: Session, marks: Collection[str]) -> Sequence[Attendance]:
    """The entries with these marks."""
    return session.exec(
        select(Attendance).where(col(Attendance.mark).in_(marks)).order_by(col(Attendance.at))
    ).all()


def meetings_of(session: Session, community_codes: Collection[str]) -> Sequence[Meeting]:
    """Every meeting of some communities."""
    return session.exec(select(Meeting).where(col(Meeting.community_code).in_(community_codes))).all()


def door_code(session: Session, code: str) -> DoorCode | None:
    """A code that is or was shown at a door."""
    return session.get(DoorCode, code)


def newest_door_code(session: Session, meeting_id: uuid.UUID) -> DoorCode | None:
    """The code that the door of a meeting showed last."""
    statement = select(DoorCode).where(DoorCode.meeting_id == meeting_id)
    return session.exec(statement.order_by(col(DoorCode.made_at).desc()).limit(1)).first()


def forget_door_codes(session: Session, until: dt.datetime) -> None:
    """Delete codes that work no more."""
    session.execute(sa.delete(DoorCode).where(col(DoorCode.expires_at) <= until))


def amendments(session: Session, meeting_id: uuid.UUID) -> Sequence[Amendment]:
    """What people would have put right in a meeting's minutes, the first one first."""
    return session.exec(
        select(Amendment)
        .where(Amendment.meeting_id == meeting_id)
        .order_by(col(Amendment.proposed_at), col(Amendment.id))
    ).all()


def amendment_locked(session: Session, amendment_id: uuid.UUID) -> Amendment | None:
    """One of them, locked."""
    statement = locked(select(Amendment).where(Amendment.id == amendment_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def amendments_by(session: Session, account_id: uuid.UUID) -> Sequence[Amendment]:
    """Everything one account has proposed."""
    return session.exec(
        select(Amendment)
        .where(Amendment.account_id == account_id)
        .order_by(col(Amendment.proposed_at), col(Amendment.id))
    ).all()


def count_pending_amendments(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Meeting -> how many proposals wait for an answer, where any do."""
    rows = session.execute(
        sa.select(col(Amendment.meeting_id), sa.func.count())
        .where(col(Amendment.meeting_id).in_(ids), col(Amendment.state) == AmendmentState.PENDING)
        .group_by(col(Amendment.meeting_id))
    )
    return {row[0]: row[1] for row in rows}


def meetings_with_pending_amendments(
    session: Session, community_codes: Collection[str]
) -> Sequence[tuple[Meeting, int, dt.datetime]]:
    """Meetings that took place, how many proposals wait, and since when the first one does; that first."""
    since = sa.func.min(col(Amendment.proposed_at))
    waiting = (
        sa.select(col(Amendment.meeting_id), sa.func.count().label("count"), since.label("since"))
        .where(col(Amendment.state) == AmendmentState.PENDING)
        .group_by(col(Amendment.meeting_id))
        .subquery()
    )
    rows = session.execute(
        sa.select(Meeting, waiting.c.count, waiting.c.since)
        .join(waiting, waiting.c.meeting_id == col(Meeting.id))
        .where(col(Meeting.community_code).in_(community_codes), col(Meeting.cancelled_at).is_(None))
        .order_by(waiting.c.since, col(Meeting.id))
    )
    return [(row[0], row[1], row[2]) for row in rows]


def meetings_with_drafts(
    session: Session, community_codes: Collection[str]
) -> Sequence[tuple[Meeting, Minutes]]:
    """Meetings that took place, with the draft of their minutes; the earliest meeting first."""
    rows = session.execute(
        sa.select(Meeting, Minutes)
        .join(Minutes, col(Minutes.meeting_id) == col(Meeting.id))
        .where(
            col(Meeting.community_code).in_(community_codes),
            col(Meeting.cancelled_at).is_(None),
            col(Minutes.state) == MinutesState.DRAFT,
        )
        .order_by(col(Meeting.begins_at), col(Meeting.id))
    )
    return [(row[0], row[1]) for row in rows]
