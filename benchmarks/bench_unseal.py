"""A large box: closed, opened without names, counted twice, published, erased; time and memory of each step.

``make bench-unseal``. The work is done by the service's own tasks in a process of its own, whose peak memory is read at
its end; beside it stands how long the public bundle takes to build and to verify.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from polling_place import ROOT, _fields, new_database, postgresql, prepare

PROJECTS = 50
RANKED = 10
MINUTES = 5
LARGEST_MB = 1_500


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ballots", type=int, default=500_000)
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        work(json.loads(asked.inside))
        return
    for kind in asked.databases:
        with tempfile.TemporaryDirectory(prefix="gongyi-bench-") as name:
            folder = Path(name)
            with postgresql(folder) if kind == "postgresql" else nullcontext("") as server:
                url = new_database(server) if server else f"sqlite:///{folder / 'box.db'}"
                place = prepare(folder, url, voters=0, stored=asked.ballots, projects=PROJECTS, ranked=RANKED)
                print(
                    f"\n{kind}: {asked.ballots:,} ballots of up to {RANKED} of {PROJECTS} projects, rank-MES"
                )
                inside = json.dumps({"settings": place.settings, "round": str(place.round_id)})
                command = [sys.executable, __file__, "--inside", inside]
                environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
                subprocess.run(command, check=True, env=environment)


def work(given: dict) -> None:
    """Close, open, count, publish, erase; then build and verify the bundle."""
    import uuid  # noqa: PLC0415 - what is imported out here counts as memory of the preparation

    from app.access.actor import SYSTEM  # noqa: PLC0415
    from app.ballots import service as ballots  # noqa: PLC0415
    from app.ballots import tasks as ballots_tasks  # noqa: PLC0415
    from app.core.config import Settings  # noqa: PLC0415
    from app.results import service as results  # noqa: PLC0415
    from app.results import tasks as results_tasks  # noqa: PLC0415
    from app.wiring import wire  # noqa: PLC0415
    from app.worker import Worker  # noqa: PLC0415

    wiring = wire(Settings(**_fields(given["settings"]) | {"resamples": 0}))
    database, keys, signer = wiring.database, wiring.keys, wiring.signer
    round_id = uuid.UUID(given["round"])
    began = time.perf_counter()
    with step("close, sign the root"), database.writing() as session:
        ballots.close_round(session, round_id=round_id, actor=SYSTEM, early=True, signer=signer)
    with database.writing() as session:
        ballots.open_box(session, round_id=round_id, actor=SYSTEM, keys=keys)
    with step("strip, open, sort, write"):
        assert ballots_tasks.unseal_due(database, keys=keys, signer=signer)
    with step("count, recount, publish"):
        assert results_tasks.count_due(database, signer=signer)
    seconds, peak = time.perf_counter() - began, peak_mb()
    fits = seconds <= 60 * MINUTES and peak <= LARGEST_MB
    print(
        f"{'published after':34}{seconds:>8.1f} s{peak:>10.0f} MB   {'within' if fits else 'OVER'} the goal"
    )
    with step("destroy the key, erase envelopes"):
        handle_all(Worker(wiring).handle_next)
    with step("build the bundle"), database.reading() as session:
        raw = results.public_bundle(session, round_id, signer=signer)
    bundle = wiring.settings.home / "bundle.zip"
    bundle.write_bytes(raw)
    with step(f"verify it ({len(raw) / 1e6:.0f} MB)"):
        command = [sys.executable, "-I", "-S", str(ROOT / "app/tally/verify.py"), str(bundle)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def handle_all(handle_next: Callable[[], bool]) -> None:
    """Every event that waits."""
    while handle_next():
        pass


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print how long a step took, and the most memory the process has had so far."""
    began = time.perf_counter()
    yield
    print(f"{name:34}{time.perf_counter() - began:>8.1f} s{peak_mb():>10.0f} MB")


def peak_mb() -> float:
    """The most memory this process has had at once."""
    with Path("/proc/self/status").open() as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
