"""Rosters and registrations, as a committee and a resident see them."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from app.access.roles import Role
from app.core.db import Database
from tests.callers import Callers
from tests.story import COMMUNITY, HEADER, NEIGHBOUR, Story, csv_bytes, ok, phone, refused, roster_row

IMPORTS = f"/api/v1/communities/{COMMUNITY}/roster/imports"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


def upload(story: Story, raw: bytes, name: str = "名册.csv") -> Any:
    return story.client.post(IMPORTS, files={"file": (name, raw)}, headers=story.clerk)


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def people(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        rows = session.execute(
            text("SELECT phone_fingerprint, moved_out_at IS NULL FROM resident ORDER BY phone_fingerprint")
        )
        return [(fingerprint, bool(here)) for fingerprint, here in rows]


class TestPreview:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
    def test_csv_in_every_encoding_committees_use(self, story: Story, encoding: str) -> None:
        preview = ok(upload(story, csv_bytes([roster_row(0), roster_row(1)], encoding=encoding)))
        assert preview["counts"] == {"new": 2, "changed": 0, "unchanged": 0, "wrong": 0, "moved_out": 0}

    def test_the_template_comes_back_as_a_workbook(self, story: Story) -> None:
        answer = story.client.get("/api/v1/roster/template.xlsx", headers=story.clerk)
        book = load_workbook(io.BytesIO(answer.content))
        sheet = book.worksheets[0]
        sheet.append(roster_row(0))
        out = io.BytesIO()
        book.save(out)
        preview = ok(upload(story, out.getvalue(), "名册.xlsx"))
        assert preview["counts"]["new"] == 1
        assert preview["counts"]["wrong"] == 0

    def test_numbers_dates_and_formulas_of_a_spreadsheet(self, story: Story) -> None:
        import datetime as dt

        good = ["1栋", "1单元", 101, "王一", 13800138001, dt.datetime(1990, 1, 2), 89.5, "业主", "是"]  # noqa: DTZ001 - spreadsheets know no zones
        formula = ["1栋", "1单元", 102, "=A1", 13800138002, "", "", "", ""]
        preview = ok(upload(story, workbook([HEADER, good, formula]), "名册.xlsx"))
        assert (preview["counts"]["new"], preview["counts"]["wrong"]) == (1, 1)
        lines = ok(story.client.get(f"{IMPORTS}/{preview['id']}", headers=story.clerk))["lines"]
        (error,) = lines[0]["errors"]
        assert (error["column"], error["code"]) == ("姓名", "formula_cell")
        assert (error["message"], error["other_row"]) == ("单元格里是公式，请改为数值", None)
        assert lines[1]["phone"] == "138****8001"
        assert lines[1]["name"] == "王*"

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b"", "roster_empty"),
            (b"\x00\x01\x02\xff\xfe", "roster_file_unreadable"),
            (b"PK\x03\x04 not a zip", "roster_file_unreadable"),
            (csv_bytes([], header=["楼栋", "房号"]), "roster_columns_missing"),
            (csv_bytes([]), "roster_empty"),
            (("," * 5000).encode(), "roster_file_too_large"),
            ('楼栋,房号,姓名\n"1栋'.encode(), "roster_file_unreadable"),
            (b"\xff\xff\xff\xff", "roster_file_unreadable"),
        ],
    )
    def test_a_file_that_is_none_leaves_nothing(
        self, story: Story, database: Database, raw: bytes, code: str
    ) -> None:
        refused(upload(story, raw), 422, code)
        with database.reading() as session:
            assert session.execute(text("SELECT COUNT(*) FROM roster_import")).scalar_one() == 0

    def test_a_zip_bomb_is_not_unpacked(self, story: Story) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"0" * 50_000_000)
        refused(upload(story, out.getvalue(), "名册.xlsx"), 422, "roster_file_too_large")

    def test_another_community_is_as_if_it_were_not_there(self, story: Story, callers: Callers) -> None:
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        raw = csv_bytes([roster_row(0)])
        refused(
            story.client.post(IMPORTS, files={"file": ("a.csv", raw)}, headers=stranger),
            404,
            "division_not_found",
        )
        preview = ok(upload(story, raw))
        path = f"{IMPORTS}/{preview['id']}"
        refused(story.client.get(path, headers=stranger), 404, "roster_import_not_found")
        refused(
            story.client.post(f"{path}/commit", json={}, headers=stranger), 404, "roster_import_not_found"
        )
        refused(story.client.post(IMPORTS, files={"file": ("a.csv", raw)}), 401, "not_signed_in")


class TestCommit:
    def test_nothing_readable_is_stored(self, story: Story, database: Database) -> None:
        story.import_roster(csv_bytes([roster_row(0)]))
        with database.reading() as session:
            rows = "\n".join(
                repr(tuple(row))
                for table in (
                    "resident",
                    "roster_import",
                    "household",
                    "account",
                    "outbox_message",
                    "audit_entry",
                )
                for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
            )
        assert phone(0) not in rows
        assert "居民0" not in rows
        assert "1980-05-06" not in rows

    def test_the_difference_is_applied_and_undone(self, story: Story, database: Database) -> None:
        story.import_roster(csv_bytes([roster_row(number) for number in range(3)]))
        before = people(database)
        # 0 stays, 1 and 2 swap phones, 3 is new; then nobody is left out but one
        rows = [roster_row(0), roster_row(1, 手机=phone(2)), roster_row(2, 手机=phone(1)), roster_row(3)]
        second = story.import_roster(csv_bytes(rows))
        assert second["counts"] == {"new": 1, "changed": 2, "unchanged": 1, "wrong": 0, "moved_out": 0}
        third = story.import_roster(csv_bytes(rows[1:]))
        assert third["counts"]["moved_out"] == 1
        assert [here for _, here in people(database)].count(True) == 3
        path = f"{IMPORTS}/{second['id']}/undo"
        refused(story.client.post(path, headers=story.clerk), 409, "roster_import_outdated")
        ok(story.client.post(f"{IMPORTS}/{third['id']}/undo", headers=story.clerk))
        assert [here for _, here in people(database)].count(True) == 4
        refused(story.client.post(path, headers=story.clerk), 409, "roster_import_outdated")
        assert {fingerprint for fingerprint, _ in before} <= {
            fingerprint for fingerprint, _ in people(database)
        }

    def test_undo_of_the_last_import_restores_everybody(self, story: Story, database: Database) -> None:
        story.import_roster(csv_bytes([roster_row(number) for number in range(3)]))
        before = people(database)
        second = story.import_roster(csv_bytes([roster_row(0, 手机=phone(9)), roster_row(3)]))
        assert people(database) != before
        ok(story.client.post(f"{IMPORTS}/{second['id']}/undo", headers=story.clerk))
        assert [row for row in people(database) if row[1]] == before
        refused(
            story.client.post(f"{IMPORTS}/{second['id']}/undo", headers=story.clerk),
            409,
            "roster_import_wrong_state",
        )

    def test_wrong_rows_hold_the_import_up_unless_they_may_be_left_out(
        self, story: Story, database: Database
    ) -> None:
        preview = ok(upload(story, csv_bytes([roster_row(0), roster_row(1, 手机="110")])))
        path = f"{IMPORTS}/{preview['id']}/commit"
        refused(story.client.post(path, json={}, headers=story.clerk), 409, "roster_import_has_errors")
        assert people(database) == []
        ok(story.client.post(path, json={"skip_rows_with_errors": True}, headers=story.clerk))
        assert len(people(database)) == 1
        refused(story.client.post(path, json={}, headers=story.clerk), 409, "roster_import_wrong_state")

    def test_a_preview_is_only_good_for_the_roster_it_was_made_on(self, story: Story) -> None:
        first = ok(upload(story, csv_bytes([roster_row(0)])))
        story.import_roster(csv_bytes([roster_row(1)]))
        refused(
            story.client.post(f"{IMPORTS}/{first['id']}/commit", json={}, headers=story.clerk),
            409,
            "roster_import_outdated",
        )

    def test_minors_are_known_but_not_on_the_roll(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1, 出生日期="2015-01-01")]))
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids)
        assert ok(story.client.get(f"/api/v1/rounds/{round_id}"))["roll_size"] == 1
        refused(story.cast(round_id, story.resident(1), ids), 403, "not_on_the_roll")

    def test_ten_thousand_rows(self, story: Story) -> None:
        rows = [roster_row(number) for number in range(10_000)]
        assert story.import_roster(csv_bytes(rows))["counts"]["new"] == 10_000


class TestListing:
    def test_staff_see_masked_people(self, story: Story) -> None:
        story.with_residents(3)
        page = ok(story.client.get(f"/api/v1/communities/{COMMUNITY}/residents?limit=2", headers=story.clerk))
        assert len(page["items"]) == 2
        assert all(
            item["phone"].endswith(tuple("0123456789")) and "****" in item["phone"] for item in page["items"]
        )
        rest = ok(
            story.client.get(
                f"/api/v1/communities/{COMMUNITY}/residents?limit=2&cursor={page['next_cursor']}",
                headers=story.clerk,
            )
        )
        assert len(rest["items"]) == 1
        assert rest["next_cursor"] is None


class TestRegistration:
    BODY = {"name": "新来的", "phone": phone(50), "building": "９栋", "room": "０１０１", "tenure": "tenant"}  # noqa: RUF012
    PATH = f"/api/v1/communities/{COMMUNITY}/registrations"

    def test_a_tenant_comes_in_and_votes(self, story: Story) -> None:
        me = story.resident(50)
        filed = ok(story.client.post(self.PATH, json=self.BODY, headers=me))
        refused(story.client.post(self.PATH, json=self.BODY, headers=me), 409, "registration_pending")
        page = ok(story.client.get(self.PATH, headers=story.clerk))
        assert page["items"][0]["person"]["building"] == "9栋"
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        homes = ok(story.client.get("/api/v1/me/memberships", headers=me))["items"]
        assert [(home["community_code"], home["room"]) for home in homes] == [(COMMUNITY, "0101")]
        ids = story.published_projects([100_000])
        ok(story.cast(story.open_round(ids), me, ids))
        refused(story.client.post(self.PATH, json=self.BODY, headers=me), 409, "already_on_the_roster")

    def test_what_is_refused(self, story: Story, callers: Callers) -> None:
        me = story.resident(50)
        refused(
            story.client.post(self.PATH, json=self.BODY | {"phone": phone(51)}, headers=me),
            403,
            "phone_not_yours",
        )
        refused(
            story.client.post(self.PATH, json=self.BODY | {"phone": "12345"}, headers=me),
            422,
            "phone_malformed",
        )
        refused(
            story.client.post("/api/v1/communities/520102031999/registrations", json=self.BODY, headers=me),
            404,
            "division_not_found",
        )
        filed = ok(story.client.post(self.PATH, json=self.BODY, headers=me))
        path = f"/api/v1/registrations/{filed['id']}"
        stranger = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.post(f"{path}/approve", headers=stranger), 404, "registration_not_found")
        ok(story.client.post(f"{path}/reject", json={"reason": "不在本社区居住"}, headers=story.clerk))
        refused(story.client.post(f"{path}/approve", headers=story.clerk), 409, "registration_decided")

    def test_one_sees_what_became_of_ones_own(self, story: Story) -> None:
        me, other = story.resident(50), story.resident(51)
        mine = "/api/v1/me/registrations"
        assert ok(story.client.get(mine, headers=me)) == {"items": []}
        filed = ok(story.client.post(self.PATH, json=self.BODY | {"unit": "２单元"}, headers=me))
        (waiting,) = ok(story.client.get(mine, headers=me))["items"]
        assert (waiting["state"], waiting["building"], waiting["unit"], waiting["room"], waiting["reason"]) == (
            "pending", "9栋", "2单元", "0101", None,
        )  # fmt: skip
        assert (waiting["community_code"], waiting["community"]) == (COMMUNITY, "花果园大街社区居民委员会")
        path = f"/api/v1/registrations/{filed['id']}"
        ok(story.client.post(f"{path}/reject", json={"reason": "房号对不上"}, headers=story.clerk))
        ok(story.client.post(self.PATH, json=self.BODY | {"room": "0102"}, headers=me))
        newest, declined = ok(story.client.get(mine, headers=me))["items"]
        assert (newest["state"], newest["room"]) == ("pending", "0102")
        assert (declined["state"], declined["reason"]) == ("rejected", "房号对不上")
        assert ok(story.client.get(mine, headers=other)) == {"items": []}
        refused(story.client.get(mine, headers=story.clerk), 403, "not_allowed")

    def test_a_home_is_shown_with_a_masked_name(self, story: Story) -> None:
        story.with_residents(1)
        (home,) = ok(story.client.get("/api/v1/me/memberships", headers=story.resident(0)))["items"]
        assert home["name"] == "居**"
