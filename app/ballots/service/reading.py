"""What may be read of a box: who has not taken part, for reminders; opened ballots, for the count and the public."""

import uuid
from collections.abc import Collection, Sequence

from sqlmodel import Session

from app.ballots import queries
from app.ballots.errors import NotOpenedYet
from app.ballots.models import BallotBox
from app.ballots.rules import OpenedBallot
from app.paper import service as paper
from app.rounds import service as rounds
from app.rounds.models import RollEntry


def entries_without_ballot(
    session: Session, *, round_id: uuid.UUID, after: uuid.UUID | None, limit: int
) -> tuple[list[RollEntry], uuid.UUID | None]:
    """Those of some entries of a roll who have not taken part, by phone or on paper; and the last of the some.

    For reminders, which are worked out as they are sent: what this answers is kept nowhere.
    """
    page = rounds.roll_page(session, round_id=round_id, after=after, limit=limit)
    ids = [row.id for row in page]
    taken_part = taken_part_among(session, round_id=round_id, entry_ids=ids)
    return [row for row in page if row.id not in taken_part], ids[-1] if ids else None


def taken_part_among(
    session: Session, *, round_id: uuid.UUID, entry_ids: Collection[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of some entries of a roll who have taken part, by phone or on paper; never how."""
    return queries.entries_in_force(session, round_id, entry_ids) | paper.signed_in(
        session, round_id=round_id, entry_ids=entry_ids
    )


def count_input_ballots(session: Session, round_id: uuid.UUID) -> tuple[BallotBox, Sequence[OpenedBallot]]:
    """The opened ballots in tracker order, and the box they came from.

    Raises:
        NotOpenedYet: it is still sealed.
    """
    box = queries.box(session, round_id)
    if box is None or box.level is None:
        raise NotOpenedYet
    rows = queries.open_ballots(session, round_id)
    return box, [OpenedBallot(tracker, tuple(ranking)) for tracker, ranking in rows]


def closing_lists(session: Session, round_id: uuid.UUID) -> tuple[str, str]:
    """The envelopes in force at closing and those set aside, as text: sorted, a line each.

    Raises:
        NotOpenedYet: the box is not closed.
    """
    box = queries.box(session, round_id)
    if box is None or box.leaves is None:
        raise NotOpenedYet
    in_force, set_aside = (lines + "\n" if lines else "" for lines in (box.leaves, box.set_aside))
    return in_force, set_aside
