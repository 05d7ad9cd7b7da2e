"""Reads of accounts and proofs."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.actor import AccountKind
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
from app.core.db import locked, rows_of


def account(session: Session, account_id: uuid.UUID) -> Account | None:
    """One account."""
    return session.get(Account, account_id)


def account_by_name(session: Session, name: str) -> Account | None:
    """The staff account or machine client with a sign-in name."""
    return session.exec(select(Account).where(Account.name == name)).one_or_none()


def account_by_phone(session: Session, fingerprint: str) -> Account | None:
    """The resident's account behind a phone."""
    return session.exec(select(Account).where(Account.phone_fingerprint == fingerprint)).one_or_none()


_account = sa.inspect(Account).local_table.c
_sign_in = sa.inspect(SignInSession).local_table.c
_SIGNED_IN = (
    sa.select(_sign_in.id, _account.id, _account.kind, _account.phone_fingerprint)
    .where(
        _sign_in.account_id == _account.id,
        _sign_in.id.in_(sa.bindparam("session_ids", expanding=True)),
        _sign_in.revoked_at.is_(None),
        _sign_in.expires_at > sa.bindparam("now"),
        _account.disabled_at.is_(None),
    )
)  # fmt: skip


def signed_in(
    session: Session, session_ids: Collection[uuid.UUID], now: dt.datetime
) -> Sequence[tuple[uuid.UUID, uuid.UUID, AccountKind, str | None]]:
    """(sign-in session, account, kind, phone fingerprint) of those sign-ins that are in force."""
    return rows_of(session, _SIGNED_IN, session_ids=session_ids, now=now)


def accounts(session: Session, *, after: str | None, limit: int) -> Sequence[Account]:
    """Staff accounts and machine clients by name; residents' accounts are nobody's list."""
    statement = select(Account).where(col(Account.kind).in_([AccountKind.STAFF, AccountKind.PLATFORM]))
    if after is not None:
        statement = statement.where(col(Account.name) > after)
    return session.exec(statement.order_by(col(Account.name)).limit(limit)).all()


def grants_in_force(session: Session, account_id: uuid.UUID, now: dt.datetime) -> Sequence[GrantRow]:
    """What an account holds at an instant."""
    return session.exec(
        select(GrantRow)
        .where(
            GrantRow.account_id == account_id,
            GrantRow.valid_from <= now,
            sa.or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now),
        )
        .order_by(col(GrantRow.division), col(GrantRow.role))
    ).all()


def grant(session: Session, grant_id: uuid.UUID) -> GrantRow | None:
    """One grant."""
    return session.get(GrantRow, grant_id)


def sign_in_session(session: Session, session_id: uuid.UUID) -> SignInSession | None:
    """One sign-in."""
    return session.get(SignInSession, session_id)


def refresh_token_for_update(session: Session, token_hash: str) -> RefreshToken | None:
    """A refresh token, locked, so that two uses at once are one use and one reuse."""
    return session.execute(
        locked(select(RefreshToken).where(RefreshToken.hash == token_hash), session)
    ).scalar_one_or_none()


def challenge_for_update(session: Session, challenge_id: uuid.UUID) -> SignInChallenge | None:
    """A challenge, locked, so that tries are counted one by one."""
    return session.execute(
        locked(select(SignInChallenge).where(SignInChallenge.id == challenge_id), session)
    ).scalar_one_or_none()


def challenge_times(session: Session, fingerprint: str, since: dt.datetime) -> Sequence[dt.datetime]:
    """When codes were asked for a phone, newest first."""
    return session.exec(
        select(SignInChallenge.created_at)
        .where(SignInChallenge.phone_fingerprint == fingerprint, SignInChallenge.created_at > since)
        .order_by(col(SignInChallenge.created_at).desc())
    ).all()


def link_for_update(session: Session, token_hash: str) -> OneTimeLink | None:
    """A one-time link, locked."""
    return session.execute(
        locked(select(OneTimeLink).where(OneTimeLink.hash == token_hash), session)
    ).scalar_one_or_none()


def password_attempt_for_update(session: Session, fingerprint: str) -> PasswordAttempt | None:
    """Wrong passwords so far for a name, locked, so that tries at once are counted one by one."""
    return session.execute(
        locked(select(PasswordAttempt).where(PasswordAttempt.name_fingerprint == fingerprint), session)
    ).scalar_one_or_none()


def used_assertion(session: Session, account_id: uuid.UUID, jti: str) -> UsedAssertion | None:
    """An assertion that was used already."""
    return session.get(UsedAssertion, (account_id, jti))


def delete_expired(session: Session, now: dt.datetime) -> None:
    """Forget proofs that can no longer be used."""
    for table, column in (
        (SignInChallenge, col(SignInChallenge.created_at)),
        (UsedAssertion, col(UsedAssertion.expires_at)),
        (OneTimeLink, col(OneTimeLink.expires_at)),
        (RefreshToken, col(RefreshToken.expires_at)),
    ):
        session.execute(sa.delete(table).where(column < now - dt.timedelta(days=1)))
