"""A stand-in for WeChat's server: the answers and error codes of the calls we make, for tests and for rehearsals.

Codes are minted and failures injected under ``/control/``; everything else is where WeChat has it. It keeps all in
memory and belongs on a loopback address: production refuses to be pointed at one.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
LONGEST_SCENE = 32
LONGEST_THING = 20
RISKY_WORDS = ("赌博", "代开发票")
DOUBTFUL_WORDS = ("加微信", "低价转让")

_MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    41030: "invalid page",
    43101: "user refuse to accept the msg",
    47003: "argument invalid!",
}


class Failure(Exception):
    """An answer that is an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class _Minted:
    """A code that works once."""

    stands_for: dict[str, str]
    until: float
    used: bool = False

    def take(self, now: float) -> dict[str, str]:
        """What it stands for, once.

        Raises:
            Failure: 40163 used before, 40029 too old.
        """
        if self.used:
            raise Failure(40163)
        if self.until <= now:
            raise Failure(40029)
        self.used = True
        return self.stands_for


@dataclass
class StandIn:
    """What it knows and what was asked of it."""

    app_id: str = "wx0000000000000000"
    secret: str = "stand-in"  # noqa: S105 - for a server that keeps none
    templates: frozenset[str] = frozenset({"tmpl-result", "tmpl-reminder"})
    pages: frozenset[str] = frozenset({"pages/index/index", "pages/web/web"})
    #: Seconds by which its clock is ahead; tests move it.
    ahead: float = 0.0
    #: Every call that came in, by path.
    calls: list[str] = field(default_factory=list)
    #: Subscribe messages it took.
    messages: list[dict[str, Any]] = field(default_factory=list)
    _logins: dict[str, _Minted] = field(default_factory=dict)
    _phones: dict[str, _Minted] = field(default_factory=dict)
    _users: set[str] = field(default_factory=set)
    _taps: dict[tuple[str, str], int] = field(default_factory=dict)
    _token: str = ""
    _token_until: float = 0.0
    _failures: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    # --- controls -------------------------------------------------------------------------------------------------

    def login_code(self, openid: str, *, unionid: str = "") -> str:
        """A code as ``wx.login`` gives it."""
        self._users.add(openid)
        code = secrets.token_hex(16)
        known = {"openid": openid} | ({"unionid": unionid} if unionid else {})
        self._logins[code] = _Minted(known, self._now() + CODE_SECONDS)
        return code

    def phone_code(self, phone: str, *, country: str = "86") -> str:
        """A code as the phone number button gives it."""
        code = secrets.token_hex(32)
        self._phones[code] = _Minted({"phone": phone, "country": country}, self._now() + CODE_SECONDS)
        return code

    def accept(self, openid: str, template: str, *, times: int = 1) -> None:
        """Somebody taps "accept" for a template; one tap is one message."""
        self._users.add(openid)
        self._taps[openid, template] = self._taps.get((openid, template), 0) + times

    def fail(self, path: str, *, times: int = 1, **how: Any) -> None:  # noqa: ANN401 - JSON
        """Let the next calls of a path fail: ``errcode``, or HTTP ``status`` and ``body``, after ``silent`` seconds."""
        self._failures.setdefault(path, []).extend([how] * times)

    def end_token(self) -> None:
        """Let the call token die, as when somebody forces a new one."""
        self._token_until = 0.0

    # --- what WeChat does -----------------------------------------------------------------------------------------

    def session(self, request: Request) -> dict[str, Any]:
        """``code2Session``; no ``errcode`` when all is well."""
        self._check_app(dict(request.query_params))
        minted = self._logins.get(request.query_params.get("js_code", ""))
        if minted is None:
            raise Failure(40029)
        return {**minted.take(self._now()), "session_key": secrets.token_urlsafe(18)}

    def stable_token(self, body: dict[str, Any]) -> dict[str, Any]:
        """``stable_token`` in its normal mode: the same until it is old."""
        self._check_app(body)
        if self._token_until <= self._now():
            self._token = secrets.token_urlsafe(96)
            self._token_until = self._now() + TOKEN_SECONDS
        return {"access_token": self._token, "expires_in": int(self._token_until - self._now())}

    def phone_number(self, body: dict[str, Any]) -> dict[str, Any]:
        """``getuserphonenumber``."""
        minted = self._phones.get(body.get("code", ""))
        if minted is None:
            raise Failure(40029)
        known = minted.take(self._now())
        told = {
            "phoneNumber": known["phone"], "purePhoneNumber": known["phone"], "countryCode": known["country"],
            "watermark": {"timestamp": int(self._now()), "appid": self.app_id},
        }  # fmt: skip
        return {"errcode": 0, "errmsg": "ok", "phone_info": told}

    def subscribe_send(self, body: dict[str, Any]) -> dict[str, Any]:
        """``subscribe/send``: one message for one tap."""
        openid, template = body.get("touser", ""), body.get("template_id", "")
        page = str(body.get("page", "")).partition("?")[0]
        if openid not in self._users:
            raise Failure(40003)
        if template not in self.templates:
            raise Failure(40037)
        if page and page not in self.pages:
            raise Failure(41030)
        data = body.get("data", {})
        too_long = any(
            name.startswith("thing") and len(each["value"]) > LONGEST_THING for name, each in data.items()
        )
        if too_long or not data or not all(each.get("value") for each in data.values()):
            raise Failure(47003)
        if self._taps.get((openid, template), 0) < 1:
            raise Failure(43101)
        self._taps[openid, template] -= 1
        self.messages.append(body)
        return {"errcode": 0, "errmsg": "ok", "msgid": len(self.messages)}

    def text_check(self, body: dict[str, Any]) -> dict[str, Any]:
        """``msg_sec_check``, by a short list of words."""
        if body.get("openid", "") not in self._users:
            raise Failure(40003)
        text = body.get("content", "")
        suggest = "pass"
        if any(word in text for word in DOUBTFUL_WORDS):
            suggest = "review"
        if any(word in text for word in RISKY_WORDS):
            suggest = "risky"
        label = 100 if suggest == "pass" else 20006
        return {"errcode": 0, "errmsg": "ok", "result": {"suggest": suggest, "label": label}, "trace_id": "1"}

    def code_picture(self, body: dict[str, Any]) -> bytes:
        """``getwxacodeunlimit``; an ordinary QR code stands for the round one."""
        scene, page = body.get("scene", ""), body.get("page", "")
        if not scene or len(scene) > LONGEST_SCENE:
            raise Failure(40129)
        if body.get("check_path", True) and page not in self.pages:
            raise Failure(41030)
        picture = BytesIO()
        segno.make(f"{page}?scene={scene}", error="m").save(picture, kind="png", scale=4)
        return picture.getvalue()

    # --- inside ---------------------------------------------------------------------------------------------------

    async def answer(self, request: Request, *, needs_token: bool = True) -> Response:
        """One call, with whatever failure waits for its path."""
        path = request.url.path
        self.calls.append(path)
        waiting = self._failures.get(path)
        if waiting:
            how = waiting.pop(0)
            await asyncio.sleep(how.get("silent", 0))
            if "status" in how or "body" in how:
                return Response(how.get("body", ""), how.get("status", 200), media_type="application/json")
            if "errcode" in how:
                return _error(how["errcode"])
        try:
            return await self._answer(request, path, needs_token=needs_token)
        except Failure as failure:
            return _error(failure.code)

    async def _answer(self, request: Request, path: str, *, needs_token: bool) -> Response:
        if needs_token and request.query_params.get("access_token") != self._live_token():
            raise Failure(40001)
        if path == "/sns/jscode2session":
            return JSONResponse(self.session(request))
        body = await request.json()
        if path == "/wxa/getwxacodeunlimit":
            return Response(self.code_picture(body), media_type="image/png")
        verb = {
            "/cgi-bin/stable_token": self.stable_token,
            "/wxa/business/getuserphonenumber": self.phone_number,
            "/cgi-bin/message/subscribe/send": self.subscribe_send,
            "/wxa/msg_sec_check": self.text_check,
        }[path]
        return JSONResponse(verb(body))

    def _check_app(self, given: dict[str, Any]) -> None:
        if given.get("appid") != self.app_id:
            raise Failure(40013)
        if given.get("secret") != self.secret:
            raise Failure(40125)

    def _live_token(self) -> str | None:
        return self._token if self._token_until > self._now() else None

    def _now(self) -> float:
        return time.monotonic() + self.ahead


def _error(code: int) -> Response:
    told = f"{_MESSAGES.get(code, 'error')} rid: {secrets.token_hex(4)}"
    return JSONResponse({"errcode": code, "errmsg": told})


def make_stand_in(state: StandIn) -> Starlette:
    """The server."""

    async def open_call(request: Request) -> Response:
        return await state.answer(request, needs_token=False)

    async def control(request: Request) -> Response:
        body = await request.json() if request.method == "POST" else {}
        act = request.path_params["act"]
        if act == "login-codes":
            return JSONResponse({"code": state.login_code(body["openid"], unionid=body.get("unionid", ""))})
        if act == "phone-codes":
            return JSONResponse({"code": state.phone_code(body["phone"], country=body.get("country", "86"))})
        if act == "taps":
            state.accept(body["openid"], body["template"], times=body.get("times", 1))
        elif act == "failures":
            state.fail(body.pop("path"), times=body.pop("times", 1), **body)
        elif act == "dead-token":
            state.end_token()
        elif act == "messages":
            return JSONResponse({"items": state.messages})
        else:
            return Response(status_code=404)
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/control/{act}", control, methods=["GET", "POST"]),
            Route("/sns/jscode2session", open_call),
            Route("/cgi-bin/stable_token", open_call, methods=["POST"]),
            *(
                Route(path, state.answer, methods=["POST"])
                for path in (
                    "/wxa/business/getuserphonenumber",
                    "/cgi-bin/message/subscribe/send",
                    "/wxa/msg_sec_check",
                    "/wxa/getwxacodeunlimit",
                )
            ),
        ]
    )
