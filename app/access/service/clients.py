"""Government systems: registered by a public key, signed in by an assertion (RFC 7523)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import queries
from app.access.actor import AccountKind, Actor
from app.access.errors import ClientAssertionInvalid, NameTaken, OutsideYourDivision, TokenInvalid
from app.access.models import Account, GrantRow, UsedAssertion
from app.access.roles import Role
from app.access.service.accounts import give_grant
from app.access.service.proposals import propose_grant
from app.access.service.sessions import IssuedTokens, begin_session
from app.access.tokens import (
    AccessTokens,
    assertion_client,
    key_fingerprint,
    read_client_assertion,
    read_public_key,
)
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock

#: A city has some dozens of such systems.
LARGEST_LIST = 200


def register_client(
    session: Session, *, name: str, public_key_pem: str, scopes: Sequence[Role], division: str, actor: Actor
) -> Account:
    """Register a government system by its public key; it signs in with ``private_key_jwt``.

    Its scopes are proposed, and another administrator confirms them one by one; the service itself gives them.

    Raises:
        OutsideYourDivision: the division is not under one you administer.
        NameTaken: the client id is in use.
        KeyMalformed: not a P-256 public key in PEM.
        RoleNotGrantable: a role that is no scope.
    """
    if not actor.may("client.register", division):
        raise OutsideYourDivision
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
    give = give_grant if actor.is_system else propose_grant
    for scope in dict.fromkeys(scopes):
        give(session, account_id=account.id, role=scope, division=division, actor=actor)
    return account


@dataclass(frozen=True)
class ListedClient:
    """A government's system with what it may do."""

    account: Account
    scopes: Sequence[GrantRow]
    #: SHA-256 of its public key.
    fingerprint: str
    #: When it last signed in, if it still shows.
    last_used_at: dt.datetime | None


def list_clients(session: Session, *, actor: Actor) -> list[ListedClient]:
    """Machine clients that somebody administers, by name."""
    now = clock.now()
    rows = queries.accounts(
        session, kinds=[AccountKind.PLATFORM], within=actor.divisions_for("client.list"), now=now, after=None,
        limit=LARGEST_LIST,
    )  # fmt: skip
    used = queries.last_sign_ins(session, [row.id for row in rows])
    return [
        ListedClient(
            row,
            queries.grants_in_force(session, row.id, now),
            key_fingerprint(row.public_key) if row.public_key else "",
            used.get(row.id),
        )
        for row in rows
    ]


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
    try:
        with session.begin_nested():
            session.add(UsedAssertion(account_id=account.id, jti=claims.jti, expires_at=claims.expires_at))
    except IntegrityError as error:  # the same assertion twice at this moment
        raise ClientAssertionInvalid from error
    return begin_session(session, account, tokens, days=1, refreshable=False)
