"""What goes in and out about objections."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.core.schemas import InputModel, OutputModel
from app.core.text import Reason, Text
from app.objections.rules import EntryKind, ObjectionState

_Words = Annotated[Text, Field(min_length=2, max_length=4000)]


class ObjectionIn(InputModel):
    """An objection: why, what it would do to you, what would help."""

    grounds: _Words
    effect: Annotated[Text, Field(max_length=4000)] = ""
    would_help: Annotated[Text, Field(max_length=4000)] = ""


class AnswerIn(InputModel):
    """What the household says."""

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


class ViewOut(OutputModel):
    """Somebody looked at the case."""

    role: str
    purpose: str
    at: dt.datetime


class MyObjection(OutputModel):
    """Your objection: everything said, and who looked at it."""

    id: uuid.UUID
    project_id: uuid.UUID
    state: ObjectionState
    filed_at: dt.datetime
    entries: list[EntryOut]
    views: list[ViewOut]
    remedies: str = Field(description="What else you can do; you can always keep your objection.")


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


class ObjectionCaseList(OutputModel):
    """Cases, oldest first."""

    items: list[ObjectionCase]


class Objector(OutputModel):
    """Who objects."""

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
