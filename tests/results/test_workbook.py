"""The workbook and the .pb file of a result: the published values, every one of them, and nothing that runs."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from app.access.roles import Role
from app.tally.pabulib import read as read_pb
from tests.callers import Callers
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

CHINESE = {"Accept-Language": "zh-CN"}
FORMULA = '=HYPERLINK("http://evil.example","点")'


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(60)


def announced(story: Story, drain: Callable[[], int], *, voters: int = 55) -> tuple[str, dict[str, Any]]:
    titles = ["楼道照明", FORMULA, "+助老餐桌", "排污管"]
    items = [
        story.project(title, cost)
        for title, cost in zip(titles, (400_000, 500_050, 300_000, 200_001), strict=True)
    ]
    made = ok(story.client.post("/api/v1/projects/batch", json={"items": items}, headers=story.clerk))
    ids = [item["id"] for item in made["items"]]
    ok(story.client.post("/api/v1/projects/publish", json={"project_ids": ids}, headers=story.clerk))
    round_id = story.open_round(ids, rule="rank-mes")
    refused(
        story.client.get(f"/api/v1/rounds/{round_id}/result.xlsx", headers=story.chair), 404, "no_result_yet"
    )
    for number in range(voters):
        at = (number + number // 7) % 4
        ok(story.cast(round_id, story.resident(number), [ids[at], ids[(at + 1) % 4]]))
    story.finish(round_id, drain)
    return round_id, ok(story.client.get(f"/api/v1/rounds/{round_id}/result", headers=CHINESE))


def book(story: Story, round_id: str, who: dict[str, str], language: str = "zh-CN") -> Workbook:
    answer = story.client.get(
        f"/api/v1/rounds/{round_id}/result.xlsx", headers={**who, "Accept-Language": language}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith(f'"result-{round_id}.xlsx"')
    return load_workbook(io.BytesIO(answer.content))


def rows(found: Workbook, sheet: str) -> list[dict[str, Any]]:
    _, headings, *values = list(found[sheet].iter_rows(values_only=True))
    return [dict(zip(map(str, headings), each, strict=True)) for each in values]


def fen(yuan: float | None) -> int | None:
    return None if yuan is None else round(yuan * 100)


class TestExport:
    def test_every_value_is_the_published_one(self, story: Story, drain: Callable[[], int]) -> None:
        round_id, result = announced(story, drain)
        found = book(story, round_id, story.clerk)
        assert found.sheetnames == ["结果", "项目", "选票统计", "差多少", "规则比较", "类别", "楼栋"]
        figures = {each["项"]: each["值"] for each in rows(found, "结果")}
        assert figures["投票"] == result["title"]
        assert (figures["名册人数"], figures["计入选票"]) == (result["roll_size"], result["ballots_counted"])
        assert (fen(figures["总金额（元）"]), fen(figures["已用（元）"])) == (
            result["budget_fen"],
            result["spent_fen"],
        )
        assert figures["至少有一项入选的人"] == result["voters_with_something"]
        assert figures["结果的指纹"] == result["outcome_digest"]
        assert figures["抽签种子"] == result["tie_seed"]
        listed = rows(found, "项目")
        assert [
            (
                each["次序"], each["项目"], each["入选"] == "是", fen(each["造价（元）"]), fen(each["本轮给付（元）"]),
                fen(each["累计（元）"]), each["得分"], each["选它的人"], each["排第一的人"], each["理由"],
                each["项目编号"],
            )
            for each in listed
        ] == [
            (
                each["place"], each["title"], each["funded"], each["cost_fen"], each["paid_fen"],
                each["cumulative_fen"], each["points"], each["backers"], each["first_choices"],
                each["reason"]["sentence"], each["project_id"],
            )
            for each in result["projects"]
        ]  # fmt: skip
        by_rank = rows(found, "选票统计")
        assert [each["排第1"] for each in by_rank] == [each["first_choices"] for each in result["projects"]]
        assert sum(each["排第1"] for each in by_rank) == result["ballots_counted"]
        explained = ok(story.client.get(f"/api/v1/rounds/{round_id}/result/explanation", headers=CHINESE))
        close = rows(found, "差多少")
        assert [each["说明"] or "" for each in close] == [
            " ".join(each["lines"]) for each in explained["projects"]
        ]
        assert [fen(each["造价降到（元）即入选"]) for each in close] == [
            each["funded_at_fen"] for each in explained["projects"]
        ]
        assert rows(found, "规则比较")[0]["规则"] == "本轮的规则"

        # the ballots as a file say the same: who is in, what it costs, how many rank it
        text = story.client.get(f"/board/v1/rounds/{round_id}/ballots.pb").content
        election = read_pb(text)
        scale = 10 ** (2 - election.scale)
        assert election.official is not None
        assert set(election.official) == {each["project_id"] for each in result["projects"] if each["funded"]}
        assert {each.id: each.cost * scale for each in election.projects} == {
            each["project_id"]: each["cost_fen"] for each in result["projects"]
        }
        assert [each.id for each in election.projects] == [each["project_id"] for each in result["projects"]]
        assert len(election.ballots) == result["ballots_counted"]
        at = {each.id: position for position, each in enumerate(election.projects)}
        for each in result["projects"]:
            position = at[each["project_id"]]
            assert sum(position in ballot for ballot in election.ballots) == each["backers"]
            assert sum(ballot[:1] == (position,) for ballot in election.ballots) == each["first_choices"]

    def test_a_title_runs_nothing(self, story: Story, drain: Callable[[], int]) -> None:
        round_id, _ = announced(story, drain, voters=8)
        for language, sheet in (("zh-CN", "项目"), ("en", "Projects")):
            found = book(story, round_id, story.chair, language)
            cells = [cell for each in found for row in each.iter_rows() for cell in row]
            assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
            titles = {cell.value: cell for cell in cells if cell.value in {FORMULA, "+助老餐桌"}}
            assert all(cell.quotePrefix for cell in titles.values())
            assert len(titles) == 2
            assert sheet in found.sheetnames
            assert len(found.sheetnames) == 5  # so few ballots are neither explained nor compared

    def test_for_those_who_work_there(self, story: Story, drain: Callable[[], int], callers: Callers) -> None:
        round_id, _ = announced(story, drain, voters=3)
        path = f"/api/v1/rounds/{round_id}/result.xlsx"
        ok_for = (
            callers.staff(Role.SUPERVISOR, COMMUNITY),
            callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT),
            callers.staff(Role.AUDITOR, SUBDISTRICT),
        )
        assert [story.client.get(path, headers=who).status_code for who in ok_for] == [200, 200, 200]
        missing = path.replace(round_id, "0190a000-0000-7000-8000-000000000000")
        neighbour = callers.staff(Role.RC_CHAIR, NEIGHBOUR)
        foreign = story.client.get(path, headers=neighbour)
        assert foreign.json() == refused(story.client.get(missing, headers=neighbour), 404, "round_not_found")
        refused(story.client.get(path, headers=story.resident(0)), 403, "not_allowed")
        refused(story.client.get(path), 401, "not_signed_in")
