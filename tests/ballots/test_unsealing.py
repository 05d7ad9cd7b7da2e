"""Opening a box by steps: killed anywhere, it is begun again and ends in the same bytes; tampered with, it stops."""

import datetime as dt
import io
import re
import shutil
import uuid
import zipfile
from collections.abc import Callable
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
from app.core.db import Database, DatabaseBusy
from app.results import service as results
from app.wiring import Wiring, wire
from app.worker import Worker
from tests.callers import Callers
from tests.conftest import administer, with_database
from tests.paper_story import PaperStory, Says
from tests.story import Story, ok, refused

VOTERS = 12
#: What people wrote on paper; enough for lines of their own in the public list.
SHEETS: list[Says] = [[1], [2, 1], [3], [1, 2, 3], [2], [3, 2], [1], [2], [3, 1], [1, 3], "blank"]
#: Some roll entry, and what is written about it, in each database's words.
FIRST = {
    "sqlite": "(SELECT min(entry_id) FROM envelope WHERE ciphertext IS NOT NULL)",
    "postgresql": "(SELECT min(entry_id::text) FROM envelope WHERE ciphertext IS NOT NULL)::uuid",
}
ALTERED = {
    "sqlite": "CAST(substr(ciphertext, 1, length(ciphertext) - 1) || x'00' AS BLOB)",
    "postgresql": "substr(ciphertext, 1, length(ciphertext) - 1) || '\\x00'::bytea",
}
TAMPERING = {
    "moved": "UPDATE envelope SET ciphertext = (SELECT ciphertext FROM envelope WHERE entry_id <> {first} "
    "AND ciphertext IS NOT NULL LIMIT 1) "
    "WHERE entry_id = {first}",
    "altered": "UPDATE envelope SET ciphertext = {altered} WHERE entry_id = {first}",
    "newer": "UPDATE envelope SET version = version + 1",
    # for somebody on the roll who has none, made from another one's
    "inserted": "INSERT INTO envelope (round_id, entry_id, version, ciphertext, ciphertext_hash, signature, nonce, "
    "request_hmac, superseded_hmacs) SELECT round_id, (SELECT id FROM roll_entry WHERE id NOT IN "
    "(SELECT entry_id FROM envelope) LIMIT 1), version, ciphertext, ciphertext_hash, signature, nonce, '', '[]' "
    "FROM envelope WHERE entry_id = {first}",
    "taken away": "DELETE FROM envelope WHERE entry_id = {first}",
    "said to be on paper": "UPDATE envelope SET on_paper = TRUE WHERE entry_id = {first}",
    "another list": "UPDATE ballot_box SET leaves = ''",
    "another root": "UPDATE ballot_box SET envelope_root = substr(envelope_root, 2) || 'x'",
}
BY_ENTRY = "signature for this roll entry"
SAYS = {
    "moved": BY_ENTRY, "altered": BY_ENTRY, "newer": BY_ENTRY, "inserted": BY_ENTRY,
    "taken away": "was taken away after closing", "said to be on paper": "was taken away after closing",
    "another list": "was put in after closing", "another root": "not the one that was signed",
}  # fmt: skip
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
def closing(
    client: TestClient, callers: Callers, wiring: Wiring, database: Database, settings: Settings,
    request: pytest.FixtureRequest, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> Callable[[int, list[Says]], Closed]:  # fmt: skip
    """Makes a closed round with so many ballots from phones, and these from paper; one person stays at home."""
    monkeypatch.setattr("app.ballots.rules.FULL_LIST_FROM", 0)

    def make(voters: int, sheets: list[Says]) -> Closed:
        clock.set_frozen(NOON)
        story = Story(client, callers).with_residents(voters + len(sheets) + 1)
        projects = story.published_projects([300_000, 400_000, 500_000])
        round_id = story.open_round(projects)
        for number in range(voters):
            ok(story.cast(round_id, story.resident(number), projects[number % 3 :]))
        Worker(wiring).drain()
        paper = PaperStory(story, round_id)
        batch = paper.vote(sheets, begin=voters) if sheets else None
        paper.close()
        if batch is not None:
            paper.count(batch, sheets)
        ok(client.post(f"/api/v1/rounds/{round_id}/open-box", headers=story.clerk))
        if backend == "sqlite":
            with database.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        url = request.getfixturevalue("postgres_url") if backend == "postgresql" else None
        return Closed(story, round_id, settings, url, tmp_path)

    return make


@pytest.fixture
def closed(closing: Callable[[int, list[Says]], Closed]) -> Closed:
    return closing(3, [])


@pytest.fixture
def closed_with_paper(closing: Callable[[int, list[Says]], Closed]) -> Closed:
    return closing(VOTERS, SHEETS)


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
        self, closed_with_paper: Closed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = closed_with_paper
        undisturbed = closed.again("undisturbed")
        Worker(undisturbed).drain()
        expected = bundle_of(undisturbed, closed.round_id)
        assert expected["ballots.pb"].count(b"PAPER-") == len(SHEETS) - 1
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

    @pytest.mark.parametrize("how", TAMPERING)
    def test_a_box_that_was_tampered_with_does_not_open_and_says_where(
        self, closed: Closed, wiring: Wiring, backend: str, how: str
    ) -> None:
        tamper = TAMPERING[how].format(first=FIRST[backend], altered=ALTERED[backend])
        with wiring.database.reading() as session:
            rows = session.execute(
                text("SELECT entry_id FROM envelope WHERE ciphertext IS NOT NULL")
            ).scalars()
            known = {str(row).replace("-", "") for row in rows}
        with wiring.database.writing() as session:
            session.execute(text(tamper))
        Worker(wiring).drain()
        found = ok(
            closed.story.client.get(f"/api/v1/rounds/{closed.round_id}/box", headers=closed.story.clerk)
        )
        assert "ballot box does not open" in found["failure"]
        assert SAYS[how] in found["failure"]
        if SAYS[how] == BY_ENTRY:
            named = re.search("envelope ([0-9a-f-]{36}) ", found["failure"])
            assert named
            assert (named[1].replace("-", "") in known) == (how != "inserted")
        elif how != "another root":
            assert re.search("[0-9a-f]{64} [0-9a-f]{32} [0-9]+ was", found["failure"])
        assert state(wiring) == "closed"
        with wiring.database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM open_ballot")).scalar_one() == 0

    def test_a_database_that_is_busy_stops_nothing_for_good(
        self, closed: Closed, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unseal: Any = app.ballots.service.unseal
        original, refusals = unseal.post, [DatabaseBusy(retry_after=1)]

        def busy_once(*args: Any, **kwargs: Any) -> Any:
            if refusals:
                raise refusals.pop()
            return original(*args, **kwargs)

        monkeypatch.setattr(unseal, "post", busy_once)
        Worker(wiring).drain()
        assert state(wiring) == "closed"
        box = ok(closed.story.client.get(f"/api/v1/rounds/{closed.round_id}/box", headers=closed.story.clerk))
        assert box["failure"] is None
        time_passes(wiring)
        Worker(wiring).drain()
        assert state(wiring) == "announced"

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

    @pytest.mark.usefixtures("closed_with_paper")
    def test_two_workers_open_one_box_once(self, wiring: Wiring) -> None:
        import threading

        workers = [threading.Thread(target=Worker(wiring).drain) for _ in range(3)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        Worker(wiring).drain()
        with wiring.database.reading() as session:
            assert (
                session.execute(text("SELECT count(*) FROM open_ballot")).scalar_one()
                == VOTERS + len(SHEETS) - 1
            )
            assert session.execute(text("SELECT count(*) FROM result")).scalar_one() == 1
        assert state(wiring) == "announced"


def opened(wiring: Wiring) -> list[Any]:
    with wiring.database.reading() as session:
        rows: Callable[[], Any] = session.execute(
            text("SELECT position, tracker, CAST(ranking AS TEXT) FROM open_ballot ORDER BY position")
        ).all
        return list(rows())
