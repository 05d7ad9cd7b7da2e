"""Sign-ins that last: access and refresh tokens, who is behind them, signing out."""

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor, Grant
from app.access.errors import TokenInvalid
from app.access.models import Account, RefreshToken, SignInSession
from app.access.rules import Device
from app.access.tokens import ACCESS_TOKEN_SECONDS, AccessTokens
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.core.errors import DomainError


@dataclass(frozen=True)
class IssuedTokens:
    """What a sign-in gives: a short access token and, for people, a refresh token that is replaced at each use."""

    access_token: str
    expires_in: int
    refresh_token: str | None


@dataclass(frozen=True)
class Rejected:
    """A refusal whose traces (a counted try, a revoked family) must be committed before it is raised."""

    error: DomainError


def begin_session(
    session: Session,
    account: Account,
    tokens: AccessTokens,
    *,
    days: int,
    refreshable: bool = True,
    with_wechat: bool = False,
    device: Device | None = None,
) -> IssuedTokens:
    """Begin a sign-in on one device and issue its first tokens."""
    family = start_session(session, account, days=days, with_wechat=with_wechat, device=device)
    return issue(session, family, tokens, refreshable=refreshable)


def start_session(
    session: Session, account: Account, *, days: int, with_wechat: bool = False, device: Device | None = None
) -> SignInSession:
    """Begin a sign-in, without tokens yet."""
    now = clock.now()
    family = SignInSession(
        account_id=account.id,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
        with_wechat=with_wechat,
        device=device,
    )
    session.add(family)
    session.flush()  # tokens refer to it
    return family


def refresh(session: Session, *, refresh_token: str, tokens: AccessTokens) -> IssuedTokens | Rejected:
    """Replace a refresh token. One that comes back a second time was stolen from somebody: the family ends.

    Not so within `rules.RENEWAL_REPEAT_SECONDS`, while nobody has used what it was replaced by: then the answer was
    lost, or two pages asked at once, and the answer is the same again. A thief who is as quick gains nothing: now two
    hold one token, and the second who uses it ends the family.
    """
    now = clock.now()
    row = queries.refresh_token_for_update(session, token_hash(refresh_token))
    if row is None or row.expires_at <= now:
        return Rejected(TokenInvalid())
    family = queries.sign_in_session(session, row.session_id)
    if family is None or family.revoked_at is not None or family.expires_at <= now:
        return Rejected(TokenInvalid())
    following = _following(refresh_token)
    if row.used_at is not None and not _answer_was_lost(session, row.used_at, following):
        queries.end_sign_in(session, family.id, now)
        audit.record(
            session, chain=audit.INSTALLATION, by="system", tag=Tag.SESSION_FAMILY_REVOKED,
            subject=f"session:{family.id}",
        )  # fmt: skip
        return Rejected(TokenInvalid())
    account = queries.account(session, family.account_id)
    if account is None or account.disabled_at is not None:
        return Rejected(TokenInvalid())
    if row.used_at is None:
        row.used_at = now
        session.add(row)
        _keep(session, family, following)
    return _issued(family, tokens, following)


def end_session(session: Session, *, actor: Actor) -> Sequence[uuid.UUID]:
    """Sign out, here and where tickets carried this sign-in to; the sign-ins that ended."""
    return queries.end_sign_in(session, actor.session_id, clock.now()) if actor.session_id else []


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a sign-in that is in force."""

    account_id: uuid.UUID
    kind: AccountKind
    phone_fingerprint: str | None
    #: The one resident it stands for, when it began with a paper code.
    subject_id: uuid.UUID | None
    assisted: bool
    #: The one round it is good for, if any.
    round_id: uuid.UUID | None


def signed_in(session: Session, *, session_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, SignedIn]:
    """Who is behind several sign-ins, in one query; those that have ended are not among them."""
    return {row[0]: SignedIn(*row[1:]) for row in queries.signed_in(session, session_ids, clock.now())}


def actor_of(session: Session, *, account_id: uuid.UUID, session_id: uuid.UUID) -> Actor:
    """The caller behind a token whose signature is good.

    Raises:
        TokenInvalid: the session was ended, or the account disabled.
    """
    now = clock.now()
    family = queries.sign_in_session(session, session_id)
    if (
        family is None
        or family.account_id != account_id
        or family.revoked_at is not None
        or family.expires_at <= now
    ):
        raise TokenInvalid
    account = queries.account(session, account_id)
    if account is None or account.disabled_at is not None:
        raise TokenInvalid
    factor = queries.second_factor(session, account_id) if account.kind is AccountKind.STAFF else None
    grants = tuple(Grant(row.role, row.division) for row in queries.grants_in_force(session, account_id, now))
    return Actor(
        ref=account_ref(account),
        kind=account.kind,
        account_id=account.id,
        session_id=session_id,
        grants=grants,
        phone_fingerprint=account.phone_fingerprint,
        subject_id=account.subject_id,
        assisted=family.assisted,
        round_id=family.round_id,
        enrolled=factor is not None and factor.enrolled_at is not None,
        confirmed_at=family.confirmed_at,
    )


def issue_for_whole_session(family: SignInSession, tokens: AccessTokens) -> IssuedTokens:
    """One token that ends with its sign-in, which cannot be refreshed."""
    seconds = int((family.expires_at - clock.now()).total_seconds())
    token = tokens.issue(account_id=family.account_id, session_id=family.id, seconds=seconds)
    return IssuedTokens(token, seconds, None)


def issue(
    session: Session, family: SignInSession, tokens: AccessTokens, *, refreshable: bool = True
) -> IssuedTokens:
    """The first tokens of a sign-in."""
    refresh_token = None
    if refreshable:
        refresh_token = secrets.token_urlsafe(32)
        _keep(session, family, refresh_token)
    return _issued(family, tokens, refresh_token)


def token_hash(token: str) -> str:
    """What is stored of an opaque token: it has entropy enough to need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def account_ref(account: Account) -> str:
    """How the record names an account."""
    return f"account:{account.id}"


# --- inside -------------------------------------------------------------------------------------------------------


def _following(refresh_token: str) -> str:
    """What a refresh token is replaced by: always the same, so that it can be told again though only its hash is kept.

    Whoever holds a token and not our key cannot tell.
    """
    return vault.current().fingerprint(refresh_token, "refresh_token.following")


def _answer_was_lost(session: Session, used_at: dt.datetime, following: str) -> bool:
    """Whether a token that comes back is answered again; its follower is locked, so that nobody uses it meanwhile."""
    if clock.now() >= used_at + dt.timedelta(seconds=rules.RENEWAL_REPEAT_SECONDS):
        return False
    row = queries.refresh_token_for_update(session, token_hash(following))
    return row is not None and row.used_at is None


def _keep(session: Session, family: SignInSession, refresh_token: str) -> None:
    session.add(
        RefreshToken(hash=token_hash(refresh_token), session_id=family.id, expires_at=family.expires_at)
    )


def _issued(family: SignInSession, tokens: AccessTokens, refresh_token: str | None) -> IssuedTokens:
    access_token = tokens.issue(account_id=family.account_id, session_id=family.id)
    return IssuedTokens(access_token, ACCESS_TOKEN_SECONDS, refresh_token)
