"""How close every project came: worked out after the announcement, piece by piece."""

import datetime as dt
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.core import clock
from app.results import tasks
from app.results.service import explaining
from app.wiring import Wiring
from tests.callers import Callers
from tests.story import Story, ok, refused


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(60)


def voted(story: Story, *, voters: int = 55, **changes: object) -> tuple[str, list[str]]:
    ids = story.published_projects([400_000, 500_000, 300_000, 200_000])
    round_id = story.open_round(ids, rule="rank-mes", **changes)
    for number in range(voters):
        at = (number + number // 7) % 4
        ok(story.cast(round_id, story.resident(number), [ids[at], ids[(at + 1) % 4]]))
    return round_id, ids


def explanation(story: Story, round_id: str, language: str = "zh-CN") -> dict[str, object]:
    path = f"/api/v1/rounds/{round_id}/result/explanation"
    found: dict[str, object] = ok(story.client.get(path, headers={"Accept-Language": language}))
    return found


def test_says_how_close_each_project_came(story: Story, drain: Callable[[], int]) -> None:
    round_id, ids = voted(story)
    path = f"/api/v1/rounds/{round_id}/result/explanation"
    refused(story.client.get(path), 404, "no_result_yet")
    result = story.finish(round_id, drain)
    for language, word in (("zh-CN", "入选"), ("en", "would have been in")):
        found = explanation(story, round_id, language)
        assert found["state"] == "done"
        projects = found["projects"]
        assert isinstance(projects, list)
        assert [each["project_id"] for each in projects] == [
            each["project_id"] for each in result["projects"]
        ]
        assert {each["project_id"] for each in projects} == set(ids)
        for each in projects:
            assert each["lines"]
            assert each["wins_in"] in range(4)
            assert each["effective_support"] >= (1000 if each["funded"] else 0) - 1
            if not each["funded"]:
                assert each["funded_at_fen"] is None or each["funded_at_fen"] < 500_000
                assert any(word in line for line in each["lines"])
                assert not any(project_id in line for line in each["lines"] for project_id in ids)
        outcome = found["outcome"]
        assert isinstance(outcome, dict)
        assert outcome["voters"] == 55
        assert outcome["with_something"] == result["voters_with_something"]
        assert outcome["resamples"] == 3
        assert outcome["underserved"] == []
        assert not any("_" in line for line in outcome["lines"])  # words, no codes
        assert outcome["share_raised"] >= 1000


def test_few_ballots_are_not_looked_into(story: Story, drain: Callable[[], int]) -> None:
    round_id, _ = voted(story, voters=5)
    story.finish(round_id, drain)
    found = explanation(story, round_id)
    assert (found["state"], found["projects"], found["outcome"]) == ("withheld", [], None)


class TestWork:
    @pytest.fixture
    def announced(
        self, story: Story, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
    ) -> tuple[Story, str]:
        round_id, _ = voted(story)
        with monkeypatch.context() as not_yet:
            not_yet.setattr(tasks, "explain_due", lambda *_, **__: False)
            story.finish(round_id, drain)
        assert explanation(story, round_id)["state"] == "waiting"
        return story, round_id

    def test_an_interrupted_one_is_taken_up_again_by_another_worker(
        self, announced: tuple[Story, str], wiring: Wiring
    ) -> None:
        story, round_id = announced
        assert not tasks.explain_due(wiring.database, resamples=2, keep_going=lambda: False)
        assert explanation(story, round_id)["state"] == "running"
        assert not tasks.explain_due(wiring.database, resamples=2)  # somebody seems to be at it
        later = clock.now() + dt.timedelta(seconds=explaining.SILENT_SECONDS + 1)
        with clock.frozen(later):
            assert tasks.explain_due(wiring.database, resamples=2)
        assert explanation(story, round_id)["state"] == "done"
        assert not tasks.explain_due(wiring.database, resamples=2)

    def test_progress_shows(
        self, announced: tuple[Story, str], wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        story, round_id = announced
        monkeypatch.setattr("app.core.progress.BEAT_SECONDS", 0.0)
        seen = []

        def look() -> bool:
            found = explanation(story, round_id)
            seen.append((found["state"], found["stage"], found["done"], found["of"]))
            return True

        assert tasks.explain_due(wiring.database, resamples=2, keep_going=look)
        assert {state for state, *_ in seen} == {"running"}
        assert ("running", "resamples", 1, 2) in seen

    def test_a_worker_that_was_overtaken_writes_nothing(
        self, announced: tuple[Story, str], wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        story, round_id = announced
        monkeypatch.setattr("app.core.progress.BEAT_SECONDS", 0.0)
        overtaken: list[bool] = []

        def meanwhile() -> bool:
            if not overtaken:
                overtaken.append(True)
                later = clock.now() + dt.timedelta(seconds=explaining.SILENT_SECONDS + 1)
                with clock.frozen(later):
                    assert tasks.explain_due(wiring.database, resamples=2)
            return True

        assert not tasks.explain_due(wiring.database, resamples=2, keep_going=meanwhile)
        assert explanation(story, round_id)["state"] == "done"
