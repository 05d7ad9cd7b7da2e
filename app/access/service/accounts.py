"""Accounts of staff and of machine clients, and what they may do where."""

import datetime as dt
import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor, Grant
from app.access.divisions import WHOLE_COUNTRY, contains
from app.access.errors import AccountNotFound, GrantNotFound, NameTaken
from app.access.models import Account, GrantRow
from app.access.roles import Role
from app.access.service.administering import administered
from app.access.service.links import WaitingLink, new_link, waiting_links
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain

_ACCOUNT_REF = re.compile("account:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def create_staff(
    session: Session, *, name: str, display_name: str, actor: Actor, grants: Sequence[Grant] = ()
) -> tuple[Account, str]:
    """Make a staff account without a password; the returned one-time link lets its owner choose one.

    Made by an administrator, the link works with the code that another one is shown (`countersign_link`).

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
    return account, new_link(session, account=account, made_by=actor.account_id)


def disable_account(session: Session, *, account_id: uuid.UUID, actor: Actor) -> Account:
    """Let an account sign in no more.

    Raises:
        AccountNotFound: there is none, or it is not yours to administer.
    """
    account = administered(session, account_id=account_id, verb="account.disable", actor=actor)
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


@dataclass(frozen=True)
class ListedAccount:
    """An account with what it holds now."""

    account: Account
    grants: Sequence[GrantRow]
    #: Whether it has a second factor.
    enrolled: bool
    #: The link with which its owner may choose a password, if one waits.
    link: WaitingLink | None


def list_accounts(
    session: Session, *, kind: AccountKind | None = None, after: str | None, limit: int, actor: Actor
) -> list[ListedAccount]:
    """Staff and machine accounts that hold nothing outside of what somebody administers, by name."""
    now = clock.now()
    over = [WHOLE_COUNTRY] if actor.is_system else actor.divisions_for("account.list")
    kinds = [AccountKind.STAFF, AccountKind.PLATFORM] if kind is None else [kind]
    rows = queries.accounts(session, kinds=kinds, within=over, now=now, after=after, limit=limit)
    ids = [row.id for row in rows]
    enrolled = queries.enrolled_among(session, ids)
    links = waiting_links(session, account_ids=ids, actor=actor)
    return [
        ListedAccount(
            row, queries.grants_in_force(session, row.id, now), row.id in enrolled, links.get(row.id)
        )
        for row in rows
    ]


def check_grant(session: Session, *, account: Account, role: Role, division: str) -> None:
    """Whether a role may be added to what an account holds there.

    Raises:
        RoleNotGrantable: not a role for this kind of account.
        SupervisorInCommittee: Organic Law art. 36.
        RolesNotTogether: it holds a role there that would undo a control together with this one.
    """
    queries.account_locked(session, account.id)  # of two roles given at once one sees the other
    held = [
        row.role
        for row in queries.grants_in_force(session, account.id, clock.now())
        if contains(row.division, division) or contains(division, row.division)
    ]
    rules.check_grant(account.kind, role, held)


def give_grant(
    session: Session,
    *,
    account_id: uuid.UUID,
    role: Role,
    division: str,
    actor: Actor,
    proposed_by: uuid.UUID | None = None,
) -> GrantRow:
    """Let an account act in a role over a division and all below it.

    For the command line, and after two administrators have agreed (`confirm_proposal`).

    Raises:
        AccountNotFound: there is no such staff or machine account.
        RoleNotGrantable: not a role for this kind of account.
        SupervisorInCommittee, RolesNotTogether: what it holds there does not go together with this.
    """
    account = queries.account(session, account_id)
    if account is None or account.kind is AccountKind.RESIDENT:
        raise AccountNotFound
    check_grant(session, account=account, role=role, division=division)
    row = GrantRow(account_id=account_id, role=role, division=division, valid_from=clock.now())
    session.add(row)
    facts: dict[str, Plain] = {"role": role.value, "division": division}
    if proposed_by is not None:
        facts["proposed_by"] = f"account:{proposed_by}"
    audit.record(
        session, chain=division, by=actor.ref, tag=Tag.GRANT_GIVEN, subject=f"account:{account_id}", facts=facts
    )  # fmt: skip
    return row


def end_grant(session: Session, *, grant_id: uuid.UUID, actor: Actor) -> GrantRow:
    """End a grant now.

    Raises:
        GrantNotFound: there is none in force, or it is not yours to administer.
    """
    row = queries.grant(session, grant_id)
    now = clock.now()
    if (
        row is None
        or not actor.may("grant.end", row.division)
        or (row.valid_to is not None and row.valid_to <= now)
    ):
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


def ref_holds(session: Session, *, ref: str, role: Role, division: str) -> bool:
    """The same of whom a record names: ``account:<id>``."""
    if not _ACCOUNT_REF.fullmatch(ref):
        return False
    return holds(session, account_id=uuid.UUID(ref.removeprefix("account:")), role=role, division=division)


def holders_of(session: Session, *, role: Role, division: str) -> list[Account]:
    """Accounts that hold a role over a division now, the longest holder first."""
    found = queries.holders(session, role, clock.now())
    return list({account.id: account for account, over in found if contains(over, division)}.values())


def account_named(session: Session, name: str) -> Account | None:
    """The staff account or machine client with a sign-in name."""
    return queries.account_by_name(session, name)


def actor_named(session: Session, text: str) -> str:
    """How the record names whoever somebody means: a sign-in name, or what stands in an entry already."""
    account = queries.account_by_name(session, text.strip())
    return text.strip() if account is None else f"account:{account.id}"


def names_of_actors(session: Session, actors: Collection[str]) -> dict[str, str]:
    """Actor of an entry -> how staff or a machine client are called; residents stay nameless."""
    ids = [uuid.UUID(each.removeprefix("account:")) for each in actors if _ACCOUNT_REF.fullmatch(each)]
    return {
        f"account:{row.id}": row.display_name or row.name or ""
        for row in queries.accounts_with(session, ids).values()
        if row.kind is not AccountKind.RESIDENT
    }


def account_with_phone(session: Session, fingerprint: str) -> Account | None:
    """The resident's account behind a phone, if it ever signed in."""
    return queries.account_by_phone(session, fingerprint)


def account_of(session: Session, account_id: uuid.UUID) -> Account | None:
    """An account by its id."""
    return queries.account(session, account_id)


def staff_names(session: Session, *, refs: Collection[str]) -> dict[str, str | None]:
    """How the record names accounts -> what people call their owners; none for one that is gone, or is no account."""
    names: dict[str, str | None] = {}
    for ref in set(refs):
        kind, _, key = ref.partition(":")
        account = queries.account(session, uuid.UUID(key)) if kind == "account" else None
        names[ref] = None if account is None else account.display_name
    return names


def accounts_of_phones(session: Session, *, phone_fingerprints: Collection[str]) -> dict[str, uuid.UUID]:
    """Phone fingerprint -> its owner's account; those who never signed in are left out."""
    return dict(queries.accounts_by_phone(session, phone_fingerprints))


def forget_expired(session: Session) -> None:
    """Delete proofs that can no longer be used, and sign-ins that ended a while ago."""
    now = clock.now()
    queries.delete_expired(session, now)
    queries.delete_ended_sign_ins(session, now - dt.timedelta(days=rules.SESSION_DAYS_KEPT))
