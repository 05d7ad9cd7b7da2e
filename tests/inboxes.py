"""Other people's computers: an HTTP server that takes messages and answers as a test tells it."""

import base64
import hashlib
import hmac
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Answer = int | Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Taken:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Inbox:
    """A server on a loopback port; ``answers`` are used up one by one, then ``usual`` is given."""

    usual: Answer = 204
    answers: list[Answer] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    port: int = 0
    #: With one, it speaks TLS.
    tls: ssl.SSLContext | None = None
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [each.message_id for each in self.taken]

    def open(self) -> None:
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.taken.append(
                    Taken(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
                )
                answer = inbox.answers.pop(0) if inbox.answers else inbox.usual
                if callable(answer):
                    answer(self)
                    return
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a connection we broke on purpose

        self._server = Server(("127.0.0.1", self.port), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def shut(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Break the connection instead of answering."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def redirect_to(url: str, status: int = 307) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def silent_for(seconds: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return answer


def byte_by_byte(seconds: float) -> Answer:
    """An answer that never ends but always moves."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                handler.wfile.write(b"a")
                time.sleep(0.05)
        except OSError:
            pass
        handler.close_connection = True

    return answer


def flood(handler: BaseHTTPRequestHandler) -> None:
    """A good answer with a body nobody should read."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**12))
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        handler.close_connection = True


# --- Standard Webhooks, written from its specification and not from our code ------------------------------------------


def verify(taken: Taken, key: str) -> None:
    """Check a message as a receiver's library would.

    Raises:
        AssertionError: a header is missing, or no signature fits.
    """
    message_id, stamp = taken.headers["webhook-id"], taken.headers["webhook-timestamp"]
    assert message_id
    assert "." not in message_id
    assert stamp.isdigit()
    signed = message_id.encode() + b"." + stamp.encode() + b"." + taken.body
    kind, _, encoded = key.partition("_")
    material = base64.b64decode(encoded, validate=True)
    for signature in taken.headers["webhook-signature"].split(" "):
        version, _, value = signature.partition(",")
        raw = base64.b64decode(value, validate=True)
        if (kind, version) == ("whsec", "v1"):
            assert 24 <= len(material) <= 64
            if hmac.compare_digest(hmac.digest(material, signed, hashlib.sha256), raw):
                return
        if (kind, version) == ("whpk", "v1a"):
            try:
                Ed25519PublicKey.from_public_bytes(material).verify(raw, signed)
            except InvalidSignature:
                continue
            return
    raise AssertionError("no signature fits")
