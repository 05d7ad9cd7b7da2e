"""What a result shows, and that anybody can count again."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from app.core import clock
from app.core.canonical import sha256_hex
from app.core.config import Settings
from app.results.rules import percent, yuan_words
from app.tally import CountInput, Project, RuleSpec, count
from app.tally.model import Points, Rule, TieOrder
from app.tally.pabulib import read
from tests.callers import Callers
from tests.story import COMMUNITY, Story, ok, refused


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(60)


class TestResult:
    def test_nothing_is_shown_before_it_is_announced(self, story: Story) -> None:
        ids = story.published_projects([100_000, 200_000])
        round_id = story.open_round(ids)
        ok(story.cast(round_id, story.resident(0), ids))
        for path in (f"/api/v1/rounds/{round_id}/result", f"/board/v1/rounds/{round_id}/ballots.pb",
                     f"/board/v1/rounds/{round_id}/bundle.zip"):  # fmt: skip
            refused(story.client.get(path), 404, "no_result_yet")
        assert "ranking" not in story.client.get(f"/board/v1/rounds/{round_id}").text

    def test_anybody_can_count_again(self, story: Story, drain: Callable[[], int]) -> None:
        ids = story.published_projects([400_000, 500_000, 300_000, 200_000])
        round_id = story.open_round(ids, points="own-length", ties="list-order")
        for number in range(55):
            ok(story.cast(round_id, story.resident(number), ids[number % 4 : number % 4 + 2] or ids[:1]))
        result = story.finish(round_id, drain)
        assert result["level"] == "top-3"
        raw = story.client.get(f"/board/v1/rounds/{round_id}/bundle.zip").content
        with zipfile.ZipFile(io.BytesIO(raw)) as bundle:
            files = {name: bundle.read(name) for name in bundle.namelist()}
        election = read(files["ballots.pb"])
        again = count(
            CountInput(
                [
                    Project(each.id, each.cost * (100 if election.scale == 0 else 1))
                    for each in election.projects
                ],
                election.ballots,
                1_000_000,
                RuleSpec(Rule.GREEDY, Points.OWN_LENGTH, 3, ties=TieOrder.ROW),
            )
        )
        official = {each["project_id"] for each in result["projects"] if each["funded"]}
        assert set(again.funded) == official
        assert election.official is not None
        assert set(election.official) == official
        assert sha256_hex(files["result.json"]) == result["outcome_digest"]
        board = json.loads(files["board.json"])
        posted = next(entry["body"] for entry in board["entries"] if entry["kind"] == "result")
        assert posted["ballots_pb_digest"] == sha256_hex(files["ballots.pb"])
        assert len(files["envelopes.txt"].splitlines()) == 55
        assert files["set_aside.txt"] == b""
        assert story.client.get(f"/board/v1/rounds/{round_id}/bundle.zip").content == raw

    def test_few_ballots_are_published_as_totals_only(self, story: Story, drain: Callable[[], int]) -> None:
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids)
        ok(story.cast(round_id, story.resident(0), ids))
        assert story.finish(round_id, drain)["level"] == "aggregates"
        refused(story.client.get(f"/board/v1/rounds/{round_id}/ballots.pb"), 404, "published_as_aggregates")
        with zipfile.ZipFile(
            io.BytesIO(story.client.get(f"/board/v1/rounds/{round_id}/bundle.zip").content)
        ) as bundle:
            assert "ballots.pb" not in bundle.namelist()

    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_every_project_says_why(self, story: Story, drain: Callable[[], int], language: str) -> None:
        ids = story.published_projects([400_000, 900_000, 300_000])
        round_id = story.open_round(ids, rule="rank-mes")
        for number in range(4):
            ok(story.cast(round_id, story.resident(number), [ids[number % 2]]))
        story.finish(round_id, drain)
        answer = ok(
            story.client.get(f"/api/v1/rounds/{round_id}/result", headers={"Accept-Language": language})
        )
        sentences = [each["reason"]["sentence"] for each in answer["projects"]]
        assert all(sentences)
        assert all("{" not in sentence for sentence in sentences)
        assert all(
            any("\u4e00" <= letter <= "\u9fff" for letter in each) == (language == "zh-CN")
            for each in sentences
        )

    def test_projects_exclude_each_other_and_are_decided_before(
        self, story: Story, drain: Callable[[], int]
    ) -> None:
        ids = story.published_projects([400_000, 300_000, 200_000, 900_000])
        round_id = story.open_round(
            ids, rule="rank-mes", exclusive_groups=[ids[:2]], forced_in=[ids[2]], part_percent=20
        )
        for number in range(6):
            ok(story.cast(round_id, story.resident(number), [ids[1], ids[0], ids[3]]))
        result = story.finish(round_id, drain)
        found = {each["project_id"]: each for each in result["projects"]}
        reasons = [found[project_id]["reason"]["code"] for project_id in ids]
        assert reasons == ["excluded_by", "funded_by_first_choices", "forced_in", "over_budget"]
        assert "项目2" in found[ids[0]]["reason"]["sentence"]
        assert found[ids[2]]["paid_fen"] == 200_000
        assert result["spent_fen"] == 500_000
        assert result["completion"]["start_fen"] == 800_000

    def test_a_last_project_is_funded_in_part_and_asked_for_in_part(
        self, story: Story, drain: Callable[[], int], settings: Settings
    ) -> None:
        assert settings.manual_round_times
        ids = story.published_projects([700_000, 400_000])
        round_id = story.open_round(ids, skip=False, part_percent=70)
        for number in range(3):
            ok(story.cast(round_id, story.resident(number), ids))
        result = story.finish(round_id, drain)
        second = result["projects"][1]
        assert (second["funded"], second["paid_fen"], second["cost_fen"]) == (True, 300_000, 400_000)
        assert second["cumulative_fen"] == 1_000_000 == result["spent_fen"]
        ok(story.client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        drain()
        requests = ok(story.client.get("/api/v1/funding-requests", headers=story.clerk))
        assert sorted(each["cost_fen"] for each in requests["items"]) == [300_000, 700_000]

    def test_an_empty_box_has_a_result_too(self, story: Story, drain: Callable[[], int]) -> None:
        ids = story.published_projects([100_000])
        for rule in ("greedy", "rank-mes", "mes", "schulze", "pb-ear"):
            result = story.finish(story.open_round(ids, rule=rule), drain)
            assert result["ballots_counted"] == 0
            assert [each["reason"]["code"] for each in result["projects"]] == ["no_support"]


class TestCertify:
    def test_the_public_notice_runs_first(
        self, story: Story, drain: Callable[[], int], settings: Settings
    ) -> None:
        ids = story.published_projects([100_000])
        round_id = story.open_round(ids)
        path = f"/api/v1/rounds/{round_id}/certify"
        refused(story.client.post(path, headers=story.chair), 404, "no_result_yet")
        notice = story.finish(round_id, drain)["notice_until"]
        settings.manual_round_times = False
        refused(story.client.post(path, headers=story.chair), 409, "notice_period_running")
        refused(story.client.post(path, headers=story.clerk), 403, "not_allowed")
        with clock.frozen(dt.datetime.fromisoformat(notice)):
            chair = story.callers.staff(Role.RC_CHAIR, COMMUNITY)
            ok(story.client.post(path, headers=chair))
            refused(story.client.post(path, headers=chair), 409, "round_wrong_state")


class TestFigures:
    def test_percent(self) -> None:
        assert [percent(1, 3), percent(2, 3), percent(0, 5), percent(5, 5), percent(0, 0)] == [
            "33.3", "66.7", "0.0", "100.0", "0.0",
        ]  # fmt: skip

    def test_amounts_as_residents_say_them(self) -> None:
        assert [yuan_words(fen, "zh-CN") for fen in (6_800_000, 350_00, 12_50, 100_000_000, 1_000_001)] == [
            "6.8 万元", "350 元", "12.50 元", "100 万元", "10000.01 元",
        ]  # fmt: skip
        assert [yuan_words(fen, "en") for fen in (6_800_000, 12_50)] == ["¥68,000", "¥12.50"]
