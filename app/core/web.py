"""The door: units of work as dependencies, problems as answers, limits on what comes in.

An endpoint receives an unopened unit and opens it itself::

    with writing as session:
        return service.verb(session, ...)

so that the commit, or the rollback, has happened before the response is made.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import AbstractContextManager
from typing import Annotated, Any, cast

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session
from starlette.exceptions import HTTPException as StarletteHTTPException

from app.core import errors
from app.core.config import Settings
from app.core.db import Database, is_contention, is_duplicate, is_outage
from app.core.errors import DomainError
from app.core.logging import log

PROBLEM_JSON = "application/problem+json"

STATUS_OF_FAMILY: tuple[tuple[type[DomainError], int], ...] = (
    (errors.Outdated, 412),
    (errors.TooLarge, 413),
    (errors.NotSignedIn, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Invalid, 422),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
)

JSON_LIMIT_BYTES = 256 * 1024
UPLOAD_LIMIT_BYTES = 10 * 1024 * 1024

_QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_FIELD_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,60}")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Problem(BaseModel):
    """RFC 9457 problem details with a stable code."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str


class MalformedRequest(errors.Invalid):
    """Some fields are missing or malformed."""

    code = "malformed_request"
    zh = "有些内容没填或填错了。"


class AlreadyThere(errors.Conflict):
    """This already exists."""

    code = "already_exists"
    zh = "已经存在，不能重复。"


class DoesNotFit(errors.Invalid):
    """Some of what was given does not fit together. Nothing was saved."""

    code = "does_not_fit"
    zh = "填写的内容有不相符的地方，没有保存。请检查后再试。"


class NoSuchAddress(errors.NotFound):
    """There is no such address here."""

    code = "no_such_address"
    zh = "没有这个地址。"


class WrongMethod(errors.Invalid):
    """This address does not take that method."""

    code = "method_not_allowed"
    zh = "这个地址不支持这种操作。"


class InternalFault(DomainError):
    """Something went wrong on our side. It has been recorded; nothing was saved."""

    code = "internal_error"
    zh = "系统出错了，已记录，没有保存任何内容。"


def status_of(error: type[DomainError]) -> int:
    """The HTTP status of an error's family."""
    return next((status for family, status in STATUS_OF_FAMILY if issubclass(error, family)), 500)


def language_of(request: Request) -> str:
    """``en`` when the caller prefers English to Chinese, else ``zh-CN``."""
    weights = {"en": 0.0, "zh": 0.0}
    for part in request.headers.get("accept-language", "").lower()[:200].split(","):
        tag, _, quality = part.strip().partition(";")
        found = _QUALITY.fullmatch(quality.strip())
        if tag[:2] in weights and (not quality or found):
            weights[tag[:2]] = max(weights[tag[:2]], float(found[1]) if found else 1.0)
    if weights["en"] == weights["zh"] > 0:  # equal wishes: the first one named
        header = request.headers["accept-language"].lower()
        return "en" if header.find("en") < header.find("zh") else "zh-CN"
    return "en" if weights["en"] > weights["zh"] else "zh-CN"


class ProblemResponse(JSONResponse):
    """A problem; facts that are not text in any encoding are replaced instead of failing once more."""

    media_type = PROBLEM_JSON

    def render(self, content: object) -> bytes:
        """UTF-8, whatever somebody typed."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def problem(request: Request, error: DomainError, *, status: int | None = None) -> JSONResponse:
    """Render an error as RFC 9457 problem+json in the caller's language."""
    code = type(error).code
    language = language_of(request)
    status = status or status_of(type(error))
    body: dict[str, Any] = {
        **error.facts,
        "type": f"/problems/{code}",
        "title": type(error).title(language),
        "status": status,
        "detail": error.sentence(language),
        "code": code,
    }
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    retry_after = error.facts.get("retry_after")
    if isinstance(retry_after, int):
        headers["Retry-After"] = str(retry_after)
    if status == 401:  # noqa: PLR2004 - RFC 9110: a 401 names its scheme
        headers["WWW-Authenticate"] = "Bearer"
    return ProblemResponse(body, status_code=status, headers=headers)


def problems(*error_types: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI ``responses`` for these errors, grouped by status."""
    grouped: dict[int, list[type[DomainError]]] = {}
    for error in error_types:
        grouped.setdefault(status_of(error), []).append(error)
    return {
        status: {
            "description": "; ".join(f"`{error.code}`: {error.outline()}" for error in group),
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, group in sorted(grouped.items())
    }


async def _on_domain_error(request: Request, error: Exception) -> Response:
    return problem(request, cast(DomainError, error))


async def _on_validation_error(request: Request, error: Exception) -> Response:
    # FastAPI's own handler echoes the input; a phone number or a ranking has no business in an answer or a log.
    found = cast(RequestValidationError, error).errors()
    if {item["type"] for item in found} == {errors.WordsNeeded.code}:
        return problem(request, errors.WordsNeeded(least=max(item["ctx"]["least"] for item in found)))
    fields = [
        {
            "where": ".".join(_place_name(part) for part in item["loc"][:12]),
            "reason": item["type"],
            "message": item["msg"][:300],
        }
        for item in found[:20]
    ]
    return problem(request, MalformedRequest(errors=cast(Any, fields)))


def _place_name(part: int | str) -> str:
    # The name of an unknown field is the sender's text too.
    return str(part) if isinstance(part, int) or _FIELD_NAME.fullmatch(part) else "?"


async def _on_integrity_error(request: Request, error: Exception) -> Response:
    # a check, a missing value or a reference to nothing is no second of its kind, and nobody is told that it is
    twice = isinstance(error, IntegrityError) and is_duplicate(error)
    return problem(request, AlreadyThere() if twice else DoesNotFit())


async def _on_operational_error(request: Request, error: Exception) -> Response:
    if isinstance(error, OperationalError) and not (is_contention(error) or is_outage(error)):
        return await _on_any_error(request, error)
    log().warning("database unavailable", path=request.url.path, error_type=type(error).__name__)
    return problem(request, errors.Unavailable(retry_after=1 if isinstance(error, PoolTimeout) else 5))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    status = cast(StarletteHTTPException, error).status_code
    if status == 404:  # noqa: PLR2004
        return problem(request, NoSuchAddress())
    if status == 405:  # noqa: PLR2004
        answer = problem(request, WrongMethod(), status=405)
        answer.headers.update(cast(StarletteHTTPException, error).headers or {})
        return answer
    return problem(request, MalformedRequest(), status=status)


async def _on_any_error(request: Request, error: Exception) -> Response:
    log().error(
        "request failed", path=request.url.path, method=request.method, error_type=type(error).__name__
    )
    answer = problem(request, InternalFault())
    # Starlette makes this answer outside of every middleware, so it completes its headers itself.
    answer.raw_headers.extend(SecurityHeaders.HEADERS)
    return answer


def install_problem_handlers(app: FastAPI) -> None:
    """Every error leaves as problem+json."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(IntegrityError, _on_integrity_error)
    app.add_exception_handler(OperationalError, _on_operational_error)
    app.add_exception_handler(PoolTimeout, _on_operational_error)
    app.add_exception_handler(StarletteHTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_any_error)


# --- dependencies ------------------------------------------------------------------------------------------------


def settings_of(request: Request) -> Settings:
    """The settings the application was made with."""
    return cast(Settings, request.app.state.settings)


def database_of(request: Request) -> Database:
    """The application's database."""
    return cast(Database, request.app.state.database)


def _reading(request: Request) -> AbstractContextManager[Session]:
    return database_of(request).reading()


def _writing(request: Request) -> AbstractContextManager[Session]:
    return database_of(request).writing()


SettingsDep = Annotated[Settings, Depends(settings_of)]
#: For the few use cases of more than one unit.
Store = Annotated[Database, Depends(database_of)]
Reading = Annotated[AbstractContextManager[Session], Depends(_reading)]
Writing = Annotated[AbstractContextManager[Session], Depends(_writing)]


# --- what anybody may keep ----------------------------------------------------------------------------------------


def cacheable(
    request: Request, body: bytes, *, seconds: int | None, media_type: str = "application/json"
) -> Response:
    """An answer that is the same for everybody and may be kept: for some seconds, or with ``None`` for good.

    Who says by ``If-None-Match`` that they have these bytes gets 304 and no bytes.
    """
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    age = f"public, max-age={seconds}" if seconds is not None else "public, max-age=31536000, immutable"
    headers = {"ETag": etag, "Cache-Control": age}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


# --- what comes in ------------------------------------------------------------------------------------------------


class BodyCap:
    """ASGI middleware: refuse bodies over the limit, announced or not, before anything parses them."""

    def __init__(self, app: App, upload_paths: Iterable[str] = ()) -> None:
        self.app = app
        self.upload_paths = tuple(upload_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on its body counted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = UPLOAD_LIMIT_BYTES if _is_upload(scope, self.upload_paths) else JSON_LIMIT_BYTES
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and (len(announced) > 18 or int(announced) > limit):  # noqa: PLR2004 - past any size
            await self._refuse(scope, receive, send, limit)
            return
        # Read the body here, counted, and hand it on whole: a chunked body has no announced length.
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                await self._refuse(scope, receive, send, limit)
                return
            chunks.append(chunk)
            if not message.get("more_body", False):
                break
        body: bytes | None = b"".join(chunks)

        async def replay() -> Message:
            nonlocal body
            if body is not None:
                whole, body = body, None
                return {"type": "http.request", "body": whole, "more_body": False}
            return await receive()

        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        answer = problem(Request(scope), errors.TooLarge(limit_bytes=limit))
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)


def _is_upload(scope: Scope, upload_paths: tuple[str, ...]) -> bool:
    path: str = scope["path"]
    return scope["method"] in {"POST", "PUT"} and path.endswith(upload_paths) if upload_paths else False


class SecurityHeaders:
    """ASGI middleware: the headers every answer carries."""

    HEADERS: tuple[tuple[bytes, bytes], ...] = (
        (
            b"content-security-policy",
            (
                b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
                b"connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
                b"form-action 'self'; frame-ancestors 'none'"
            ),
        ),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message.get("headers", [])}
                extra = [header for header in self.HEADERS if header[0] not in present]
                if scope["path"].startswith(("/api/", "/platform/")) and b"cache-control" not in present:
                    extra.append((b"cache-control", b"no-store"))
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        await self.app(scope, receive, with_headers)


def strict_json(raw: bytes) -> Any:  # noqa: ANN401 - JSON is any shape until a schema has read it
    """Parse JSON for hot paths: no NaN, no duplicate keys, no lone surrogates.

    Raises:
        MalformedRequest: it is not such JSON.
    """
    try:
        text = raw.decode("utf-8")
        parsed = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
        if (
            "\\u" in text
        ):  # an escape may stand for half a character, which no database and no answer can hold
            json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedRequest from error
    return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        message = "duplicate key"
        raise ValueError(message)
    return made


class BadETag(errors.Invalid):
    """If-Match must hold the ETag you read, in quotes."""

    code = "bad_etag"
    zh = "If-Match 应为读取时得到的 ETag（带引号）。"


class ETagMissing(errors.Invalid):
    """Say in If-Match which version you read, so that nobody's change is overwritten."""

    code = "etag_missing"
    zh = "请用 If-Match 说明您读取的版本，以免覆盖别人的修改。"


def etag_version(header: str | None) -> int:
    """The version number in an ``If-Match`` header, ``"3"``.

    Raises:
        ETagMissing: there is none.
        BadETag: it is no ETag of ours.
    """
    if header is None:
        raise ETagMissing
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004 - fits an integer column
        raise BadETag
    return int(text)
