"""What goes in and out about people."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import FullReason, Line, Reason
from app.residents.rules import (
    DisclosureKind,
    ImportState,
    Purpose,
    RegistrationState,
    ResidentSource,
    Stage,
    Tenure,
)

#: Registrations answered at one stroke.
LARGEST_BATCH = 200

_Short = Annotated[Line, StringConstraints(max_length=60)]


class ImportOut(OutputModel):
    """An uploaded roster: what it would change, or has changed."""

    id: uuid.UUID
    community_code: str
    state: ImportState
    file_name: str
    created_at: dt.datetime
    decided_at: dt.datetime | None = Field(description="When it was committed, or taken back.")
    counts: dict[str, int] = Field(
        description="Rows that are new, changed, unchanged, moved_out, wrong; left_out, if any were, when committed."
    )


class ListedImport(ImportOut):
    """An import in the list, with who uploaded it and whether it can be taken back."""

    created_by: str | None = Field(description="What colleagues call whoever uploaded it.")
    decided_by: str | None
    can_undo: bool


class ImportList(OutputModel):
    """The last imports, the newest first."""

    items: list[ListedImport]


class ImportProgress(OutputModel):
    """How far an import is that runs."""

    stage: Stage
    done: int = Field(description="Rows done in this stage.")
    of: int = Field(description="Of so many; 0 where that is not known yet.")


class CellError(OutputModel):
    """What is wrong in one cell."""

    column: str
    code: str
    message: str
    other_row: int | None = Field(description="The row it contradicts.")


class FieldChange(OutputModel):
    """What stood in a field and what the file says; numbers masked, of a birth date the year."""

    field: str
    before: str | None
    after: str | None


class ImportLine(OutputModel):
    """One line of a preview; names and phones are masked."""

    row: int | None = Field(description="Line in the file; null for those who would move out.")
    change: str
    name: str | None
    phone: str | None
    dwelling: str | None
    changed: list[str]
    changes: list[FieldChange]
    errors: list[CellError]


class ImportDetail(ImportOut):
    """An import with some of its lines, those with errors first."""

    lines: list[ImportLine]
    total_lines: int
    can_undo: bool


class CommitIn(InputModel):
    """How to commit."""

    skip_rows_with_errors: bool = Field(
        default=False, description="Leave wrong rows out; then nobody is moved out either."
    )


class ResidentOut(OutputModel):
    """Somebody who lives here, masked."""

    id: uuid.UUID
    name: str
    phone: str | None
    building: str
    unit: str
    room: str
    tenure: Tenure
    is_representative: bool
    source: ResidentSource
    moved_out_at: dt.datetime | None


class ResidentPage(OutputModel):
    """Some who live here, by home."""

    items: list[ResidentOut]
    next_cursor: str | None
    total: int = Field(description="How many there are on all pages.")


class ElsewhereOut(OutputModel):
    """Another community of yours in which the same number stands."""

    community_code: str
    community: str
    resident_id: uuid.UUID


class ResidentEvent(OutputModel):
    """Something that was done about somebody, as the record keeps it."""

    at: dt.datetime
    tag: str
    by: str | None


class RegistrationOf(OutputModel):
    """What somebody wrote of living here, and what became of it."""

    id: uuid.UUID
    state: RegistrationState
    created_at: dt.datetime
    decided_at: dt.datetime | None
    reason: str | None


class ResidentDetail(ResidentOut):
    """One person, masked, with their household and their story."""

    community_code: str
    birth_year: str | None
    adult: bool = Field(
        description="Of age today; also where no birth date is known and the committee vouches."
    )
    came_at: dt.datetime | None
    signs_in: bool = Field(description="Whether they have used the service with their number or a code.")
    household: list[ResidentOut]
    elsewhere: list[ElsewhereOut]
    registrations: list[RegistrationOf]
    events: list[ResidentEvent]


class DisclosureIn(InputModel):
    """What names and numbers in full are needed for; it is kept and can be read."""

    purpose: Purpose
    reason: FullReason


class UnmaskedResident(OutputModel):
    """Somebody in full. Who asked, and what for, is on the record."""

    id: uuid.UUID
    name: str
    phone: str | None
    birth_date: str | None
    adult_on: dt.date | None = Field(
        description="From when on they may vote; null where the committee vouches."
    )
    building: str
    unit: str
    room: str


class ExportIn(InputModel):
    """Whom a list is about; without anything, everybody who lives here."""

    building: _Short | None = None
    unit: _Short | None = None
    search: _Short | None = None
    moved_out: bool = False


class UnmaskedExportIn(ExportIn, DisclosureIn):
    """The same, and what it is needed for."""


class DisclosureOut(OutputModel):
    """Who saw a name and a number in full, or took a list away, and what for."""

    id: uuid.UUID
    community_code: str
    community: str
    at: dt.datetime
    by: str | None
    kind: DisclosureKind
    people: int
    purpose: Purpose
    reason: str
    resident_id: uuid.UUID | None
    resident: str | None = Field(description="Masked.")


class DisclosurePage(OutputModel):
    """Some disclosures, the newest first."""

    items: list[DisclosureOut]
    next_cursor: str | None


class MembershipOut(OutputModel):
    """Where you are known to live."""

    community_code: str
    community: str
    name: str = Field(description="Masked: whoever has an old number now must not learn whose it was.")
    phone: str | None = Field(description="Masked.")
    building: str
    unit: str
    room: str
    tenure: Tenure


class MembershipList(OutputModel):
    """Every community that knows you."""

    items: list[MembershipOut]


class RegistrationIn(InputModel):
    """Where you live. Your household register (hukou) does not matter."""

    name: _Short
    phone: Annotated[str, StringConstraints(min_length=5, max_length=32)] = Field(
        description="The number you signed in with."
    )
    building: _Short
    unit: Annotated[str, StringConstraints(max_length=60)] = "-"
    room: Annotated[Line, StringConstraints(max_length=30)]
    birth_date: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))] | None = None
    tenure: Tenure = Tenure.TENANT


class RegistrationFiled(OutputModel):
    """Your registration."""

    id: uuid.UUID
    state: RegistrationState


class MyRegistrationOut(RegistrationFiled):
    """What you said of where you live, and what became of it."""

    community_code: str
    community: str
    created_at: dt.datetime
    building: str
    unit: str
    room: str
    reason: str | None = Field(description="Why it was declined, in the committee's words.")


class MyRegistrationList(OutputModel):
    """Your registrations, the newest first."""

    items: list[MyRegistrationOut]


class LookalikeOut(OutputModel):
    """Somebody on the roster who may be the one who registered; masked."""

    resident_id: uuid.UUID
    name: str
    phone: str | None
    dwelling: str


class RegisteredPerson(OutputModel):
    """What somebody said of themselves, as far as an answer needs it."""

    name: str = Field(description="In full while it waits, to be compared with papers; then masked.")
    phone: str | None = Field(description="Masked.")
    birth_year: str | None
    building: str
    unit: str
    room: str
    tenure: Tenure


class RegistrationOut(OutputModel):
    """A registration, for those who answer it."""

    id: uuid.UUID
    state: RegistrationState
    created_at: dt.datetime
    person: RegisteredPerson
    decided_at: dt.datetime | None
    reason: str | None
    resident_id: uuid.UUID | None
    lookalikes: list[LookalikeOut]


class RegistrationPage(OutputModel):
    """Some registrations, oldest first."""

    items: list[RegistrationOut]
    next_cursor: str | None


class RejectionIn(InputModel):
    """Why not."""

    reason: Reason


class ApprovalIn(InputModel):
    """As whom somebody is taken in."""

    resident_id: uuid.UUID | None = Field(
        default=None, description="Somebody on the roster without a number, who is the same person."
    )


_Some = Annotated[list[uuid.UUID], Field(min_length=1, max_length=LARGEST_BATCH)]


class ApprovalsIn(InputModel):
    """Which registrations to approve, each as somebody new."""

    registration_ids: _Some


class RejectionsIn(RejectionIn):
    """Which registrations to decline, for one reason."""

    registration_ids: _Some


class RegistrationAnswer(OutputModel):
    """What became of one registration of several."""

    id: uuid.UUID
    state: RegistrationState | None
    problem: str | None = Field(description="The code of the problem, where it was not answered.")
    detail: str | None = Field(description="The same as a sentence.")


class RegistrationAnswers(OutputModel):
    """What became of each."""

    items: list[RegistrationAnswer]
