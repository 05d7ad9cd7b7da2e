"""Residents sign in as the WeChat user they are, once an account knows that user.

WeChat is asked before, with no transaction open; what is known of its answer here is the openid alone.
"""

import datetime as dt
import json
import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import Actor
from app.access.errors import WeChatBindingInvalid, WeChatNotBound, WeChatTooOften, WrongCode
from app.access.events import WeChatRebound
from app.access.models import Account, SignInSession, UsedBindingTicket, WeChatBinding
from app.access.service.codes import account_behind_code, phone_fingerprint, resident_account
from app.access.service.paper_codes import begin_with_paper_code
from app.access.service.sessions import (
    IssuedTokens,
    Rejected,
    account_ref,
    begin_session,
    issue_for_whole_session,
    token_hash,
)
from app.access.tokens import AccessTokens
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.outbox import service as outbox

_TICKET_CONTEXT = "wechat.binding_ticket"


@dataclass(frozen=True)
class BindingTicket:
    """What a binding ticket says: who opened the mini program, and until when this may be bound."""

    openid: str
    hash: str
    expires_at: dt.datetime


def check_wrong_wechat_codes(session: Session, *, address: str) -> None:
    """Whether WeChat may be asked about one more code from an address.

    Raises:
        WeChatTooOften: too many from there were none.
    """
    now = clock.now()
    for wrong in queries.wrong_paper_codes(session, [_source(address)], now).values():
        if wrong.count >= rules.WRONG_WECHAT_CODES_PER_ADDRESS:
            raise WeChatTooOften(retry_after=int((wrong.until - now).total_seconds()) + 1)


def count_wrong_wechat_code(session: Session, *, address: str) -> None:
    """Count a code that WeChat did not know."""
    now = clock.now()
    until = now + dt.timedelta(seconds=rules.WRONG_CODES_SECONDS)
    queries.count_wrong_paper_code(session, [_source(address)], now=now, until=until)


def sign_in_with_wechat(session: Session, *, openid: str, tokens: AccessTokens) -> IssuedTokens:
    """Tokens for the account that knows a WeChat user.

    Raises:
        WeChatNotBound: none does; ``binding`` is the ticket with which one can be told to, once.
    """
    now = clock.now()
    bound = queries.wechat_binding_of(session, _fingerprint(openid), now)
    account = None if bound is None else queries.account(session, bound.account_id)
    if bound is None or account is None or account.disabled_at is not None:
        raise WeChatNotBound(binding=_binding_ticket(openid), expires_in=rules.BINDING_TICKET_SECONDS)
    if account.subject_id is None:
        return _signed_in(session, account, tokens)
    until = now + dt.timedelta(days=rules.SESSION_DAYS_PAPER_CODE)
    family = SignInSession(
        account_id=account.id,
        created_at=now,
        expires_at=until if bound.expires_at is None else min(until, bound.expires_at),
        round_id=bound.round_id,
        with_wechat=True,
        device=rules.Device.WECHAT,
    )
    session.add(family)
    session.flush()  # its id stands in the token
    return issue_for_whole_session(family, tokens)


def read_binding_ticket(session: Session, *, binding: str) -> BindingTicket:
    """What a binding ticket says, if it may still be used.

    Raises:
        WeChatBindingInvalid: it is not ours, too old, or has done its work.
    """
    try:
        openid, until, nonce = json.loads(vault.current().open(binding, _TICKET_CONTEXT))
    except ValueError as error:
        raise WeChatBindingInvalid from error
    # the nonce inside: base64 has more than one spelling of the same text
    ticket = BindingTicket(openid, token_hash(nonce), dt.datetime.fromisoformat(until))
    if ticket.expires_at <= clock.now() or queries.used_binding_ticket(session, ticket.hash) is not None:
        raise WeChatBindingInvalid
    return ticket


def bind_with_code(
    session: Session,
    *,
    binding: str,
    challenge_id: uuid.UUID,
    code: str,
    device_nonce: str | None,
    tokens: AccessTokens,
) -> IssuedTokens | Rejected:
    """Bind a WeChat user to the account of the phone that a code was sent to, and sign in.

    Raises:
        WeChatBindingInvalid: the ticket is no good; the code stays usable.
    """
    ticket = read_binding_ticket(session, binding=binding)
    account = account_behind_code(session, challenge_id=challenge_id, code=code, device_nonce=device_nonce)
    if isinstance(account, Rejected):
        return account
    _bind(session, ticket, account)
    return _signed_in(session, account, tokens)


def bind_with_phone(session: Session, *, binding: str, phone: str, tokens: AccessTokens) -> IssuedTokens:
    """Bind a WeChat user to the account of a phone that WeChat has vouched for, and sign in.

    Raises:
        WeChatBindingInvalid: the ticket is no good.
        WrongCode: the phone's account may not sign in.
    """
    ticket = read_binding_ticket(session, binding=binding)
    account = resident_account(session, phone_fingerprint(phone))
    if account.disabled_at is not None:
        raise WrongCode
    _bind(session, ticket, account)
    return _signed_in(session, account, tokens)


def bind_with_paper_code(
    session: Session,
    *,
    binding: str,
    code: str,
    address: str,
    device_nonce: str | None,
    tokens: AccessTokens,
) -> IssuedTokens | Rejected:
    """Bind a WeChat user to whom a paper code stands for, and sign in.

    This is no more than the code is: it lasts as long, is good for the same round, and a new code ends it.

    Raises:
        WeChatBindingInvalid: the ticket is no good; the code stays usable.
    """
    ticket = read_binding_ticket(session, binding=binding)
    begun = begin_with_paper_code(
        session, code=code, helping=False, address=address, device_nonce=device_nonce
    )
    if isinstance(begun, Rejected):
        return begun
    account = queries.account(session, begun.family.account_id)
    assert account is not None
    _bind(session, ticket, account, expires_at=begun.code.expires_at, round_id=begun.code.round_id)
    begun.family.with_wechat, begun.family.device = True, rules.Device.WECHAT
    session.add(begun.family)
    return issue_for_whole_session(begun.family, tokens)


def unbind_wechat(session: Session, *, actor: Actor) -> None:
    """Let no WeChat user open the caller's account any more; sign-ins they began end, this one too if it is one."""
    assert actor.account_id is not None
    bound = queries.wechat_binding(session, actor.account_id)
    if bound is None:
        return
    _end(session, bound)
    audit.record(
        session,
        chain=audit.INSTALLATION,
        by=actor.ref,
        tag=Tag.WECHAT_UNBOUND,
        subject=f"account:{actor.account_id}",
    )


def wechat_bound_at(session: Session, *, account_id: uuid.UUID) -> dt.datetime | None:
    """Since when an account knows its WeChat user; none if it knows none."""
    bound = _in_force(session, account_id)
    return None if bound is None else bound.bound_at


def openid_of(session: Session, *, account_id: uuid.UUID) -> str | None:
    """The WeChat user who may open an account, to send them a message; none if there is none."""
    bound = _in_force(session, account_id)
    return None if bound is None else bound.openid


# --- inside -------------------------------------------------------------------------------------------------------


def _signed_in(session: Session, account: Account, tokens: AccessTokens) -> IssuedTokens:
    return begin_session(
        session,
        account,
        tokens,
        days=rules.SESSION_DAYS_RESIDENT,
        with_wechat=True,
        device=rules.Device.WECHAT,
    )


def _bind(
    session: Session,
    ticket: BindingTicket,
    account: Account,
    *,
    expires_at: dt.datetime | None = None,
    round_id: uuid.UUID | None = None,
) -> None:
    """Make the ticket's WeChat user the one of an account; what either was bound to before ends."""
    now = clock.now()
    fingerprint = _fingerprint(ticket.openid)
    for row in queries.wechat_bindings_for_update(session, account.id, fingerprint):
        _end(session, row)
        if (row.account_id, row.openid_fingerprint) != (account.id, fingerprint):
            _note_rebinding(session, row, by=account_ref(account), now=now)
    try:
        with session.begin_nested():
            session.add(UsedBindingTicket(hash=ticket.hash, expires_at=ticket.expires_at))
            session.add(
                WeChatBinding(
                    account_id=account.id, openid=ticket.openid, openid_fingerprint=fingerprint, bound_at=now,
                    expires_at=expires_at, round_id=round_id,
                )
            )  # fmt: skip
    except IntegrityError as error:  # bound, or the ticket used, somewhere else at this moment
        raise WeChatBindingInvalid from error


def _note_rebinding(session: Session, row: WeChatBinding, *, by: str, now: dt.datetime) -> None:
    if row.expires_at is not None and row.expires_at <= now:
        return
    audit.record(
        session, chain=audit.INSTALLATION, by=by, tag=Tag.WECHAT_REBOUND, subject=f"account:{row.account_id}"
    )
    outbox.emit(
        session,
        WeChatRebound(account_id=str(row.account_id), bound_at=now.isoformat()),
        subject=f"account:{row.account_id}",
    )


def _end(session: Session, row: WeChatBinding) -> None:
    queries.end_wechat_sign_ins(session, row.account_id, clock.now())
    session.delete(row)
    session.flush()  # the user, and the account, become free before they are taken again


def _in_force(session: Session, account_id: uuid.UUID) -> WeChatBinding | None:
    row = queries.wechat_binding(session, account_id)
    over = row is not None and row.expires_at is not None and row.expires_at <= clock.now()
    return None if over else row


def _binding_ticket(openid: str) -> str:
    until = clock.now() + dt.timedelta(seconds=rules.BINDING_TICKET_SECONDS)
    return vault.current().seal(
        json.dumps([openid, until.isoformat(), secrets.token_hex(16)]), _TICKET_CONTEXT
    )


def _fingerprint(openid: str) -> str:
    return vault.current().fingerprint(openid, "wechat.openid")


def _source(address: str) -> str:
    return vault.current().fingerprint(rules.network_of(address), "wrong_wechat_codes.source")
