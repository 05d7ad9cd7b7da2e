"""WeChat's server: who is behind a code, a phone number, one message to somebody who asked for it.

Facts of the interface are in docs/adr/0017. `HttpWeChat` speaks to the real one or to a stand-in with the same answers
(`app.demo.wechat`); the other two are for machines without it.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.access.errors import (
    PhoneMalformed,
    WeChatBlocked,
    WeChatBusy,
    WeChatCodeInvalid,
    WeChatQuotaSpent,
    WeChatTooOften,
    WeChatUnavailable,
)
from app.access.ports import NotSubscribed, WeChatIdentity
from app.access.rules import normal_phone
from app.core.config import WeChatTemplate
from app.core.errors import DomainError
from app.core.logging import log
from app.gateway.wechat_rules import TextVerdict, subscribe_fields
from app.outbox.service import Refused

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 5
#: People wait for these calls: when WeChat is slow, the rest are told so at once instead of filling every thread.
CALLS_AT_ONCE = 8
#: A token is taken for dead this long before it is; WeChat keeps the old and the new one alive for five minutes.
TOKEN_MARGIN_SECONDS = 60
BUSY_SECONDS = 5
#: After a call token was not to be had, nobody asks for one for so long.
TOKEN_PAUSE_SECONDS = 5
MINUTE_SECONDS = 60
HOUR_SECONDS = 3600

_TOKEN_DEAD = frozenset({40001, 40014, 42001})
_BUSY = -1
_CODE_INVALID = frozenset({40029, 40163})
_TOO_OFTEN = 45011
_QUOTA_SPENT = frozenset({45009, 1400001})
_BLOCKED = 40226
_NOT_SUBSCRIBED = 43101
#: What more tries do not mend: openid, template, page, fields; a text too long.
_NEVER = frozenset({40003, 40037, 41030, 47003, 44002, 45002})
_SCENE_WRONG = frozenset({40097, 40129})
_SUCCESS = 0
_CHINA = "86"
_PNG = b"\x89PNG"
_JPEG = b"\xff\xd8\xff"
_COMMENT_SCENE = 2
LARGEST_CHECKED_TEXT = 2500
#: The page of the mini program that signs in and goes on to one of ours (frontend/wechat-shell).
ENTRY_PAGE = "pages/index/index"


class NoWeChat:
    """WeChat is not set up."""

    def identity(self, js_code: str) -> WeChatIdentity:  # noqa: ARG002
        """Refuse.

        Raises:
            WeChatUnavailable: always.
        """
        raise WeChatUnavailable(retry_after=HOUR_SECONDS)

    def phone(self, phone_code: str) -> str:  # noqa: ARG002
        """Refuse.

        Raises:
            WeChatUnavailable: always.
        """
        raise WeChatUnavailable(retry_after=HOUR_SECONDS)

    def send_subscribe_message(
        self,
        *,
        openid: str,  # noqa: ARG002
        template: str,  # noqa: ARG002
        page: str,  # noqa: ARG002
        fields: Mapping[str, str],  # noqa: ARG002
    ) -> None:
        """Refuse: nobody can have agreed to it here.

        Raises:
            NotSubscribed: always.
        """
        raise NotSubscribed

    def check_text(self, *, openid: str, text: str) -> TextVerdict:  # noqa: ARG002
        """Leave every text to the committee's own eyes."""
        return TextVerdict.REVIEW

    def close(self) -> None:
        """Nothing is open."""


class DevelopmentWeChat(NoWeChat):
    """Stands in for WeChat on a developer's machine: the code ``dev:wang`` is the user ``dev-wang``."""

    PREFIX = "dev:"

    def identity(self, js_code: str) -> WeChatIdentity:
        """Whoever the code names.

        Raises:
            WeChatCodeInvalid: it names nobody.
        """
        name = js_code.removeprefix(self.PREFIX)
        if name == js_code or not name:
            raise WeChatCodeInvalid
        return WeChatIdentity(f"dev-{name}")

    def phone(self, phone_code: str) -> str:
        """The number that stands in the code: ``dev:13900000000``.

        Raises:
            WeChatCodeInvalid: it is no such code.
            PhoneMalformed: not a mainland mobile number.
        """
        number = phone_code.removeprefix(self.PREFIX)
        if number == phone_code:
            raise WeChatCodeInvalid
        return normal_phone(number)

    def send_subscribe_message(
        self,
        *,
        openid: str,  # noqa: ARG002
        template: str,
        page: str,  # noqa: ARG002
        fields: Mapping[str, str],  # noqa: ARG002
    ) -> None:
        """Note that a message would have been sent."""
        log().debug("subscribe message not sent: development gateway", name=template)


class HttpWeChat:
    """WeChat behind its address.

    The call token is kept per process. It is the *stable* one: asking for it again gives the same while it is good, so
    that processes need not share it.
    """

    def __init__(
        self,
        *,
        base_url: str,
        app_id: str,
        secret: str,
        templates: Mapping[str, WeChatTemplate] | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._app_id = app_id
        self._secret = secret
        self._templates = templates or {}
        self._token = ""
        self._token_until = 0.0
        self._token_paused_until = 0.0
        self._token_lock = threading.Lock()
        self._places = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._client_lock = threading.Lock()
        self._client: httpx.Client | None = None

    # --- the port of access ---------------------------------------------------------------------------------------

    def identity(self, js_code: str) -> WeChatIdentity:
        """The WeChat user behind a login code (``code2Session``).

        Success has no ``errcode`` at all, sometimes; the openid alone shows it. The session key in the answer is not
        read: nothing of ours is encrypted with it.

        Raises:
            WeChatCodeInvalid, WeChatTooOften, WeChatBlocked, WeChatBusy, WeChatQuotaSpent, WeChatUnavailable: the port
                says when.
        """
        asked = {
            "appid": self._app_id,
            "secret": self._secret,
            "js_code": js_code,
            "grant_type": "authorization_code",
        }
        with self._place():
            answer = _parsed(self._send("GET", "/sns/jscode2session", params=asked))
        openid, unionid = answer.get("openid"), answer.get("unionid")
        if not isinstance(openid, str) or not openid:
            raise _refusal(answer)
        return WeChatIdentity(openid, unionid if isinstance(unionid, str) and unionid else None)

    def phone(self, phone_code: str) -> str:
        """The phone number behind a code of the phone number button (``getuserphonenumber``).

        Raises:
            PhoneMalformed: a number of another country, or no mobile number.
            WeChatCodeInvalid, WeChatTooOften, WeChatBusy, WeChatQuotaSpent, WeChatUnavailable: the port says when.
        """
        answer = _parsed(self._with_token("/wxa/business/getuserphonenumber", {"code": phone_code}))
        told = answer.get("phone_info")
        if answer.get("errcode") != _SUCCESS or not isinstance(told, dict):
            raise _refusal(answer)
        if str(told.get("countryCode", "")) != _CHINA:
            raise PhoneMalformed
        return normal_phone(str(told.get("purePhoneNumber", "")))

    # --- the port of notices --------------------------------------------------------------------------------------

    def send_subscribe_message(
        self, *, openid: str, template: str, page: str, fields: Mapping[str, str]
    ) -> None:
        """Send one message to somebody who agreed to it; one agreement is one message.

        What the template has no place for is left out, long words are shortened to what WeChat shows; a path of ours is
        opened by the mini program's first page.

        Raises:
            NotSubscribed: they did not agree, or have had it (43101).
            Refused: WeChat will never take this one: wrong openid, template, page or fields.
            WeChatBusy, WeChatTooOften, WeChatQuotaSpent, WeChatUnavailable: not taken this time.
        """
        known = self._templates.get(template)
        if known is None:
            message = f"no template of WeChat is set for {template}"
            raise Refused(message)
        shown = {theirs: fields[ours] for theirs, ours in known.fields.items() if ours in fields}
        body = {
            "touser": openid,
            "template_id": known.id,
            "page": f"{ENTRY_PAGE}?to={quote(page, safe='')}" if page.startswith("/") else page,
            "data": {name: {"value": value} for name, value in subscribe_fields(shown).items()},
            "miniprogram_state": "formal",
            "lang": "zh_CN",
        }
        answer = _parsed(self._with_token("/cgi-bin/message/subscribe/send", body))
        code = answer.get("errcode")
        if code == _NOT_SUBSCRIBED:
            raise NotSubscribed
        if code in _NEVER:
            message = f"WeChat refused the message: {code}"
            raise Refused(message)
        if code != _SUCCESS:
            raise _refusal(answer)

    # --- more of what WeChat can do -------------------------------------------------------------------------------

    def check_text(self, *, openid: str, text: str) -> TextVerdict:
        """What WeChat thinks of a text people will read (``msg_sec_check``); the user must have been here lately.

        Raises:
            WeChatBusy, WeChatTooOften, WeChatQuotaSpent, WeChatUnavailable: no answer this time.
        """
        body = {
            "version": 2,
            "scene": _COMMENT_SCENE,
            "openid": openid,
            "content": text[:LARGEST_CHECKED_TEXT],
        }
        answer = _parsed(self._with_token("/wxa/msg_sec_check", body))
        result = answer.get("result")
        if answer.get("errcode") != _SUCCESS or not isinstance(result, dict):
            raise _refusal(answer)
        try:
            verdict = TextVerdict(str(result.get("suggest")))
        except ValueError:  # a word that is new to us: somebody should look
            return TextVerdict.REVIEW
        # only the beginning was looked at
        return (
            TextVerdict.REVIEW
            if len(text) > LARGEST_CHECKED_TEXT and verdict is TextVerdict.PASS
            else verdict
        )

    def mini_program_code(self, *, scene: str, page: str) -> bytes:
        """A picture that opens a page of the mini program when scanned (``getwxacodeunlimit``).

        Args:
            scene: what the page is told, at most 32 characters.
            page: a page of the published mini program, without leading slash.

        Returns:
            The picture, PNG or JPEG.

        Raises:
            Refused: WeChat does not take the scene or the page.
            WeChatBusy, WeChatTooOften, WeChatQuotaSpent, WeChatUnavailable: no answer this time.
        """
        body = {"scene": scene, "page": page, "check_path": True, "env_version": "release", "width": 430}
        answer = self._with_token("/wxa/getwxacodeunlimit", body)
        if answer.content.startswith((_PNG, _JPEG)):
            return answer.content
        told = _parsed(answer)
        if told.get("errcode") in _NEVER | _SCENE_WRONG:
            message = f"WeChat refused the picture: {told['errcode']}"
            raise Refused(message)
        raise _refusal(told)

    def close(self) -> None:
        """Let go of the connections; the next call opens new ones."""
        with self._client_lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    # --- inside ---------------------------------------------------------------------------------------------------

    def _with_token(self, path: str, body: Mapping[str, object]) -> "httpx.Response":
        """Call with the call token; where WeChat says it is dead, with a new one, once.

        The place is taken before the token is waited for: a mute WeChat holds `CALLS_AT_ONCE` threads and no more.
        """
        with self._place():
            token = self._access_token()
            answer = self._send("POST", path, params={"access_token": token}, json=body)
            if not answer.content.startswith((_PNG, _JPEG)) and _parsed(answer).get("errcode") in _TOKEN_DEAD:
                token = self._access_token(instead_of=token)
                answer = self._send("POST", path, params={"access_token": token}, json=body)
            return answer

    def _access_token(self, *, instead_of: str | None = None) -> str:
        """The call token; a new one when it is old, or is the very one that WeChat would not take.

        One asks, the others wait for what it is told, as long as it may wait; when it is told nothing, nor are they.
        """
        if not self._token_lock.acquire(timeout=TIMEOUT_SECONDS):
            raise WeChatBusy(retry_after=BUSY_SECONDS)
        try:
            if self._token != instead_of and time.monotonic() < self._token_until:
                return self._token
            if time.monotonic() < self._token_paused_until:
                raise WeChatBusy(retry_after=BUSY_SECONDS)
            try:
                self._token, seconds = self._new_token()
            except DomainError:
                self._token_paused_until = time.monotonic() + TOKEN_PAUSE_SECONDS
                raise
            self._token_until = time.monotonic() + seconds - TOKEN_MARGIN_SECONDS
            return self._token
        finally:
            self._token_lock.release()

    def _new_token(self) -> tuple[str, int]:
        """A call token and for how many seconds it is good (``stable_token``)."""
        asked = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": False,
        }
        answer = _parsed(self._send("POST", "/cgi-bin/stable_token", json=asked))
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise _refusal(answer)
        return token, seconds

    def _send(self, method: str, path: str, **options: Any) -> "httpx.Response":  # noqa: ANN401 - httpx's options
        import httpx  # noqa: PLC0415 - it loads all that its own command line needs; only this needs it

        try:
            answer = self._http().request(method, self._base_url + path, **options)
        except httpx.HTTPError as error:
            # its text may hold the address, and the address the secret
            log().warning("WeChat does not answer", error_type=type(error).__name__)
            raise WeChatBusy(retry_after=BUSY_SECONDS) from None
        if not answer.is_success:
            log().warning("WeChat does not answer", status=answer.status_code)
            raise WeChatBusy(retry_after=BUSY_SECONDS)
        return answer

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the calls at once, whatever it has to wait for."""
        if not self._places.acquire(blocking=False):
            raise WeChatBusy(retry_after=BUSY_SECONDS)
        try:
            yield
        finally:
            self._places.release()

    def _http(self) -> "httpx.Client":
        import httpx  # noqa: PLC0415 - as above

        with self._client_lock:
            if self._client is None:
                # at INFO it writes down every address it asks, with the secret and the code in it
                for name in ("httpx", "httpcore"):
                    logging.getLogger(name).setLevel(logging.WARNING)
                self._client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)
            return self._client


def _parsed(answer: "httpx.Response") -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise WeChatBusy(retry_after=BUSY_SECONDS)
    return body


def _refusal(answer: Mapping[str, Any]) -> DomainError:
    """What an error code of WeChat's means to the person who waits."""
    code = answer.get("errcode")
    if code in _CODE_INVALID:
        return WeChatCodeInvalid()
    if code == _TOO_OFTEN:
        return WeChatTooOften(retry_after=MINUTE_SECONDS)
    if code == _BLOCKED:
        return WeChatBlocked()
    if code in _QUOTA_SPENT:
        log().error("WeChat's quota is spent", code=code)
        return WeChatQuotaSpent(retry_after=HOUR_SECONDS)
    if code == _BUSY:
        return WeChatBusy(retry_after=BUSY_SECONDS)
    # wrong app id or secret, an address that is not allowed: an operator must look
    log().error("WeChat refuses us", code=code if isinstance(code, int) else None)
    return WeChatUnavailable(retry_after=HOUR_SECONDS)
