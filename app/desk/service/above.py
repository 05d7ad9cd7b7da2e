"""What those look after who run nothing: the record for an auditor, the figures for a monitor."""

import datetime as dt
from collections.abc import Iterator

from sqlmodel import Session

from app.access.divisions import contains
from app.access.roles import Role
from app.audit import service as audit
from app.core import clock
from app.desk.rules import ENDING_DAYS, REPORTED_DAYS, VERIFICATION_DAYS, Item, Task
from app.desk.service.who import MOST, Desk
from app.residents import service as residents
from app.rounds import service as rounds
from app.rounds.rules import RoundState

_COUNTED = frozenset({RoundState.ANNOUNCED, RoundState.CERTIFIED})


def record(session: Session, desk: Desk) -> Iterator[Item]:
    """The record of acts: whether it was found whole lately, and who saw names in full since it was looked at."""
    if not desk.may("audit.verify") or Role.AUDITOR not in desk.actor.roles_over(desk.division):
        return
    now = clock.now()
    mine = [code for code in desk.actor.divisions_for("audit.verify") if contains(code, desk.division)]
    last = audit.last_verification(session, divisions=mine)
    since = now - dt.timedelta(days=VERIFICATION_DAYS)
    if last is not None and last.broken:
        yield Item(Task.RECORD_BROKEN, last.broken, late=True)
    elif last is None or last.at < since + dt.timedelta(days=ENDING_DAYS):
        due_at = None if last is None else last.at + dt.timedelta(days=VERIFICATION_DAYS)
        yield Item(Task.RECORD_TO_VERIFY, due_at=due_at)
    looked_at = audit.last_read(session, divisions=mine, noun="disclosure", by=desk.actor.ref)
    seen = residents.disclosures_since(
        session, divisions=[desk.division], since=since if looked_at is None else max(since, looked_at)
    )
    if seen:
        yield Item(Task.DISCLOSURES, min(seen, MOST))


def reports(session: Session, desk: Desk) -> Iterator[Item]:
    """Rounds that end soon, and those whose figures came into the report of the year lately."""
    if not desk.may("report.read") or Role.MUNICIPAL_MONITOR not in desk.actor.roles_over(desk.division):
        return
    now = clock.now()
    coming = rounds.closing_between(
        session, division=desk.division, since=now, until=now + dt.timedelta(days=ENDING_DAYS)
    )
    if ending := [view.round.closes_at for view in coming if view.round.status is RoundState.OPEN]:
        yield Item(Task.ROUNDS_ENDING, min(len(ending), MOST), due_at=min(ending))
    past = rounds.closing_between(
        session, division=desk.division, since=now - dt.timedelta(days=REPORTED_DAYS), until=now
    )
    if counted := sum(view.round.status in _COUNTED for view in past):
        yield Item(Task.REPORT_GREW, min(counted, MOST))
