"""20261126_0004: rolls that were frozen before get the units their people live in."""

from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.core import migrations
from app.core.db import Database
from tests.callers import Callers
from tests.migrations.test_migrations import downgrade
from tests.story import Story, csv_bytes, ok, roster_row

PLACED = sa.text(
    "SELECT e.id, u.unit_id, u.building_id, u.entries FROM roll_entry e "
    "JOIN roll_unit u ON u.round_id = e.round_id AND u.number = e.unit_number ORDER BY e.id"
)


def placed(database: Database) -> list[Any]:
    with database.reading() as session:
        return [tuple(row) for row in session.execute(PLACED)]


@pytest.mark.parametrize("electorate", ["person", "household"])
def test_each_entry_stands_where_it_would_have_been_put(
    client: TestClient, callers: Callers, database: Database, electorate: str
) -> None:
    story = Story(client, callers)
    homes = [("1栋", "1单元"), ("1栋", "1单元"), ("1栋", "2单元"), ("2栋", "1单元")]
    story.import_roster(
        csv_bytes(
            [roster_row(number, 楼栋=building, 单元=unit) for number, (building, unit) in enumerate(homes)]
        )
    )
    projects = story.published_projects([300_000])
    rounds = [story.open_round(projects, electorate=electorate) for _ in range(2)]
    before = placed(database)
    assert len(before) == 8
    downgrade(database, "20261126_0003")
    migrations.upgrade(database)
    assert placed(database) == before
    path = f"/api/v1/rounds/{rounds[1]}/turnout"
    (first, second) = ok(client.get(path, headers=story.clerk))["lines"]
    assert [(unit["unit"], unit["on_roll"]) for unit in first["units"]] == [("1单元", 2), ("2单元", 1)]
    assert second["on_roll"] == 1
