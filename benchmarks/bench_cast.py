"""Casting under load: the real server, distinct signed-in voters, one ballot each, beside the shapes it is judged by.

``make bench-cast``. Server and voters are processes of their own on this machine. Every shape is measured in the same
run, in turns, and the median of the turns is printed; trust the ratios. CPU per ballot is the server's own time, which
tells more than the clock when others use the machine; while others use more than `BUSY` of a core nothing is judged.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields
from pathlib import Path

import psutil
from polling_place import RANKED, PollingPlace, new_database, postgresql, prepare

HERE = Path(__file__).parent
ROOT = HERE.parent
CONNECTIONS = 64
BUSY = 0.45
WARM_UP = 300


@dataclass(frozen=True)
class Figure:
    """One measurement of one shape."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    pss_mb: float
    others: float


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ballots", type=int, default=3_000, help="in each turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--stored", type=int, default=1_000_000, help="envelopes of the full box")
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument(
        "--shapes", nargs="*", default=["ours", "no_transaction", "bare", "session_per_request"]
    )
    parser.add_argument("--only", choices=["closed", "open", "full", "two"], action="append")
    asked = parser.parse_args()
    parts = set(asked.only or ["closed", "open", "two", "full"])
    with tempfile.TemporaryDirectory(prefix="gongyi-bench-") as name:
        folder = Path(name)
        wants_server = "postgresql" in asked.databases
        with postgresql(folder) if wants_server else nullcontext("") as server:
            for kind in asked.databases:
                url = f"sqlite:///{folder / 'closed.db'}" if kind == "sqlite" else new_database(server)
                measure(asked, parts, kind, folder, url)
                if "full" in parts:
                    full = f"sqlite:///{folder / 'full.db'}" if kind == "sqlite" else new_database(server)
                    measure_full(asked, kind, folder, url, full)


def measure(asked: argparse.Namespace, parts: set[str], kind: str, folder: Path, url: str) -> None:
    """The shapes side by side, then two processes, then the open loop."""
    per_turn = asked.ballots + WARM_UP
    needed = per_turn * (asked.turns * (len(asked.shapes) + 2) + 2)
    place = prepare(folder, url, voters=needed)
    voters = Voters(place)
    figures: dict[str, list[Figure]] = {}
    runs = [(shape, 1) for shape in asked.shapes] if "closed" in parts else [("ours", 1)]
    if "two" in parts:
        runs.append(("ours", 2))
    for _ in range(asked.turns):
        for shape, processes in runs:
            with serving(shape, place, processes) as server:
                figure = server.load(voters, asked.ballots)
            figures.setdefault(f"{shape}, {processes} process{'es' * (processes > 1)}", []).append(figure)
    print(f"\n{kind}: {asked.ballots:,} ballots by {CONNECTIONS} connections, median of {asked.turns} turns")
    medians = table(figures)
    if "closed" in parts:
        judge(medians)
    if "open" in parts:
        quarter = statistics.median(each.rate for each in figures["ours, 1 process"]) / 4
        with serving("ours", place, 1) as server:
            figure = server.load(voters, min(asked.ballots, int(quarter * 10)), rate=quarter)
        print(f"open loop at {quarter:,.0f}/s:")
        table({"ours, 1 process": [figure]})
        goal("p99 in ms, at a quarter of the load", figure.p99_ms, 25)


def measure_full(asked: argparse.Namespace, kind: str, folder: Path, empty_url: str, full_url: str) -> None:
    """An empty box and a full one, in turns."""
    needed = (asked.ballots + WARM_UP) * asked.turns
    places = (
        {"empty": prepare(folder, empty_url.replace("closed", "empty"), voters=needed)}
        if kind == "sqlite"
        else {}
    )
    if not places:
        places["empty"] = prepare(folder, new_database(empty_url), voters=needed)
    places[f"{asked.stored:,} envelopes stored"] = prepare(
        folder, full_url, voters=needed, stored=asked.stored
    )
    voters = {name: Voters(place) for name, place in places.items()}
    figures: dict[str, list[Figure]] = {name: [] for name in places}
    for _ in range(asked.turns):
        for name, place in places.items():
            with serving("ours", place, 1) as server:
                figures[name].append(server.load(voters[name], asked.ballots))
    print(f"\n{kind}: an empty box and a full one")
    empty, full = table(figures).values()
    goal("rate of the full box beside the empty one", full.rate / empty.rate, 0.85, at_least=True)


def table(figures: dict[str, list[Figure]]) -> dict[str, Figure]:
    """Print the median of each shape, its rate as a multiple of the first, and return the medians."""
    print(f"{'':34}{'ballots/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'PSS MB':>9}{'of ours':>9}")
    medians: dict[str, Figure] = {}
    for name, turns in figures.items():
        each = Figure(
            *(statistics.median(getattr(turn, part.name) for turn in turns) for part in fields(Figure))
        )
        medians[name] = each
        first = next(iter(medians.values())).rate
        note = f"   others used {each.others:.1f} cores: not to be judged" if each.others > BUSY else ""
        print(
            f"{name:34}{each.rate:>10,.0f}{each.p50_ms:>9.1f}{each.p99_ms:>9.1f}{each.cpu_ms:>9.2f}"
            f"{each.pss_mb:>9.0f}{each.rate / first:>9.2f}{note}"
        )
    return medians


def judge(medians: dict[str, Figure]) -> None:
    """Say of each goal whether this run reached it."""
    ours = medians["ours, 1 process"]
    for shape, least in (("no_transaction", 0.8), ("bare", 0.5), ("session_per_request", 8)):
        beside = medians.get(f"{shape}, 1 process")
        if beside is not None:
            goal(f"rate beside {shape}", ours.rate / beside.rate, least, at_least=True)
    goal("p99 in ms", ours.p99_ms, 250)
    goal("memory of a process in MB", ours.pss_mb, 100)


def goal(what: str, found: float, bound: float, *, at_least: bool = False) -> None:
    """Print one goal."""
    reached = found >= bound if at_least else found <= bound
    wanted = f"{'at least' if at_least else 'at most'} {bound}"
    print(f"   {'reached' if reached else 'MISSED '}  {what}: {found:,.2f}, {wanted}")


class Voters:
    """Hands out voters who have not voted."""

    def __init__(self, place: PollingPlace) -> None:
        self.place = place
        self._next = 0

    def take(self, count: int) -> list[str]:
        """Tokens of the next ``count`` voters."""
        start, self._next = self._next, self._next + count
        assert self._next <= len(self.place.sessions), "more voters are needed"
        return self.place.tokens(start, count)


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: psutil.Process
    port: int
    place: PollingPlace

    def load(self, voters: Voters, ballots: int, *, rate: float = 0) -> Figure:
        """Warm up, then measure."""
        self._vote(voters.take(WARM_UP), 0)
        before, machine = self._cpu(), psutil.cpu_times()
        done, own = self._vote(voters.take(ballots), rate)
        used, after = self._cpu() - before, psutil.cpu_times()
        if done["refused"]:
            print(f"refused: {done['refused']}", file=sys.stderr)
        latencies = sorted(done["latencies"])
        busy = sum(after[:3]) - sum(machine[:3])
        return Figure(
            rate=len(latencies) / done["seconds"],
            p50_ms=1000 * latencies[len(latencies) // 2],
            p99_ms=1000 * latencies[len(latencies) * 99 // 100],
            cpu_ms=1000 * used / len(latencies),
            pss_mb=max(_pss(each) for each in self._processes()),
            others=max(0.0, (busy - used - own) / done["seconds"]),
        )

    def _vote(self, tokens: list[str], rate: float) -> tuple[dict, float]:
        asked = {
            "port": self.port, "tokens": tokens, "projects": [str(each) for each in self.place.project_ids],
            "ranked": RANKED, "path": f"/api/v1/rounds/{self.place.round_id}/my-ballot", "connections": CONNECTIONS,
            "rate": rate,
        }  # fmt: skip
        before = os.times()
        done = subprocess.run(
            [sys.executable, str(HERE / "voters.py")], input=json.dumps(asked), stdout=subprocess.PIPE, text=True,
            check=True,
        )  # fmt: skip
        after = os.times()
        own = after.children_user + after.children_system - before.children_user - before.children_system
        return json.loads(done.stdout), own

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def _cpu(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in self._processes())


@contextmanager
def serving(shape: str, place: PollingPlace, processes: int) -> Iterator[Server]:
    """Start a server of a shape, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "uvicorn", "--factory", f"cast_shapes:{shape}", "--app-dir", str(HERE),
        "--port", str(port), "--no-access-log", "--log-level", "warning", "--workers", str(processes),
    ]  # fmt: skip
    environment = {**os.environ, **place.settings, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, cwd=ROOT) as process:
        try:
            _await(port)
            yield Server(psutil.Process(process.pid), port, place)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    message = "the server did not start"
    raise TimeoutError(message)


def _pss(process: psutil.Process) -> float:
    with (Path("/proc") / str(process.pid) / "smaps_rollup").open() as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
