"""The mini program: its own tests, and a visit of it to the real service over a socket."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.core.db import Database
from tests.servers import Server

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
SHELL = FRONTEND / "wechat-shell"

pytestmark = pytest.mark.skipif(
    not (FRONTEND / "node_modules" / "miniprogram-simulate").is_dir(),
    reason="the packages of the front end are not installed (make frontend)",
)


def run(*files: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "node.py"), "node", "--test", *files],
        cwd=SHELL, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TestPages:
    def test_each_compiles_and_does_what_it_should(self) -> None:
        assert "# fail 0" in run("tests/")


class TestVisit:
    def test_a_first_and_a_second_time(self, app: FastAPI, database: Database) -> None:
        assert database
        with Server(app) as server:
            assert "# pass 1" in run("tests/visit.test.js", GONGYI_BASE=server.url)
