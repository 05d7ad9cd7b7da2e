"""Forgetting, when the envelopes are forgotten too."""

import uuid

from sqlmodel import Session

from app.outbox import service as outbox
from app.paper import queries
from app.paper.events import SignedInForPaper
from app.paper.service.reconciliation import views


def erase_lists(session: Session, *, round_id: uuid.UUID) -> None:
    """Delete who signed in for which batch, which sheets it had, what they say, and who was told of a sign-in.

    Side by side, the names and the rankings of a batch of ten are nearly votes with names. Each batch keeps its totals;
    what the valid sheets say stands among the opened ballots. Done again, it changes nothing.
    """
    for view in views(session, round_id=round_id):
        batch, count = view.batch, view.count
        batch.signed_in, batch.stay_closed = count.signed_in, count.stay_closed
        batch.keyed, batch.decided = count.keyed, count.decided
        batch.void = {reason.value: number for reason, number in view.void.items()}
        session.add(batch)
    queries.erase_lists(session, round_id)
    outbox.forget(session, name=SignedInForPaper.NAME, facts={"round_id": str(round_id)})
