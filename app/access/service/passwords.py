"""Staff sign in with a password, which they choose with a one-time link, and with their second factor."""

import secrets
import threading
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind
from app.access.errors import (
    LinkCodeNeeded,
    LinkCodeWrong,
    LinkInvalid,
    SecondFactorNeeded,
    SecondFactorWrong,
    WrongPassword,
)
from app.access.models import Account
from app.access.rules import Device
from app.access.service.attempts import attempt_of, check_not_paused, count_wrong, forgive, take_back
from app.access.service.links import is_code_of
from app.access.service.second_factors import take_code
from app.access.service.sessions import (
    IssuedTokens,
    Rejected,
    account_ref,
    issue,
    start_session,
    token_hash,
)
from app.access.tokens import AccessTokens
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain

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
    #: Whether this try was the one too many, so that the name pauses now.
    paused: bool = False


def begin_password_try(session: Session, *, name: str) -> PasswordTry:
    """Count a try before the password is looked at; five pause the name for five minutes.

    The check itself takes tens of milliseconds of a core, so it happens between two transactions (`password_matches`):
    inside one it would keep everybody else from writing. Counting first means that tries at once are all counted.

    Raises:
        TooManyPasswordAttempts: the name is paused.
    """
    attempt = check_not_paused(session, name)
    paused = count_wrong(session, attempt)
    account = _staff_named(session, name)
    return PasswordTry(name, None if account is None else account.password_hash, paused)


def password_matches(tried: PasswordTry, password: str) -> bool:
    """Whether the password is the one of the name; takes as long for a name nobody has."""
    with _ARGON2_GATE:
        try:
            _HASHER.verify(tried.stored or _NOBODYS_HASH, password)
        except (VerificationError, InvalidHashError):
            return False
    return tried.stored is not None


def sign_in_with_password(
    session: Session,
    *,
    tried: PasswordTry,
    tokens: AccessTokens,
    code: str | None = None,
    device: Device | None = None,
) -> IssuedTokens | Rejected:
    """Exchange a try whose password matched, and a code where the account has a second factor, for tokens.

    A right password without a code is neither a wrong try nor a whole sign-in: it leaves the count as it was. A wrong
    code stays counted as the wrong password that it might as well be.

    Raises:
        WrongPassword: the account was disabled, or its password changed, in the meantime.
        SecondFactorWrong: the code is wrong, or was used.
    """
    account = _staff_named(session, tried.name)
    if account is None or tried.stored is None or account.password_hash != tried.stored:
        raise WrongPassword
    attempt = attempt_of(session, tried.name)
    factor = queries.second_factor_for_update(session, account.id)
    enrolled = factor is not None and factor.enrolled_at is not None
    if factor is not None and enrolled:
        if code is None:
            take_back(session, attempt, paused=tried.paused)
            return Rejected(SecondFactorNeeded())
        if not take_code(session, factor, code):
            raise SecondFactorWrong
    forgive(session, attempt)
    audit.record(
        session,
        chain=audit.INSTALLATION,
        by=account_ref(account),
        tag=Tag.STAFF_SIGNED_IN,
        subject=f"account:{account.id}",
    )
    family = start_session(session, account, days=rules.SESSION_DAYS_STAFF, device=device)
    family.confirmed_at = clock.now() if enrolled else None
    session.add(family)
    return issue(session, family, tokens)


def redeem_link(session: Session, *, link: str, password: str, code: str | None = None) -> Account | Rejected:
    """Choose a password with a one-time link, and with its code where an administrator made it.

    Wrong codes count like wrong passwords.

    Raises:
        LinkInvalid: used, expired or unknown.
        PasswordTooWeak: too easy to guess; the link stays usable.
        LinkCodeNeeded: the link alone is half of what it takes.
        TooManyPasswordAttempts: too many wrong codes or passwords for the account's name.
    """
    row = queries.link_for_update(session, token_hash(link))
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        raise LinkInvalid
    rules.check_password(password)
    account = queries.account(session, row.account_id)
    if account is None or account.disabled_at is not None:
        raise LinkInvalid
    if row.made_by is not None:
        if code is None:
            raise LinkCodeNeeded
        attempt = check_not_paused(session, account.name or "")
        if not is_code_of(row, code):
            count_wrong(session, attempt)
            return Rejected(LinkCodeWrong())
        forgive(session, attempt)
    row.used_at = clock.now()
    with _ARGON2_GATE:
        account.password_hash = _HASHER.hash(password)
    queries.end_links(session, account.id)
    queries.revoke_sign_ins(session, account.id, clock.now())  # whoever knew the password before is out
    session.add(row)
    session.add(account)
    facts: dict[str, Plain] = {}
    if row.made_by is not None:
        facts = {"made_by": f"account:{row.made_by}", "countersigned_by": f"account:{row.countersigned_by}"}
    audit.record(
        session, chain=audit.INSTALLATION, by=account_ref(account), tag=Tag.ACCOUNT_LINK_REDEEMED,
        subject=f"account:{account.id}", facts=facts,
    )  # fmt: skip
    return account


def _staff_named(session: Session, name: str) -> Account | None:
    account = queries.account_by_name(session, name)
    usable = account is not None and account.kind is AccountKind.STAFF and account.disabled_at is None
    return account if usable else None
