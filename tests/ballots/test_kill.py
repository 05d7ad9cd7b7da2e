"""The server is killed again and again while people vote; then its database is disturbed.

The voters are in this process, on real connections, and send what was not answered again with the same key. Whatever
was answered must be in the box, once, as the receipt says.
"""

import asyncio
import base64
import random
import signal
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.ballots import rules
from app.core.config import Settings
from app.core.db import Database
from app.core.signer import Signer, verifies
from tests.ballots.phones import Phone, Receipt, network
from tests.ballots.processes import ServerProcess
from tests.callers import Callers
from tests.conftest import DEEP, Figures
from tests.story import Story, ok, phone

KILLS = 20 if DEEP else 2
BLOWS = 40 if DEEP else 3
VOTERS = 60
#: Between two kills at least so many ballots are answered, so that every kill meets a busy server.
BETWEEN_KILLS = 40 if DEEP else 25


@dataclass(frozen=True)
class Stored:
    """An envelope as the database holds it."""

    version: int
    envelope_hash: str
    signature: str
    nonce: str


@dataclass
class Evening:
    """A round, its voters, and what was found in the box after each kill."""

    round_id: str
    projects: Sequence[str]
    phones: list[Phone]
    database: Database
    found: list[dict[str, Stored]] = field(default_factory=list)

    @property
    def receipts(self) -> list[Receipt]:
        return [receipt for each in self.phones for receipt in each.receipts]

    def box(self) -> dict[str, Stored]:
        """Roll entry -> what is in force, which must be one row."""
        with self.database.reading() as session:
            rows = session.execute(
                text(
                    "SELECT entry_id, version, ciphertext_hash, signature, nonce FROM envelope"
                    " WHERE round_id = :round"
                ),
                {"round": self._stored_round_id()},
            ).all()
        stored = {
            str(uuid.UUID(str(row.entry_id))): Stored(
                row.version, row.ciphertext_hash, row.signature, bytes(row.nonce).hex()
            )
            for row in rows
        }
        assert len(stored) == len(rows), "an entry of the roll has two envelopes"
        return stored

    def _stored_round_id(self) -> str:
        return uuid.UUID(self.round_id).hex if self.database.is_sqlite else self.round_id

    async def disturbed_by(self, disturb: Callable[[], Awaitable[None]], url: str, *, times: int) -> None:
        """Let everybody vote, and disturb them so many times."""
        done = asyncio.Event()
        path = f"/api/v1/rounds/{self.round_id}/my-ballot"
        async with network(url) as connections, asyncio.TaskGroup() as crowd:
            for each in self.phones:
                crowd.create_task(each.vote_until(done, connections, path, self.projects))
            for _ in range(times):
                await self._more_receipts(BETWEEN_KILLS)
                await asyncio.sleep(random.uniform(0, 0.1))  # noqa: S311 - any moment will do
                await disturb()
            await self._more_receipts(BETWEEN_KILLS)
            done.set()

    async def _more_receipts(self, count: int) -> None:
        wanted = len(self.receipts) + count
        async with asyncio.timeout(60):
            while len(self.receipts) < wanted:  # noqa: ASYNC110 - the phones have no bell, they only collect
                await asyncio.sleep(0.01)

    def check(self, public_key: bytes) -> int:
        """Hold the box against every receipt; returns how many commits were found whose answer was cut off."""
        acknowledged: dict[tuple[str, int], Stored] = {}
        in_doubt: set[tuple[str, int]] = set()
        for each in self.phones:
            # One version a request: a repeated one that was taken twice would leave a gap here.
            assert [receipt["version"] for receipt in each.receipts] == list(range(1, len(each.receipts) + 1))
            for receipt in each.receipts:
                acknowledged[receipt["entry_id"], receipt["version"]] = _stored(receipt)
            in_doubt |= {(each.receipts[0]["entry_id"], version) for version in each.in_doubt}
        last = {each.receipts[-1]["entry_id"]: _stored(each.receipts[-1]) for each in self.phones}
        assert self.box() == last
        for entry, stored in last.items():
            statement = rules.envelope_statement(
                round_id=uuid.UUID(self.round_id), entry_id=uuid.UUID(entry), version=stored.version,
                ciphertext_hash=stored.envelope_hash,
            )  # fmt: skip
            assert verifies(public_key, base64.b64decode(stored.signature), statement)
        rescued = 0
        for snapshot in self.found:
            for entry, stored in snapshot.items():
                # What was committed and not answered is what the repeated request was then answered with.
                assert acknowledged[entry, stored.version] == stored
                rescued += (entry, stored.version) in in_doubt
        return rescued


def _stored(receipt: Receipt) -> Stored:
    return Stored(receipt["version"], receipt["envelope_hash"], receipt["signature"], receipt["nonce"])


@pytest.fixture
def story(client: TestClient, callers: Callers) -> Story:
    return Story(client, callers).with_residents(VOTERS)


@pytest.fixture
def evening(story: Story, callers: Callers, database: Database) -> Evening:
    projects = story.published_projects([100_000 + number for number in range(6)])
    round_id = story.open_round(projects)
    actors = callers.resident_actors([phone(number) for number in range(VOTERS)])
    return Evening(round_id, projects, [Phone(callers.headers(actor)) for actor in actors], database)


def _close(story: Story, evening: Evening) -> None:
    """What the closed box lists is exactly what was acknowledged last."""
    ok(story.client.post(f"/api/v1/rounds/{evening.round_id}/close", headers=story.clerk))
    round_id = uuid.UUID(evening.round_id)
    expected = {
        rules.leaf(
            ciphertext_hash=each.receipts[-1]["envelope_hash"],
            tag=rules.entry_tag(round_id=round_id, entry_id=uuid.UUID(each.receipts[-1]["entry_id"])),
            version=each.receipts[-1]["version"],
        )
        for each in evening.phones
    }
    with evening.database.reading() as session:
        box = session.execute(text("SELECT envelopes, leaves FROM ballot_box")).one()
    assert box.envelopes == len(evening.phones)
    assert set(box.leaves.split("\n")) == expected


class TestKilledServer:
    def test_nothing_that_was_answered_is_lost_and_nothing_is_there_twice(
        self,
        evening: Evening,
        story: Story,
        settings: Settings,
        tmp_path: Path,
        backend: str,
        figures: Figures,
    ) -> None:
        server = ServerProcess(settings, tmp_path)

        async def kill() -> None:
            server.kill()
            evening.found.append(evening.box())
            await asyncio.to_thread(server.start)

        with server:
            asyncio.run(evening.disturbed_by(kill, server.url, times=KILLS))
        rescued = evening.check(Signer(settings.secret("signing_key")).public_key)
        _close(story, evening)
        figures(
            f"kill -9 on {backend}: {len(evening.receipts)} ballots acknowledged, {KILLS} kills, 0 lost; "
            f"{sum(len(each.in_doubt) for each in evening.phones)} answers were cut off, {rescued} of them after the "
            "commit, and these were answered with the same receipt when they came again"
        )


class TestEndedServer:
    def test_who_was_let_in_is_answered_before_it_ends(
        self, evening: Evening, story: Story, settings: Settings, tmp_path: Path
    ) -> None:
        server = ServerProcess(settings, tmp_path)
        ended: list[int] = []
        unanswered: set[tuple[str, int]] = set()

        async def restart() -> None:
            ended.append(await asyncio.to_thread(server.end))
            written = {(entry, stored.version) for entry, stored in evening.box().items()}
            # what came in time is read in time; nobody else answers before the next one starts
            for _ in range(100):
                missing = written - {
                    (receipt["entry_id"], receipt["version"]) for receipt in evening.receipts
                }
                if not missing:
                    break
                await asyncio.sleep(0.1)
            unanswered.update(missing)
            await asyncio.to_thread(server.start)

        with server:
            asyncio.run(evening.disturbed_by(restart, server.url, times=2 if DEEP else 1))
        assert set(ended) <= {0, -signal.SIGTERM}, "it did not end by itself"
        assert unanswered == set(), "written, and not answered"
        evening.check(Signer(settings.secret("signing_key")).public_key)
        assert "Traceback" not in server.log.read_text()
        _close(story, evening)


class TestDisturbedDatabase:
    def test_connections_that_die_and_locks_that_are_taken_lose_and_double_nothing(
        self,
        evening: Evening,
        story: Story,
        settings: Settings,
        tmp_path: Path,
        backend: str,
        figures: Figures,
    ) -> None:
        disturb = _hold_the_lock if backend == "sqlite" else _end_connections
        done = 0

        async def once() -> None:
            nonlocal done
            done += await disturb(evening.database)

        with ServerProcess(settings, tmp_path) as server:
            asyncio.run(evening.disturbed_by(once, server.url, times=BLOWS))
        assert done >= BLOWS // 2, "hardly anything was disturbed"
        evening.check(Signer(settings.secret("signing_key")).public_key)
        _close(story, evening)
        what = "times somebody else held the lock" if backend == "sqlite" else "connections ended"
        figures(
            f"{backend} disturbed: {len(evening.receipts)} ballots acknowledged, {done} {what}, 0 lost; "
            f"{sum(each.turned_away for each in evening.phones)} answers of 503"
        )


async def _end_connections(database: Database) -> int:
    """End every connection but our own, whatever it is in the middle of; returns how many there were."""
    with database.reading() as session:
        ended: int = session.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar_one()
    return ended


async def _hold_the_lock(database: Database) -> int:
    """Keep every writer waiting for a moment, as another program at work on the file would."""
    with database.writing():
        await asyncio.sleep(0.1)
    return 1
