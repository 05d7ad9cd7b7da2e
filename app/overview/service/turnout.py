"""The figure of an open round: read by the worker, never because somebody asks for it."""

import datetime as dt

from sqlmodel import Session

from app.core import clock
from app.overview import queries, rules
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS

_AGE = dt.timedelta(seconds=rules.TURNOUT_SECONDS)


def read_turnouts(session: Session) -> int:
    """Read anew what is ten minutes old, forget what is of no open round; returns how many were read."""
    now = clock.now()
    queries.forget_turnouts(session)
    due = [row for row in queries.rounds_to_read(session, read_until=now - _AGE) if has_figure(row)]
    for row in due:
        found = rules.public_turnout(taken_part=queries.taken_part(session, row.id), roll_size=row.roll_size)
        if found is not None:
            queries.write_turnout(
                session, round_id=row.id, at_least=found.at_least, read_at=now, read_until=now - _AGE
            )
    return len(due)


def has_figure(row: Round) -> bool:
    """Whether anything may be said of an open round's turnout.

    Who voted in a recorded round stands in its record; what the law wants public of it is the decision.
    """
    nothing = rules.public_turnout(taken_part=0, roll_size=row.roll_size)
    return row.kind not in RECORDED_KINDS and nothing is not None
