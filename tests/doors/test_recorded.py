"""Doors of owners who decide: the dwellings nobody has answered for yet, and never how anybody did."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pypdfium2
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core.db import Database
from tests.callers import Callers, Headers
from tests.recorded.estate import CO_OWNER, OWNERLESS, SPOUSE, TENANT, THREE_FLATS, Estate, opened, published
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass
class Walk:
    """An owners' vote that is open, and a clerk who goes from door to door."""

    estate: Estate
    building: str

    @property
    def path(self) -> str:
        return f"{self.estate.path}/doors"

    def ask(
        self, who: Headers | None = None, *, path: str | None = None, **search: str | None
    ) -> httpx.Response:
        answer: httpx.Response = self.estate.client.get(
            path or self.path,
            params={"building": self.building, **search},
            headers=who or self.estate.story.clerk,
        )
        return answer

    def doors(self) -> dict[str, dict[str, Any]]:
        return {door["room"]: door for unit in ok(self.ask())["units"] for door in unit["doors"]}

    def mark(self, room: str, mark: str) -> httpx.Response:
        door = self.doors()[room]["household_id"]
        answer: httpx.Response = self.estate.client.put(
            f"{self.path}/{door}", json={"mark": mark}, headers=self.estate.story.clerk
        )
        return answer


def building_of(story: Story) -> str:
    path = f"/api/v1/communities/{story.community}/buildings"
    (building,) = ok(story.client.get(path, headers=story.clerk))["items"]
    return str(building["id"])


@pytest.fixture
def walk(client: TestClient, callers: Callers) -> Walk:
    estate = opened(client, callers)
    return Walk(estate, building_of(estate.story))


def room(number: int) -> str:
    return f"{number + 1:02d}01"


class TestList:
    def test_dwellings_for_which_nobody_has_answered(self, walk: Walk) -> None:
        assert list(walk.doors()) == [room(number) for number in range(20)]  # also where no owner is known
        ok(walk.estate.vote(THREE_FLATS, "for"))  # for all three flats of theirs
        ok(walk.estate.vote(SPOUSE, "against"))  # for the flat of both
        left = walk.doors()
        assert {room(number) for number in (0, 1, 2, CO_OWNER)}.isdisjoint(left)
        assert room(OWNERLESS) in left
        assert {(door["on_roll"], door["not_taken_part"]) for door in left.values()} == {(1, 1)}
        assert ok(walk.ask())["counts"] == {
            "doors": 16, "unmarked": 16, "visited": 0, "refused": 0, "nobody": 0,
        }  # fmt: skip

    def test_who_handed_in_a_signed_form_has_answered_unless_it_is_refused(self, walk: Walk) -> None:
        (form,) = ok(walk.estate.enter(walk.estate.form(5, "against")))["items"]
        assert room(5) not in walk.doors()
        refusal = {"form_ids": [form["id"]], "reason": "没有签名"}
        path = f"{walk.estate.path}/forms/refuse"
        ok(walk.estate.client.post(path, json=refusal, headers=walk.estate.story.chair))
        assert room(5) in walk.doors()
        (form,) = ok(walk.estate.enter(walk.estate.form(5, "against", reference="B-2")))["items"]
        ok(walk.estate.confirm(form["id"]))
        assert room(5) not in walk.doors()

    def test_who_gave_a_proxy_has_answered_once_its_holder_has(self, walk: Walk) -> None:
        proxy = ok(walk.estate.proxy(6, TENANT))["proxy"]
        assert room(6) in walk.doors()
        ok(walk.estate.use(TENANT, proxy["id"], "abstain"))
        assert room(6) not in walk.doors()

    def test_no_choice_no_name_and_no_area_stands_in_it(self, walk: Walk) -> None:
        ok(walk.estate.vote(CO_OWNER, "against"))
        ok(walk.estate.enter(walk.estate.form(5, "abstain")))
        told = walk.ask().text
        for never in ("against", "abstain", '"for"', "choice", "居民", "配偶", "area", phone(CO_OWNER)):
            assert never not in told
        assert set(walk.doors()[room(7)]) == {
            "household_id", "room", "on_roll", "not_taken_part", "mark", "marked_on",
        }  # fmt: skip

    def test_by_unit(self, client: TestClient, callers: Callers) -> None:
        story = Story(client, callers)
        homes = [roster_row(0, 面积="60"), roster_row(1, 面积="70", 单元="2单元"), roster_row(2, 面积="80")]
        story.import_roster(csv_bytes(homes))
        estate = Estate(story, published(story))
        ok(client.post(f"{estate.path}/recorded/open", headers=story.clerk))
        walk = Walk(estate, building_of(story))
        ok(estate.vote(0, "for"))
        units = {each["unit"]: each for each in ok(walk.ask())["units"]}
        assert {name: [door["room"] for door in each["doors"]] for name, each in units.items()} == {
            "1单元": [room(2)], "2单元": [room(1)],
        }  # fmt: skip
        (one,) = ok(walk.ask(unit=units["2单元"]["unit_id"]))["units"]
        assert [door["room"] for door in one["doors"]] == [room(1)]
        refused(walk.ask(unit=NOBODY), 404, "door_not_found")

    def test_for_those_alone_who_knock(self, walk: Walk, callers: Callers) -> None:
        refused(walk.ask(callers.staff(Role.RC_STAFF, NEIGHBOUR)), 404, "round_not_found")
        for role in (Role.SUPERVISOR, Role.SUBDISTRICT_OFFICER, Role.MEDIATOR, Role.ADMINISTRATOR):
            refused(walk.ask(callers.staff(role, SUBDISTRICT)), 403, "not_allowed")
        refused(walk.ask(walk.estate.owner(0)), 403, "not_allowed")
        refused(walk.ask(building=NOBODY), 404, "door_not_found")

    def test_a_house_built_since_the_roll_was_frozen_is_not_on_it(self, walk: Walk) -> None:
        path = f"/api/v1/communities/{COMMUNITY}/buildings"
        made = ok(walk.estate.client.post(path, json={"name": "9栋"}, headers=walk.estate.story.clerk))
        refused(walk.ask(building=made["id"]), 404, "door_not_found")


class TestMark:
    def test_one_tap_and_undo(self, walk: Walk) -> None:
        assert ok(walk.mark(room(7), "refused"))["mark"] == "refused"
        counts = ok(walk.ask())["counts"]
        assert (counts["refused"], counts["unmarked"]) == (1, 19)
        door = walk.doors()[room(7)]["household_id"]
        ok(walk.estate.client.delete(f"{walk.path}/{door}", headers=walk.estate.story.clerk))
        assert walk.doors()[room(7)]["mark"] is None

    def test_nobody_knocks_where_it_is_answered(self, walk: Walk) -> None:
        door = walk.doors()[room(7)]["household_id"]
        ok(walk.estate.vote(7, "for"))
        answer = walk.estate.client.put(
            f"{walk.path}/{door}", json={"mark": "visited"}, headers=walk.estate.story.clerk
        )
        told = refused(answer, 409, "door_took_part")
        assert "for" not in told.values()
        missing = walk.estate.client.put(
            f"{walk.path}/{NOBODY}", json={"mark": "visited"}, headers=walk.estate.story.clerk
        )
        refused(missing, 404, "door_not_found")


class TestForget:
    def test_when_the_vote_is_over_nothing_is_left(
        self, walk: Walk, database: Database, drain: Callable[[], int]
    ) -> None:
        ok(walk.mark(room(7), "refused"))
        walk.estate.close()
        drain()
        with database.reading() as session:
            assert session.execute(sa.text("SELECT count(*) FROM door_visit")).scalar_one() == 0
        refused(walk.ask(), 409, "doors_closed")
        refused(walk.ask(path=f"{walk.path}.pdf"), 409, "doors_closed")


class TestPrint:
    def test_rooms_and_what_to_say_to_tenants(self, walk: Walk, backend: str) -> None:
        if backend == "postgresql":
            return  # a PDF is drawn without a database
        ok(walk.estate.vote(7, "against"))
        answer = walk.ask(path=f"{walk.path}.pdf")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
        text = "".join(page.get_textpage().get_text_range() for page in document)
        document.close()
        assert all(word in text for word in ("业主记名表决", "请转告业主", room(6), "拒访", "还有 19 户"))
        assert room(7) not in text
        assert not any(word in text for word in ("反对", "弃权", "居民7"))
