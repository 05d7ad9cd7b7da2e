"""Nobody who reads everything the service ever writes down finds a ranking, a tracker or a phone's secret in it."""

import json
import logging
import secrets
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.core import logging as app_logging
from app.core.db import Database
from tests.ballots import canaries
from tests.ballots.canaries import Canary, canary
from tests.callers import Callers, Headers
from tests.conftest import Figures
from tests.story import Story, ok

PROJECTS = 20
#: No two of these follow one another on the list, and there are 20! / 8! such rankings: a hit is no accident.
RANKINGS = (
    (13, 2, 17, 5, 11, 0, 19, 7, 3, 16, 8, 14),
    (4, 18, 9, 1, 15, 6, 12, 10, 19, 2, 13, 5),
    (16, 7, 0, 10, 3, 14, 18, 1, 9, 4, 12, 6),
    (8, 19, 6, 15, 2, 11, 17, 0, 13, 9, 5, 1),
)


@dataclass
class Ballots:
    """Ballots with canaries in them, and everything that was said about them."""

    story: Story
    database: Database
    round_id: uuid.UUID
    listed: list[uuid.UUID]
    canaries: list[Canary] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    ciphertexts: set[bytes] = field(default_factory=set)

    @property
    def path(self) -> str:
        return f"/api/v1/rounds/{self.round_id}/my-ballot"

    def cast(self, who: Headers, positions: tuple[int, ...], **changes: object) -> None:
        """Send a ballot, well made or not, and remember what is in it."""
        secret = secrets.token_bytes(16)
        body = {"ranking": [str(self.listed[each]) for each in positions], "secret": secret.hex()} | changes
        self._send(who, json.dumps(body).encode(), positions, secret)

    def send(self, who: Headers, mangle: Callable[[bytes], bytes], positions: tuple[int, ...]) -> None:
        """Send what is no JSON, or too much of it."""
        secret = secrets.token_bytes(16)
        body = {"ranking": [str(self.listed[each]) for each in positions], "secret": secret.hex()}
        self._send(who, mangle(json.dumps(body).encode()), positions, secret)

    def _send(self, who: Headers, body: bytes, positions: tuple[int, ...], secret: bytes) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(8), **who}
        answer = self.story.client.put(self.path, content=body, headers=headers)
        self.answers.append(f"{answer.status_code} {dict(answer.headers)} {answer.text}")
        nonce = bytes.fromhex(answer.json()["nonce"]) if answer.is_success else bytes(16)
        made = canary(
            round_id=self.round_id, listed=self.listed, positions=positions, secret=secret, nonce=nonce
        )
        self.canaries.append(made)
        self.remember_ciphertexts()

    def remember_ciphertexts(self) -> None:
        with self.database.reading() as session:
            found = session.execute(sa.text("SELECT ciphertext FROM envelope WHERE ciphertext IS NOT NULL"))
            self.ciphertexts |= {bytes(each) for each in found.scalars()}

    def statuses(self) -> list[int]:
        return [int(answer[:3]) for answer in self.answers]


@dataclass
class Searched:
    """Where everything is kept, and from where on."""

    database: Database
    home: Path
    since: str
    captured: Callable[[], str]
    searched_bytes: int = 0

    def places(self) -> Iterator[tuple[str, bytes]]:
        log = self.captured().encode()
        logging.disable()  # what the search itself does is nobody's log
        try:
            canaries.written_back(self.database)
            for where, content in (("log of the application", log), *self._places()):
                self.searched_bytes += len(content)
                yield where, content
        finally:
            logging.disable(logging.NOTSET)

    def _places(self) -> Iterable[tuple[str, bytes]]:
        yield from canaries.rows(self.database)
        yield from canaries.backup(self.database)
        yield from canaries.files(self.home)
        if not self.database.is_sqlite:
            yield from canaries.postgresql_tables(self.database)
            yield from canaries.postgresql_journal(self.database, self.since)
            yield from canaries.postgresql_log(self.database)


@pytest.fixture
def searched(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Searched]:  # fmt: skip
    """Everything says all it can, and temporary files lie where they are found."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    since = ""
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            since = connection.exec_driver_sql("SELECT pg_current_wal_lsn()").scalar_one()
            name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
            for setting in ("log_statement = 'all'", "log_min_duration_statement = 0"):
                connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET {setting}')
        database.dispose()
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "psycopg", "asyncio", "httpx"):
        caplog.set_level(logging.DEBUG, logger=name)
    app_logging.configure(level=logging.DEBUG)
    said = [""]

    def captured() -> str:
        said[0] += "".join(capfd.readouterr())
        return said[0] + caplog.text

    yield Searched(database, tmp_path, since, captured)
    app_logging.configure()


@pytest.fixture
def ballots(
    searched: Searched,  # noqa: ARG001 - it listens before anybody says anything
    client: TestClient,
    callers: Callers,
    database: Database,
) -> Ballots:
    story = Story(client, callers).with_residents(3)
    projects = story.published_projects([100_000 + number for number in range(PROJECTS)])
    round_id = story.open_round(projects, max_rank=len(RANKINGS[0]))
    return Ballots(story, database, uuid.UUID(round_id), [uuid.UUID(each) for each in projects])


def _vote_in_every_way(ballots: Ballots) -> None:
    """Cast, replace, withdraw, and do everything wrong that a phone can do wrong."""
    first, second, third = (ballots.story.resident(number) for number in range(3))
    ballots.cast(first, RANKINGS[0])
    ballots.cast(second, RANKINGS[1])
    ballots.cast(second, RANKINGS[2])
    ballots.cast(third, RANKINGS[3])
    ok(ballots.story.client.delete(ballots.path, headers=third))
    assert ballots.statuses() == [200] * 4

    ballots.cast(first, (*RANKINGS[1], 11))
    ballots.cast(first, (*RANKINGS[1][:-1], RANKINGS[1][0]))
    ballots.cast(
        first, RANKINGS[1], ranking=[str(uuid.uuid4()), *(str(ballots.listed[each]) for each in RANKINGS[1])]
    )
    ballots.cast(first, RANKINGS[1], ranking=list(RANKINGS[1]))
    ballots.cast(first, RANKINGS[1], secret="AB" * 16)
    ballots.cast(first, RANKINGS[1], weight=1)
    ballots.cast({**first, "If-Match": '"7"'}, RANKINGS[2])
    ballots.cast({**first, "If-Match": "later"}, RANKINGS[2])
    ballots.cast({**first, "Content-Type": "text/plain"}, RANKINGS[2])
    ballots.cast(ballots.story.resident(77), RANKINGS[2])
    ballots.cast(ballots.story.clerk, RANKINGS[2])
    ballots.cast({"Authorization": "Bearer x.y.z"}, RANKINGS[2])
    ballots.send(first, lambda body: body[:-2], RANKINGS[3])
    ballots.send(first, lambda body: body + b" " * 300_000, RANKINGS[3])
    assert set(ballots.statuses()[4:]) <= {401, 403, 412, 413, 422, 400, 415}, ballots.statuses()
    _vote_while_the_table_is_away(ballots, first)
    ok(ballots.story.client.get(ballots.path.replace("my-ballot", "my-participation"), headers=first))
    ok(ballots.story.client.get(ballots.path.replace("my-ballot", "turnout"), headers=ballots.story.clerk))


def _vote_while_the_table_is_away(ballots: Ballots, who: Headers) -> None:
    """An error of the database, which libraries like to print with all that was sent to it."""
    with ballots.database.writing() as session:
        session.execute(sa.text("ALTER TABLE envelope RENAME TO away"))
    remember, ballots.remember_ciphertexts = ballots.remember_ciphertexts, lambda: None  # type: ignore[method-assign]
    ballots.cast(who, RANKINGS[3])
    ballots.remember_ciphertexts = remember  # type: ignore[method-assign]
    with ballots.database.writing() as session:
        session.execute(sa.text("ALTER TABLE away RENAME TO envelope"))
    assert ballots.statuses()[-1] >= 500


class TestBeforeTheBoxIsOpened:
    def test_no_ballot_can_be_read_anywhere(
        self, ballots: Ballots, searched: Searched, drain: Callable[[], int], backend: str, figures: Figures
    ) -> None:
        _vote_in_every_way(ballots)
        drain()
        assert canaries.hits(ballots.canaries, [("answers", "\n".join(ballots.answers).encode())]) == set()
        assert canaries.hits(ballots.canaries, searched.places()) == set()
        ok(ballots.story.client.post(f"/api/v1/rounds/{ballots.round_id}/close", headers=ballots.story.clerk))
        assert canaries.hits(ballots.canaries, searched.places()) == set()
        traces = sum(len(each.traces()) for each in ballots.canaries)
        figures(
            f"canary search on {backend}: {traces} traces of {len(ballots.canaries)} ballots in "
            f"{searched.searched_bytes // 1_000_000} MB of tables, indexes, journals, logs and backups, 0 hits"
        )

    def test_whatever_was_left_lying_about_is_found(
        self, ballots: Ballots, searched: Searched, backend: str
    ) -> None:
        for number, positions in enumerate(RANKINGS[:3]):
            ballots.cast(ballots.story.resident(number), positions)
        in_a_column, in_the_log, in_a_file = ballots.canaries
        with ballots.database.writing() as session:
            session.execute(
                sa.text("UPDATE round SET description = :text"), {"text": f"[{in_a_column.plaintext.decode()}]"}
            )  # fmt: skip
        app_logging.log().warning("oops", name=in_the_log.tracker)
        (searched.home / "tmp" / "spool").write_bytes(b"".join(each.bytes for each in in_a_file.projects))
        places = list(searched.places())
        where = {place for place, what in canaries.hits([in_a_column], places) if what == "the plaintext"}
        assert "table round" in where
        assert any(place.startswith("backup") for place in where)
        journal = "file gongyi.db" if backend == "sqlite" else "file pg_wal/"
        assert any(place.startswith(journal) for place in where)
        assert backend == "sqlite" or any(place.startswith("file base/") for place in where)
        assert canaries.hits([in_the_log], places) == {("log of the application", "the tracker")}
        assert canaries.hits([in_a_file], places) == {("file tmp/spool", "two projects in order, as bytes")}

    @pytest.mark.parametrize("before", range(4))
    def test_it_is_found_in_any_spelling(self, before: int) -> None:
        import base64

        raw = b"The wish of somebody."
        for spelled in (
            raw, raw[::-1], raw.hex().encode(), base64.b64encode(b"x" * before + raw + b"y" * before),
            base64.urlsafe_b64encode(b"\xff" * before + raw), raw.decode().encode("utf-16"),
        ):  # fmt: skip
            assert any(trace in b"?" * before + spelled for trace in canaries.spellings(raw)), spelled
        assert not any(trace in b"The wish of nobody." for trace in canaries.spellings(raw))


class TestAfterTheKeyIsDestroyed:
    def test_no_envelope_is_left_in_the_files_of_the_database(
        self, ballots: Ballots, searched: Searched, drain: Callable[[], int], backend: str, figures: Figures
    ) -> None:
        for positions in RANKINGS:
            for number in range(3):
                ballots.cast(ballots.story.resident(number), positions)
        ok(ballots.story.client.delete(ballots.path, headers=ballots.story.resident(2)))
        assert len(ballots.ciphertexts) == 12
        # a page that was used again may still hold a part
        pieces = {each[at : at + 16] for each in ballots.ciphertexts for at in range(0, len(each) - 15, 16)}
        search = canaries.Search({piece: piece.hex() for piece in pieces})

        def left() -> int:
            canaries.written_back(ballots.database)
            places = (
                canaries.files(searched.home)
                if backend == "sqlite"
                else canaries.postgresql_tables(ballots.database)
            )
            return len({piece for _, content in places for piece in search.found_in(content)})

        before = left()
        assert before > 0
        ballots.story.finish(str(ballots.round_id), drain)
        assert left() == 0
        figures(f"erased on {backend}: {before} of {len(pieces)} pieces of envelopes before, 0 after")
