"""What goes in and out about short codes."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.links.rules import LinkKind

#: An id, or the code of a community.
TargetId = Annotated[
    str, StringConstraints(pattern="^([0-9]{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$", max_length=36)
]


class LinkIn(InputModel):
    """What a code is wanted for."""

    kind: LinkKind
    id: TargetId = Field(
        description="The 12-digit code of a community; otherwise the id of a building, a round (its result too), "
        "a project, an idea or a meeting (its minutes)."
    )


class LinkOut(OutputModel):
    """A short code, what it stands for, and where it leads."""

    code: str
    kind: LinkKind
    title: str
    division: str
    lines: list[str] = Field(description="One or two short lines for a card.")
    community_code: str | None
    building: str | None
    address: str = Field(description="Where it leads, from the root of this service.")
    url: str = Field(description="The short address, to be printed or sent.")
    picture_url: str = Field(description="A card for chats, 1000 x 800.")


class NoticeTableOut(OutputModel):
    """A table of a notice."""

    heading: str
    columns: list[str]
    numbers: list[int] = Field(description="Columns of figures, from 0.")
    rows: list[list[str]]


class WallNoticeOut(OutputModel):
    """A public notice as it is printed, in Chinese."""

    round_id: uuid.UUID
    number: str
    title: list[str] = Field(description="The two lines of its heading.")
    issuer: str
    opening: list[str]
    tables: list[NoticeTableOut]
    closing: list[str]
    signed_on: str
    contacts: list[str]
    record: list[str] = Field(description="Digests of the public record, and how to count again.")
    code: str
    url: str = Field(description="What the QR code holds.")
    picture: str = Field(description="The QR code, a `data:` address.")
    hangs_from: dt.datetime
    hangs_until: dt.datetime
    void: bool
