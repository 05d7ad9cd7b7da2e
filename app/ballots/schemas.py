"""What goes in and out of the ballot box."""

import uuid
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from app.access.roles import Role
from app.ballots.rules import Level, Stage, head_time
from app.ballots.shares import Holder
from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12, Line, Reason
from app.rounds.rules import Electorate

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
    on_paper: bool = Field(description="A sheet of paper was taken in your name, or your household's.")
    version: int = Field(description="Version of the ballot in force, 0 when you never cast one.")
    entry_id: uuid.UUID = Field(
        description="Your entry of the roll, as receipts name it: whether one is yours, or your household's."
    )


class TurnoutUnitOut(OutputModel):
    """One stairwell of a building."""

    unit_id: uuid.UUID | None = Field(description="Null for those of an old roll who have moved away since.")
    unit: str
    on_roll: int
    taken_part: int


class ChannelsOut(OutputModel):
    """By which door ballots came, as far as that is stored: never a device or an address."""

    own: int = Field(
        description="In one's own sign-in, from WeChat or a browser: which of the two is not stored."
    )
    with_code: int = Field(description="In a sign-in by one-time code.")
    assisted: int = Field(description="With somebody's help, on their phone.")
    on_paper: int


class TurnoutLineOut(OutputModel):
    """One building."""

    community_code: str
    building_id: uuid.UUID
    building: str
    on_roll: int
    taken_part: int
    channels: ChannelsOut | None = Field(
        description="Null where fewer than ten took part, or where theirs could be told from it."
    )
    units: list[TurnoutUnitOut] = Field(description="Only for those who may go to its doors; else empty.")


class TurnoutOut(OutputModel):
    """Who has taken part, by building and unit."""

    electorate: Electorate = Field(description="Whether people are counted, or households.")
    on_roll: int
    taken_part: int
    channels: ChannelsOut
    lines: list[TurnoutLineOut]


class BoxOut(OutputModel):
    """What became of a round's box."""

    round_id: uuid.UUID
    status: str


class UnsealingOut(OutputModel):
    """How far a box is on its way from closed to counted."""

    round_id: uuid.UUID
    stage: Stage = Field(description="What is being done; `done` when the result is public.")
    done: int = Field(description="How much of the stage is done; 0 of 0 where that is not known.")
    of: int
    failure: str | None = Field(
        description="Why it does not go on, in the caller's language; asking again begins anew."
    )


class BoardEntryOut(OutputModel):
    """A signed public event of a round."""

    position: int
    kind: str
    body: dict[str, Any]
    signature: str


class BoardHeadOut(OutputModel):
    """What the service signed about a whole board."""

    round_id: uuid.UUID
    size: int = Field(description="So many entries.")
    root: str = Field(description="Merkle tree hash of the entries as they were signed (RFC 6962).")
    at: Annotated[str, BeforeValidator(head_time)] = Field(
        description="When, in UTC and whole seconds, as it was signed."
    )
    signature: str = Field(description="Ed25519, base64, over the canonical statement in docs/api.md.")


class BoardOut(OutputModel):
    """A round's public events, the head over them, and the key they are signed with."""

    signed_with: str
    entries: list[BoardEntryOut]
    head: BoardHeadOut | None
    level: Level | None


class BoardPage(OutputModel):
    """The newest head of every board, by round, and the key they are signed with."""

    signed_with: str
    items: list[BoardHeadOut]
    next_cursor: str | None


class BoardHeadsOut(OutputModel):
    """Every head of a board, the oldest first, and the key they are signed with."""

    signed_with: str
    heads: list[BoardHeadOut]


class InclusionOut(OutputModel):
    """A proof (RFC 6962, section 2.1.1) that an entry stands at an index of a list with this root."""

    index: int = Field(description="From 0.")
    size: int
    root: str
    leaf: str = Field(description="The entry as it stands in the tree.")
    leaf_hash: str
    path: list[str] = Field(description="Hashes from the entry up.")


class ConsistencyOut(OutputModel):
    """A proof (RFC 6962, section 2.1.2) that a list with this root began with the earlier one."""

    earlier: int
    size: int
    earlier_root: str
    root: str
    path: list[str]


class WordsIn(InputModel):
    """The words of a share as its holder wrote them down."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        repr=False, description="All 33, in order; upper case, blanks, lines and numbering do not matter."
    )


class DiscardIn(InputModel):
    """Why the shares of a key are thrown away; the board says it."""

    reason: Reason


class KeyShareOut(OutputModel):
    """A share of a round's key, shown to its holder until they confirm it."""

    holder: Holder
    words: list[str]
    fingerprint: str = Field(description="What stands for it on the board once it is confirmed.")
    sheet_svg: str = Field(description="A sheet of A4 to print: the words, numbered, and as a QR code.")


class KeyShareStateOut(OutputModel):
    """How far one of the three shares is; never its words."""

    holder: Holder
    role: Role = Field(description="The role in which somebody acts for this holder.")
    held_by: str | None = Field(description="The name of who took it.")
    mine: bool
    fingerprint: str | None
    taken: bool
    confirmed: bool
    entered: bool


class KeySharesOut(OutputModel):
    """The shares of a round's key."""

    round_id: uuid.UUID
    needed: int = Field(description="So many shares open the box.")
    ready: int = Field(description="So many are here to open it now.")
    shares: list[KeyShareStateOut]


class DoorIn(InputModel):
    """Where somebody lives who comes for a sheet of paper."""

    community: Code12
    building: Line
    unit: Line | None = None
    room: Line | None = None


class DeskSearchIn(InputModel):
    """Whoever comes for a sheet says where they live, or their name."""

    community: Code12
    q: Line = Field(description="A door as people type it, `3-2-501` or `3-501`, or a name or part of one.")


class SignInIn(InputModel):
    """Who takes a sheet of paper."""

    subject_id: uuid.UUID = Field(description="A resident, or a household, as the round's electorate says.")


class SignInOut(OutputModel):
    """A sheet that was handed out; its serial is not noted."""

    batch_id: uuid.UUID
    entry_id: uuid.UUID
    signed_in: int = Field(description="So many signed in for a sheet of this batch by now.")
    sheets: int = Field(description="So many it has.")


class UndoIn(InputModel):
    """Why a sign-in is taken back."""

    reason: Reason


class DeskOut(OutputModel):
    """Somebody, or a household, who may come for a sheet; never how they voted."""

    subject_id: uuid.UUID
    people: list[str] = Field(description="Names, masked.")
    dwelling: str
    can_sign_in: bool
    code: str | None = Field(description="Why there is no sheet for them.")
    detail: str | None = Field(description="The same in a sentence.")


class DeskList(OutputModel):
    """Who lives behind a door."""

    items: list[DeskOut]
    more: bool = Field(description="There are more than these: type more of the door, or the name.")


class SignatureOut(OutputModel):
    """Who took a sheet."""

    entry_id: uuid.UUID
    people: list[str] = Field(description="Names, masked.")
    dwelling: str | None
    stays_closed: bool = Field(
        description="Their online ballot counts: the outer envelope is never opened. Said at closing."
    )


class SignatureList(OutputModel):
    """Who took a sheet of a batch, by dwelling."""

    items: list[SignatureOut]
