"""Signing in and out, accounts and their grants."""

import datetime as dt
import hashlib
import hmac
import secrets
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor, Grant
from app.access.divisions import contains
from app.access.errors import (
    AccountNotFound,
    ClientAssertionInvalid,
    CodeTooSoon,
    GrantNotFound,
    LinkInvalid,
    NameTaken,
    TokenInvalid,
    TooManyCodes,
    TooManyPasswordAttempts,
    WrongCode,
    WrongPassword,
)
from app.access.events import CodeRequested
from app.access.models import (
    Account,
    GrantRow,
    OneTimeLink,
    PasswordAttempt,
    RefreshToken,
    SignInChallenge,
    SignInSession,
    UsedAssertion,
)
from app.access.ports import SmsGateway
from app.access.roles import Role
from app.access.tokens import (
    ACCESS_TOKEN_SECONDS,
    AccessTokens,
    assertion_client,
    read_client_assertion,
    read_public_key,
)
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.core.errors import DomainError
from app.outbox import service as outbox

# OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Verified when there is no account, so that a name cannot be probed by the clock.
_NOBODYS_HASH = _HASHER.hash(secrets.token_hex())
#: At most two password checks at once: each takes memory and a core.
_ARGON2_GATE = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class SentChallenge:
    """A code on its way."""

    challenge_id: uuid.UUID
    code: str
    expires_in: int


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


# --- residents ---------------------------------------------------------------------------------------------------


def request_code(
    session: Session, *, phone: str, device_nonce: str | None = None, lift_limits: bool = False
) -> SentChallenge:
    """Make a six-digit code for a phone and have it sent. Known and unknown phones are treated alike.

    Raises:
        PhoneMalformed: not a mainland mobile number.
        CodeTooSoon: the last code was asked for less than a minute ago.
        TooManyCodes: the hour's or the day's codes are used up.
    """
    phone = rules.normal_phone(phone)
    now = clock.now()
    fingerprint = phone_fingerprint(phone)
    if not lift_limits:
        _check_code_limits(session, fingerprint, now)
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    challenge = SignInChallenge(
        phone_fingerprint=fingerprint,
        device_fingerprint=_device_fingerprint(device_nonce),
        code_hmac="",
        created_at=now,
        expires_at=now + dt.timedelta(seconds=rules.CODE_SECONDS),
    )
    challenge.code_hmac = _code_hmac(challenge.id, code)
    session.add(challenge)
    sealed = vault.current().seal(f"{phone} {code}", "code.requested")
    outbox.emit(
        session,
        CodeRequested(str(challenge.id), sealed, challenge.expires_at.isoformat()),
        subject=f"challenge:{challenge.id}",
    )
    return SentChallenge(challenge.id, code, rules.CODE_SECONDS)


def send_code(*, event: CodeRequested, sms: SmsGateway) -> None:
    """Hand a requested code to the gateway, unless it is too late to be of use."""
    if dt.datetime.fromisoformat(event.expires_at) <= clock.now():
        return
    phone, code = vault.current().open(event.sealed, "code.requested").split(" ")
    sms.send_code(phone=phone, code=code)


def sign_in_with_code(
    session: Session, *, challenge_id: uuid.UUID, code: str, device_nonce: str | None, tokens: AccessTokens
) -> IssuedTokens | Rejected:
    """Exchange a code for tokens; the first sign-in of a phone makes its account.

    A wrong code is returned, not raised, so that the counted try is committed.
    """
    now = clock.now()
    challenge = queries.challenge_for_update(session, challenge_id)
    if (
        challenge is None
        or challenge.used_at is not None
        or challenge.expires_at <= now
        or challenge.tries >= rules.CODE_TRIES
    ):
        return Rejected(WrongCode())
    challenge.tries += 1
    session.add(challenge)
    same_device = challenge.device_fingerprint == _device_fingerprint(device_nonce)
    if not hmac.compare_digest(challenge.code_hmac, _code_hmac(challenge.id, code)) or not same_device:
        return Rejected(WrongCode(tries_left=rules.CODE_TRIES - challenge.tries))
    challenge.used_at = now
    account = queries.account_by_phone(session, challenge.phone_fingerprint)
    if account is None:
        account = Account(
            kind=AccountKind.RESIDENT, phone_fingerprint=challenge.phone_fingerprint, created_at=now
        )
        session.add(account)
        session.flush()  # the session row below refers to it
    if account.disabled_at is not None:
        return Rejected(WrongCode())
    return _begin_session(session, account, tokens, days=rules.SESSION_DAYS_RESIDENT)


# --- staff --------------------------------------------------------------------------------------------------------


def sign_in_with_password(
    session: Session, *, name: str, password: str, tokens: AccessTokens
) -> IssuedTokens | Rejected:
    """Exchange name and password for tokens; five wrong ones pause the name for five minutes."""
    now = clock.now()
    fingerprint = vault.current().fingerprint(name, "password_attempt.name")
    attempt = queries.password_attempt(session, fingerprint) or PasswordAttempt(name_fingerprint=fingerprint)
    if attempt.blocked_until is not None and attempt.blocked_until > now:
        wait = int((attempt.blocked_until - now).total_seconds()) + 1
        return Rejected(TooManyPasswordAttempts(retry_after=wait))
    account = queries.account_by_name(session, name)
    usable = account is not None and account.kind is AccountKind.STAFF and account.disabled_at is None
    stored = account.password_hash if account is not None and usable else None
    if not _password_matches(stored, password) or account is None:
        attempt.failures += 1
        if attempt.failures >= rules.PASSWORD_FAILURES_BEFORE_PAUSE:
            attempt.failures = 0
            attempt.blocked_until = now + dt.timedelta(seconds=rules.PASSWORD_PAUSE_SECONDS)
        session.add(attempt)
        return Rejected(WrongPassword())
    attempt.failures, attempt.blocked_until = 0, None
    session.add(attempt)
    audit.record(
        session,
        chain=audit.INSTALLATION,
        by=_ref(account),
        tag=Tag.STAFF_SIGNED_IN,
        subject=f"account:{account.id}",
    )
    return _begin_session(session, account, tokens, days=rules.SESSION_DAYS_STAFF)


def create_staff(
    session: Session, *, name: str, display_name: str, actor: Actor, grants: Sequence[Grant] = ()
) -> tuple[Account, str]:
    """Make a staff account without a password; the returned one-time link lets its owner choose one.

    Raises:
        NameTaken: somebody has this sign-in name.
    """
    if queries.account_by_name(session, name) is not None:
        raise NameTaken
    account = Account(kind=AccountKind.STAFF, name=name, display_name=display_name, created_at=clock.now())
    session.add(account)
    session.flush()  # grants and the link refer to it
    audit.record(
        session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.ACCOUNT_CREATED, subject=f"account:{account.id}",
        facts={"kind": account.kind.value, "name": name},
    )  # fmt: skip
    for given in grants:
        give_grant(session, account_id=account.id, role=given.role, division=given.division, actor=actor)
    return account, new_link(session, account=account)


def new_link(session: Session, *, account: Account) -> str:
    """A one-time link token for choosing a password, valid for `rules.LINK_HOURS`."""
    token = secrets.token_urlsafe(32)
    expires = clock.now() + dt.timedelta(hours=rules.LINK_HOURS)
    session.add(OneTimeLink(hash=_token_hash(token), account_id=account.id, expires_at=expires))
    return token


def redeem_link(session: Session, *, link: str, password: str) -> Account:
    """Choose a password with a one-time link.

    Raises:
        LinkInvalid: used, expired or unknown.
        PasswordTooWeak: too easy to guess; the link stays usable.
    """
    row = queries.link_for_update(session, _token_hash(link))
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        raise LinkInvalid
    rules.check_password(password)
    account = queries.account(session, row.account_id)
    if account is None or account.disabled_at is not None:
        raise LinkInvalid
    row.used_at = clock.now()
    with _ARGON2_GATE:
        account.password_hash = _HASHER.hash(password)
    session.add(row)
    session.add(account)
    audit.record(
        session, chain=audit.INSTALLATION, by=_ref(account), tag=Tag.ACCOUNT_LINK_REDEEMED,
        subject=f"account:{account.id}",
    )  # fmt: skip
    return account


def disable_account(session: Session, *, account_id: uuid.UUID, actor: Actor) -> Account:
    """Let an account sign in no more.

    Raises:
        AccountNotFound: there is none.
    """
    account = queries.account(session, account_id)
    if account is None or account.kind is AccountKind.RESIDENT:
        raise AccountNotFound
    account.disabled_at = clock.now()
    session.add(account)
    audit.record(
        session,
        chain=audit.INSTALLATION,
        by=actor.ref,
        tag=Tag.ACCOUNT_DISABLED,
        subject=f"account:{account.id}",
    )
    return account


def list_accounts(
    session: Session, *, after: str | None, limit: int
) -> list[tuple[Account, Sequence[GrantRow]]]:
    """Staff and machine accounts with what they hold now."""
    now = clock.now()
    rows = queries.accounts(session, after=after, limit=limit)
    return [(row, queries.grants_in_force(session, row.id, now)) for row in rows]


def give_grant(
    session: Session, *, account_id: uuid.UUID, role: Role, division: str, actor: Actor
) -> GrantRow:
    """Let an account act in a role over a division and all below it.

    Raises:
        AccountNotFound: there is no such staff or machine account.
        RoleNotGrantable: not a role for this kind of account.
        SupervisorInCommittee: Organic Law art. 36.
    """
    account = queries.account(session, account_id)
    if account is None or account.kind is AccountKind.RESIDENT:
        raise AccountNotFound
    now = clock.now()
    held = [
        row.role
        for row in queries.grants_in_force(session, account_id, now)
        if contains(row.division, division) or contains(division, row.division)
    ]
    rules.check_grant(account.kind, role, held)
    row = GrantRow(account_id=account_id, role=role, division=division, valid_from=now)
    session.add(row)
    audit.record(
        session, chain=division, by=actor.ref, tag=Tag.GRANT_GIVEN, subject=f"account:{account_id}",
        facts={"role": role.value, "division": division},
    )  # fmt: skip
    return row


def end_grant(session: Session, *, grant_id: uuid.UUID, actor: Actor) -> GrantRow:
    """End a grant now.

    Raises:
        GrantNotFound: there is none in force.
    """
    row = queries.grant(session, grant_id)
    now = clock.now()
    if row is None or (row.valid_to is not None and row.valid_to <= now):
        raise GrantNotFound
    row.valid_to = now
    session.add(row)
    audit.record(
        session, chain=row.division, by=actor.ref, tag=Tag.GRANT_ENDED, subject=f"account:{row.account_id}",
        facts={"role": row.role.value, "division": row.division},
    )  # fmt: skip
    return row


# --- machine clients ----------------------------------------------------------------------------------------------


def register_client(
    session: Session, *, name: str, public_key_pem: str, scopes: Sequence[Role], division: str, actor: Actor
) -> Account:
    """Register a government system by its public key; it signs in with ``private_key_jwt``.

    Raises:
        NameTaken: the client id is in use.
        KeyMalformed: not a P-256 public key in PEM.
        RoleNotGrantable: a role that is no scope.
    """
    if queries.account_by_name(session, name) is not None:
        raise NameTaken
    account = Account(
        kind=AccountKind.PLATFORM,
        name=name,
        public_key=read_public_key(public_key_pem),
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()  # grants refer to it
    audit.record(
        session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.CLIENT_REGISTERED, subject=f"account:{account.id}",
        facts={"name": name, "scopes": [scope.value for scope in scopes], "division": division},
    )  # fmt: skip
    for scope in scopes:
        give_grant(session, account_id=account.id, role=scope, division=division, actor=actor)
    return account


def sign_in_client(session: Session, *, assertion: str, audience: str, tokens: AccessTokens) -> IssuedTokens:
    """Exchange a client assertion (RFC 7523) for an access token; each assertion works once.

    Raises:
        ClientAssertionInvalid: wrong in any way, or used before.
    """
    try:
        account = queries.account_by_name(session, assertion_client(assertion))
    except TokenInvalid as error:
        raise ClientAssertionInvalid from error
    if account is None or account.public_key is None or account.disabled_at is not None:
        raise ClientAssertionInvalid
    claims = read_client_assertion(assertion, public_key_pem=account.public_key, audience=audience)
    if queries.used_assertion(session, account.id, claims.jti) is not None:
        raise ClientAssertionInvalid
    session.add(UsedAssertion(account_id=account.id, jti=claims.jti, expires_at=claims.expires_at))
    issued = _begin_session(session, account, tokens, days=1, refreshable=False)
    session.flush()  # two uses at once end here
    return issued


# --- sessions -----------------------------------------------------------------------------------------------------


def refresh(session: Session, *, refresh_token: str, tokens: AccessTokens) -> IssuedTokens | Rejected:
    """Replace a refresh token. One that comes back a second time was stolen from somebody: the family ends."""
    now = clock.now()
    row = queries.refresh_token_for_update(session, _token_hash(refresh_token))
    if row is None or row.expires_at <= now:
        return Rejected(TokenInvalid())
    family = queries.sign_in_session(session, row.session_id)
    if family is None or family.revoked_at is not None or family.expires_at <= now:
        return Rejected(TokenInvalid())
    if row.used_at is not None:
        family.revoked_at = now
        session.add(family)
        audit.record(
            session, chain=audit.INSTALLATION, by="system", tag=Tag.SESSION_FAMILY_REVOKED,
            subject=f"session:{family.id}",
        )  # fmt: skip
        return Rejected(TokenInvalid())
    account = queries.account(session, family.account_id)
    if account is None or account.disabled_at is not None:
        return Rejected(TokenInvalid())
    row.used_at = now
    session.add(row)
    return _issue(session, family, tokens)


def end_session(session: Session, *, actor: Actor) -> None:
    """Sign out."""
    family = queries.sign_in_session(session, actor.session_id) if actor.session_id else None
    if family is not None and family.revoked_at is None:
        family.revoked_at = clock.now()
        session.add(family)


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
    grants = tuple(Grant(row.role, row.division) for row in queries.grants_in_force(session, account_id, now))
    return Actor(
        ref=_ref(account),
        kind=account.kind,
        account_id=account.id,
        session_id=session_id,
        grants=grants,
        phone_fingerprint=account.phone_fingerprint,
    )


def account_named(session: Session, name: str) -> Account | None:
    """The staff account or machine client with a sign-in name."""
    return queries.account_by_name(session, name)


def account_of(session: Session, account_id: uuid.UUID) -> Account | None:
    """An account by its id."""
    return queries.account(session, account_id)


def forget_expired(session: Session) -> None:
    """Delete proofs that can no longer be used."""
    queries.delete_expired(session, clock.now())


def phone_fingerprint(phone: str) -> str:
    """The keyed hash under which a phone is looked up, everywhere."""
    return vault.current().fingerprint(rules.normal_phone(phone), "phone")


# --- inside -------------------------------------------------------------------------------------------------------


def _check_code_limits(session: Session, fingerprint: str, now: dt.datetime) -> None:
    times = queries.challenge_times(session, fingerprint, now - dt.timedelta(days=1))
    if times and (since := (now - times[0]).total_seconds()) < rules.SECONDS_BETWEEN_CODES:
        raise CodeTooSoon(retry_after=int(rules.SECONDS_BETWEEN_CODES - since) + 1)
    hour_ago = now - dt.timedelta(hours=1)
    last_hour = [at for at in times if at > hour_ago]
    if len(last_hour) >= rules.CODES_PER_HOUR:
        raise TooManyCodes(retry_after=int((last_hour[-1] - hour_ago).total_seconds()) + 1)
    if len(times) >= rules.CODES_PER_DAY:
        raise TooManyCodes(retry_after=int((times[-1] - (now - dt.timedelta(days=1))).total_seconds()) + 1)


def _begin_session(
    session: Session, account: Account, tokens: AccessTokens, *, days: int, refreshable: bool = True
) -> IssuedTokens:
    now = clock.now()
    family = SignInSession(account_id=account.id, created_at=now, expires_at=now + dt.timedelta(days=days))
    session.add(family)
    session.flush()  # the refresh token refers to it
    return _issue(session, family, tokens, refreshable=refreshable)


def _issue(
    session: Session, family: SignInSession, tokens: AccessTokens, *, refreshable: bool = True
) -> IssuedTokens:
    refresh_token = None
    if refreshable:
        refresh_token = secrets.token_urlsafe(32)
        session.add(
            RefreshToken(hash=_token_hash(refresh_token), session_id=family.id, expires_at=family.expires_at)
        )
    access_token = tokens.issue(account_id=family.account_id, session_id=family.id)
    return IssuedTokens(access_token, ACCESS_TOKEN_SECONDS, refresh_token)


def _password_matches(stored: str | None, password: str) -> bool:
    with _ARGON2_GATE:
        try:
            _HASHER.verify(stored or _NOBODYS_HASH, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def _code_hmac(challenge_id: uuid.UUID, code: str) -> str:
    return vault.current().fingerprint(f"{challenge_id} {code}", "sign_in_challenge.code")


def _device_fingerprint(nonce: str | None) -> str | None:
    return None if nonce is None else vault.current().fingerprint(nonce, "sign_in_challenge.device")


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _ref(account: Account) -> str:
    return f"account:{account.id}"
