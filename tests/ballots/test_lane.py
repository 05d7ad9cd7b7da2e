"""The fast lane and the ordinary route are one door: whatever is asked, both answer alike."""

import secrets
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.core.db import Database
from tests.callers import Callers
from tests.story import Story, ok, refused

LANE = {"Content-Type": "application/json"}
#: Just as good, but out of the ordinary: the lane leaves it to the route.
ROUTE = {"Content-Type": "application/json; charset=utf-8"}


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(3)


@pytest.fixture
def projects(story: Story) -> list[str]:
    return story.published_projects([300_000, 400_000, 500_000, 200_000])


@pytest.fixture
def round_id(story: Story, projects: list[str]) -> str:
    return story.open_round(projects)


def put(story: Story, round_id: str, headers: dict[str, str], **content: Any) -> httpx.Response:
    answer: httpx.Response = story.client.put(
        f"/api/v1/rounds/{round_id}/my-ballot", headers=headers, **content
    )
    return answer


def alike(one: httpx.Response, other: httpx.Response) -> None:
    assert one.status_code == other.status_code, (one.text, other.text)
    assert one.json() == other.json()
    ignored = {"content-length", "date"}
    assert {k: v for k, v in one.headers.items() if k not in ignored} == {
        k: v for k, v in other.headers.items() if k not in ignored
    }


class TestCast:
    def test_the_lane_is_taken(
        self, story: Story, round_id: str, projects: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken: list[str] = []

        async def by_the_route(*_: object, **__: object) -> None:
            taken.append("route")
            raise AssertionError

        monkeypatch.setattr("app.ballots.api.casting.cast", by_the_route)
        body = {"ranking": projects[:2], "secret": secrets.token_hex(16)}
        ok(put(story, round_id, story.resident(0) | LANE, json=body))
        assert not taken
        assert put(story, round_id, story.resident(0) | ROUTE, json=body).status_code == 500
        assert taken == ["route"]

    def test_both_give_the_same_receipt_for_the_same_request(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        me, body = story.resident(0), {"ranking": projects[:2], "secret": secrets.token_hex(16)}
        key = {"Idempotency-Key": "a-key", "If-Match": '"0"'}
        alike(
            put(story, round_id, me | key | LANE, json=body),
            put(story, round_id, me | key | ROUTE, json=body),
        )
        with database.reading() as session:
            assert session.execute(text("SELECT version FROM envelope")).scalars().all() == [1]

    @pytest.mark.parametrize(
        "asked",
        [
            {"headers": {"Authorization": "Bearer nonsense"}},
            {"headers": {"Authorization": ""}},
            {"headers": {"If-Match": "soon"}},
            {"headers": {"If-Match": '"7"'}},
            {"headers": {"If-Match": "x" * 60}},
            {"headers": {"Idempotency-Key": "x" * 121}},
            {"headers": {"Idempotency-Key": "white space"}},
            {"body": {"ranking": []}},
            {"body": {"secret": "short"}},
            {"body": {"weight": 2}},
            {"content": b"{"},
            {"content": b""},
            {"content": b"[]"},
            {"content": b'{"ranking": NaN, "secret": 1}'},
        ],
        ids=lambda asked: str(asked)[:40],
    )
    def test_both_refuse_alike(
        self, story: Story, round_id: str, projects: list[str], asked: dict[str, Any]
    ) -> None:
        headers = story.resident(0) | asked.get("headers", {})
        body = {"ranking": projects[:1], "secret": secrets.token_hex(16)} | asked.get("body", {})
        content = {"content": asked["content"]} if "content" in asked else {"json": body}
        first = put(story, round_id, headers | LANE, **content)
        assert first.status_code >= 400
        alike(first, put(story, round_id, headers | ROUTE, **content))

    def test_both_refuse_staff_and_other_rounds_alike(
        self, story: Story, round_id: str, projects: list[str]
    ) -> None:
        body = {"ranking": projects[:1], "secret": secrets.token_hex(16)}
        closed = story.publish_round(projects)
        for where, who in (
            (round_id, story.clerk),
            (closed, story.resident(0)),
            (round_id, story.resident(99)),
        ):
            alike(put(story, where, who | LANE, json=body), put(story, where, who | ROUTE, json=body))

    def test_a_large_body_and_one_in_pieces_find_their_way(
        self, story: Story, round_id: str, projects: list[str]
    ) -> None:
        many = {"ranking": projects[:1] * 5_000, "secret": secrets.token_hex(16)}
        refused(put(story, round_id, story.resident(0) | LANE, json=many), 422, "malformed_request")
        huge = {"ranking": projects[:1] * 50_000, "secret": secrets.token_hex(16)}
        refused(put(story, round_id, story.resident(0) | LANE, json=huge), 413, "body_too_large")

        def pieces() -> Any:
            yield b'{"ranking": ["' + projects[0].encode()
            yield b'"], "secret": "' + secrets.token_hex(16).encode() + b'"}'

        ok(put(story, round_id, story.resident(0) | LANE, content=pieces()))

    def test_a_sign_in_that_has_ended_takes_nothing_by_either_way(
        self, story: Story, round_id: str, projects: list[str], database: Database
    ) -> None:
        me, body = story.resident(0), {"ranking": projects[:1], "secret": secrets.token_hex(16)}
        ok(story.client.delete("/api/v1/auth/session", headers=me))
        for way in (LANE, ROUTE):
            refused(put(story, round_id, me | way, json=body), 401, "token_invalid")
        with database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM envelope")).scalar_one() == 0

    def test_a_long_line_is_turned_away_at_once_and_keeps_nothing(
        self,
        story: Story,
        round_id: str,
        projects: list[str],
        monkeypatch: pytest.MonkeyPatch,
        database: Database,
    ) -> None:
        body = {"ranking": projects[:1], "secret": secrets.token_hex(16)}
        monkeypatch.setattr("app.core.writer.LARGEST_QUEUE", 0)
        for way in (LANE, ROUTE):
            answer = put(story, round_id, story.resident(0) | way, json=body)
            refused(answer, 503, "writer_full")
            assert int(answer.headers["retry-after"]) > 0
        monkeypatch.undo()
        with database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM envelope")).scalar_one() == 0
        assert ok(put(story, round_id, story.resident(0) | LANE, json=body))["version"] == 1
