"""The second factor of staff: a code from an app on their phone (RFC 6238), or a recovery code when it is lost."""

import base64
import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor
from app.access.errors import (
    FreshCodeNeeded,
    NoOffer,
    NotEnrolled,
    SecondFactorMissing,
    SecondFactorWrong,
)
from app.access.models import Account, RecoveryCode, SecondFactor
from app.access.service.attempts import check_not_paused, count_wrong, forgive
from app.access.service.sessions import Rejected
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.core.errors import NotAllowed

#: Stands beside the account's name in the app.
ISSUER = "共议"


@dataclass(frozen=True)
class Offer:
    """A secret to put into an authenticator app; nothing is in force before a code of it was shown."""

    #: In base 32, for typing.
    secret: str
    #: For scanning.
    uri: str


@dataclass(frozen=True)
class FactorState:
    """How an account's second factor is."""

    enrolled_at: dt.datetime | None
    recovery_codes_left: int


def begin_second_factor(session: Session, *, actor: Actor) -> Offer:
    """Offer somebody a new secret; the one in force, if any, stays so until a code of the new one is shown.

    Raises:
        NotAllowed: residents sign in otherwise.
    """
    account = _staff(session, actor)
    raw = secrets.token_bytes(rules.SECOND_FACTOR_BYTES)
    text = base64.b32encode(raw).decode()
    row = queries.second_factor_for_update(session, account.id) or SecondFactor(account_id=account.id)
    row.offered_secret, row.offered_at = text, clock.now()
    session.add(row)
    return Offer(text, provisioning_uri(text, name=account.name or ""))


def confirm_second_factor(session: Session, *, code: str, actor: Actor) -> list[str] | Rejected:
    """Put the offered secret in force with its first code; returns ten recovery codes, shown this once.

    The sign-in counts as confirmed; the account's others go on and have to show a code when they need one.

    Raises:
        NotAllowed: residents sign in otherwise.
        NoOffer: nothing was begun, or too long ago.
        TooManyPasswordAttempts: too many wrong codes.
    """
    account = _staff(session, actor)
    attempt = check_not_paused(session, account.name or "")
    row = queries.second_factor_for_update(session, account.id)
    now = clock.now()
    if row is None or row.offered_secret is None or row.offered_at is None or _is_over(row.offered_at, now):
        raise NoOffer
    typed = rules.normal_second_factor_code(code)
    step = typed and rules.matching_step(base64.b32decode(row.offered_secret), typed, at=now, after=0)
    if not step:
        count_wrong(session, attempt)
        return Rejected(SecondFactorWrong())
    forgive(session, attempt)
    row.secret, row.enrolled_at, row.last_step = row.offered_secret, now, step
    row.offered_secret = row.offered_at = None
    session.add(row)
    _confirm(session, actor.session_id, now)
    audit.record(
        session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.SECOND_FACTOR_ENROLLED,
        subject=f"account:{account.id}",
    )  # fmt: skip
    return _new_recovery_codes(session, account.id)


def renew_recovery_codes(session: Session, *, actor: Actor) -> list[str]:
    """Ten new recovery codes, shown this once; those before are worth nothing any more.

    Raises:
        SecondFactorMissing: there is no second factor that they could stand in for.
    """
    account = _staff(session, actor)
    row = queries.second_factor(session, account.id)
    if row is None or row.enrolled_at is None:
        raise SecondFactorMissing
    audit.record(
        session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.RECOVERY_CODES_RENEWED,
        subject=f"account:{account.id}",
    )  # fmt: skip
    return _new_recovery_codes(session, account.id)


def read_second_factor(session: Session, *, actor: Actor) -> FactorState:
    """How one's own second factor is."""
    assert actor.account_id is not None
    row = queries.second_factor(session, actor.account_id)
    left = queries.recovery_codes_left(session, actor.account_id)
    return FactorState(None if row is None else row.enrolled_at, left)


def confirm_session(session: Session, *, code: str, actor: Actor) -> dt.datetime | Rejected:
    """Show the second factor once more in this sign-in; returns until when that is good for dangerous acts.

    Raises:
        SecondFactorMissing: nothing was set up.
        TooManyPasswordAttempts: too many wrong codes.
    """
    account = _staff(session, actor)
    attempt = check_not_paused(session, account.name or "")
    row = queries.second_factor_for_update(session, account.id)
    if row is None or row.enrolled_at is None:
        raise SecondFactorMissing
    if not take_code(session, row, code):
        count_wrong(session, attempt)
        return Rejected(SecondFactorWrong())
    forgive(session, attempt)
    now = clock.now()
    _confirm(session, actor.session_id, now)
    return rules.confirmed_until(now)


def require_confirmed(session: Session, actor: Actor) -> None:
    """Refuse unless the caller has shown their second factor in this sign-in within the last minutes.

    For acts that stand for a signature: unlike the guard's table (`app.access.matrix.FRESH`) this holds also where the
    second factor is optional. What the service does by itself has nobody to ask.

    Raises:
        SecondFactorMissing: nothing was set up.
        FreshCodeNeeded: shown too long ago, or not in this sign-in.
    """
    if actor.is_system:
        return
    row = None if actor.account_id is None else queries.second_factor(session, actor.account_id)
    if row is None or row.enrolled_at is None:
        raise SecondFactorMissing
    family = None if actor.session_id is None else queries.sign_in_session(session, actor.session_id)
    if family is None or not rules.is_fresh(family.confirmed_at, at=clock.now()):
        raise FreshCodeNeeded


def reset_second_factor(session: Session, *, account_id: uuid.UUID, actor: Actor) -> None:
    """Forget somebody's second factor and recovery codes and sign them out; they set up a new one when they come.

    Raises:
        NotEnrolled: there is nothing to forget.
    """
    row = queries.second_factor_for_update(session, account_id)
    if row is None or row.enrolled_at is None:
        raise NotEnrolled
    session.delete(row)
    queries.delete_recovery_codes(session, account_id)
    queries.revoke_sign_ins(session, account_id, clock.now())
    audit.record(
        session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.SECOND_FACTOR_RESET, subject=f"account:{account_id}"
    )  # fmt: skip


def take_code(session: Session, row: SecondFactor, code: str) -> bool:
    """Use up a code of the app, or a recovery code; whether it was good. The row is locked."""
    typed = rules.normal_second_factor_code(code)
    if typed is None:
        return _take_recovery_code(session, row.account_id, code)
    assert row.secret is not None
    step = rules.matching_step(base64.b32decode(row.secret), typed, at=clock.now(), after=row.last_step)
    if step is None:
        return False
    row.last_step = step
    session.add(row)
    return True


def provisioning_uri(secret: str, *, name: str) -> str:
    """What an authenticator app scans: ``otpauth://totp/共议:name?secret=…``."""
    label = quote(f"{ISSUER}:{name}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


# --- inside -------------------------------------------------------------------------------------------------------


def _staff(session: Session, actor: Actor) -> Account:
    account = None if actor.account_id is None else queries.account(session, actor.account_id)
    if account is None or account.kind is not AccountKind.STAFF:
        raise NotAllowed
    return account


def _is_over(offered_at: dt.datetime, now: dt.datetime) -> bool:
    return now >= offered_at + dt.timedelta(minutes=rules.OFFER_MINUTES)


def _confirm(session: Session, session_id: uuid.UUID | None, now: dt.datetime) -> None:
    family = None if session_id is None else queries.sign_in_session(session, session_id)
    if family is not None:
        family.confirmed_at = now
        session.add(family)


def _new_recovery_codes(session: Session, account_id: uuid.UUID) -> list[str]:
    queries.delete_recovery_codes(session, account_id)
    now = clock.now()
    codes = [rules.paper_code(secrets.randbits(rules.PAPER_CODE_BITS)) for _ in range(rules.RECOVERY_CODES)]
    for code in codes:
        session.add(RecoveryCode(code_hmac=_hmac(account_id, code), account_id=account_id, made_at=now))
    return codes


def _take_recovery_code(session: Session, account_id: uuid.UUID, code: str) -> bool:
    if not queries.use_recovery_code(session, account_id, _hmac(account_id, code), clock.now()):
        return False
    audit.record(
        session, chain=audit.INSTALLATION, by=f"account:{account_id}", tag=Tag.RECOVERY_CODE_USED,
        subject=f"account:{account_id}",
    )  # fmt: skip
    return True


def _hmac(account_id: uuid.UUID, code: str) -> str:
    return vault.current().fingerprint(f"{account_id}:{rules.normal_paper_code(code)}", "recovery_code.code")
