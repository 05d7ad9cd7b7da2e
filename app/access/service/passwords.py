"""Staff sign in with a password, which they choose with a one-time link."""

import datetime as dt
import secrets
import threading
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind
from app.access.errors import LinkInvalid, TooManyPasswordAttempts, WrongPassword
from app.access.models import Account, OneTimeLink, PasswordAttempt
from app.access.service.sessions import IssuedTokens, account_ref, begin_session, token_hash
from app.access.tokens import AccessTokens
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault

# OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Verified when there is no account, so that a name cannot be probed by the clock.
_NOBODYS_HASH = _HASHER.hash(secrets.token_hex())
#: At most two password checks at once: each takes memory and a core.
_ARGON2_GATE = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class PasswordTry:
    """A counted try at a name's password."""

    name: str
    stored: str | None


def begin_password_try(session: Session, *, name: str) -> PasswordTry:
    """Count a try before the password is looked at; five pause the name for five minutes.

    The check itself takes tens of milliseconds of a core, so it happens between two transactions (`password_matches`):
    inside one it would keep everybody else from writing. Counting first means that tries at once are all counted.

    Raises:
        TooManyPasswordAttempts: the name is paused.
    """
    now = clock.now()
    attempt = _password_attempt(session, name)
    if attempt.blocked_until is not None and attempt.blocked_until > now:
        wait = int((attempt.blocked_until - now).total_seconds()) + 1
        raise TooManyPasswordAttempts(retry_after=wait)
    attempt.failures += 1
    if attempt.failures >= rules.PASSWORD_FAILURES_BEFORE_PAUSE:
        attempt.failures = 0
        attempt.blocked_until = now + dt.timedelta(seconds=rules.PASSWORD_PAUSE_SECONDS)
    session.add(attempt)
    account = _staff_named(session, name)
    return PasswordTry(name, None if account is None else account.password_hash)


def password_matches(tried: PasswordTry, password: str) -> bool:
    """Whether the password is the one of the name; takes as long for a name nobody has."""
    with _ARGON2_GATE:
        try:
            _HASHER.verify(tried.stored or _NOBODYS_HASH, password)
        except (VerificationError, InvalidHashError):
            return False
    return tried.stored is not None


def sign_in_with_password(session: Session, *, tried: PasswordTry, tokens: AccessTokens) -> IssuedTokens:
    """Exchange a try whose password matched for tokens.

    Raises:
        WrongPassword: the account was disabled, or its password changed, in the meantime.
    """
    account = _staff_named(session, tried.name)
    if account is None or tried.stored is None or account.password_hash != tried.stored:
        raise WrongPassword
    attempt = _password_attempt(session, tried.name)
    attempt.failures, attempt.blocked_until = 0, None
    session.add(attempt)
    audit.record(
        session,
        chain=audit.INSTALLATION,
        by=account_ref(account),
        tag=Tag.STAFF_SIGNED_IN,
        subject=f"account:{account.id}",
    )
    return begin_session(session, account, tokens, days=rules.SESSION_DAYS_STAFF)


def new_link(session: Session, *, account: Account) -> str:
    """A one-time link token for choosing a password, valid for `rules.LINK_HOURS`."""
    token = secrets.token_urlsafe(32)
    expires = clock.now() + dt.timedelta(hours=rules.LINK_HOURS)
    session.add(OneTimeLink(hash=token_hash(token), account_id=account.id, expires_at=expires))
    return token


def redeem_link(session: Session, *, link: str, password: str) -> Account:
    """Choose a password with a one-time link.

    Raises:
        LinkInvalid: used, expired or unknown.
        PasswordTooWeak: too easy to guess; the link stays usable.
    """
    row = queries.link_for_update(session, token_hash(link))
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
        session, chain=audit.INSTALLATION, by=account_ref(account), tag=Tag.ACCOUNT_LINK_REDEEMED,
        subject=f"account:{account.id}",
    )  # fmt: skip
    return account


def _password_attempt(session: Session, name: str) -> PasswordAttempt:
    fingerprint = vault.current().fingerprint(name, "password_attempt.name")
    found = queries.password_attempt_for_update(session, fingerprint)
    if found is None:
        try:
            with session.begin_nested():
                session.add(PasswordAttempt(name_fingerprint=fingerprint))
        except IntegrityError:  # somebody tried the same name at this moment
            pass
        found = queries.password_attempt_for_update(session, fingerprint)
    assert found is not None
    return found


def _staff_named(session: Session, name: str) -> Account | None:
    account = queries.account_by_name(session, name)
    usable = account is not None and account.kind is AccountKind.STAFF and account.disabled_at is None
    return account if usable else None
