"""What leaves a household in peace: time to think, quiet hours, few contacts, and no means no. Pure.

Whoever means to visit or call writes it down first: the service says whether it may be now. Mediation is voluntary
(People's Mediation Law, arts. 17 and 20).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.zone import BEIJING
from app.objections.errors import (
    ContactRefused,
    CoolOff,
    MeetingOutOfReach,
    MeetingPlanned,
    NothingToRespond,
    PeaceBroken,
    QuietHours,
    TooManyContacts,
)
from app.objections.rules import BY_STAFF, CONTACTS, EntryKind, Said

COOL_OFF = dt.timedelta(hours=72)
CONTACT_WINDOW = dt.timedelta(days=14)
MOST_CONTACTS = 2
#: No visit, call or message of a negotiation from 20:00 to 8:00 in Beijing.
QUIET_FROM_HOUR, QUIET_TO_HOUR = 20, 8
#: A meeting is planned at most so long before.
PLAN_WITHIN = dt.timedelta(days=60)


@dataclass(frozen=True)
class Opening:
    """Whether the household may be contacted now, and if not, why and from when on."""

    possible: bool
    #: The code of the error that a contact would meet.
    hindered_by: str | None
    #: When it may be contacted at the earliest; none after it asked not to be.
    possible_from: dt.datetime | None
    #: How many contacts are left in the window that ends now.
    left: int


def contact_refused(said: Sequence[Said]) -> bool:
    """Whether the household wants no contact: since it said so it has not written to the mediator."""
    kinds = [each.kind for each in said if each.kind in {EntryKind.NO_CONTACT, EntryKind.ANSWER}]
    return bool(kinds) and kinds[-1] is EntryKind.NO_CONTACT


def unanswered_since(said: Sequence[Said]) -> dt.datetime | None:
    """Since when words of the household wait for an answer of those who negotiate."""
    waiting: dt.datetime | None = None
    for each in said:
        if each.kind is EntryKind.ANSWER:
            waiting = waiting or each.at
        elif each.kind in BY_STAFF:
            waiting = None
    return waiting


def planned_meeting(said: Sequence[Said], now: dt.datetime) -> dt.datetime | None:
    """The meeting that lies ahead, if one was planned."""
    ahead = [each.meets_at for each in said if each.meets_at is not None and each.meets_at > now]
    return ahead[-1] if ahead else None


def check_contact(*, filed_at: dt.datetime, said: Sequence[Said], now: dt.datetime) -> None:
    """Whether the household may be contacted now.

    Raises:
        ContactRefused: it asked not to be, and has not written since.
        CoolOff: within 72 hours of filing.
        QuietHours: between 20:00 and 8:00 in Beijing.
        TooManyContacts: two in the last fourteen days.
    """
    if contact_refused(said):
        raise ContactRefused
    if now < filed_at + COOL_OFF:
        raise CoolOff(until=(filed_at + COOL_OFF).isoformat())
    check_hour(now)
    recent = _recent(said, now)
    if len(recent) >= MOST_CONTACTS:
        until = recent[-MOST_CONTACTS] + CONTACT_WINDOW
        raise TooManyContacts(most=MOST_CONTACTS, days=CONTACT_WINDOW.days, until=until.isoformat())


def check_meeting(
    meets_at: dt.datetime, *, filed_at: dt.datetime, said: Sequence[Said], now: dt.datetime
) -> None:
    """Whether a meeting may be planned: it will be a contact, and one at a time lies ahead.

    Raises:
        MeetingOutOfReach: it lies in the past, or more than sixty days ahead.
        MeetingPlanned: another one is planned.
        ContactRefused, CoolOff, QuietHours, TooManyContacts: the household is to be left in peace then, or now.
    """
    if not now < meets_at <= now + PLAN_WITHIN:
        raise MeetingOutOfReach(days=PLAN_WITHIN.days)
    if (planned := planned_meeting(said, now)) is not None:
        raise MeetingPlanned(at=planned.isoformat())
    check_hour(now)
    check_contact(filed_at=filed_at, said=said, now=meets_at)


def check_response(*, said: Sequence[Said], now: dt.datetime) -> None:
    """Whether those who negotiate may write back: once to what the household wrote, and not at night.

    Raises:
        NothingToRespond: no words of the household wait.
        QuietHours: between 20:00 and 8:00 in Beijing.
    """
    if unanswered_since(said) is None:
        raise NothingToRespond
    check_hour(now)


def check_hour(at: dt.datetime) -> None:
    """Whether a household may be disturbed at this hour.

    Raises:
        QuietHours: between 20:00 and 8:00 in Beijing.
    """
    hour = at.astimezone(BEIJING).hour
    if hour >= QUIET_FROM_HOUR or hour < QUIET_TO_HOUR:
        raise QuietHours(from_hour=QUIET_FROM_HOUR, to_hour=QUIET_TO_HOUR)


def opening(*, filed_at: dt.datetime, said: Sequence[Said], now: dt.datetime) -> Opening:
    """Whether the household may be contacted now, told before anybody tries."""
    left = max(0, MOST_CONTACTS - len(_recent(said, now)))
    try:
        check_contact(filed_at=filed_at, said=said, now=now)
    except PeaceBroken as error:
        refused = isinstance(error, ContactRefused)
        earliest = None if refused else _earliest(filed_at, said, now)
        return Opening(possible=False, hindered_by=error.code, possible_from=earliest, left=left)
    return Opening(possible=True, hindered_by=None, possible_from=now, left=left)


def _recent(said: Sequence[Said], now: dt.datetime) -> list[dt.datetime]:
    return sorted(each.at for each in said if each.kind in CONTACTS and each.at > now - CONTACT_WINDOW)


def _earliest(filed_at: dt.datetime, said: Sequence[Said], now: dt.datetime) -> dt.datetime:
    """The first moment after now at which nothing but the household's own wish would stand against a contact."""
    at = max(now, filed_at + COOL_OFF)
    recent = _recent(said, at)
    if len(recent) >= MOST_CONTACTS:
        at = max(at, recent[-MOST_CONTACTS] + CONTACT_WINDOW)
    local = at.astimezone(BEIJING)
    if local.hour >= QUIET_FROM_HOUR:
        local += dt.timedelta(days=1)
    elif local.hour >= QUIET_TO_HOUR:
        return at
    return local.replace(hour=QUIET_TO_HOUR, minute=0, second=0, microsecond=0).astimezone(dt.UTC)
