"""What goes in and out about objections."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.access.roles import Role
from app.core.schemas import InputModel, OutputModel
from app.core.text import Reason, Text
from app.objections.rules import Act, EntryKind, ObjectionState

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


class RefusalIn(InputModel):
    """Why the household wants another mediator, if it says so; the mediator does not read it."""

    reason: Annotated[Text, Field(max_length=1000)] = ""


class ComplaintIn(InputModel):
    """What the household complains of; read by the officer above the community alone."""

    text: _Words


class ReplyIn(InputModel):
    """What the officer answers to a complaint."""

    text: _Words


class EntryIn(InputModel):
    """What the mediator writes down."""

    kind: EntryKind
    text: _Words


class AssignIn(InputModel):
    """Who will mediate."""

    mediator_id: uuid.UUID


class PurposeIn(InputModel):
    """Why the case is looked at; the household sees it."""

    purpose: Reason


class EntryOut(OutputModel):
    """A step of the negotiation."""

    kind: EntryKind
    by_objector: bool
    at: dt.datetime
    text: str


class OwnEntry(EntryOut):
    """A step of the negotiation, as its household sees it."""

    offer: int | None = Field(description="The number of an offer, from 1 on.")


class OfferOut(OutputModel):
    """An offer."""

    number: int
    at: dt.datetime
    text: str
    stands_until: dt.datetime = Field(
        description="Until then it is not taken back, and nobody asks for an answer."
    )


class ViewOut(OutputModel):
    """Somebody looked at the case."""

    role: Role
    name: str = Field(description="Masked: `周*`.")
    purpose: str
    at: dt.datetime


class KnowerOut(OutputModel):
    """Somebody who may know who you are."""

    role: Role
    name: str = Field(description="Masked: `周*`.")


class PeaceOut(OutputModel):
    """When the household is left in peace."""

    contact_from: dt.datetime = Field(description="Nobody contacts you before.")
    quiet_from_hour: int
    quiet_to_hour: int
    most_contacts: int
    contact_days: int = Field(description="At most `most_contacts` contacts in so many days.")


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
    entries: list[OwnEntry]
    offers: list[OfferOut]
    knowers: list[KnowerOut]
    views: list[ViewOut]
    deadlines: DeadlinesOut
    peace: PeaceOut
    can: list[Act] = Field(description="What you can do now.")
    refusals_left: int
    remedies: list[str] = Field(description="What else you can do; you can always keep your objection.")


class MyObjectionList(OutputModel):
    """Your household's objections."""

    items: list[MyObjection]


class ObjectionCase(OutputModel):
    """A case in the list of those who work on it: no names, no words."""

    id: uuid.UUID
    project_id: uuid.UUID
    state: ObjectionState
    assigned: bool
    filed_at: dt.datetime
    changed_at: dt.datetime
    acknowledge_by: dt.datetime
    acknowledged_at: dt.datetime | None
    complaint_waits: bool = Field(description="A complaint waits for you; only above the community.")


class ObjectionCaseList(OutputModel):
    """Cases, oldest first."""

    items: list[ObjectionCase]


class Objector(OutputModel):
    """Who objects; empty where they asked to be forgotten."""

    name: str
    phone: str | None
    dwelling: str


class ObjectionFile(ObjectionCase):
    """A whole case."""

    objector: Objector
    entries: list[EntryOut]


class ObjectionCount(OutputModel):
    """What everybody may know."""

    project_id: uuid.UUID
    households: int | None = Field(
        description="Rounded to five; null where a number could point at somebody."
    )
