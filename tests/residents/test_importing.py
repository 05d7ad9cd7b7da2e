"""An import while it runs, and what it makes of people who move, change numbers or registered themselves."""

import threading
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.access.roles import Role
from app.core.db import Database
from app.residents import importing
from app.residents.rules import Stage
from app.residents.service import previewing
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, Story, csv_bytes, ok, phone, refused, roster_row

IMPORTS = f"/api/v1/communities/{COMMUNITY}/roster/imports"
PEOPLE = f"/api/v1/communities/{COMMUNITY}/residents"


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


def upload(story: Story, rows: list[list[str]], **options: Any) -> Any:
    files = {"file": ("名册.csv", csv_bytes(rows))}
    return ok(story.client.post(IMPORTS, files=files, headers=story.clerk, **options))


def lines(story: Story, import_id: str, **query: str) -> list[dict[str, Any]]:
    found = ok(story.client.get(f"{IMPORTS}/{import_id}", params=query, headers=story.clerk))
    result: list[dict[str, Any]] = found["lines"]
    return result


def commit(story: Story, import_id: str, **body: bool) -> Any:
    return story.client.post(f"{IMPORTS}/{import_id}/commit", json=body, headers=story.clerk)


def people(story: Story, **query: str) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = ok(story.client.get(PEOPLE, params=query, headers=story.clerk))["items"]
    return result


class TestProgress:
    def test_a_page_follows_an_upload_by_the_id_it_made(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Held in the middle of a comparison, the import answers how far it is; afterwards, that it is done."""
        monkeypatch.setattr(importing, "BEAT_SECONDS", 0)
        import_id, reached, go_on = str(uuid.uuid4()), threading.Event(), threading.Event()
        line = previewing._Known.line

        def held(known: Any, each: Any, *rest: Any) -> Any:
            if each.row == 503:
                reached.set()
                assert go_on.wait(20)
            return line(known, each, *rest)

        monkeypatch.setattr(previewing._Known, "line", held)
        rows = [roster_row(number) for number in range(1001)]
        uploading = threading.Thread(
            target=upload, args=(story, rows), kwargs={"params": {"import_id": import_id}}
        )
        uploading.start()
        try:
            assert reached.wait(20)
            path = f"{IMPORTS}/{import_id}/progress"
            assert ok(story.client.get(path, headers=story.clerk)) == {
                "stage": Stage.COMPARING, "done": 500, "of": 1001,
            }  # fmt: skip
            stranger = story.callers.staff(Role.RC_STAFF, NEIGHBOUR)
            refused(story.client.get(path, headers=stranger), 404, "roster_import_not_found")
        finally:
            go_on.set()
            uploading.join()
        done = ok(story.client.get(path, headers=story.clerk))
        assert done == {"stage": Stage.DONE, "done": 1001, "of": 1001}

    def test_what_fails_leaves_no_trace_and_an_id_is_used_once(
        self, story: Story, database: Database
    ) -> None:
        import_id = str(uuid.uuid4())
        files = {"file": ("名册.csv", b"\x00\x01")}
        params = {"import_id": import_id}
        refused(
            story.client.post(IMPORTS, files=files, params=params, headers=story.clerk),
            422,
            "roster_file_unreadable",
        )
        refused(
            story.client.get(f"{IMPORTS}/{import_id}/progress", headers=story.clerk),
            404,
            "roster_import_not_found",
        )
        with database.reading() as session:
            assert session.execute(text("SELECT COUNT(*) FROM roster_progress")).scalar_one() == 0
        upload(story, [roster_row(0)], params=params)
        files = {"file": ("名册.csv", csv_bytes([roster_row(0)]))}
        refused(
            story.client.post(IMPORTS, files=files, params=params, headers=story.clerk),
            409,
            "roster_import_id_taken",
        )


class TestList:
    def test_who_uploaded_what_and_which_can_be_taken_back(self, story: Story) -> None:
        first = story.import_roster(csv_bytes([roster_row(0)]), name="C:\\桌面\\十月.csv")
        second = story.import_roster(csv_bytes([roster_row(0), roster_row(1)]), name="十一月.csv")
        items = ok(story.client.get(IMPORTS, headers=story.clerk))["items"]
        assert [(each["id"], each["file_name"], each["can_undo"]) for each in items] == [
            (second["id"], "十一月.csv", True),
            (first["id"], "十月.csv", False),
        ]
        assert items[0]["created_by"] == items[0]["decided_by"] is not None
        ok(story.client.post(f"{IMPORTS}/{second['id']}/undo", headers=story.clerk))
        items = ok(story.client.get(IMPORTS, headers=story.clerk))["items"]
        assert [(each["state"], each["can_undo"]) for each in items] == [
            ("undone", False),
            ("committed", False),
        ]
        assert all("content" not in each for each in items)


class TestDifference:
    def test_before_and_after_are_masked_and_lines_come_by_kind(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1), roster_row(2)]))
        changed = roster_row(0, 手机=phone(77), 身份="租户", 面积="90.00")
        preview = upload(story, [changed, roster_row(1), roster_row(5, 手机="12")])
        (line,) = lines(story, preview["id"], change="changed")
        assert line["changes"] == [
            {"field": "phone", "before": "139****0000", "after": "139****0077"},
            {"field": "tenure", "before": "owner", "after": "tenant"},
            {"field": "area", "before": "88.50", "after": "90.00"},
        ]
        (wrong,) = lines(story, preview["id"], change="wrong")
        assert wrong["errors"][0]["code"] == "phone_malformed"
        (gone,) = lines(story, preview["id"], change="moved_out")
        assert (gone["row"], gone["phone"]) == (None, "139****0002")
        kinds = [line["change"] for line in lines(story, preview["id"])]
        assert kinds == ["wrong", "changed", "moved_out", "unchanged"]

    def test_who_moves_within_the_community_stays_the_same_person(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1)]))
        before = {each["phone"]: each["id"] for each in people(story)}
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids)
        moved = story.import_roster(csv_bytes([roster_row(0, 楼栋="9栋"), roster_row(1)]))
        assert moved["counts"] == {"new": 0, "changed": 1, "unchanged": 1, "wrong": 0, "moved_out": 0}
        after = {each["phone"]: each["id"] for each in people(story)}
        assert after == before
        assert [each["building"] for each in people(story)] == ["1栋", "9栋"]
        ok(story.cast(round_id, story.resident(0), ids))
        ok(story.client.post(f"{IMPORTS}/{moved['id']}/undo", headers=story.clerk))
        assert [each["building"] for each in people(story)] == ["1栋", "1栋"]
        ok(story.cast(round_id, story.resident(0), ids))

    def test_what_a_file_leaves_out_is_not_forgotten(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1)]))
        kept = upload(story, [roster_row(0, 手机="", 出生日期=""), roster_row(1)])
        assert kept["counts"]["unchanged"] == 2
        # a number that another row has now is not theirs any more
        passed_on = story.import_roster(csv_bytes([roster_row(0, 手机=""), roster_row(1, 手机=phone(0))]))
        assert passed_on["counts"]["changed"] == 2
        assert [each["phone"] for each in people(story)] == [None, "139****0000"]
        ok(story.client.post(f"{IMPORTS}/{passed_on['id']}/undo", headers=story.clerk))
        assert [each["phone"] for each in people(story)] == ["139****0000", "139****0001"]

    def test_a_number_of_somebody_who_registered_is_an_error_of_the_row(self, story: Story) -> None:
        body = {"name": "新来的", "phone": phone(50), "building": "9栋", "room": "0101"}
        path = f"/api/v1/communities/{COMMUNITY}/registrations"
        filed = ok(story.client.post(path, json=body, headers=story.resident(50)))
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        preview = upload(story, [roster_row(0, 手机=phone(50)), roster_row(1)])
        (line,) = lines(story, preview["id"], change="wrong")
        assert line["errors"][0]["code"] == "phone_taken"
        assert "新**" in line["errors"][0]["message"]
        ok(commit(story, preview["id"], skip_rows_with_errors=True))
        assert len(people(story)) == 2

    def test_who_stands_in_a_wrong_row_has_not_moved_out(self, story: Story) -> None:
        story.import_roster(csv_bytes([roster_row(0), roster_row(1), roster_row(2)]))
        preview = upload(story, [roster_row(0, 手机="1"), roster_row(1, 面积="大")])
        assert (preview["counts"]["wrong"], preview["counts"]["moved_out"]) == (2, 1)
        # a number that a wrong row's person has now goes to nobody else before that row is mended
        taken = upload(story, [roster_row(0, 面积="大"), roster_row(7, 手机=phone(0)), roster_row(1)])
        done = ok(commit(story, taken["id"], skip_rows_with_errors=True))
        assert done["counts"]["left_out"] == 2
        assert [each["phone"] for each in people(story)] == [f"139****000{number}" for number in range(3)]

    def test_rows_left_out_leave_numbers_with_those_who_have_them(self, story: Story) -> None:
        """Row 0's number goes to a newcomer, but row 0 is not named, and might be the wrong row: both stay out."""
        story.import_roster(csv_bytes([roster_row(0), roster_row(1)]))
        preview = upload(story, [roster_row(7, 手机=phone(0)), roster_row(1), roster_row(8, 手机="1")])
        done = ok(commit(story, preview["id"], skip_rows_with_errors=True))
        assert done["counts"]["left_out"] == 2
        assert [each["phone"] for each in people(story)] == ["139****0000", "139****0001"]

    def test_somebody_who_came_meanwhile_is_no_crash(self, story: Story) -> None:
        preview = upload(story, [roster_row(0, 手机=phone(50))])
        body = {"name": "新来的", "phone": phone(50), "building": "9栋", "room": "0101"}
        path = f"/api/v1/communities/{COMMUNITY}/registrations"
        filed = ok(story.client.post(path, json=body, headers=story.resident(50)))
        ok(story.client.post(f"/api/v1/registrations/{filed['id']}/approve", headers=story.clerk))
        refused(commit(story, preview["id"]), 409, "roster_import_outdated")
        assert len(people(story)) == 1

    def test_areas_come_back_with_an_undo(self, story: Story, database: Database) -> None:
        story.import_roster(csv_bytes([roster_row(0)]))
        second = story.import_roster(csv_bytes([roster_row(0, 面积="120.00")]))
        with database.reading() as session:
            assert session.execute(text("SELECT area_centi_m2 FROM household")).scalar_one() == 12000
        ok(story.client.post(f"{IMPORTS}/{second['id']}/undo", headers=story.clerk))
        with database.reading() as session:
            assert session.execute(text("SELECT area_centi_m2 FROM household")).scalar_one() == 8850
