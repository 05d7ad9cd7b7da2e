"""Reads for a calendar."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.meetings.models import Meeting
from app.recorded.models import OwnersDecision
from app.results.models import Result

#: (announced, until when it hangs out, certified)
PublicDays = tuple[dt.datetime, dt.datetime, dt.datetime | None]


def public_days(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, PublicDays]:
    """Round -> the days of its result or decision, where there is one."""
    found: dict[uuid.UUID, PublicDays] = {}
    for table in (Result, OwnersDecision):
        rows = session.execute(
            sa.select(
                col(table.round_id), col(table.announced_at), col(table.notice_until), col(table.certified_at)
            ).where(col(table.round_id).in_(round_ids))
        )
        found |= {row[0]: (row[1], row[2], row[3]) for row in rows}
    return found


def meetings(session: Session, *, division: str, since: dt.datetime, until: dt.datetime) -> Sequence[Meeting]:
    """Meetings under a division that begin in a span of time."""
    return session.exec(
        select(Meeting)
        .where(
            col(Meeting.community_code).startswith(significant(division)),
            Meeting.begins_at >= since,
            Meeting.begins_at < until,
            col(Meeting.cancelled_at).is_(None),
        )
        .order_by(col(Meeting.begins_at), col(Meeting.id))
    ).all()
