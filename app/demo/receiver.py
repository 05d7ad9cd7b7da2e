"""A small stand-in for a sub-district's system: takes signed messages once, reads the request, answers.

It keeps what it takes in an SQLite file (synchronous=FULL) before it says so, knows a message by its ``webhook-id``,
and answers from its own loop, so that it can be killed at any moment and goes on where it was.
"""

import base64
import binascii
import json
import re
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.access.tokens import make_client_assertion
from app.core import clock
from app.core.signer import verifies
from app.gateway.rules import read_public_key, signed_content

TOLERANCE_SECONDS = 300
_STAMP = re.compile("[0-9]{1,12}")
RETRY_SECONDS = 1.0
IDLE_SECONDS = 0.1
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id TEXT PRIMARY KEY, request_id TEXT NOT NULL, submission INTEGER NOT NULL, body TEXT NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 1, request TEXT, answered TEXT NOT NULL DEFAULT ''
)
"""


@dataclass(frozen=True)
class Identity:
    """Who the stand-in is, and whom it trusts."""

    base_url: str
    client_id: str
    private_key_pem: str
    webhook_key: str
    #: What it answers to each request, in order.
    answers: tuple[str, ...] = ("received", "accepted")


class Store:
    """What was received, durable before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "receiver.db"
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)

    def take(self, message_id: str, body: dict[str, Any]) -> bool:
        """Keep a message; false when it was here already."""
        data = body["data"]
        with closing(self._connect()) as connection:
            cursor = connection.execute(
                "INSERT INTO message (id, request_id, submission, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET deliveries = deliveries + 1 RETURNING deliveries",
                (message_id, data["request_id"], data["submission"], json.dumps(body)),
            )
            return bool(cursor.fetchone()[0] == 1)

    def unanswered(self, answers: tuple[str, ...]) -> list[tuple[str, str, int, str]]:
        """Messages still to be answered: (id, request, submission, answers given so far)."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT id, request_id, submission, answered FROM message WHERE answered <> ? ORDER BY rowid",
                (",".join(answers),),
            )
            return list(rows)

    def note(self, message_id: str, *, request: dict[str, Any], answered: str) -> None:
        """Keep what was read and answered."""
        with closing(self._connect()) as connection:
            connection.execute(
                "UPDATE message SET request = ?, answered = ? WHERE id = ?",
                (json.dumps(request, ensure_ascii=False), answered, message_id),
            )

    def items(self) -> list[dict[str, Any]]:
        """Everything received, in order."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT id, body, deliveries, request, answered FROM message ORDER BY rowid"
            )
            return [
                {
                    "message_id": message_id,
                    **json.loads(body)["data"],
                    "deliveries": deliveries,
                    "answered": [each for each in answered.split(",") if each],
                    "request": json.loads(request) if request else None,
                }
                for message_id, body, deliveries, request, answered in rows
            ]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        return connection


def read_message(body: bytes) -> dict[str, Any] | None:
    """A message about a submitted request; nothing for a message about something else.

    Raises:
        ValueError: it is no message.
    """
    parsed = json.loads(body)
    match parsed:
        case {"type": "funding_request.submitted", "data": {"request_id": str(), "submission": int()}}:
            return dict(parsed)
        case {"type": str(kind), "data": dict()} if kind != "funding_request.submitted":
            return None
    message = "no message of ours"
    raise ValueError(message)


def make_receiver(identity: Identity, store: Store) -> Starlette:
    """The web half: ``POST /webhook``, ``GET /requests``, ``GET /healthz``."""
    key = read_public_key(identity.webhook_key)

    async def webhook(request: Request) -> Response:
        body = await request.body()
        message_id = request.headers.get("webhook-id", "")
        stamp = request.headers.get("webhook-timestamp", "")
        if not _STAMP.fullmatch(stamp) or abs(clock.now().timestamp() - int(stamp)) > TOLERANCE_SECONDS:
            return JSONResponse({"error": "time stamp"}, status_code=400)
        signatures = request.headers.get("webhook-signature", "").split(" ")
        content = signed_content(message_id, int(stamp), body)
        if not message_id or not any(verifies(key, _signature(each), content) for each in signatures):
            return JSONResponse({"error": "signature"}, status_code=401)
        try:
            message = read_message(body)
        except ValueError:
            return JSONResponse({"error": "message"}, status_code=400)
        if message is not None:
            store.take(message_id, message)
        return Response(status_code=204)

    async def requests(_request: Request) -> Response:
        return JSONResponse({"items": store.items()})

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/webhook", webhook, methods=["POST"]),
            Route("/requests", requests),
            Route("/healthz", healthz),
        ]
    )


class Answerer:
    """The other half: a thread that reads each request over the platform API and answers it."""

    def __init__(self, identity: Identity, store: Store) -> None:
        self._identity = identity
        self._store = store
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="answerer", daemon=True)
        self._token = ""
        self._token_until = 0.0

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End after the answer in hand."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(base_url=self._identity.base_url, timeout=20, trust_env=False) as http:
            while not self._stopping.is_set():
                failed = False
                for waiting in self._store.unanswered(self._identity.answers):
                    try:
                        self._answer(http, *waiting)
                    except httpx.HTTPError:  # this one again later; the others must not wait for it
                        self._token = ""
                        failed = True
                self._stopping.wait(RETRY_SECONDS if failed else IDLE_SECONDS)

    def _answer(
        self, http: httpx.Client, message_id: str, request_id: str, submission: int, answered: str
    ) -> None:
        headers = {"Authorization": f"Bearer {self._access_token(http)}"}
        path = f"/platform/v1/funding-requests/{request_id}"
        request = http.get(path, headers=headers).raise_for_status().json()
        given = [each for each in answered.split(",") if each]
        for decision in self._identity.answers[len(given) :]:
            body = {"id": f"{request_id}:{submission}:{decision}", "decision": decision}
            answer = http.post(f"{path}/decisions", json=body, headers=headers)
            if answer.status_code != httpx.codes.CONFLICT:  # somebody at the desk was faster
                answer.raise_for_status()
            given.append(decision)
            self._store.note(message_id, request=request, answered=",".join(given))

    def _access_token(self, http: httpx.Client) -> str:
        if not self._token or time.monotonic() > self._token_until:
            assertion = make_client_assertion(
                client_id=self._identity.client_id,
                audience=f"{self._identity.base_url.rstrip('/')}/platform/v1/oauth/token",
                private_key_pem=self._identity.private_key_pem,
            )
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }
            issued = http.post("/platform/v1/oauth/token", data=form).raise_for_status().json()
            self._token = str(issued["access_token"])
            self._token_until = time.monotonic() + issued["expires_in"] / 2
        return self._token


def _signature(text: str) -> bytes:
    version, _, encoded = text.partition(",")
    if version != "v1a":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return b""
