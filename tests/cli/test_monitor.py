"""``gongyi monitor``: an honest board is left in peace, a dishonest one is not, however it lies."""

import datetime as dt
import importlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.ballots import board_tasks, rules
from app.cli import commands
from app.core import clock
from app.core.merkle import consistency_proof, merkle_root
from app.core.signer import Signer, b64
from app.wiring import Wiring
from app.worker import Worker
from tests.callers import Callers
from tests.story import Story, ok

#: The package has the command under the module's name.
command: Any = importlib.import_module("app.cli.monitor")
runner = CliRunner()
URL = "https://vote.example.cn"
ROUND = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
OTHER = "7f9619ff-8b86-4011-b42d-00cf4fc964ff"
#: Half past nine in the morning in Beijing.
START = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@dataclass
class FakeBoard:
    """What a service says of one round; whatever is set here is signed, as a service that lies would."""

    round_id: str
    signer: Signer
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    times: list[dt.datetime] = field(default_factory=list)

    def post(self, kind: str, **body: Any) -> None:
        self.events.append((kind, body))
        self.times.append(clock.now())

    def hour(self, hour: str, *, missed: bool = False) -> None:
        self.post(
            "hour",
            hour=f"2026-03-02T{hour}:00:00+08:00",
            **({"missed": True} if missed else {"envelope_root": "ab"}),
        )

    def leaves(self) -> list[bytes]:
        return [
            rules.board_statement(round_id=uuid.UUID(self.round_id), position=at, kind=kind, body=body)
            for at, (kind, body) in enumerate(self.events, start=1)
        ]

    def entries(self) -> list[dict[str, Any]]:
        return [
            {"position": at, "kind": kind, "body": body, "signature": b64(self.signer.sign(leaf))}
            for at, ((kind, body), leaf) in enumerate(zip(self.events, self.leaves(), strict=True), start=1)
        ]

    def head(self, size: int | None = None) -> dict[str, Any]:
        size = len(self.events) if size is None else size
        root, at = merkle_root(self.leaves()[:size]).hex(), self.times[size - 1]
        statement = rules.head_statement(round_id=uuid.UUID(self.round_id), size=size, root=root, at=at)
        return {
            "round_id": self.round_id, "size": size, "root": root, "at": rules.head_time(at),
            "signature": b64(self.signer.sign(statement)),
        }  # fmt: skip


@dataclass
class FakeService:
    """The routes of a public board, over boards that tests change behind the monitor's back."""

    signer: Signer = field(default_factory=lambda: Signer(b"\5" * 32))
    boards: dict[str, FakeBoard] = field(default_factory=dict)
    #: Path -> what is answered instead.
    instead: dict[str, httpx.Response | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def board(self, round_id: str = ROUND) -> FakeBoard:
        return self.boards.setdefault(round_id, FakeBoard(round_id, self.signer))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path in self.instead:
            answer = self.instead[path]
            if isinstance(answer, Exception):
                raise answer
            return answer
        assert request.headers["cache-control"] == "no-cache"
        if path == "/board/v1/rounds":
            return httpx.Response(200, json=self._page(request.url.params.get("cursor")))
        round_id, _, what = path.removeprefix("/board/v1/rounds/").partition("/")
        if round_id not in self.boards:
            return httpx.Response(404, json={"code": "round_not_found"})
        board = self.boards[round_id]
        if what == "":
            return httpx.Response(
                200, json={"signed_with": self._key, "entries": board.entries(), "head": board.head(), "level": None}
            )  # fmt: skip
        if what == "heads":
            heads = [board.head(size) for size in range(1, len(board.events) + 1)]
            return httpx.Response(200, json={"signed_with": self._key, "heads": heads})
        assert what == "consistency"
        earlier, size = (int(request.url.params[name]) for name in ("from", "to"))
        path_up = [each.hex() for each in consistency_proof(board.leaves()[:size], earlier)]
        return httpx.Response(200, json={"path": path_up, "size": size})

    @property
    def _key(self) -> str:
        return b64(self.signer.public_key)

    def _page(self, cursor: str | None) -> dict[str, Any]:
        """One round a page."""
        known = [each for each in sorted(self.boards) if self.boards[each].events]
        rest = [each for each in known if cursor is None or each > cursor]
        return {
            "signed_with": self._key,
            "items": [self.boards[each].head() for each in rest[:1]],
            "next_cursor": rest[0] if len(rest) > 1 else None,
        }


Look = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def service() -> FakeService:
    """A round that was published and opened at half past nine."""
    clock.set_frozen(START)
    service = FakeService()
    service.board().post("published", frozen_digest="ab")
    service.board().post("opened", roll_size=9, sealing_key="AAAA")
    return service


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "seen" / "state.json"


@pytest.fixture
def look(service: FakeService, state: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Look once, so many minutes after `START`: the exit code, and the alarms."""
    over(monkeypatch, httpx.MockTransport(service))

    def run(minutes: int = 0, *arguments: str) -> tuple[int, list[str]]:
        clock.set_frozen(START + minutes * MINUTE)
        result = runner.invoke(commands(), ["monitor", URL, "--once", "--state", str(state), *arguments])
        assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit), result
        lines = result.stdout.splitlines()
        assert result.exit_code == 2 or "已检查" in lines[-1], result.output
        return result.exit_code, [line for line in lines if line.startswith("ALARM")]

    return run


def over(monkeypatch: pytest.MonkeyPatch, transport: httpx.BaseTransport) -> None:
    client = command._client

    def made(url: str) -> httpx.Client:
        real = client(url)
        return httpx.Client(base_url=real.base_url, headers=real.headers, transport=transport)

    monkeypatch.setattr(command, "_client", made)


def evidence(state: Path) -> list[dict[str, Any]]:
    found = sorted((state.parent / "state-alarms").glob("*.json"))
    return [json.loads(each.read_text(encoding="utf-8")) for each in found]


class TestHonest:
    def test_a_whole_life_raises_no_alarm(self, service: FakeService, look: Look, state: Path) -> None:
        assert look(1) == (0, [])
        for minutes, hour in ((31, "09"), (91, "10")):
            clock.set_frozen(START + minutes * MINUTE)
            service.board().hour(hour)
            assert look(minutes + 1) == (0, [])
        clock.set_frozen(START + 120 * MINUTE)
        for kind in ("closed", "unsealed", "result", "key_destroyed"):
            service.board().post(kind)
            assert look(120) == (0, [])
        assert look(6000) == (0, [])
        known = json.loads(state.read_text())["rounds"][ROUND]
        assert known["head"] == service.board().head()
        assert (known["open"], known["opened_at"]) == (False, "2026-03-02T01:30:00Z")
        assert list(state.parent.iterdir()) == [state]

    def test_what_has_not_changed_and_is_not_open_is_not_asked_for_again(
        self, service: FakeService, look: Look
    ) -> None:
        service.board(OTHER).post("published")
        look(1)
        service.asked.clear()
        assert look(2) == (0, [])
        assert service.asked == ["/board/v1/rounds", "/board/v1/rounds", f"/board/v1/rounds/{ROUND}"]

    def test_a_board_may_grow_while_it_is_looked_at(self, service: FakeService, look: Look) -> None:
        look(1)
        before = service.board().head()
        service.board().post("closed")
        page = {"signed_with": b64(service.signer.public_key), "items": [before], "next_cursor": None}
        service.instead["/board/v1/rounds"] = httpx.Response(200, json=page)
        assert look(2) == (0, [])

    def test_rounds_without_sealed_ballots_have_no_hours(self, service: FakeService, look: Look) -> None:
        service.board(OTHER).post("opened", roll_size=3)
        service.board().post("closed")
        assert look(600) == (0, [])


class TestFork:
    def test_another_board_of_the_same_size(self, service: FakeService, look: Look, state: Path) -> None:
        look(1)
        before = service.board().head()
        service.board().events[0] = ("published", {"frozen_digest": "cd"})
        code, alarms = look(2)
        assert code == 1
        assert len(alarms) == 1
        assert f"fork: round {ROUND}: two heads over 2 entries" in alarms[0]
        (kept,) = evidence(state)
        assert kept["evidence"] == {"remembered": before, "shown": service.board().head()}
        # what was seen first is not forgotten, and the alarm says since when
        code, alarms = look(3)
        assert (code, alarms[0].endswith("(since 2026-03-02T01:32:00Z)")) == (1, True)
        assert len(evidence(state)) == 1

    def test_a_longer_board_that_began_otherwise(self, service: FakeService, look: Look, state: Path) -> None:
        look(1)
        before = service.board().head()
        service.board().events[1] = ("opened", {"roll_size": 8, "sealing_key": "AAAA"})
        service.board().post("closed")
        code, alarms = look(2)
        assert code == 1
        assert [each.split(":")[0] for each in alarms] == ["ALARM  fork", "ALARM  fork"]
        assert "the first 2 entries are not those of a head signed before" in alarms[0]
        assert "no proof that the board of 2 entries grew to 3" in alarms[1]
        assert all(each["evidence"]["remembered"] == before for each in evidence(state))
        assert json.loads(state.read_text())["rounds"][ROUND]["head"] == before

    def test_a_proof_that_proves_nothing(self, service: FakeService, look: Look) -> None:
        look(1)
        service.board().post("closed")
        path = f"/board/v1/rounds/{ROUND}/consistency"
        for wrong in ([], ["ab" * 32], ["ab" * 32] * 2):
            service.instead[path] = httpx.Response(200, json={"path": wrong})
            code, alarms = look(2)
            assert (code, len(alarms)) == (1, 1)
            assert "no proof that the board of 2 entries grew to 3" in alarms[0]
        del service.instead[path]
        assert look(3) == (0, [])

    def test_a_list_and_a_board_that_contradict_each_other(self, service: FakeService, look: Look) -> None:
        other = FakeBoard(ROUND, service.signer, [("published", {}), ("opened", {})], [START, START])
        page = {"signed_with": b64(service.signer.public_key), "items": [other.head()], "next_cursor": None}
        service.instead["/board/v1/rounds"] = httpx.Response(200, json=page)
        code, alarms = look(1)
        assert code == 1
        assert any("two heads over 2 entries" in each for each in alarms)


class TestShrunk:
    def test_fewer_entries_than_were_seen(self, service: FakeService, look: Look, state: Path) -> None:
        service.board().post("closed")
        before = service.board().head()
        look(1)
        service.board().events.pop()
        code, alarms = look(2)
        assert code == 1
        assert alarms == [f"ALARM  shrunk: round {ROUND}: the board had 3 entries and now has 2"]
        assert evidence(state)[0]["evidence"] == {"remembered": before, "shown": service.board().head()}

    def test_the_alarm_is_over_when_the_board_is_whole_again(self, service: FakeService, look: Look) -> None:
        service.board().post("closed")
        look(1)
        last = service.board().events.pop()
        assert look(2)[0] == 1
        service.board().events.append(last)
        assert look(3) == (0, [])


class TestVanished:
    def test_a_round_that_is_not_listed_any_more(self, service: FakeService, look: Look, state: Path) -> None:
        service.board(OTHER).post("published")
        look(1)
        gone = service.boards.pop(OTHER)
        code, alarms = look(2)
        assert code == 1
        assert alarms == [f"ALARM  vanished: round {OTHER}: the board of 1 entries is not shown any more"]
        assert evidence(state)[0]["evidence"] == {"remembered": gone.head(), "shown": None}

    def test_a_round_that_is_listed_and_not_shown(self, service: FakeService, look: Look) -> None:
        service.instead[f"/board/v1/rounds/{ROUND}"] = httpx.Response(404)
        code, alarms = look(1)
        assert (code, len(alarms)) == (1, 1)
        assert "vanished" in alarms[0]


class TestKey:
    def test_another_key_than_before(self, service: FakeService, look: Look, state: Path) -> None:
        look(1)
        remembered = json.loads(state.read_text())
        service.signer = service.board().signer = Signer(b"\6" * 32)
        service.board().post("closed")
        code, alarms = look(2)
        assert code == 1
        assert "another key: the service signs with " in alarms[0]
        kept = json.loads(state.read_text())
        assert {**kept, "alarms": {}} == {**remembered, "alarms": {}}
        assert look(3)[0] == 1

    def test_the_key_can_be_said_from_the_start(
        self, service: FakeService, look: Look, tmp_path: Path
    ) -> None:
        other = b64(Signer(b"\6" * 32).public_key)
        assert look(1, "--key", other, "--state", str(tmp_path / "another.json"))[0] == 1
        assert look(1, "--key", b64(service.signer.public_key)) == (0, [])
        assert look(1, "--key", other)[0] == 2


class TestSignatures:
    @pytest.mark.parametrize("damage", ["head", "entry", "position", "round", "base64", "float"])
    def test_what_is_not_signed(self, service: FakeService, look: Look, damage: str) -> None:
        board = service.board()
        answer: dict[str, Any] = {"entries": board.entries(), "head": board.head(), "level": None}
        page = {"signed_with": b64(service.signer.public_key), "items": [board.head()], "next_cursor": None}
        wrong = b64(Signer(b"\6" * 32).sign(b"x"))
        if damage == "head":
            page["items"] = [board.head() | {"signature": wrong}]
            service.instead["/board/v1/rounds"] = httpx.Response(200, json=page)
        if damage == "entry":
            answer["entries"][1]["signature"] = wrong
        if damage == "position":
            answer["entries"][1]["position"] = 3
        if damage == "round":
            answer["head"] = FakeBoard(OTHER, service.signer, board.events, board.times).head()
        if damage == "base64":
            answer["entries"][1]["signature"] = "??"
        if damage == "float":
            answer["entries"][1]["body"] = {"roll_size": 9.0}
        service.instead[f"/board/v1/rounds/{ROUND}"] = httpx.Response(200, json=answer)
        code, alarms = look(1)
        assert code == 1
        assert any("bad signature" in each and "is not signed" in each for each in alarms), alarms

    @pytest.mark.parametrize("kept", [0, 1])
    def test_entries_that_are_left_out(self, service: FakeService, look: Look, kept: int) -> None:
        board = service.board()
        answer = {"entries": board.entries()[:kept], "head": board.head()}
        service.instead[f"/board/v1/rounds/{ROUND}"] = httpx.Response(200, json=answer)
        code, alarms = look(1)
        assert code == 1
        assert f"entries do not fit: round {ROUND}" in alarms[0]

    def test_heads_of_the_past_that_were_never_signed(self, service: FakeService, look: Look) -> None:
        board = service.board()
        heads = [board.head(1) | {"at": "2026-03-01T01:30:00Z"}, board.head(2)]
        service.instead[f"/board/v1/rounds/{ROUND}/heads"] = httpx.Response(200, json={"heads": heads})
        code, alarms = look(1)
        assert (code, "bad signature" in alarms[0]) == (1, True)


class TestHours:
    def test_an_hour_without_an_entry_after_some_minutes(
        self, service: FakeService, look: Look, state: Path
    ) -> None:
        assert look(39) == (0, [])
        code, alarms = look(41)
        assert code == 1
        assert alarms == [
            f"ALARM  missing hour: round {ROUND}: nothing on the board about the hour from 2026-03-02T09:00:00+08:00"
        ]
        assert evidence(state)[0]["evidence"]["shown"] == service.board().head()
        # the board is remembered all the same, and a late entry ends the alarm
        clock.set_frozen(START + 42 * MINUTE)
        service.board().hour("09")
        assert look(43) == (0, [])

    def test_an_hour_the_service_says_it_missed(self, service: FakeService, look: Look) -> None:
        clock.set_frozen(START + 95 * MINUTE)
        service.board().hour("09", missed=True)
        service.board().hour("10")
        code, alarms = look(105)
        assert code == 1
        assert alarms == [
            f"ALARM  missed hour: round {ROUND}: the service did not look in the hour from 2026-03-02T09:00:00+08:00"
        ]

    def test_hours_end_with_the_round(self, service: FakeService, look: Look) -> None:
        clock.set_frozen(START + 31 * MINUTE)
        service.board().hour("09")
        clock.set_frozen(START + 45 * MINUTE)
        service.board().post("closed")
        assert look(6000) == (0, [])

    @pytest.mark.parametrize("seen_open", [False, True])
    def test_a_round_that_closed_with_hours_missing(
        self, service: FakeService, look: Look, *, seen_open: bool
    ) -> None:
        if seen_open:
            assert look(1) == (0, [])
        clock.set_frozen(START + 105 * MINUTE)
        service.board().hour("09")
        service.board().post("void")
        code, alarms = look(6000)
        assert (code, len(alarms)) == (1, 1)
        assert "nothing on the board about the hour from 2026-03-02T10:00:00+08:00" in alarms[0]
        assert look(6001) == (0, [])  # it was said, nothing can come any more


class TestNotAsked:
    @pytest.mark.parametrize(
        "answer",
        [
            httpx.ConnectError("no"),
            httpx.ReadTimeout("no"),
            httpx.Response(500),
            httpx.Response(404),
            httpx.Response(302, headers={"Location": "https://elsewhere.example.cn/"}),
            httpx.Response(200, text="<html>"),
            httpx.Response(200, json={"signed_with": "x", "items": [{}], "next_cursor": None}),
            httpx.Response(200, json=[]),
        ],
        ids=str,
    )
    def test_it_is_no_alarm_and_says_so(
        self, service: FakeService, look: Look, state: Path, answer: httpx.Response | Exception
    ) -> None:
        look(1)
        before = state.read_text()
        service.instead["/board/v1/rounds"] = answer
        assert look(2) == (2, [])
        assert state.read_text() == before
        del service.instead["/board/v1/rounds"]
        assert look(3) == (0, [])

    def test_one_round_that_does_not_answer_does_not_hide_another(
        self, service: FakeService, look: Look, state: Path
    ) -> None:
        service.board(OTHER).post("published")
        look(1)
        service.board(OTHER).events[0] = ("published", {"frozen_digest": "cd"})
        service.board().post("closed")
        service.instead[f"/board/v1/rounds/{ROUND}"] = httpx.Response(503)
        code, alarms = look(2)
        assert (code, len(alarms)) == (1, 1)
        assert f"fork: round {OTHER}" in alarms[0]
        service.instead["/board/v1/rounds"] = httpx.Response(503)
        assert look(3) == (2, [])
        assert len(json.loads(state.read_text())["alarms"]) == 1  # not asked is not over

    def test_pages_without_end(self, service: FakeService, look: Look) -> None:
        head = service.board().head()
        for page in (
            {"signed_with": "x", "items": [], "next_cursor": "again"},
            {"signed_with": "x", "items": [head, head], "next_cursor": None},
        ):
            service.instead["/board/v1/rounds"] = httpx.Response(200, json=page)
            assert look(1) == (2, [])

    def test_an_answer_without_end(
        self, service: FakeService, look: Look, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(command, "LARGEST_ANSWER_BYTES", 100)
        assert look(1) == (2, [])
        assert service.asked == ["/board/v1/rounds"]


class TestState:
    def test_it_is_about_one_service(self, look: Look, state: Path) -> None:
        look(1)
        result = runner.invoke(
            commands(), ["monitor", "https://other.example.cn", "--once", "--state", str(state)]
        )
        assert result.exit_code == 2
        assert URL in result.stderr

    @pytest.mark.parametrize("raw", ["", "{", "[]", '{"url": 1}'])
    def test_one_that_cannot_be_read_is_not_written_over(self, look: Look, state: Path, raw: str) -> None:
        state.parent.mkdir()
        state.write_text(raw)
        assert look(1)[0] == 2
        assert state.read_text() == raw

    def test_it_is_there_whole_or_as_before(
        self, service: FakeService, look: Look, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        look(1)
        before = state.read_text()
        service.board().post("closed")

        def power_cut(_descriptor: int) -> None:
            raise OSError

        monkeypatch.setattr(command.os, "fsync", power_cut)
        assert look(2) == (2, [])
        assert state.read_text() == before

    def test_a_bad_address(self, tmp_path: Path) -> None:
        for url in ("http://[", "nowhere", "ftp://x"):
            result = runner.invoke(
                commands(), ["monitor", url, "--once", "--state", str(tmp_path / "state.json")]
            )
            assert result.exit_code == 2, (url, result.output)


class TestLoop:
    def test_it_goes_on_after_an_alarm_and_tells_at_the_end(
        self, service: FakeService, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        over(monkeypatch, httpx.MockTransport(service))
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 1:
                service.board().events.pop()
            if len(slept) == 2:
                service.instead["/board/v1/rounds"] = httpx.ConnectError("no")
            if len(slept) == 4:
                raise KeyboardInterrupt

        monkeypatch.setattr(command.time, "sleep", sleep)
        result = runner.invoke(commands(), ["monitor", URL, "--every", "7", "--state", str(state)])
        assert result.exit_code == 1
        assert slept == [7, 7, 7, 7]
        assert result.stdout.count("ALARM  shrunk") == 1
        assert result.stdout.count("已检查") == 4
        assert result.stderr.count("could not be asked") == 2


class TestOurs:
    """The service itself, over its own routes."""

    def test_a_round_from_publication_to_the_result(
        self,
        client: TestClient,
        callers: Callers,
        wiring: Wiring,
        state: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        clock.set_frozen(START)
        over(monkeypatch, Handing(client))
        story = Story(client, callers).with_residents(3)
        projects = story.published_projects([100_000, 200_000])
        story.draft_round(projects)
        drain = Worker(wiring).drain

        def look() -> tuple[int, str]:
            result = runner.invoke(commands(), ["monitor", URL, "--once", "--state", str(state)])
            return result.exit_code, result.output

        assert look()[0] == 0
        round_id = story.publish_round(projects)
        drain()
        assert look()[0] == 0
        ok(story.client.post(f"/api/v1/rounds/{round_id}/open", headers=story.clerk))
        assert look()[0] == 0
        for minutes in (31, 91):
            clock.set_frozen(START + minutes * MINUTE)
            board_tasks.post_hours(wiring.database, signer=wiring.signer)
            clock.set_frozen(START + (minutes + 20) * MINUTE)
            assert look() == (0, look()[1])
        clock.set_frozen(START + 165 * MINUTE)
        assert "missing hour" in look()[1]
        story.__post_init__()
        ok(story.cast(round_id, story.resident(0), projects))
        for path in (f"/api/v1/rounds/{round_id}/close", f"/api/v1/rounds/{round_id}/open-box"):
            ok(story.client.post(path, headers=story.clerk))
            drain()
        code, told = look()
        assert (code, "missed hour" in told) == (1, True), told  # the worker slept over eleven o'clock
        assert look()[0] == 0
        with wiring.database.writing() as session:
            from sqlalchemy import text

            session.execute(text("DELETE FROM board_head WHERE size > 4"))
        code, told = look()
        assert (code, "shrunk" in told) == (1, True), told


class Handing(httpx.BaseTransport):
    """Hands requests to the application."""

    def __init__(self, client: TestClient) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._client.request(
            request.method, request.url.raw_path.decode(), headers=dict(request.headers)
        )
        headers: Sequence[tuple[str, str]] = [("Content-Type", answer.headers["content-type"])]
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)
