"""What goes in and out about people."""

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import Line, Reason
from app.residents.rules import ImportState, RegistrationState, Tenure

_Short = Annotated[Line, StringConstraints(max_length=60)]


class ImportOut(OutputModel):
    """An uploaded roster: what it would change, or has changed."""

    id: uuid.UUID
    community_code: str
    state: ImportState
    created_at: dt.datetime
    counts: dict[str, int] = Field(description="Rows that are new, changed, unchanged, moved_out, wrong.")


class CellError(OutputModel):
    """What is wrong in one cell."""

    column: str
    code: str
    message: str


class ImportLine(OutputModel):
    """One line of a preview; names and phones are masked."""

    row: int | None = Field(description="Line in the file; null for those who would move out.")
    change: str
    name: str | None
    phone: str | None
    dwelling: str | None
    changed: list[str]
    errors: list[CellError]


class ImportDetail(ImportOut):
    """An import with some of its lines, those with errors first."""

    lines: list[ImportLine]
    total_lines: int


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


class ResidentPage(OutputModel):
    """Some who live here."""

    items: list[ResidentOut]
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


class RegistrationOut(OutputModel):
    """A registration, for those who answer it."""

    id: uuid.UUID
    state: RegistrationState
    created_at: dt.datetime
    person: dict[str, Any]


class RegistrationPage(OutputModel):
    """Some registrations, oldest first."""

    items: list[RegistrationOut]
    next_cursor: str | None


class RejectionIn(InputModel):
    """Why not."""

    reason: Reason
