"""Tables of the ballot box. Nothing here holds a time, an address or a device beside a ballot."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.ballots.rules import Level
from app.core.db import JSON, EnumText


class BallotBox(SQLModel, table=True):
    """A round's box: the key ballots are sealed to, and what was signed when it closed."""

    __tablename__ = "ballot_box"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    public_key: bytes = Field(sa_type=sa.LargeBinary)
    plaintext_length: int
    #: Set by closing: the signed root over the envelopes then in force, and their leaves, sorted.
    envelopes: int | None = None
    envelope_root: str | None = Field(default=None, max_length=64)
    root_signature: str | None = Field(default=None, max_length=100)
    leaves: str | None = Field(default=None, sa_type=sa.Text)
    #: Ballots that were withdrawn, or whose voters took a sheet of paper instead, a line each, sorted.
    set_aside: str | None = Field(default=None, sa_type=sa.Text)
    #: How many of the latter had voted online before.
    superseded: int | None = None
    #: Set by opening.
    opened: int | None = None
    level: Level | None = Field(default=None, sa_type=EnumText(Level))
    key_destroyed: bool = False
    erased: bool = False


class Envelope(SQLModel, table=True):
    """The sealed ballot of one roll entry: the one-ballot rule of every channel is this primary key."""

    __tablename__ = "envelope"
    __table_args__ = (sa.CheckConstraint("version >= 1", name="version_positive"),)

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="ballot_box.round_id")
    entry_id: uuid.UUID = Field(primary_key=True, foreign_key="roll_entry.id")
    version: int
    #: All four are null once the ballot was withdrawn; the version stays, so that it can only go up.
    ciphertext: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    ciphertext_hash: str | None = Field(default=None, max_length=64)
    signature: str | None = Field(default=None, max_length=100)
    nonce: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    #: Keyed fingerprints (the key dies with the round's): of the request in force, and of those it superseded.
    request_hmac: str = Field(max_length=64)
    superseded_hmacs: list[str] = Field(sa_type=JSON)
    #: The voter signed in for a paper sheet instead: nothing more is taken here, and what is here does not count.
    on_paper: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    #: Somebody helped, on their own phone, with the voter's one-time code.
    assisted: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class OpenBallot(SQLModel, table=True):
    """A ballot without a name, written once, in tracker order."""

    __tablename__ = "open_ballot"
    __table_args__ = (sa.UniqueConstraint("round_id", "tracker"),)

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="ballot_box.round_id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    tracker: str = Field(max_length=32)
    ranking: list[int] = Field(sa_type=JSON)


class BoardEntry(SQLModel, table=True):
    """A signed event of a round on the public board. Append-only."""

    __tablename__ = "board_entry"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    kind: str = Field(max_length=40)
    body: dict[str, Any] = Field(sa_type=JSON)
    signature: str = Field(max_length=100)
