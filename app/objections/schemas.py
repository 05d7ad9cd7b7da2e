"""What goes in and out about objections."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.core.money import LARGEST_AMOUNT_FEN
from app.core.schemas import InputModel, OutputModel
from app.core.text import FullReason, Line, Reason, Text
from app.objections.costs import ChangeKind
from app.objections.deadlines import Duty, Stage
from app.objections.rules import Act, Channel, EntryKind, ObjectionState, Party, VolunteerState
from app.projects.rules import CostKind

_Words = Annotated[Text, Field(min_length=2, max_length=4000)]


class ObjectionIn(InputModel):
    """An objection: why, what it would do to you, what would help."""

    grounds: _Words
    effect: Annotated[Text, Field(max_length=4000)] = ""
    would_help: Annotated[Text, Field(max_length=4000)] = ""


class AnswerIn(InputModel):
    """What the household says."""

    text: _Words


class OfferChoiceIn(InputModel):
    """Which offer is accepted."""

    offer: Annotated[int, Field(ge=1, le=1000, description="Its number; only the last one can be accepted.")]
    text: Annotated[Text, Field(max_length=1000)] = Field(
        default="", description="What the household says to it, if anything; kept with the agreement."
    )


class RefusalIn(InputModel):
    """Why the household wants another mediator, if it says so; the mediator does not read it."""

    reason: Annotated[Text, Field(max_length=1000)] = ""


class ComplaintIn(InputModel):
    """What the household complains of; read by the officer above the community alone."""

    text: _Words


class ReplyIn(InputModel):
    """What the officer answers to a complaint."""

    text: _Words


class OfferedCostIn(InputModel):
    """A cost item as it is to be."""

    kind: CostKind
    description: Line
    amount_fen: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_FEN)]
    was: Annotated[int, Field(ge=1, le=200)] | None = Field(
        default=None, description="The number, from 1, of the present item it was; null for a new one."
    )


class EntryIn(InputModel):
    """What the mediator, or a volunteer, writes down."""

    kind: EntryKind
    text: _Words
    channel: Channel | None = Field(default=None, description="Of a contact: how it was made.")
    meets_at: dt.datetime | None = Field(
        default=None, description="Of a planned or moved meeting: when it is to be."
    )
    cost_items: Annotated[list[OfferedCostIn], Field(min_length=1, max_length=50)] | None = Field(
        default=None,
        description="Of an offer: all cost items of the project as they are to be; null where none changes.",
    )


class HandOverIn(InputModel):
    """Why a case is given back."""

    reason: Reason


class VolunteerIn(InputModel):
    """Whom the officer proposes, from the list of those who agreed to help."""

    account_id: uuid.UUID


class AssignIn(InputModel):
    """Who will mediate."""

    mediator_id: uuid.UUID


class PurposeIn(InputModel):
    """Why the case is looked at; the household sees it."""

    purpose: FullReason


class ItemOut(OutputModel):
    """A part of a project's cost, in fen."""

    kind: CostKind
    description: str
    amount_fen: int


class ChangeOut(OutputModel):
    """What becomes of a cost item."""

    what: ChangeKind
    before: ItemOut | None
    after: ItemOut | None


class CostsOut(OutputModel):
    """What an offer makes of a project's cost items."""

    changes: list[ChangeOut]
    before_fen: int
    after_fen: int


class EntryOut(OutputModel):
    """A step of the negotiation."""

    kind: EntryKind
    by: Party
    by_objector: bool
    at: dt.datetime
    text: str
    channel: Channel | None
    meets_at: dt.datetime | None = Field(
        description="Of a planned or moved meeting: when it is to be; of one that was held: when it was to be."
    )
    offer: int | None = Field(description="The number of an offer, from 1 on.")
    costs: CostsOut | None = Field(
        description="What an offer makes of the costs; null where it changes none."
    )


class OfferOut(OutputModel):
    """An offer."""

    number: int
    at: dt.datetime
    text: str
    costs: CostsOut | None = Field(description="What it makes of the project's costs.")
    stands_until: dt.datetime = Field(
        description="Until then it is not taken back, and nobody asks for an answer."
    )


class ViewOut(OutputModel):
    """Somebody looked at the case."""

    role: Party
    name: str = Field(description="Masked: `周*`.")
    purpose: str
    at: dt.datetime


class KnowerOut(OutputModel):
    """Somebody who may know who you are."""

    role: Party
    name: str = Field(description="Masked: `周*`.")


class VolunteerOut(OutputModel):
    """A resident who would help, by name, so that the household can say whether it wants them."""

    name: str
    building: str
    state: VolunteerState


class PeaceOut(OutputModel):
    """When the household is left in peace."""

    contact_from: dt.datetime = Field(description="Nobody contacts you before.")
    quiet_from_hour: int
    quiet_to_hour: int
    most_contacts: int
    contact_days: int = Field(description="At most `most_contacts` contacts in so many days.")
    contact_refused: bool = Field(description="You asked not to be contacted, and have not written since.")


class DeadlinesOut(OutputModel):
    """By when others do what they have to do."""

    acknowledge_by: dt.datetime
    acknowledged_at: dt.datetime | None
    mediate_by: dt.datetime | None = Field(
        description="When mediation is normally over; nothing happens to you after it. Null while nobody mediates."
    )
    reply_by: dt.datetime | None = Field(
        description="By when your complaint is answered; null if none waits."
    )
    return_until: dt.datetime | None = Field(
        description="Until when a withdrawn objection can be taken up again."
    )


class MyObjection(OutputModel):
    """Your objection: everything said, who may know, and who looked at it."""

    id: uuid.UUID
    project_id: uuid.UUID
    project_title: str
    state: ObjectionState
    filed_at: dt.datetime
    changed_at: dt.datetime
    entries: list[EntryOut]
    offers: list[OfferOut]
    knowers: list[KnowerOut]
    volunteer: VolunteerOut | None = Field(description="Who was proposed to you, or takes part.")
    views: list[ViewOut]
    deadlines: DeadlinesOut
    peace: PeaceOut
    meeting_at: dt.datetime | None = Field(description="The meeting that lies ahead, if one was planned.")
    can: list[Act] = Field(description="What you can do now.")
    refusals_left: int
    remedies: list[str] = Field(description="What else you can do; you can always keep your objection.")


class MyObjectionList(OutputModel):
    """Your household's objections."""

    items: list[MyObjection]


class DueOut(OutputModel):
    """Something that is owed to a household."""

    duty: Duty
    by: dt.datetime
    overdue: bool


class ObjectionCase(OutputModel):
    """A case in the list of those who work on it: no names of the household, no words."""

    id: uuid.UUID
    project_id: uuid.UUID
    project_title: str
    community_code: str
    community: str
    state: ObjectionState
    stage: Stage
    you_are: Party = Field(description="As whom you have the case.")
    mediator: str | None = Field(description="Who mediates.")
    assigned: bool
    filed_at: dt.datetime
    changed_at: dt.datetime
    acknowledge_by: dt.datetime
    acknowledged_at: dt.datetime | None
    complaint_waits: bool = Field(description="A complaint waits for you; only above the community.")
    due: list[DueOut] = Field(description="What is owed, the soonest first, and by when.")
    overdue: bool = Field(description="Something that you owe, or have to see to, is late.")
    opens: bool = Field(description="It can be opened. An ended case is closed to its mediator.")


class ObjectionCaseList(OutputModel):
    """Cases: what is owed the soonest first, then what nothing is owed in, ended ones last."""

    items: list[ObjectionCase]


class Objector(OutputModel):
    """Who objects; empty where they asked to be forgotten."""

    name: str
    phone: str | None
    dwelling: str


class OpeningOut(OutputModel):
    """Whether the household may be contacted now."""

    possible: bool
    hindered_by: str | None = Field(description="The code of the refusal that a contact would meet.")
    possible_from: dt.datetime | None = Field(
        description="When at the earliest; null while the household wants none."
    )
    left: int = Field(description="How many contacts are left in these days; a planned meeting takes one.")
    meeting_at: dt.datetime | None = Field(description="The meeting that lies ahead, if one was planned.")
    held_at: dt.datetime | None = Field(
        description="When the planned meeting was to be that is written down by the next entry of a meeting held: at"
        " any hour, and without a contact. Null where none was planned: it is a contact of its own then."
    )
    may_respond: bool = Field(description="The household has written, and waits for an answer.")


class ObjectionFile(ObjectionCase):
    """A whole case."""

    objector: Objector
    entries: list[EntryOut]
    contact: OpeningOut
    peace: PeaceOut
    volunteer: VolunteerOut | None = Field(description="Who was proposed, or takes part.")
    cost_items: list[ItemOut] = Field(description="What the project's money goes to now.")
    on_a_ballot: bool = Field(description="A vote with the project is under way: its costs cannot change.")
    mediate_by: dt.datetime | None = Field(description="When mediation is normally over.")
    may_write: list[EntryKind] = Field(description="What you may write down in the state of the case.")


class MediatorOut(OutputModel):
    """Somebody a case can be given to."""

    account_id: uuid.UUID
    name: str
    open_cases: int


class CandidateOut(OutputModel):
    """A resident who agreed to help."""

    account_id: uuid.UUID
    name: str
    building: str


class CandidateList(OutputModel):
    """Who could mediate, and who could help; those the household will not have are left out."""

    mediators: list[MediatorOut]
    volunteers: list[CandidateOut]


class VolunteeringOut(OutputModel):
    """A community where you agreed to help."""

    community_code: str
    joined_at: dt.datetime


class VolunteeringList(OutputModel):
    """Where you agreed to help."""

    items: list[VolunteeringOut]


class StateCount(OutputModel):
    """How many objections are in a state."""

    state: ObjectionState
    objections: int | None = Field(description="Rounded to five; null where it could point at somebody.")


class StageCount(OutputModel):
    """How many objections are so far."""

    stage: Stage
    objections: int | None = Field(description="Rounded to five; null where it could point at somebody.")


class FiguresOut(OutputModel):
    """Figures of one division; null where one could point at somebody."""

    division_code: str
    division: str
    objections: int | None = Field(description="All that were ever filed, rounded to five.")
    by_state: list[StateCount]
    by_stage: list[StageCount]
    overdue: int | None = Field(description="Cases in which something is owed and late, rounded to five.")
    settled_percent: int | None = Field(description="Of a hundred objections, rounded to five.")
    days_to_acknowledge: int | None = Field(description="Half of the cases took no longer.")
    days_to_first_contact: int | None = Field(description="Half of the cases took no longer.")


class ObjectionStatistics(FiguresOut):
    """Figures of a division and of the communities in it that have any."""

    communities: list[FiguresOut]
    least_objections: int = Field(description="Below so many no figure is shown,")
    least_households: int = Field(description="nor where fewer households live.")


class ObjectionCount(OutputModel):
    """What everybody may know."""

    project_id: uuid.UUID
    households: int | None = Field(
        description="Rounded to five; null where a number could point at somebody."
    )
