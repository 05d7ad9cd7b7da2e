"""The life of an objection, and what protects the household. Pure."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from enum import StrEnum

from app.core.zone import BEIJING
from app.objections.errors import (
    ComplaintWaiting,
    CoolOff,
    MediatorRefused,
    NoMediator,
    ObjectionWrongState,
    OfferReplaced,
    QuietHours,
    TooLateToReturn,
    TooManyContacts,
    TooManyRefusals,
)

COOL_OFF = dt.timedelta(hours=72)
CONTACT_WINDOW = dt.timedelta(days=14)
MOST_CONTACTS = 2
QUIET_FROM_HOUR, QUIET_TO_HOUR = 21, 8
RETURN_WITHIN = dt.timedelta(hours=48)
#: An officer has looked at an objection, or given it to a mediator, by then.
ACKNOWLEDGE_WITHIN = dt.timedelta(days=5)
#: Mediation is normally over by then (Sichuan's rules on people's mediation); nothing happens when it is not.
MEDIATE_WITHIN = dt.timedelta(days=30)
#: An offer is not taken back, and nobody asks for an answer, before then.
OFFER_STANDS = dt.timedelta(days=7)
#: An officer above the community answers a complaint by then.
ANSWER_COMPLAINT_WITHIN = dt.timedelta(days=7)
#: A party may refuse a mediator (People's Mediation Law, art. 23); a place has few of them.
MOST_REFUSALS = 3

#: A count is public only from here on, and only rounded.
LEAST_OBJECTIONS = 5
LEAST_HOUSEHOLDS = 30
ROUND_TO = 5

#: The other ways that are open are told to the parties (People's Mediation Law, art. 26).
REMEDIES = {
    "zh": (
        "您可以一直保留异议，不需要理由。",
        "可以要求换一位调解员，也可以不再调解。",
        "可以请街道司法所或人民调解委员会调解。",
        "可以向街道办事处、区民政局投诉，或拨打 12345。",
        "认为决定侵害合法权益的，可以依法向人民法院请求撤销。",
    ),
    "en": (
        "You can keep your objection as long as you like, without giving reasons.",
        "You can ask for another mediator, or end the mediation.",
        "You can ask the sub-district's judicial office or the People's Mediation Committee to mediate.",
        "You can complain to the sub-district office or the district's Civil Affairs Bureau, or call 12345.",
        "If a decision harms your lawful rights, you can ask a people's court to revoke it.",
    ),
}


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
    REFUSE_MEDIATOR = "refuse_mediator"
    ESCALATE = "escalate"
    REPLY = "reply"


_OPEN = (ObjectionState.FILED, ObjectionState.ASSIGNED, ObjectionState.MAINTAINED)

#: (state, act) -> next state. Maintaining is possible wherever the objection is open or settled against the heart.
TRANSITIONS: dict[tuple[ObjectionState, Act], ObjectionState] = {
    **{(state, Act.ASSIGN): ObjectionState.ASSIGNED for state in _OPEN},
    **{(state, Act.WITHDRAW): ObjectionState.WITHDRAWN for state in _OPEN},
    **{(state, Act.MAINTAIN): ObjectionState.MAINTAINED for state in (*_OPEN, ObjectionState.SETTLED)},
    **{(state, Act.ANSWER): state for state in _OPEN},
    # whoever was pressed to withdraw or to settle can say so afterwards too
    **{(state, act): state for state in ObjectionState for act in (Act.ESCALATE, Act.REPLY)},
    (ObjectionState.ASSIGNED, Act.NEGOTIATE): ObjectionState.ASSIGNED,
    (ObjectionState.MAINTAINED, Act.NEGOTIATE): ObjectionState.MAINTAINED,
    (ObjectionState.ASSIGNED, Act.SETTLE): ObjectionState.SETTLED,
    (ObjectionState.MAINTAINED, Act.SETTLE): ObjectionState.SETTLED,
    (ObjectionState.WITHDRAWN, Act.RETURN): ObjectionState.FILED,
    # back to the officer, who gives it to somebody else
    (ObjectionState.ASSIGNED, Act.REFUSE_MEDIATOR): ObjectionState.FILED,
    (ObjectionState.MAINTAINED, Act.REFUSE_MEDIATOR): ObjectionState.MAINTAINED,
}


class EntryKind(StrEnum):
    """What an entry of the negotiation is."""

    GROUNDS = "grounds"
    EFFECT = "effect"
    WISH = "wish"
    ASSIGNED = "assigned"
    SESSION = "session"
    OFFER = "offer"
    ANSWER = "answer"
    NOTE = "note"
    REFUSAL = "refusal"
    COMPLAINT = "complaint"
    REPLY = "reply"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    MAINTAINED = "maintained"
    #: Outcomes of older cases, in words.
    OUTCOME = "outcome"


#: Entries that mean somebody spoke to the household.
CONTACTS = frozenset({EntryKind.SESSION, EntryKind.OFFER})
#: What a mediator writes down.
BY_MEDIATOR = CONTACTS | {EntryKind.NOTE}
#: Why a mediator was refused, and what was complained of: for those who decide about it alone.
PAST_THE_MEDIATOR = frozenset({EntryKind.REFUSAL, EntryKind.COMPLAINT, EntryKind.REPLY})
#: What is complained of goes past everybody in the community.
PAST_THE_COMMUNITY = frozenset({EntryKind.COMPLAINT, EntryKind.REPLY})


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


def possible(
    state: ObjectionState, *, withdrawn_at: dt.datetime, now: dt.datetime, mediated: bool, offered: bool, refusals: int,
    complaint_waits: bool,
) -> list[Act]:  # fmt: skip
    """What the household can do now, as the acts it would ask for; ``withdrawn_at`` counts where it is withdrawn."""
    withdrawn = state is ObjectionState.WITHDRAWN
    hindered = {
        Act.SETTLE: not offered,
        Act.REFUSE_MEDIATOR: not mediated or refusals >= MOST_REFUSALS,
        Act.ESCALATE: complaint_waits,
        Act.MAINTAIN: state is ObjectionState.MAINTAINED
        or (withdrawn and now > withdrawn_at + RETURN_WITHIN),
    }
    # maintaining a withdrawn objection takes it up again first
    from_here = {act for (at, act) in TRANSITIONS if at is state} | ({Act.MAINTAIN} if withdrawn else set())
    mine = (Act.ANSWER, Act.SETTLE, Act.MAINTAIN, Act.REFUSE_MEDIATOR, Act.ESCALATE, Act.WITHDRAW)
    return [act for act in mine if act in from_here and not hindered.get(act, False)]


def check_offer(chosen: int, *, offers: int) -> None:
    """Whether an offer can be accepted: the last one, so that nobody agrees to what they have not read.

    Raises:
        OfferReplaced: there is a newer one, or none of this number.
    """
    if chosen != offers:
        raise OfferReplaced(newest=offers)


def check_refusal(*, mediator_id: uuid.UUID | None, refused: int) -> uuid.UUID:
    """Which mediator a household refuses.

    Raises:
        NoMediator: nobody mediates.
        TooManyRefusals: it has refused as many as it can.
    """
    if mediator_id is None:
        raise NoMediator
    if refused >= MOST_REFUSALS:
        raise TooManyRefusals(most=MOST_REFUSALS)
    return mediator_id


def check_assignment(mediator_id: uuid.UUID, *, refused: Collection[uuid.UUID]) -> None:
    """Whether a mediator may be given a case.

    Raises:
        MediatorRefused: the household has refused this one.
    """
    if mediator_id in refused:
        raise MediatorRefused


def check_complaint(escalated_at: dt.datetime | None) -> None:
    """Whether a household may complain now.

    Raises:
        ComplaintWaiting: its last complaint has no answer yet.
    """
    if escalated_at is not None:
        raise ComplaintWaiting(until=(escalated_at + ANSWER_COMPLAINT_WITHIN).isoformat())


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
