"""Starting our own server, worker and receiver on free loopback ports, and ending them again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

START_SECONDS = 60
STOP_SECONDS = 25


class ProcessFailed(Exception):
    """A process we need did not start."""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Processes:
    """Programs of ours running beside this one; leaving the block ends them."""

    environment: Mapping[str, str]
    logs: Path
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start ``gongyi <arguments>`` under a name; its output goes to a file of that name."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
                [sys.executable, "-m", "app.cli", *arguments],
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        self._running[name] = process
        return process

    def wait_until_up(self, name: str, url: str) -> None:
        """Wait until ``url`` answers.

        Raises:
            ProcessFailed: it ended, or took longer than `START_SECONDS`.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._running[name].poll() is not None:
                break
            try:
                if httpx.get(url, timeout=2).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        log = (self.logs / f"{name}.log").read_text(errors="replace")[-2000:]
        message = f"{name} did not start:\n{log}"
        raise ProcessFailed(message)

    def kill(self, name: str) -> None:
        """End a process at once, without a farewell."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
