"""Who attended, when two entries of the roster turn out to be one person, and when they are made two again.

An entry of a list is found by a keyed hash of meeting and person, and by nothing else: where somebody stands is tried
out, meeting by meeting.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from app.meetings import queries
from app.meetings.models import Attendance
from app.meetings.rules import AttendanceWay
from app.meetings.service.attending import count_listed
from app.meetings.service.views import mark_of


def take_over_attendance(
    session: Session, *, community_code: str, kept_id: uuid.UUID, gone_id: uuid.UUID
) -> list[dict[str, Any]]:
    """Put the kept entry of two wherever the other one stands. Returns what `give_back_attendance` reads.

    How many took part stays as it was recorded, even where one person had come onto the list twice.
    """
    meetings = queries.meetings_locked(session, community_code)
    marks = {mark_of(row.id, gone_id) for row in meetings}
    journal = []
    for entry in queries.attendances_marked(session, marks):
        mark = mark_of(entry.meeting_id, kept_id)
        twice = queries.attendance(session, entry.meeting_id, mark) is not None
        if not twice:
            session.add(_entry(entry.meeting_id, kept_id, entry.way, entry.at))
        session.delete(entry)
        journal.append({
            "meeting_id": str(entry.meeting_id), "way": entry.way.value, "at": entry.at.isoformat(), "twice": twice,
        })  # fmt: skip
    session.flush()  # whoever counts the list next finds it as it is now
    return journal


def give_back_attendance(
    session: Session,
    *,
    community_code: str,
    kept_id: uuid.UUID,
    gone_id: uuid.UUID,
    journal: Sequence[dict[str, Any]],
) -> None:
    """Put two entries where each of them stood; where the kept one was taken off or put there since, it stays so."""
    meetings = {row.id: row for row in queries.meetings_locked(session, community_code)}
    for note in journal:
        row, at = meetings[uuid.UUID(note["meeting_id"])], dt.datetime.fromisoformat(note["at"])
        entry = queries.attendance(session, row.id, mark_of(row.id, kept_id))
        if entry is None or not (note["twice"] or entry.at == at):
            continue
        if not note["twice"]:
            session.delete(entry)
        session.add(_entry(row.id, gone_id, AttendanceWay(note["way"]), at))
        count_listed(session, row)


def _entry(meeting_id: uuid.UUID, resident_id: uuid.UUID, way: AttendanceWay, at: dt.datetime) -> Attendance:
    mark = mark_of(meeting_id, resident_id)
    return Attendance(meeting_id=meeting_id, mark=mark, who=str(resident_id), way=way, at=at)
