"""Opening a box by steps: killed anywhere, it is begun again and ends in the same bytes; tampered with, it stops."""

import datetime as dt
import io
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy import text

import app.ballots.queries
import app.ballots.service.finish
import app.ballots.service.unseal
import app.results.service.counting
import app.results.tasks
from app.ballots.keystore import KeyStore
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.results import service as results
from app.wiring import Wiring, wire
from app.worker import Worker
from tests.callers import Callers
from tests.conftest import administer, with_database
from tests.story import Story, ok, refused

VOTERS = 12
#: Some roll entry, in PostgreSQL's words.
FIRST = "(SELECT min(entry_id::text) FROM envelope)::uuid"
ANOTHER = f"(SELECT ciphertext FROM envelope WHERE entry_id <> {FIRST} LIMIT 1)"  # noqa: S608
NOON = dt.datetime(2026, 12, 1, 4, 0, tzinfo=dt.UTC)


class Killed(BaseException):
    """What no handler of errors catches: the process is gone."""


@dataclass
class Closed:
    """A round that is closed, with ballots inside, and the database and key store as they are at that moment."""

    story: Story
    round_id: str
    settings: Settings
    postgres_url: str | None
    folder: Path

    def again(self, name: str) -> Wiring:
        """The same closed round in a copy of database and key store, as after a restart."""
        home = self.folder / name
        assert self.settings.key_store
        shutil.copytree(self.settings.key_store, home / "keys")
        if self.postgres_url is None:
            source = Path(sa.make_url(self.settings.database_url).database or "")
            shutil.copyfile(source, home / "copy.db")
            url = f"sqlite:///{home / 'copy.db'}"
        else:
            copy = f"copy_{uuid.uuid4().hex[:12]}"
            database = sa.make_url(self.settings.database_url).database
            administer(self.postgres_url, f'CREATE DATABASE "{copy}" TEMPLATE "{database}"')
            url = with_database(self.postgres_url, copy)
        return wire(
            self.settings.model_copy(update={"database_url": url, "key_store": home / "keys", "home": home})
        )


@pytest.fixture
def closed(
    client: TestClient, callers: Callers, wiring: Wiring, database: Database, settings: Settings,
    request: pytest.FixtureRequest, backend: str, tmp_path: Path,
) -> Iterator[Closed]:  # fmt: skip
    with clock.frozen(NOON):
        story = Story(client, callers).with_residents(VOTERS)
        projects = story.published_projects([300_000, 400_000, 500_000])
        round_id = story.open_round(projects)
        for number in range(VOTERS):
            ok(story.cast(round_id, story.resident(number), projects[number % 3 :]))
        Worker(wiring).drain()
        ok(client.post(f"/api/v1/rounds/{round_id}/close", headers=story.clerk))
        ok(client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        if backend == "sqlite":
            with database.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        url = request.getfixturevalue("postgres_url") if backend == "postgresql" else None
        yield Closed(story, round_id, settings, url, tmp_path)


def bundle_of(wiring: Wiring, round_id: str) -> dict[str, bytes]:
    with wiring.database.reading() as session:
        raw = results.public_bundle(session, uuid.UUID(round_id), signer=wiring.signer)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def time_passes(wiring: Wiring) -> None:
    """What a dead worker had claimed is given up, as it is after a minute; the clock itself stands still here."""
    with wiring.database.writing() as session:
        session.execute(text("UPDATE unsealing SET beat_at = NULL"))
        session.execute(text("UPDATE outbox_message SET claimed_until = NULL WHERE done_at IS NULL"))


def state(wiring: Wiring) -> str:
    with wiring.database.reading() as session:
        return str(session.execute(text("SELECT status FROM round")).scalar_one())


#: (module or class, function, whether it has done its work when the process dies). In the order of a box's life.
STEPS: list[tuple[Any, str, bool]] = [
    (app.ballots.service.unseal, "verifies", True),
    (app.ballots.service.unseal, "open_sealed", True),
    (app.ballots.service.unseal, "_write", False),
    (app.ballots.service.unseal, "_write", True),
    (app.ballots.service.unseal, "post", True),
    (app.ballots.service.unseal, "hand_on_unsealing", True),
    (app.results.service.counting, "tally_count", False),
    (app.results.service.counting, "tally_count", True),
    (app.results.service.counting, "tally_recount", True),
    (app.results.service.counting, "_announce", False),
    (app.results.service.counting, "_announce", True),
    (KeyStore, "destroy", False),
    (KeyStore, "destroy", True),
    (app.ballots.service.finish, "post", True),
    (app.ballots.queries, "erase_envelopes", False),
    (app.ballots.queries, "erase_envelopes", True),
    (Database, "rewrite", False),
    (Database, "rewrite", True),
]


class TestOpenBox:
    def test_killed_at_any_step_it_ends_in_the_same_bytes(
        self, closed: Closed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        undisturbed = closed.again("undisturbed")
        Worker(undisturbed).drain()
        expected = bundle_of(undisturbed, closed.round_id)
        assert "ballots.pb" not in expected, "few ballots are published as totals"
        tables = opened(undisturbed)

        disturbed = closed.again("disturbed")
        for where, name, done in STEPS:
            self._kill(disturbed, monkeypatch, where, name, done=done)
            time_passes(disturbed)
        Worker(disturbed).drain()
        assert bundle_of(disturbed, closed.round_id) == expected
        assert opened(disturbed) == tables
        assert state(disturbed) == "announced"
        for each in (undisturbed, disturbed):
            assert not each.keys.has(uuid.UUID(closed.round_id))
            with each.database.reading() as session:
                assert session.execute(text("SELECT count(*) FROM envelope")).scalar_one() == 0
            each.database.dispose()

    @staticmethod
    def _kill(wiring: Wiring, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, done: bool) -> None:
        original = getattr(where, name)
        reached: list[bool] = []

        def dies(*args: Any, **kwargs: Any) -> Any:
            reached.append(True)
            if done:
                original(*args, **kwargs)
            raise Killed

        monkeypatch.setattr(where, name, dies)
        with pytest.raises(Killed):
            Worker(wiring).drain()
        monkeypatch.setattr(where, name, original)
        assert reached

    def test_progress_is_told_and_only_to_those_who_may(self, closed: Closed, wiring: Wiring) -> None:
        path = f"/api/v1/rounds/{closed.round_id}/box"
        client, story = closed.story.client, closed.story
        assert ok(client.get(path, headers=story.clerk))["stage"] == "strip"
        refused(client.get(path, headers=story.resident(0)), 403, "not_allowed")
        refused(client.get(f"/api/v1/rounds/{uuid.uuid4()}/box", headers=story.clerk), 404, "round_not_found")
        Worker(wiring).drain()
        assert ok(client.get(path, headers=story.clerk)) == {
            "round_id": closed.round_id, "stage": "done", "done": 0, "of": 0, "failure": None,
        }  # fmt: skip

    def test_asking_twice_opens_once(self, closed: Closed, wiring: Wiring) -> None:
        path = f"/api/v1/rounds/{closed.round_id}/open-box"
        client, story = closed.story.client, closed.story
        assert ok(client.post(path, headers=story.clerk)) == ok(client.post(path, headers=story.clerk))
        Worker(wiring).drain()
        refused(client.post(path, headers=story.clerk), 409, "round_wrong_state")
        with wiring.database.reading() as session:
            asked = session.execute(text("SELECT count(*) FROM audit_entry WHERE tag = 'box:opening_asked'"))
            assert asked.scalar_one() == 1

    @pytest.mark.parametrize(
        "tamper",
        [
            f"UPDATE envelope SET ciphertext = {ANOTHER} WHERE entry_id = {FIRST}",  # noqa: S608
            "UPDATE envelope SET version = version + 1",
            f"DELETE FROM envelope WHERE entry_id = {FIRST}",  # noqa: S608
            "UPDATE envelope SET on_paper = TRUE",
        ],
        ids=["moved", "newer", "taken away", "said to be on paper"],
    )
    def test_a_box_that_was_tampered_with_does_not_open_and_says_why(
        self, closed: Closed, wiring: Wiring, backend: str, tamper: str
    ) -> None:
        if backend == "sqlite":
            tamper = tamper.replace("::text", "").replace("::uuid", "")
        with wiring.database.writing() as session:
            session.execute(text(tamper))
        Worker(wiring).drain()
        found = ok(
            closed.story.client.get(f"/api/v1/rounds/{closed.round_id}/box", headers=closed.story.clerk)
        )
        assert "ballot box does not open" in found["failure"]
        assert state(wiring) == "closed"
        with wiring.database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM open_ballot")).scalar_one() == 0

    def test_what_was_mended_opens_when_it_is_asked_for_again(self, closed: Closed, wiring: Wiring) -> None:
        round_id = uuid.UUID(closed.round_id)
        path = wiring.keys._path(round_id)
        hidden = path.with_suffix(".elsewhere")
        path.rename(hidden)
        Worker(wiring).drain()
        story = closed.story
        box = ok(story.client.get(f"/api/v1/rounds/{closed.round_id}/box", headers=story.clerk))
        assert "key" in box["failure"]
        refused(
            story.client.post(f"/api/v1/rounds/{closed.round_id}/open-box", headers=story.clerk),
            503,
            "key_missing",
        )
        hidden.rename(path)
        ok(story.client.post(f"/api/v1/rounds/{closed.round_id}/open-box", headers=story.clerk))
        Worker(wiring).drain()
        assert state(wiring) == "announced"

    def test_counts_that_differ_publish_nothing_until_they_agree(
        self, closed: Closed, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counting: Any = app.results.service.counting
        original = counting.tally_recount

        def disagrees(*args: Any) -> Any:
            again = original(*args)
            return type(again)(again.funded, (*reversed(again.priority), "x"), again.completion_holds)

        monkeypatch.setattr(counting, "tally_recount", disagrees)
        Worker(wiring).drain()
        story = closed.story
        box = ok(story.client.get(f"/api/v1/rounds/{closed.round_id}/box", headers=story.clerk))
        assert "priority" in box["failure"]
        assert state(wiring) == "unsealed"
        refused(story.client.get(f"/api/v1/rounds/{closed.round_id}/result"), 404, "no_result_yet")
        monkeypatch.setattr(counting, "tally_recount", original)
        ok(story.client.post(f"/api/v1/rounds/{closed.round_id}/open-box", headers=story.clerk))
        Worker(wiring).drain()
        assert state(wiring) == "announced"

    @pytest.mark.usefixtures("closed")
    def test_two_workers_open_one_box_once(self, wiring: Wiring) -> None:
        import threading

        workers = [threading.Thread(target=Worker(wiring).drain) for _ in range(3)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        Worker(wiring).drain()
        with wiring.database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM open_ballot")).scalar_one() == VOTERS
            assert session.execute(text("SELECT count(*) FROM result")).scalar_one() == 1
        assert state(wiring) == "announced"


def opened(wiring: Wiring) -> list[Any]:
    with wiring.database.reading() as session:
        rows: Callable[[], Any] = session.execute(
            text("SELECT position, tracker, CAST(ranking AS TEXT) FROM open_ballot ORDER BY position")
        ).all
        return list(rows())
