"""The database: engine, units of work, column types. No web in here.

Two kinds of unit, opened with one ``with`` per use case. ``reading()`` is a deferred transaction that is always rolled
back; ``writing()`` takes SQLite's write lock at once (BEGIN IMMEDIATE), commits when the block ends and rolls back on
an error, both before any answer is sent. Nobody else commits.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Dialect, Engine, TypeDecorator, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlmodel import Session, SQLModel

from app.core.errors import Unavailable

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

E = TypeVar("E", bound=Enum)
SelectT = TypeVar("SelectT", bound=sa.Select[*tuple[Any, ...]])

BUSY_TIMEOUT_MS = 10_000
REWRITE_PATIENCE_MS = 500


class EnumText(TypeDecorator[E], Generic[E]):
    """An enum stored as its value in VARCHAR, so that a new state is no type migration."""

    impl = sa.String(32)
    cache_ok = True

    def __init__(self, enum: type[E]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The value to store."""
        return None if value is None else str(self.enum(value).value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> E | None:  # noqa: ARG002, ANN401
        """The member that was stored."""
        return None if value is None else self.enum(value)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware instant in UTC on both databases; SQLite forgets the zone, this remembers it."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """The instant in UTC."""
        if value is None:
            return None
        assert value.tzinfo is not None, "naive datetimes are ambiguous"
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002, ANN401
        """The instant, aware again."""
        if value is None:
            return None
        assert isinstance(value, dt.datetime)
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


#: JSON on both databases; canonical text is hashed elsewhere, this is for reading back.
JSON = sa.JSON()


class DatabaseBusy(Unavailable):
    """The database is busy. Nothing was saved; please try again in {retry_after} seconds."""

    code = "database_busy"
    zh = "系统繁忙，没有保存任何内容，请 {retry_after} 秒后再试。"


class Database:
    """One engine and its units of work."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = sa.create_engine(  # noqa: TID251 - this module owns the engine
                url, hide_parameters=True, pool_size=20, max_overflow=40
            )
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(  # noqa: TID251
                parsed.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                pool_size=20,
                max_overflow=40,
                pool_pre_ping=True,
            )
            event.listen(self.engine, "connect", _configure_postgresql)
        self._write_engine: Engine = self.engine.execution_options(begin="IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking. Whatever is changed in it is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session for one use case: committed at the end of the block, rolled back by an error."""
        with Session(self._write_engine, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
            except OperationalError as error:
                session.rollback()
                if is_contention(error):
                    raise DatabaseBusy(retry_after=1) from error
                raise
            except BaseException:
                session.rollback()
                raise

    def rewrite(self, table: str) -> None:
        """Rewrite a table's storage so that deleted rows are gone from the files too; outside any transaction.

        Raises:
            DatabaseBusy: somebody uses the table, or reads what lies in the journal; to be tried again.
        """
        if self.is_sqlite:
            # secure_delete has zeroed the rows; what is left of them lies in the journal.
            raw = self.engine.raw_connection()
            try:
                busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.close()
            if busy:
                raise DatabaseBusy(retry_after=1)
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            name = connection.dialect.identifier_preparer.quote(table)
            # whoever waits for the whole table keeps everybody else from it: better to come back later
            connection.exec_driver_sql(f"SET lock_timeout = {REWRITE_PATIENCE_MS}")
            try:
                connection.exec_driver_sql(f"VACUUM (FULL) {name}")
            except OperationalError as error:
                if is_contention(error):
                    raise DatabaseBusy(retry_after=1) from error
                raise
            finally:
                connection.exec_driver_sql("RESET lock_timeout")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def is_contention(error: OperationalError) -> bool:
    """Whether the error only says that others were faster: a lock time-out, a deadlock, a serialization failure."""
    state = getattr(error.orig, "sqlstate", None)
    return state in {"40001", "40P01", "55P03"} or "database is locked" in str(error.orig)


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a row was refused because there is one like it: a unique, primary or exclusion constraint."""
    state = getattr(error.orig, "sqlstate", None)
    return state in {"23505", "23P01"} if state is not None else "UNIQUE" in str(error.orig)


def is_outage(error: OperationalError) -> bool:
    """Whether the database could not be reached, or could not write: its disk is full, it shuts down, it is gone."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state)[:2] in {"08", "53", "57", "58"}
    told = str(error.orig)
    return error.connection_invalidated or any(
        words in told
        for words in ("unable to open", "disk is full", "disk I/O", "connection", "server closed")
    )


def _configure_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:  # noqa: ANN401
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # NORMAL loses acknowledged ballots in a power cut
    # in pages: copying the journal holds up whoever commits then
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _configure_postgresql(connection: Any, _record: ConnectionPoolEntry) -> None:  # noqa: ANN401
    # a server, a database or a role may be set to answer before the disk has it; what is stricter stays as it is
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


class _Values(TypeDecorator[Any]):
    """Any number of values as one text: JSON for SQLite, an array's literal for PostgreSQL.

    PostgreSQL's driver would take lists too, and spend more on spelling out each value than the server on finding it.
    """

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> str | None:
        """The values, spelled as the column's type spells them."""
        if value is None:
            return None
        if dialect.name != "sqlite":
            return "{" + ",".join(map(_quoted, value)) + "}"
        spell = self.item.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([each if spell is None else spell(each) for each in value])


def _quoted(value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class among(FunctionElement[bool]):  # noqa: N801 - reads as an operator
    """``among(column, "name")``: the column's value is one of those given as parameter ``name``.

    The text of such a statement is the same for any number of values, so that each database prepares it once;
    ``column.in_`` writes as many marks as there are values, and a batch of another size is another statement.
    """

    inherit_cache = True
    type = sa.Boolean()

    def __init__(self, column: sa.ColumnElement[Any], name: str) -> None:
        super().__init__(column, sa.bindparam(name, type_=_Values(column.type)))
        self.column = column

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002
        """As it is: compared with 1, as SQLite's booleans usually are, no index would be used."""
        return self


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    column, values = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - made of compiled parts


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401
    column, values = (compiler.process(each, **how) for each in element.clauses)
    kind = compiler.dialect.type_compiler_instance.process(element.column.type)
    return f"{column} = ANY (CAST({values} AS {kind}[]))"


def rows_of(session: Session, statement: sa.Select[Any], **parameters: object) -> Sequence[Any]:
    """The rows of a statement about columns, made once and run often: without the ORM, which costs ten times as much.

    Collections go in by `among`.
    """
    return session.connection().execute(statement, parameters).fetchall()


def locked(statement: SelectT, session: Session, *, share: bool = False) -> SelectT:
    """Take the rows ``FOR UPDATE`` (or ``FOR SHARE``) on PostgreSQL; SQLite's writer has the whole file already."""
    if session.get_bind().dialect.name == "sqlite":
        return statement
    return statement.with_for_update(read=share)


def one_at_a_time(session: Session, key: str) -> None:
    """Let nobody else with this key go on before this transaction ends; SQLite has one writer anyway.

    For what no row stands for yet: how many things somebody has done, before they do one more.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))
