"""Sending one signed message.

Beneath httpx, with its engine httpcore: the connection goes to the addresses that were checked, in the name that was
registered, and the whole attempt has one deadline. httpx bounds each wait, not their sum, so that an endpoint could
hold a worker for ever by answering a byte at a time.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from app.gateway import rules, targets
from app.gateway.rules import Sign, Signing
from app.gateway.targets import Target
from app.outbox.service import Unanswered

#: For the connection, and for each wait.
TIMEOUT_SECONDS = 10.0
#: For everything together; shorter than a worker's claim.
DEADLINE_SECONDS = 30.0

SocketOptions = Iterable[Any]


class NoAnswer(Unanswered):
    """The other side could not be reached or did not answer in time."""


def send(
    *, url: str, message_id: str, timestamp: int, body: bytes, signature: str, allow_private: bool
) -> int:
    """POST a signed message and return the status; redirects are not followed, the answer's body is not read.

    Raises:
        TargetRefused: the address must not be called.
        NameUnknown: its name does not resolve now.
        NoAnswer: no connection, or no answer in time.
    """
    target = targets.check(url, allow_private=allow_private)
    headers = [
        ("Host", target.host_header),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
        ("User-Agent", "gongyi-webhooks/1"),
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signature),
    ]
    waits = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_SECONDS)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_trust(), network_backend=_Pinned(target)) as pool,
            pool.stream(
                "POST",
                httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
                headers=headers,
                content=body,
                extensions={"timeout": waits},
            ) as answer,
        ):
            return int(answer.status)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise NoAnswer(type(error).__name__) from error


def signature_of(
    *, signing: Signing, secret: str | None, sign: Sign, message_id: str, timestamp: int, body: bytes
) -> str:
    """The ``webhook-signature`` header for a message."""
    content = rules.signed_content(message_id, timestamp, body)
    if signing is Signing.HMAC:
        assert secret is not None
        return rules.hmac_signature(secret, content)
    return rules.ed25519_signature(sign(content))


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The authorities of certifi, or those the operator names in SSL_CERT_FILE or SSL_CERT_DIR."""
    return httpx.create_ssl_context()


class _Pinned(httpcore.NetworkBackend):
    """Connects to the checked addresses only, one after the other, whatever the name says by now."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._inner = httpcore.SyncBackend()
        self._left = _countdown(DEADLINE_SECONDS)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one."""
        assert (host, port) == (self._target.host, self._target.port)
        failure: Exception | None = None
        for address in self._target.addresses:
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _Bounded(stream, self._left)
        raise failure or httpcore.ConnectError

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._inner.sleep(seconds)


class _Bounded(httpcore.NetworkStream):
    """A connection whose waits together end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[float | None], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes."""
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All bytes."""
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        """The end."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted, the name verified."""
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._left)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the base class's signature
        """Facts about the connection."""
        return self._stream.get_extra_info(info)


def _countdown(seconds: float) -> Callable[[float | None], float]:
    """A function that cuts a wait to what is left of a deadline."""
    deadline = time.monotonic() + seconds

    def left(wait: float | None) -> float:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise httpcore.ReadTimeout
        return remaining if wait is None else min(wait, remaining)

    return left
