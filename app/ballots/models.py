"""Tables of the ballot box. Nothing here holds a time, an address or a device beside a ballot."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.ballots.rules import Level, Stage
from app.ballots.shares import Holder
from app.core.db import JSON, EnumText, UtcDateTime


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
    __table_args__ = (
        sa.CheckConstraint("version >= 1", name="version_positive"),
        {"sqlite_with_rowid": False},  # SQLite's hidden row numbers would say in which order people voted
    )

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="ballot_box.round_id")
    entry_id: uuid.UUID = Field(primary_key=True, foreign_key="roll_entry.id")
    version: int
    #: Null once the ballot was withdrawn, but for the signature; the version stays, so that it can only go up.
    ciphertext: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    ciphertext_hash: str | None = Field(default=None, max_length=64)
    signature: str | None = Field(default=None, max_length=100)
    nonce: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    #: Keyed fingerprints (the key dies with the round's): of the request in force, and of those it superseded.
    request_hmac: str = Field(max_length=64)
    superseded_hmacs: list[str] = Field(sa_type=JSON)
    #: The voter signed in for a paper sheet instead: nothing more is taken here, and what is here does not count.
    on_paper: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    #: Cast, or withdrawn, in a sign-in by one-time code, whoever held the phone; how many is posted at closing.
    with_code: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    #: Somebody helped, on their own phone, with the voter's one-time code.
    assisted: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class Unsealing(SQLModel, table=True):
    """How far a box is on its way from closed to counted, and who works on it."""

    __tablename__ = "unsealing"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="ballot_box.round_id")
    asked_by: str = Field(max_length=80)
    stage: Stage = Field(sa_type=EnumText(Stage), index=True)
    #: How much of the stage is done, and of how much; 0 of 0 where that is not known.
    done: int = 0
    of: int = 0
    #: Who works on it; another worker takes over when `beat_at` is old.
    worker: str | None = Field(default=None, max_length=80)
    beat_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Why it does not go on, by language; asking again clears it.
    failure: dict[str, str] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))


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
    __table_args__ = (sa.UniqueConstraint("round_id", "hour"),)

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    kind: str = Field(max_length=40)
    body: dict[str, Any] = Field(sa_type=JSON)
    signature: str = Field(max_length=100)
    #: When the hour began of which this entry speaks: one entry an hour, however many workers there are.
    hour: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class BoardHead(SQLModel, table=True):
    """What the service signed about a round's board when it had this many entries. Append-only."""

    __tablename__ = "board_head"

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    size: int = Field(primary_key=True, sa_type=sa.Integer)
    root: str = Field(max_length=64)
    #: Whole seconds, as they were signed; never before those of the head before.
    at: dt.datetime = Field(sa_type=UtcDateTime)
    signature: str = Field(max_length=100)


class KeyShare(SQLModel, table=True):
    """One of three shares of a round's key, and who took it. The words themselves are never in the database."""

    __tablename__ = "key_share"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "account_id"),
        sa.UniqueConstraint("round_id", "entered_by"),
        sa.CheckConstraint("NOT confirmed OR account_id IS NOT NULL", name="confirmed_by_somebody"),
    )

    round_id: uuid.UUID = Field(primary_key=True, foreign_key="round.id")
    holder: Holder = Field(primary_key=True, sa_type=EnumText(Holder))
    #: The public half of the key this is a share of.
    sealing_key: bytes = Field(sa_type=sa.LargeBinary)
    #: What stands for the words in public.
    fingerprint: str = Field(max_length=64)
    #: Who was shown the words.
    account_id: uuid.UUID | None = Field(default=None, foreign_key="account.id")
    #: They typed the words back, and nobody is shown them again.
    confirmed: bool = False
    #: Who brought the words to open the box.
    entered_by: uuid.UUID | None = Field(default=None, foreign_key="account.id")
