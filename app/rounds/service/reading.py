"""Reads of rounds, and of who is on a roll."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.projects import service as projects
from app.rounds import queries
from app.rounds.errors import RoundClosed, RoundNotFound, RoundNotOpen, RoundRecorded, RoundSecret
from app.rounds.models import RollEntry, Round, RoundProject
from app.rounds.queries import Door, UnitOfRoll
from app.rounds.rules import (
    FROZEN_ROLL_STATES,
    PUBLIC_STATES,
    RECORDED_KINDS,
    KindRule,
    RoundState,
    kind_rule,
)

__all__ = ["Door", "RoundView", "UnitOfRoll"]  # two are known to higher packages from here


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


def on_a_ballot(session: Session, project_id: uuid.UUID) -> bool:
    """Whether a project stands on the list of a round that is published and not over."""
    return bool(queries.lists_under_way(session, project_id))


def pictures(session: Session, rows: Collection[RoundProject]) -> dict[uuid.UUID, uuid.UUID]:
    """The first photo of each listed project that has one."""
    return projects.first_photos(session, project_ids=[row.project_id for row in rows])


def community_codes(session: Session, round_id: uuid.UUID) -> list[str]:
    """Whose residents may vote."""
    return list(queries.communities(session, round_id))


def doors(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Door]:
    """Rounds as casters meet them; they cannot be closed before this transaction ends."""
    return {door.round_id: door for door in queries.doors_shared(session, round_ids)}


def door_of(row: Round) -> Door:
    """The same of a round at hand."""
    return Door(row.id, row.status, row.closes_at, row.electorate, row.division_code)


def check_open(door: Door, now: dt.datetime) -> None:
    """Whether a round takes ballots at this instant.

    Raises:
        RoundNotFound: it is a draft.
        RoundNotOpen: not yet, or never.
        RoundClosed: no longer.
    """
    if door.status not in PUBLIC_STATES:
        raise RoundNotFound
    if door.status in {RoundState.PUBLISHED, RoundState.CANCELLED, RoundState.VOID}:
        raise RoundNotOpen(state=door.status.value)
    if door.status is not RoundState.OPEN or now >= door.closes_at:
        raise RoundClosed


def check_secret(row: Round, *, instead: str) -> None:
    """Whether a round's ballots are secret ones; ``instead`` is the address for recorded votes.

    Raises:
        RoundRecorded: they are not.
    """
    if row.kind in RECORDED_KINDS:
        raise RoundRecorded(instead=f"/api/v1/rounds/{row.id}/{instead}")


def check_recorded(row: Round, *, instead: str) -> None:
    """Whether a round's votes are recorded; ``instead`` is the address for secret ballots.

    Raises:
        RoundSecret: they are not.
    """
    if row.kind not in RECORDED_KINDS:
        raise RoundSecret(instead=f"/api/v1/rounds/{row.id}/{instead}")


def law_of(row: Round) -> KindRule:
    """The law that applied when a round was published, and applies to it to the end."""
    assert row.published_at is not None
    return kind_rule(row.kind, row.published_at.astimezone(clock.BEIJING).date())


def due_to_open(session: Session, *, recorded: bool) -> Sequence[uuid.UUID]:
    """Rounds, recorded or secret ones, whose opening time has come."""
    return queries.due_to_open(session, clock.database_now(session), recorded=recorded)


def under_way(session: Session, *, community_code: str) -> list[Round]:
    """Rounds of a community with a frozen roll whose result is not out, oldest first.

    None of them, and none that was to open, moves on before this transaction ends.
    """
    held = (RoundState.PUBLISHED, *FROZEN_ROLL_STATES)
    found = queries.under_way(session, community_code, held)
    return [row for row in found if row.status is not RoundState.PUBLISHED]


def open_rounds(session: Session) -> Sequence[uuid.UUID]:
    """Rounds that are open."""
    return queries.open_rounds(session)


def due_to_close(session: Session, *, recorded: bool) -> Sequence[uuid.UUID]:
    """Rounds, recorded or secret ones, whose closing time has come."""
    return queries.due_to_close(session, clock.database_now(session), recorded=recorded)


def entries_for(
    session: Session,
    *,
    round_ids: Collection[uuid.UUID],
    fingerprints: Collection[str],
    resident_ids: Collection[uuid.UUID] = (),
) -> dict[tuple[uuid.UUID, str | uuid.UUID], uuid.UUID]:
    """Which roll entry each phone votes for, and each resident who came with a paper code.

    (round, phone fingerprint or resident) -> entry.
    """
    found: dict[tuple[uuid.UUID, str | uuid.UUID], uuid.UUID] = {}
    if resident_ids:
        for round_id, resident_id, entry_id in queries.entries_of_people(session, round_ids, resident_ids):
            found[round_id, resident_id] = entry_id
    for round_id, fingerprint, entry_id in queries.entries_of_phones(session, round_ids, fingerprints):
        found.setdefault((round_id, fingerprint), entry_id)
    return found


def roll_entries(
    session: Session, *, round_id: uuid.UUID, subject_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, RollEntry]:
    """Person or household -> their entry on the roll of a round; those who are not on it are left out."""
    return {row.subject_id: row for row in queries.roll_entries(session, round_id, subject_ids)}


def roll_entries_by_id(session: Session, *, entry_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, RollEntry]:
    """Several entries of rolls by their ids."""
    return {row.id: row for row in queries.roll_entries_by_id(session, entry_ids)}


def roll_page(
    session: Session, *, round_id: uuid.UUID, after: uuid.UUID | None, limit: int
) -> Sequence[RollEntry]:
    """Some of a roll, by entry, whose order says nothing."""
    return queries.roll_page(session, round_id, after=after, limit=limit)


def roll_units(session: Session, round_id: uuid.UUID) -> list[UnitOfRoll]:
    """How many are on the roll in each unit."""
    return queries.roll_units(session, round_id)


def roll_of_building(
    session: Session, *, round_id: uuid.UUID, community_code: str, building_id: uuid.UUID
) -> Sequence[RollEntry]:
    """The entries of one building of a round's roll."""
    return queries.roll_of_building(
        session, round_id=round_id, community_code=community_code, building_id=building_id
    )


def _views(session: Session, rows: Sequence[Round]) -> list[RoundView]:
    codes = queries.communities_of(session, [row.id for row in rows])
    return [RoundView(row, codes[row.id]) for row in rows]
