"""Reads and set-based writes of the ballot box."""

import json
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.ballots.models import BallotBox, BoardEntry, Envelope, KeyShare, OpenBallot
from app.ballots.shares import Holder
from app.core.db import among, rows_of
from app.rounds.rules import RoundState


@dataclass(frozen=True, slots=True)
class EnvelopeState:
    """The outer envelope of a roll entry without what is inside; no hash means that nothing is in force."""

    round_id: uuid.UUID
    entry_id: uuid.UUID
    version: int
    ciphertext_hash: str | None
    signature: str | None
    nonce: bytes | None
    request_hmac: str
    superseded_hmacs: list[str]
    on_paper: bool


@dataclass(frozen=True, slots=True)
class NewEnvelope(EnvelopeState):
    """The next version of an envelope."""

    ciphertext: bytes | None
    assisted: bool


# The statements of the cast path are written out: building them anew for every batch costs more than running them.
_PUT_COLUMNS = {
    "round_id": "uuid", "entry_id": "uuid", "version": "integer", "ciphertext": "bytea", "ciphertext_hash": "text",
    "signature": "text", "nonce": "bytea", "request_hmac": "text", "superseded_hmacs": "text", "assisted": "boolean",
}  # fmt: skip
_PUT_CONFLICT = (
    "ON CONFLICT (round_id, entry_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in list(_PUT_COLUMNS)[2:])
    + " WHERE envelope.version = excluded.version - 1"
)
_PUT_NAMES = ", ".join(_PUT_COLUMNS)
_PUT_SQLITE = (
    f"INSERT INTO envelope ({_PUT_NAMES}) VALUES ({', '.join('?' * len(_PUT_COLUMNS))}) {_PUT_CONFLICT}"  # noqa: S608 - names of columns
)
_PUT_POSTGRESQL = (
    f"INSERT INTO envelope ({_PUT_NAMES}) SELECT "  # noqa: S608 - names of columns
    + ", ".join(f"{name}::json" if name == "superseded_hmacs" else name for name in _PUT_COLUMNS)
    + f" FROM unnest({', '.join(f'%s::{kind}[]' for kind in _PUT_COLUMNS.values())}) AS new({_PUT_NAMES}) "
    + _PUT_CONFLICT
)  # fmt: skip


def box(session: Session, round_id: uuid.UUID) -> BallotBox | None:
    """A round's box."""
    return session.get(BallotBox, round_id)


def envelope(session: Session, round_id: uuid.UUID, entry_id: uuid.UUID) -> Envelope | None:
    """The envelope of one roll entry."""
    return session.get(Envelope, (round_id, entry_id))


_envelope = sa.inspect(Envelope).local_table.c
_STATES_LOCKED = (
    sa.select(*(_envelope[each.name] for each in fields(EnvelopeState)))
    .where(among(_envelope.round_id, "round_ids"), among(_envelope.entry_id, "entry_ids"))
    .order_by(_envelope.entry_id)
    .with_for_update()
)


def states_locked(
    session: Session, round_ids: Collection[uuid.UUID], entry_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, EnvelopeState]:
    """What is in force for roll entries of these rounds, locked in one order so that writers cannot deadlock."""
    rows = rows_of(session, _STATES_LOCKED, round_ids=round_ids, entry_ids=entry_ids)
    return {row.entry_id: EnvelopeState(*row) for row in rows}


def put_envelopes(session: Session, rows: Sequence[NewEnvelope]) -> int:
    """Insert envelopes or replace the version before each, durably with the transaction; returns how many were written.

    A row whose version is not the next one is left alone: another process was faster. No entry may stand in ``rows``
    twice.
    """
    if session.get_bind().dialect.name == "sqlite":
        done = session.connection().exec_driver_sql(
            _PUT_SQLITE, [(row.round_id.hex, row.entry_id.hex, *_stored(row)) for row in rows]
        )
    else:
        columns = zip(*((row.round_id, row.entry_id, *_stored(row)) for row in rows), strict=True)
        done = session.connection().exec_driver_sql(_PUT_POSTGRESQL, tuple(list(each) for each in columns))
    return done.rowcount


def _stored(row: NewEnvelope) -> tuple[Any, ...]:
    return (
        row.version, row.ciphertext, row.ciphertext_hash, row.signature, row.nonce, row.request_hmac,
        json.dumps(row.superseded_hmacs), row.assisted,
    )  # fmt: skip


_OUTER = sa.select(
    _envelope.entry_id, _envelope.version, _envelope.ciphertext_hash, _envelope.on_paper
).where(_envelope.round_id == sa.bindparam("of"))


def outer_envelopes(
    session: Session, round_id: uuid.UUID
) -> Sequence[tuple[uuid.UUID, int, str | None, bool]]:
    """(roll entry, version, hash of what is inside, on paper) of every envelope of a round, in no order."""
    return rows_of(session, _OUTER, of=round_id)


_SEALED = (
    sa.select(_envelope.entry_id, _envelope.version, _envelope.signature, _envelope.ciphertext)
    .where(_envelope.round_id == sa.bindparam("of"), _envelope.ciphertext.is_not(None), ~_envelope.on_paper)
    .order_by(_envelope.ciphertext_hash)
)


def sealed_envelopes(session: Session, round_id: uuid.UUID) -> Iterator[tuple[uuid.UUID, int, str, bytes]]:
    """(roll entry, version, signature, sealed ballot) of every envelope in force, in the order of the leaves."""
    found = session.connection().execute(_SEALED, {"of": round_id}, execution_options={"yield_per": 5000})
    yield from found


def turnout(session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Ballots in force by building."""
    roll = sa.table("roll_entry", sa.column("id", sa.Uuid()), sa.column("building_id", sa.Uuid()))
    rows = session.execute(
        sa.select(roll.c.building_id, sa.func.count())
        .select_from(sa.join(sa.inspect(Envelope).local_table, roll, roll.c.id == Envelope.entry_id))
        .where(
            col(Envelope.round_id) == round_id,
            sa.or_(col(Envelope.ciphertext_hash).is_not(None), col(Envelope.on_paper)),
        )
        .group_by(roll.c.building_id)
    )
    return {building: count for building, count in rows}  # noqa: C416 - a row is not a pair for the type checker


def open_ballots(session: Session, round_id: uuid.UUID) -> Sequence[OpenBallot]:
    """The opened ballots in tracker order."""
    return session.exec(
        select(OpenBallot).where(OpenBallot.round_id == round_id).order_by(col(OpenBallot.position))
    ).all()


def erase_envelopes(session: Session, round_id: uuid.UUID) -> int:
    """Delete a round's envelopes."""
    result = session.execute(sa.delete(Envelope).where(col(Envelope.round_id) == round_id))
    return int(getattr(result, "rowcount", 0))


def board(session: Session, round_id: uuid.UUID) -> Sequence[BoardEntry]:
    """A round's public events in order."""
    return session.exec(
        select(BoardEntry).where(BoardEntry.round_id == round_id).order_by(col(BoardEntry.position))
    ).all()


def closed_rounds(session: Session) -> Sequence[uuid.UUID]:
    """Rounds whose box is closed and not opened yet."""
    status = sa.table("round", sa.column("id", sa.Uuid()), sa.column("status", sa.String()))
    return list(
        session.execute(sa.select(status.c.id).where(status.c.status == RoundState.CLOSED.value)).scalars()
    )


def key_shares(session: Session, round_id: uuid.UUID) -> dict[Holder, KeyShare]:
    """The shares of a round's key, once they were made; who changes them holds the round's row."""
    rows = session.exec(select(KeyShare).where(KeyShare.round_id == round_id)).all()
    return {row.holder: row for row in rows}


def discard_key_shares(session: Session, round_id: uuid.UUID) -> None:
    """Delete what is known of a round's shares."""
    session.execute(sa.delete(KeyShare).where(col(KeyShare.round_id) == round_id))
