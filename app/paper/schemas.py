"""What goes in and out about paper ballots."""

import uuid
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, Reason
from app.paper.rules import FEWEST_SHEETS, MOST_SHEETS, Stage, Unfinished, Void
from app.paper.words import Finding

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
    spoilt: _Sheets = Field(
        default=0, description="Written on wrongly and exchanged at the desk; the voter has signed once."
    )
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


class SerialIn(InputModel):
    """One sheet."""

    serial: Annotated[str, Field(min_length=1, max_length=20)]


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
    spoilt: int | None
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
    keyers: list["KeyerOut"] = Field(description="Who keys it, and how far they are.")


class KeyerOut(OutputModel):
    """Somebody who keys sheets of a batch."""

    name: str | None
    mine: bool
    keyed: int = Field(description="Handed over, and compared with what another person keyed.")
    drafts: int = Field(description="Kept, and not handed over yet.")


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


# --- keying at speed ------------------------------------------------------------------------------------------------


class SheetSaysOut(OutputModel):
    """What somebody read on a sheet: printed numbers, best first, or why it is void."""

    numbers: list[int] | None
    void: Void | None


class DraftOut(SheetSaysOut):
    """A sheet you keyed and have not handed over yet."""

    serial: str


class KeyingDeskOut(OutputModel):
    """What you have before you when you key a batch. Of others it says which sheets they are done with, never what."""

    batch: PaperBatchOut
    projects: int = Field(description="How many are on the list; numbers beyond are unknown.")
    max_rank: int
    drafts: list[DraftOut] = Field(description="By serial: no order in which sheets were keyed is kept.")
    handed_over: int = Field(description="How many sheets you have handed over.")
    untouched: list[str] = Field(description="Serials nobody has handed over; some of them were never used.")
    once: list[str] = Field(description="Serials one other person has handed over: they wait for you.")
    differing: list[str] = Field(description="Serials two others read differently: they wait for your look.")


class ReadingOut(SheetSaysOut):
    """What one person read on a sheet."""

    turn: int = Field(description="1 and 2 were compared, 3 decides.")
    name: str | None
    mine: bool


class ComparedOut(OutputModel):
    """A sheet that two people read differently."""

    serial: str
    stage: Stage = Field(description="`differs`: it waits for a third look; `decided`: that was taken.")
    keyed_by_me: bool = Field(description="Then somebody else takes the third look.")
    readings: list[ReadingOut] | None = Field(
        description="Null as long as you could be the third: that look is blind too."
    )


class SheetComparisonOut(OutputModel):
    """Where two people differ, those sheets first that wait for a third look."""

    batch: PaperBatchOut
    items: list[ComparedOut]


# --- reconciliation -------------------------------------------------------------------------------------------------


class PaperFiguresOut(OutputModel):
    """Sheets of a batch, or of several; what nobody has counted yet is zero."""

    printed: int
    signed_in: int
    used: int
    unused: int
    spoilt: int
    unopened: int
    missing: int
    not_handed_in: int
    keyed: int
    decided: int


class PaperFindingOut(OutputModel):
    """Something that does not add up, or is not done."""

    code: Finding
    detail: str = Field(description="With the figures and what to do, in your language.")


class ReconciledBatchOut(OutputModel):
    """One batch on the sheet."""

    batch: PaperBatchOut
    figures: PaperFiguresOut
    counts: bool = Field(description="It is neither merged with another one nor set aside.")
    merged_into: int | None = Field(description="The number of the batch that has its sheets now.")
    findings: list[PaperFindingOut]
    void: dict[Void, int] | None = Field(description="Void sheets by reason, once all are decided.")


class ReconciliationOut(OutputModel):
    """Every sheet of a round accounted for, as far as you work there."""

    round_id: uuid.UUID
    title: str
    communities: list[str]
    items: list[ReconciledBatchOut]
    total: PaperFiguresOut = Field(description="Of the batches that count.")
    adds_up: bool = Field(description="Nothing of these batches keeps the box from being opened.")
