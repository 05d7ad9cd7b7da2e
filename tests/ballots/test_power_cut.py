"""The power fails while people vote, at any moment and with any luck: what was answered is there afterwards.

`kill -9` proves little about this: the operating system still writes what the process gave it. Here only what was
synced is certain. With ``synchronous=NORMAL`` the same test loses ballots, so it can fail.
"""

import json
import random
import sqlite3
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.access.actor import Actor
from app.ballots.service import Booth, Booths, Caster, CastItem, Receipt
from app.core.config import Mode, Settings, new_secret
from app.core.db import Database
from app.core.writer import BatchWriter
from app.main import create_app
from app.wiring import Wiring
from tests.ballots.recorded_disk import Disk, Sync, chance, everything, nothing, recorded
from tests.callers import Callers
from tests.conftest import DEEP, Figures
from tests.story import Story, phone

VOTERS = 40
#: One after another; the writer takes so many at a time.
BATCHES = 1000 if DEEP else 120
LARGEST_BATCH = 6
#: So many pages make SQLite write its journal back.
PAGES = 300
CUTS = 1000 if DEEP else 60
SEED = 20260801


@dataclass
class PollingPlace:
    """An open round whose database nobody has open."""

    path: Path
    wiring: Wiring
    round_id: uuid.UUID
    projects: list[uuid.UUID]
    voters: list[Actor]


@dataclass
class Evening:
    """What was done to the files, and after how many events of the disk each receipt was given."""

    disk: Disk
    receipts: list[tuple[int, Receipt]] = field(default_factory=list)

    def acknowledged(self, at: int) -> dict[str, Receipt]:
        """Roll entry -> the last receipt that was given before the power failed."""
        return {receipt.entry_id.hex: receipt for given, receipt in self.receipts if given <= at}


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> PollingPlace:
    path = tmp_path / "gongyi.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(
        mode=Mode.DEVELOPMENT, home=tmp_path, database_url=f"sqlite:///{path}",
        token_key=new_secret(), data_key=new_secret(), signing_key=new_secret(),
    )  # fmt: skip
    app = create_app(settings)
    wiring: Wiring = app.state.wiring
    with TestClient(app) as client:
        story = Story(client, Callers(app, wiring.database)).with_residents(VOTERS)
        projects = story.published_projects([100_000 + number for number in range(6)])
        round_id = uuid.UUID(story.open_round(projects))
        voters = story.callers.resident_actors([phone(number) for number in range(VOTERS)])
    assert not path.with_name("gongyi.db-wal").exists(), "the journal belongs to what was there before"
    return PollingPlace(path, wiring, round_id, [uuid.UUID(each) for each in projects], voters)


def vote(place: PollingPlace, *, synchronous: str | None = None) -> Evening:
    """Everybody votes, and again, and withdraws, through the application's own writer, on the recorded disk."""
    database = Database(f"sqlite:///{place.path}")
    # The journal is written back sooner than in service, so that it happens several times in one short evening.
    pragmas = [f"PRAGMA wal_autocheckpoint={PAGES}"]
    if synchronous is not None:
        pragmas.append(f"PRAGMA synchronous={synchronous}")

    def configure(connection: Any, _: object) -> None:
        for pragma in pragmas:
            connection.cursor().execute(pragma)

    event.listen(database.engine, "connect", configure)
    dice = random.Random(SEED)  # noqa: S311 - the same evening every time
    with recorded(database.engine, place.path) as disk:
        evening = Evening(disk)
        booths = Booths(place.wiring.keys)
        with database.reading() as session:
            booth = booths.set_up(session, place.round_id)
        writer = BatchWriter(
            database, Caster(booths, place.wiring.signer), conflicts=lambda item: item.conflict_key
        )
        writer.start()
        for _ in range(BATCHES):
            voters = dice.sample(place.voters, dice.randint(1, LARGEST_BATCH))
            futures = [writer.enqueue(_item(place, booth, voter, dice)) for voter in voters]
            for future in futures:
                # In the writer's own thread, at the moment of the answer.
                future.add_done_callback(
                    lambda done: evening.receipts.append((len(disk.events), done.result()))
                )
            for future in futures:
                future.result(timeout=60)
        writer.stop()
        # What closing the files does afterwards belongs to another story.
        evening.disk = Disk(disk.before, list(disk.events))
    return evening


def _item(place: PollingPlace, booth: Booth, voter: Actor, dice: random.Random) -> CastItem:
    assert voter.account_id
    assert voter.session_id
    sealed = booth.seal(tuple(dice.sample(place.projects, 3)), dice.randbytes(16))
    return CastItem(
        place.round_id, voter.account_id, voter.session_id, sealed, dice.randbytes(32).hex(), None
    )  # fmt: skip


def lost(evening: Evening, at: int, files: Mapping[str, bytearray], folder: Path) -> int:
    """Start again with what is left; how many of the acknowledged ballots are not there as the receipts say."""
    for leftover in folder.glob("gongyi.db*"):
        leftover.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with closing(sqlite3.connect(folder / "gongyi.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = connection.execute("SELECT entry_id, version, ciphertext_hash, signature FROM envelope")
        stored = {entry: (version, digest, signature) for entry, version, digest, signature in rows}
        recorded_casts = [
            json.loads(facts)["count"]
            for (facts,) in connection.execute("SELECT facts FROM audit_entry WHERE tag = 'ballots:cast'")
        ]
    # Whole transactions only: the record counts every version that is there, no more and no fewer.
    assert sum(recorded_casts) == sum(version for version, _, _ in stored.values())
    missing = 0
    for entry, receipt in evening.acknowledged(at).items():
        version, digest, signature = stored.get(entry, (0, None, None))
        if version == receipt.version:
            assert (digest, signature) == (receipt.envelope_hash, receipt.signature)
        missing += version < receipt.version
    return missing


def moments(evening: Evening) -> list[int]:
    """Some spread over the evening, and some right after an answer, when the most is at stake."""
    dice = random.Random(SEED)  # noqa: S311 - the same moments every time
    any_moment = range(1, len(evening.disk.events))
    after_answers = [given for given, _ in evening.receipts]
    return dice.sample(any_moment, CUTS // 2) + dice.sample(after_answers, CUTS // 2)


class TestPowerCut:
    def test_no_acknowledged_ballot_is_lost_at_any_moment_with_any_luck(
        self, place: PollingPlace, tmp_path: Path, figures: Figures
    ) -> None:
        evening = vote(place)
        folder = tmp_path / "after"
        folder.mkdir()
        tried = 0
        for at, remains in evening.disk.at(moments(evening)):
            for luck in (nothing, chance(at), chance(-at), everything):
                assert lost(evening, at, remains.after_cut(luck), folder) == 0, f"after {at} events"
                tried += 1
        checkpoints = sum(each == Sync("gongyi.db") for each in evening.disk.events)
        assert checkpoints > 1, "the journal was never written back, so half of the story is missing"
        figures(
            f"power cut on SQLite: {len(evening.receipts)} ballots acknowledged, {tried} cuts "
            f"({checkpoints} checkpoints among {len(evening.disk.events)} events), 0 lost"
        )

    def test_a_journal_that_is_not_synced_at_each_commit_loses_acknowledged_ballots(
        self, place: PollingPlace, tmp_path: Path, figures: Figures
    ) -> None:
        evening = vote(place, synchronous="NORMAL")
        folder = tmp_path / "after"
        folder.mkdir()
        losses = []
        for at, remains in evening.disk.at(moments(evening)):
            losses.append(lost(evening, at, remains.after_cut(nothing), folder))
            # kill -9 would not have shown it
            assert lost(evening, at, remains.after_cut(everything), folder) == 0
        assert max(losses) > 0
        figures(
            f"counter-test with synchronous=NORMAL: up to {max(losses)} of {VOTERS} acknowledged ballots lost in a "
            f"power cut, in {sum(each > 0 for each in losses)} of {len(losses)} cuts; 0 lost by kill -9"
        )
