"""What other rules would have given, and who is heard: beside a result, never in it, and never before it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.results.models import ResultExplanation
from app.results.rules import TurnoutGroup, coarse, turnout_groups
from app.tally.rivals import RIVALS
from tests.callers import Callers
from tests.story import COMMUNITY, Story, csv_bytes, ok, refused, roster_row


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(100)  # five buildings of twenty


def voted(story: Story, *, voters: int = 55) -> tuple[str, list[str]]:
    """Most want the first three, eleven the last one alone: by points it would be out."""
    items = [
        story.project(f"项目{number}", cost, category=category)
        for number, (cost, category) in enumerate(
            ((400_000, "roads"), (300_000, "roads"), (300_000, "roads"), (200_000, "elder_care")), start=1
        )
    ]
    made = ok(story.client.post("/api/v1/projects/batch", json={"items": items}, headers=story.clerk))
    ids = [item["id"] for item in made["items"]]
    ok(story.client.post("/api/v1/projects/publish", json={"project_ids": ids}, headers=story.clerk))
    round_id = story.open_round(ids, rule="greedy", points="approval")
    for number in range(voters):
        ranking = ids[:3] if number % 5 else ids[3:]
        ok(story.cast(round_id, story.resident(number), ranking))
    return round_id, ids


def read(story: Story, round_id: str, part: str, language: str = "zh-CN") -> dict[str, Any]:
    path = f"/api/v1/rounds/{round_id}/result/{part}"
    found: dict[str, Any] = ok(story.client.get(path, headers={"Accept-Language": language}))
    return found


class TestCompare:
    def test_what_each_rule_would_have_given(self, story: Story, drain: Callable[[], int]) -> None:
        round_id, ids = voted(story)
        for part in ("comparison", "representation"):
            refused(story.client.get(f"/api/v1/rounds/{round_id}/result/{part}"), 404, "no_result_yet")
        result = story.finish(round_id, drain)
        funded = [each["project_id"] for each in result["projects"] if each["funded"]]
        assert ids[3] not in funded
        for language, name in (("zh-CN", "本轮的规则"), ("en", "This round's rule")):
            found = read(story, round_id, "comparison", language)
            assert (found["state"], found["voters"], found["budget_fen"]) == ("done", 55, 1_000_000)
            first, *others = found["items"]
            assert (first["method"], first["name"]) == ("this", name)
            assert all(each["name"] and each["about"] for each in others)
        assert (first["projects"], first["gained"], first["lost"]) == (funded, [], [])
        assert first["spent_fen"] == result["spent_fen"]
        assert first["with_something"] == result["voters_with_something"] == 44
        assert (first["nothing"], first["nothing_percent"]) == (11, "20.0")
        by_method = {each["method"]: each for each in others}
        assert set(by_method) == set(RIVALS) - {"greedy"}
        shares = by_method["rank-mes+add1+fill"]
        assert (shares["gained"], shares["nothing"]) == ([ids[3]], 0)
        assert shares["prefer_other"] == 11
        # and nothing of it changes the result
        assert ok(story.client.get(f"/api/v1/rounds/{round_id}/result")) == result

        heard = read(story, round_id, "representation")
        assert (heard["state"], heard["voters"], heard["with_something"]) == ("done", 55, 44)
        roads, elders = heard["groups"]
        assert (roads["name"], roads["voters"], roads["percent"], roads["first_choice"]) == (
            "道路",
            44,
            "80.0",
            44,
        )
        assert (elders["category"], elders["voters"], elders["with_something"]) == ("elder_care", 11, 0)
        assert (elders["nothing_percent"], elders["spent_fen"], elders["spent"]) == ("100.0", 0, 0)
        assert (roads["spent_fen"], roads["spent"]) == (1_000_000, 1000)
        assert roads["wished"] + elders["wished"] == 1000
        assert heard["buildings"] == []  # twenty people each: too few

    def test_a_result_that_was_explained_before_such_figures_says_so(
        self, story: Story, drain: Callable[[], int], callers: Callers
    ) -> None:
        round_id, _ = voted(story)
        story.finish(round_id, drain)
        with callers.database.writing() as session:
            row = session.exec(select(ResultExplanation)).one()
            body = json.loads(row.body or "")
            row.body = json.dumps({name: body[name] for name in ("projects", "outcome")})
            session.add(row)
        for part, empty in (("comparison", "items"), ("representation", "groups")):
            found = read(story, round_id, part)
            assert (found["state"], found[empty]) == ("not_kept", [])
        assert read(story, round_id, "explanation")["state"] == "done"

    def test_few_ballots_are_not_compared(self, story: Story, drain: Callable[[], int]) -> None:
        round_id, _ = voted(story, voters=5)
        story.finish(round_id, drain)
        found = read(story, round_id, "comparison")
        assert (found["state"], found["items"]) == ("withheld", [])
        heard = read(story, round_id, "representation")
        assert (heard["state"], heard["groups"]) == ("withheld", [])


class TestTurnout:
    def test_a_building_that_is_large_enough_says_how_many_took_part_in_tens(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        story = Story(client, callers)
        rows = [
            roster_row(number, 楼栋="1栋" if number < 40 else "2栋", 房号=f"{number:04d}")
            for number in range(60)
        ]
        story.import_roster(csv_bytes(rows))
        ids = story.published_projects([100_000, 200_000])
        round_id = story.open_round(ids)
        for number in range(27):
            ok(story.cast(round_id, story.resident(number), ids))
        story.finish(round_id, drain)
        heard = read(story, round_id, "representation")
        assert heard["buildings"] == [
            {"community_code": COMMUNITY, "building": "1栋", "on_roll": 40, "at_least": 20, "percent": "50.0"}
        ]

    def test_never_so_many_that_all_of_a_building_are_known_to_have_taken_part(self) -> None:
        assert [coarse(taken_part, 40) for taken_part in (0, 9, 10, 29, 30, 39, 40)] == [
            0,
            0,
            10,
            20,
            30,
            30,
            30,
        ]
        assert coarse(9, 9) == 0

    def test_communities_stand_for_themselves_where_there_are_several(self) -> None:
        lines = [("1", "1栋", 25, 20), ("1", "2栋", 30, 30), ("2", "1栋", 20, 10)]
        assert turnout_groups(lines) == [
            TurnoutGroup("1", None, 55, 40),
            TurnoutGroup("1", "2栋", 30, 20),
        ]
        assert turnout_groups(lines[:2]) == [TurnoutGroup("1", "2栋", 30, 20)]
