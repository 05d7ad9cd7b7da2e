"""A round as Hypothesis tells it: people vote, change, withdraw, come for paper; the service crashes, is restored, is
tampered with. A model of a few dictionaries says what must be in the box, and the public bundle must say the same."""

import contextlib
import copy
import json
import shutil
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import hypothesis
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

import app.ballots.service.unseal
import app.results.service.counting
from app.ballots.rules import entry_tag, tracker
from app.core.config import Settings
from app.core.db import Database
from app.core.signer import Signer
from app.main import create_app
from app.results import service as results
from app.rounds.rules import PaperPolicy
from app.tally import verify
from app.wiring import Wiring
from app.worker import Worker
from tests.callers import Callers
from tests.conftest import DEEP, administer, with_database
from tests.paper_story import PaperStory
from tests.story import Story, csv_bytes, ok, refused, roster_row

PEOPLE = 6
LATE = 1  # enrolled after the roll is frozen
COSTS = (300_000, 400_000, 500_000, 200_000)
MAX_RANK = 3
Ranking = tuple[int, ...]

rankings = st.lists(st.integers(0, len(COSTS) - 1), min_size=1, max_size=MAX_RANK, unique=True).map(tuple)
people = st.integers(0, PEOPLE + LATE - 1)
sheets = st.one_of(rankings, st.sampled_from(["unsigned", "unreadable", "too_many_ranks", "late", "blank"]))


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Request:
    """What a phone sent, and what it got."""

    ranking: Ranking
    secret: str
    receipt: dict[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        return {"secret": self.secret}


@dataclass
class Wishes:
    """What everybody wants: the model."""

    online: dict[int, Request] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    #: Everything that was ever answered, newest last.
    sent: dict[int, list[Request]] = field(default_factory=dict)
    paper: dict[int, Ranking | str] = field(default_factory=dict)


@dataclass
class Ground:
    """Databases to play on."""

    settings: Settings
    postgres_url: str | None
    template: str
    folder: Path
    made: list[str] = field(default_factory=list)

    def copy(self, source: str | None = None) -> str:
        """The URL of a copy of a database nobody is connected to."""
        name = f"model_{uuid.uuid4().hex[:12]}"
        if self.postgres_url is None:
            shutil.copyfile(
                self.template if source is None else sa.make_url(source).database or "", self.folder / name
            )
            return f"sqlite:///{self.folder / name}"
        database = self.template if source is None else sa.make_url(source).database
        administer(self.postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{database}"')
        self.made.append(name)
        return with_database(self.postgres_url, name)

    def clear(self) -> None:
        """Drop what was made on the server."""
        for name in self.made:
            administer(self.postgres_url or "", f'DROP DATABASE "{name}" WITH (FORCE)')


class BallotBox(RuleBasedStateMachine):
    """One round from its list to its public bundle."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground
        self.url = ground.copy()
        self.home = ground.folder / uuid.uuid4().hex
        self.wishes = Wishes()
        self.state = "new"
        self.numbers = 0
        self.batch: str | None = None
        self._start()

    def _start(self) -> None:
        settings = self.ground.settings.model_copy(
            update={"database_url": self.url, "home": self.home, "key_store": self.home / "keys"}
        )
        self.app = create_app(settings)
        self.wiring: Wiring = self.app.state.wiring
        self.database: Database = self.wiring.database
        self._context = contextlib.ExitStack()
        self.client = self._context.enter_context(TestClient(self.app, headers={"Accept-Language": "en"}))
        if hasattr(self, "story"):
            self.story.client, self.story.callers = self.client, Callers(self.app, self.database)

    def _stop(self) -> None:
        self._context.close()
        if self.database.is_sqlite:
            with self.database.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.database.dispose()

    # --- the life of a round ----------------------------------------------------------------------------------------

    @initialize(policy=st.sampled_from(PaperPolicy))
    def publish(self, policy: PaperPolicy) -> None:
        self.policy = policy
        self.story = Story(self.client, Callers(self.app, self.database)).with_residents(PEOPLE)
        self.projects = self.story.published_projects(COSTS)
        self.round_id = self.story.publish_round(self.projects, paper=policy.value, max_rank=MAX_RANK)
        self.state = "published"

    @precondition(lambda self: self.state == "published")
    @rule()
    def open_round(self) -> None:
        """The roll freezes; who comes later is not on it."""
        ok(self.client.post(f"/api/v1/rounds/{self.round_id}/open", headers=self.story.clerk))
        self.state = "open"
        self.story.import_roster(csv_bytes([roster_row(number) for number in range(PEOPLE + LATE)]))
        self.desk = PaperStory(self.story, self.round_id)
        if self.policy is not PaperPolicy.NONE:
            self.batch = self.desk.batch(20)

    @precondition(lambda self: self.state == "open")
    @rule(number=people, ranking=rankings, match=st.sampled_from([None, "right", "wrong"]))
    def cast(self, number: int, ranking: Ranking, match: str | None) -> None:
        self.numbers += 1
        secret = f"{self.numbers:032x}"
        version = self.wishes.versions.get(number, 0)
        headers = {} if match is None else {"If-Match": f'"{version if match == "right" else version + 1}"'}
        answer = self._put(number, ranking, secret, headers)
        if number >= PEOPLE:
            refused(answer, 403, "not_on_the_roll")
        elif self._door_closed(number):
            refused(answer, 409, "signed_in_on_paper")
        elif match == "wrong":
            refused(answer, 412, "ballot_changed")
        else:
            receipt = ok(answer)
            assert receipt["version"] == version + 1
            self._accept(number, Request(ranking, secret, receipt))

    @precondition(lambda self: self.state == "open" and self.wishes.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """A phone that got no answer repeats itself, perhaps long after another phone has changed the ballot."""
        number = data.draw(st.sampled_from(sorted(self.wishes.sent)))
        request = data.draw(st.sampled_from(self.wishes.sent[number]))
        answer = self._put(number, request.ranking, request.secret, {})
        if self.wishes.online.get(number) is request:
            assert ok(answer) == request.receipt
        elif answer.status_code == 409:
            assert self._door_closed(number)
        else:
            refused(answer, 412, "ballot_changed")

    @precondition(lambda self: self.state == "open")
    @rule(number=people)
    def withdraw(self, number: int) -> None:
        answer = self.client.delete(
            f"/api/v1/rounds/{self.round_id}/my-ballot", headers=self.story.resident(number)
        )
        if number >= PEOPLE:
            refused(answer, 403, "not_on_the_roll")
        elif self._door_closed(number):
            refused(answer, 409, "signed_in_on_paper")
        elif number not in self.wishes.online:
            refused(answer, 404, "no_ballot")
        else:
            assert ok(answer)["withdrawn"]
            self.wishes.versions[number] += 1
            del self.wishes.online[number]

    @precondition(lambda self: self.state == "open" and self.batch is not None)
    @rule(number=st.integers(0, PEOPLE - 1), says=sheets)
    def sign_in_on_paper(self, number: int, says: Ranking | str) -> None:
        assert self.batch
        answer = self.desk.sign_in(self.batch, number)
        if number in self.wishes.paper:
            refused(answer, 409, "already_signed_in_for_paper")
        elif self.policy is PaperPolicy.FIRST_WINS and number in self.wishes.online:
            refused(answer, 409, "already_voted_online")
        else:
            ok(answer)
            self.wishes.paper[number] = says

    @precondition(lambda self: self.state == "open" and self.wishes.paper)
    @rule(data=st.data())
    def undo_sign_in(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.wishes.paper)))
        assert self.batch
        assert self.desk.undo(self.batch, self._entry(number)).is_success
        del self.wishes.paper[number]

    @precondition(lambda self: self.state != "new")
    @rule()
    def crash(self) -> None:
        """The process ends and another one starts."""
        self._stop()
        self._start()

    @precondition(lambda self: self.state == "open")
    @rule(number=st.integers(0, PEOPLE - 1), ranking=rankings)
    def lose_the_disk(self, number: int, ranking: Ranking) -> None:
        """Somebody votes after the last backup, and the backup is all that is left."""
        self._stop()
        backup, before = self.ground.copy(self.url), copy.deepcopy(self.wishes)
        self._start()
        self.cast(number, ranking, None)
        lost = self.wishes.sent.get(number, [])
        self._stop()
        self.url, self.wishes = backup, before
        if len(lost) > len(before.sent.get(number, [])):
            self.lost = lost[-1]
        self._start()

    @precondition(lambda self: self.state == "open")
    @rule()
    def close(self) -> None:
        ok(self.client.post(f"/api/v1/rounds/{self.round_id}/close", headers=self.story.clerk))
        self.state = "closed"
        refused(self._put(0, (0,), "f" * 32, {}), 409, "round_closed")

    @precondition(lambda self: self.state == "closed")
    @rule(change=st.sampled_from(["ciphertext", "version", "signature"]))
    def tamper(self, change: str) -> None:
        """Somebody with the database alters an envelope; the box says so and stays shut until that is undone."""
        column = {"ciphertext": "nonce", "version": "version + 1", "signature": "ciphertext_hash"}[change]
        in_force = "ciphertext IS NOT NULL AND NOT on_paper"
        with self.database.writing() as session:
            before = session.execute(
                text(f"SELECT entry_id, {change} FROM envelope WHERE {in_force}")  # noqa: S608
            ).all()
            session.execute(text(f"UPDATE envelope SET {change} = {column} WHERE {in_force}"))  # noqa: S608
        if not before:
            return
        self._count_paper()
        ok(self.client.post(f"/api/v1/rounds/{self.round_id}/open-box", headers=self.story.clerk))
        Worker(self.wiring).drain()
        box = ok(self.client.get(f"/api/v1/rounds/{self.round_id}/box", headers=self.story.clerk))
        assert "does not open" in box["failure"]
        with self.database.writing() as session:
            for entry_id, value in before:
                session.execute(
                    text(f"UPDATE envelope SET {change} = :value WHERE entry_id = :entry_id"),  # noqa: S608
                    {"value": value, "entry_id": entry_id},
                )

    @precondition(lambda self: self.state == "closed")
    @rule(
        killed=st.sampled_from(
            [None, "verifies", "open_sealed", "_write", "post", "tally_count", "_announce"]
        )
    )
    def unseal(self, killed: str | None) -> None:
        """The box is opened, perhaps by a worker that dies over it, and then by the next one."""
        self._count_paper()
        ok(self.client.post(f"/api/v1/rounds/{self.round_id}/open-box", headers=self.story.clerk))
        if killed is not None:
            self._kill_at(killed)
        Worker(self.wiring).drain()
        self.state = "announced"
        self._check()

    @invariant()
    def nothing_leaks_and_nobody_has_two(self) -> None:
        if self.state != "open":
            return
        with self.database.reading() as session:
            rows = session.execute(text("SELECT version, ciphertext_hash, on_paper FROM envelope")).all()
            opened = session.execute(text("SELECT count(*) FROM open_ballot")).scalar_one()
        assert opened == 0
        in_force = {row.ciphertext_hash for row in rows if row.ciphertext_hash and not row.on_paper}
        expected = {
            request.receipt["envelope_hash"]
            for number, request in self.wishes.online.items()
            if not self._door_closed(number)
        }
        assert in_force == expected

    def teardown(self) -> None:
        try:
            if self.state == "published":
                self.open_round()
            if self.state == "open":
                self.close()
            if self.state == "closed":
                self.unseal("_write")
        finally:
            self._stop()

    # --- how it is done ---------------------------------------------------------------------------------------------

    lost: Request | None = None

    def _put(self, number: int, ranking: Ranking, secret: str, headers: dict[str, str]) -> Any:
        body = {"ranking": [self.projects[each] for each in ranking], "secret": secret}
        who = self.story.resident(number)
        return self.client.put(f"/api/v1/rounds/{self.round_id}/my-ballot", json=body, headers=who | headers)

    def _accept(self, number: int, request: Request) -> None:
        self.wishes.online[number] = request
        self.wishes.versions[number] = request.receipt["version"]
        self.wishes.sent.setdefault(number, []).append(request)

    def _door_closed(self, number: int) -> bool:
        return number in self.wishes.paper and self.policy in {PaperPolicy.FIRST_WINS, PaperPolicy.PAPER_WINS}

    def _entry(self, number: int) -> str:
        found = ok(self.client.get(f"/api/v1/paper-batches/{self.batch}/sign-ins", headers=self.story.clerk))[
            "items"
        ]
        subject = self.desk.subject(number)
        return str(next(each["entry_id"] for each in found if subject in json.dumps(each)))

    def _sheets(self) -> list[Ranking | str]:
        """What lies in the urn when online ballots that win are left out."""
        return [
            says
            for number, says in sorted(self.wishes.paper.items())
            if self.policy is not PaperPolicy.ONLINE_WINS or number not in self.wishes.online
        ]

    def _count_paper(self) -> None:
        if self.batch is None or not self.desk.read(self.batch)["unfinished"]:
            return
        in_urn = self._sheets()
        unopened = len(self.wishes.paper) - len(in_urn)
        printed = self.desk.serials(self.batch)
        ok(self.desk.give_back(
            self.batch, used=len(in_urn), unused=len(printed) - len(self.wishes.paper), unopened=unopened
        ))  # fmt: skip
        lines = [
            {"serial": serial, "void": says} if isinstance(says, str)
            else {"serial": serial, "numbers": [each + 1 for each in says]}
            for serial, says in zip(printed, in_urn, strict=False)
        ]  # fmt: skip
        if lines:
            ok(self.desk.key(self.batch, lines, self.desk.first))
            # the second person reads the first sheet otherwise, and a third one decides
            serial = lines[0]["serial"]
            misread = (
                {"serial": serial, "numbers": [1]}
                if "void" in lines[0]
                else {"serial": serial, "void": "unreadable"}
            )
            ok(self.desk.key(self.batch, [misread, *lines[1:]], self.desk.second))
            assert self.desk.read(self.batch)["differing"] == [serial]
            ok(self.desk.key(self.batch, lines[:1], self.desk.third))
        assert self.desk.read(self.batch)["unfinished"] == []

    def _kill_at(self, name: str) -> None:
        where = (
            app.results.service.counting
            if hasattr(app.results.service.counting, name) and name in {"tally_count", "_announce"}
            else app.ballots.service.unseal
        )
        original: Callable[..., Any] = getattr(where, name)

        def dies(*args: Any, **kwargs: Any) -> Any:
            original(*args, **kwargs)
            raise Killed

        setattr(where, name, dies)
        try:
            with contextlib.suppress(Killed):
                Worker(self.wiring).drain()
        finally:
            setattr(where, name, original)
        with self.database.writing() as session:
            session.execute(text("UPDATE unsealing SET beat_at = NULL"))

    def _check(self) -> None:
        """The box held what the model says, and the bundle proves it to everybody."""
        paper = Counter(each for each in self._sheets() if not isinstance(each, str))
        online = {
            number: request for number, request in self.wishes.online.items() if not self._door_closed(number)
        }
        expected = paper + Counter(request.ranking for request in online.values())
        with self.database.reading() as session:
            rows = session.execute(
                text("SELECT tracker, CAST(ranking AS TEXT) FROM open_ballot ORDER BY position")
            ).all()
            raw = results.public_bundle(session, uuid.UUID(self.round_id), signer=self._signer)
        assert Counter(tuple(json.loads(ranking)) for _, ranking in rows) == expected
        path = self.home / "bundle.zip"
        path.write_bytes(raw)
        assert verify.main([str(path)]) == 0
        lines = dict(rows)
        bundle = verify.Bundle.open(path)
        for number, request in online.items():
            nonce = bytes.fromhex(request.receipt["nonce"])
            mine = tracker(
                round_id=uuid.UUID(self.round_id), secret=bytes.fromhex(request.secret), nonce=nonce
            )
            assert tuple(json.loads(lines[mine])) == request.ranking
            assert verify.main([str(path), "--tracker", mine]) == 0
            assert self._answer(bundle, request) == "counted", number
        for number, requests in self.wishes.sent.items():
            for request in requests:
                if online.get(number) is not request:
                    assert self._answer(bundle, request) in {"superseded", "withdrawn", "paper"}
        if self.lost is not None and not self._same_as_kept(self.lost):
            receipt = self.home / "lost.json"
            receipt.write_text(json.dumps(self.lost.receipt))
            said = verify.main([str(path), "--receipt", str(receipt)])
            kept, on_paper = self._kept_of(self.lost)
            later = kept > self.lost.receipt["version"] or (on_paper and kept == self.lost.receipt["version"])
            assert said == (0 if later else 1)

    @staticmethod
    def _answer(bundle: verify.Bundle, request: Request) -> str:
        try:
            said = verify.find_receipt(bundle, request.receipt)
        except verify.Wrong:
            return "unknown"
        for words, answer in (
            ("receipt: in the final set", "counted"),
            ("receipt: superseded by version", "superseded"),
            ("receipt: superseded by paper", "paper"),
            ("receipt: withdrawn", "withdrawn"),
        ):
            if said.startswith(words):
                return answer
        raise AssertionError(said)

    def _same_as_kept(self, lost: Request) -> bool:
        return any(lost.receipt == each.receipt for each in self.wishes.online.values())

    def _kept_of(self, lost: Request) -> tuple[int, bool]:
        """The version of a lost ballot's entry that the box has, and whether its voter came for a sheet."""
        with self.database.reading() as session:
            rows = session.execute(text("SELECT set_aside, leaves FROM ballot_box")).one()
        tag = entry_tag(round_id=uuid.UUID(self.round_id), entry_id=uuid.UUID(lost.receipt["entry_id"]))
        for line in rows.leaves.splitlines():
            if tag in line:
                return int(line.split()[2]), False
        for line in rows.set_aside.splitlines():
            if tag in line:
                return int(line.split()[1]), line.endswith("paper")
        return 0, False

    @property
    def _signer(self) -> Signer:
        return self.wiring.signer


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_round_as_hypothesis_tells_it(
    settings: Settings, backend: str, request: pytest.FixtureRequest, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("app.ballots.rules.FULL_LIST_FROM", 0)
    sqlite = backend == "sqlite"
    ground = Ground(
        settings,
        None if sqlite else request.getfixturevalue("postgres_url"),
        str(request.getfixturevalue("sqlite_template" if sqlite else "postgres_template")),
        tmp_path,
    )
    # a database on the server takes longer to copy
    examples, steps = (200 if sqlite else 50, 40) if DEEP else (8 if sqlite else 2, 25)
    try:
        run_state_machine_as_test(
            cast("type[BallotBox]", lambda: BallotBox(ground)),
            settings=hypothesis.settings(
                max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=not DEEP,
                suppress_health_check=list(hypothesis.HealthCheck), report_multiple_bugs=False,
                # shrinking takes longer than anybody waits for CI
                phases=list(hypothesis.Phase) if DEEP else [hypothesis.Phase.generate],
            ),
        )  # fmt: skip
    finally:
        ground.clear()
