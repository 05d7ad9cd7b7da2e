"""What a committee says of itself."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from tests.callers import Callers, Headers
from tests.story import COMMUNITY, NEIGHBOUR, Story, ok, refused

PATH = f"/api/v1/communities/{COMMUNITY}/committee"
LINES = {
    "name": "花果园大街社区居民委员会",
    "address": "花果园 M 区 3 栋一层",
    "phone": "0851-8550 0100",
    "contact": "李秀兰",
    "office_hours": "周一至周五 9:00—17:30，周六上午",
    "text": "腿脚不便的居民可以打电话，我们上门。",
}


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


def change(story: Story, who: Headers, etag: str | None = '"0"', **lines: Any) -> Any:
    headers = who if etag is None else {**who, "If-Match": etag}
    return story.client.put(PATH, json=LINES | lines, headers=headers)


class TestReading:
    def test_before_the_first_line_there_is_the_name_of_the_place(self, story: Story) -> None:
        answer = story.client.get(PATH)
        assert ok(answer)["name"] == ok(story.client.get(f"/api/v1/divisions/{COMMUNITY}"))["name"]
        assert (ok(answer)["phone"], ok(answer)["version"], answer.headers["ETag"]) == (None, 0, '"0"')

    def test_everybody_reads_what_staff_wrote(self, story: Story) -> None:
        ok(change(story, story.clerk))
        answer = story.client.get(PATH)
        assert {name: ok(answer)[name] for name in LINES} == LINES
        assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == ('"1"', "public, no-cache")

    @pytest.mark.parametrize("code", ["520102031000", "999999999999"])
    def test_only_a_community_has_one(self, story: Story, code: str) -> None:
        refused(story.client.get(f"/api/v1/communities/{code}/committee"), 404, "division_not_found")


class TestChanging:
    def test_a_second_change_names_what_it_read(self, story: Story) -> None:
        ok(change(story, story.clerk))
        refused(change(story, story.clerk), 412, "committee_outdated")
        refused(change(story, story.clerk, None), 422, "etag_missing")
        refused(change(story, story.clerk, '"x"'), 422, "bad_etag")
        changed = ok(change(story, story.chair, '"1"', phone="０８５１－８５５０　０１０１"))
        assert (changed["version"], changed["phone"]) == (2, "0851-8550 0101")

    @pytest.mark.parametrize(
        "lines",
        [
            {"phone": ""},
            {"phone": "12a45"},
            {"phone": "tel:110"},
            {"phone": "0851--8550"},
            {"phone": "1" * 30},
            {"name": ""},
            {"name": "两行\n名字"},
            {"text": "字" * 1001},
            {"community_code": NEIGHBOUR},
        ],
    )
    def test_what_cannot_be_dialled_or_shown_is_refused(self, story: Story, lines: dict[str, str]) -> None:
        refused(change(story, story.clerk, **lines), 422, "malformed_request")
        assert ok(story.client.get(PATH))["version"] == 0

    def test_only_staff_of_the_place(self, story: Story, callers: Callers) -> None:
        away = callers.staff(Role.RC_STAFF, NEIGHBOUR)
        refused(change(story, away), 404, "division_not_found")
        refused(change(story, callers.resident("13900000001")), 403, "not_allowed")
        refused(change(story, {}), 401, "not_signed_in")

    def test_of_many_first_lines_at_once_one_stands(self, story: Story) -> None:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda n: change(story, story.clerk, contact=f"值班{n}"), range(6)))
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
        [won] = [ok(answer) for answer in answers if answer.is_success]
        assert ok(story.client.get(PATH)) == won | {"changed_at": ok(story.client.get(PATH))["changed_at"]}
