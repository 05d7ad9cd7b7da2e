"""Who has taken part, by building and unit and by which door, for staff; never how."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import queries, rules
from app.ballots.errors import NotOpenedYet
from app.ballots.models import BallotBox
from app.ballots.queries import UnitTurnout
from app.core.kept import Kept
from app.paper import service as paper
from app.places import rules as place_rules
from app.places import service as places
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound
from app.rounds.models import Round
from app.rounds.rules import AFTER_OPENING, Electorate
from app.rounds.service import UnitOfRoll


@dataclass(frozen=True)
class TurnoutUnit:
    """One stairwell of a building."""

    unit_id: uuid.UUID | None
    unit: str
    on_roll: int
    taken_part: int


@dataclass(frozen=True)
class Channels:
    """By which door ballots came, as far as that stands on an envelope: no device and no address does."""

    #: On a phone or computer, in one's own sign-in, from WeChat or a browser: the two are not told apart.
    own: int = 0
    #: In a sign-in by one-time code.
    with_code: int = 0
    #: With somebody's help, on their phone.
    assisted: int = 0
    on_paper: int = 0


@dataclass
class TurnoutLine:
    """One building; its units only for those who go to its doors."""

    community_code: str
    building_id: uuid.UUID
    building: str
    on_roll: int = 0
    taken_part: int = 0
    #: None where too few took part, or where it could be told from what is shown of the others.
    channels: Channels | None = None
    units: list[TurnoutUnit] = field(default_factory=list)


@dataclass(frozen=True)
class Turnout:
    """Who has taken part, by building; never how."""

    electorate: Electorate
    on_roll: int
    taken_part: int
    channels: Channels
    lines: list[TurnoutLine]


#: From so many on the roll the count by unit is shared by all who ask within some seconds: it takes a tenth of one.
SHARED_FROM = 5_000
SHARED_SECONDS, SHARED_MOST = 10.0, 32

Counts = Mapping[int, UnitTurnout]
SharedCounts = Kept[uuid.UUID, Counts]


def shared_counts() -> SharedCounts:
    """What keeps the counts of large rounds for an application."""
    return Kept(seconds=SHARED_SECONDS, most=SHARED_MOST)


def turnout(
    session: Session, *, round_id: uuid.UUID, actor: Actor, shared: SharedCounts | None = None
) -> Turnout:
    """Turnout by building, in those communities of the round in which the actor works; of a large one some seconds old.

    Units are for those alone who knock at their doors: a stairwell may be four households, and who only supervises
    has no need to know which of them are left.

    Raises:
        RoundNotFound: there is none, or no community of it is yours.
        RoundRecorded: its votes are not secret; they have a roll of their own.
        NotOpenedYet: it has no roll yet.
    """
    row = rounds.round_(session, round_id)
    codes = rounds.community_codes(session, round_id)
    mine = [code for code in codes if actor.may("turnout.read", code)]
    if not mine:
        raise RoundNotFound
    rounds.check_secret(row, instead="owners-roll")
    if row.status not in AFTER_OPENING:
        raise NotOpenedYet
    box = queries.box(session, round_id)
    if box is not None and box.erased:
        return _erased(session, row, box)
    units = [unit for unit in rounds.roll_units(session, round_id) if unit.community_code in mine]
    found = _counts(session, row, shared)
    cast = [(unit, found.get(unit.number) or UnitTurnout(unit.number)) for unit in units]
    doors = {code for code in mine if actor.may("door.list", code)}
    return Turnout(
        row.electorate,
        sum(unit.entries for unit in units),
        sum(each.taken_part for _, each in cast),
        _together(each for _, each in cast),
        _lines(session, mine, cast, doors),
    )


def closing_channels(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Channels]:
    """By which door the ballots of several closed rounds came, as it was posted at their closing."""
    sheets = paper.sheets_used_in(session, round_ids)
    bodies = queries.closing_bodies(session, round_ids)
    return {
        round_id: _posted(body, int(body["envelopes"]), sheets.get(round_id, 0))
        for round_id, body in bodies.items()
    }


def _counts(session: Session, row: Round, shared: SharedCounts | None) -> Counts:
    if shared is None or (row.roll_size or 0) < SHARED_FROM:
        return queries.turnout(session, row.id)
    return shared.get(row.id, lambda: queries.turnout(session, row.id))


def _lines(
    session: Session,
    codes: Sequence[str],
    cast: Sequence[tuple[UnitOfRoll, UnitTurnout]],
    doors: Collection[str],
) -> list[TurnoutLine]:
    buildings, units = places.names_in(session, community_codes=codes)
    lines: dict[uuid.UUID, TurnoutLine] = {}
    by_building: dict[uuid.UUID, list[UnitTurnout]] = defaultdict(list)
    for unit, each in cast:
        by_building[unit.building_id].append(each)
        line = lines.get(unit.building_id)
        if line is None:
            name = buildings.get(unit.building_id, "")
            line = lines[unit.building_id] = TurnoutLine(unit.community_code, unit.building_id, name)
        line.on_roll += unit.entries
        line.taken_part += each.taken_part
        if unit.community_code in doors:
            name = "" if unit.unit_id is None else units.get(unit.unit_id, "")
            line.units.append(TurnoutUnit(unit.unit_id, name, unit.entries, each.taken_part))
    split = rules.may_be_split({building_id: line.taken_part for building_id, line in lines.items()})
    for building_id, line in lines.items():
        line.channels = _together(by_building[building_id]) if building_id in split else None
        line.units.sort(key=lambda unit: place_rules.counted(unit.unit))
    return sorted(lines.values(), key=lambda line: (line.community_code, place_rules.counted(line.building)))


def _together(found: Iterable[UnitTurnout]) -> Channels:
    counts = list(found)
    return Channels(
        own=sum(each.own for each in counts),
        with_code=sum(each.with_code for each in counts),
        assisted=sum(each.assisted for each in counts),
        on_paper=sum(each.on_paper for each in counts),
    )


def _erased(session: Session, row: Round, box: BallotBox) -> Turnout:
    """The envelopes are gone on purpose; what is left to say is what was posted at the closing."""
    sheets = paper.sheets_used(session, round_id=row.id)
    online = box.envelopes or 0
    channels = _posted(queries.closing_body(session, row.id), online, sheets)
    return Turnout(row.electorate, row.roll_size or 0, online + sheets, channels, [])


def _posted(body: Mapping[str, Any], online: int, sheets: int) -> Channels:
    with_codes, assisted = int(body.get("cast_with_codes", 0)), int(body.get("assisted", 0))
    return Channels(
        own=online - with_codes, with_code=with_codes - assisted, assisted=assisted, on_paper=sheets
    )
