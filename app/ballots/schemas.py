"""What goes in and out of the ballot box."""

import uuid
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from app.ballots.rules import Level
from app.core.schemas import InputModel, OutputModel

#: 16 random bytes in hexadecimal, made by the phone before the first send and kept for every retry.
Secret = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]


class BallotIn(InputModel):
    """A ranked ballot: projects from most to least wanted."""

    ranking: Annotated[list[uuid.UUID], Field(min_length=1, max_length=500)]
    secret: Secret = Field(description="32 hexadecimal digits, random, made by the phone; a retry reuses it.")


class ReceiptOut(OutputModel):
    """The service's signature over the sealed ballot it took. Keep it; it does not say how you voted."""

    round_id: uuid.UUID
    entry_id: uuid.UUID
    version: int
    envelope_hash: str | None = Field(description="SHA-256 of the sealed ballot; null when withdrawn.")
    nonce: str | None = Field(description="The server's 16 bytes; with your secret they give your tracker.")
    signature: str | None = Field(description="Ed25519, base64, over the canonical statement in docs/api.md.")
    signed_with: str = Field(description="The service's public key, base64.")
    withdrawn: bool


class ParticipationOut(OutputModel):
    """Whether you may vote in a round and whether you have; never what."""

    on_the_roll: bool
    taken_part: bool
    version: int = Field(description="Version of the ballot in force, 0 when you never cast one.")


class TurnoutLineOut(OutputModel):
    """One building."""

    community_code: str
    building_id: uuid.UUID
    building: str
    on_roll: int
    taken_part: int


class TurnoutOut(OutputModel):
    """Who has taken part, by building."""

    on_roll: int
    taken_part: int
    lines: list[TurnoutLineOut]


class BoxOut(OutputModel):
    """What became of a round's box."""

    round_id: uuid.UUID
    status: str


class BoardEntryOut(OutputModel):
    """A signed public event of a round."""

    position: int
    kind: str
    body: dict[str, Any]
    signature: str


class BoardOut(OutputModel):
    """A round's public events, and the key they are signed with."""

    signed_with: str
    entries: list[BoardEntryOut]
    level: Level | None
