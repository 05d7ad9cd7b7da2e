"""The hours of a round on its board: every full hour one root over the envelopes then in force.

Nobody can take envelopes out, or put some in, for a while without leaving a trace: a copy of the database shows whether
the root was true when it was signed. It says nothing to anybody else: no count, and not even that nothing happened.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlmodel import Session

from app.ballots import queries, rules
from app.ballots.service.board import NewEntry, append
from app.ballots.service.contents import contents
from app.core import clock
from app.core.signer import Signer, b64
from app.rounds import service as rounds
from app.rounds.rules import RoundState

Roots = Mapping[dt.datetime, str | None]
"""Hours that ended, in order, and the roots over the envelopes in force; none where nobody looked in time."""


def hours_due(
    session: Session, *, round_id: uuid.UUID, signer: Signer, lines: Sequence[str] | None = None
) -> Roots:
    """What the board should say of hours that have ended; ``lines`` are those of the envelopes now in force.

    Without them they are read, unless no hour is due. Asked without the round's row: reading a large box takes seconds,
    in which people vote.
    """
    since = queries.last_hour(session, round_id)
    # of an hour on the board the next one is due an hour after its end
    after = queries.opened_at(session, round_id) if since is None else since + rules.HOUR
    if after is None:
        return {}
    now = clock.database_now(session)
    due: dict[dt.datetime, str | None] = dict.fromkeys(rules.hours_ended(after=after, until=now))
    last = next(reversed(due), None)
    if last is not None and now - (last + rules.HOUR) <= rules.VOUCHED:
        if lines is None:
            lines, _, _ = contents(session, round_id)
        blind = b64(signer.sign(rules.hour_statement(round_id=round_id, hour=last)))
        due[last] = rules.hour_root(lines, blind=blind)
    return due


def post_hours(session: Session, *, round_id: uuid.UUID, due: Roots, signer: Signer) -> int:
    """Put hours on the board of an open round, those that no other worker has put there; returns how many."""
    row = rounds.claim(session, round_id)
    if row.status is not RoundState.OPEN:
        return 0
    last = queries.last_hour(session, round_id)
    new = [
        NewEntry("hour", rules.hour_body(hour, root), hour)
        for hour, root in due.items()
        if last is None or hour > last
    ]
    if new:
        append(session, round_id=round_id, new=new, signer=signer)
    return len(new)
