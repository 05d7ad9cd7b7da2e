"""Calling a meeting, changing what was called, cancelling it."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.meetings import queries, rules
from app.meetings.errors import MeetingBegun
from app.meetings.events import MeetingCalled, MeetingCalledOff, MeetingChanged
from app.meetings.models import AgendaItem, Meeting
from app.meetings.schemas import MeetingChangeIn, MeetingIn
from app.meetings.service.views import MeetingView, mine, view
from app.outbox import service as outbox
from app.places import service as places


def call(session: Session, *, body: MeetingIn, actor: Actor) -> MeetingView:
    """Call a meeting with its agenda.

    Raises:
        DivisionNotFound: not a community of yours.
        ShortNotice: less than the law's ten days, and no special circumstance.
    """
    places.community(session, body.community_code, actor=actor, verb="meeting.call")
    now = clock.now()
    rules.check_notice(
        kind=body.kind, called_at=now, begins_at=body.begins_at, reason=body.short_notice_reason
    )
    row = Meeting(**body.model_dump(exclude={"agenda"}), called_at=now)
    session.add(row)
    session.flush()  # the agenda refers to it
    _set_agenda(session, row.id, body.agenda)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.MEETING_CALLED, subject=f"meeting:{row.id}"
    )
    outbox.emit(session, MeetingCalled(*_said(row)), subject=f"meeting:{row.id}")
    return MeetingView(row, list(body.agenda))


def change(session: Session, *, meeting_id: uuid.UUID, body: MeetingChangeIn, actor: Actor) -> MeetingView:
    """Change place, time or agenda of a meeting that has not begun; everybody sees that it was changed.

    Another time counts as called anew: residents have ten days again, or are told what is special. Who sends the same
    once more changes nothing that anybody need be told of.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled, MeetingBegun: it is too late.
        ShortNotice: the new time is less than the law's ten days away, and no special circumstance is named.
    """
    row = mine(session, meeting_id, actor, verb="meeting.change")
    now = clock.now()
    _check_not_begun(row)
    if body.begins_at != row.begins_at:
        rules.check_notice(
            kind=row.kind, called_at=now, begins_at=body.begins_at, reason=body.short_notice_reason
        )
        row.called_at = now
    before = _seen(row, queries.agenda(session, [meeting_id])[meeting_id])
    row.title, row.place, row.begins_at = body.title, body.place, body.begins_at
    row.short_notice_reason, row.changed_at = body.short_notice_reason, now
    session.add(row)
    queries.forget_agenda(session, meeting_id)
    _set_agenda(session, meeting_id, body.agenda)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.MEETING_CHANGED, subject=f"meeting:{row.id}"
    )
    if _seen(row, body.agenda) != before:
        outbox.emit(session, MeetingChanged(*_said(row)), subject=f"meeting:{row.id}")
    session.flush()  # the agenda is read back
    return view(session, row)


def cancel(session: Session, *, meeting_id: uuid.UUID, reason: str, actor: Actor) -> MeetingView:
    """Cancel a meeting that has not begun; the reason stands where the meeting stood.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled, MeetingBegun: it is too late.
    """
    row = mine(session, meeting_id, actor, verb="meeting.cancel")
    _check_not_begun(row)
    row.cancelled_at, row.cancelled_reason = clock.now(), reason
    session.add(row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.MEETING_CANCELLED,
        subject=f"meeting:{row.id}",
    )  # fmt: skip
    outbox.emit(session, MeetingCalledOff(*_said(row), reason=reason), subject=f"meeting:{row.id}")
    return view(session, row)


def _check_not_begun(row: Meeting) -> None:
    if row.begins_at <= clock.now() or row.present is not None:
        raise MeetingBegun


def _said(row: Meeting) -> tuple[str, str, str, str, str]:
    """What each of the three events says of a meeting, in order."""
    begins_at = row.begins_at.astimezone(dt.UTC).isoformat()
    return str(row.id), row.community_code, row.title, begins_at, row.place


def _seen(row: Meeting, agenda: Sequence[str]) -> tuple[object, ...]:
    """What residents see of a meeting that is still to come."""
    return row.title, row.place, row.begins_at, row.short_notice_reason, *agenda


def _set_agenda(session: Session, meeting_id: uuid.UUID, agenda: list[str]) -> None:
    session.add_all(
        AgendaItem(meeting_id=meeting_id, position=position, title=title)
        for position, title in enumerate(agenda, start=1)
    )
