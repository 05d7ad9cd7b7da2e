"""`gongyi serve` as an operator starts it, in a process of its own that can be killed."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from app.core.config import Settings
from tests.conftest import REPOSITORY

#: Below the ports that outgoing connections get, so that nobody sits on ours while the server is down.
PORTS = range(20_000, 30_000)


class ServerProcess:
    """The service on a free loopback port; started again after a kill, it listens on the same one."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.port = _free_port()
        self.log = folder / f"server-{self.port}.log"
        self._environment = environment_of(settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> None:
        """Start it without waiting."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)],
                cwd=REPOSITORY, env={**os.environ, **self._environment}, stdout=log, stderr=log,
            )  # fmt: skip

    def wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 60
        while True:
            assert self._process.poll() is None, f"the server did not start:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, "the server takes too long to start"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return

    def start(self) -> None:
        """Start it, unless that was done already, and wait until it answers."""
        if self._process is None or self._process.poll() is not None:
            self.launch()
        self.wait_until_ready()

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is said."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        assert self._process.wait(timeout=20) == -signal.SIGKILL, "it was dead before it was killed"

    def end(self) -> int:
        """SIGTERM, as when it is restarted for a new version; returns how it ended."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=30)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=20)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which another process works on the same data with the same keys."""
    return {
        "GONGYI_MODE": settings.mode.value,
        "GONGYI_HOME": str(settings.home),
        "GONGYI_DATABASE_URL": settings.database_url,
        "GONGYI_TOKEN_KEY": settings.token_key.get_secret_value(),
        "GONGYI_DATA_KEY": settings.data_key.get_secret_value(),
        "GONGYI_SIGNING_KEY": settings.signing_key.get_secret_value(),
    }


def _free_port() -> int:
    while True:
        port = random.choice(PORTS)  # noqa: S311 - any free one will do
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
