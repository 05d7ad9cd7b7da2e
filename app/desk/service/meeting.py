"""What a meeting leaves behind: minutes to write, to sign, to publish, and what people would have put right."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator

from sqlmodel import Session

from app.access.divisions import is_community
from app.core import clock
from app.desk.rules import MINUTES_DAYS, Item, Task
from app.desk.service.who import LOOKED_AT, Desk
from app.meetings import service as meetings
from app.meetings.models import Meeting
from app.meetings.rules import SigningPart
from app.places import service as places


def minutes(session: Session, desk: Desk) -> Iterator[Item]:
    """Minutes that wait for somebody's name, or are not published yet; a week after the meeting at the latest."""
    if not desk.may("minutes.draft"):
        return
    codes = _communities(session, desk)
    to_sign: set[uuid.UUID] = set()
    for each in meetings.awaiting_signature(session, codes)[:LOOKED_AT]:
        if desk.actor.account_id not in each.signed_by and any(
            _may_sign(desk, part) for part in each.missing
        ):
            to_sign.add(each.meeting.id)
            yield _owed(Task.MINUTES_TO_SIGN, each.meeting)
    for view in meetings.listing(session, division=desk.division, after=None, limit=LOOKED_AT):
        meeting = view.meeting
        if meeting.cancelled_at is not None or meeting.id in to_sign:
            continue
        if view.minutes_version is None and meeting.begins_at < clock.now():
            yield _owed(Task.MINUTES_TO_PUBLISH, meeting)
    for found in meetings.pending_amendments(session, codes)[:LOOKED_AT]:
        yield Item(Task.AMENDMENTS, found.count, found.meeting.id, found.meeting.title)


def _communities(session: Session, desk: Desk) -> Collection[str]:
    if is_community(desk.division):
        return [desk.division]
    return [each.code for each in places.communities_under(session, [desk.division])]


def _may_sign(desk: Desk, part: SigningPart) -> bool:
    return desk.may("minutes.publish" if part is SigningPart.CHAIR else "minutes.sign")


def _owed(task: Task, meeting: Meeting) -> Item:
    due_at = meeting.begins_at + dt.timedelta(days=MINUTES_DAYS)
    return Item(task, subject_id=meeting.id, title=meeting.title, due_at=due_at)
