"""What goes in and out about committees."""

import datetime as dt
import unicodedata
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import Line, OptionalLine, Text


def _narrow(value: object) -> object:
    return unicodedata.normalize("NFKC", value) if isinstance(value, str) else value


#: A number somebody can dial: digits with blanks or dashes between them, full-width ones understood.
Telephone = Annotated[
    str,
    BeforeValidator(_narrow),
    StringConstraints(pattern=r"^\+?[0-9](?:[ -]?[0-9]){4,18}$", max_length=24),
]


class CommitteeIn(InputModel):
    """What a committee says of itself; everybody can read it."""

    name: Line
    address: OptionalLine = ""
    phone: Telephone
    contact: OptionalLine = Field(default="", description="Who answers the telephone.")
    office_hours: OptionalLine = ""
    text: Annotated[Text, Field(max_length=1000)] = ""


class CommitteeOut(OutputModel):
    """How a community's Residents' Committee is reached."""

    community_code: str
    name: str
    address: str
    phone: str | None = Field(description="Null until the committee has given a number.")
    contact: str
    office_hours: str
    text: str
    version: int = Field(description="0 until the committee has written something.")
    changed_at: dt.datetime | None
