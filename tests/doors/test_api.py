"""Doors: who is left behind them, what was found there, and that nothing of it outlives the round."""

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core.db import Database
from tests.callers import Callers, Headers
from tests.paper_story import PaperStory
from tests.story import NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

NOBODY = "00000000-0000-4000-8000-000000000000"
#: Dwelling 0 has two people, 1 and 2 one each, all in the first unit; 3 is in the second, 4 in another building.
HOMES = [
    roster_row(0), roster_row(9, 房号="0101", 姓名="居民0二", 户代表="否"), roster_row(1), roster_row(2),
    roster_row(3, 单元="2单元"), roster_row(4, 楼栋="10栋", 房号="1001"),
]  # fmt: skip


class Walk:
    """A round that is open, and a clerk who goes from door to door."""

    def __init__(self, story: Story, **settings: Any) -> None:
        self.story, self.client = story, story.client
        story.import_roster(csv_bytes(HOMES))
        self.projects = story.published_projects([300_000, 400_000])
        self.round_id = story.open_round(self.projects, **settings)
        self.path = f"/api/v1/rounds/{self.round_id}/doors"
        turnout = f"/api/v1/rounds/{self.round_id}/turnout"
        lines = ok(self.client.get(turnout, headers=story.clerk))["lines"]
        self.buildings = {line["building"]: line["building_id"] for line in lines}
        self.units = {
            (line["building"], unit["unit"]): unit["unit_id"] for line in lines for unit in line["units"]
        }

    def ask(
        self,
        building: str = "1栋",
        unit: str | None = None,
        *,
        who: Headers | None = None,
        path: str | None = None,
    ) -> httpx.Response:
        search = {"building": self.buildings.get(building, building)}
        if unit is not None:
            search["unit"] = self.units.get((building, unit), unit)
        answer: httpx.Response = self.client.get(
            path or self.path, params=search, headers=who or self.story.clerk
        )
        return answer

    def doors(self, building: str = "1栋") -> dict[str, dict[str, Any]]:
        return {door["room"]: door for unit in ok(self.ask(building))["units"] for door in unit["doors"]}

    def door(self, room: str) -> str:
        return f"{self.path}/{self.doors()[room]['household_id']}"

    def mark(self, room: str, mark: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(
            self.client.put(self.door(room), json={"mark": mark}, headers=self.story.clerk)
        )
        return found

    def cast(self, number: int) -> None:
        ok(self.story.cast(self.round_id, self.story.resident(number), self.projects[:1]))


@pytest.fixture
def walk(client: TestClient, callers: Callers) -> Walk:
    return Walk(Story(client, callers))


def kept(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(sa.text("SELECT count(*) FROM door_visit")).scalar_one())


class TestList:
    def test_households_with_somebody_who_has_not_taken_part(self, walk: Walk) -> None:
        walk.cast(9)
        walk.cast(1)
        found = ok(walk.ask())
        assert [
            (
                unit["unit"],
                [(door["room"], door["on_roll"], door["not_taken_part"]) for door in unit["doors"]],
            )
            for unit in found["units"]
        ] == [("1单元", [("0101", 2, 1), ("0301", 1, 1)]), ("2单元", [("0401", 1, 1)])]
        assert found["counts"] == {"doors": 3, "unmarked": 3, "visited": 0, "refused": 0, "nobody": 0}
        (unit,) = ok(walk.ask(unit="2单元"))["units"]
        assert [door["room"] for door in unit["doors"]] == ["0401"]
        assert list(walk.doors("10栋")) == ["1001"]

    def test_no_name_and_no_phone_stands_in_it(self, walk: Walk) -> None:
        told = walk.ask().text
        assert "居民" not in told
        assert "139*" not in told
        assert not any(phone(number) in told for number in range(10))

    def test_where_households_vote_one_ballot_is_enough(self, client: TestClient, callers: Callers) -> None:
        walk = Walk(Story(client, callers), electorate="household")
        walk.cast(9)
        assert list(walk.doors()) == ["0201", "0301", "0401"]

    def test_who_took_a_sheet_of_paper_has_taken_part(self, client: TestClient, callers: Callers) -> None:
        walk = Walk(Story(client, callers), paper="first_wins")
        paper = PaperStory(walk.story, walk.round_id)
        ok(paper.sign_in(paper.batch(), 1))
        assert "0201" not in walk.doors()

    def test_what_is_not_on_the_roll_is_not_found(self, walk: Walk) -> None:
        for answer in (
            walk.ask(NOBODY),
            walk.ask("1栋", NOBODY),
            walk.ask("1栋", walk.units["10栋", "1单元"]),
        ):
            refused(answer, 404, "door_not_found")

    def test_for_those_alone_who_knock(self, walk: Walk, callers: Callers) -> None:
        refused(walk.ask(who=callers.staff(Role.RC_STAFF, NEIGHBOUR)), 404, "round_not_found")
        for role in (Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER, Role.MEDIATOR, Role.ADMINISTRATOR):
            refused(walk.ask(who=callers.staff(role, SUBDISTRICT)), 403, "not_allowed")
        refused(walk.ask(who=walk.story.resident(0)), 403, "not_allowed")
        missing = walk.path.replace(walk.round_id, NOBODY)
        refused(walk.ask(path=missing), 404, "round_not_found")


class TestMark:
    def test_one_tap_another_and_undo(self, walk: Walk, database: Database) -> None:
        assert walk.mark("0101", "nobody")["mark"] == "nobody"
        walk.mark("0201", "refused")
        found = walk.mark("0101", "visited")
        assert (found["mark"], found["room"], found["not_taken_part"]) == ("visited", "0101", 2)
        assert found["marked_on"] is not None
        counts = ok(walk.ask())["counts"]
        assert counts == {"doors": 4, "unmarked": 2, "visited": 1, "refused": 1, "nobody": 0}
        for _ in range(2):
            ok(walk.client.delete(walk.door("0101"), headers=walk.story.clerk))
        assert walk.doors()["0101"]["mark"] is None
        assert kept(database) == 1

    def test_the_record_does_not_know_who_did_not_want_to_be_asked(
        self, walk: Walk, database: Database
    ) -> None:
        with database.reading() as session:
            before = session.execute(sa.text("SELECT count(*) FROM audit_entry")).scalar_one()
        walk.mark("0101", "refused")
        with database.reading() as session:
            assert session.execute(sa.text("SELECT count(*) FROM audit_entry")).scalar_one() == before

    def test_nobody_knocks_where_everybody_has_taken_part(self, walk: Walk) -> None:
        door = walk.door("0201")
        walk.cast(1)
        refused(
            walk.client.put(door, json={"mark": "visited"}, headers=walk.story.clerk), 409, "door_took_part"
        )
        refused(walk.client.delete(door, headers=walk.story.clerk), 409, "door_took_part")

    def test_foreign_and_missing_doors_answer_alike(self, walk: Walk, callers: Callers) -> None:
        body = {"mark": "visited"}
        refused(
            walk.client.put(f"{walk.path}/{NOBODY}", json=body, headers=walk.story.clerk),
            404,
            "door_not_found",
        )
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(walk.client.put(walk.door("0101"), json=body, headers=stranger), 404, "round_not_found")
        away = Story(walk.client, callers, community=NEIGHBOUR)
        away.import_roster(csv_bytes([roster_row(30)]))
        with (
            callers.database.reading() as session
        ):  # a household that exists, and is on no roll of this round
            elsewhere = session.execute(
                sa.text("SELECT id FROM household WHERE community_code = :code"), {"code": NEIGHBOUR}
            ).scalar_one()
        refused(
            walk.client.put(f"{walk.path}/{elsewhere}", json=body, headers=walk.story.clerk),
            404, "door_not_found",
        )  # fmt: skip
        refused(
            walk.client.put(walk.door("0101"), json={"mark": "rude"}, headers=walk.story.clerk),
            422, "malformed_request",
        )  # fmt: skip


class TestForget:
    @pytest.mark.parametrize("end", ["close", "cancel"])
    def test_when_the_round_is_over_nothing_is_left(
        self, walk: Walk, database: Database, drain: Callable[[], int], end: str
    ) -> None:
        door = walk.door("0101")
        walk.mark("0101", "refused")
        path = f"/api/v1/rounds/{walk.round_id}/{end}"
        body = {"reason": "名单有误"} if end == "cancel" else None
        ok(walk.client.post(path, json=body, headers=walk.story.chair))
        drain()
        assert kept(database) == 0
        refused(walk.ask(), 409, "doors_closed")
        refused(walk.ask(path=f"{walk.path}.pdf"), 409, "doors_closed")
        refused(
            walk.client.put(door, json={"mark": "visited"}, headers=walk.story.clerk), 409, "doors_closed"
        )

    def test_before_it_opens_there_is_no_list(self, client: TestClient, callers: Callers) -> None:
        story = Story(client, callers).with_residents(1)
        round_id = story.publish_round(story.published_projects([300_000]))
        path = f"/api/v1/rounds/{round_id}/doors?building={NOBODY}"
        refused(client.get(path, headers=story.clerk), 409, "doors_closed")


class TestPrint:
    def test_rooms_and_boxes_and_no_names(self, walk: Walk, database: Database) -> None:
        import pypdfium2

        walk.mark("0101", "nobody")
        answer = walk.ask(path=f"{walk.path}.pdf")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
        text = "".join(page.get_textpage().get_text_range() for page in document)
        assert all(
            word in text for word in ("上门名单", "1栋", "2单元", "0101", "0401", "已访", "拒访", "无人")
        )
        assert "居民" not in text.replace("居民委员会", "")
        width, height = document[0].get_size()
        assert (round(width), round(height)) == (595, 842)
        with database.reading() as session:
            (tag,) = session.execute(sa.text("SELECT tag FROM audit_entry WHERE tag LIKE 'door%'")).scalars()
        assert tag == "door:printed"
        refused(walk.ask(path=f"{walk.path}.pdf", who=walk.story.resident(0)), 403, "not_allowed")
        refused(walk.ask(NOBODY, path=f"{walk.path}.pdf"), 404, "door_not_found")
