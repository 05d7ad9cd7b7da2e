"""Opening and closing, asked for by the ballot box, and the other ends of a round."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from app.access.actor import SYSTEM, Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain, sha256_hex
from app.core.ids import new_id
from app.outbox import service as outbox
from app.residents import service as residents
from app.rounds import queries, rules
from app.rounds.errors import (
    NobodyOnTheRoll,
    RoundNotFound,
    TooEarly,
)
from app.rounds.events import RoundClosed, RoundEnded, RoundOpened
from app.rounds.models import RollEntry, RollUnit, Round
from app.rounds.rules import Electorate, RoundState
from app.rounds.service.drafting import my_round
from app.rounds.service.reading import RoundView, community_codes

ROLL_BATCH = 5000


@dataclass(frozen=True)
class Roll:
    """A frozen roll: its size and the hash over its entries."""

    size: int
    digest: str


def cancel(session: Session, *, round_id: uuid.UUID, reason: str, actor: Actor) -> RoundView:
    """End a round before it opens, or void it afterwards, with a public reason. Nothing is deleted.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundWrongState: it has its result already.
    """
    row = my_round(session, round_id, actor, verb="round.cancel")
    to = RoundState.VOID if RoundState.VOID in rules.TRANSITIONS[row.status] else RoundState.CANCELLED
    row.status = rules.step(row.status, to)
    row.ended_reason = reason
    session.add(row)
    tag = Tag.ROUND_VOIDED if to is RoundState.VOID else Tag.ROUND_CANCELLED
    audit.record(
        session,
        chain=row.division_code,
        by=actor.ref,
        tag=tag,
        subject=f"round:{row.id}",
        facts={"reason": reason},
    )
    outbox.emit(session, RoundEnded(str(row.id), row.division_code, to.value), subject=f"round:{row.id}")
    return RoundView(row, community_codes(session, round_id))


def claim(
    session: Session, round_id: uuid.UUID, *, actor: Actor | None = None, verb: str | None = None
) -> Round:
    """A round, locked for a change of state; with an actor, only if the verb is theirs there.

    Raises:
        RoundNotFound: there is none, or it is not yours.
    """
    row = queries.round_locked(session, round_id)
    if row is None or (actor is not None and verb is not None and not actor.may(verb, row.division_code)):
        raise RoundNotFound
    return row


def mark_open(
    session: Session,
    *,
    row: Round,
    actor: Actor,
    early: bool,
    freeze: Callable[[Session, Round], Roll] | None = None,
) -> Roll:
    """Freeze the roll and open a claimed round; ``freeze`` writes the roll where it is not one of ballots.

    Raises:
        RoundWrongState: it is not published.
        TooEarly: its opening time has not come.
        NobodyOnTheRoll: nobody could vote.
    """
    status = rules.step(row.status, RoundState.OPEN)
    now = clock.database_now(session)
    if now < row.opens_at and not early:
        raise TooEarly(at=row.opens_at.isoformat())
    roll = (freeze or _freeze_roll)(session, row)
    if roll.size == 0:
        raise NobodyOnTheRoll
    row.status, row.opened_at = status, now
    row.roll_size, row.roll_digest = roll.size, roll.digest
    session.add(row)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=Tag.ROUND_OPENED, subject=f"round:{row.id}",
        facts={"roll_size": roll.size, "roll_digest": roll.digest},
    )  # fmt: skip
    outbox.emit(session, RoundOpened(str(row.id), row.division_code, roll.size), subject=f"round:{row.id}")
    return roll


def mark_closed(session: Session, *, row: Round, actor: Actor, early: bool, facts: dict[str, Plain]) -> None:
    """Close a claimed round.

    Raises:
        RoundWrongState: it is not open.
        TooEarly: its closing time has not come.
    """
    status = rules.step(row.status, RoundState.CLOSED)
    now = clock.database_now(session)
    if now < row.closes_at and not early:
        raise TooEarly(at=row.closes_at.isoformat())
    row.status, row.closed_at = status, now
    session.add(row)
    audit.record(
        session,
        chain=row.division_code,
        by=actor.ref,
        tag=Tag.ROUND_CLOSED,
        subject=f"round:{row.id}",
        facts=facts,
    )
    outbox.emit(session, RoundClosed(str(row.id), row.division_code), subject=f"round:{row.id}")


def mark(
    session: Session, *, row: Round, to: RoundState, tag: Tag, actor: Actor = SYSTEM,
    facts: dict[str, Plain] | None = None,
) -> None:  # fmt: skip
    """Move a claimed round to a later state and record it.

    Raises:
        RoundWrongState: it does not follow.
    """
    row.status = rules.step(row.status, to, recorded=row.kind in rules.RECORDED_KINDS)
    session.add(row)
    audit.record(
        session, chain=row.division_code, by=actor.ref, tag=tag, subject=f"round:{row.id}", facts=facts
    )


def _freeze_roll(session: Session, row: Round) -> Roll:
    """Write the roll: one entry per person, or per household with an adult in it, of the round's communities."""
    codes = community_codes(session, row.id)
    seen_subjects: set[uuid.UUID] = set()
    seen_phones: set[str] = set()
    units: dict[uuid.UUID, RollUnit] = {}
    pending: list[dict[str, object]] = []
    for person in residents.eligible_people(session, community_codes=codes, on=clock.today()):
        if row.electorate is Electorate.PERSON:
            # One person known in two communities of the same round has one ballot.
            if person.phone_fingerprint is not None:
                if person.phone_fingerprint in seen_phones:
                    continue
                seen_phones.add(person.phone_fingerprint)
            subject = person.resident_id
        else:
            subject = person.household_id
        if subject in seen_subjects:
            continue
        seen_subjects.add(subject)
        unit = units.get(person.unit_id)
        if unit is None:
            unit = units[person.unit_id] = RollUnit(
                round_id=row.id, number=len(units) + 1, community_code=person.community_code,
                building_id=person.building_id, unit_id=person.unit_id, entries=0,
            )  # fmt: skip
        unit.entries += 1
        pending.append(
            {
                "id": new_id(),
                "round_id": row.id,
                "subject_id": subject,
                "community_code": person.community_code,
                "building_id": person.building_id,
                "unit_number": unit.number,
            }
        )
    pending.sort(key=lambda entry: str(entry["id"]))  # the table's order says nothing
    for start in range(0, len(pending), ROLL_BATCH):
        session.execute(sa.insert(RollEntry), pending[start : start + ROLL_BATCH])
    session.add_all(units.values())
    ids = [str(entry["id"]) for entry in pending]
    return Roll(size=len(ids), digest=sha256_hex("\n".join(ids).encode()))
