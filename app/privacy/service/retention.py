"""Forgetting by the clock what has done its work."""

import datetime as dt

from sqlmodel import Session

from app.access.events import CodeRequested
from app.codes.events import PaperCodeIssued
from app.core import clock
from app.outbox import service as outbox
from app.paper.events import SignedInForPaper
from app.privacy import queries
from app.privacy.rules import EXPORTS_KEPT_DAYS
from app.recorded.events import OwnersPaperEntered

#: Messages that hold somebody's phone, sealed: a day after they were sent nobody needs them.
WITH_A_PHONE = frozenset(
    {CodeRequested.NAME, PaperCodeIssued.NAME, SignedInForPaper.NAME, OwnersPaperEntered.NAME}
)
_KEPT = dt.timedelta(days=1)


def forget_old(session: Session) -> None:
    """Delete sent short messages after a day, and the count of exports after a month."""
    now = clock.now()
    outbox.forget_done(session, names=WITH_A_PHONE, before=now - _KEPT)
    queries.delete_exports(session, now - dt.timedelta(days=EXPORTS_KEPT_DAYS))
