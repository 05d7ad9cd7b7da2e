"""What goes in and out about paper codes."""

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.codes.rules import LARGEST_BATCH
from app.core.schemas import InputModel, OutputModel


class PaperCodesIn(InputModel):
    """For whom codes are issued: some residents, or a building."""

    resident_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=LARGEST_BATCH)] | None = None
    building_id: uuid.UUID | None = None
    without_phone: bool = Field(default=False, description="Of these, only those of whom no phone is known.")
    round_id: uuid.UUID | None = Field(
        default=None, description="The one round the codes are good for; they expire when it closes."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.resident_ids is None) == (self.building_id is None):
            message = "name resident_ids or building_id, one of the two"
            raise ValueError(message)
        return self


class PaperCodeOut(OutputModel):
    """One resident's code. It cannot be read again."""

    resident_id: uuid.UUID
    name: str = Field(description="Masked.")
    building: str
    unit: str
    room: str
    code: str


class PaperCodesOut(OutputModel):
    """Codes to be handed over, and then forgotten."""

    community_code: str
    round_id: uuid.UUID | None
    expires_at: dt.datetime
    url: str = Field(description="Where they are entered; the same for everybody, and without a code.")
    picture: str = Field(description="This address as a QR code, a `data:` address of SVG.")
    helping_minutes: int = Field(description="How long a code lasts on the phone of somebody who helps.")
    items: list[PaperCodeOut]


class PaperCodeCountsOut(OutputModel):
    """How many codes a community has issued, and what became of them; the rest has expired."""

    issued: int
    used: int
    replaced: int
    in_force: int
    issued_today: int
    per_day: int = Field(description="How many may be issued in a day.")
