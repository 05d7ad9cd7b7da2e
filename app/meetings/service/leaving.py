"""What a person has left with meetings: taken along, and forgotten."""

import uuid

from sqlmodel import Session

from app.access import service as access
from app.core.canonical import Plain
from app.meetings import queries
from app.meetings.rules import AmendmentState
from app.meetings.service.views import mark_of
from app.residents import service as residents


def export_of(session: Session, account_id: uuid.UUID) -> dict[str, Plain]:
    """Which meetings somebody stands on the list of, and what they would have put right in minutes, as JSON."""
    account = access.account_of(session, account_id)
    phone = None if account is None else account.phone_fingerprint
    people = [] if phone is None else residents.people_behind(session, phone_fingerprint=phone)
    meetings = {row.id: row for row in queries.meetings_of(session, {each.community_code for each in people})}
    marks = {mark_of(meeting_id, each.id) for each in people for meeting_id in meetings}
    amendments = queries.amendments_by(session, account_id)
    return {
        "meetings_attended": [
            {
                "title": meetings[row.meeting_id].title,
                "way": row.way.value,
                "at": row.at.isoformat(),
            }
            for row in queries.attendances_marked(session, marks)
        ],
        "amendments": [
            {
                "meeting_id": str(row.meeting_id),
                "passage": row.passage,
                "words": row.text,
                "state": row.state.value,
                "answer": row.answer,
                "at": row.proposed_at.isoformat(),
            }
            for row in amendments
        ],
    }


def forget(session: Session, account_id: uuid.UUID) -> None:
    """Delete what waits for an answer; what was answered stays with the minutes, and leads to nobody."""
    for row in queries.amendments_by(session, account_id):
        if row.state is AmendmentState.PENDING:
            session.delete(row)
            continue
        row.account_id = None
        session.add(row)
