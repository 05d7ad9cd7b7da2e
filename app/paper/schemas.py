"""What goes in and out about paper ballots."""

import uuid
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, Reason
from app.paper.rules import FEWEST_SHEETS, MOST_SHEETS, Unfinished, Void

#: Sheets keyed in one call.
MOST_KEYED = 500
_Sheets = Annotated[int, Field(ge=0, le=1_000_000)]


class PaperBatchIn(InputModel):
    """A batch of sheets to make."""

    community_code: Code12
    label: Line = Field(description="A desk, a building, a day: what staff call the batch.")
    sheets: Annotated[int, Field(ge=FEWEST_SHEETS, le=MOST_SHEETS)]


class ReturnIn(InputModel):
    """What came back of a batch, counted in sheets."""

    used: _Sheets = Field(description="In the urn, or taken out of outer envelopes that were opened.")
    unused: _Sheets = Field(description="Never handed out.")
    unopened: _Sheets = Field(
        default=0, description="In outer envelopes that stay closed (only where online ballots win)."
    )
    not_handed_in: _Sheets = Field(
        default=0, description="Of the missing ones, those somebody signed for and never handed in."
    )
    missing_reason: Reason | None = Field(
        default=None, description="Why sheets are missing; made public with the result."
    )


class MergeIn(InputModel):
    """The batch that takes the sheets of this one."""

    into: uuid.UUID


class SettingAsideIn(InputModel):
    """Why a whole batch is not counted."""

    reason: Reason = Field(description="Made public with the result; no names.")


class KeyedSheet(InputModel):
    """What one sheet says: the numbers written on it, best first, or why it is void."""

    serial: Annotated[str, Field(min_length=1, max_length=20)]
    numbers: (
        Annotated[list[Annotated[int, Field(ge=0, le=99_999)]], Field(min_length=1, max_length=100)] | None
    ) = None
    void: Void | None = Field(
        default=None,
        description="`unsigned`; `unreadable` (also one number twice, or one that is not on the list); "
        "`too_many_ranks`; `late`; `blank`.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.numbers is None) == (self.void is None):
            message = "give either the numbers or the reason why the sheet is void"
            raise ValueError(message)
        return self


class KeyingIn(InputModel):
    """Sheets of one batch, as one person reads them."""

    sheets: Annotated[list[KeyedSheet], Field(min_length=1, max_length=MOST_KEYED)]


class DiscardIn(InputModel):
    """A sheet to be keyed anew, or that should not have been keyed."""

    serial: Annotated[str, Field(min_length=1, max_length=20)]
    reason: Reason


class PaperBatchOut(OutputModel):
    """A batch of sheets."""

    id: uuid.UUID
    round_id: uuid.UUID
    number: int = Field(description="1, 2, 3 … in the round.")
    community_code: str
    label: str
    sheets: int = Field(description="Printed.")
    signed_in: int = Field(description="How many signed in for a sheet of it.")
    stay_closed: int = Field(
        description="Of these, whose outer envelope is not opened because their online ballot counts; "
        "said at closing."
    )
    used: int | None
    unused: int | None
    unopened: int | None
    missing: int | None
    not_handed_in: int | None
    missing_reason: str | None
    keyed: int = Field(description="Sheets keyed by at least one person.")
    decided: int = Field(description="Sheets on which two agree, or which a third person has decided.")
    unfinished: list[Unfinished] = Field(
        description="What keeps the batch from being counted; empty: nothing."
    )
    merged_into: uuid.UUID | None
    set_aside_reason: str | None
    set_aside_proposed: bool
    set_aside: bool


class PaperBatchList(OutputModel):
    """The batches of a round, by number."""

    items: list[PaperBatchOut]


class PaperBatchDetail(PaperBatchOut):
    """A batch, and which of its sheets wait for another look; never what anybody read."""

    keyed_once: list[str] = Field(description="Serials that wait for a second person.")
    differing: list[str] = Field(description="Serials that wait for a third person.")


class KeyedSheetOut(OutputModel):
    """What became of one line."""

    row: int = Field(description="1, 2, 3 … as sent.")
    serial: str
    taken: bool
    code: str | None = Field(description="Why it was not taken.")
    detail: str | None = Field(description="The same in a sentence.")


class KeyingOut(OutputModel):
    """Which lines were taken, and what is wrong with the others; nothing about what others read."""

    taken: int
    items: list[KeyedSheetOut]
