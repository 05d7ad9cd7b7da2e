"""Opening a recorded round, with the roll of owners, and closing it."""

import uuid

import sqlalchemy as sa
from sqlmodel import Session

from app.access.actor import Actor
from app.core import clock
from app.core.canonical import Plain
from app.core.ids import new_id
from app.places import service as places
from app.recorded import queries, rules
from app.recorded.errors import DwellingsWithoutArea
from app.recorded.models import EntryOwner, OwnerEntry
from app.recorded.rules import Deed
from app.residents import service as residents
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.service import Roll
from app.tally.recorded import roll_digest

ROLL_BATCH = 5000


def open_round(session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool) -> Round:
    """Freeze the roll of owners and accept votes from now on.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        RoundWrongState: it is not published.
        TooEarly: its opening time has not come.
        DwellingsWithoutArea: the area of some is not known.
        NobodyOnTheRoll: there are no dwellings.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.open")
    rounds.check_recorded(row, instead="open")
    rounds.mark_open(session, row=row, actor=actor, early=early, freeze=_freeze_roll)
    return row


def close_round(session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool) -> Round:
    """Take no more votes; they are counted as soon as every form on paper has been compared.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        RoundWrongState: it is not open.
        TooEarly: its closing time has not come.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.close")
    rounds.check_recorded(row, instead="close")
    facts: dict[str, Plain] = {
        "dwellings_voted": queries.vote_count(session, round_id),
        "forms_waiting": queries.forms_waiting(session, round_id),
    }
    rounds.mark_closed(session, row=row, actor=actor, early=early, facts=facts)
    return row


def _freeze_roll(session: Session, row: Round) -> Roll:
    """One entry for each dwelling of the round's communities, whether or not its owner is known."""
    codes = rounds.community_codes(session, row.id)
    dwellings = [each for code in codes for each in places.households_of(session, code)]
    if missing := sum(each.area_centi_m2 is None for each in dwellings):
        raise DwellingsWithoutArea(count=missing)
    owners = residents.owners(session, community_codes=codes, on=clock.today())
    deeds = [
        Deed(each.resident_id, each.household_id, each.phone_fingerprint, each.person_fingerprint)
        for each in owners
    ]
    persons = rules.persons_of(deeds)
    heads = rules.heads_of([each.id for each in dwellings], deeds, persons)
    ids = {each.id: new_id() for each in dwellings}
    entries = [
        {
            "id": ids[each.id],
            "round_id": row.id,
            "household_id": each.id,
            "community_code": each.community_code,
            "area_centi_m2": each.area_centi_m2,
            "head": heads[each.id],
        }
        for each in dwellings
    ]
    owned = [
        {
            "entry_id": ids[each.household_id],
            "resident_id": each.resident_id,
            "round_id": row.id,
            "person": persons[each.resident_id],
            "may_act": each.adult,
        }
        for each in owners
    ]
    for table, lines in ((OwnerEntry, entries), (EntryOwner, owned)):
        for start in range(0, len(lines), ROLL_BATCH):
            session.execute(sa.insert(table), lines[start : start + ROLL_BATCH])
    digest = roll_digest((str(ids[each.id]), each.area_centi_m2 or 0, heads[each.id]) for each in dwellings)
    return Roll(size=len(entries), digest=digest)
