"""The verbs of doors.

No mark goes into the record of acts: what stands there stays for ever, and who did not want to be asked must not.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.ballots import service as ballots
from app.core import clock
from app.doors import queries, rules
from app.doors.errors import DoorNotFound, DoorsClosed, DoorTookPart
from app.doors.models import DoorVisit
from app.doors.rules import DoorCounts, Mark
from app.places import rules as place_rules
from app.places import service as places
from app.recorded import service as recorded
from app.residents import service as residents
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, Electorate, RoundState


@dataclass(frozen=True)
class Door:
    """A household with somebody on the roll who has not taken part."""

    household_id: uuid.UUID
    room: str
    on_roll: int
    not_taken_part: int
    mark: Mark | None
    marked_on: dt.date | None


@dataclass(frozen=True)
class DoorUnit:
    """The doors of one stairwell, by room."""

    unit_id: uuid.UUID
    unit: str
    counts: DoorCounts
    doors: list[Door]


@dataclass(frozen=True)
class Walk:
    """The doors of a building at which somebody may knock."""

    round_id: uuid.UUID
    title: str
    community_code: str
    building_id: uuid.UUID
    building: str
    closes_at: dt.datetime
    electorate: Electorate
    counts: DoorCounts
    units: list[DoorUnit]


def list_doors(
    session: Session,
    *,
    round_id: uuid.UUID,
    building_id: uuid.UUID,
    unit_id: uuid.UUID | None,
    actor: Actor,
    verb: str = "door.list",
) -> Walk:
    """Households of a building, or of one unit of it, with somebody who has not taken part, and what was found there.

    Worked out as it is asked for; kept are the marks alone. Where owners decide, these are the dwellings for which no
    vote is in force and no signed form has been handed in; which way anybody voted stands nowhere in it.

    Raises:
        RoundNotFound: there is none, or none that concerns a community of yours.
        DoorsClosed: it is not open.
        DoorNotFound: nobody of this building, or unit, is on its roll, or it is not yours.
    """
    row = _open_round(session, round_id, actor, verb=verb)
    building = places.building(session, building_id)
    if building is None or not _mine(session, row, building.community_code, actor, verb=verb):
        raise DoorNotFound
    voters = _voters(session, row, building.community_code, building_id)
    units = [
        unit
        for unit in _units(session, row, voters, building.community_code, building_id)
        if unit_id in {None, unit.unit_id}
    ]
    if not units:
        raise DoorNotFound
    return Walk(
        round_id, row.title, building.community_code, building_id, building.name, row.closes_at, row.electorate,
        rules.count(door.mark for unit in units for door in unit.doors), units,
    )  # fmt: skip


def mark_door(
    session: Session, *, round_id: uuid.UUID, household_id: uuid.UUID, mark: Mark, actor: Actor
) -> Door:
    """Note what was found at a door; another mark takes the place of the one before.

    Raises:
        RoundNotFound, DoorsClosed: as for the list.
        DoorNotFound: nobody of this household is on the roll, or it is not yours.
        DoorTookPart: everybody there has taken part.
    """
    door = _door(session, round_id, household_id, actor, verb="door.mark")
    row = queries.visit(session, round_id, household_id)
    if row is None:
        row = DoorVisit(round_id=round_id, household_id=household_id, mark=mark, marked_on=clock.today())
    row.mark, row.marked_on = mark, clock.today()
    session.add(row)
    return Door(household_id, door.room, door.on_roll, door.not_taken_part, row.mark, row.marked_on)


def unmark_door(session: Session, *, round_id: uuid.UUID, household_id: uuid.UUID, actor: Actor) -> None:
    """Take a mark back; where there is none, nothing happens.

    Raises:
        RoundNotFound, DoorsClosed: as for the list.
        DoorNotFound: nobody of this household is on the roll, or it is not yours.
        DoorTookPart: everybody there has taken part.
    """
    _door(session, round_id, household_id, actor, verb="door.unmark")
    row = queries.visit(session, round_id, household_id)
    if row is not None:
        session.delete(row)


def print_doors(
    session: Session, *, round_id: uuid.UUID, building_id: uuid.UUID, unit_id: uuid.UUID | None, actor: Actor
) -> Walk:
    """What a printed list shows; that one was printed, and of how many doors, stands in the record.

    Raises:
        RoundNotFound, DoorsClosed, DoorNotFound: as for the list.
    """
    walk = list_doors(
        session, round_id=round_id, building_id=building_id, unit_id=unit_id, actor=actor, verb="door.print"
    )
    audit.record(
        session, chain=walk.community_code, by=actor.ref, tag=Tag.DOORS_PRINTED, subject=f"round:{round_id}",
        facts={"doors": walk.counts.doors},
    )  # fmt: skip
    return walk


def forget(session: Session, *, round_id: uuid.UUID) -> None:
    """Delete what was found at the doors: the round is over."""
    queries.forget(session, round_id)


# --- inside ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Voter:
    """An entry of a roll, of whichever kind, and the household where it is asked."""

    entry_id: uuid.UUID
    household_id: uuid.UUID


def _open_round(session: Session, round_id: uuid.UUID, actor: Actor, *, verb: str) -> Round:
    row = rounds.round_(session, round_id)
    if not any(actor.may(verb, code) for code in rounds.community_codes(session, round_id)):
        raise RoundNotFound
    if row.status is not RoundState.OPEN or clock.database_now(session) >= row.closes_at:
        raise DoorsClosed
    return row


def _mine(session: Session, row: Round, community_code: str, actor: Actor, *, verb: str) -> bool:
    return actor.may(verb, community_code) and community_code in rounds.community_codes(session, row.id)


def _door(session: Session, round_id: uuid.UUID, household_id: uuid.UUID, actor: Actor, *, verb: str) -> Door:
    """One door at which somebody may knock."""
    row = _open_round(session, round_id, actor, verb=verb)
    (household,) = places.households(session, [household_id]) or (None,)
    if household is None or not _mine(session, row, household.community_code, actor, verb=verb):
        raise DoorNotFound
    voters = _voters(session, row, household.community_code, household.building_id)
    behind = [voter for voter in voters if voter.household_id == household_id]
    if not behind:
        raise DoorNotFound
    left = _left(session, row, behind)
    if not left:
        raise DoorTookPart
    return Door(household_id, household.room, len(behind), len(left), mark=None, marked_on=None)


def _units(
    session: Session, row: Round, voters: Sequence[_Voter], community_code: str, building_id: uuid.UUID
) -> list[DoorUnit]:
    behind: dict[uuid.UUID, list[_Voter]] = {}
    for voter in voters:
        behind.setdefault(voter.household_id, []).append(voter)
    left = _left(session, row, voters)
    visits = queries.visits(session, row.id, list(behind))
    by_unit: dict[uuid.UUID, list[Door]] = {}
    for household in places.households(session, list(behind)):
        if household.building_id != building_id:  # moved since the roll was frozen
            continue
        of_door = behind[household.id]
        waiting = sum(voter.entry_id in left for voter in of_door)
        doors = by_unit.setdefault(household.unit_id, [])
        if waiting:
            visit = visits.get(household.id)
            doors.append(
                Door(
                    household.id,
                    household.room,
                    len(of_door),
                    waiting,
                    None if visit is None else visit.mark,
                    None if visit is None else visit.marked_on,
                )
            )
    _, names = places.names_in(session, community_codes={community_code})
    units = [
        DoorUnit(
            unit_id,
            names.get(unit_id, ""),
            rules.count(door.mark for door in doors),
            sorted(doors, key=lambda door: place_rules.counted(door.room)),
        )
        for unit_id, doors in by_unit.items()
    ]
    return sorted(units, key=lambda unit: place_rules.counted(unit.unit))


def _voters(session: Session, row: Round, community_code: str, building_id: uuid.UUID) -> list[_Voter]:
    """Who, or what, of a building is on the roll: people, households, or where owners decide, dwellings."""
    if row.kind in RECORDED_KINDS:
        dwellings = recorded.entries_of_households(
            session, round_id=row.id, household_ids=places.household_ids(session, building_id=building_id)
        )
        return [_Voter(each.id, each.household_id) for each in dwellings]
    entries = rounds.roll_of_building(
        session, round_id=row.id, community_code=community_code, building_id=building_id
    )
    subjects = [entry.subject_id for entry in entries]
    homes = (
        {subject: subject for subject in subjects}
        if row.electorate is Electorate.HOUSEHOLD
        else residents.homes_of(session, resident_ids=subjects)
    )
    return [_Voter(entry.id, homes[entry.subject_id]) for entry in entries if entry.subject_id in homes]


def _left(session: Session, row: Round, voters: Sequence[_Voter]) -> set[uuid.UUID]:
    """Those entries that have not taken part."""
    ids = [voter.entry_id for voter in voters]
    done = (
        recorded.answered_among(session, entry_ids=ids)
        if row.kind in RECORDED_KINDS
        else ballots.taken_part_among(session, round_id=row.id, entry_ids=ids)
    )
    return set(ids) - done
