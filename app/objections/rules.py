"""The life of an objection, and what protects the household. Pure."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.objections.errors import (
    ChannelNeeded,
    ComplaintWaiting,
    MediatorRefused,
    MeetingTimeNeeded,
    NoMediator,
    ObjectionWrongState,
    OfferReplaced,
    OutOfPlaceInEntry,
    TooLateToReturn,
    TooManyRefusals,
    VolunteerDeclined,
    VolunteerThere,
)

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

#: Whoever goes on with what they opened a case for looks at it once, not after every act.
LOOK_LASTS = dt.timedelta(minutes=30)

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
    HAND_OVER = "hand_over"
    REFUSE_CONTACT = "refuse_contact"
    PROPOSE_VOLUNTEER = "propose_volunteer"
    ACCEPT_VOLUNTEER = "accept_volunteer"
    DECLINE_VOLUNTEER = "decline_volunteer"


_OPEN = (ObjectionState.FILED, ObjectionState.ASSIGNED, ObjectionState.MAINTAINED)

#: (state, act) -> next state. Maintaining is possible wherever the objection is open or settled against the heart.
TRANSITIONS: dict[tuple[ObjectionState, Act], ObjectionState] = {
    **{(state, Act.ASSIGN): ObjectionState.ASSIGNED for state in _OPEN},
    **{(state, Act.WITHDRAW): ObjectionState.WITHDRAWN for state in _OPEN},
    **{(state, Act.MAINTAIN): ObjectionState.MAINTAINED for state in (*_OPEN, ObjectionState.SETTLED)},
    **{(state, act): state for state in _OPEN for act in (Act.ANSWER, Act.REFUSE_CONTACT)},
    # a volunteer joins and leaves without moving the case
    **{
        (state, act): state
        for state in _OPEN
        for act in (Act.PROPOSE_VOLUNTEER, Act.ACCEPT_VOLUNTEER, Act.DECLINE_VOLUNTEER)
    },
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
    (ObjectionState.ASSIGNED, Act.HAND_OVER): ObjectionState.FILED,
    (ObjectionState.MAINTAINED, Act.HAND_OVER): ObjectionState.MAINTAINED,
}


class EntryKind(StrEnum):
    """What an entry of the negotiation is."""

    GROUNDS = "grounds"
    EFFECT = "effect"
    WISH = "wish"
    ASSIGNED = "assigned"
    #: A meeting that lies ahead.
    PLAN = "plan"
    #: It is to be at another time.
    MOVED = "moved"
    #: It will not be held, or was not.
    CALLED_OFF = "called_off"
    #: A meeting that was held.
    SESSION = "session"
    #: A visit, a call, a message.
    CONTACT = "contact"
    OFFER = "offer"
    ANSWER = "answer"
    #: What is written back to the household's answer.
    RESPONSE = "response"
    NO_CONTACT = "no_contact"
    HANDED_OVER = "handed_over"
    VOLUNTEER_PROPOSED = "volunteer_proposed"
    VOLUNTEER_ACCEPTED = "volunteer_accepted"
    VOLUNTEER_DECLINED = "volunteer_declined"
    VOLUNTEER_LEFT = "volunteer_left"
    NOTE = "note"
    REFUSAL = "refusal"
    COMPLAINT = "complaint"
    REPLY = "reply"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    MAINTAINED = "maintained"
    #: Outcomes of older cases, in words.
    OUTCOME = "outcome"


class Party(StrEnum):
    """Who takes part in a case."""

    HOUSEHOLD = "household"
    MEDIATOR = "mediator"
    OBJECTION_OFFICER = "objection_officer"
    #: A resident whom the household has accepted.
    VOLUNTEER = "volunteer"


class Channel(StrEnum):
    """How a household was contacted."""

    VISIT = "visit"
    CALL = "call"
    MESSAGE = "message"


class VolunteerState(StrEnum):
    """Where a volunteer stands in a case."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    #: They left, or the case ended: it is closed to them.
    ENDED = "ended"


#: One volunteer at a time.
THERE = (VolunteerState.PROPOSED, VolunteerState.ACCEPTED)


@dataclass(frozen=True)
class Said:
    """What is known of an entry without opening its words."""

    kind: EntryKind
    by_objector: bool
    at: dt.datetime
    #: When a planned meeting is to be; of one that was held: when it was to be.
    meets_at: dt.datetime | None = None


#: Entries that mean somebody spoke to the household.
CONTACTS = frozenset({EntryKind.CONTACT, EntryKind.SESSION, EntryKind.OFFER})
#: What those who negotiate say or do towards the household.
BY_STAFF = CONTACTS | {EntryKind.PLAN, EntryKind.MOVED, EntryKind.CALLED_OFF, EntryKind.RESPONSE}
#: What a mediator writes down.
BY_MEDIATOR = BY_STAFF | {EntryKind.NOTE}
#: What a volunteer writes down: whoever answers for no money offers none.
BY_VOLUNTEER = BY_MEDIATOR - {EntryKind.OFFER}
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
    complaint_waits: bool, contact_refused: bool = False, volunteer: bool | None = None,
) -> list[Act]:  # fmt: skip
    """What the household can do now, as the acts it would ask for.

    Args:
        state: where the case stands.
        withdrawn_at: counts where it is withdrawn.
        now: the present moment.
        mediated: somebody mediates.
        offered: there is an offer.
        refusals: how many mediators it has refused.
        complaint_waits: its last complaint has no answer yet.
        contact_refused: it asked not to be contacted.
        volunteer: whether the volunteer takes part; none where none was proposed.
    """
    withdrawn = state is ObjectionState.WITHDRAWN
    hindered = {
        Act.SETTLE: not offered,
        Act.REFUSE_MEDIATOR: not mediated or refusals >= MOST_REFUSALS,
        Act.ESCALATE: complaint_waits,
        Act.REFUSE_CONTACT: contact_refused,
        Act.ACCEPT_VOLUNTEER: volunteer is not False,
        Act.DECLINE_VOLUNTEER: volunteer is None,
        Act.MAINTAIN: state is ObjectionState.MAINTAINED
        or (withdrawn and now > withdrawn_at + RETURN_WITHIN),
    }
    # maintaining a withdrawn objection takes it up again first
    from_here = {act for (at, act) in TRANSITIONS if at is state} | ({Act.MAINTAIN} if withdrawn else set())
    mine = (
        Act.ANSWER, Act.SETTLE, Act.ACCEPT_VOLUNTEER, Act.DECLINE_VOLUNTEER, Act.MAINTAIN, Act.REFUSE_CONTACT,
        Act.REFUSE_MEDIATOR, Act.ESCALATE, Act.WITHDRAW,
    )  # fmt: skip
    return [act for act in mine if act in from_here and not hindered.get(act, False)]


def check_entry(kind: EntryKind, *, channel: bool, meets_at: bool, costs: bool) -> None:
    """Whether an entry says what its kind needs, and nothing else.

    Raises:
        ChannelNeeded: a contact does not say how.
        MeetingTimeNeeded: a planned meeting does not say when.
        OutOfPlaceInEntry: something stands in it that another kind has.
    """
    if kind is EntryKind.CONTACT and not channel:
        raise ChannelNeeded
    if kind in {EntryKind.PLAN, EntryKind.MOVED} and not meets_at:
        raise MeetingTimeNeeded
    for field, given, where in (
        ("channel", channel, {EntryKind.CONTACT}),
        ("meets_at", meets_at, {EntryKind.PLAN, EntryKind.MOVED}),
        ("cost_items", costs, {EntryKind.OFFER}),
    ):
        if given and kind not in where:
            raise OutOfPlaceInEntry(field=field)


def check_volunteer(account_id: uuid.UUID, *, proposed: Mapping[uuid.UUID, VolunteerState]) -> None:
    """Whether a volunteer may be proposed, where ``proposed`` are those who were.

    Raises:
        VolunteerThere: one was proposed, or takes part.
        VolunteerDeclined: the household has declined this one.
    """
    if any(state in THERE for state in proposed.values()):
        raise VolunteerThere
    if proposed.get(account_id) is VolunteerState.DECLINED:
        raise VolunteerDeclined


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
