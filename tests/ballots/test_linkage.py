"""With everything but the key, voters cannot be linked to their ballots better than by guessing.

The rounds are real ones, voted in over the API hour by hour, with a backup after each hour and a copy of the journal
before anybody can shorten it. What the adversary makes of them is in `adversary`. Leaks that were thought of and
avoided are then made on purpose, and each is found.
"""

import datetime as dt
import hashlib
import math
import random
import secrets
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.access.actor import Actor
from app.ballots import rules
from app.ballots.service import Booth
from app.core import clock
from app.core.db import Database
from tests.ballots import adversary, canaries
from tests.ballots.adversary import Findings, Knowledge
from tests.callers import Callers
from tests.conftest import DEEP, Figures
from tests.story import Story, ok, phone

ROUNDS = 20 if DEEP else 2
#: Not fewer than are published in full.
VOTERS = 1000 if DEEP else rules.FULL_LIST_FROM
HOURS = 6
PROJECTS = 8
#: Of a hundred voters so many vote again in another hour, and so many take their ballot back before they do.
AGAIN, BACK = 15, 5


@dataclass
class Round:
    """A round that is over: what the adversary has, and what is true."""

    knowledge: Knowledge
    #: roll entry -> tracker of the ballot in force
    truth: dict[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> Findings:
        return adversary.findings(self.knowledge, self.truth)


@dataclass
class Community:
    """The same people, voting in one round after another."""

    story: Story
    database: Database
    voters: list[Actor]
    drain: Callable[[], int]
    again: int = AGAIN
    watched: list[Knowledge] = field(default_factory=list)

    def round(self) -> Round:
        """Vote for some hours, and see it through to the end."""
        since = self._place_in_the_journal()
        projects = self.story.published_projects([100_000 + number for number in range(PROJECTS)])
        round_id = uuid.UUID(self.story.open_round(projects))
        accounts: dict[str, uuid.UUID] = {}
        done = Round(Knowledge(round_id, [uuid.UUID(each) for each in projects], accounts))
        self.watched.append(done.knowledge)
        begin = clock.now()
        for hour, voters in enumerate(self._plan()):
            with clock.frozen(begin + dt.timedelta(hours=hour)), ThreadPoolExecutor(4) as phones:
                for actor, entry, tracker in phones.map(lambda who: self._vote(done.knowledge, *who), voters):
                    assert actor.account_id
                    accounts[entry], done.truth[entry] = actor.account_id, tracker
            done.knowledge.backups.append(adversary.snapshot(self.database, round_id))
            self.copy_journal()
        self.story.finish(str(round_id), self.drain)
        done.knowledge.final = adversary.snapshot(self.database, round_id)
        if not self.database.is_sqlite:
            done.knowledge.journal = [each for _, each in canaries.postgresql_journal(self.database, since)]
        self.watched.remove(done.knowledge)
        assert set(done.truth.values()) == {row["tracker"] for row in done.knowledge.ballots}
        assert len(done.truth) == VOTERS
        return done

    def copy_journal(self) -> None:
        """Keep what SQLite's journal holds now; PostgreSQL keeps its own."""
        if self.database.is_sqlite:
            path = Path(f"{self.database.engine.url.database}-wal")
            held = path.read_bytes() if path.exists() else b""
            for each in self.watched:
                if each.journal and held.startswith(each.journal[-1]):
                    each.journal.pop()  # it has only grown
                each.journal.append(held)

    def _plan(self) -> list[list[tuple[Actor, bool]]]:
        """Hour -> who votes in it, in which order, and whether they take back first what they had cast."""
        plan: list[list[tuple[Actor, bool]]] = [[] for _ in range(HOURS)]
        for actor in random.sample(self.voters, len(self.voters)):
            often = 2 if random.randrange(100) < self.again else 1  # noqa: S311 - made-up people
            for number, hour in enumerate(sorted(random.sample(range(HOURS), often))):
                plan[hour].append((actor, number > 0 and random.randrange(AGAIN) < BACK))  # noqa: S311
        return plan

    def _vote(self, known: Knowledge, actor: Actor, back: bool) -> tuple[Actor, str, str]:  # noqa: FBT001 - by map
        path, secret = f"/api/v1/rounds/{known.round_id}/my-ballot", secrets.token_bytes(16)
        headers = self.story.callers.headers(actor)
        if back:
            ok(self.story.client.delete(path, headers=headers))
        wish = random.sample(known.projects, 3)
        body = {"ranking": [str(each) for each in wish], "secret": secret.hex()}
        receipt = ok(self.story.client.put(path, json=body, headers=headers))
        nonce = bytes.fromhex(receipt["nonce"])
        tracker = rules.tracker(round_id=known.round_id, secret=secret, nonce=nonce)
        return actor, uuid.UUID(receipt["entry_id"]).hex, tracker

    def _place_in_the_journal(self) -> str:
        if self.database.is_sqlite:
            return ""
        with self.database.reading() as session:
            return str(session.execute(sa.text("SELECT pg_current_wal_insert_lsn()")).scalar_one())


@pytest.fixture
def community(
    client: TestClient,
    callers: Callers,
    database: Database,
    drain: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> Community:
    story = Story(client, callers).with_residents(VOTERS)
    voters = callers.resident_actors([phone(number) for number in range(VOTERS)])
    made = Community(story, database, voters, drain)
    rewrite = Database.rewrite

    def copy_then_rewrite(self: Database, table: str) -> None:
        made.copy_journal()
        rewrite(self, table)

    monkeypatch.setattr(Database, "rewrite", copy_then_rewrite)
    return made


class TestLinkage:
    def test_no_way_of_guessing_beats_chance(
        self, community: Community, backend: str, figures: Figures
    ) -> None:
        # One evening in fifty lies outside by chance alone; what is a leak lies outside on the next one too.
        for _ in range(2):
            hits: Counter[str] = Counter()
            trends: Counter[str] = Counter()
            for _ in range(ROUNDS):
                done = community.round()
                found = done.findings
                hits.update(found.hits)
                trends.update(found.trends)
                rows = [row for backup in done.knowledge.backups for row in backup["envelope"]]
                assert len({len(row["ciphertext"]) for row in rows if row["ciphertext"]}) == 1
            bound, widest = (
                adversary.most_by_chance(ROUNDS, len(hits)),
                adversary.strongest_by_chance(len(trends)),
            )
            best, linked = hits.most_common(1)[0]
            clearest, trend = max(trends.items(), key=lambda pair: abs(pair[1]))
            strength = abs(trend) / math.sqrt(ROUNDS)
            if linked <= bound and strength <= widest:
                break
        assert linked <= bound, best
        assert strength <= widest, clearest
        figures(
            f"linkage on {backend}: {len(hits)} strategies on {ROUNDS} rounds of {VOTERS} voters; the best linked "
            f"{linked} of {ROUNDS * VOTERS} where guessing links up to {bound}; the clearest trend is {strength:.1f} "
            f"where chance makes up to {widest:.1f}"
        )


class TestLeak:
    """What the adversary finds where there is something to find."""

    def test_ballots_in_the_order_of_their_envelopes(self, community: Community) -> None:
        done = community.round()
        ballots = {row["tracker"]: row for row in done.knowledge.ballots}
        envelopes = [row["entry_id"] for row in done.knowledge.backups[-1]["envelope"]]
        for place, entry in enumerate(envelopes):
            ballots[done.truth[entry]]["order in the file"] = place
        assert (
            max(count for name, count in done.findings.hits.items() if "order in the file" in name) == VOTERS
        )

    def test_a_list_that_begins_with_the_first_hours(self, community: Community) -> None:
        done = community.round()
        hours = [{row["entry_id"] for row in backup["envelope"]} for backup in done.knowledge.backups]
        first = {
            entry: next(hour for hour, voted in enumerate(hours) if entry in voted) for entry in done.truth
        }
        published = sorted(done.truth, key=lambda entry: (first[entry], done.truth[entry]))
        done.knowledge.final["result"][0]["ballots_pb"] = "\n".join(done.truth[entry] for entry in published)
        trends = done.findings.trends
        assert trends["hour of the first ballot with published list"] > adversary.strongest_by_chance(
            len(trends)
        )

    def test_a_fingerprint_that_is_not_keyed_and_a_tracker_that_the_server_alone_chooses(
        self, community: Community, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        honest = rules.tracker

        def plain(
            _: Booth, *, account_id: uuid.UUID, ranking: tuple[uuid.UUID, ...] | None, **__: object
        ) -> str:
            wish = b"".join(each.bytes for each in ranking or ())
            return hashlib.sha256(account_id.bytes + wish).hexdigest()

        def without_the_phone(*, round_id: uuid.UUID, nonce: bytes, secret: bytes) -> str:  # noqa: ARG001
            return honest(round_id=round_id, secret=b"", nonce=nonce)

        community.again = 0  # with such a fingerprint the same wish twice would be one request
        monkeypatch.setattr(Booth, "fingerprint", plain)
        monkeypatch.setattr(rules, "tracker", without_the_phone)
        done = community.round()
        monkeypatch.setattr(rules, "tracker", honest)
        linked = done.knowledge.looked_up()
        assert linked["a ranking behind a fingerprint"].keys() == done.truth.keys(), (
            "everybody's ranking is known"
        )
        assert linked["a tracker behind a nonce"].items() >= done.truth.items(), "everybody's ballot is known"
