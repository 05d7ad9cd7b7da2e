"""Agreeing to the privacy notice, and taking that back (PIPL arts. 14-16)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import clock
from app.privacy import notice, queries
from app.privacy.errors import NoticeOutdated
from app.privacy.models import Consent
from app.privacy.rules import ConsentKind

#: The version of each text that is asked about now.
CURRENT = {ConsentKind.PRIVACY_NOTICE: notice.VERSION}


@dataclass(frozen=True)
class ConsentsView:
    """What somebody agreed to, and what is yet to be asked."""

    given: Sequence[Consent]
    #: Kind -> the version that is asked about.
    asked: dict[ConsentKind, int]


def my_consents(session: Session, *, actor: Actor) -> ConsentsView:
    """What the caller agreed to, the newest first, and what they are yet to be asked."""
    assert actor.account_id is not None
    rows = queries.consents(session, actor.account_id)
    in_force = {(row.kind, row.version) for row in rows if row.withdrawn_at is None}
    asked = {kind: version for kind, version in CURRENT.items() if (kind, version) not in in_force}
    return ConsentsView(rows, asked)


def give_consent(session: Session, *, kind: ConsentKind, version: int, actor: Actor) -> Consent:
    """Agree to the version somebody has read; saying it again changes nothing.

    Raises:
        NoticeOutdated: another version is the present one.
    """
    assert actor.account_id is not None
    if version != CURRENT[kind]:
        raise NoticeOutdated(version=CURRENT[kind])
    row = queries.consent(session, actor.account_id, kind, version)
    if row is None:
        try:
            with session.begin_nested():
                session.add(
                    Consent(account_id=actor.account_id, kind=kind, version=version, given_at=clock.now())
                )
        except IntegrityError:  # tapped twice
            pass
        row = queries.consent(session, actor.account_id, kind, version)
        assert row is not None
    if row.withdrawn_at is not None:
        row.given_at, row.withdrawn_at = clock.now(), None
        session.add(row)
    return row


def withdraw_consent(session: Session, *, kind: ConsentKind, actor: Actor) -> None:
    """Take back what one agreed to. Being signed in rests on it, so every sign-in ends; what was done stays lawful.

    Without anything to take back nothing changes but that.
    """
    assert actor.account_id is not None
    now = clock.now()
    for row in queries.consents_in_force(session, actor.account_id, kind):
        row.withdrawn_at = now
        session.add(row)
    access.end_all_sessions(session, account_id=actor.account_id)
