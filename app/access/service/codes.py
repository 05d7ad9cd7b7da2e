"""Residents sign in with a code sent to their phone."""

import datetime as dt
import hmac
import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind
from app.access.errors import CodeTooSoon, TooManyCodes, WrongCode
from app.access.events import CodeRequested
from app.access.models import Account, SignInChallenge
from app.access.ports import SmsGateway
from app.access.service.sessions import IssuedTokens, Rejected, begin_session
from app.access.tokens import AccessTokens
from app.core import clock, vault
from app.outbox import service as outbox


@dataclass(frozen=True)
class SentChallenge:
    """A code on its way."""

    challenge_id: uuid.UUID
    code: str
    expires_in: int


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
        device_fingerprint=device_fingerprint(device_nonce),
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
    session: Session,
    *,
    challenge_id: uuid.UUID,
    code: str,
    device_nonce: str | None,
    tokens: AccessTokens,
    device: rules.Device | None = None,
) -> IssuedTokens | Rejected:
    """Exchange a code for tokens; the first sign-in of a phone makes its account.

    A wrong code is returned, not raised, so that the counted try is committed.
    """
    account = account_behind_code(session, challenge_id=challenge_id, code=code, device_nonce=device_nonce)
    if isinstance(account, Rejected):
        return account
    return begin_session(session, account, tokens, days=rules.SESSION_DAYS_RESIDENT, device=device)


def account_behind_code(
    session: Session, *, challenge_id: uuid.UUID, code: str, device_nonce: str | None
) -> Account | Rejected:
    """The account of the phone a code was sent to; the code is used up. A wrong one is a counted try."""
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
    same_device = challenge.device_fingerprint == device_fingerprint(device_nonce)
    if not hmac.compare_digest(challenge.code_hmac, _code_hmac(challenge.id, code)) or not same_device:
        return Rejected(WrongCode(tries_left=rules.CODE_TRIES - challenge.tries))
    challenge.used_at = now
    account = resident_account(session, challenge.phone_fingerprint)
    if account.disabled_at is not None:
        return Rejected(WrongCode())
    return account


def phone_fingerprint(phone: str) -> str:
    """The keyed hash under which a phone is looked up, everywhere."""
    return vault.current().fingerprint(rules.normal_phone(phone), "phone")


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


def resident_account(session: Session, fingerprint: str) -> Account:
    """The account behind a phone; it comes into being when the phone is first seen."""
    found = queries.account_by_phone(session, fingerprint)
    if found is None:
        try:
            with session.begin_nested():
                session.add(
                    Account(kind=AccountKind.RESIDENT, phone_fingerprint=fingerprint, created_at=clock.now())
                )
        except IntegrityError:  # the same phone signs in for the first time on another device
            pass
        found = queries.account_by_phone(session, fingerprint)
    assert found is not None
    return found


def _code_hmac(challenge_id: uuid.UUID, code: str) -> str:
    return vault.current().fingerprint(f"{challenge_id} {code}", "sign_in_challenge.code")


def device_fingerprint(nonce: str | None) -> str | None:
    """The keyed hash of what a device calls itself."""
    return None if nonce is None else vault.current().fingerprint(nonce, "sign_in_challenge.device")
