"""The division tree, the lists it comes from, buildings."""

import datetime as dt

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core.db import Database
from app.places import rules, service
from app.places.errors import DivisionFileMalformed, DivisionMisplaced
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, Story, csv_bytes, ok, refused, roster_row


class TestCodes:
    @pytest.mark.parametrize(
        ("code", "parent"),
        [
            ("520000000000", None),
            ("520100000000", "520000000000"),
            ("520102000000", "520100000000"),
            ("520102031000", "520102000000"),
            ("520102031006", "520102031000"),
        ],
    )
    def test_parents(self, code: str, parent: str | None) -> None:
        assert rules.parent_of(code) == parent

    def test_what_is_no_division(self) -> None:
        with pytest.raises(DivisionMisplaced):
            rules.parent_of("000000000000")
        for short in ("5", "52010203100", "５２", "52a1", ""):
            with pytest.raises(ValueError, match="no division code"):
                rules.full_code(short)


class TestSeed:
    def test_the_real_communities_of_huaguoyuan(self, client: TestClient) -> None:
        page = ok(client.get("/api/v1/divisions?parent=520102031000"))
        assert [(item["code"], item["name"]) for item in page["items"]][5] == (
            "520102031006",
            "花果园大街社区居民委员会",
        )
        detail = ok(client.get(f"/api/v1/divisions/{COMMUNITY}"))
        assert [each["name"] for each in detail["ancestors"]] == ["贵州省", "贵阳市", "南明区", "花果园街道"]

    def test_seeding_again_changes_nothing(self, database: Database) -> None:
        with database.writing() as session:
            assert service.seed(session) == 0


class TestImport:
    def test_lists_from_the_top(self, database: Database) -> None:
        with database.writing() as session:
            for table in (["code,name\n", "99,某省\n"], ["code,name,provinceCode\n", '9901,"某市",99\n']):
                assert (
                    service.import_divisions(
                        session, table=table, edition="test", valid_from=dt.date(2026, 1, 1), by="test"
                    )
                    == 1
                )
            assert service.division(session, "990100000000").name == "某市"

    @pytest.mark.parametrize(
        ("row", "number"),
        [("9901,某市\n", 2), ("xx,某市\n", 2), ("98,\n", 2), ('98,"某市', 2)],
    )
    def test_a_wrong_row_is_named_and_nothing_is_kept(
        self, database: Database, row: str, number: int
    ) -> None:
        with pytest.raises(DivisionFileMalformed) as caught, database.writing() as session:
            service.import_divisions(
                session, table=["code,name\n", row], edition="test", valid_from=dt.date(2026, 1, 1), by="test"
            )
        assert caught.value.facts["row"] == number


class TestAddDivision:
    def test_an_administrator_adds_what_the_list_does_not_have(
        self, client: TestClient, callers: Callers
    ) -> None:
        admin = callers.staff(Role.ADMINISTRATOR, "000000000000")
        body = {"code": "520102031501", "name": "新社区"}
        ok(client.post("/api/v1/divisions", json=body, headers=admin))
        refused(client.post("/api/v1/divisions", json=body, headers=admin), 409, "division_exists")
        orphan = {"code": "520102999501", "name": "无上级"}
        refused(client.post("/api/v1/divisions", json=orphan, headers=admin), 422, "division_misplaced")
        wide = {"code": "５２０１０２０３１５０２", "name": "全角"}
        refused(client.post("/api/v1/divisions", json=wide, headers=admin), 422, "malformed_request")
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY)
        refused(client.post("/api/v1/divisions", json=body, headers=clerk), 403, "not_allowed")


class TestListBuildingNames:
    PATH = f"/api/v1/communities/{COMMUNITY}/places"

    def test_anybody_may_read_names_as_people_count_them(self, client: TestClient, callers: Callers) -> None:
        story = Story(client, callers)
        rooms = (
            ("10栋", "2单元"),
            ("9栋", "-"),
            ("10栋", "1单元"),
            ("A10", "-"),
            ("A2", "10单元"),
            ("A2", "9单元"),
        )
        rows = [roster_row(number, 楼栋=building, 单元=unit) for number, (building, unit) in enumerate(rooms)]
        story.import_roster(csv_bytes(rows))
        answer = client.get(self.PATH)
        assert ok(answer)["items"] == [
            {"name": "9栋", "units": ["-"]},
            {"name": "10栋", "units": ["1单元", "2单元"]},
            {"name": "A2", "units": ["9单元", "10单元"]},
            {"name": "A10", "units": ["-"]},
        ]
        assert answer.headers["cache-control"] == "public, max-age=300"
        again = client.get(self.PATH, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert "居民" not in answer.text

    def test_where_there_is_no_community(self, client: TestClient) -> None:
        assert ok(client.get(self.PATH)) == {"items": []}
        for code in ("520102031000", "520102031999"):
            refused(client.get(f"/api/v1/communities/{code}/places"), 404, "division_not_found")


class TestBuildings:
    def test_only_of_ones_own_community(self, client: TestClient, callers: Callers) -> None:
        clerk = callers.staff(Role.RC_STAFF, COMMUNITY)
        path = f"/api/v1/communities/{COMMUNITY}/buildings"
        ok(client.post(path, json={"name": "1栋"}, headers=clerk))
        refused(client.post(path, json={"name": "1栋"}, headers=clerk), 409, "building_exists")
        assert [item["name"] for item in ok(client.get(path, headers=clerk))["items"]] == ["1栋"]
        other = f"/api/v1/communities/{NEIGHBOUR}/buildings"
        refused(client.get(other, headers=clerk), 404, "division_not_found")
        refused(
            client.get("/api/v1/communities/520102031000/buildings", headers=clerk), 404, "division_not_found"
        )
