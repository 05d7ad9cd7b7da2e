"""What leaves a household in peace: time to think, quiet hours, few contacts, and no means no. Pure.

Whoever means to visit or call writes it down first: the service says whether it may be now. A meeting is agreed before
and counted on its day; what was said there is written down whenever there is time. Mediation is voluntary (People's
Mediation Law, arts. 17 and 20).
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
    NoMeeting,
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
#: What the household says after which a meeting that lies ahead is not held.
_ENDS_PLANS = frozenset({EntryKind.NO_CONTACT, EntryKind.REFUSAL, EntryKind.SETTLED, EntryKind.WITHDRAWN})


@dataclass(frozen=True)
class Opening:
    """Whether the household may be contacted now, and if not, why and from when on."""

    possible: bool
    #: The code of the error that a contact would meet.
    hindered_by: str | None
    #: When it may be contacted at the earliest; none after it asked not to be.
    possible_from: dt.datetime | None
    #: How many contacts are left now, planned meetings counted.
    left: int


@dataclass(frozen=True)
class Diary:
    """What was agreed with a household, and when it was or will be disturbed."""

    #: When each contact was, or is to be: a planned meeting takes one, on its day.
    contacts: Sequence[dt.datetime]
    #: Meetings that were planned, and neither written down nor called off.
    meetings: Sequence[dt.datetime]
    #: When a meeting that lay ahead was last called off.
    called_off_at: dt.datetime | None


def diary(said: Sequence[Said]) -> Diary:
    """What the entries of a case come to.

    A meeting that was planned is one contact, on its day; writing it down afterwards is no other one. Telling the
    household that it is moved is a contact of that moment besides, and so is calling it off, and planning anew soon
    after that: nobody is written to again and again for one meeting.
    """
    contacts: list[dt.datetime] = []
    meetings: list[dt.datetime] = []
    called_off_at: dt.datetime | None = None
    for each in said:
        ahead = [meets_at for meets_at in meetings if meets_at > each.at]
        if each.meets_at is not None and each.kind in {EntryKind.PLAN, EntryKind.MOVED}:
            if each.kind is EntryKind.MOVED:
                meetings = [meets_at for meets_at in meetings if meets_at not in ahead]
            if each.kind is EntryKind.MOVED or _is_recent(called_off_at, each.at):
                contacts.append(each.at)
            meetings.append(each.meets_at)
        elif each.kind is EntryKind.CALLED_OFF and meetings:
            dropped = meetings.pop()
            contacts.append(min(dropped, each.at))
            called_off_at = each.at if dropped > each.at else called_off_at
        elif each.kind is EntryKind.SESSION and (held := _held(meetings, each.at)) is not None:
            meetings.remove(held)
            contacts.append(held)
        elif each.kind in CONTACTS:
            contacts.append(each.at)
        elif each.kind in _ENDS_PLANS:
            meetings = [meets_at for meets_at in meetings if meets_at not in ahead]
    return Diary(sorted([*contacts, *meetings]), meetings, called_off_at)


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
    ahead = [meets_at for meets_at in diary(said).meetings if meets_at > now]
    return ahead[-1] if ahead else None


def meeting_to_write_down(said: Sequence[Said], now: dt.datetime) -> dt.datetime | None:
    """The planned meeting that is written down when one that was held is: the last one whose day has come."""
    return _held(diary(said).meetings, now)


def check_contact(*, filed_at: dt.datetime, said: Sequence[Said], now: dt.datetime) -> None:
    """Whether the household may be contacted now.

    Raises:
        ContactRefused: it asked not to be, and has not written since.
        CoolOff: within 72 hours of filing.
        QuietHours: between 20:00 and 8:00 in Beijing.
        TooManyContacts: it would be the third in fourteen days, planned meetings counted.
    """
    if contact_refused(said):
        raise ContactRefused
    _check_moment(now, diary(said).contacts, filed_at=filed_at)


def check_meeting(
    meets_at: dt.datetime,
    *,
    filed_at: dt.datetime,
    said: Sequence[Said],
    now: dt.datetime,
    moves: bool = False,
) -> None:
    """Whether a meeting may be planned, or moved: it will be a contact, and one at a time lies ahead.

    Raises:
        MeetingOutOfReach: it lies in the past, or more than sixty days ahead.
        MeetingPlanned: another one is planned.
        NoMeeting: none lies ahead that could be moved.
        ContactRefused, CoolOff, QuietHours, TooManyContacts: the household is to be left in peace then, or now.
    """
    if not now < meets_at <= now + PLAN_WITHIN:
        raise MeetingOutOfReach(days=PLAN_WITHIN.days)
    found, planned = diary(said), planned_meeting(said, now)
    contacts = list(found.contacts)
    if moves:
        if planned is None:
            raise NoMeeting
        contacts.remove(planned)
    elif planned is not None:
        raise MeetingPlanned(at=planned.isoformat())
    if contact_refused(said):
        raise ContactRefused
    check_hour(now)
    _check_moment(meets_at, contacts, filed_at=filed_at)
    if moves or _is_recent(found.called_off_at, now):
        _check_number(now, sorted([*contacts, meets_at]))


def check_session(*, filed_at: dt.datetime, said: Sequence[Said], now: dt.datetime) -> dt.datetime | None:
    """Whether a meeting that was held may be written down; the time for which it was planned, if it was.

    One that was planned may be at any hour, and however often the household was spoken to since: it was counted when
    it was planned. One that was not is a contact of this moment.

    Raises:
        ContactRefused, CoolOff, QuietHours, TooManyContacts: it was not planned, and the household is to be left in
            peace now.
    """
    held = meeting_to_write_down(said, now)
    if held is None:
        check_contact(filed_at=filed_at, said=said, now=now)
    return held


def check_calling_off(*, said: Sequence[Said]) -> None:
    """Whether there is a meeting to call off, or to say of that it did not take place.

    Raises:
        NoMeeting: none is planned.
    """
    if not diary(said).meetings:
        raise NoMeeting


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
    contacts = diary(said).contacts
    left = next(more for more in range(MOST_CONTACTS + 1) if _is_crowded(now, [*contacts, *[now] * more]))
    try:
        check_contact(filed_at=filed_at, said=said, now=now)
    except PeaceBroken as error:
        refused = isinstance(error, ContactRefused)
        earliest = None if refused else _earliest(filed_at, contacts, now)
        return Opening(possible=False, hindered_by=error.code, possible_from=earliest, left=left)
    return Opening(possible=True, hindered_by=None, possible_from=now, left=left)


def _held(meetings: Sequence[dt.datetime], at: dt.datetime) -> dt.datetime | None:
    """The last of some meetings whose day in Beijing has come."""
    today = at.astimezone(BEIJING).date()
    return max((each for each in meetings if each.astimezone(BEIJING).date() <= today), default=None)


def _is_recent(at: dt.datetime | None, now: dt.datetime) -> bool:
    return at is not None and now - at < CONTACT_WINDOW


def _is_crowded(at: dt.datetime, contacts: Sequence[dt.datetime]) -> bool:
    """Whether a contact at this moment would be one too many of any fourteen days, past or to come."""
    moments = sorted([*contacts, at])
    return any(
        first <= at <= last and last - first < CONTACT_WINDOW
        for first, last in zip(moments, moments[MOST_CONTACTS:], strict=False)
    )


def _free_from(at: dt.datetime, contacts: Sequence[dt.datetime]) -> dt.datetime:
    """The first moment, from this one on, at which a contact is not one too many."""
    later = [each + CONTACT_WINDOW for each in sorted(contacts) if each + CONTACT_WINDOW > at]
    return next(each for each in (at, *later) if not _is_crowded(each, contacts))


def _check_number(at: dt.datetime, contacts: Sequence[dt.datetime]) -> None:
    if _is_crowded(at, contacts):
        until = _free_from(at, contacts)
        raise TooManyContacts(most=MOST_CONTACTS, days=CONTACT_WINDOW.days, until=until.isoformat())


def _check_moment(at: dt.datetime, contacts: Sequence[dt.datetime], *, filed_at: dt.datetime) -> None:
    if at < filed_at + COOL_OFF:
        raise CoolOff(until=(filed_at + COOL_OFF).isoformat())
    check_hour(at)
    _check_number(at, contacts)


def _earliest(filed_at: dt.datetime, contacts: Sequence[dt.datetime], now: dt.datetime) -> dt.datetime:
    """The first moment after now at which nothing but the household's own wish would stand against a contact."""
    at = max(now, filed_at + COOL_OFF)
    while True:
        free = _by_day(_free_from(at, contacts))
        if free == at:
            return at
        at = free


def _by_day(at: dt.datetime) -> dt.datetime:
    """The same moment, or the morning after where it lies in the quiet hours."""
    local = at.astimezone(BEIJING)
    if local.hour >= QUIET_FROM_HOUR:
        local += dt.timedelta(days=1)
    elif local.hour >= QUIET_TO_HOUR:
        return at
    return local.replace(hour=QUIET_TO_HOUR, minute=0, second=0, microsecond=0).astimezone(dt.UTC)
