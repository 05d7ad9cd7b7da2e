"""20261126_0008: requests that were under way before the chain was kept."""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from app.core import migrations
from app.core.db import Database
from tests.migrations.test_migrations import empty, key, upgrade

__all__ = ["empty"]

AT = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
#: State -> (who has it now, where it goes back to, days until it is due).
EXPECTED = {
    "reserve": (None, None, None),
    "submitted": ("subdistrict", None, 15),
    "returned": ("committee", "subdistrict", 15),
    "accepted": ("district", None, 15),
    "go_ahead": ("district", None, 15),
    "deferred": (None, "subdistrict", None),
    "approved_in_part": ("go_ahead", None, 5),
    "declined": (None, None, None),
}


def insert(database: Database) -> None:
    """A request in each state, with no round or project behind it."""
    freely = "PRAGMA foreign_keys = OFF" if database.is_sqlite else "SET session_replication_role = replica"
    strictly = "PRAGMA foreign_keys = ON" if database.is_sqlite else "SET session_replication_role = DEFAULT"
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(freely)
        tables = sa.MetaData()
        tables.reflect(connection, only=["funding_request"])
        connection.execute(
            tables.tables["funding_request"].insert(),
            [
                {
                    "id": key(database, uuid.uuid4()), "round_id": key(database, uuid.UUID(int=1)),
                    "project_id": key(database, uuid.uuid4()), "community_code": "520102031006",
                    "priority": priority, "title": state, "cost_fen": 10, "community_fen": 3, "district_fen": 3,
                    "subdistrict_fen": 4, "evidence": {}, "state": state, "submission": 1, "version": 1,
                    "created_at": AT, "changed_at": AT,
                }
                for priority, state in enumerate(EXPECTED, start=1)
            ],
        )  # fmt: skip
        connection.commit()
        raw.execute(strictly)


@pytest.mark.usefixtures("empty")
class TestRequestsUnderWay:
    def test_each_is_with_somebody_until_a_day(self, empty: Database) -> None:
        upgrade(empty, "20261126_0007")
        insert(empty)
        migrations.upgrade(empty)
        with empty.reading() as session:
            rows = session.execute(
                sa.text("SELECT state, step, back_to, due_at, released_at FROM funding_request")
            ).all()
        found = {row[0]: row[1:] for row in rows}
        assert {state: line[:2] for state, line in found.items()} == {
            state: line[:2] for state, line in EXPECTED.items()
        }
        for state, (_, _, days) in EXPECTED.items():
            due = found[state][2]
            assert (due is None) == (days is None)
            if due is not None and days is not None:
                assert str(due).startswith(str((AT + dt.timedelta(days=days)).date()))
        assert [state for state, line in found.items() if line[3] is not None] == ["go_ahead"]
