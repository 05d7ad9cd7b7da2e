"""Units of work and column types, on both databases."""

import datetime as dt
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import Session

from app.core.db import (
    Database,
    DatabaseBusy,
    EnumText,
    UtcDateTime,
    among,
    is_contention,
    is_outage,
    locked,
    rows_of,
)

BEIJING = dt.timezone(dt.timedelta(hours=8))


class Colour(StrEnum):
    RED = "red-ish"
    BLUE = "blue"


scratch_metadata = sa.MetaData()
scratch_table = sa.Table(
    "scratch",
    scratch_metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), unique=True),
    sa.Column("colour", EnumText(Colour)),
    sa.Column("at", UtcDateTime()),
)


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as session:
        scratch_metadata.create_all(session.connection())
    yield database
    database.dispose()


def names(database: Database) -> list[str | None]:
    with database.reading() as session:
        return list(session.execute(sa.select(scratch_table.c.name).order_by("name")).scalars())


def put(session: Session, name: str) -> None:
    session.execute(sa.insert(scratch_table).values(name=name))


class TestWriting:
    def test_commits_at_the_end_of_the_block(self, store: Database) -> None:
        with store.writing() as session:
            put(session, "a")
        assert names(store) == ["a"]

    def test_an_error_rolls_everything_back(self, store: Database) -> None:
        def put_and_fail() -> None:
            with store.writing() as session:
                put(session, "a")
                raise KeyError

        with pytest.raises(KeyError):
            put_and_fail()
        assert names(store) == []

    def test_a_constraint_is_an_error_of_the_block_and_leaves_nothing(self, store: Database) -> None:
        with store.writing() as session:
            put(session, "a")
        with pytest.raises(IntegrityError), store.writing() as session:
            session.execute(sa.insert(scratch_table), [{"name": "b"}, {"name": "a"}])
        assert names(store) == ["a"]

    def test_rows_stay_readable_after_the_block(self, database: Database) -> None:
        from app.audit.models import AuditChain

        with database.writing() as session:
            row = AuditChain(chain="520102031006", length=0, head="0" * 64)
            session.add(row)
        assert row.chain == "520102031006"

    def test_look_then_insert_by_two_threads_leaves_one_row(self, store: Database, backend: str) -> None:
        both = threading.Barrier(2)

        def look_then_insert() -> bool:
            both.wait()
            with store.writing() as session:
                if (
                    backend == "postgresql"
                ):  # SQLite's writer has the file; here a row or table is locked by hand
                    session.execute(sa.text("LOCK TABLE scratch IN EXCLUSIVE MODE"))
                if session.execute(
                    sa.select(scratch_table).where(scratch_table.c.colour == Colour.RED)
                ).first():
                    return False
                session.execute(sa.insert(scratch_table).values(colour=Colour.RED))
                return True

        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(look_then_insert) for _ in range(2)]
        assert sorted(each.result() for each in done) == [False, True]

    def test_a_lock_that_is_not_given_is_database_busy(
        self, store: Database, backend: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.core.db.BUSY_TIMEOUT_MS", 50)
        impatient = Database(store.url)

        def wait_for_the_lock() -> None:
            with impatient.writing() as session:
                if backend == "postgresql":
                    session.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
                put(session, "held")

        with store.writing() as holder:
            put(holder, "held")
            with pytest.raises(DatabaseBusy) as raised:
                wait_for_the_lock()
        assert raised.value.facts["retry_after"] == 1
        impatient.dispose()


class TestReading:
    def test_what_is_changed_in_it_is_forgotten(self, store: Database) -> None:
        with store.reading() as session:
            put(session, "a")
        assert names(store) == []

    def test_readers_do_not_wait_for_a_writer(self, store: Database) -> None:
        with store.writing() as session:
            put(session, "a")
            assert names(store) == []


class TestSqlite:
    def test_the_pragmas_are_set_on_every_connection(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path}/new/folder/x.db")
        try:
            for unit in (database.reading, database.writing, database.reading):
                with unit() as session:
                    found = {
                        name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
                        for name in (
                            "journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout"
                        )
                    }  # fmt: skip
                    assert found == {
                        "journal_mode": "wal",
                        "synchronous": 2,  # FULL
                        "foreign_keys": 1,
                        "secure_delete": 1,
                        "busy_timeout": 10_000,
                    }
        finally:
            database.dispose()

    def test_writing_begins_immediate_and_reading_deferred(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path}/x.db")
        said: list[str] = []
        sa.event.listen(
            database.engine, "before_cursor_execute", lambda *arguments: said.append(arguments[2])
        )
        with database.writing() as session:
            session.connection()
        with database.reading() as session:
            session.connection()
        database.dispose()
        assert [each for each in said if each.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN DEFERRED"]

    def test_an_orphan_is_refused(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path}/x.db")
        with database.writing() as session:
            session.connection().exec_driver_sql("CREATE TABLE a (id INTEGER PRIMARY KEY)")
            session.connection().exec_driver_sql("CREATE TABLE b (a INTEGER REFERENCES a (id))")
        with pytest.raises(IntegrityError), database.writing() as session:
            session.connection().exec_driver_sql("INSERT INTO b VALUES (7)")
        database.dispose()


class TestEnumText:
    def test_the_value_is_stored_and_the_member_comes_back(self, store: Database) -> None:
        with store.writing() as session:
            session.execute(sa.insert(scratch_table).values(colour=Colour.RED))
        with store.reading() as session:
            assert session.execute(sa.text("SELECT colour FROM scratch")).scalar_one() == "red-ish"
            assert session.execute(sa.select(scratch_table.c.colour)).scalar_one() is Colour.RED

    def test_nothing_stays_nothing(self, store: Database) -> None:
        with store.writing() as session:
            put(session, "a")
        with store.reading() as session:
            assert session.execute(sa.select(scratch_table.c.colour)).scalar_one() is None

    def test_another_word_is_refused_before_it_is_stored(self, store: Database) -> None:
        with pytest.raises(StatementError), store.writing() as session:
            session.execute(sa.insert(scratch_table).values(colour="green"))


class TestUtcDateTime:
    def test_an_instant_comes_back_aware_and_equal_to_the_microsecond(self, store: Database) -> None:
        at = dt.datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=BEIJING)
        with store.writing() as session:
            session.execute(sa.insert(scratch_table).values(at=at))
        with store.reading() as session:
            found = session.execute(sa.select(scratch_table.c.at)).scalar_one()
        assert found == at
        assert found.utcoffset() == dt.timedelta(0)

    def test_comparisons_happen_in_one_zone(self, store: Database) -> None:
        at = dt.datetime(2026, 3, 1, 7, 59, tzinfo=BEIJING)
        with store.writing() as session:
            session.execute(sa.insert(scratch_table).values(at=at))
        midnight = dt.datetime(2026, 3, 1, 0, 0, tzinfo=dt.UTC)
        with store.reading() as session:
            earlier = session.execute(sa.select(scratch_table.c.id).where(scratch_table.c.at < midnight))
            assert earlier.scalar_one_or_none() is not None

    def test_a_naive_instant_is_refused(self, store: Database) -> None:
        with pytest.raises(StatementError), store.writing() as session:
            session.execute(sa.insert(scratch_table).values(at=dt.datetime(2026, 3, 1)))  # noqa: DTZ001 - the point


class TestKindsOfOperationalErrors:
    def error(self, words: str, state: str | None = None) -> OperationalError:
        original = Exception(words)
        if state is not None:
            original.sqlstate = state  # type: ignore[attr-defined]
        return OperationalError("SELECT 1", {}, original)

    @pytest.mark.parametrize(
        ("words", "state"),
        [("database is locked", None), ("deadlock", "40P01"), ("x", "40001"), ("x", "55P03")],
    )
    def test_contention(self, words: str, state: str | None) -> None:
        assert is_contention(self.error(words, state))
        assert not is_outage(self.error(words, state))

    @pytest.mark.parametrize(
        ("words", "state"),
        [
            ("database or disk is full", None), ("unable to open database file", None),
            ("connection refused", None), ("x", "57P01"), ("x", "08006"), ("x", "53100"),
        ],
    )  # fmt: skip
    def test_outage(self, words: str, state: str | None) -> None:
        assert is_outage(self.error(words, state))
        assert not is_contention(self.error(words, state))

    def test_a_mistake_of_ours_is_neither(self) -> None:
        error = self.error("no such column: x")
        assert not is_outage(error)
        assert not is_contention(error)

    def test_a_server_that_is_away_is_an_outage(self) -> None:
        away = Database("postgresql://nobody:x@127.0.0.1:1/none?connect_timeout=1")
        with pytest.raises(OperationalError) as raised, away.reading() as session:
            session.connection()
        assert is_outage(raised.value)
        away.dispose()


class TestLocked:
    def test_it_locks_where_there_are_row_locks(self, database: Database, backend: str) -> None:
        from app.audit.models import AuditChain

        with database.reading() as session:
            own = str(locked(sa.select(AuditChain), session).compile(dialect=session.get_bind().dialect))
            shared = str(
                locked(sa.select(AuditChain), session, share=True).compile(dialect=session.get_bind().dialect)
            )
        assert ("FOR UPDATE" in own) is (backend == "postgresql")
        assert ("FOR SHARE" in shared) is (backend == "postgresql")


class TestRewrite:
    def test_deleted_text_is_gone_from_the_files(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path}/x.db")
        canary = uuid.uuid4().hex
        with database.writing() as session:
            scratch_metadata.create_all(session.connection())
            put(session, canary)
        with database.writing() as session:
            session.execute(sa.delete(scratch_table))
        database.rewrite("scratch")
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        database.dispose()
        assert canary.encode() not in kept

    def test_while_somebody_reads_the_journal_it_is_to_be_tried_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.core.db.BUSY_TIMEOUT_MS", 50)
        database = Database(f"sqlite:///{tmp_path}/x.db")
        with database.writing() as session:
            scratch_metadata.create_all(session.connection())
        with database.reading() as reader:
            reader.execute(sa.select(scratch_table)).all()
            with database.writing() as session:
                put(session, "written while somebody reads")
            with pytest.raises(DatabaseBusy):
                database.rewrite("scratch")
        database.rewrite("scratch")
        database.dispose()

    def test_it_does_not_stand_in_the_way_of_who_uses_the_table(
        self, database: Database, backend: str
    ) -> None:
        if backend == "sqlite":
            return  # its journal is what the test above is about
        with database.writing() as user:
            user.execute(sa.text("LOCK TABLE division IN ROW EXCLUSIVE MODE"))
            with pytest.raises(DatabaseBusy):
                database.rewrite("division")
        database.rewrite("division")
        with database.reading() as session:
            assert session.execute(sa.text("SHOW lock_timeout")).scalar_one() == "0"


class TestAmong:
    """One statement for any number of values, spelled so that nothing in them is taken for more than a value."""

    def test_it_finds_what_in_would_find(self, database: Database) -> None:
        names = [
            "plain",
            'with "quotes"',
            "back\\slash",
            "NULL",
            "花果园",
            "a,b",
            "{c}",
            "it's",
            "line\nbreak",
            "",
        ]
        thing = sa.table("thing", sa.column("id", sa.Uuid()), sa.column("name", sa.String()))
        ids = {name: uuid.uuid4() for name in names}
        by_name = sa.select(thing.c.name).where(among(thing.c.name, "names"))
        by_id = sa.select(thing.c.name).where(among(thing.c.id, "ids"))
        with database.writing() as session:
            kind = "CHAR(32)" if database.is_sqlite else "UUID"
            session.execute(sa.text(f"CREATE TABLE thing (id {kind}, name TEXT)"))
            session.execute(sa.insert(thing), [{"id": ids[name], "name": name} for name in names])
            for wanted in ([], names[:1], names[1:4], names):
                found = {name for (name,) in rows_of(session, by_name, names=[*wanted, "absent"])}
                assert found == set(wanted)
                found = {name for (name,) in rows_of(session, by_id, ids=[ids[name] for name in wanted])}
                assert found == set(wanted)
            session.execute(sa.text("DROP TABLE thing"))


class TestDurability:
    def test_a_server_that_answers_before_the_disk_has_it_is_overruled(
        self, database_url: str, backend: str
    ) -> None:
        if backend == "sqlite":
            database = Database(database_url)
            with database.reading() as session:
                assert session.execute(sa.text("PRAGMA synchronous")).scalar_one() == 2  # FULL
            database.dispose()
            return
        name = sa.make_url(database_url).database
        for configured, in_force in (("off", "on"), ("remote_apply", "remote_apply")):
            first = Database(database_url)
            with first.writing() as session:
                session.execute(sa.text(f'ALTER DATABASE "{name}" SET synchronous_commit = {configured}'))
            first.dispose()
            second = Database(database_url)
            with second.reading() as session:
                assert session.execute(sa.text("SHOW synchronous_commit")).scalar_one() == in_force
            second.dispose()
