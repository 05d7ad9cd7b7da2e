"""Many at once, over two servers on one database: the same request, two phones of a household, a close."""

import asyncio
import itertools
import secrets
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.ballots import rules
from app.core.config import Settings
from app.core.db import Database
from app.main import create_app
from tests.ballots.phones import Phone, network
from tests.ballots.processes import ServerProcess
from tests.callers import Callers, Headers
from tests.conftest import Figures
from tests.servers import Server
from tests.story import Story, csv_bytes, ok, phone, roster_row

CASTS = 500
SAME = 100
ASKED = 10


@dataclass
class Town:
    """Residents, and two servers that know nothing of each other."""

    story: Story
    database: Database
    urls: list[str]

    def rows(self, statement: str) -> Sequence[Any]:
        with self.database.reading() as session:
            return session.execute(text(statement)).all()

    async def ask_often(self, connections: httpx.AsyncClient, path: str, who: Headers) -> Counter[str]:
        """The same verb so many times at once, at both servers; how each was answered."""
        servers = itertools.cycle(self.urls)
        answers = await asyncio.gather(
            *(connections.post(next(servers) + path, headers=who) for _ in range(ASKED))
        )
        return Counter("done" if each.is_success else str(each.json()["code"]) for each in answers)


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    told = Story(client, callers)
    one_door = {"楼栋": "1栋", "房号": "0101"}
    household = [roster_row(0, **one_door), roster_row(1, **one_door, 户代表="否")]
    told.import_roster(csv_bytes(household + [roster_row(number) for number in range(2, CASTS)]))
    return told


@pytest.fixture
def village(story: Story, database: Database, settings: Settings) -> Iterator[Town]:
    """Two servers in threads of this process."""
    with Server(create_app(settings)) as one, Server(create_app(settings)) as other:
        yield Town(story, database, [one.url, other.url])


@pytest.fixture
def town(story: Story, database: Database, settings: Settings, tmp_path: Path) -> Iterator[Town]:
    """Two servers in processes of their own."""
    servers = [ServerProcess(settings, tmp_path) for _ in range(2)]
    for each in servers:
        each.launch()
    with servers[0], servers[1]:
        yield Town(story, database, [each.url for each in servers])


class TestCast:
    def test_one_request_a_hundred_times_is_one_ballot_and_a_household_has_one_too(
        self, village: Town
    ) -> None:
        projects = village.story.published_projects([100_000, 200_000, 300_000])
        path = f"/api/v1/rounds/{village.story.open_round(projects, electorate='household')}/my-ballot"

        async def same(connections: httpx.AsyncClient) -> list[httpx.Response]:
            headers = {**village.story.resident(2), "Idempotency-Key": "once"}
            body = {"ranking": projects[:2], "secret": secrets.token_hex(16)}
            servers = itertools.cycle(village.urls)
            return await asyncio.gather(
                *(connections.put(next(servers) + path, json=body, headers=headers) for _ in range(SAME))
            )

        async def household(connections: httpx.AsyncClient) -> list[Phone]:
            phones = [Phone(village.story.resident(number)) for number in range(2)]

            async def keep_voting(each: Phone, url: str) -> None:
                for _ in range(SAME // 5):
                    await each.vote(connections, url + path, projects[:1])

            await asyncio.gather(*(keep_voting(*both) for both in zip(phones, village.urls, strict=True)))
            return phones

        async def both() -> tuple[list[httpx.Response], list[Phone]]:
            async with network() as connections:
                return await same(connections), await household(connections)

        answers, phones = asyncio.run(both())
        assert {answer.status_code for answer in answers} <= {200, 503}
        receipts = {answer.text for answer in answers if answer.is_success}
        assert len(receipts) == 1, "one request, one receipt"

        receipts_of_the_household = [receipt for each in phones for receipt in each.receipts]
        assert len({receipt["entry_id"] for receipt in receipts_of_the_household}) == 1
        versions = sorted(receipt["version"] for receipt in receipts_of_the_household)
        assert versions == list(range(1, len(versions) + 1)), "each ballot replaces the one before it"
        assert sorted(row.version for row in village.rows("SELECT version FROM envelope")) == [
            1,
            len(versions),
        ]


class TestClose:
    def test_rounds_open_and_close_once_and_hold_exactly_what_was_answered(
        self, town: Town, callers: Callers, backend: str, figures: Figures
    ) -> None:
        story = town.story
        projects = story.published_projects([100_000, 200_000, 300_000])
        round_id = story.publish_round(projects)
        voters = [callers.headers(each) for each in callers.resident_actors([phone(n) for n in range(CASTS)])]
        path = f"/api/v1/rounds/{round_id}"
        accepted: list[dict[str, Any]] = []
        refused: list[str] = []
        half = asyncio.Event()

        async def cast(connections: httpx.AsyncClient, who: Headers, url: str) -> None:
            body = {"ranking": projects[:2], "secret": secrets.token_hex(16)}
            while True:
                answer = await connections.put(f"{url}{path}/my-ballot", json=body, headers=who)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    break
                await asyncio.sleep(0.05)
            if answer.is_success:
                accepted.append(answer.json())
            else:
                refused.append(answer.json()["code"])
            if len(accepted) >= CASTS // 3:
                half.set()

        async def evening() -> tuple[Counter[str], Counter[str]]:
            async with network() as connections, asyncio.TaskGroup() as crowd:
                opened = await town.ask_often(connections, f"{path}/open", story.clerk)
                for who, url in zip(voters, itertools.cycle(town.urls), strict=False):
                    crowd.create_task(cast(connections, who, url))
                await half.wait()
                closed = await town.ask_often(connections, f"{path}/close", story.clerk)
            return opened, closed

        opened, closed = asyncio.run(evening())
        once = Counter({"round_wrong_state": ASKED - 1, "done": 1})
        assert (opened, closed) == (once, once)
        assert set(refused) <= {"round_closed"}
        assert len(accepted) + len(refused) == CASTS

        kinds = [entry["kind"] for entry in ok(story.client.get(f"/board/v1/rounds/{round_id}"))["entries"]]
        assert (kinds.count("opened"), kinds.count("closed")) == (1, 1)
        [box] = town.rows("SELECT envelopes, leaves FROM ballot_box")
        expected = {
            rules.leaf(
                ciphertext_hash=each["envelope_hash"],
                tag=rules.entry_tag(round_id=uuid.UUID(round_id), entry_id=uuid.UUID(each["entry_id"])),
                version=each["version"],
            )
            for each in accepted
        }
        assert box.envelopes == len(expected) == len(accepted)
        assert set(box.leaves.split("\n")) == expected
        figures(
            f"{CASTS} casts against a close over two processes on {backend}: {len(accepted)} answered and in the box, "
            f"{len(refused)} refused, 0 lost; opened and closed {ASKED} times at once, each once"
        )
