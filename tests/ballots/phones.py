"""Phones of voters: they keep their connection, and send a request that was not answered again until it is."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.callers import Headers

Receipt = dict[str, Any]

PATIENCE_SECONDS = 0.05


@dataclass
class Phone:
    """One voter: what was answered, in order, and what was not."""

    headers: Headers
    receipts: list[Receipt] = field(default_factory=list)
    #: Versions of which it was not known for a while whether they had been taken: the connection broke.
    in_doubt: set[int] = field(default_factory=set)
    turned_away: int = 0

    async def vote(self, network: httpx.AsyncClient, path: str, ranking: Sequence[str]) -> Receipt:
        """Send one ballot under one key until there is a receipt."""
        body = {"ranking": list(ranking), "secret": secrets.token_hex(16)}
        headers = {**self.headers, "Idempotency-Key": secrets.token_hex(8)}
        while True:
            try:
                answer = await network.put(path, json=body, headers=headers)
            except httpx.ConnectError:
                pass  # nothing was sent
            except httpx.TransportError:
                self.in_doubt.add(len(self.receipts) + 1)
            else:
                if answer.status_code == httpx.codes.OK:
                    receipt: Receipt = answer.json()
                    self.receipts.append(receipt)
                    return receipt
                assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
                self.turned_away += 1
            await asyncio.sleep(PATIENCE_SECONDS)

    async def vote_until(
        self, done: asyncio.Event, network: httpx.AsyncClient, path: str, projects: Sequence[str]
    ) -> None:
        """Change one's mind again and again; the last request is always carried through."""
        while not done.is_set():
            await self.vote(network, path, secrets.SystemRandom().sample(projects, 3))


def network(url: str = "") -> httpx.AsyncClient:
    """Connections for many phones at once."""
    return httpx.AsyncClient(
        base_url=url, timeout=30, limits=httpx.Limits(max_connections=None, max_keepalive_connections=None)
    )
