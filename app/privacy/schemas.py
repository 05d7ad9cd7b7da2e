"""What goes in and out about one's own data."""

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import Field

from app.core.schemas import InputModel, OutputModel
from app.privacy.rules import ConsentKind, Fate
from app.rounds.rules import RoundKind, RoundState


class NoticeSection(OutputModel):
    """A heading and its paragraphs."""

    key: str
    heading: str
    paragraphs: list[str]


class NoticeOut(OutputModel):
    """The privacy notice in one language."""

    version: int
    since: dt.date
    language: str
    title: str
    short: list[str] = Field(description="What fits on a sheet over the page.")
    sections: list[NoticeSection]


class ConsentIn(InputModel):
    """Which version was read."""

    version: Annotated[int, Field(ge=1, le=10_000)]


class ConsentOut(OutputModel):
    """What somebody agreed to."""

    kind: ConsentKind
    version: int
    given_at: dt.datetime
    withdrawn_at: dt.datetime | None


class ConsentAsked(OutputModel):
    """What somebody is yet to be asked."""

    kind: ConsentKind
    version: int


class ConsentList(OutputModel):
    """What you agreed to, and what you are yet to be asked."""

    items: list[ConsentOut]
    asked: list[ConsentAsked]


class ExportSection(OutputModel):
    """One kind of data."""

    key: str
    heading: str
    about: str = Field(description="Where it comes from and why it is kept.")
    rows: list[dict[str, str | list[str]]] = Field(description="In the reader's words.")
    data: list[dict[str, Any]] = Field(description="As it is kept.")


class MyDataOut(OutputModel):
    """Everything that is kept of you."""

    made_at: dt.datetime
    language: str
    sections: list[ExportSection]


class DeletionLine(OutputModel):
    """What becomes of one kind of data."""

    kind: str
    fate: Fate
    count: int
    what: str
    why: str


class DeletionPlanOut(OutputModel):
    """What would go and what must stay."""

    lines: list[DeletionLine]
    token: str = Field(description="Send it in If-Match to have just this done.")
    expires_at: dt.datetime


class ParticipationItem(OutputModel):
    """A round on whose roll you stand."""

    round_id: uuid.UUID
    title: str
    kind: RoundKind
    status: RoundState
    recorded: bool = Field(description="Signed and not secret, by law.")
    opens_at: dt.datetime
    closes_at: dt.datetime
    taken_part: bool | None = Field(description="Null once the envelopes are destroyed: then nobody knows.")
    way: str | None = Field(
        description="`online`, `code`, `assisted` or `paper`; null where nothing is in force or known."
    )
    version: int | None
    has_result: bool


class ParticipationList(OutputModel):
    """The rounds on whose roll you stand, the newest first."""

    items: list[ParticipationItem]
