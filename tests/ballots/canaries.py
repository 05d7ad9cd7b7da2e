"""Ballots that would be recognised anywhere, and the search for them."""

import base64
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from sqlmodel import SQLModel

from app.ballots import rules
from app.core.db import Database


@dataclass(frozen=True)
class Canary:
    """Everything that must not be readable of one ballot."""

    projects: Sequence[uuid.UUID]
    positions: tuple[int, ...]
    secret: bytes
    tracker: str
    plaintext: bytes

    def traces(self) -> dict[bytes, str]:
        """What would give the ballot away, in every spelling, and what it is."""
        ids = [str(each) for each in self.projects]
        digits = [str(each) for each in self.positions]
        spelled = {
            "the plaintext": self.plaintext.rstrip(),
            "the ranking, by position": ",".join(digits).encode(),
            "the ranking, with blanks": ", ".join(digits).encode(),
            "the ranking, blanks only": " ".join(digits).encode(),
            "the ranking, as bytes": bytes(self.positions),
            "two projects in order": f'{ids[0]}","{ids[1]}'.encode(),
            "two projects in order, with a blank": f'{ids[0]}", "{ids[1]}'.encode(),
            "two projects in order, as a list of identifiers": f"UUID('{ids[0]}'), UUID('{ids[1]}')".encode(),
            "two projects in order, as bytes": self.projects[0].bytes + self.projects[1].bytes,
            "the tracker": self.tracker.encode(),
            "the tracker, small": self.tracker.lower().encode(),
            "the tracker, as bytes": base64.b32decode(self.tracker),
            "the phone's secret": self.secret,
            "the phone's secret, as text": self.secret.hex().encode(),
        }
        return {trace: what for what, raw in spelled.items() for trace in spellings(raw)}


def spellings(raw: bytes) -> set[bytes]:
    """The same bytes as somebody might have stored or logged them."""
    made = {raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode()}
    for before in range(3):  # base64 looks different at each of three places
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + raw)
            made.add(text[(0, 2, 3)[before] : (len(raw) + before) // 3 * 4])
    if raw.isascii():
        made |= {raw.decode().encode(code) for code in ("utf-16-le", "utf-16-be", "utf-32-le")}
    return made


def hits(canaries: Iterable[Canary], places: Iterable[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """(where, what) of everything that can be read of the ballots."""
    search = Search({trace: what for each in canaries for trace, what in each.traces().items()})
    return {(where, what) for where, content in places for what in search.found_in(content)}


class Search:
    """Thousands of strings looked for at once: by their first four bytes, then whole."""

    HEAD = 4

    def __init__(self, traces: Mapping[bytes, str]) -> None:
        self._by_head: dict[bytes, list[tuple[bytes, str]]] = {}
        for trace, what in traces.items():
            self._by_head.setdefault(trace[: self.HEAD], []).append((trace, what))
        heads = np.frombuffer(b"".join(self._by_head), dtype="<u4")
        self._heads = np.sort(heads)
        self._low = np.zeros(1 << 16, dtype=bool)
        self._low[heads & 0xFFFF] = True

    def found_in(self, content: bytes) -> set[str]:
        found = set()
        for shift in range(self.HEAD):
            words = np.frombuffer(
                content[shift : len(content) - (len(content) - shift) % self.HEAD], dtype="<u4"
            )
            at = np.flatnonzero(self._low[words & 0xFFFF])
            at = at[np.isin(words[at], self._heads)]
            for start in (at * self.HEAD + shift).tolist():
                for trace, what in self._by_head[content[start : start + self.HEAD]]:
                    if content.startswith(trace, start):
                        found.add(what)
        return found


def rows(database: Database) -> Iterable[tuple[str, bytes]]:
    """Every row of every table, as Python prints it."""
    with database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            found = session.execute(sa.text(f'SELECT * FROM "{table.name}"')).all()  # noqa: S608 - our tables
            yield f"table {table.name}", "\n".join(repr(tuple(row)) for row in found).encode()


def files(folder: Path) -> Iterable[tuple[str, bytes]]:
    """Every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"file {path.relative_to(folder)}", path.read_bytes()


def written_back(database: Database) -> None:
    """Let the database write what it has in memory to its files."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)" if database.is_sqlite else "CHECKPOINT")


def postgresql_tables(database: Database) -> Iterable[tuple[str, bytes]]:
    """The files of a PostgreSQL database's tables, indexes and catalogues."""
    with database.reading() as session:
        folder = session.execute(
            sa.text("SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")
        ).scalar_one()
        for name in session.execute(sa.text("SELECT pg_ls_dir(:folder)"), {"folder": folder}).scalars().all():
            yield f"file {folder}/{name}", _server_file(database, f"{folder}/{name}")


def postgresql_journal(database: Database, since: str) -> Iterable[tuple[str, bytes]]:
    """The journal of a PostgreSQL server from a position on."""
    with database.reading() as session:
        names = session.execute(
            sa.text(
                "SELECT name FROM pg_ls_waldir() WHERE name >= pg_walfile_name(:since)"
                " AND name <= pg_walfile_name(pg_current_wal_insert_lsn()) ORDER BY name"
            ),
            {"since": since},
        ).scalars()
        for name in names.all():
            yield f"file pg_wal/{name}", _server_file(database, f"pg_wal/{name}")


def postgresql_log(database: Database) -> Iterable[tuple[str, bytes]]:
    """What the embedded PostgreSQL server has logged; another server keeps its log to itself."""
    with database.reading() as session:
        there = session.execute(sa.text("SELECT (pg_stat_file('log', true)).size")).scalar_one()
    if there is not None:
        yield "file log", _server_file(database, "log")


def backup(database: Database) -> Iterable[tuple[str, bytes]]:
    """Everything that a backup of the database takes away, in the form it has there."""
    raw = database.engine.raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    try:
        if database.is_sqlite:
            yield "backup", driver.serialize()
            return
        for table in SQLModel.metadata.sorted_tables:
            with driver.cursor().copy(f'COPY "{table.name}" TO STDOUT') as found:
                yield f"backup of {table.name}", b"".join(bytes(row) for row in found)
    finally:
        raw.close()


def _server_file(database: Database, path: str) -> bytes:
    """A file below the server's data directory, by way of the server; nothing if it has just gone."""
    with database.reading() as session:
        content = session.execute(
            sa.text("SELECT pg_read_binary_file(:path, 0, size, true) FROM pg_stat_file(:path, true)"),
            {"path": path},
        ).scalar_one_or_none()
    return b"" if content is None else bytes(content)


def canary(
    *,
    round_id: uuid.UUID,
    listed: Sequence[uuid.UUID],
    positions: tuple[int, ...],
    secret: bytes,
    nonce: bytes,
) -> Canary:
    """The ballot of a voter who knows their secret and the server's nonce."""
    tracker = rules.tracker(round_id=round_id, secret=secret, nonce=nonce)
    length = rules.padded_length(projects=len(listed), max_rank=len(positions))
    return Canary(
        projects=[listed[each] for each in positions],
        positions=positions,
        secret=secret,
        tracker=tracker,
        plaintext=rules.plaintext(positions, tracker, length=length),
    )
