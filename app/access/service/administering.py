"""Whose account is whose to administer."""

import uuid

from sqlmodel import Session

from app.access import queries
from app.access.actor import AccountKind, Actor
from app.access.errors import AccountNotFound
from app.access.models import Account
from app.core import clock


def administered(session: Session, *, account_id: uuid.UUID, verb: str, actor: Actor) -> Account:
    """A staff or machine account that somebody may administer: it holds nothing outside of their divisions.

    Raises:
        AccountNotFound: there is none.
    """
    account = queries.account(session, account_id)
    if account is None or account.kind is AccountKind.RESIDENT:
        raise AccountNotFound
    held = queries.grants_in_force(session, account_id, clock.now())
    if not all(actor.may(verb, row.division) for row in held):
        raise AccountNotFound
    return account
