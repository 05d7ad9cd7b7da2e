"""Kinds of notices, and when and how people may be disturbed. Pure."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.zone import BEIJING

#: From here on a notice is forgotten.
KEPT = dt.timedelta(days=365)
#: Nobody is called, written to or rung at between these hours in Beijing.
QUIET_FROM_HOUR, QUIET_TO_HOUR = 21, 8
#: A reminder goes out by itself this long before a round closes, if it was open for at least that long.
REMIND_BEFORE = dt.timedelta(hours=24)
SHORTEST_FOR_A_REMINDER = dt.timedelta(hours=72)
#: WeChat lets one accepted tap send one message; more than this many are never saved up.
LARGEST_QUOTA = 20
#: After so many failures of a channel in a row a dispatch is given up.
MOST_FAILURES = 12
_BACKOFF_SECONDS = (30, 60, 120, 300, 600, 1200, 1800)

Fact = str | int | bool
Facts = Mapping[str, Fact]


class Topic(StrEnum):
    """What a notice is about, as its label says."""

    VOTE = "vote"
    RESULT = "result"
    PROJECT = "project"
    MONEY = "money"
    #: Meetings to come, and what was said at those that were.
    MINUTES = "minutes"
    IDEA = "idea"
    YOU = "you"


class Kind(StrEnum):
    """What happened."""

    ROUND_PUBLISHED = "round_published"
    ROUND_OPENED = "round_opened"
    ROUND_CLOSING = "round_closing"
    ROUND_CLOSED = "round_closed"
    ROUND_ENDED = "round_ended"
    RESULT_ANNOUNCED = "result_announced"
    RESULT_CERTIFIED = "result_certified"
    DECISION_ANNOUNCED = "decision_announced"
    DECISION_CERTIFIED = "decision_certified"
    PROJECTS_PUBLISHED = "projects_published"
    FUNDING_DECIDED = "funding_decided"
    MEETING_CALLED = "meeting_called"
    MEETING_CHANGED = "meeting_changed"
    MEETING_CANCELLED = "meeting_cancelled"
    MINUTES_PUBLISHED = "minutes_published"

    # to one person
    OBJECTION_MOVED = "objection_moved"
    VOLUNTEER_ACCEPTED = "volunteer_accepted"
    REGISTRATION_APPROVED = "registration_approved"
    REGISTRATION_REJECTED = "registration_rejected"
    IDEA_PUBLISHED = "idea_published"
    IDEA_REJECTED = "idea_rejected"
    IDEA_ENDORSED_ENOUGH = "idea_endorsed_enough"
    IDEA_TAKEN_UP = "idea_taken_up"
    IDEA_DECLINED = "idea_declined"
    IDEA_MERGED = "idea_merged"
    COMMENT_PUBLISHED = "comment_published"
    COMMENT_SHOWN = "comment_shown"
    COMMENT_REJECTED = "comment_rejected"
    COMMENT_HIDDEN = "comment_hidden"
    WECHAT_REBOUND = "wechat_rebound"
    #: What stands in the inbox for every notice whose subject is nobody else's business, until it is opened.
    PRIVATE_REPLY = "private_reply"


@dataclass(frozen=True)
class KindRule:
    """What a kind of notice holds, and who sees it."""

    topic: Topic
    #: Its facts by name and type; no names of people among them.
    facts: Mapping[str, type] = field(default_factory=dict)
    #: Where it leads in the application; facts stand in it in braces.
    link: str | None = None
    #: To one person, under "a private reply" until opened: a bystander must not learn the subject.
    private: bool = False
    #: Hangs out for everybody, signed in or not.
    public: bool = False


_ROUND: Mapping[str, type] = {"round_id": str, "title": str, "recorded": bool}
_HOURS: Mapping[str, type] = {**_ROUND, "closes_at": str}
_IDEA: Mapping[str, type] = {"idea_id": str, "title": str}
_MEETING: Mapping[str, type] = {"meeting_id": str, "title": str, "begins_at": str, "place": str}
#: ``kind`` is what was spoken about: ``idea`` or ``project``.
_COMMENT: Mapping[str, type] = {"kind": str, "subject_id": str, "title": str}

KINDS: Mapping[Kind, KindRule] = {
    Kind.ROUND_PUBLISHED: KindRule(
        Topic.VOTE, {**_HOURS, "opens_at": str}, "/round/{round_id}", public=True
    ),
    Kind.ROUND_OPENED: KindRule(Topic.VOTE, _HOURS, "/round/{round_id}", public=True),
    Kind.ROUND_CLOSING: KindRule(Topic.VOTE, _HOURS, "/round/{round_id}"),
    Kind.ROUND_CLOSED: KindRule(Topic.VOTE, _ROUND, "/round/{round_id}", public=True),
    Kind.ROUND_ENDED: KindRule(Topic.VOTE, {**_ROUND, "state": str}, "/round/{round_id}", public=True),
    Kind.RESULT_ANNOUNCED: KindRule(Topic.RESULT, _ROUND, "/result/{round_id}", public=True),
    Kind.RESULT_CERTIFIED: KindRule(Topic.RESULT, _ROUND, "/result/{round_id}", public=True),
    Kind.DECISION_ANNOUNCED: KindRule(
        Topic.RESULT, {**_ROUND, "passed": bool}, "/decision/{round_id}", public=True
    ),
    Kind.DECISION_CERTIFIED: KindRule(
        Topic.RESULT, {**_ROUND, "passed": bool}, "/decision/{round_id}", public=True
    ),
    Kind.PROJECTS_PUBLISHED: KindRule(Topic.PROJECT, {"title": str, "count": int}, "/projects", public=True),
    Kind.FUNDING_DECIDED: KindRule(
        Topic.MONEY,
        {"project_id": str, "title": str, "decision": str, "amount_fen": int},
        "/project/{project_id}",
        public=True,
    ),
    Kind.MEETING_CALLED: KindRule(Topic.MINUTES, _MEETING, "/meeting/{meeting_id}", public=True),
    Kind.MEETING_CHANGED: KindRule(Topic.MINUTES, _MEETING, "/meeting/{meeting_id}", public=True),
    Kind.MEETING_CANCELLED: KindRule(
        Topic.MINUTES, {**_MEETING, "reason": str}, "/meeting/{meeting_id}", public=True
    ),
    Kind.MINUTES_PUBLISHED: KindRule(
        Topic.MINUTES, {"meeting_id": str, "title": str, "corrected": bool}, "/meeting/{meeting_id}", public=True
    ),
    Kind.OBJECTION_MOVED: KindRule(Topic.YOU, {"step": str}, "/objections", private=True),
    Kind.VOLUNTEER_ACCEPTED: KindRule(Topic.YOU, {}, "/volunteer", private=True),
    Kind.REGISTRATION_APPROVED: KindRule(Topic.YOU, {"community": str}, "/me", private=True),
    Kind.REGISTRATION_REJECTED: KindRule(Topic.YOU, {"community": str, "reason": str}, "/me", private=True),
    Kind.IDEA_PUBLISHED: KindRule(Topic.IDEA, _IDEA, "/idea/{idea_id}"),
    Kind.IDEA_REJECTED: KindRule(Topic.YOU, {**_IDEA, "reason": str}, "/ideas", private=True),
    Kind.IDEA_ENDORSED_ENOUGH: KindRule(Topic.IDEA, {**_IDEA, "endorsements": int}, "/idea/{idea_id}"),
    Kind.IDEA_TAKEN_UP: KindRule(Topic.IDEA, {**_IDEA, "project_id": str}, "/idea/{idea_id}"),
    Kind.IDEA_DECLINED: KindRule(Topic.IDEA, {**_IDEA, "reason": str}, "/idea/{idea_id}"),
    Kind.IDEA_MERGED: KindRule(Topic.IDEA, {**_IDEA, "into_title": str}, "/idea/{idea_id}"),
    Kind.COMMENT_PUBLISHED: KindRule(Topic.IDEA, {**_COMMENT, "by_staff": bool}, "/{kind}/{subject_id}"),
    Kind.COMMENT_SHOWN: KindRule(Topic.IDEA, _COMMENT, "/{kind}/{subject_id}"),
    Kind.COMMENT_REJECTED: KindRule(Topic.YOU, {**_COMMENT, "reason": str}, "/{kind}/{subject_id}", private=True),
    Kind.COMMENT_HIDDEN: KindRule(Topic.YOU, {**_COMMENT, "reason": str}, "/{kind}/{subject_id}", private=True),
    Kind.WECHAT_REBOUND: KindRule(Topic.YOU, {}, "/me"),
    Kind.PRIVATE_REPLY: KindRule(Topic.YOU),
}  # fmt: skip

#: Public notices 公示: what has to hang out for some time. Results and decisions say themselves for how long; a list
#: hangs out until the voting begins.
HANGING_KINDS = frozenset({
    Kind.ROUND_PUBLISHED, Kind.RESULT_ANNOUNCED, Kind.DECISION_ANNOUNCED, Kind.RESULT_CERTIFIED,
    Kind.DECISION_CERTIFIED, Kind.MINUTES_PUBLISHED, Kind.FUNDING_DECIDED,
})  # fmt: skip
#: How long the rest hangs out at least: decisions and how they are carried out, money and its use.
HANGING_DAYS = 15
HANGING_ARTICLE = "居民委员会组织法第三十四条"


def hangs_until(kind: Kind, facts: Facts, *, since: dt.datetime, told: dt.datetime | None) -> dt.datetime:
    """Until when a notice hangs out: as a result or decision says (``told``), the opening of a round, or 15 days."""
    if told is not None:
        return told
    if kind is Kind.ROUND_PUBLISHED:
        return dt.datetime.fromisoformat(str(facts["opens_at"]))
    return since + dt.timedelta(days=HANGING_DAYS)


PUBLIC_KINDS = frozenset(kind for kind, rule in KINDS.items() if rule.public)


def check_facts(kind: Kind, facts: Facts) -> None:
    """Whether facts are those of their kind: each there, none too many, each of its type.

    Raises:
        TypeError: they are not.
    """
    wanted = KINDS[kind].facts
    wrong = {name for name in {*wanted, *facts} if type(facts.get(name)) is not wanted.get(name)}
    if wrong:
        message = f"{kind}: {sorted(wrong)} are not its facts"
        raise TypeError(message)


def link_of(kind: Kind, facts: Facts) -> str | None:
    """Where a notice leads in the application; nothing personal stands in it."""
    link = KINDS[kind].link
    if link is None:
        return None
    if facts.get("recorded") is True:  # such a round has one page for everything
        link = "/decision/{round_id}"
    return link.format_map(facts)


# --- subscriptions ---------------------------------------------------------------------------------------------------


class Template(StrEnum):
    """What somebody can let WeChat tell them once; each is a template of the mini program."""

    RESULT = "result"
    REMINDER = "reminder"


class Tap(StrEnum):
    """What `wx.requestSubscribeMessage` answers for a template."""

    ACCEPT = "accept"
    REJECT = "reject"
    BAN = "ban"
    FILTER = "filter"


# --- reaching people -------------------------------------------------------------------------------------------------


class Purpose(StrEnum):
    """Why people are written to beyond the inbox."""

    REMINDER = "reminder"
    RESULT = "result"


class Way(StrEnum):
    """How one person is reached."""

    WECHAT = "wechat"
    SMS = "sms"
    #: Signs in and finds the notice there.
    INBOX = "inbox"
    #: Had a short message about this round before, and gets no second one.
    TOLD = "told"
    #: Asked not to be reminded.
    OFF = "off"
    #: No phone, no account: somebody may knock at the door.
    NONE = "none"


@dataclass(frozen=True)
class Person:
    """Somebody who is to be told, and what could reach them."""

    #: What tells one person from another: the keyed hash of a phone, or an account.
    who: str
    account_id: uuid.UUID | None
    phone: str | None
    openid: str | None
    #: One-time messages WeChat may still deliver of this template.
    quota: int
    wants_sms: bool = True
    wants_reminders: bool = True


def way_to(person: Person, *, purpose: Purpose, sms_sent: bool) -> Way:
    """The way a message takes: WeChat where it was asked for, else one short message, else only the inbox."""
    if purpose is Purpose.REMINDER and not person.wants_reminders:
        return Way.OFF
    if person.openid is not None and person.quota > 0:
        return Way.WECHAT
    if person.phone is not None and person.wants_sms and not sms_sent:
        return Way.SMS
    if person.account_id is not None:
        return Way.INBOX
    return Way.TOLD if sms_sent else Way.NONE


def disturbing_allowed_from(now: dt.datetime) -> dt.datetime:
    """Now, or eight in the morning where it is night in Beijing."""
    there = now.astimezone(BEIJING)
    if QUIET_TO_HOUR <= there.hour < QUIET_FROM_HOUR:
        return now
    day = there.date() if there.hour < QUIET_TO_HOUR else there.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(QUIET_TO_HOUR), BEIJING).astimezone(dt.UTC)


def closing_reminder_due(*, opened_at: dt.datetime, closes_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a round that is open ends soon, and was open long enough for people to forget it."""
    return closes_at - opened_at >= SHORTEST_FOR_A_REMINDER and closes_at - REMIND_BEFORE <= now < closes_at


def next_day(now: dt.datetime) -> dt.datetime:
    """The first minute of tomorrow in Beijing."""
    tomorrow = now.astimezone(BEIJING).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), BEIJING).astimezone(dt.UTC)


def pause_after(failures: int) -> dt.timedelta:
    """How long a channel that did not take a message is left alone."""
    return dt.timedelta(seconds=_BACKOFF_SECONDS[min(failures, len(_BACKOFF_SECONDS)) - 1])
