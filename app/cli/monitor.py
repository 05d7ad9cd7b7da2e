"""``gongyi monitor``: watch the public boards of a service, and raise an alarm when they contradict themselves."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from pydantic import BaseModel, ValidationError

from app.ballots.rules import head_time
from app.cli import watching
from app.cli.settings import BAD_INPUT, stop
from app.cli.watching import LATE, Board, Finding, Growth, Head, Heads, Known, Listing, State
from app.core import clock

ALARM = 1
LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
TIMEOUT_SECONDS = 30

M = TypeVar("M", bound=BaseModel)


class NotAsked(Exception):
    """The service could not be reached, or what it said is no answer."""


class NotThere(NotAsked):
    """The service says that there is no such thing."""


@dataclass
class Look:
    """What one look at a service brought."""

    boards: int = 0
    findings: list[Finding] = field(default_factory=list)
    #: What could not be asked.
    failures: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 something is wrong, 2 something could not be asked, 0 neither."""
        return ALARM if self.findings else BAD_INPUT if self.failures else 0


@dataclass
class Monitor:
    """Somebody who looks at the boards of a service now and then, and does not forget."""

    client: httpx.Client
    state: State

    def look(self) -> Look:
        """Ask for every board that is new, has grown or is open; remember what is in order."""
        look = Look()
        try:
            signed_with, listed = self._listing()
        except NotAsked as error:
            look.failures.append(str(error))
            return look
        look.boards = len(listed)
        look.findings += watching.judge_key(self.state.signed_with, signed_with)
        # with another key everything is looked at, and nothing remembered
        trusted = not look.findings
        look.findings += watching.judge_vanished(listed, self.state.rounds)
        seen: dict[str, Known] = {}
        for round_id, head in listed.items():
            findings: list[Finding] = []
            now_known: Known | None = None
            try:
                now_known = self._round(head, self.state.rounds.get(round_id), signed_with, findings)
            except NotAsked as error:  # what was found before counts all the same
                look.failures.append(f"round {round_id}: {error}")
            look.findings += findings
            if now_known is not None and not any(each.what not in LATE for each in findings):
                seen[round_id] = now_known
        if trusted:
            self.state.signed_with = signed_with
            self.state.rounds |= seen
        return look

    def mark(self, look: Look, at: str) -> list[Finding]:
        """Remember what was found; returns what was not found before."""
        new = [each for each in look.findings if each.line not in self.state.alarms]
        before = self.state.alarms
        still = before if look.failures else {}
        self.state.alarms = still | {each.line: before.get(each.line, at) for each in look.findings}
        return new

    def _listing(self) -> tuple[str, dict[str, Head]]:
        listed: dict[str, Head] = {}
        signed_with: str | None = None
        cursors: set[str] = set()
        cursor: str | None = ""
        while cursor is not None:
            page = self._ask(
                Listing, "/board/v1/rounds", limit="200", **({"cursor": cursor} if cursor else {})
            )
            if signed_with not in {None, page.signed_with} or cursor in cursors:
                raise NotAsked("/board/v1/rounds: the pages do not go together")
            cursors.add(cursor)
            signed_with, cursor = page.signed_with, page.next_cursor
            for head in page.items:
                if head.round_id in listed:
                    raise NotAsked("/board/v1/rounds: the pages do not go together")
                listed[head.round_id] = head
        return signed_with or "", listed

    def _round(self, listed: Head, known: Known | None, key: str, findings: list[Finding]) -> Known | None:
        """What is to be remembered of a round; what is wrong with it goes into ``findings``."""
        before = None if known is None else known.head
        findings += watching.judge_head(listed, round_id=listed.round_id, known=before, key=key)
        if findings or (known is not None and before == listed and not known.open):
            return known
        path = f"/board/v1/rounds/{listed.round_id}"
        try:
            board = self._ask(Board, path)
        except NotThere:
            findings.append(watching.vanished(listed.round_id, before or listed))
            return known
        head = board.head or listed
        findings += watching.judge_head(head, round_id=listed.round_id, known=listed, key=key)
        if findings:
            return known
        seen = [listed, *([before] if before else [])]
        findings += watching.judge_entries(board.entries, head=head, heads=seen, key=key)
        if before is not None and head.size > before.size:
            grown = self._ask(
                Growth, f"{path}/consistency", **{"from": str(before.size), "to": str(head.size)}
            )
            findings += watching.judge_growth(before, head, grown.path)
        is_open = watching.is_open(board.entries)
        opened_at = None if known is None else known.opened_at
        if is_open or (known is not None and known.open) or opened_at is None:
            opened_at = self._hours(board, head, opened_at, key, findings)
        return Known(head=head, open=is_open, opened_at=opened_at)

    def _hours(
        self, board: Board, head: Head, opened_at: str | None, key: str, findings: list[Finding]
    ) -> str | None:
        """Of a round that is open, or was when it was last seen, or is new here; returns when it opened."""
        until = clock.now()
        if opened_at is None or not watching.is_open(board.entries):
            heads = self._ask(Heads, f"/board/v1/rounds/{head.round_id}/heads").heads
            for each in heads:
                findings += watching.judge_head(each, round_id=head.round_id, known=None, key=key)
            findings += watching.judge_roots(board.entries, head=head, heads=heads)
            opened_at = watching.moment_of(frozenset({"opened"}), board.entries, heads)
            ended = watching.moment_of(watching.ENDS, board.entries, heads)
            until = until if ended is None else watching.instant(ended)
        if opened_at is not None and watching.has_hours(board.entries):
            findings += watching.judge_hours(board.entries, head=head, opened_at=opened_at, until=until)
        return opened_at

    def _ask(self, what: type[M], path: str, **query: str) -> M:
        """One answer.

        Raises:
            NotThere: the service says 404.
            NotAsked: it does not answer, or not like this.
        """
        try:
            with self.client.stream("GET", path, params=query) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise NotThere(f"{path}: 404")
                if answer.status_code != httpx.codes.OK:
                    raise NotAsked(f"{path}: {answer.status_code}")
                return what.model_validate_json(_capped(answer, path))
        except httpx.HTTPError as error:
            raise NotAsked(f"{path}: {type(error).__name__}") from error
        except ValidationError as error:
            raise NotAsked(f"{path}: not an answer of a board") from error


def monitor(
    url: Annotated[str, typer.Argument(help="Where the service is, as https://vote.example.cn")],
    *,
    state: Annotated[
        Path,
        typer.Option(help="File for what was seen; proof of what is wrong goes into a folder beside it."),
    ] = Path("gongyi-monitor.json"),
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    every: Annotated[int, typer.Option(help="Seconds between two looks.", min=1)] = 60,
    key: Annotated[
        str | None,
        typer.Option(help="The service's public key, base64; without it, the first one seen counts."),
    ] = None,
) -> None:
    """Watch the public boards of a service: a changed, shortened, split or silent board raises an alarm.

    With --once it ends with 0 when all is in order, 1 on an alarm, 2 when the service could not be asked.
    """
    url = url.rstrip("/")
    known = _load(state, url)
    if key is not None and known.signed_with is None:
        known.signed_with = key
    elif key is not None and key != known.signed_with:
        stop(f"{state} knows this service by another key: {known.signed_with}")
    alarmed = False
    with _client(url) as client, _until_stopped():
        watcher = Monitor(client, known)
        while True:
            look = watcher.look()
            at = head_time(clock.now())
            new = watcher.mark(look, at)
            try:
                _keep_evidence(state, new, at)
                _save(state, watcher.state)
            except OSError as error:
                stop(f"{state} cannot be written: {error}")
            _report(look, watcher.state, at)
            alarmed = alarmed or bool(look.findings)
            if once:
                raise typer.Exit(look.exit_code)
            time.sleep(every)
    raise typer.Exit(ALARM if alarmed else 0)


@contextmanager
def _until_stopped() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


def _client(url: str) -> httpx.Client:
    try:
        # a copy kept on the way could be older than what was seen before
        return httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, headers={"Cache-Control": "no-cache"})
    except httpx.InvalidURL as error:
        stop(f"{url}: {error}")


def _capped(answer: httpx.Response, path: str) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise NotAsked(f"{path}: the answer does not end")
    return bytes(body)


def _load(path: Path, url: str) -> State:
    """What was seen before; a file that cannot be read ends the command, for without it nothing would be noticed."""
    try:
        found = State.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return State(url=url)
    except (OSError, ValidationError) as error:
        stop(f"{path} cannot be read ({type(error).__name__}); what was seen before is in there")
    if found.url != url:
        stop(f"{path} is about {found.url}")
    return found


def _save(path: Path, state: State) -> None:
    """All of it or nothing, whenever the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(state.model_dump_json(indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _keep_evidence(state: Path, new: list[Finding], at: str) -> None:
    if not new:
        return
    folder = state.with_name(f"{state.stem}-alarms")
    folder.mkdir(parents=True, exist_ok=True)
    for number, finding in enumerate(new, start=1):
        name = f"{at.replace(':', '')}-{number}-{finding.what.name.lower()}.json"
        said = {"at": at, "finding": finding.line, "round_id": finding.round_id, "evidence": finding.evidence}
        (folder / name).write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")


def _report(look: Look, state: State, at: str) -> None:
    for finding in look.findings:
        since = state.alarms[finding.line]
        typer.echo(f"ALARM  {finding.line}" + ("" if since == at else f" (since {since})"))
    for failure in look.failures:
        typer.echo(f"could not be asked: {failure}", err=True)
    typer.echo(
        f"{at}  {look.boards} boards, {len(look.findings)} alarms, {len(look.failures)} not asked."
        f"  已检查 {look.boards} 轮投票的公示榜，发现 {len(look.findings)} 处异常。"
    )
