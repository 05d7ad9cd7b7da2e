"""What is waiting, until when, and in which order."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.zone import BEIJING
from app.rounds.holidays import holiday

#: Who registers waits at a door: an answer within a week.
REGISTRATION_DAYS = 7
#: Minutes are published within seven days of the meeting.
MINUTES_DAYS = 7
#: What follows on the end of something is done by this hour of the next working day.
OFFICE_CLOSES = dt.time(18)
SATURDAY = 5
#: A record nobody has verified for so long is verified again.
VERIFICATION_DAYS = 30
#: Rounds that end so soon, and reports that grew so lately, are told to those who look from above.
ENDING_DAYS = 7
REPORTED_DAYS = 14


class Task(StrEnum):
    """One kind of thing to do; the words for it are the reader's."""

    REGISTRATIONS = "registrations"  # people who say they live here
    DUPLICATES = "duplicates"  # rows of the roster that may be one person
    PROJECT_DRAFTS = "project_drafts"
    IDEAS_HELD = "ideas_held"
    IDEAS_TO_SCREEN = "ideas_to_screen"  # enough neighbours endorse them
    COMMENTS_HELD = "comments_held"
    COMMENTS_REPORTED = "comments_reported"
    ROUND_TO_APPROVE = "round_to_approve"
    ROUND_TO_OPEN = "round_to_open"
    ROUND_TO_CLOSE = "round_to_close"
    BOX_TO_OPEN = "box_to_open"
    ROUND_TO_CERTIFY = "round_to_certify"
    SHARE_TO_HOLD = "share_to_hold"
    SHARE_TO_ENTER = "share_to_enter"
    SHARES_AWAITED = "shares_awaited"  # the box waits for what its holders keep
    PAPER_TO_FINISH = "paper_to_finish"
    SHEETS_TO_DECIDE = "sheets_to_decide"  # two people read them differently
    BATCH_TO_SET_ASIDE = "batch_to_set_aside"  # proposed by the chair
    FORMS_TO_COMPARE = "forms_to_compare"
    PROXIES_TO_COMPARE = "proxies_to_compare"
    MINUTES_TO_PUBLISH = "minutes_to_publish"
    MINUTES_TO_SIGN = "minutes_to_sign"
    AMENDMENTS = "amendments"  # what those who attended would have put right
    REQUESTS_TO_DECIDE = "requests_to_decide"
    REQUESTS_TO_ANSWER = "requests_to_answer"
    REQUESTS_RECOSTED = "requests_recosted"  # a settlement has changed what they ask money for
    CASE = "case"  # an objection: something is owed in it
    PROPOSALS = "proposals"  # grants and second factors that wait for a second administrator
    LINKS_TO_COUNTERSIGN = "links_to_countersign"  # the second half of a way to a password
    DELIVERIES_FAILED = "deliveries_failed"
    RECORD_TO_VERIFY = "record_to_verify"
    RECORD_BROKEN = "record_broken"
    DISCLOSURES = "disclosures"  # names seen in full since somebody looked
    ROUNDS_ENDING = "rounds_ending"
    REPORT_GREW = "report_grew"


class Part(StrEnum):
    """Where on the desk it is done: an item of the navigation."""

    RESIDENTS = "residents"
    PROJECTS = "projects"
    IDEAS = "ideas"
    ROUNDS = "rounds"
    PAPER = "paper"
    MEETINGS = "meetings"
    FUNDING = "funding"
    OBJECTIONS = "objections"
    ACCOUNTS = "accounts"
    PLATFORMS = "platforms"
    DISCLOSURES = "disclosures"
    AUDIT = "audit"
    REPORTS = "reports"


PART_OF = {
    Task.REGISTRATIONS: Part.RESIDENTS,
    Task.DUPLICATES: Part.RESIDENTS,
    Task.PROJECT_DRAFTS: Part.PROJECTS,
    Task.IDEAS_HELD: Part.IDEAS,
    Task.IDEAS_TO_SCREEN: Part.IDEAS,
    Task.COMMENTS_HELD: Part.IDEAS,
    Task.COMMENTS_REPORTED: Part.IDEAS,
    Task.ROUND_TO_APPROVE: Part.ROUNDS,
    Task.ROUND_TO_OPEN: Part.ROUNDS,
    Task.ROUND_TO_CLOSE: Part.ROUNDS,
    Task.BOX_TO_OPEN: Part.ROUNDS,
    Task.ROUND_TO_CERTIFY: Part.ROUNDS,
    Task.SHARE_TO_HOLD: Part.ROUNDS,
    Task.SHARE_TO_ENTER: Part.ROUNDS,
    Task.SHARES_AWAITED: Part.ROUNDS,
    Task.PAPER_TO_FINISH: Part.PAPER,
    Task.SHEETS_TO_DECIDE: Part.PAPER,
    Task.BATCH_TO_SET_ASIDE: Part.PAPER,
    Task.FORMS_TO_COMPARE: Part.PAPER,
    Task.PROXIES_TO_COMPARE: Part.PAPER,
    Task.MINUTES_TO_PUBLISH: Part.MEETINGS,
    Task.MINUTES_TO_SIGN: Part.MEETINGS,
    Task.AMENDMENTS: Part.MEETINGS,
    Task.REQUESTS_TO_DECIDE: Part.FUNDING,
    Task.REQUESTS_TO_ANSWER: Part.FUNDING,
    Task.REQUESTS_RECOSTED: Part.FUNDING,
    Task.CASE: Part.OBJECTIONS,
    Task.PROPOSALS: Part.ACCOUNTS,
    Task.LINKS_TO_COUNTERSIGN: Part.ACCOUNTS,
    Task.DELIVERIES_FAILED: Part.PLATFORMS,
    Task.RECORD_TO_VERIFY: Part.AUDIT,
    Task.RECORD_BROKEN: Part.AUDIT,
    Task.DISCLOSURES: Part.DISCLOSURES,
    Task.ROUNDS_ENDING: Part.REPORTS,
    Task.REPORT_GREW: Part.REPORTS,
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


def next_working_day(after: dt.datetime) -> dt.datetime:
    """When offices close on the next working day: not a weekend, not a public holiday as far as the law fixes it."""
    day = after.astimezone(BEIJING).date() + dt.timedelta(days=1)
    while day.weekday() >= SATURDAY or holiday(day) is not None:
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, OFFICE_CLOSES, BEIJING)


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
