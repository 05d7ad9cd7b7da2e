"""The desk at speed: a door as people type it, or a name, and how many sheets have gone out."""

import pytest
from fastapi.testclient import TestClient

from app.access.roles import Role
from tests.callers import Callers, Headers
from tests.paper_story import PaperStory
from tests.story import COMMUNITY, NEIGHBOUR, Story, csv_bytes, ok, refused, roster_row


@pytest.fixture
def paper(client: TestClient, callers: Callers) -> PaperStory:
    story = Story(client, callers)
    rows = [roster_row(number) for number in range(24)]
    rows.append(roster_row(4, 姓名="欧阳小红", 手机="", 户代表="否"))
    story.import_roster(csv_bytes(rows))
    return PaperStory(story, story.open_round(story.published_projects([100_000, 200_000])))


def search(paper: PaperStory, q: str, who: Headers | None = None, community: str = COMMUNITY) -> list[str]:
    answer = paper.story.client.get(
        f"/api/v1/rounds/{paper.round_id}/paper-desk/search",
        params={"community": community, "q": q},
        headers=who or paper.story.clerk,
    )
    found = ok(answer)
    assert found["more"] is False
    return [f"{each['dwelling']} {each['people'][0]}" for each in found["items"]]


class TestSearch:
    def test_a_door_as_people_type_it(self, paper: PaperStory) -> None:
        for q in ("1-1-501", "1-501", "1栋1单元0501", "1 1 0501", "1栋0501", "1/1/501"):
            assert sorted(search(paper, q)) == ["1栋 1单元 0501 居**", "1栋 1单元 0501 欧***"], q
        assert len(search(paper, "2栋")) == 4
        assert len(search(paper, "2-1")) == 4  # no room 1 there: the unit
        for q in ("9栋", "1-1-9901", "-"):
            assert search(paper, q) == [], q

    def test_a_name_or_part_of_one(self, paper: PaperStory) -> None:
        assert search(paper, "欧阳") == ["1栋 1单元 0501 欧***"]
        assert search(paper, "小红") == ["1栋 1单元 0501 欧***"]
        assert search(paper, "居民23") == ["2栋 1单元 0401 居***"]
        assert search(paper, "没有这个人") == []

    def test_households_are_found_by_anybody_in_them(self, paper: PaperStory) -> None:
        story = paper.story
        projects = story.published_projects([100_000])
        home = PaperStory(story, story.open_round(projects, electorate="household"))
        answer = ok(
            story.client.get(
                f"/api/v1/rounds/{home.round_id}/paper-desk/search",
                params={"community": COMMUNITY, "q": "欧阳"},
                headers=story.clerk,
            )
        )
        (found,) = answer["items"]
        assert sorted(found["people"]) == ["居**", "欧***"]

    def test_who_signed_in_is_marked_and_the_desk_counts(self, paper: PaperStory) -> None:
        batch_id = paper.batch()
        made = ok(paper.sign_in(batch_id, 0))
        assert (made["signed_in"], made["sheets"]) == (1, 20)
        assert ok(paper.sign_in(batch_id, 1))["signed_in"] == 2
        answer = paper.story.client.get(
            f"/api/v1/rounds/{paper.round_id}/paper-desk/search",
            params={"community": COMMUNITY, "q": "1-101"},
            headers=paper.story.clerk,
        )
        (found,) = ok(answer)["items"]
        assert (found["can_sign_in"], found["code"]) == (False, "already_signed_in_for_paper")

    def test_only_staff_of_the_place_and_while_it_is_open(self, paper: PaperStory, callers: Callers) -> None:
        path = f"/api/v1/rounds/{paper.round_id}/paper-desk/search"
        params = {"community": COMMUNITY, "q": "1-501"}
        for who, status, code in (
            (callers.staff(Role.RC_STAFF, NEIGHBOUR), 404, "community_not_in_round"),
            (paper.supervisor, 403, "not_allowed"),
            (paper.story.resident(1), 403, "not_allowed"),
        ):
            refused(paper.story.client.get(path, params=params, headers=who), status, code)
        paper.close()
        refused(paper.story.client.get(path, params=params, headers=paper.story.clerk), 409, "round_closed")
