"""A sign-in is carried over into the mini program's web-view by a ticket, once."""

import datetime as dt
import secrets

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import Actor
from app.access.errors import TicketInvalid, TokenInvalid
from app.access.models import SignInSession, Ticket
from app.access.service.sessions import IssuedTokens, Rejected, issue, issue_for_whole_session, token_hash
from app.access.tokens import AccessTokens
from app.core import clock
from app.core.errors import NotAllowed


def issue_ticket(session: Session, *, actor: Actor) -> str:
    """A ticket for a sign-in of the same account elsewhere on this phone, good once within `rules.TICKET_SECONDS`.

    Only what began in the mini program needs one. Were there tickets for every browser, anybody could send a neighbour
    an address that signs them in as somebody else.

    Raises:
        NotAllowed: the sign-in did not begin in WeChat, or was itself begun by a ticket: these stay where they are.
        TokenInvalid: the sign-in has ended.
    """
    family = queries.sign_in_session(session, actor.session_id) if actor.session_id else None
    if family is None:
        raise TokenInvalid
    if not family.with_wechat or family.begun_in is not None:
        raise NotAllowed
    ticket = secrets.token_urlsafe(32)
    expires = clock.now() + dt.timedelta(seconds=rules.TICKET_SECONDS)
    session.add(Ticket(hash=token_hash(ticket), session_id=family.id, expires_at=expires))
    return ticket


def sign_in_with_ticket(session: Session, *, ticket: str, tokens: AccessTokens) -> IssuedTokens | Rejected:
    """Exchange a ticket for tokens of a sign-in that lasts, and may do, no more than the one it was issued in.

    The one it began before, if any, ends: the web-view that was open then is closed.
    """
    now = clock.now()
    row = queries.ticket_for_update(session, token_hash(ticket))
    if row is None or row.used_at is not None or row.expires_at <= now:
        return Rejected(TicketInvalid())
    row.used_at = now
    session.add(row)
    begun = queries.sign_in_session_for_update(session, row.session_id)
    account = None if begun is None else queries.account(session, begun.account_id)
    if (
        begun is None
        or account is None
        or account.disabled_at is not None
        or begun.revoked_at is not None
        or begun.expires_at <= now
    ):
        return Rejected(TicketInvalid())
    queries.end_carried_over(session, begun.id, now)
    family = SignInSession(
        account_id=account.id,
        created_at=begun.created_at,  # nobody has shown again who they are
        expires_at=begun.expires_at,
        device=begun.device,
        round_id=begun.round_id,
        with_wechat=begun.with_wechat,
        begun_in=begun.id,
    )
    session.add(family)
    session.flush()  # tokens refer to it
    if account.subject_id is not None:
        return issue_for_whole_session(family, tokens)
    return issue(session, family, tokens)
