"""A round from the roster to the certified result, told through the API alone."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from tests.callers import Callers
from tests.story import Story, ok


class TestARound:
    def test_ballots_become_a_certified_list(
        self, client: TestClient, callers: Callers, drain: Callable[[], int]
    ) -> None:
        story = Story(client, callers).with_residents(4)
        cheap, dear, middle = ids = story.published_projects([400_000, 900_000, 500_000])
        round_id = story.open_round(ids)
        for number, ranking in enumerate([[dear, cheap], [dear, cheap], [cheap, middle], [middle, cheap]]):
            receipt = ok(story.cast(round_id, story.resident(number), ranking))
            assert receipt["version"] == 1
        result = story.finish(round_id, drain)
        assert [each["funded"] for each in result["projects"]].count(True) == 2
        assert {each["project_id"] for each in result["projects"] if each["funded"]} == {cheap, middle}
        assert result["ballots_counted"] == 4
        ok(client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        assert ok(client.get(f"/api/v1/rounds/{round_id}"))["status"] == "certified"
