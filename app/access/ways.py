"""The ways in: which fields of a sign-in belong together, and what each way does, with the units of work it needs.

Passwords and WeChat take their time, so both are asked with no transaction open: inside one they would keep everybody
else from writing (docs/adr/0017).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.access import service
from app.access.errors import WeChatCodeInvalid, WrongPassword
from app.access.ports import WeChat
from app.access.rules import Device
from app.access.schemas import TokenRequest
from app.access.service import IssuedTokens, Rejected
from app.access.tokens import AccessTokens
from app.core.db import Database
from app.core.web import MalformedRequest

Outcome = IssuedTokens | Rejected


@dataclass(frozen=True)
class Door:
    """What a way in needs."""

    database: Database
    tokens: AccessTokens
    wechat: WeChat
    #: Where the call comes from, for counting wrong codes.
    address: str
    #: What it says it runs on.
    device: Device


def sign_in(body: TokenRequest, door: Door) -> Outcome:
    """Sign in by whichever way the fields say.

    Raises:
        MalformedRequest: the fields are not those of one way.
        DomainError: that way refuses.
    """
    given = frozenset(body.model_dump(exclude_none=True)) - {"device_nonce"}
    if given == {"one_time_code", "helping"}:
        given -= {"helping"}
    way = _WAYS.get(given)
    if way is None:
        raise MalformedRequest
    return way(body, door)


def _phone_code(body: TokenRequest, door: Door) -> Outcome:
    assert body.challenge_id is not None
    assert body.code is not None
    with door.database.writing() as session:
        return service.sign_in_with_code(
            session,
            challenge_id=body.challenge_id,
            code=body.code,
            device_nonce=body.device_nonce,
            tokens=door.tokens,
            device=door.device,
        )


def _paper_code(body: TokenRequest, door: Door) -> Outcome:
    assert body.one_time_code is not None
    with door.database.writing() as session:
        return service.sign_in_with_paper_code(
            session,
            code=body.one_time_code,
            helping=body.helping or False,
            address=door.address,
            device_nonce=body.device_nonce,
            tokens=door.tokens,
        )


def _password(body: TokenRequest, door: Door) -> Outcome:
    assert body.name is not None
    assert body.password is not None
    with door.database.writing() as session:
        tried = service.begin_password_try(session, name=body.name)
    if not service.password_matches(tried, body.password):
        raise WrongPassword
    with door.database.writing() as session:
        return service.sign_in_with_password(
            session, tried=tried, tokens=door.tokens, code=body.code, device=door.device
        )


def _refresh(body: TokenRequest, door: Door) -> Outcome:
    assert body.refresh_token is not None
    with door.database.writing() as session:
        return service.refresh(session, refresh_token=body.refresh_token, tokens=door.tokens)


def _wechat(body: TokenRequest, door: Door) -> Outcome:
    assert body.wechat_code is not None
    with door.database.reading() as session:
        service.check_wrong_wechat_codes(session, address=door.address)
    try:
        openid = door.wechat.identity(body.wechat_code).openid
    except WeChatCodeInvalid:
        with door.database.writing() as session:
            service.count_wrong_wechat_code(session, address=door.address)
        raise
    with door.database.writing() as session:
        return service.sign_in_with_wechat(session, openid=openid, tokens=door.tokens)


def _wechat_and_phone_code(body: TokenRequest, door: Door) -> Outcome:
    assert body.wechat_binding is not None
    assert body.challenge_id is not None
    assert body.code is not None
    with door.database.writing() as session:
        return service.bind_with_code(
            session,
            binding=body.wechat_binding,
            challenge_id=body.challenge_id,
            code=body.code,
            device_nonce=body.device_nonce,
            tokens=door.tokens,
        )


def _wechat_and_its_phone(body: TokenRequest, door: Door) -> Outcome:
    assert body.wechat_binding is not None
    assert body.phone_code is not None
    with (
        door.database.reading() as session
    ):  # WeChat charges for each number: a dead ticket is found out before
        service.read_binding_ticket(session, binding=body.wechat_binding)
    phone = door.wechat.phone(body.phone_code)
    with door.database.writing() as session:
        return service.bind_with_phone(session, binding=body.wechat_binding, phone=phone, tokens=door.tokens)


def _wechat_and_paper_code(body: TokenRequest, door: Door) -> Outcome:
    assert body.wechat_binding is not None
    assert body.one_time_code is not None
    with door.database.writing() as session:
        return service.bind_with_paper_code(
            session,
            binding=body.wechat_binding,
            code=body.one_time_code,
            address=door.address,
            device_nonce=body.device_nonce,
            tokens=door.tokens,
        )


def _ticket(body: TokenRequest, door: Door) -> Outcome:
    assert body.ticket is not None
    with door.database.writing() as session:
        return service.sign_in_with_ticket(session, ticket=body.ticket, tokens=door.tokens)


_WAYS: Mapping[frozenset[str], Callable[[TokenRequest, Door], Outcome]] = {
    frozenset({"challenge_id", "code"}): _phone_code,
    frozenset({"one_time_code"}): _paper_code,
    frozenset({"name", "password"}): _password,
    frozenset({"name", "password", "code"}): _password,
    frozenset({"refresh_token"}): _refresh,
    frozenset({"wechat_code"}): _wechat,
    frozenset({"wechat_binding", "challenge_id", "code"}): _wechat_and_phone_code,
    frozenset({"wechat_binding", "phone_code"}): _wechat_and_its_phone,
    frozenset({"wechat_binding", "one_time_code"}): _wechat_and_paper_code,
    frozenset({"ticket"}): _ticket,
}
