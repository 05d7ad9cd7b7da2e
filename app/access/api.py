"""Routes of the door."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access import rules, service
from app.access.actor import Actor
from app.access.deps import CacheDep, TokensDep, WeChatDep, may
from app.access.errors import (
    AccountNotFound,
    CodeTooSoon,
    GrantNotFound,
    KeyMalformed,
    LinkInvalid,
    NameTaken,
    PasswordTooWeak,
    PhoneMalformed,
    RoleNotGrantable,
    SmsUnavailable,
    SupervisorInCommittee,
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
from app.access.models import Account, GrantRow
from app.access.schemas import (
    AccountCreated,
    AccountIn,
    AccountOut,
    AccountPage,
    ClientIn,
    ClientOut,
    CodeRequest,
    CodeSent,
    GrantIn,
    GrantOut,
    LinkRedemption,
    Me,
    RoleOver,
    TicketOut,
    TokenRequest,
    Tokens,
    WeChatOut,
)
from app.access.service import Rejected
from app.access.ways import Door, sign_in
from app.core.config import SmsGateway
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, decode_cursor, page_of
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
        WrongCode, WrongPassword, TokenInvalid, TooManyPasswordAttempts, TooManyWrongCodes, TicketInvalid,
        WeChatCodeInvalid, WeChatBindingInvalid, WeChatNotBound, WeChatBlocked, WeChatTooOften, WeChatBusy,
        WeChatQuotaSpent, WeChatUnavailable, PhoneMalformed, MalformedRequest,
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


@router.post("/auth/passwords", status_code=204, responses=problems(LinkInvalid, PasswordTooWeak))
def redeem_link(
    body: LinkRedemption,
    writing: Writing,
    actor: Annotated[Actor, may("link.redeem")],  # noqa: ARG001
) -> Response:
    """Choose a password with a one-time link."""
    with writing as session:
        service.redeem_link(session, link=body.link, password=body.password)
    return Response(status_code=204)


@router.delete("/auth/session", status_code=204)
def end_session(writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("session.end")]) -> Response:
    """Sign out on this device."""
    with writing as session:
        ended = service.end_session(session, actor=actor)
    cache.forget(*ended)
    return Response(status_code=204)


@router.get("/me", response_model=Me)
def read_me(reading: Reading, actor: Annotated[Actor, may("me.read")]) -> Me:
    """Who the service takes you for, and what you may do where."""
    assert actor.account_id is not None
    assert actor.kind is not None
    with reading as session:
        account = service.account_of(session, actor.account_id)
        if account is None:
            raise TokenInvalid
        return Me(
            account_id=account.id,
            kind=actor.kind,
            name=account.name,
            display_name=account.display_name,
            grants=[RoleOver(role=grant.role, division=grant.division) for grant in actor.grants],
        )


@router.post("/accounts", status_code=201, response_model=AccountCreated, responses=problems(NameTaken))
def create_account(
    body: AccountIn, writing: Writing, actor: Annotated[Actor, may("account.create")]
) -> AccountCreated:
    """Make a staff account; its owner chooses the password with the one-time link in the answer."""
    with writing as session:
        account, link = service.create_staff(
            session, name=body.name, display_name=body.display_name, actor=actor
        )
        return AccountCreated(account_id=account.id, link=link)


@router.get("/accounts", response_model=AccountPage)
def list_accounts(
    reading: Reading,
    actor: Annotated[Actor, may("account.list")],  # noqa: ARG001
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> AccountPage:
    """Staff and machine accounts with what they may do."""
    with reading as session:
        rows = service.list_accounts(session, after=decode_cursor(cursor), limit=limit + 1)
        items = [_account_out(account, list(grants)) for account, grants in rows]
    page = page_of(items, limit, key=lambda item: item.name)
    return AccountPage(items=list(page.items), next_cursor=page.next_cursor)


@router.post("/accounts/{account_id}/disable", status_code=204, responses=problems(AccountNotFound))
def disable_account(
    account_id: uuid.UUID, writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("account.disable")]
) -> Response:
    """Let an account sign in no more."""
    with writing as session:
        service.disable_account(session, account_id=account_id, actor=actor)
    cache.clear()
    return Response(status_code=204)


@router.post(
    "/accounts/{account_id}/grants", status_code=201, response_model=GrantOut,
    responses=problems(AccountNotFound, RoleNotGrantable, SupervisorInCommittee),
)  # fmt: skip
def give_grant(
    account_id: uuid.UUID,
    body: GrantIn,
    writing: Writing,
    cache: CacheDep,
    actor: Annotated[Actor, may("grant.give")],
) -> GrantOut:
    """Let an account act in a role over a division and all below it."""
    with writing as session:
        row = service.give_grant(
            session, account_id=account_id, role=body.role, division=body.division, actor=actor
        )
        out = GrantOut.model_validate(row)
    cache.clear()
    return out


@router.delete("/grants/{grant_id}", status_code=204, responses=problems(GrantNotFound))
def end_grant(
    grant_id: uuid.UUID, writing: Writing, cache: CacheDep, actor: Annotated[Actor, may("grant.end")]
) -> Response:
    """End a grant now."""
    with writing as session:
        service.end_grant(session, grant_id=grant_id, actor=actor)
    cache.clear()
    return Response(status_code=204)


@router.post(
    "/platform-clients", status_code=201, response_model=ClientOut,
    responses=problems(NameTaken, KeyMalformed, RoleNotGrantable),
)  # fmt: skip
def register_client(
    body: ClientIn, writing: Writing, actor: Annotated[Actor, may("client.register")]
) -> ClientOut:
    """Register a government system by its public key."""
    with writing as session:
        account = service.register_client(
            session, name=body.name, public_key_pem=body.public_key_pem, scopes=body.scopes,
            division=body.division, actor=actor,
        )  # fmt: skip
        return ClientOut(account_id=account.id, client_id=body.name)


def _account_out(account: Account, grants: list[GrantRow]) -> AccountOut:
    return AccountOut(
        account_id=account.id,
        kind=account.kind,
        name=account.name or "",
        display_name=account.display_name,
        disabled_at=account.disabled_at,
        grants=[GrantOut.model_validate(row) for row in grants],
    )
