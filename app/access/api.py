"""Routes of the door."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access import rules, service
from app.access.actor import AccountKind, Actor
from app.access.deps import CacheDep, TokensDep, WeChatDep, may, needs_second_factor
from app.access.errors import (
    CodeTooSoon,
    LinkCodeNeeded,
    LinkCodeWrong,
    LinkInvalid,
    PasswordTooWeak,
    PhoneMalformed,
    SecondFactorNeeded,
    SecondFactorWrong,
    SmsUnavailable,
    TicketInvalid,
    TokenInvalid,
    TooManyCodes,
    TooManyPasswordAttempts,
    TooManyWrongCodes,
    WeChatBindingInvalid,
    WeChatBlocked,
    WeChatBusy,
    WeChatCodeInvalid,
    WeChatNotBound,
    WeChatQuotaSpent,
    WeChatTooOften,
    WeChatUnavailable,
    WrongCode,
    WrongPassword,
)
from app.access.matrix import verbs_for
from app.access.schemas import (
    CodeRequest,
    CodeSent,
    LinkRedemption,
    Me,
    MySecondFactor,
    RoleOver,
    TicketOut,
    TokenRequest,
    Tokens,
    WeChatOut,
)
from app.access.service import Rejected
from app.access.ways import Door, sign_in
from app.core.config import SmsGateway
from app.core.web import MalformedRequest, Reading, SettingsDep, Store, Writing, problems

router = APIRouter(prefix="/api/v1", tags=["access"])


@router.post(
    "/auth/codes", status_code=202, response_model=CodeSent,
    responses=problems(PhoneMalformed, CodeTooSoon, TooManyCodes, SmsUnavailable),
)  # fmt: skip
def request_code(
    body: CodeRequest,
    request: Request,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("code.request")],  # noqa: ARG001 - the guard is the point
) -> CodeSent:
    """Ask for a sign-in code by short message. The answer is the same for known and unknown numbers."""
    if settings.sms_gateway is SmsGateway.NONE:
        raise SmsUnavailable(retry_after=3600)
    development = settings.development and settings.sms_gateway is SmsGateway.DEVELOPMENT
    from_here = request.client is not None and request.client.host in {"127.0.0.1", "::1", "testclient"}
    with writing as session:
        sent = service.request_code(
            session, phone=body.phone, device_nonce=body.device_nonce, lift_limits=development and from_here
        )
    return CodeSent(
        challenge_id=sent.challenge_id,
        expires_in=sent.expires_in,
        development_code=sent.code if development else None,
    )


@router.post(
    "/auth/tokens", response_model=Tokens,
    responses=problems(
        WrongCode, WrongPassword, SecondFactorNeeded, SecondFactorWrong, TokenInvalid, TooManyPasswordAttempts,
        TooManyWrongCodes, TicketInvalid, WeChatCodeInvalid, WeChatBindingInvalid, WeChatNotBound, WeChatBlocked,
        WeChatTooOften, WeChatBusy, WeChatQuotaSpent, WeChatUnavailable, PhoneMalformed, MalformedRequest,
    ),
)  # fmt: skip
def issue_token(
    body: TokenRequest,
    request: Request,
    database: Store,
    tokens: TokensDep,
    wechat: WeChatDep,
    actor: Annotated[Actor, may("token.issue")],  # noqa: ARG001
) -> Tokens:
    """Sign in with a phone code, a one-time code on paper, WeChat, a ticket, a staff password, or a refresh token."""
    address = "" if request.client is None else request.client.host
    device = rules.device_of(request.headers.get("user-agent"))
    outcome = sign_in(body, Door(database, tokens, wechat, address, device))
    if isinstance(outcome, Rejected):  # raised after the unit of work, so that a counted try is committed
        raise outcome.error
    return Tokens(
        access_token=outcome.access_token,
        token_type="Bearer",  # noqa: S106 - a scheme's name (RFC 6750)
        expires_in=outcome.expires_in,
        refresh_token=outcome.refresh_token,
    )


@router.post("/auth/tickets", status_code=201, response_model=TicketOut)
def issue_ticket(writing: Writing, actor: Annotated[Actor, may("ticket.issue")]) -> TicketOut:
    """A ticket that opens the residents' pages in the mini program's web-view, once, within a minute."""
    with writing as session:
        return TicketOut(ticket=service.issue_ticket(session, actor=actor), expires_in=rules.TICKET_SECONDS)


@router.get("/me/wechat", response_model=WeChatOut)
def read_wechat(reading: Reading, actor: Annotated[Actor, may("wechat.read")]) -> WeChatOut:
    """Whether a WeChat user may open your account, and since when."""
    assert actor.account_id is not None
    with reading as session:
        since = service.wechat_bound_at(session, account_id=actor.account_id)
    return WeChatOut(bound=since is not None, bound_at=since)


@router.delete("/me/wechat", status_code=204)
def unbind_wechat(
    writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("wechat.unbind")]
) -> Response:
    """Let no WeChat user open your account any more; sign-ins begun in WeChat end."""
    with writing as session:
        service.unbind_wechat(session, actor=actor)
    cache.clear()
    return Response(status_code=204)


@router.post(
    "/auth/passwords", status_code=204,
    responses=problems(LinkInvalid, PasswordTooWeak, LinkCodeNeeded, LinkCodeWrong, TooManyPasswordAttempts),
)  # fmt: skip
def redeem_link(
    body: LinkRedemption,
    writing: Writing,
    actor: Annotated[Actor, may("link.redeem")],  # noqa: ARG001
) -> Response:
    """Choose a password with a one-time link, and the code another administrator gave for it."""
    with writing as session:
        outcome = service.redeem_link(session, link=body.link, password=body.password, code=body.code)
    if isinstance(outcome, service.Rejected):
        raise outcome.error
    return Response(status_code=204)


@router.delete("/auth/session", status_code=204)
def end_session(writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("session.end")]) -> Response:
    """Sign out on this device."""
    with writing as session:
        ended = service.end_session(session, actor=actor)
    cache.forget(*ended)
    return Response(status_code=204)


@router.get("/me", response_model=Me)
def read_me(request: Request, reading: Reading, actor: Annotated[Actor, may("me.read")]) -> Me:
    """Who the service takes you for, and what you may do where."""
    account_id, kind, session_id = actor.account_id, actor.kind, actor.session_id
    assert account_id is not None
    assert kind is not None
    assert session_id is not None
    required = kind is AccountKind.STAFF and needs_second_factor(request)
    with reading as session:
        # as it is now: a code may have been shown to another process a moment ago
        actor = service.actor_of(session, account_id=account_id, session_id=session_id)
        account = service.account_of(session, account_id)
        if account is None:
            raise TokenInvalid
        return Me(
            account_id=account.id,
            kind=kind,
            name=account.name,
            display_name=account.display_name,
            grants=[RoleOver(role=grant.role, division=grant.division) for grant in actor.grants],
            verbs=verbs_for(actor.roles, to_enrol=required and not actor.enrolled),
            second_factor=MySecondFactor(
                enrolled=actor.enrolled,
                required=required,
                confirmed_until=rules.confirmed_until(actor.confirmed_at) if actor.confirmed_at else None,
            ),
        )
