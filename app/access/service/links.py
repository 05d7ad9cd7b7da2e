"""One-time links for choosing a password: one administrator makes one, another is shown the code that goes with it.

Whoever could do both would be two people: make an account, have a role confirmed for it, and open it. Each hands their
half to the account's owner, who alone has both (`redeem_link`). Who has the server has everything: a link made on its
command line needs no code.
"""

import datetime as dt
import hmac
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import AccountKind, Actor
from app.access.errors import AccountNotFound, NoLinkWaiting
from app.access.models import Account, OneTimeLink
from app.access.service.administering import administered
from app.access.service.sessions import token_hash
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault


@dataclass(frozen=True)
class WaitingLink:
    """An unused link of an account, with those it names."""

    row: OneTimeLink
    #: Nobody: it was made on the server.
    made_by: Account | None
    countersigned_by: Account | None
    may_countersign: bool


@dataclass(frozen=True)
class Countersignature:
    """The second half of a link, shown this once."""

    code: str
    expires_at: dt.datetime


def new_link(session: Session, *, account: Account, made_by: uuid.UUID | None = None) -> str:
    """A one-time link token for choosing a password, valid for `rules.LINK_HOURS`; those before end, with their codes.

    Args:
        session: the writing session.
        account: whose password.
        made_by: the administrator who will see the link; without one it needs no code.
    """
    queries.account_locked(session, account.id)  # of two at once one ends the other's
    queries.end_links(session, account.id)
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        OneTimeLink(
            hash=token_hash(token), account_id=account.id, made_by=made_by, made_at=now,
            expires_at=now + dt.timedelta(hours=rules.LINK_HOURS),
        )
    )  # fmt: skip
    return token


def renew_link(session: Session, *, account_id: uuid.UUID, actor: Actor) -> str:
    """A new one-time link for choosing a password; those before are worth nothing any more.

    Until it is used, the old password and the second factor stay in force, and the owner sees that there is one.

    Raises:
        AccountNotFound: there is no such staff account in use, or it is not yours to administer.
    """
    account = _usable(session, account_id, verb="account.renew_link", actor=actor)
    audit.record(
        session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.ACCOUNT_LINK_RENEWED, subject=f"account:{account.id}"
    )  # fmt: skip
    return new_link(session, account=account, made_by=actor.account_id)


def countersign_link(session: Session, *, account_id: uuid.UUID, actor: Actor) -> Countersignature:
    """A code without which the account's link is worth nothing, for another administrator than who made the link.

    A code made before for the same link ends.

    Raises:
        AccountNotFound: there is no such staff account in use, or it is not yours to administer.
        NoLinkWaiting: no link of it waits, or it needs no code.
        SecondAdministratorNeeded: you made the link, or the account is yours.
    """
    account = _usable(session, account_id, verb="account.countersign", actor=actor)
    row = queries.waiting_link_for_update(session, account.id, clock.now())
    if row is None or row.made_by is None:
        raise NoLinkWaiting
    rules.check_second_administrator(actor.account_id, proposed_by=row.made_by, concerns=account.id)
    code = rules.paper_code(secrets.randbits(rules.LINK_CODE_BITS))
    row.code_hmac = _hmac(row, code)
    row.countersigned_by, row.countersigned_at = actor.account_id, clock.now()
    session.add(row)
    audit.record(
        session, chain=audit.INSTALLATION, by=actor.ref, tag=Tag.ACCOUNT_LINK_COUNTERSIGNED,
        subject=f"account:{account.id}", facts={"made_by": f"account:{row.made_by}"},
    )  # fmt: skip
    return Countersignature(code, row.expires_at)


def is_code_of(row: OneTimeLink, code: str) -> bool:
    """Whether a code, however it was typed, is the link's; without a countersignature none is."""
    return row.code_hmac is not None and hmac.compare_digest(row.code_hmac, _hmac(row, code))


def waiting_links(
    session: Session, *, account_ids: Collection[uuid.UUID], actor: Actor
) -> dict[uuid.UUID, WaitingLink]:
    """Account -> its unused link; those without any are left out."""
    rows = queries.waiting_links(session, account_ids, clock.now())
    ids = {each for row in rows for each in (row.made_by, row.countersigned_by) if each}
    people = queries.accounts_with(session, ids)
    return {
        row.account_id: WaitingLink(
            row,
            None if row.made_by is None else people[row.made_by],
            None if row.countersigned_by is None else people[row.countersigned_by],
            may_countersign=row.made_by is not None and actor.account_id not in {row.made_by, row.account_id},
        )
        for row in rows
    }


def links_to_countersign(session: Session, *, actor: Actor, limit: int) -> list[OneTimeLink]:
    """Links that wait for the code of another administrator, and the caller may be the one."""
    return [
        row
        for row in queries.links_without_code(session, clock.now(), limit=limit)
        if actor.account_id not in {row.made_by, row.account_id} and _is_administered(session, row, actor)
    ]


def _is_administered(session: Session, row: OneTimeLink, actor: Actor) -> bool:
    try:
        _usable(session, row.account_id, verb="account.countersign", actor=actor)
    except AccountNotFound:
        return False
    return True


def _usable(session: Session, account_id: uuid.UUID, *, verb: str, actor: Actor) -> Account:
    account = administered(session, account_id=account_id, verb=verb, actor=actor)
    if account.kind is not AccountKind.STAFF or account.disabled_at is not None:
        raise AccountNotFound
    return account


def _hmac(row: OneTimeLink, code: str) -> str:
    return vault.current().fingerprint(f"{row.hash}:{rules.normal_paper_code(code)}", "one_time_link.code")
