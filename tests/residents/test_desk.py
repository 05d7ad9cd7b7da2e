"""The roster at a clerk's desk: found, read, shown in full for a reason, taken away as a file."""

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import text

from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from tests.callers import Callers
from tests.elders import with_code
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, phone, refused, roster_row

BASE = f"/api/v1/communities/{COMMUNITY}"
WHY = {"purpose": "contact", "reason": "选票退回，要联系本人"}


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


def people(story: Story, **query: Any) -> list[dict[str, Any]]:
    found = ok(story.client.get(f"{BASE}/residents", params=query, headers=story.clerk))
    items: list[dict[str, Any]] = found["items"]
    assert found["total"] >= len(items)
    return items


def exported(answer: Any) -> Worksheet:
    assert answer.status_code == 200, answer.text
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def table(sheet: Worksheet) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


class TestList:
    @pytest.fixture
    def story(self, client: TestClient, callers: Callers) -> Story:
        made = Story(client, callers)
        rows = [
            roster_row(0, 楼栋="10栋", 姓名="欧阳小明"),
            roster_row(1, 楼栋="9栋", 单元="2单元", 房号="0302", 姓名="王芳"),
            roster_row(2, 楼栋="9栋", 单元="1单元", 房号="1001", 姓名="Wang Li"),
            roster_row(3, 楼栋="9栋", 单元="1单元", 房号="0901", 姓名="李强", 手机=""),
        ]
        made.import_roster(csv_bytes(rows))
        return made

    def test_in_the_order_of_doors_page_by_page(self, story: Story) -> None:
        homes = [(each["building"], each["unit"], each["room"]) for each in people(story)]
        assert homes == [
            ("9栋", "1单元", "0901"), ("9栋", "1单元", "1001"), ("9栋", "2单元", "0302"), ("10栋", "1单元", "0101"),
        ]  # fmt: skip
        path, seen, cursor = f"{BASE}/residents", [], None
        while True:
            params = {"limit": 3} if cursor is None else {"limit": 3, "cursor": cursor}
            page = ok(story.client.get(path, params=params, headers=story.clerk))
            seen += [(each["building"], each["unit"], each["room"]) for each in page["items"]]
            assert page["total"] == 4
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == homes
        refused(story.client.get(path, params={"cursor": "IjEi"}, headers=story.clerk), 422, "bad_cursor")

    LOOKED_FOR: Sequence[tuple[dict[str, Any], list[str]]] = (
        ({"search": "小明"}, ["0101"]),
        ({"search": "ｗａｎｇ"}, ["1001"]),
        ({"search": "0001"}, ["0302"]),
        ({"search": phone(2)}, ["1001"]),
        ({"search": "0901"}, ["0901"]),
        ({"search": "张三"}, []),
        ({"building": "9栋", "unit": "1单元"}, ["0901", "1001"]),
        ({"building": "9栋", "room": "0302"}, ["0302"]),
        ({"building": "10栋", "search": "王"}, []),
        ({"moved_out": True}, []),
    )

    def test_by_home_by_a_part_of_a_name_by_the_end_of_a_number(self, story: Story) -> None:
        for query, rooms in self.LOOKED_FOR:
            assert [each["room"] for each in people(story, **query)] == rooms, query


class TestRead:
    def test_a_person_with_household_and_story(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1, 房号="0101", 姓名="王小红")]))
        one, other = people(story)
        with_code(story, _code(story, one["id"]))
        ok(story.client.post(f"{BASE}/residents/{one['id']}/unmask", json=WHY, headers=story.clerk))
        page = ok(story.client.get(f"{BASE}/residents/{one['id']}", headers=story.clerk))
        assert (page["birth_year"], page["adult"], page["signs_in"]) == ("1980", True, True)
        assert "05-06" not in str(page)  # the day one comes of age is the birthday
        assert [each["id"] for each in page["household"]] == [other["id"]]
        assert [event["tag"] for event in page["events"]] == ["resident:unmasked"]
        assert page["events"][0]["by"]
        assert page["came_at"]
        assert phone(0) not in str(page)
        assert "居民0" not in str(page)

    def test_of_age_or_not_or_vouched_for(self, story: Story) -> None:
        born = (clock.today().replace(day=1) - dt.timedelta(days=17 * 365)).isoformat()
        story.import_roster(
            csv_bytes([roster_row(0), roster_row(1, 出生日期=born), roster_row(2, 出生日期="")])
        )
        found = [
            ok(story.client.get(f"{BASE}/residents/{each['id']}", headers=story.clerk))
            for each in people(story)
        ]
        assert [(each["birth_year"], each["adult"]) for each in found] == [
            ("1980", True), (born[:4], False), (None, True),
        ]  # fmt: skip

    def test_elsewhere_is_told_of_communities_one_works_for(self, story: Story, callers: Callers) -> None:
        story.import_roster(csv_bytes([roster_row(0)]))
        Story(story.client, callers, community=NEIGHBOUR).import_roster(csv_bytes([roster_row(0)]))
        (one,) = people(story)
        path = f"{BASE}/residents/{one['id']}"
        assert ok(story.client.get(path, headers=story.clerk))["elsewhere"] == []
        both = callers.staff(Role.RC_STAFF, SUBDISTRICT)
        (there,) = ok(story.client.get(path, headers=both))["elsewhere"]
        assert there["community_code"] == NEIGHBOUR

    def test_a_registration_is_part_of_it(self, story: Story) -> None:
        body = {"name": "新来的", "phone": phone(50), "building": "9栋", "room": "0101"}
        filed = ok(story.client.post(f"{BASE}/registrations", json=body, headers=story.resident(50)))
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        (one,) = people(story)
        page = ok(story.client.get(f"{BASE}/residents/{one['id']}", headers=story.clerk))
        assert [(each["id"], each["state"]) for each in page["registrations"]] == [(filed["id"], "approved")]
        assert page["registrations"][0]["decided_at"]
        assert page["source"] == "registration"

    def test_a_stranger_finds_nobody(self, story: Story, callers: Callers) -> None:
        story.import_roster(csv_bytes([roster_row(0)]))
        (one,) = people(story)
        path, missing = (
            f"{BASE}/residents/{one['id']}",
            f"{BASE}/residents/6f9619ff-8b86-4011-b42d-00cf4fc964ff",
        )
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.get(path, headers=stranger), 404, "resident_not_found")
        refused(story.client.get(missing, headers=story.clerk), 404, "resident_not_found")
        elsewhere = path.replace(COMMUNITY, NEIGHBOUR)
        refused(story.client.get(elsewhere, headers=stranger), 404, "resident_not_found")
        for role in (Role.SUBDISTRICT_OFFICER, Role.MEDIATOR, Role.AUDITOR, Role.SUPERVISOR):
            who = callers.staff(role, SUBDISTRICT)
            refused(story.client.get(path, headers=who), 403, "not_allowed")


def _code(story: Story, resident_id: str) -> str:
    (item,) = ok(
        story.client.post(f"{BASE}/paper-codes", json={"resident_ids": [resident_id]}, headers=story.clerk)
    )["items"]
    return str(item["code"])


class TestUnmask:
    def test_with_a_reason_on_the_record_and_listed(
        self, story: Story, callers: Callers, database: Database
    ) -> None:
        story.import_roster(csv_bytes([roster_row(0)]))
        (one,) = people(story)
        path = f"{BASE}/residents/{one['id']}/unmask"
        refused(story.client.post(path, json={}, headers=story.clerk), 422, "malformed_request")
        for reason in (" ", "..", "aaaa", "停电"):
            refused(
                story.client.post(path, json=WHY | {"reason": reason}, headers=story.clerk),
                422,
                "words_needed",
            )
        assert ok(story.client.get(f"{BASE}/disclosures", headers=story.clerk))["items"] == []
        shown = ok(story.client.post(path, json=WHY, headers=story.clerk))
        assert (shown["name"], shown["phone"], shown["birth_date"]) == ("居民0", phone(0), "1980-05-06")
        assert shown["adult_on"] == "1998-05-06"
        supervisor = callers.staff(Role.SUPERVISOR, COMMUNITY)
        (listed,) = ok(story.client.get(f"{BASE}/disclosures", headers=supervisor))["items"]
        assert (listed["kind"], listed["resident"], listed["purpose"]) == ("person", "居**", "contact")
        assert listed["reason"] == WHY["reason"]
        assert listed["by"]
        city = f"/api/v1/communities/{COMMUNITY[:4]}00000000/disclosures"
        auditor = callers.staff(Role.AUDITOR, f"{COMMUNITY[:4]}00000000")
        assert ok(story.client.get(city, headers=auditor))["items"] == [listed]
        assert (listed["community_code"], bool(listed["community"])) == (COMMUNITY, True)
        refused(story.client.get(city, headers=supervisor), 404, "division_not_found")
        with database.reading() as session:
            entries = session.execute(
                text("SELECT subject, facts FROM audit_entry WHERE tag = 'resident:unmasked'")
            ).all()
            stored = session.execute(text("SELECT reason FROM disclosure")).scalar_one()
        assert entries == [(f"resident:{one['id']}", '{"purpose":"contact"}')]
        assert WHY["reason"] not in stored  # people write names into reasons
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.post(path, json=WHY, headers=stranger), 404, "resident_not_found")
        refused(story.client.get(f"{BASE}/disclosures", headers=stranger), 404, "division_not_found")


class TestExport:
    HOSTILE = ("+SUM(A1)", "-1+1", "@cmd")

    def test_masked_unless_asked_for_otherwise(self, story: Story, database: Database) -> None:
        story.import_roster(csv_bytes([roster_row(0, 姓名="王小明"), roster_row(25, 单元="")]))
        sheet = exported(story.client.post(f"{BASE}/residents/export", json={}, headers=story.clerk))
        assert table(sheet) == [
            ["楼栋单元", "姓名", "手机", "出生年", "身份", "户代表", "来源"],
            ["1栋1单元", "王**", "139****0000", "1980", "业主", "是", "名册"],
            ["2栋", "居***", "139****0025", "1980", "业主", "是", "名册"],
        ]
        assert "0101" not in str(table(sheet))
        one = exported(
            story.client.post(f"{BASE}/residents/export", json={"building": "2栋"}, headers=story.clerk)
        )
        assert len(table(one)) == 2
        with database.reading() as session:
            facts = session.execute(text("SELECT facts FROM audit_entry WHERE tag = 'residents:exported'"))
            assert facts.scalars().all() == ['{"masked":true,"people":2}', '{"masked":true,"people":1}']

    def test_masked_the_order_does_not_tell_the_rooms(self, story: Story) -> None:
        names = ["王一", "赵二", "丁三", "李四"]
        rows = [roster_row(number, 姓名=name, 单元="2单元") for number, name in enumerate(names)]
        story.import_roster(
            csv_bytes([*rows, roster_row(25, 姓名="安五"), roster_row(45, 单元="", 姓名="白六")])
        )
        sheet = exported(story.client.post(f"{BASE}/residents/export", json={}, headers=story.clerk))
        assert [(row[0], row[1]) for row in table(sheet)[1:]] == [
            ("1栋2单元", "丁*"), ("1栋2单元", "李*"), ("1栋2单元", "王*"), ("1栋2单元", "赵*"),
            ("2栋1单元", "安*"), ("3栋", "白*"),
        ]  # fmt: skip

    def test_in_full_for_a_reason_and_good_for_an_import(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1)]))
        path = f"{BASE}/residents/export-unmasked"
        refused(story.client.post(path, json={}, headers=story.clerk), 422, "malformed_request")
        answer = story.client.post(path, json=WHY, headers=story.clerk)
        assert table(exported(answer))[1] == [*roster_row(0), "名册"]
        (listed,) = ok(story.client.get(f"{BASE}/disclosures", headers=story.clerk))["items"]
        assert (listed["kind"], listed["people"], listed["resident"]) == ("list", 2, None)
        files = {"file": ("名册.xlsx", answer.content)}
        again = ok(story.client.post(f"{BASE}/roster/imports", files=files, headers=story.clerk))
        assert again["counts"]["unchanged"] == 2

    def test_no_cell_is_a_formula(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(n, 姓名=name) for n, name in enumerate(self.HOSTILE)]))
        body = {"name": "=1+1", "phone": phone(50), "building": "=HYPERLINK(1)", "room": "@1"}
        filed = ok(story.client.post(f"{BASE}/registrations", json=body, headers=story.resident(50)))
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        for path, given in (("export", {}), ("export-unmasked", WHY)):
            sheet = exported(story.client.post(f"{BASE}/residents/{path}", json=given, headers=story.clerk))
            cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert {cell.data_type for cell in cells} == {"s"}
            live = [cell for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]
            assert live
            assert all(cell.quotePrefix for cell in live)  # and stay text when somebody edits them

    def test_a_stranger_takes_nothing_away(self, story: Story, callers: Callers) -> None:
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        for path in ("export", "export-unmasked"):
            refused(
                story.client.post(
                    f"{BASE}/residents/{path}", json=WHY if "un" in path else {}, headers=stranger
                ),
                404,
                "division_not_found",
            )


class TestRegistrations:
    PATH = f"{BASE}/registrations"

    def file(self, story: Story, number: int, **changes: str) -> str:
        body = {"name": f"租客{number}", "phone": phone(number), "building": "1栋", "room": "0101"} | changes
        return str(ok(story.client.post(self.PATH, json=body, headers=story.resident(number)))["id"])

    def test_in_full_is_the_name_alone_and_only_until_it_is_answered(self, story: Story) -> None:
        taken, declined = (self.file(story, number, birth_date="1990-02-03") for number in (50, 51))
        for each in ok(story.client.get(self.PATH, headers=story.clerk))["items"]:
            number = {taken: 50, declined: 51}[each["id"]]
            assert each["person"] == {
                "name": f"租客{number}", "phone": f"139****00{number}", "birth_year": "1990", "building": "1栋",
                "unit": "-", "room": "0101", "tenure": "tenant",
            }  # fmt: skip
        body = {"registration_ids": [taken]}
        ok(story.client.post(f"{self.PATH}/approve", json=body, headers=story.clerk))
        no = {"registration_ids": [declined], "reason": "不在本社区居住"}
        ok(story.client.post(f"{self.PATH}/reject", json=no, headers=story.clerk))
        for state, number in (("approved", 50), ("rejected", 51)):
            page = ok(story.client.get(f"{self.PATH}?state={state}", headers=story.clerk))
            (person,) = [each["person"] for each in page["items"]]
            assert (person["name"], person["phone"], person["birth_year"], person["room"]) == (
                "租***", f"139****00{number}", "1990", "0101",
            )  # fmt: skip
            for personal in (f"租客{number}", phone(number), "02-03"):
                assert personal not in str(page)

    def test_several_at_one_stroke_each_for_itself(self, story: Story, callers: Callers) -> None:
        story.import_roster(csv_bytes([roster_row(0)]))
        first, second = self.file(story, 50), self.file(story, 51)
        known = self.file(story, 52, name="居民0", unit="1单元")
        other = Story(story.client, callers, community=NEIGHBOUR)
        foreign = ok(
            story.client.post(
                f"/api/v1/communities/{NEIGHBOUR}/registrations",
                json={"name": "远方", "phone": phone(60), "building": "1栋", "room": "1"},
                headers=other.resident(60),
            )
        )["id"]
        missing = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
        body = {"registration_ids": [first, known, foreign, missing, second]}
        found = ok(story.client.post(f"{self.PATH}/approve", json=body, headers=story.clerk))["items"]
        assert {each["id"]: each["state"] or each["problem"] for each in found} == {
            first: "approved", second: "approved", known: "registration_known",
            foreign: "registration_not_found", missing: "registration_not_found",
        }  # fmt: skip
        assert next(each for each in found if each["id"] == known)["detail"]
        declined = {"registration_ids": [known, first], "reason": "请带租房合同来"}
        found = ok(story.client.post(f"{self.PATH}/reject", json=declined, headers=story.clerk))["items"]
        assert {each["id"]: each["state"] or each["problem"] for each in found} == {
            known: "rejected", first: "registration_decided",
        }  # fmt: skip
        assert len(people(story)) == 3
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(
            story.client.post(f"{self.PATH}/approve", json={"registration_ids": [known]}, headers=stranger),
            404,
            "division_not_found",
        )

    def test_who_is_on_the_roster_without_a_number_gets_theirs(self, story: Story) -> None:
        """In the middle of a round: the person keeps their one ballot, and there is no second row."""
        story.import_roster(csv_bytes([roster_row(0, 手机="", 姓名="王小明"), roster_row(1)]))
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids)
        filed = self.file(story, 50, name="王晓明")
        (waiting,) = ok(story.client.get(self.PATH, headers=story.clerk))["items"]
        (alike,) = waiting["lookalikes"]
        assert (alike["name"], alike["phone"], alike["dwelling"]) == ("王**", None, "1栋 1单元 0101")
        approve = f"/api/v1/registrations/{filed}/approve"
        somebody = people(story)[1]["id"]
        refused(
            story.client.post(approve, json={"resident_id": somebody}, headers=story.clerk),
            409,
            "resident_has_phone",
        )
        missing = {"resident_id": "6f9619ff-8b86-4011-b42d-00cf4fc964ff"}
        refused(story.client.post(approve, json=missing, headers=story.clerk), 404, "resident_not_found")
        body = {"resident_id": alike["resident_id"]}
        ok(story.client.post(approve, json=body, headers=story.clerk))
        assert len(people(story)) == 2
        ok(story.cast(round_id, story.resident(50), ids))
        (answered,) = ok(story.client.get(f"{self.PATH}?state=approved", headers=story.clerk))["items"]
        assert (answered["resident_id"], answered["lookalikes"]) == (alike["resident_id"], [])

    def test_a_number_known_elsewhere_is_not_given_to_somebody_on_a_roll(
        self, story: Story, callers: Callers
    ) -> None:
        story.import_roster(csv_bytes([roster_row(0, 手机="")]))
        Story(story.client, callers, community=NEIGHBOUR).import_roster(csv_bytes([roster_row(50)]))
        filed = self.file(story, 50, name="居民0")
        (one,) = people(story)
        refused(
            story.client.post(
                f"/api/v1/registrations/{filed}/approve", json={"resident_id": one["id"]}, headers=story.clerk
            ),
            409,
            "phone_known_elsewhere",
        )
