"""Reads and set-based writes of the ballot box."""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.ballots.models import BallotBox, BoardEntry, BoardHead, Envelope, KeyShare, OpenBallot, Unsealing
from app.ballots.rules import Level, Stage
from app.ballots.shares import Holder
from app.core.db import among, locked, rows_of
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
    with_code: bool
    assisted: bool


# The statements of the cast path are written out: building them anew for every batch costs more than running them.
_PUT_COLUMNS = {
    "round_id": "uuid", "entry_id": "uuid", "version": "integer", "ciphertext": "bytea", "ciphertext_hash": "text",
    "signature": "text", "nonce": "bytea", "request_hmac": "text", "superseded_hmacs": "json", "with_code": "boolean",
    "assisted": "boolean",
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
#: All rows as one JSON text, which costs a tenth of an array for each column.
_PUT_POSTGRESQL = (
    f"INSERT INTO envelope ({_PUT_NAMES}) SELECT "  # noqa: S608 - names of columns
    + ", ".join(f"decode({name}, 'hex')" if kind == "bytea" else name for name, kind in _PUT_COLUMNS.items())
    + " FROM json_to_recordset(%s::json) AS new("
    + ", ".join(f"{name} {'text' if kind == 'bytea' else kind}" for name, kind in _PUT_COLUMNS.items())
    + f") {_PUT_CONFLICT}"
)


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
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        named = [dict(zip(_PUT_COLUMNS, _as_json(row), strict=True)) for row in rows]
        return connection.exec_driver_sql(_PUT_POSTGRESQL, (json.dumps(named),)).rowcount
    return connection.exec_driver_sql(_PUT_SQLITE, [_as_sqlite(row) for row in rows]).rowcount


def _as_sqlite(row: NewEnvelope) -> tuple[Any, ...]:
    return (
        row.round_id.hex, row.entry_id.hex, row.version, row.ciphertext, row.ciphertext_hash, row.signature, row.nonce,
        row.request_hmac, json.dumps(row.superseded_hmacs), row.with_code, row.assisted,
    )  # fmt: skip


def _as_json(row: NewEnvelope) -> tuple[Any, ...]:
    return (
        str(row.round_id), str(row.entry_id), row.version, None if row.ciphertext is None else row.ciphertext.hex(),
        row.ciphertext_hash, row.signature, None if row.nonce is None else row.nonce.hex(), row.request_hmac,
        row.superseded_hmacs, row.with_code, row.assisted,
    )  # fmt: skip


def put_on_paper(session: Session, *, round_id: uuid.UUID, entry_id: uuid.UUID) -> bool:
    """Close the online door of an entry that has no envelope; false where it has one.

    The empty envelope this leaves is known by its empty fingerprint, which no request has.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = session.execute(
        insert(Envelope)
        .values(
            round_id=round_id, entry_id=entry_id, version=1, request_hmac="", superseded_hmacs=[], on_paper=True,
        )
        .on_conflict_do_nothing()
        .returning(col(Envelope.entry_id))
    )  # fmt: skip
    return made.first() is not None


def mark_on_paper(session: Session, *, round_id: uuid.UUID, entry_id: uuid.UUID) -> None:
    """Let a sheet of paper take the place of an envelope, whose row the caller has locked."""
    session.execute(_one_envelope(sa.update(Envelope), round_id, entry_id).values(on_paper=True))


def take_off_paper(session: Session, *, round_id: uuid.UUID, entry_id: uuid.UUID) -> None:
    """Undo `put_on_paper` and `mark_on_paper`: what was in force before is again, and where nothing was, nothing is."""
    session.execute(
        _one_envelope(sa.delete(Envelope), round_id, entry_id).where(col(Envelope.request_hmac) == "")
    )
    session.execute(_one_envelope(sa.update(Envelope), round_id, entry_id).values(on_paper=False))


_Change = TypeVar("_Change", sa.Update, sa.Delete)


def _one_envelope(change: _Change, round_id: uuid.UUID, entry_id: uuid.UUID) -> _Change:
    return change.where(col(Envelope.round_id) == round_id, col(Envelope.entry_id) == entry_id)


def entries_in_force(
    session: Session, round_id: uuid.UUID, entry_ids: Collection[uuid.UUID] | None = None
) -> set[uuid.UUID]:
    """The entries with a ballot in force in the online box, or those of ``entry_ids`` that have one."""
    statement = select(Envelope.entry_id).where(
        Envelope.round_id == round_id, col(Envelope.ciphertext_hash).is_not(None), ~col(Envelope.on_paper)
    )
    if entry_ids is not None:
        statement = statement.where(col(Envelope.entry_id).in_(entry_ids))
    return set(session.exec(statement).all())


_OUTER = sa.select(
    _envelope.entry_id, _envelope.version, _envelope.ciphertext_hash, _envelope.on_paper
).where(_envelope.round_id == sa.bindparam("of"))


def outer_envelopes(
    session: Session, round_id: uuid.UUID
) -> Sequence[tuple[uuid.UUID, int, str | None, bool]]:
    """(roll entry, version, hash of what is inside, on paper) of every envelope of a round, in no order."""
    return rows_of(session, _OUTER, of=round_id)


@dataclass(frozen=True, slots=True)
class OuterEnvelope:
    """What stands on the outside of one envelope."""

    version: int
    with_ballot: bool
    with_code: bool
    assisted: bool


def outer_envelopes_of(
    session: Session, round_ids: Collection[uuid.UUID], entry_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, OuterEnvelope]:
    """Roll entry -> the outside of its envelope, of those entries that have one."""
    rows = session.execute(
        sa.select(
            _envelope.entry_id, _envelope.version, _envelope.ciphertext_hash.is_not(None), _envelope.with_code,
            _envelope.assisted,
        ).where(_envelope.round_id.in_(round_ids), _envelope.entry_id.in_(entry_ids))
    )  # fmt: skip
    return {
        entry_id: OuterEnvelope(version, bool(with_ballot), with_code, assisted)
        for entry_id, version, with_ballot, with_code, assisted in rows
    }


def erased_among(session: Session, round_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those rounds whose envelopes are gone."""
    return set(
        session.exec(
            select(BallotBox.round_id).where(col(BallotBox.round_id).in_(round_ids), col(BallotBox.erased))
        ).all()
    )


def entries_on_paper(session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, bool]:
    """Entries whose envelope was set aside for a sheet of paper -> whether there is a ballot in it."""
    rows = session.execute(
        sa.select(col(Envelope.entry_id), col(Envelope.ciphertext_hash).is_not(None)).where(
            col(Envelope.round_id) == round_id, col(Envelope.on_paper)
        )
    )
    return {entry_id: bool(with_ballot) for entry_id, with_ballot in rows}


@dataclass(frozen=True, slots=True)
class WithCodes:
    """What one-time codes were used for in a round, as it stands."""

    cast: int
    #: Of these, with how many somebody helped.
    assisted: int
    #: Entries without a ballot because it was withdrawn so.
    withdrawn: int


def with_codes(session: Session, round_id: uuid.UUID) -> WithCodes:
    """How many ballots in force were cast with one-time codes, and how many are gone because of them."""
    in_force = col(Envelope.ciphertext).is_not(None)

    def count(*those: sa.ColumnExpressionArgument[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((sa.and_(*those), 1)))

    row = session.execute(
        sa.select(
            count(in_force, col(Envelope.with_code)),
            count(in_force, col(Envelope.assisted)),
            count(~in_force, col(Envelope.with_code)),
        ).where(col(Envelope.round_id) == round_id, ~col(Envelope.on_paper))
    ).one()
    return WithCodes(*row)


_SEALED = (
    sa.select(_envelope.entry_id, _envelope.version, _envelope.signature, _envelope.ciphertext)
    .where(_envelope.round_id == sa.bindparam("of"), _envelope.ciphertext.is_not(None), ~_envelope.on_paper)
    .order_by(_envelope.ciphertext_hash)
)


def sealed_envelopes(
    session: Session, round_id: uuid.UUID
) -> Generator[tuple[uuid.UUID, int, str, bytes], None, None]:
    """(roll entry, version, signature, sealed ballot) of every envelope in force, in the order of the leaves."""
    found = session.connection().execute(_SEALED, {"of": round_id}, execution_options={"yield_per": 5000})
    try:
        yield from found
    finally:
        found.close()


@dataclass(frozen=True, slots=True)
class UnitTurnout:
    """How many of a unit have taken part, and by which door their ballot came."""

    #: The unit's number on the round's roll.
    number: int
    own: int = 0
    with_code: int = 0
    assisted: int = 0
    on_paper: int = 0

    @property
    def taken_part(self) -> int:
        """By whatever door."""
        return self.own + self.with_code + self.assisted + self.on_paper


_roll = sa.table(
    "roll_entry",
    sa.column("id", sa.Uuid()),
    sa.column("round_id", sa.Uuid()),
    sa.column("unit_number", sa.Integer()),
).c
_sign_in = sa.table("paper_sign_in", sa.column("round_id", sa.Uuid()), sa.column("entry_id", sa.Uuid())).c
_in_force = sa.and_(
    _envelope.round_id == sa.bindparam("of"), _envelope.ciphertext_hash.is_not(None), ~_envelope.on_paper
)
_CAST_BY_UNIT = (
    sa.select(
        _roll.unit_number,
        sa.func.count(),
        sa.func.sum(sa.case((sa.and_(_envelope.with_code, ~_envelope.assisted), 1), else_=0)),
        sa.func.sum(sa.case((_envelope.assisted, 1), else_=0)),
    )
    .where(_in_force, _roll.id == _envelope.entry_id)
    .group_by(_roll.unit_number)
)
_ON_PAPER_BY_UNIT = (
    sa.select(_roll.unit_number, sa.func.count())
    .where(
        _sign_in.round_id == sa.bindparam("of"),
        _roll.id == _sign_in.entry_id,
        ~sa.exists().where(_in_force, _envelope.entry_id == _sign_in.entry_id),
    )
    .group_by(_roll.unit_number)
)


def turnout(session: Session, round_id: uuid.UUID) -> dict[int, UnitTurnout]:
    """Number of the unit -> entries with a ballot in force, or a sheet of paper.

    Where somebody did both, as they may where ballots online win, the ballot that counts says by which door.
    """
    sheets: dict[int, int] = dict(rows_of(session, _ON_PAPER_BY_UNIT, of=round_id))
    found = {
        number: UnitTurnout(
            number, own=count - with_code - assisted, with_code=with_code, assisted=assisted,
            on_paper=sheets.pop(number, 0),
        )
        for number, count, with_code, assisted in rows_of(session, _CAST_BY_UNIT, of=round_id)
    }  # fmt: skip
    return found | {number: UnitTurnout(number, on_paper=count) for number, count in sheets.items()}


def closing_bodies(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """What the boards of several rounds say of their closing; those without are left out."""
    rows = session.exec(
        select(BoardEntry.round_id, BoardEntry.body).where(
            col(BoardEntry.round_id).in_(round_ids), BoardEntry.kind == "closed"
        )
    )
    return {round_id: dict(body) for round_id, body in rows}


def closing_body(session: Session, round_id: uuid.UUID) -> dict[str, Any]:
    """What the board says of a closing; empty before."""
    found = session.exec(
        select(BoardEntry.body).where(BoardEntry.round_id == round_id, BoardEntry.kind == "closed")
    ).first()
    return {} if found is None else dict(found)


def unsealing(session: Session, round_id: uuid.UUID) -> Unsealing | None:
    """How far a round's unsealing is, if somebody asked for it."""
    return session.get(Unsealing, round_id)


def unsealing_locked(session: Session, round_id: uuid.UUID) -> Unsealing | None:
    """The same, locked for a change."""
    statement = locked(select(Unsealing).where(Unsealing.round_id == round_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def idle_unsealing(
    session: Session, *, stages: Collection[Stage], silent_since: dt.datetime
) -> Unsealing | None:
    """An unsealing at one of these stages that nobody has worked on since a moment, locked."""
    statement = (
        select(Unsealing)
        .where(
            col(Unsealing.stage).in_(stages),
            col(Unsealing.failure).is_(None),
            sa.or_(col(Unsealing.beat_at).is_(None), col(Unsealing.beat_at) < silent_since),
        )
        .order_by(col(Unsealing.round_id))
        .limit(1)
    )
    return session.execute(locked(statement, session)).scalar_one_or_none()


def put_open_ballots(
    session: Session, round_id: uuid.UUID, ballots: Sequence[tuple[str, tuple[int, ...]]], *, first: int
) -> None:
    """Write opened ballots, (tracker, ranking), at the positions from ``first`` on."""
    connection = session.connection()
    trackers = [tracker for tracker, _ in ballots]
    rankings = [f"[{', '.join(map(str, ranking))}]" for _, ranking in ballots]
    positions = range(first, first + len(ballots))
    if connection.dialect.name == "sqlite":
        rows = zip([round_id.hex] * len(ballots), positions, trackers, rankings, strict=True)
        connection.exec_driver_sql(
            "INSERT INTO open_ballot (round_id, position, tracker, ranking) VALUES (?, ?, ?, ?)", list(rows)
        )
        return
    connection.exec_driver_sql(
        "INSERT INTO open_ballot (round_id, position, tracker, ranking) SELECT %s, position, tracker, ranking::json "
        "FROM unnest(%s::integer[], %s::text[], %s::text[]) AS new(position, tracker, ranking)",
        (round_id, list(positions), trackers, rankings),
    )


_open = sa.inspect(OpenBallot).local_table.c
_OPEN = (
    sa.select(_open.tracker, _open.ranking)
    .where(_open.round_id == sa.bindparam("of"))
    .order_by(_open.position)
)


def open_ballots(session: Session, round_id: uuid.UUID) -> Sequence[tuple[str, list[int]]]:
    """(tracker, ranking) of the opened ballots in tracker order."""
    return rows_of(session, _OPEN, of=round_id)


def erase_envelopes(session: Session, round_id: uuid.UUID) -> int:
    """Delete a round's envelopes."""
    result = session.execute(sa.delete(Envelope).where(col(Envelope.round_id) == round_id))
    return int(getattr(result, "rowcount", 0))


def board(session: Session, round_id: uuid.UUID) -> Sequence[BoardEntry]:
    """A round's public events in order."""
    return session.exec(
        select(BoardEntry).where(BoardEntry.round_id == round_id).order_by(col(BoardEntry.position))
    ).all()


def newest_head(session: Session, round_id: uuid.UUID) -> BoardHead | None:
    """What was signed last about a round's board."""
    return session.exec(
        select(BoardHead).where(BoardHead.round_id == round_id).order_by(col(BoardHead.size).desc()).limit(1)
    ).first()


def heads(session: Session, round_id: uuid.UUID) -> Sequence[BoardHead]:
    """Everything that was signed about a round's board, in order."""
    return session.exec(
        select(BoardHead).where(BoardHead.round_id == round_id).order_by(col(BoardHead.size))
    ).all()


def newest_heads(session: Session, *, after: uuid.UUID | None, limit: int) -> Sequence[BoardHead]:
    """The newest head of every board, by round."""
    newest = (
        select(BoardHead.round_id, sa.func.max(BoardHead.size).label("size"))
        .group_by(col(BoardHead.round_id))
        .order_by(col(BoardHead.round_id))
        .limit(limit)
    )
    if after is not None:
        newest = newest.where(col(BoardHead.round_id) > after)
    last = newest.subquery()
    return session.exec(
        select(BoardHead)
        .join(last, sa.and_(col(BoardHead.round_id) == last.c.round_id, col(BoardHead.size) == last.c.size))
        .order_by(col(BoardHead.round_id))
    ).all()


def boards_without_head(session: Session) -> Sequence[uuid.UUID]:
    """Rounds about whose whole board nothing was signed yet."""
    signed = select(BoardHead.size).where(
        BoardHead.round_id == BoardEntry.round_id, BoardHead.size == BoardEntry.position
    )
    longer = aliased(BoardEntry)
    later = select(longer.position).where(
        longer.round_id == BoardEntry.round_id, longer.position == BoardEntry.position + 1
    )
    return session.exec(select(BoardEntry.round_id).where(~signed.exists(), ~later.exists())).all()


def opened_at(session: Session, round_id: uuid.UUID) -> dt.datetime | None:
    """When the board first said that a round is open; none if it does not."""
    opened = (
        select(BoardEntry.position)
        .where(BoardEntry.round_id == round_id, BoardEntry.kind == "opened")
        .scalar_subquery()
    )
    return session.exec(
        select(BoardHead.at)
        .where(BoardHead.round_id == round_id, BoardHead.size >= opened)
        .order_by(col(BoardHead.size))
        .limit(1)
    ).first()


def last_hour(session: Session, round_id: uuid.UUID) -> dt.datetime | None:
    """The last hour of which the board speaks."""
    found: dt.datetime | None = session.exec(
        select(sa.func.max(BoardEntry.hour)).where(BoardEntry.round_id == round_id)
    ).one()
    return found


def level(session: Session, round_id: uuid.UUID) -> Level | None:
    """How the ballots of a round are published, once its box is open."""
    found: Any = session.exec(select(BallotBox.level).where(BallotBox.round_id == round_id)).first()
    return None if found is None else Level(found)


def closing_root(session: Session, round_id: uuid.UUID) -> str | None:
    """The root over the envelopes in force at closing; none before."""
    return session.exec(select(BallotBox.envelope_root).where(BallotBox.round_id == round_id)).first()


def closing_lines(session: Session, round_id: uuid.UUID) -> str | None:
    """The lines of the envelopes in force at closing, sorted; none before."""
    return session.exec(select(BallotBox.leaves).where(BallotBox.round_id == round_id)).first()


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
