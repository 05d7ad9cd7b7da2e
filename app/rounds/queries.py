"""Reads of rounds and rolls."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.divisions import significant
from app.core.db import among, locked, rows_of
from app.rounds.models import RollEntry, RollUnit, Round, RoundCommunity, RoundProject
from app.rounds.rules import PUBLIC_STATES, RECORDED_KINDS, Electorate, RoundState

#: A result hangs out, and residents object, for at most so long after the closing.
LONGEST_AFTERMATH = dt.timedelta(days=92)


@dataclass(frozen=True)
class Door:
    """What decides whether a round takes ballots now, and from whom."""

    round_id: uuid.UUID
    status: RoundState
    closes_at: dt.datetime
    electorate: Electorate
    division_code: str


def round_(session: Session, round_id: uuid.UUID) -> Round | None:
    """One round."""
    return session.get(Round, round_id)


def round_locked(session: Session, round_id: uuid.UUID) -> Round | None:
    """One round, locked: casters hold it shared, closing waits for them and they for it."""
    statement = locked(select(Round).where(Round.id == round_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


_round = sa.inspect(Round).local_table.c
_DOORS_SHARED = (
    sa.select(_round.id, _round.status, _round.closes_at, _round.electorate, _round.division_code)
    .where(among(_round.id, "round_ids"))
    .order_by(_round.id)
    .with_for_update(read=True)  # SQLite's writer has the whole file already, and leaves this out
)


def doors_shared(session: Session, round_ids: Collection[uuid.UUID]) -> Sequence[Door]:
    """What a cast needs to know of rounds, which are locked against being closed meanwhile."""
    return [Door(*row) for row in rows_of(session, _DOORS_SHARED, round_ids=round_ids)]


def communities(session: Session, round_id: uuid.UUID) -> Sequence[str]:
    """Whose residents may vote."""
    return session.exec(
        select(RoundCommunity.community_code)
        .where(RoundCommunity.round_id == round_id)
        .order_by(col(RoundCommunity.community_code))
    ).all()


def communities_of(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The same for several rounds."""
    found: dict[uuid.UUID, list[str]] = {round_id: [] for round_id in round_ids}
    rows = session.exec(
        select(RoundCommunity)
        .where(col(RoundCommunity.round_id).in_(round_ids))
        .order_by(col(RoundCommunity.community_code))
    )
    for row in rows:
        found[row.round_id].append(row.community_code)
    return found


def overlapping(
    session: Session,
    *,
    besides: uuid.UUID,
    codes: Collection[str],
    opens_at: dt.datetime,
    closes_at: dt.datetime,
) -> Sequence[Round]:
    """Rounds that are to come or open in one of these communities at the same time, and drafts that were proposed."""
    votes_here = select(RoundCommunity.round_id).where(col(RoundCommunity.community_code).in_(codes))
    return session.exec(
        select(Round)
        .where(
            Round.id != besides,
            col(Round.id).in_(votes_here),
            col(Round.opens_at) < closes_at,
            col(Round.closes_at) > opens_at,
            sa.or_(
                col(Round.status).in_([RoundState.PUBLISHED, RoundState.OPEN]),
                sa.and_(col(Round.status) == RoundState.DRAFT, col(Round.proposed_by).is_not(None)),
            ),
        )
        .order_by(col(Round.opens_at), col(Round.id))
    ).all()


def in_span(
    session: Session, *, division: str, since: dt.datetime, until: dt.datetime, drafts: bool
) -> Sequence[Round]:
    """Rounds of a division that open or close within a span of time, or ended up to a quarter before it."""
    votes_here = select(RoundCommunity.round_id).where(
        col(RoundCommunity.community_code).startswith(significant(division))
    )
    statement = select(Round).where(
        col(Round.id).in_(votes_here), Round.opens_at < until, Round.closes_at >= since - LONGEST_AFTERMATH
    )
    if not drafts:
        statement = statement.where(col(Round.status).in_(PUBLIC_STATES))
    return session.exec(statement.order_by(col(Round.opens_at), col(Round.id))).all()


def under_way(session: Session, community_code: str, states: Collection[RoundState]) -> Sequence[Round]:
    """Rounds of a community in these states, oldest first; none of them moves on before this transaction ends."""
    votes_here = select(RoundCommunity.round_id).where(RoundCommunity.community_code == community_code)
    statement = select(Round).where(col(Round.id).in_(votes_here), col(Round.status).in_(states))
    ordered = statement.order_by(col(Round.opens_at), col(Round.id))
    found = session.execute(locked(ordered, session, share=True).execution_options(populate_existing=True))
    return found.scalars().all()


def delete_draft(session: Session, row: Round) -> None:
    """Delete a draft with its lists."""
    replace_lists(session, row.id)
    session.delete(row)


def projects(session: Session, round_id: uuid.UUID) -> Sequence[RoundProject]:
    """The list in its order."""
    return session.exec(
        select(RoundProject).where(RoundProject.round_id == round_id).order_by(col(RoundProject.position))
    ).all()


def lists_under_way(session: Session, project_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Rounds with a project on their published list whose result is not certified yet."""
    over = (RoundState.DRAFT, RoundState.CERTIFIED, RoundState.VOID, RoundState.CANCELLED)
    return session.exec(
        select(Round.id)
        .join(RoundProject, col(RoundProject.round_id) == col(Round.id))
        .where(RoundProject.project_id == project_id, col(Round.status).not_in(over))
    ).all()


def titles_under_way(
    session: Session, project_ids: Collection[uuid.UUID], *, besides: uuid.UUID
) -> Sequence[tuple[uuid.UUID, str]]:
    """(project, title of a round) for every other published round with the project whose result is not certified."""
    over = (RoundState.DRAFT, RoundState.CERTIFIED, RoundState.VOID, RoundState.CANCELLED)
    return session.exec(
        select(RoundProject.project_id, Round.title)
        .join(Round, col(Round.id) == col(RoundProject.round_id))
        .where(
            col(RoundProject.project_id).in_(project_ids), Round.id != besides, col(Round.status).not_in(over)
        )
        .order_by(col(Round.opens_at), col(Round.id))
    ).all()


def replace_lists(session: Session, round_id: uuid.UUID) -> None:
    """Clear communities and projects of a draft before they are written anew."""
    session.execute(sa.delete(RoundCommunity).where(col(RoundCommunity.round_id) == round_id))
    session.execute(sa.delete(RoundProject).where(col(RoundProject.round_id) == round_id))


def public_rounds(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[Round]:
    """Published rounds that concern a division (its own, or one of its communities votes), newest first."""
    statement = select(Round).where(col(Round.status).in_(PUBLIC_STATES))
    return session.exec(_window(statement, _prefixes(division), after, limit)).all()


def closing_between(
    session: Session, *, division: str, since: dt.datetime, until: dt.datetime, states: Collection[RoundState]
) -> Sequence[Round]:
    """Rounds with secret ballots that close in a span of time and in which somebody under a division votes, by closing.

    What was frozen is left out: it is long, and no figure.
    """
    statement = (
        select(Round)
        .options(defer(Round.frozen), defer(Round.description))  # type: ignore[arg-type]
        .where(
            col(Round.id).in_(_voting_under(division)), col(Round.closes_at) >= since, col(Round.closes_at) < until,
            col(Round.status).in_(states), col(Round.kind).not_in(RECORDED_KINDS),
        )
    )  # fmt: skip
    return session.exec(statement.order_by(col(Round.closes_at), col(Round.id))).all()


def first_closing(session: Session, *, division: str, states: Collection[RoundState]) -> dt.datetime | None:
    """When the first round in which somebody under a division votes closed, or closes."""
    found: dt.datetime | None = session.exec(
        select(sa.func.min(Round.closes_at)).where(
            col(Round.id).in_(_voting_under(division)), col(Round.status).in_(states)
        )
    ).one()
    return found


def lists_of(session: Session, round_ids: Collection[uuid.UUID]) -> Sequence[RoundProject]:
    """What stands on the lists of several rounds."""
    return session.exec(
        select(RoundProject)
        .where(col(RoundProject.round_id).in_(round_ids))
        .order_by(col(RoundProject.round_id), col(RoundProject.position))
    ).all()


def _voting_under(division: str) -> SelectOfScalar[uuid.UUID]:
    return select(RoundCommunity.round_id).where(
        col(RoundCommunity.community_code).startswith(significant(division))
    )


def drafts(
    session: Session, *, divisions: Sequence[str], after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[Round]:
    """Drafts under the divisions somebody works for."""
    statement = select(Round).where(col(Round.status) == RoundState.DRAFT)
    return session.exec(_window(statement, [significant(code) for code in divisions], after, limit)).all()


def _prefixes(division: str | None) -> list[str]:
    return [] if division is None else [significant(division)]


def _window(
    statement: SelectOfScalar[Round],
    prefixes: list[str],
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> SelectOfScalar[Round]:
    if prefixes:
        votes_here = (
            select(RoundCommunity.round_id)
            .where(
                RoundCommunity.round_id == Round.id,
                sa.or_(*(col(RoundCommunity.community_code).startswith(prefix) for prefix in prefixes)),
            )
            .exists()
        )
        own = sa.or_(*(col(Round.division_code).startswith(prefix) for prefix in prefixes))
        statement = statement.where(sa.or_(own, votes_here))
    if after is not None:
        at, round_id = after
        statement = statement.where(
            sa.or_(col(Round.created_at) < at, sa.and_(col(Round.created_at) == at, col(Round.id) > round_id))
        )
    return statement.order_by(col(Round.created_at).desc(), col(Round.id)).limit(limit)


def due_to_open(session: Session, now: dt.datetime, *, recorded: bool) -> Sequence[uuid.UUID]:
    """Published rounds, recorded or secret ones, whose opening time has come."""
    return session.exec(
        select(Round.id).where(
            Round.status == RoundState.PUBLISHED, Round.opens_at <= now, _of_kinds(recorded=recorded)
        )
    ).all()


def open_rounds(session: Session) -> Sequence[uuid.UUID]:
    """Rounds that are open."""
    return session.exec(select(Round.id).where(Round.status == RoundState.OPEN)).all()


def due_to_close(session: Session, now: dt.datetime, *, recorded: bool) -> Sequence[uuid.UUID]:
    """Open rounds, recorded or secret ones, whose closing time has come."""
    return session.exec(
        select(Round.id).where(
            Round.status == RoundState.OPEN, Round.closes_at <= now, _of_kinds(recorded=recorded)
        )
    ).all()


def _of_kinds(*, recorded: bool) -> sa.ColumnElement[bool]:
    kinds = col(Round.kind).in_(RECORDED_KINDS)
    return kinds if recorded else ~kinds


_entry = sa.inspect(RollEntry).local_table.c
_person = sa.table(
    "resident",
    sa.column("id", sa.Uuid()), sa.column("household_id", sa.Uuid()), sa.column("community_code", sa.String()),
    sa.column("phone_fingerprint", sa.String()), sa.column("moved_out_at", sa.DateTime()),
).c  # fmt: skip
_ENTRIES_OF_PHONES = (
    sa.select(_entry.round_id, _person.phone_fingerprint, _entry.id)
    .where(
        among(_person.phone_fingerprint, "fingerprints"),
        _person.moved_out_at.is_(None),
        among(_entry.round_id, "round_ids"),
        _entry.subject_id.in_(
            [_person.id, _person.household_id]
        ),  # whichever the round's electorate enrolled
    )
    .order_by(_person.community_code, _person.id)
)


def entries_of_phones(
    session: Session, round_ids: Collection[uuid.UUID], fingerprints: Collection[str]
) -> Sequence[tuple[uuid.UUID, str, uuid.UUID]]:
    """(round, phone fingerprint, entry) of the people behind phones on the rolls of these rounds."""
    return rows_of(session, _ENTRIES_OF_PHONES, round_ids=round_ids, fingerprints=fingerprints)


_ENTRIES_OF_PEOPLE = sa.select(_entry.round_id, _person.id, _entry.id).where(
    among(_person.id, "resident_ids"),
    _person.moved_out_at.is_(None),
    among(_entry.round_id, "round_ids"),
    _entry.subject_id.in_([_person.id, _person.household_id]),
)


def entries_of_people(
    session: Session, round_ids: Collection[uuid.UUID], resident_ids: Collection[uuid.UUID]
) -> Sequence[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]:
    """(round, resident, entry) of these people on the rolls of these rounds."""
    return rows_of(session, _ENTRIES_OF_PEOPLE, round_ids=round_ids, resident_ids=resident_ids)


def roll_entries(
    session: Session, round_id: uuid.UUID, subject_ids: Collection[uuid.UUID]
) -> Sequence[RollEntry]:
    """The entries of these people or households on a round's roll."""
    return session.exec(
        select(RollEntry).where(RollEntry.round_id == round_id, col(RollEntry.subject_id).in_(subject_ids))
    ).all()


def roll_entries_by_id(session: Session, entry_ids: Collection[uuid.UUID]) -> Sequence[RollEntry]:
    """Several entries."""
    return session.exec(select(RollEntry).where(col(RollEntry.id).in_(entry_ids))).all()


def roll_page(
    session: Session, round_id: uuid.UUID, *, after: uuid.UUID | None, limit: int
) -> Sequence[RollEntry]:
    """Some of a roll, by entry."""
    statement = select(RollEntry).where(RollEntry.round_id == round_id)
    if after is not None:
        statement = statement.where(col(RollEntry.id) > after)
    return session.exec(statement.order_by(col(RollEntry.id)).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class UnitOfRoll:
    """How many of a round's roll live in one unit."""

    number: int
    community_code: str
    building_id: uuid.UUID
    unit_id: uuid.UUID | None
    entries: int


_unit = sa.inspect(RollUnit).local_table.c
_ROLL_UNITS = (
    sa.select(_unit.number, _unit.community_code, _unit.building_id, _unit.unit_id, _unit.entries)
    .where(_unit.round_id == sa.bindparam("of"))
    .order_by(_unit.number)
)


def roll_units(session: Session, round_id: uuid.UUID) -> list[UnitOfRoll]:
    """How many of a roll live in each unit."""
    return [UnitOfRoll(*row) for row in rows_of(session, _ROLL_UNITS, of=round_id)]


def roll_of_building(
    session: Session, *, round_id: uuid.UUID, community_code: str, building_id: uuid.UUID
) -> Sequence[RollEntry]:
    """The entries of one building of a round's roll."""
    return session.exec(
        select(RollEntry).where(
            RollEntry.round_id == round_id,
            RollEntry.community_code == community_code,
            RollEntry.building_id == building_id,
        )
    ).all()
