"""The first screen of a community, told on both databases."""

import datetime as dt
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from app.access.roles import Role
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.overview.models import TurnoutFigure
from app.wiring import wire
from app.worker import Worker
from tests.callers import Callers
from tests.ideas.talk import DECLINE, Talk
from tests.recorded.estate import opened
from tests.story import COMMUNITY, NEIGHBOUR, SUBDISTRICT, Story, ok, refused

PATH = f"/api/v1/communities/{COMMUNITY}/overview"
MOST_STATEMENTS = 14
LARGEST_ANSWER = 4 * 1024

Look = Callable[..., dict[str, Any]]


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers)


@pytest.fixture
def look(app: FastAPI, client: TestClient) -> Look:
    """The first screen as it is now, and not some seconds ago."""

    def look(path: str = PATH) -> dict[str, Any]:
        if hasattr(app.state, "overview_keeping"):
            app.state.overview_keeping.clear()
        found: dict[str, Any] = ok(client.get(path))
        return found

    return look


def kept(database: Database) -> list[int]:
    """The public figures that are stored."""
    with database.reading() as session:
        return list(session.exec(select(TurnoutFigure.at_least)).all())


def publish_minutes(story: Story, title: str, *, versions: int = 1) -> str:
    begins = clock.now() + dt.timedelta(days=11)
    body = {
        "community_code": COMMUNITY, "kind": "residents", "title": title, "place": "活动室",
        "begins_at": begins.isoformat(), "agenda": ["名单"],
    }  # fmt: skip
    meeting = str(ok(story.client.post("/api/v1/meetings", json=body, headers=story.clerk))["id"])
    path = f"/api/v1/meetings/{meeting}"
    text = {"text": "通过", "chair": "主持人甲", "recorder": "记录人乙"}
    ok(story.client.post(f"{path}/minutes", json=text, headers=story.clerk))
    story.publish_minutes(meeting)
    for version in range(2, versions + 1):
        fault = {**text, "correction": "补记"}
        ok(story.client.post(f"{path}/corrections", json=fault, headers=story.clerk))
        story.publish_minutes(meeting, version)
    return meeting


class TestOverview:
    def test_a_quiet_community(self, look: Look) -> None:
        found = look()
        assert [each["name"] for each in found["above"]] == ["贵州省", "贵阳市", "南明区", "花果园街道"]
        assert found["last"] is found["committee"] is None
        for name in ("open", "coming", "counting", "minutes", "ideas"):
            assert found[name] == []

    def test_a_round_from_publication_to_money(
        self, story: Story, callers: Callers, look: Look, drain: Callable[[], int]
    ) -> None:
        client = story.with_residents(60).client
        ids = story.published_projects([400_000, 700_000, 300_000])
        round_id = story.publish_round(ids)
        found = look()
        assert [each["id"] for each in found["coming"]] == [round_id]
        line = found["coming"][0]
        assert (line["projects"], line["max_rank"], line["budget_fen"]) == (3, 3, 1_000_000)
        assert (line["turnout"], line["roll_size"], line["recorded"]) == (None, None, False)
        assert line["label"] == {"zh": "无记名投票", "en": "secret ballot"}

        ok(client.post(f"/api/v1/rounds/{round_id}/open", headers=story.clerk))
        for number in range(19):
            ok(story.cast(round_id, story.resident(number), ids))
        found = look()
        assert (found["coming"], found["open"][0]["turnout"]) == ([], None)  # nothing has been read yet
        drain()
        found = look()
        assert found["open"][0]["roll_size"] == 60
        assert found["open"][0]["turnout"] == {"at_least": 10, "percent": 16}

        ok(client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        found = look()
        assert [each["id"] for each in found["counting"]] == [round_id]
        assert found["counting"][0]["turnout"] is None
        assert found["last"] is None
        ok(client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        drain()
        last = look()["last"]
        assert (last["status"], last["ballots_counted"], last["roll_size"]) == ("announced", 19, 60)
        assert (last["projects"], last["funded"], last["spent_fen"]) == (3, 2, 700_000)
        assert [each["state"] for each in last["first"]] == [None, None]
        assert last["money"] == []

        ok(client.post(f"/api/v1/rounds/{round_id}/certify", headers=story.chair))
        drain()
        street = callers.staff(Role.SUBDISTRICT_OFFICER, SUBDISTRICT)
        [first, _] = ok(
            client.get(f"/api/v1/funding-requests?round_id={round_id}&state=submitted", headers=street)
        )["items"]
        path = f"/api/v1/funding-requests/{first['id']}/decisions"
        ok(client.post(path, json={"decision": "accepted"}, headers=street))
        last = look()["last"]
        assert last["status"] == "certified"
        assert [(each["state"], each["requests"], each["cost_fen"]) for each in last["money"]] == [
            ("reserve", 1, 700_000), ("submitted", 1, 300_000), ("accepted", 1, 400_000),
        ]  # fmt: skip
        assert [(each["place"], each["title"], each["state"]) for each in last["first"]] == [
            (1, "项目1", "accepted"), (2, "项目3", "submitted"),
        ]  # fmt: skip

    def test_a_round_of_a_street_stands_in_each_of_its_communities(
        self, story: Story, callers: Callers, look: Look
    ) -> None:
        ids = story.with_residents(3).published_projects([100_000])
        story.clerk = callers.staff(Role.RC_STAFF, SUBDISTRICT)
        story.chair = callers.staff(Role.RC_CHAIR, SUBDISTRICT)
        codes = [COMMUNITY, NEIGHBOUR]
        round_id = story.open_round(ids, division_code=SUBDISTRICT, community_codes=codes)
        for code in codes:
            assert [each["id"] for each in look(PATH.replace(COMMUNITY, code))["open"]] == [round_id]
        assert look(PATH.replace(COMMUNITY, "520102031008"))["open"] == []

    def test_a_recorded_round_says_so_and_what_was_decided(
        self, client: TestClient, callers: Callers, look: Look, drain: Callable[[], int]
    ) -> None:
        estate = opened(client, callers)
        [line] = look()["open"]
        assert (line["recorded"], line["label"]["zh"], line["turnout"]) == (True, "记名投票", None)
        assert line["question"].startswith("是否同意")
        assert line["budget_fen"] is line["max_rank"] is None
        for number in (0, 3, 4):
            ok(estate.vote(number, "for"))
        estate.close()
        drain()
        last = look()["last"]
        assert (last["id"], last["recorded"], last["valid"]) == (estate.round_id, True, False)
        assert last["ballots_counted"] is last["funded"] is None

    def test_drafts_and_cancelled_rounds_are_not_shown(self, story: Story, look: Look) -> None:
        ids = story.with_residents(3).published_projects([100_000])
        story.draft_round(ids)
        round_id = story.publish_round(ids)
        ok(
            story.client.post(
                f"/api/v1/rounds/{round_id}/cancel", json={"reason": "名单有误"}, headers=story.chair
            )
        )
        found = look()
        assert found["open"] == found["coming"] == found["counting"] == []

    def test_a_short_roll_says_nothing_of_its_turnout(
        self, story: Story, look: Look, database: Database, drain: Callable[[], int]
    ) -> None:
        ids = story.with_residents(12).published_projects([100_000])
        round_id = story.open_round(ids)
        for number in range(11):
            ok(story.cast(round_id, story.resident(number), ids))
        drain()
        assert look()["open"][0]["turnout"] is None
        assert kept(database) == []

    def test_the_figure_stands_still_for_ten_minutes_whoever_answers(
        self, story: Story, look: Look, database: Database, settings: Settings
    ) -> None:
        ids = story.with_residents(60).published_projects([100_000])
        round_id = story.open_round(ids)
        one, other = wire(settings), wire(settings)

        def at_least(minutes: int) -> int:
            """What is public some minutes later, after two workers have looked, each by its own clock."""
            with clock.frozen(begin + dt.timedelta(minutes=minutes)):
                for process in (one, other):
                    Worker(process).run_due(all_of_it=True)
            return int(look()["open"][0]["turnout"]["at_least"])

        begin = clock.now()
        assert at_least(0) == 0
        for number in range(20):
            ok(story.cast(round_id, story.resident(number), ids))
        assert [at_least(minutes) for minutes in (1, 5, 9)] == [0, 0, 0]
        assert at_least(10) == 20
        ok(story.client.delete(f"/api/v1/rounds/{round_id}/my-ballot", headers=story.resident(3)))
        assert [at_least(minutes) for minutes in (15, 19, 20)] == [
            20,
            20,
            10,
        ]  # who withdrew does not take part
        assert at_least(-600) == 10  # a clock that was wrong does not stop it
        assert kept(database) == [10]
        for process in (one, other):
            process.database.dispose()

    def test_nothing_is_kept_of_a_round_that_is_over(
        self, story: Story, database: Database, drain: Callable[[], int]
    ) -> None:
        ids = story.with_residents(60).published_projects([100_000])
        round_id = story.open_round(ids)
        drain()
        assert kept(database) == [0]
        ok(story.client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        drain()
        assert kept(database) == []

    def test_the_latest_version_of_minutes_a_meeting_once(self, story: Story, look: Look) -> None:
        first = publish_minutes(story, "一季度会议", versions=2)
        publish_minutes(story, "二季度会议")
        third = publish_minutes(story, "三季度会议")
        found = look()["minutes"]
        assert [each["title"] for each in found] == ["三季度会议", "二季度会议"]
        assert (found[0]["meeting_id"], found[0]["version"]) == (third, 1)
        text = {"text": "通过", "chair": "主持人甲", "recorder": "记录人乙", "correction": "补记"}
        path = f"/api/v1/meetings/{first}"
        ok(story.client.post(f"{path}/corrections", json=text, headers=story.clerk))
        assert [each["title"] for each in look()["minutes"]] == [
            "三季度会议",
            "二季度会议",
        ]  # a draft is not public
        story.publish_minutes(first, 3)
        assert [(each["title"], each["version"]) for each in look()["minutes"]] == [
            ("一季度会议", 3), ("三季度会议", 1),
        ]  # fmt: skip

    def test_what_most_neighbours_endorse(self, story: Story, look: Look) -> None:
        talk = Talk(story.with_residents(8))
        lamp, bench, hall = (
            talk.post(number, title)["id"]
            for number, title in ((1, "南门装一个路灯"), (2, "花园添几张长椅"), (3, "活动室周末开放"))
        )
        talk.endorse(bench, 4, 5)
        talk.endorse(hall, 6)
        assert [(each["id"], each["endorsements"]) for each in look()["ideas"]] == [(bench, 2), (hall, 1)]
        ok(talk.act(bench, "decline", story.clerk, DECLINE))
        assert [each["id"] for each in look()["ideas"]] == [hall, lamp]

    def test_how_the_committee_is_reached(self, story: Story, look: Look) -> None:
        profile = {
            "name": "花果园大街社区居委会", "phone": "0851-85551234", "address": "M 区 2 栋一楼",
            "contact": "值班室", "office_hours": "每天 9:00-18:00",
        }  # fmt: skip
        ok(
            story.client.put(
                f"/api/v1/communities/{COMMUNITY}/committee",
                json=profile,
                headers={**story.clerk, "If-Match": '"0"'},
            )
        )
        assert look()["committee"] == profile

    @pytest.mark.parametrize("code", ["520102031999", SUBDISTRICT, "000000000000"])
    def test_only_communities_have_one(self, client: TestClient, code: str) -> None:
        refused(client.get(PATH.replace(COMMUNITY, code)), 404, "division_not_found")

    def test_the_same_bytes_are_not_sent_twice(self, client: TestClient) -> None:
        first = client.get(PATH)
        assert first.headers["Cache-Control"] == "public, max-age=10"
        again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_few_statements_and_then_none(
        self, database: Database, story: Story, look: Look, drain: Callable[[], int]
    ) -> None:
        ids = story.with_residents(55).published_projects([100_000 + number for number in range(20)])
        past = story.open_round(ids[:10])
        ok(story.cast(past, story.resident(1), ids[:2]))
        story.finish(past, drain)
        for number in range(6):
            story.open_round(ids[10:], title=f"第 {number} 次投票")
        seen: list[str] = []
        sa.event.listen(
            database.engine, "before_cursor_execute",
            lambda _c, _cursor, statement, *_: seen.append(statement) if "SELECT" in statement else None,
        )  # fmt: skip
        assert len(look()["open"]) == 6
        # six open rounds are six figures, read every ten minutes; nothing else grows with the rounds
        assert len(seen) <= MOST_STATEMENTS + 6, seen
        seen.clear()
        answer = story.client.get(PATH)
        assert seen == []
        assert len(gzip.compress(answer.content)) < LARGEST_ANSWER
        assert not {"resident", "name_sealed", "phone"} & set(json.dumps(answer.json()).split('"'))
