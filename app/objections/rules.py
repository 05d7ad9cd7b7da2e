"""The life of an objection, and what protects the household. Pure."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from app.core.zone import BEIJING
from app.objections.errors import CoolOff, ObjectionWrongState, QuietHours, TooLateToReturn, TooManyContacts

COOL_OFF = dt.timedelta(hours=72)
CONTACT_WINDOW = dt.timedelta(days=14)
MOST_CONTACTS = 2
QUIET_FROM_HOUR, QUIET_TO_HOUR = 21, 8
RETURN_WITHIN = dt.timedelta(hours=48)

#: A count is public only from here on, and only rounded.
LEAST_OBJECTIONS = 5
LEAST_HOUSEHOLDS = 30
ROUND_TO = 5

REMEDIES = (
    "您可以一直保留异议。也可以：要求换一位调解员；请街道司法所或人民调解委员会调解；向街道办事处或区民政局反映；"
    "认为决定侵害合法权益的，可以依法向人民法院请求撤销。"
)


class ObjectionState(StrEnum):
    """Where an objection stands."""

    FILED = "filed"
    ASSIGNED = "assigned"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    MAINTAINED = "maintained"


class Act(StrEnum):
    """What can happen to it."""

    ASSIGN = "assign"
    NEGOTIATE = "negotiate"
    ANSWER = "answer"
    SETTLE = "settle"
    WITHDRAW = "withdraw"
    RETURN = "return"
    MAINTAIN = "maintain"


_OPEN = (ObjectionState.FILED, ObjectionState.ASSIGNED, ObjectionState.MAINTAINED)

#: (state, act) -> next state. Maintaining is possible wherever the objection is open or settled against the heart.
TRANSITIONS: dict[tuple[ObjectionState, Act], ObjectionState] = {
    **{(state, Act.ASSIGN): ObjectionState.ASSIGNED for state in _OPEN},
    **{(state, Act.WITHDRAW): ObjectionState.WITHDRAWN for state in _OPEN},
    **{(state, Act.MAINTAIN): ObjectionState.MAINTAINED for state in (*_OPEN, ObjectionState.SETTLED)},
    **{(state, Act.ANSWER): state for state in _OPEN},
    (ObjectionState.ASSIGNED, Act.NEGOTIATE): ObjectionState.ASSIGNED,
    (ObjectionState.MAINTAINED, Act.NEGOTIATE): ObjectionState.MAINTAINED,
    (ObjectionState.ASSIGNED, Act.SETTLE): ObjectionState.SETTLED,
    (ObjectionState.MAINTAINED, Act.SETTLE): ObjectionState.SETTLED,
    (ObjectionState.WITHDRAWN, Act.RETURN): ObjectionState.FILED,
}


class EntryKind(StrEnum):
    """What an entry of the negotiation is."""

    GROUNDS = "grounds"
    SESSION = "session"
    OFFER = "offer"
    ANSWER = "answer"
    NOTE = "note"
    OUTCOME = "outcome"


#: Entries that mean somebody spoke to the household.
CONTACTS = frozenset({EntryKind.SESSION, EntryKind.OFFER})


def step(state: ObjectionState, act: Act) -> ObjectionState:
    """The next state.

    Raises:
        ObjectionWrongState: the act does not follow.
    """
    if (state, act) not in TRANSITIONS:
        raise ObjectionWrongState(state=state.value, act=act.value)
    return TRANSITIONS[(state, act)]


def is_open(state: ObjectionState) -> bool:
    """Whether the household still objects."""
    return state in _OPEN


def check_contact(*, filed_at: dt.datetime, contacts: Sequence[dt.datetime], now: dt.datetime) -> None:
    """Whether the household may be contacted now.

    Raises:
        CoolOff: within 72 hours of filing.
        QuietHours: between 21:00 and 08:00 in Beijing.
        TooManyContacts: two in the last fourteen days.
    """
    if now < filed_at + COOL_OFF:
        raise CoolOff(until=(filed_at + COOL_OFF).isoformat())
    hour = now.astimezone(BEIJING).hour
    if hour >= QUIET_FROM_HOUR or hour < QUIET_TO_HOUR:
        raise QuietHours
    recent = sorted(at for at in contacts if at > now - CONTACT_WINDOW)
    if len(recent) >= MOST_CONTACTS:
        until = recent[-MOST_CONTACTS] + CONTACT_WINDOW
        raise TooManyContacts(most=MOST_CONTACTS, days=CONTACT_WINDOW.days, until=until.isoformat())


def check_return(*, withdrawn_at: dt.datetime, now: dt.datetime) -> None:
    """Whether a withdrawal can still be taken back.

    Raises:
        TooLateToReturn: after 48 hours.
    """
    if now > withdrawn_at + RETURN_WITHIN:
        raise TooLateToReturn(hours=int(RETURN_WITHIN.total_seconds() // 3600))


def public_count(objections: int, households: int) -> int | None:
    """What everybody may know: a rounded count where it cannot point at anybody, else nothing."""
    if objections < LEAST_OBJECTIONS or households < LEAST_HOUSEHOLDS:
        return None
    return (objections + ROUND_TO // 2) // ROUND_TO * ROUND_TO
