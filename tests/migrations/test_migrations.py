"""The migrations, on both databases."""

import contextlib
import datetime as dt
import os
import re
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.core import migrations
from app.core.db import Database
from app.tables import metadata

ROOT = Path(__file__).parent.parent.parent
VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def empty(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database that was never migrated."""
    if backend == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/empty.db")
        yield database
        database.dispose()
        return
    server: str = request.getfixturevalue("postgres_url")
    name = f"empty_{uuid.uuid4().hex[:12]}"
    administration = Database(server).engine.execution_options(isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    database = Database(sa.make_url(server).set(database=name).render_as_string(hide_password=False))
    yield database
    database.dispose()
    with administration.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    administration.dispose()


def downgrade(database: Database, to: str = "base") -> None:
    config = migrations.configuration()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)


def upgrade(database: Database, to: str) -> None:
    config = migrations.configuration()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def shape(database: Database) -> dict[str, object]:
    """Columns, keys, constraints and indexes of every table."""
    with database.engine.connect() as connection:
        inspector = sa.inspect(connection)
        return {
            table: (
                [
                    (column["name"], str(column["type"]), column["nullable"])
                    for column in inspector.get_columns(table)
                ],
                inspector.get_pk_constraint(table)["constrained_columns"],
                sorted(str(key["name"]) for key in inspector.get_foreign_keys(table)),
                sorted(str(unique["name"]) for unique in inspector.get_unique_constraints(table)),
                sorted(str(check["name"]) for check in inspector.get_check_constraints(table)),
                sorted(str(index["name"]) for index in inspector.get_indexes(table)),
            )
            for table in inspector.get_table_names()
        }


class TestHead:
    def test_there_is_one_and_the_file_names_it(self) -> None:
        heads = ScriptDirectory.from_config(migrations.configuration()).get_heads()
        assert heads == [(ROOT / "migrations" / ".head").read_text().strip()]
        assert migrations.head() == heads[0]


class TestFiles:
    def test_they_import_nothing_of_the_application(self) -> None:
        assert VERSIONS
        for path in VERSIONS:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"^\s*(from|import) (app|sqlmodel)\b", text, re.MULTILINE), path.name
            assert "sqlmodel." not in text, path.name
            assert re.search(r"^def downgrade\(\)", text, re.MULTILINE), path.name

    def test_they_are_dated_and_say_why(self) -> None:
        for path in VERSIONS:
            assert re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z0-9_]+\.py", path.name)
            assert path.read_text(encoding="utf-8").startswith('"""'), path.name


class TestUpgrade:
    def test_up_down_up_ends_where_it_began(self, empty: Database) -> None:
        migrations.upgrade(empty)
        first = shape(empty)
        assert set(first) == {*metadata.tables, "alembic_version"}
        downgrade(empty)
        assert tables(empty) <= {"alembic_version"}
        migrations.upgrade(empty)
        assert shape(empty) == first

    def test_again_changes_nothing(self, empty: Database) -> None:
        migrations.upgrade(empty)
        first = shape(empty)
        migrations.upgrade(empty)
        assert shape(empty) == first

    def test_three_processes_at_once(self, empty: Database, tmp_path: Path) -> None:
        environment = {
            **os.environ, "GONGYI_MODE": "development", "GONGYI_HOME": str(tmp_path / "home"),
            "GONGYI_DATABASE_URL": empty.url,
        }  # fmt: skip
        programs = [
            subprocess.Popen(
                [sys.executable, "-m", "app.cli", "migrate"], env=environment, cwd=ROOT,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            for _ in range(3)
        ]  # fmt: skip
        for program in programs:
            told, _ = program.communicate(timeout=60)
            assert program.returncode == 0, told
        assert set(metadata.tables) <= tables(empty)

    def test_a_failing_migration_leaves_nothing(self, empty: Database, backend: str) -> None:
        with empty.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE outbox_message (id INTEGER)")
        with pytest.raises(sa.exc.DatabaseError):
            migrations.upgrade(empty)
        assert tables(empty) - {"alembic_version"} == {"outbox_message"}, backend

    def test_the_revision_is_told(self, empty: Database) -> None:
        with empty.reading() as session:
            assert migrations.revision(session) is None
        migrations.upgrade(empty)
        with empty.reading() as session:
            assert migrations.revision(session) == migrations.head()


class TestWhoObjects:
    """20261125_0014: entries that a household wrote named its account."""

    def test_old_entries_of_households_name_nobody(self, empty: Database) -> None:
        upgrade(empty, "20261125_0013")
        case, account = uuid.uuid4(), f"account:{uuid.uuid4()}"
        at = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
        with empty.engine.begin() as connection:
            tables_then = sa.MetaData()
            tables_then.reflect(connection, only=["objection", "objection_entry"])
            then = tables_then.tables
            connection.execute(
                then["objection"].insert(),
                {
                    "id": key(empty, case), "project_id": key(empty, uuid.uuid4()), "community_code": "520102031006",
                    "household_fingerprint": "0" * 64, "identity": "-", "state": "filed", "filed_at": at,
                    "changed_at": at,
                },
            )  # fmt: skip
            connection.execute(
                then["objection_entry"].insert(),
                [
                    {
                        "objection_id": key(empty, case), "position": position, "kind": "answer", "by": account,
                        "by_objector": by_objector, "at": at, "text": "-",
                    }
                    for position, by_objector in enumerate((True, False, True), start=1)
                ],
            )  # fmt: skip
        migrations.upgrade(empty)
        with empty.reading() as session:
            found = session.execute(sa.text('SELECT "by" FROM objection_entry ORDER BY position')).scalars()
            assert found.all() == ["resident", account, "resident"]


def key(database: Database, value: uuid.UUID) -> object:
    """An identifier as a reflected column takes it."""
    return value.hex if database.is_sqlite else value


class TestModels:
    def test_they_match_the_migrations(self, empty: Database) -> None:
        migrations.upgrade(empty)
        with empty.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": empty.is_sqlite is False})
            assert compare_metadata(context, metadata) == []

    def test_constraints_have_names(self) -> None:
        for table in metadata.tables.values():
            for constraint in table.constraints:
                assert constraint.name, f"{table.name}: {constraint}"

    def test_foreign_keys_are_enforced_and_indexed_where_they_lead(self, empty: Database) -> None:
        migrations.upgrade(empty)
        if not empty.is_sqlite:
            return
        with contextlib.closing(sqlite3.connect(str(sa.make_url(empty.url).database))) as connection:
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
