"""Reads and set-based writes of the ballot box."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.ballots.models import BallotBox, BoardEntry, Envelope, OpenBallot
from app.core.db import locked
from app.rounds.rules import RoundState


def box(session: Session, round_id: uuid.UUID) -> BallotBox | None:
    """A round's box."""
    return session.get(BallotBox, round_id)


def boxes(session: Session, round_ids: Collection[uuid.UUID]) -> Sequence[BallotBox]:
    """The boxes of several rounds."""
    return session.exec(select(BallotBox).where(col(BallotBox.round_id).in_(round_ids))).all()


def envelope(session: Session, round_id: uuid.UUID, entry_id: uuid.UUID) -> Envelope | None:
    """The envelope of one roll entry."""
    return session.get(Envelope, (round_id, entry_id))


def envelopes_locked(
    session: Session, keys: Collection[tuple[uuid.UUID, uuid.UUID]]
) -> dict[tuple[uuid.UUID, uuid.UUID], Envelope]:
    """Envelopes of these (round, roll entry) pairs, locked in one order so that writers cannot deadlock."""
    statement = (
        select(Envelope)
        .where(col(Envelope.entry_id).in_([entry for _, entry in keys]))
        .order_by(col(Envelope.entry_id))
    )
    rows = session.execute(locked(statement, session).execution_options(populate_existing=True)).scalars()
    return {(row.round_id, row.entry_id): row for row in rows}


def put_envelopes(
    session: Session, rows: Sequence[Mapping[str, Any]]
) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """Insert envelopes or replace older versions, in one statement; returns what was really written.

    A row whose version is not the next one is left alone: another process was faster.
    """
    dialect = session.get_bind().dialect.name
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(Envelope)
    statement = insert.values(list(rows))
    replaced = {
        name: statement.excluded[name]
        for name in (
            "version", "ciphertext", "ciphertext_hash", "signature", "nonce", "request_hmac", "superseded_hmacs",
        )
    }  # fmt: skip
    statement = statement.on_conflict_do_update(
        index_elements=["round_id", "entry_id"],
        set_=replaced,
        where=col(Envelope.version) == statement.excluded["version"] - 1,
    ).returning(col(Envelope.round_id), col(Envelope.entry_id), col(Envelope.version))
    return [(round_id, entry_id, version) for round_id, entry_id, version in session.execute(statement)]


def sealed_envelopes(session: Session, round_id: uuid.UUID) -> Sequence[Envelope]:
    """Every envelope in force of a round."""
    return session.exec(
        select(Envelope)
        .where(Envelope.round_id == round_id, col(Envelope.ciphertext).is_not(None))
        .order_by(col(Envelope.ciphertext_hash))
    ).all()


def turnout(session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Ballots in force by building."""
    roll = sa.table("roll_entry", sa.column("id", sa.Uuid()), sa.column("building_id", sa.Uuid()))
    rows = session.execute(
        sa.select(roll.c.building_id, sa.func.count())
        .select_from(sa.join(sa.inspect(Envelope).local_table, roll, roll.c.id == Envelope.entry_id))
        .where(col(Envelope.round_id) == round_id, col(Envelope.ciphertext_hash).is_not(None))
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
