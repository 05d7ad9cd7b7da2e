"""Wrong passwords and wrong codes are counted by name: after five the name pauses for five minutes."""

import datetime as dt

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.access import queries, rules
from app.access.errors import TooManyPasswordAttempts
from app.access.models import PasswordAttempt
from app.core import clock, vault


def check_not_paused(session: Session, name: str) -> PasswordAttempt:
    """The count of a name, locked, so that tries at once are counted one by one.

    Raises:
        TooManyPasswordAttempts: the name is paused.
    """
    now = clock.now()
    attempt = attempt_of(session, name)
    if attempt.blocked_until is not None and attempt.blocked_until > now:
        wait = int((attempt.blocked_until - now).total_seconds()) + 1
        raise TooManyPasswordAttempts(retry_after=wait)
    return attempt


def count_wrong(session: Session, attempt: PasswordAttempt) -> bool:
    """Count one more; whether it paused the name."""
    attempt.failures += 1
    pauses = attempt.failures >= rules.PASSWORD_FAILURES_BEFORE_PAUSE
    if pauses:
        attempt.failures = 0
        attempt.blocked_until = clock.now() + dt.timedelta(seconds=rules.PASSWORD_PAUSE_SECONDS)
    session.add(attempt)
    return pauses


def take_back(session: Session, attempt: PasswordAttempt, *, paused: bool) -> None:
    """Undo the counting of one try, and the pause if it was that try that brought it."""
    if paused:
        attempt.failures, attempt.blocked_until = rules.PASSWORD_FAILURES_BEFORE_PAUSE - 1, None
    else:
        attempt.failures = max(attempt.failures - 1, 0)
    session.add(attempt)


def forgive(session: Session, attempt: PasswordAttempt) -> None:
    """Begin to count anew: who has shown everything was not guessing."""
    attempt.failures, attempt.blocked_until = 0, None
    session.add(attempt)


def attempt_of(session: Session, name: str) -> PasswordAttempt:
    """The count of a name, known or not, locked."""
    fingerprint = vault.current().fingerprint(name, "password_attempt.name")
    found = queries.password_attempt_for_update(session, fingerprint)
    if found is None:
        try:
            with session.begin_nested():
                session.add(PasswordAttempt(name_fingerprint=fingerprint))
        except IntegrityError:  # somebody tried the same name at this moment
            pass
        found = queries.password_attempt_for_update(session, fingerprint)
    assert found is not None
    return found
