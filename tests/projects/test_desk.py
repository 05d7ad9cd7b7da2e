"""The committee's desk for projects: lists from a spreadsheet, photos in order, either-or, what only staff see."""

import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from PIL import Image

from app.access.roles import Role
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, csv_bytes, ok, refused

IMPORTS = f"/api/v1/communities/{COMMUNITY}/project-imports"
EXCLUSIONS = f"/api/v1/communities/{COMMUNITY}/project-exclusions"
HEADER = [
    "项目名称",
    "类别",
    "地点",
    "实施方式",
    "项目说明",
    "涉及楼栋",
    "来源",
    "费用类别",
    "费用说明",
    "金额（元）",
]


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


def row(title: str = "楼道照明", **changes: str) -> list[str]:
    cells = {
        "项目名称": title, "类别": "照明与安全", "地点": "北区", "实施方式": "工程", "项目说明": "换成声控灯。",
        "涉及楼栋": "", "来源": "9 月居民会议", "费用类别": "物资", "费用说明": "声控灯", "金额（元）": "38,400",
    }  # fmt: skip
    return list((cells | changes).values())


def item(kind: str, words: str, amount: str) -> list[str]:
    return ["", "", "", "", "", "", "", kind, words, amount]


def upload(story: Story, *rows: list[str], who: Headers | None = None, code: str = COMMUNITY) -> Any:
    raw = csv_bytes(rows, header=HEADER, encoding="gb18030")
    path = f"/api/v1/communities/{code}/project-imports"
    return story.client.post(path, files={"file": ("项目.csv", raw)}, headers=who or story.clerk)


def commit(story: Story, import_id: str, **body: bool) -> Any:
    return story.client.post(f"{IMPORTS}/{import_id}/commit", json=body, headers=story.clerk)


def drafts(story: Story, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(
        story.client.get("/api/v1/project-drafts", params=params, headers=story.clerk)
    )["items"]
    return found


class TestImportingAList:
    def test_seen_first_then_drafted(self, story: Story) -> None:
        story.with_residents(21)  # two buildings
        seen = ok(
            upload(
                story, row(), item("施工", "安装", "2.16万"),
                row("助老餐桌", 类别="养老", 实施方式="服务", 涉及楼栋="1栋、2栋"),
            )
        )  # fmt: skip
        assert (seen["state"], seen["new"], seen["known"], seen["wrong"]) == ("preview", 2, 0, 0)
        assert drafts(story) == []
        done = ok(commit(story, seen["id"]))
        made = {each["title"]: each for each in drafts(story)}
        light, elders = made["楼道照明"], made["助老餐桌"]
        assert [line["project_id"] for line in done["lines"]] == [light["id"], elders["id"]]
        assert (light["cost_fen"], light["state"], light["origin"], light["origin_reference"]) == (
            6_000_000, "draft", "staff", "9 月居民会议",
        )  # fmt: skip
        assert light["cost_items"][1] == {"kind": "works", "description": "安装", "amount_fen": 2_160_000}
        assert len(elders["building_ids"]) == 2
        refused(commit(story, seen["id"]), 409, "project_import_wrong_state")
        assert ok(story.client.get(f"{IMPORTS}/{seen['id']}", headers=story.chair)) == done

    def test_every_error_has_its_row_and_column(self, story: Story) -> None:
        seen = ok(
            upload(
                story, item("物资", "没有项目", "5"), row("类别错", 类别="灯"),
                row("没有金额", **{"金额（元）": ""}), row("约数", **{"金额（元）": "约5万"}), row("公式", 地点="=1+1"),
                row("楼栋错", 涉及楼栋="99栋"), row(), row(" 楼道照明"), row("长" * 121), row("两\n行"), row("好的"),
                item("杂费", "安装", "1"),
            )
        )  # fmt: skip
        found = [
            (line["title"][:4], [(each["row"], each["column"], each["code"]) for each in line["errors"]])
            for line in seen["lines"]
        ]
        assert found == [
            ("", [(2, "项目名称", "no_project_above"), (2, "类别", "missing"), (2, "实施方式", "missing")]),
            ("类别错", [(3, "类别", "unknown_word")]),
            ("没有金额", [(4, "金额（元）", "missing")]),
            ("约数", [(5, "金额（元）", "not_an_amount")]),
            ("公式", [(6, "地点", "formula")]),
            ("楼栋错", [(7, "涉及楼栋", "unknown_building")]),
            ("楼道照明", []),
            ("楼道照明", [(9, "项目名称", "twice")]),
            ("长长长长", [(10, "项目名称", "too_long")]),
            ("两\n行", [(11, "项目名称", "unreadable")]),
            ("好的", [(13, "费用类别", "unknown_word")]),
        ]
        assert refused(commit(story, seen["id"]), 409, "project_import_has_errors")["errors"] == 10
        assert drafts(story) == []
        ok(commit(story, seen["id"], skip_rows_with_errors=True))
        assert [each["title"] for each in drafts(story)] == ["楼道照明"]

    def test_a_known_project_is_left_as_it_is(self, story: Story) -> None:
        story.published_projects([100])  # 项目1
        seen = ok(upload(story, row("项目 1"), row("新的")))
        assert [line["change"] for line in seen["lines"]] == ["known", "new"]
        again = ok(upload(story, row("新的")))
        ok(commit(story, seen["id"]))
        # somebody drafted it between preview and commit
        late = ok(commit(story, again["id"]))
        assert (late["new"], late["known"]) == (0, 1)
        assert [each["title"] for each in drafts(story)] == ["新的"]

    def test_one_in_other_words_is_pointed_out(self, story: Story) -> None:
        there = story.project("北门空地建儿童口袋公园", place="北门空地", description="铺软垫，装秋千。")
        made = ok(story.client.post("/api/v1/projects", json=there, headers=story.clerk))["id"]
        seen = ok(
            upload(
                story,
                row("北门空地口袋公园", 地点="北门空地", 项目说明="装秋千"),
                row("四点半课堂", 地点="活动室"),
            )
        )
        assert [(line["change"], line["like"]) for line in seen["lines"]] == [
            ("new", {"id": made, "title": there["title"]}), ("new", None),
        ]  # fmt: skip

    def test_committed_once_even_at_the_same_time(self, story: Story) -> None:
        seen = ok(upload(story, row()))
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: commit(story, seen["id"]).status_code, range(3)))
        assert sorted(answers) == [200, 409, 409]
        assert len(drafts(story)) == 1

    def test_the_template_and_the_list_can_be_sent_in(self, story: Story) -> None:
        template = story.client.get("/api/v1/project-list/template.xlsx", headers=story.clerk).content
        sheet = load_workbook(io.BytesIO(template)).active
        assert sheet is not None
        assert [cell.value for cell in sheet[1]] == HEADER
        send = {"file": ("t.xlsx", template)}
        refused(story.client.post(IMPORTS, files=send, headers=story.clerk), 422, "project_list_empty")
        danger = story.project("=HYPERLINK(1)", 123_450, place="+1", description="@x")
        ok(story.client.post("/api/v1/projects", json=danger, headers=story.clerk))
        ok(commit(story, ok(upload(story, row(), item("施工", "安装", "100")))["id"]))
        path = f"/api/v1/communities/{COMMUNITY}/project-list.xlsx"
        answer = story.client.get(path, headers=story.clerk)
        assert answer.headers["cache-control"] == "no-store"
        book = load_workbook(io.BytesIO(answer.content))
        cells = [cell for each in book["项目清单"] for cell in each]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert {"=HYPERLINK(1)", "+1", "@x", 1234.5, 38500} <= {cell.value for cell in cells}
        seen = ok(story.client.post(IMPORTS, files={"file": ("l.xlsx", answer.content)}, headers=story.clerk))
        assert [line["change"] for line in seen["lines"]] == ["known", "known"]
        assert [line["cost_items"][-1]["amount_fen"] for line in seen["lines"]] == [10_000, 123_450]

    @pytest.mark.parametrize(
        ("raw", "status", "code"),
        [
            (b"a,b\n1,2\n", 422, "project_columns_missing"), (b"PK broken", 422, "sheet_unreadable"),
            (b"x\n" * 2001, 413, "sheet_too_large"), (b"", 422, "project_columns_missing"),
        ],
    )  # fmt: skip
    def test_a_file_that_is_no_list(self, story: Story, raw: bytes, status: int, code: str) -> None:
        if code == "sheet_too_large":
            raw = ",".join(HEADER).encode() + b"\n" + raw
        refused(story.client.post(IMPORTS, files={"file": ("x", raw)}, headers=story.clerk), status, code)

    def test_one_community_of_ones_own(self, story: Story, callers: Callers) -> None:
        seen = ok(upload(story, row()))
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(upload(story, row(), who=away), 404, "division_not_found")
        refused(story.client.get(f"{IMPORTS}/{seen['id']}", headers=away), 404, "project_import_not_found")
        elsewhere = f"/api/v1/communities/{NEIGHBOUR}/project-imports/{seen['id']}"
        refused(story.client.get(elsewhere, headers=away), 404, "project_import_not_found")
        answer = story.client.post(f"{IMPORTS}/{seen['id']}/commit", json={}, headers=away)
        refused(answer, 404, "project_import_not_found")
        refused(commit(story, str(uuid.uuid4())), 404, "project_import_not_found")
        path = f"/api/v1/communities/{COMMUNITY}/project-list.xlsx"
        refused(story.client.get(path, headers=away), 404, "division_not_found")
        officer = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        refused(story.client.get(path, headers=officer), 403, "not_allowed")


class TestListing:
    def test_by_community_and_state_with_counts(self, story: Story, callers: Callers) -> None:
        first, _ = story.published_projects([100, 200])
        ok(story.client.post("/api/v1/projects", json=story.project("草稿"), headers=story.clerk))
        reason = {"code": "duplicate", "reason": "与去年重复。"}
        ok(story.client.post(f"/api/v1/projects/{first}/reject", json=reason, headers=story.clerk))
        path = f"/api/v1/communities/{COMMUNITY}/project-counts"
        assert ok(story.client.get(path, headers=story.clerk)) == {
            "draft": 1, "published": 1, "listed": 0, "rejected": 1, "withdrawn": 0,
        }  # fmt: skip
        assert [each["title"] for each in drafts(story, community=COMMUNITY)] == ["草稿", "项目1"]
        shown = drafts(story, community=COMMUNITY, state=["published", "rejected"])
        assert sorted(each["title"] for each in shown) == ["项目1", "项目2"]
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(story.client.get(path, headers=away), 404, "division_not_found")
        params = {"community": COMMUNITY}
        answer = story.client.get("/api/v1/project-drafts", params=params, headers=away)
        refused(answer, 404, "division_not_found")

    def test_an_officer_above_does_not_see_drafts(self, story: Story, callers: Callers) -> None:
        made = ok(story.client.post("/api/v1/projects", json=story.project("草稿"), headers=story.clerk))[
            "id"
        ]
        for role in (Role.SUBDISTRICT_OFFICER, Role.SUPERVISOR, Role.AUDITOR):
            who = callers.staff(role, SUBDISTRICT)
            refused(story.client.get("/api/v1/project-drafts", headers=who), 403, "not_allowed")
            refused(story.client.get(f"/api/v1/projects/{made}", headers=who), 404, "project_not_found")
            refused(story.client.get(f"/api/v1/projects/{made}/similar", headers=who), 403, "not_allowed")


class TestPhotos:
    def test_ordered_and_described_anew(self, story: Story, callers: Callers) -> None:
        project = ok(story.client.post("/api/v1/projects", json=story.project(), headers=story.clerk))["id"]
        path = f"/api/v1/projects/{project}"
        ids = [self.add(story, path, colour)["id"] for colour in ("red", "green", "blue")]
        wanted = [ids[2], ids[0], ids[1]]
        order = f"{path}/photo-order"
        done = ok(story.client.put(order, json={"photo_ids": wanted}, headers=story.clerk))
        assert [each["id"] for each in done["items"]] == wanted
        ok(story.client.patch(f"/api/v1/photos/{ids[0]}", json={"alt": "修好以后"}, headers=story.clerk))
        photos = ok(story.client.get(path, headers=story.clerk))["photos"]
        assert [(each["id"], each["alt"]) for each in photos] == [
            (ids[2], "现状"), (ids[0], "修好以后"), (ids[1], "现状"),
        ]  # fmt: skip
        # another one stands behind them all
        ids.append(self.add(story, path, "white")["id"])
        assert ok(story.client.get(path, headers=story.clerk))["photos"][-1]["id"] == ids[3]
        for wrong in (wanted, [*wanted, ids[0]], [*wanted, str(uuid.uuid4())]):
            answer = story.client.put(order, json={"photo_ids": wrong}, headers=story.clerk)
            refused(answer, 409, "photos_changed")
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(story.client.put(order, json={"photo_ids": ids}, headers=away), 404, "project_not_found")
        answer = story.client.patch(f"/api/v1/photos/{ids[0]}", json={"alt": "x"}, headers=away)
        refused(answer, 404, "photo_not_found")

    def test_a_list_that_is_public_stays(self, story: Story) -> None:
        (project,) = story.published_projects([100])
        photo = self.add(story, f"/api/v1/projects/{project}", "red")["id"]
        story.publish_round([project])
        answer = story.client.patch(f"/api/v1/photos/{photo}", json={"alt": "x"}, headers=story.clerk)
        refused(answer, 409, "project_frozen")
        order = f"/api/v1/projects/{project}/photo-order"
        answer = story.client.put(order, json={"photo_ids": [photo]}, headers=story.clerk)
        refused(answer, 409, "project_frozen")

    def add(self, story: Story, path: str, colour: str) -> dict[str, Any]:
        out = io.BytesIO()
        Image.new("RGB", (20, 10), colour).save(out, "JPEG")
        made: dict[str, Any] = ok(
            story.client.post(
                f"{path}/photos", files={"file": ("a.jpg", out.getvalue())}, data={"alt": "现状"},
                headers=story.clerk,
            )
        )  # fmt: skip
        return made


class TestExcluding:
    def mark(self, story: Story, one: str, other: str, who: Headers | None = None) -> Any:
        path = f"/api/v1/projects/{one}/exclusions/{other}"
        return story.client.put(path, json={"reason": "同一块空地"}, headers=who or story.clerk)

    def listed(self, story: Story, **params: Any) -> dict[str, Any]:
        found: dict[str, Any] = ok(story.client.get(EXCLUSIONS, params=params, headers=story.clerk))
        return found

    def test_pairs_are_proposed_marked_and_grouped(self, story: Story) -> None:
        texts = [
            ("南门空地建充电棚", "南门空地", "充电棚，20 个车位"),
            ("南门空地建露天充电桩", "南门空地东侧", "充电桩 12 个"),
            ("四点半课堂", "活动室", "孩子放学以后有去处"), ("北门充电桩", "北门", "北门外加装"),
        ]  # fmt: skip
        items = [story.project(title, place=place, description=words) for title, place, words in texts]
        made = ok(story.client.post("/api/v1/projects/batch", json={"items": items}, headers=story.clerk))
        shed, poles, lessons, north = (each["id"] for each in made["items"])
        found = self.listed(story)
        assert [{each["first"]["id"], each["second"]["id"]} for each in found["suggested"]] == [{shed, poles}]
        assert found["suggested"][0]["near"] is True
        assert self.mark(story, shed, poles).status_code == 204
        assert self.mark(story, poles, shed).status_code == 204  # the same pair
        assert self.mark(story, poles, north).status_code == 204
        found = self.listed(story)
        assert [each["reason"] for each in found["items"]] == ["同一块空地"] * 2
        assert found["suggested"] == []
        (group,) = found["groups"]
        assert (set(group["project_ids"]), group["complete"]) == ({shed, poles, north}, False)
        # what a round's list needs: only what is on it
        (pair,) = self.listed(story, project_id=[shed, poles, lessons])["groups"]
        assert (set(pair["project_ids"]), pair["complete"]) == ({shed, poles}, True)
        beside = ok(story.client.get(f"/api/v1/projects/{shed}/similar", headers=story.clerk))["items"]
        assert (beside[0]["id"], beside[0]["exclusion"], beside[0]["near"]) == (poles, "同一块空地", True)
        path = f"/api/v1/projects/{shed}/exclusions/{poles}"
        for _ in range(2):
            assert story.client.delete(path, headers=story.clerk).status_code == 204
        assert len(self.listed(story)["items"]) == 1

    def test_a_proposed_group_is_what_a_round_takes(self, story: Story) -> None:
        ids = story.published_projects([100, 200, 300])
        assert self.mark(story, ids[0], ids[1]).status_code == 204
        groups = [each["project_ids"] for each in self.listed(story, project_id=ids)["groups"]]
        round_id = story.publish_round(ids, exclusive_groups=groups)
        listed = ok(story.client.get(f"/api/v1/rounds/{round_id}/projects"))["items"]
        assert [each["exclusive_group"] for each in listed] == [1, 1, None]

    def test_only_two_living_ones_of_one_place(self, story: Story, callers: Callers) -> None:
        one, other = story.published_projects([100, 200])
        refused(self.mark(story, one, one), 422, "exclusion_unfit")
        refused(self.mark(story, one, str(uuid.uuid4())), 404, "project_not_found")
        ok(
            story.client.post(
                f"/api/v1/projects/{other}/withdraw", json={"reason": "不做了"}, headers=story.clerk
            )
        )
        refused(self.mark(story, one, other), 422, "exclusion_unfit")
        away = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        refused(self.mark(story, one, other, away), 404, "project_not_found")
        path = f"/api/v1/projects/{one}/exclusions/{other}"
        refused(story.client.delete(path, headers=away), 404, "project_not_found")
        refused(story.client.get(EXCLUSIONS, headers=away), 404, "division_not_found")
        both = callers.staff(Role.RC_CHAIR, SUBDISTRICT)
        body = story.project("邻社区", community_code=NEIGHBOUR)
        theirs = ok(story.client.post("/api/v1/projects", json=body, headers=both))["id"]
        refused(self.mark(story, one, theirs, both), 422, "exclusion_unfit")
