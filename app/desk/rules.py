"""What is waiting, until when, and in which order."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.zone import BEIJING

#: Who registers waits at a door: an answer within a week.
REGISTRATION_DAYS = 7
#: Minutes are published within seven days of the meeting.
MINUTES_DAYS = 7


class Task(StrEnum):
    """One kind of thing to do; the words for it are the reader's."""

    REGISTRATIONS = "registrations"  # people who say they live here
    IDEAS_HELD = "ideas_held"
    COMMENTS_HELD = "comments_held"
    COMMENTS_REPORTED = "comments_reported"
    ROUND_TO_APPROVE = "round_to_approve"
    ROUND_TO_OPEN = "round_to_open"
    ROUND_TO_CLOSE = "round_to_close"
    BOX_TO_OPEN = "box_to_open"
    ROUND_TO_CERTIFY = "round_to_certify"
    SHARE_TO_HOLD = "share_to_hold"
    SHARE_TO_ENTER = "share_to_enter"
    PAPER_TO_FINISH = "paper_to_finish"
    MINUTES_TO_PUBLISH = "minutes_to_publish"
    REQUESTS_TO_DECIDE = "requests_to_decide"
    REQUESTS_TO_ANSWER = "requests_to_answer"
    REQUESTS_RECOSTED = "requests_recosted"  # a settlement has changed what they ask money for
    CASE = "case"  # an objection: something is owed in it
    PROPOSALS = "proposals"  # grants and second factors that wait for a second administrator
    DELIVERIES_FAILED = "deliveries_failed"


class Part(StrEnum):
    """Where on the desk it is done: an item of the navigation."""

    RESIDENTS = "residents"
    IDEAS = "ideas"
    ROUNDS = "rounds"
    PAPER = "paper"
    MEETINGS = "meetings"
    FUNDING = "funding"
    OBJECTIONS = "objections"
    ACCOUNTS = "accounts"
    PLATFORMS = "platforms"


PART_OF = {
    Task.REGISTRATIONS: Part.RESIDENTS,
    Task.IDEAS_HELD: Part.IDEAS,
    Task.COMMENTS_HELD: Part.IDEAS,
    Task.COMMENTS_REPORTED: Part.IDEAS,
    Task.ROUND_TO_APPROVE: Part.ROUNDS,
    Task.ROUND_TO_OPEN: Part.ROUNDS,
    Task.ROUND_TO_CLOSE: Part.ROUNDS,
    Task.BOX_TO_OPEN: Part.ROUNDS,
    Task.ROUND_TO_CERTIFY: Part.ROUNDS,
    Task.SHARE_TO_HOLD: Part.ROUNDS,
    Task.SHARE_TO_ENTER: Part.ROUNDS,
    Task.PAPER_TO_FINISH: Part.PAPER,
    Task.MINUTES_TO_PUBLISH: Part.MEETINGS,
    Task.REQUESTS_TO_DECIDE: Part.FUNDING,
    Task.REQUESTS_TO_ANSWER: Part.FUNDING,
    Task.REQUESTS_RECOSTED: Part.FUNDING,
    Task.CASE: Part.OBJECTIONS,
    Task.PROPOSALS: Part.ACCOUNTS,
    Task.DELIVERIES_FAILED: Part.PLATFORMS,
}


class Urgency(StrEnum):
    """How soon, by the days of Beijing."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this_week"
    LATER = "later"


@dataclass(frozen=True)
class Item:
    """One line of the to-do list."""

    task: Task
    #: How many of them wait.
    count: int = 1
    #: The one it is about, where it is one.
    subject_id: uuid.UUID | None = None
    #: What that is called; empty where nothing may be said of it here.
    title: str = ""
    #: When it has to be done; none where nothing was promised.
    due_at: dt.datetime | None = None
    #: Some of them are late, though no one moment says so.
    late: bool = False

    def urgency(self, now: dt.datetime) -> Urgency:
        """How soon it has to be done; what has no deadline belongs to this week's work."""
        if self.late or (self.due_at is not None and self.due_at <= now):
            return Urgency.OVERDUE
        if self.due_at is None:
            return Urgency.THIS_WEEK
        days = (self.due_at.astimezone(BEIJING).date() - now.astimezone(BEIJING).date()).days
        if days == 0:
            return Urgency.TODAY
        return Urgency.THIS_WEEK if days < 7 else Urgency.LATER  # noqa: PLR2004 - days of a week


_ORDER = list(Urgency)
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


def in_order(items: Iterable[Item], now: dt.datetime) -> list[Item]:
    """The most urgent first, and what is due sooner before what is due later."""
    return sorted(items, key=lambda each: (_ORDER.index(each.urgency(now)), each.due_at or _NEVER))


def counts(items: Iterable[Item]) -> dict[Part, int]:
    """How many lines belong to each part of the desk."""
    found: dict[Part, int] = {}
    for each in items:
        part = PART_OF[each.task]
        found[part] = found.get(part, 0) + 1
    return found
