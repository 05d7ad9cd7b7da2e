"""One's own sign-ins, and how recently one has shown who one is."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import queries, rules
from app.access.actor import Actor
from app.access.errors import SessionNotFound, SignInNotFresh
from app.access.models import SignInSession
from app.core import clock


@dataclass(frozen=True)
class MySignIn:
    """A sign-in of one's own; what tickets carried it over to counts as it."""

    row: SignInSession
    #: The day in Beijing.
    last_used_on: dt.date
    #: Whether the caller's token belongs to it.
    current: bool


def list_sessions(session: Session, *, actor: Actor) -> list[MySignIn]:
    """One's own sign-ins that are in force, the newest first."""
    assert actor.account_id is not None
    here = queries.sign_in_session(session, actor.session_id) if actor.session_id else None
    mine = None if here is None else here.begun_in or here.id
    rows = queries.sign_ins_in_force(session, actor.account_id, clock.now())
    return [
        MySignIn(row, (used or row.created_at).astimezone(clock.BEIJING).date(), current=row.id == mine)
        for row, used in rows
    ]


def end_other_session(session: Session, *, session_id: uuid.UUID, actor: Actor) -> Sequence[uuid.UUID]:
    """Sign out a device of one's own, wherever it is; the sign-ins that ended: it, and what tickets carried it over to.

    Raises:
        SessionNotFound: there is no such sign-in, it has ended, or it is somebody else's.
    """
    now = clock.now()
    family = queries.sign_in_session(session, session_id)
    if (
        family is None
        or family.account_id != actor.account_id
        or family.revoked_at is not None
        or family.expires_at <= now
    ):
        raise SessionNotFound
    return queries.end_sign_in(session, family.id, now)


def end_all_sessions(session: Session, *, account_id: uuid.UUID) -> None:
    """Sign an account out everywhere."""
    queries.revoke_sign_ins(session, account_id, clock.now())


def check_fresh(session: Session, *, actor: Actor) -> None:
    """Whether the caller has shown who they are within the last minutes, and not some time this season.

    Raises:
        SignInNotFresh: the sign-in is older.
    """
    family = queries.sign_in_session(session, actor.session_id) if actor.session_id else None
    oldest = clock.now() - dt.timedelta(minutes=rules.FRESH_SIGN_IN_MINUTES)
    if family is None or family.created_at < oldest:
        raise SignInNotFresh(minutes=rules.FRESH_SIGN_IN_MINUTES)
