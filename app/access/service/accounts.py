"""Accounts of staff and of machine clients, and what they may do where."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor, Grant
from app.access.divisions import contains
from app.access.errors import AccountNotFound, GrantNotFound, NameTaken
from app.access.models import Account, GrantRow
from app.access.roles import Role
from app.access.service.passwords import new_link
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock


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


def holds(session: Session, *, account_id: uuid.UUID, role: Role, division: str) -> bool:
    """Whether an account holds a role over a division now."""
    account = queries.account(session, account_id)
    if account is None or account.disabled_at is not None:
        return False
    grants = queries.grants_in_force(session, account_id, clock.now())
    return any(row.role is role and contains(row.division, division) for row in grants)


def holders_of(session: Session, *, role: Role, division: str) -> list[Account]:
    """Accounts that hold a role over a division now, the longest holder first."""
    found = queries.holders(session, role, clock.now())
    return list({account.id: account for account, over in found if contains(over, division)}.values())


def account_named(session: Session, name: str) -> Account | None:
    """The staff account or machine client with a sign-in name."""
    return queries.account_by_name(session, name)


def account_with_phone(session: Session, fingerprint: str) -> Account | None:
    """The resident's account behind a phone, if it ever signed in."""
    return queries.account_by_phone(session, fingerprint)


def account_of(session: Session, account_id: uuid.UUID) -> Account | None:
    """An account by its id."""
    return queries.account(session, account_id)


def accounts_of_phones(session: Session, *, phone_fingerprints: Collection[str]) -> dict[str, uuid.UUID]:
    """Phone fingerprint -> its owner's account; those who never signed in are left out."""
    return dict(queries.accounts_by_phone(session, phone_fingerprints))


def forget_expired(session: Session) -> None:
    """Delete proofs that can no longer be used, and sign-ins that ended a while ago."""
    now = clock.now()
    queries.delete_expired(session, now)
    queries.delete_ended_sign_ins(session, now - dt.timedelta(days=rules.SESSION_DAYS_KEPT))
