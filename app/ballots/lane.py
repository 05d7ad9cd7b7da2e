"""The fast lane: a well-formed cast is answered here, before the framework looks for its route.

On the evening a whole estate votes this is the one request that matters, and finding its route among all others,
resolving its parameters and validating its answer cost the framework more than sealing and signing. Whatever is
unusual about a request (another content type, a body that does not parse, no good token, a header too long) is left to
the route, which refuses it in its own words; both call `casting.cast`.
"""

import re
import uuid

from pydantic import ValidationError
from starlette.datastructures import State
from starlette.requests import Request

from app.access.tokens import AccessTokens
from app.ballots.casting import SignedRequest, cast
from app.ballots.schemas import BallotIn
from app.core.errors import DomainError, NotSignedIn
from app.core.web import App, Message, Receive, Scope, Send, problem

_PATH = re.compile(r"/api/v1/rounds/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/my-ballot")
_KEY = re.compile(r"[\x21-\x7e]{1,120}")
LARGEST_BODY = 32 * 1024
LARGEST_IF_MATCH = 40


class CastLane:
    """ASGI middleware that takes `PUT /api/v1/rounds/{id}/my-ballot`."""

    def __init__(self, app: App, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a cast; pass everything else on."""
        found = _PATH.fullmatch(scope["path"]) if scope.get("method") == "PUT" else None
        headers = None if found is None else _headers(scope)
        if found is None or headers is None:
            await self.app(scope, receive, send)
            return
        message = await receive()
        if message["type"] != "http.request" or message.get("more_body", False):
            await self.app(scope, _first(message, receive), send)
            return
        try:
            claims = self._tokens.read(headers["authorization"][len("Bearer ") :])
            body = BallotIn.model_validate_json(message.get("body", b""))
        except (NotSignedIn, ValidationError):
            await self.app(scope, _first(message, receive), send)
            return
        request = SignedRequest(
            uuid.UUID(found[1]), claims.account_id, claims.session_id, headers.get("idempotency-key"),
            headers.get("if-match"),
        )  # fmt: skip
        try:
            answer = await cast(self.state, request, body)
        except DomainError as error:
            answer = problem(Request(scope), error)
        await answer(scope, receive, send)

    @property
    def _tokens(self) -> AccessTokens:
        tokens: AccessTokens = self.state.access_tokens
        return tokens


_WANTED = {
    name.encode(): name
    for name in ("authorization", "content-type", "content-length", "idempotency-key", "if-match")
}


def _headers(scope: Scope) -> dict[str, str] | None:
    """The headers of an ordinary cast; none where something about them is out of the ordinary."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        wanted = _WANTED.get(name)
        if wanted is None:
            continue
        if wanted in found:
            return None
        found[wanted] = value.decode("latin-1")
    ordinary = (
        found.get("authorization", "").startswith("Bearer ")
        and found.get("content-type") == "application/json"
        and found.get("content-length", "").isdigit()
        and len(found["content-length"]) <= len(str(LARGEST_BODY))
        and int(found["content-length"]) <= LARGEST_BODY
        and ("idempotency-key" not in found or _KEY.fullmatch(found["idempotency-key"]))
        and len(found.get("if-match", "")) <= LARGEST_IF_MATCH
    )
    return found if ordinary else None


def _first(message: Message, receive: Receive) -> Receive:
    """``receive`` that gives ``message`` once more before it goes on."""
    waiting = [message]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
