"""Reads of rounds, and of who is on a roll."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.residents import service as residents
from app.rounds import queries
from app.rounds.errors import (
    RoundNotFound,
)
from app.rounds.models import RollEntry, Round, RoundProject
from app.rounds.rules import PUBLIC_STATES, Electorate


@dataclass(frozen=True)
class RoundView:
    """A round with the communities that vote in it."""

    round: Round
    community_codes: list[str]


def round_(session: Session, round_id: uuid.UUID) -> Round:
    """One round, whatever its state.

    Raises:
        RoundNotFound: there is none.
    """
    row = queries.round_(session, round_id)
    if row is None:
        raise RoundNotFound
    return row


def read(session: Session, round_id: uuid.UUID, *, actor: Actor) -> RoundView:
    """A round somebody may see: published ones everybody, drafts those who work on them.

    Raises:
        RoundNotFound: there is none, or it is not for these eyes.
    """
    row = round_(session, round_id)
    if row.status not in PUBLIC_STATES and not actor.may("round.list_drafts", row.division_code):
        raise RoundNotFound
    return RoundView(row, list(queries.communities(session, round_id)))


def listing(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[RoundView]:
    """Published rounds that concern a division, newest first."""
    return _views(session, queries.public_rounds(session, division=division, after=after, limit=limit))


def drafts(
    session: Session, *, actor: Actor, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[RoundView]:
    """Drafts of the divisions somebody works for."""
    mine = actor.divisions_for("round.list_drafts")
    return _views(session, queries.drafts(session, divisions=mine, after=after, limit=limit))


def listed_projects(session: Session, round_id: uuid.UUID) -> Sequence[RoundProject]:
    """The list in its order, with titles and costs as frozen."""
    return queries.projects(session, round_id)


def community_codes(session: Session, round_id: uuid.UUID) -> list[str]:
    """Whose residents may vote."""
    return list(queries.communities(session, round_id))


def shared(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Round]:
    """Rounds that cannot be closed before this transaction ends."""
    return {row.id: row for row in queries.rounds_shared(session, round_ids)}


def due_to_open(session: Session) -> Sequence[uuid.UUID]:
    """Rounds whose opening time has come."""
    return queries.due_to_open(session, clock.database_now(session))


def due_to_close(session: Session) -> Sequence[uuid.UUID]:
    """Rounds whose closing time has come."""
    return queries.due_to_close(session, clock.database_now(session))


def entries_for(
    session: Session, *, rounds: Sequence[Round], fingerprints: Collection[str]
) -> dict[tuple[uuid.UUID, str], RollEntry]:
    """Which roll entry each phone votes for: (round, phone fingerprint) -> entry."""
    subjects = residents.subjects_of(session, phone_fingerprints=fingerprints)
    people = {person.resident_id: person for found in subjects.values() for person in found}
    ids = set(people) | {person.household_id for person in people.values()}
    by_subject: dict[tuple[uuid.UUID, uuid.UUID], RollEntry] = {
        (entry.round_id, entry.subject_id): entry
        for entry in queries.roll_entries(session, [row.id for row in rounds], ids)
    }
    found: dict[tuple[uuid.UUID, str], RollEntry] = {}
    for row in rounds:
        for fingerprint, persons in subjects.items():
            for person in persons:
                subject = person.resident_id if row.electorate is Electorate.PERSON else person.household_id
                entry = by_subject.get((row.id, subject))
                if entry is not None:
                    found.setdefault((row.id, fingerprint), entry)
    return found


def roll_by_building(session: Session, round_id: uuid.UUID) -> Sequence[tuple[str, uuid.UUID, int]]:
    """How many are on the roll in each building."""
    return queries.roll_by_building(session, round_id)


def _views(session: Session, rows: Sequence[Round]) -> list[RoundView]:
    codes = queries.communities_of(session, [row.id for row in rows])
    return [RoundView(row, codes[row.id]) for row in rows]
