"""What may be read of a box: who took part, for staff; the opened ballots, for the count and the public."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import queries
from app.ballots.errors import NotOpenedYet
from app.ballots.models import BallotBox
from app.ballots.rules import OpenedBallot
from app.paper import service as paper
from app.places import service as places
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import RollEntry
from app.rounds.rules import AFTER_OPENING


@dataclass(frozen=True)
class TurnoutLine:
    """One building."""

    community_code: str
    building_id: uuid.UUID
    building: str
    on_roll: int
    taken_part: int


@dataclass(frozen=True)
class Turnout:
    """Who has taken part, by building; never how."""

    on_roll: int
    taken_part: int
    lines: list[TurnoutLine]


def turnout(session: Session, *, round_id: uuid.UUID, actor: Actor) -> Turnout:
    """Turnout by building, for those who work there.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        NotOpenedYet: it has no roll yet.
    """
    row = rounds.round_(session, round_id)
    if not actor.may("turnout.read", row.division_code):
        raise RoundNotFound
    rounds.check_secret(row, instead="owners-roll")
    if row.status not in AFTER_OPENING:
        raise NotOpenedYet
    box = queries.box(session, round_id)
    cast = queries.turnout(session, round_id)
    names = {
        building.id: building.name
        for code in rounds.community_codes(session, round_id)
        for building in places.buildings(session, code)
    }
    lines = [
        TurnoutLine(code, building, names.get(building, ""), on_roll, cast.get(building, 0))
        for code, building, on_roll in rounds.roll_by_building(session, round_id)
    ]
    if box is not None and box.erased:
        # The envelopes are gone on purpose; what is left to say is the total.
        total = (box.envelopes or 0) + paper.sheets_used(session, round_id=round_id)
        return Turnout(row.roll_size or 0, total, [])
    return Turnout(sum(line.on_roll for line in lines), sum(line.taken_part for line in lines), lines)


def entries_without_ballot(
    session: Session, *, round_id: uuid.UUID, after: uuid.UUID | None, limit: int
) -> tuple[list[RollEntry], uuid.UUID | None]:
    """Those of some entries of a roll who have not taken part, by phone or on paper; and the last of the some.

    For reminders, which are worked out as they are sent: what this answers is kept nowhere.
    """
    page = rounds.roll_page(session, round_id=round_id, after=after, limit=limit)
    ids = [row.id for row in page]
    taken_part = queries.entries_in_force(session, round_id, ids) | paper.signed_in(
        session, round_id=round_id, entry_ids=ids
    )
    return [row for row in page if row.id not in taken_part], ids[-1] if ids else None


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
