"""The load: voters behind keep-alive connections, in a process of their own.

``python voters.py`` reads one JSON object from its input (port, tokens, path, projects, rate) and writes one with the
latencies.
Closed loop: each connection sends its next request when it has its answer. Open loop: requests start at fixed times
whether or not earlier ones are answered, and latency counts from that time, so that a server that stalls is not spared.
"""

import asyncio
import json
import secrets
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

import uvloop


@dataclass
class Load:
    """What happened."""

    latencies: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)


class Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self._buffer = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("closed"))

    async def send(self, request: bytes) -> int:
        """The status of the answer."""
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


def requests_of(asked: dict[str, object]) -> list[bytes]:
    """The bytes of every request, made before the clock starts."""
    projects = list(asked["projects"])  # type: ignore[call-overload]
    made = []
    for number, token in enumerate(asked["tokens"]):  # type: ignore[arg-type, var-annotated]
        ranking = [projects[(number * 7 + step * 3) % len(projects)] for step in range(int(asked["ranked"]))]  # type: ignore[call-overload]
        body = json.dumps({"ranking": ranking, "secret": secrets.token_hex(16)}).encode()
        made.append(
            b"PUT %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
            b"Idempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (str(asked["path"]).encode(), token.encode(), secrets.token_hex(8).encode(), len(body), body)
        )
    return made


async def closed_loop(connections: list[Connection], requests: list[bytes]) -> Load:
    """Everybody waits for an answer before sending again."""
    load, waiting = Load(), iter(requests)

    async def voter(connection: Connection) -> None:
        for request in waiting:
            await _timed(connection, request, time.perf_counter(), load)

    await asyncio.gather(*(voter(each) for each in connections))
    return load


async def open_loop(connections: list[Connection], requests: list[bytes], rate: float) -> Load:
    """A request every 1/rate seconds, whatever happens to the others."""
    load = Load()
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for each in connections:
        free.put_nowait(each)
    began = time.perf_counter()

    async def voter(request: bytes, due: float) -> None:
        connection = await free.get()
        await _timed(connection, request, due, load)
        free.put_nowait(connection)

    voters = []
    for number, request in enumerate(requests):
        due = began + number / rate
        if (ahead := due - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        voters.append(asyncio.create_task(voter(request, due)))
    await asyncio.gather(*voters)
    return load


async def _timed(connection: Connection, request: bytes, since: float, load: Load) -> None:
    status = await connection.send(request)
    if status == HTTPStatus.OK:
        load.latencies.append(time.perf_counter() - since)
    else:
        load.refused[str(status)] = load.refused.get(str(status), 0) + 1


async def main() -> None:
    """Run one load."""
    asked = json.load(sys.stdin)
    loop = asyncio.get_running_loop()
    requests = requests_of(asked)
    connections = [
        (await loop.create_connection(Connection, "127.0.0.1", asked["port"]))[1]
        for _ in range(asked["connections"])
    ]
    began = time.perf_counter()
    if asked["rate"]:
        load = await open_loop(connections, requests, asked["rate"])
    else:
        load = await closed_loop(connections, requests)
    seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "latencies": load.latencies, "refused": load.refused}, sys.stdout)


if __name__ == "__main__":
    uvloop.run(main())
