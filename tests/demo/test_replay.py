"""A real election goes through every door; nothing is lost or doubled when parts die on the way."""

import asyncio
import importlib
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.demo import replay as story
from app.demo.processes import free_port
from app.tally.pabulib import read
from tests.conftest import DEEP, run_program

command = importlib.import_module("app.cli.replay")  # the module, not the command of the same name

GRZEGORZKI = "ordinal/Poland_Krakow_2024_Grzegorzki.pb"


def replay(path: Path, home: Path, *options: str) -> str:
    ran = run_program("replay", str(path), *options, GONGYI_HOME=str(home))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


class TestReplay:
    def test_a_whole_election_comes_out_as_decided(self, pb_folder: Path, tmp_path: Path) -> None:
        said = replay(pb_folder / "ordinal/Poland_Krakow_2019_Bienczyce.pb", tmp_path, "--concurrency", "32")
        assert said.splitlines()[-1] == "outcome: equal to the official `selected`"
        assert "ballots cast: 1045 of 1045" in said

    def test_part_of_one_on_postgresql(
        self, pb_folder: Path, tmp_path: Path, database_url: str, backend: str
    ) -> None:
        if backend == "sqlite":
            return  # the test above
        said = replay(pb_folder / GRZEGORZKI, tmp_path, "--voters", "120", "--database-url", database_url)
        assert "ballots cast: 120 of 120" in said
        assert said.splitlines()[-1].startswith("outcome: equal to")

    @pytest.mark.deep
    @pytest.mark.parametrize(
        "name",
        [GRZEGORZKI, "ordinal/Poland_Krakow_2022_Czyzyny.pb", "ordinal/Poland_Krakow_2023_Podgorze.pb"],
    )
    def test_whole_elections(self, pb_folder: Path, tmp_path: Path, name: str) -> None:
        said = replay(pb_folder / name, tmp_path, "--concurrency", "64")
        assert said.splitlines()[-1] == "outcome: equal to the official `selected`"

    @pytest.mark.deep
    def test_a_whole_election_on_postgresql(
        self, pb_folder: Path, tmp_path: Path, database_url: str, backend: str
    ) -> None:
        if backend == "sqlite":
            return  # the tests above
        said = replay(pb_folder / GRZEGORZKI, tmp_path, "--concurrency", "64", "--database-url", database_url)
        assert said.splitlines()[-1] == "outcome: equal to the official `selected`"

    def test_bad_input_is_code_two_and_one_line(self, tmp_path: Path, pb_folder: Path) -> None:
        broken = tmp_path / "broken.pb"
        broken.write_text("META\nkey;value\n")
        for path in (broken, pb_folder / "approval/Netherlands_Assen_2024.pb"):
            ran = run_program("replay", str(path), GONGYI_HOME=str(tmp_path))
            assert ran.returncode == 2
            assert len(ran.stderr.strip().splitlines()) == 1

    def test_killing_worker_and_receiver_loses_and_doubles_nothing(
        self, pb_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GONGYI_HOME", str(tmp_path))
        election = read((pb_folder / GRZEGORZKI).read_bytes())
        voters, cast = 60, 0
        all_cast = threading.Event()
        port = free_port()
        receiver = story.new_receiver(port)
        with command._stage(None, ("admin", "admin2"), None) as stage:
            keys: list[str] = []

            def start_receiver(webhook_key: str) -> None:
                keys.append(webhook_key)
                command.start(stage, receiver, port, webhook_key)

            def progress(steps: int) -> None:
                nonlocal cast
                cast += steps
                if cast == voters:
                    all_cast.set()

            def unrest() -> None:
                all_cast.wait(120)
                for _ in range(4 if DEEP else 2):
                    stage.processes.kill("worker")
                    stage.processes.kill("receiver")
                    stage.processes.start("worker", "work")
                    time.sleep(1.5)
                    start_receiver(keys[0])
                    time.sleep(1.0)

            trouble = threading.Thread(target=unrest)
            trouble.start()
            outcome, received = asyncio.run(
                story.run(
                    base_url=stage.base_url, admins=stage.admins, election=election, voters=voters,
                    concurrency=16, receiver=receiver,
                    start_receiver=start_receiver, say=lambda _: None, progress=progress,
                )
            )  # fmt: skip
            trouble.join()
            assert outcome.accepted == voters
            assert received == len(outcome.funded) > 0
            with closing(sqlite3.connect(stage.folder / "gongyi.db")) as database:
                requests = database.execute(
                    "SELECT priority FROM funding_request WHERE state <> 'reserve' ORDER BY priority"
                ).fetchall()
                assert [priority for (priority,) in requests] == list(range(1, len(outcome.funded) + 1))
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline:
                    left = database.execute(
                        "SELECT COUNT(*) FROM funding_request WHERE state = 'submitted' OR state = 'received'"
                    ).fetchone()[0]
                    if left == 0:
                        break
                    time.sleep(0.5)
                decisions = database.execute(
                    "SELECT request_id, decision, COUNT(*) FROM request_decision GROUP BY request_id, decision"
                ).fetchall()
                assert {count for *_, count in decisions} == {1}
                assert len(decisions) == 2 * len(outcome.funded)
