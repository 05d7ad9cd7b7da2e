"""Reads: the roll for those who run the vote, the decision for everybody, the votes for the owners."""

import json
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from app.access.actor import AccountKind, Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, vault
from app.places import service as places
from app.places.service import Dwelling
from app.recorded import queries, rules
from app.recorded.errors import NoDecisionYet, NotAnOwner
from app.recorded.models import OwnerEntry, OwnersDecision, VoteAct
from app.recorded.queries import RollTotals
from app.recorded.rules import NoticePeriod
from app.recorded.service.acts import owns_here, recorded_round
from app.residents import service as residents
from app.residents.rules import masked_name
from app.residents.service import Reason
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound, RoundNotOpen
from app.rounds.models import Round
from app.rounds.rules import AFTER_OPENING, KindRule
from app.tally.double_quorum import Choice, Decision
from app.tally.recorded import decision_of


@dataclass(frozen=True)
class Named:
    """Dwellings with how they are named and the acts in force."""

    entries: Sequence[OwnerEntry]
    names: Mapping[uuid.UUID, Dwelling]
    votes: Mapping[uuid.UUID, VoteAct]


@dataclass(frozen=True)
class OwnersRoll:
    """Some of a roll, with its owners' masked names and its totals."""

    lines: Named
    #: Dwelling -> (resident, masked name).
    owners: Mapping[uuid.UUID, Sequence[tuple[uuid.UUID, str]]]
    totals: RollTotals
    taken_part: int


@dataclass(frozen=True)
class CountedVote:
    """A vote as it is listed: nothing in it, nor its place in the list, leads to a line of the roll."""

    #: By which the list is ordered: a keyed hash.
    place: str
    building: str
    unit: str
    choice: Choice


@dataclass(frozen=True)
class DecisionView:
    """A decision with its round and what was counted, but for the votes one by one."""

    round: Round
    row: OwnersDecision
    facts: Mapping[str, Any]
    decision: Decision
    law: KindRule


def to_compare(session: Session, *, round_id: uuid.UUID, actor: Actor) -> tuple[int, int]:
    """(forms, proxies on paper) of a round that wait for this person's comparing: somebody else has entered them."""
    return queries.to_compare(session, round_id, by=actor.ref)


def owners_roll(
    session: Session, *, round_id: uuid.UUID, after: uuid.UUID | None, limit: int, actor: Actor
) -> OwnersRoll:
    """Some dwellings of a roll: whose, how large, and whether a vote is in force; not which.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        RoundNotOpen: it has no roll yet.
    """
    _roll_of(session, round_id, actor)
    return _owners_roll(session, round_id, queries.entries_page(session, round_id, after=after, limit=limit))


def search_owners_roll(
    session: Session, *, round_id: uuid.UUID, text: str, limit: int, actor: Actor
) -> OwnersRoll:
    """The dwellings of a roll behind a door as people type it (``3-2-501``), or of owners of a name.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        RoundNotOpen: it has no roll yet.
    """
    _roll_of(session, round_id, actor)
    homes: set[uuid.UUID] = set()
    for code in rounds.community_codes(session, round_id):
        homes |= places.search_dwellings(session, community_code=code, text=text).keys()
    if homes:
        return _owners_roll(
            session, round_id, queries.entries_of_households(session, round_id, homes)[:limit]
        )
    called = {
        person.id
        for code in rounds.community_codes(session, round_id)
        for person, _ in residents.adults(session, community_code=code, on=clock.today())
        if text in person.name
    }
    persons = queries.persons_among(session, round_id, called, acting=False)
    return _owners_roll(session, round_id, queries.entries_of_persons(session, round_id, persons)[:limit])


def entries_without_vote(
    session: Session, *, round_id: uuid.UUID, after: uuid.UUID | None, limit: int
) -> tuple[dict[uuid.UUID, list[uuid.UUID]], uuid.UUID | None]:
    """Those of some dwellings of a roll for which nobody voted -> who owns them; and the last of the some."""
    page = queries.entries_page(session, round_id, after=after, limit=limit)
    ids = [entry.id for entry in page]
    voted = queries.votes(session, ids)
    missing = [each for each in ids if each not in voted]
    return queries.owners_rows(session, round_id, missing), ids[-1] if ids else None


def entries_of_households(
    session: Session, *, round_id: uuid.UUID, household_ids: Collection[uuid.UUID]
) -> Sequence[OwnerEntry]:
    """Some dwellings of a roll, as the roster names them."""
    return queries.entries_of_households(session, round_id, household_ids)


def answered_among(session: Session, *, entry_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of some dwellings of a roll whose owners have answered; never how.

    A form counts from the moment it is entered, although somebody has yet to compare it: nobody need be asked again. A
    proxy does not, until its holder has voted.
    """
    return queries.answered_among(session, entry_ids)


def decision(session: Session, *, round_id: uuid.UUID) -> DecisionView:
    """What came of a round, for everybody.

    Raises:
        RoundNotFound: there is no such round.
        RoundSecret: its ballots are secret.
        NoDecisionYet: it is not counted.
    """
    row = recorded_round(session, round_id, instead="result")
    found = queries.decision(session, round_id)
    if found is None:
        raise NoDecisionYet
    facts = json.loads(found.facts)
    return DecisionView(row, found, facts, decision_of(facts), rounds.law_of(row))


def notice_periods(session: Session, round_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, NoticePeriod]:
    """How long the announced decisions of some rounds hang out; those without one are left out."""
    return {period.round_id: period for period in queries.notice_periods(session, round_ids)}


def decision_votes(
    session: Session, *, round_id: uuid.UUID, after: str | None, limit: int, actor: Actor
) -> list[CountedVote]:
    """How dwellings voted, once it is counted, for owners on the roll and those who run the vote.

    Those who do read the roll too, with rooms and ways. So the votes come in an order of their own, without the way
    each came in, and name a building or unit only where enough voted.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        NotAnOwner: no dwelling on the roll is yours.
        NoDecisionYet: it is not counted.
    """
    _check_insider(session, round_id, actor, verb="decision.list_votes")
    acts = queries.votes_of_round(session, round_id)
    entries = [entry for entry in queries.entries(session, round_id) if entry.id in acts]
    homes: dict[uuid.UUID, Dwelling] = {}
    for code in rounds.community_codes(session, round_id):
        homes |= places.names_of(session, code)
    keep = vault.current()
    listed = [
        CountedVote(
            keep.fingerprint(f"{round_id}\0{entry.id}", "recorded.votes"),
            homes[entry.household_id].building, homes[entry.household_id].unit, acts[entry.id].choice,
        )
        for entry in entries
    ]  # fmt: skip
    listed.sort(key=lambda vote: vote.place)
    first = 0 if after is None else bisect_right(listed, after, key=lambda vote: vote.place)
    return _unnamed(listed)[first : first + limit]


def decision_record(session: Session, *, round_id: uuid.UUID, actor: Actor) -> tuple[dict[str, Any], str]:
    """Everything that was counted, and the signature over it, for the owners on the roll.

    They know their own entries alone, find their own receipts by them, and count the rest again.

    Raises:
        RoundNotFound, RoundSecret, NotAnOwner, NoDecisionYet.
    """
    view = _check_insider(session, round_id, actor, verb="decision.export")
    return _record(session, view)


def disclose_record(
    session: Session, *, round_id: uuid.UUID, reason: Reason, actor: Actor
) -> tuple[dict[str, Any], str]:
    """The same for those who run the vote and read the roll: beside it, it says how every dwelling voted.

    It is needed where a decision is contested (Civil Code, art. 280); the reason is kept and listed.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundSecret: its ballots are secret.
        NoDecisionYet: it is not counted.
    """
    view = _check_insider(session, round_id, actor, verb="decision.export_unmasked")
    shown = Counter(entry.community_code for entry in queries.entries(session, round_id))
    for community_code, dwellings in sorted(shown.items()):
        residents.note_list_shown(
            session, community_code=community_code, people=dwellings, reason=reason, actor=actor
        )
    audit.record(
        session, chain=view.round.division_code, by=actor.ref, tag=Tag.DECISION_EXPORTED,
        subject=f"round:{round_id}", facts={"purpose": reason.purpose.value},
    )  # fmt: skip
    return _record(session, view)


def _record(session: Session, view: DecisionView) -> tuple[dict[str, Any], str]:
    record = queries.record(session, view.round.id)
    assert record is not None
    body: dict[str, Any] = json.loads(record.body)
    return body, view.row.signature


def _unnamed(votes: Sequence[CountedVote]) -> list[CountedVote]:
    """The same votes, without the names of buildings and units in which too few voted."""
    buildings = rules.without_name(Counter(vote.building for vote in votes))
    units = {
        building: rules.without_name(Counter(vote.unit for vote in votes if vote.building == building))
        for building in {vote.building for vote in votes}
    }
    masked = rules.MASKED_ROOM
    return [
        replace(vote, building=masked, unit=masked) if vote.building in buildings
        else replace(vote, unit=masked) if vote.unit in units[vote.building]
        else vote
        for vote in votes
    ]  # fmt: skip


def _roll_of(session: Session, round_id: uuid.UUID, actor: Actor) -> Round:
    row = rounds.round_(session, round_id)
    if not actor.may("owners_roll.list", row.division_code):
        raise RoundNotFound
    rounds.check_recorded(row, instead="turnout")
    if row.status not in AFTER_OPENING:
        raise RoundNotOpen(state=row.status.value)
    return row


def _owners_roll(session: Session, round_id: uuid.UUID, entries: Sequence[OwnerEntry]) -> OwnersRoll:
    owners = queries.owners_of(session, [entry.id for entry in entries])
    ids = {one for each in owners.values() for one in each}
    names = {person.id: masked_name(person.name) for person in residents.residents(session, resident_ids=ids)}
    return OwnersRoll(
        lines=_named(session, entries),
        owners={entry_id: [(one, names.get(one, "")) for one in each] for entry_id, each in owners.items()},
        totals=queries.totals(session, round_id),
        taken_part=queries.vote_count(session, round_id),
    )


def _check_insider(session: Session, round_id: uuid.UUID, actor: Actor, *, verb: str) -> DecisionView:
    row = recorded_round(session, round_id, instead="result")
    if not actor.may(verb, row.division_code):
        if actor.kind is not AccountKind.RESIDENT:
            raise RoundNotFound
        if not owns_here(session, round_id, actor):
            raise NotAnOwner
    return decision(session, round_id=round_id)


def _named(session: Session, entries: Sequence[OwnerEntry]) -> Named:
    votes = queries.votes(session, [entry.id for entry in entries])
    return Named(
        entries=entries,
        names=places.dwellings(session, household_ids=[entry.household_id for entry in entries]),
        votes={entry_id: act for entry_id, (_, act) in votes.items()},
    )
