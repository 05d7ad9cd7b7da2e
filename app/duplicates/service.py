"""The verbs of duplicates."""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import Plain
from app.core.kept import Kept
from app.duplicates import queries, rules
from app.duplicates.errors import DuplicateNotFound, NotMerged, RoundUnderWay
from app.duplicates.models import Duplicate
from app.duplicates.rules import Answer, DuplicateState, Row
from app.meetings import service as meetings
from app.places import service as places
from app.places.service import Dwelling
from app.recorded import service as recorded
from app.residents import service as residents
from app.residents.models import Resident
from app.residents.rules import Likeness, Tenure
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import RECORDED_KINDS, Electorate

#: A clerk works through them; the rest comes up when these are answered.
MOST_PAIRS = 100


@dataclass(frozen=True)
class Pair:
    """Two rows that may be one person: which of them may stay, and where they live."""

    one: Resident
    other: Resident
    homes: dict[uuid.UUID, Dwelling]
    likeness: tuple[Likeness, ...]
    one_stays: Answer
    other_stays: Answer
    signing_in: frozenset[uuid.UUID]


@dataclass(frozen=True)
class Merge:
    """A merge, with both rows and what colleagues call those who did it."""

    row: Duplicate
    kept: Resident
    gone: Resident
    homes: dict[uuid.UUID, Dwelling]
    by: str | None
    undone_by: str | None


def list_duplicates(session: Session, *, community_code: str, actor: Actor) -> tuple[list[Pair], int]:
    """The first pairs of rows that may be one person, by home, and how many there are.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="duplicate.list")
    apart = queries.told_apart(session, community_code)
    suspected = [
        each
        for each in residents.suspected_pairs(session, community_code=community_code)
        if frozenset({each.one_id, each.other_id}) not in apart
    ]
    shown = suspected[:MOST_PAIRS]
    ids = {row_id for each in shown for row_id in (each.one_id, each.other_id)}
    people = {row.id: row for row in residents.residents(session, resident_ids=ids)}
    homes = places.dwellings(session, household_ids={row.household_id for row in people.values()})
    under_way = rounds.under_way(session, community_code=community_code)
    signing_in = frozenset(row.id for row in people.values() if residents.signs_in(session, row))
    found = []
    for each in shown:
        one, other = people[each.one_id], people[each.other_id]
        one_row, other_row = _rows(session, one, other, under_way)
        same = one.household_id == other.household_id
        found.append(
            Pair(
                one, other, homes, each.likeness,
                one_stays=rules.may_take_in(one_row, other_row, one_home=same),
                other_stays=rules.may_take_in(other_row, one_row, one_home=same),
                signing_in=signing_in,
            )
        )  # fmt: skip
    return found, len(suspected)


#: How often a roster is looked through again though nothing of it has changed, and of how many it is remembered.
COUNTED_SECONDS, COUNTED_MOST = 3_600.0, 64

#: (community, version of its roster, pairs told apart) -> pairs.
SharedPairs = Kept[tuple[str, int, int], int]


def shared_pairs() -> SharedPairs:
    """What remembers for an application how many pairs there are: looking through a roster opens every name of it."""
    return Kept(seconds=COUNTED_SECONDS, most=COUNTED_MOST)


def count(session: Session, *, community_code: str, actor: Actor, shared: SharedPairs) -> int:
    """How many pairs of rows wait for somebody's word; an hour old where the roster has not changed.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="duplicate.list")
    apart = queries.told_apart(session, community_code)

    def look() -> int:
        found = residents.suspected_pairs(session, community_code=community_code)
        return sum(frozenset({each.one_id, each.other_id}) not in apart for each in found)

    version = residents.roster_version(session, community_code=community_code)
    return shared.get((community_code, version, len(apart)), look)


def merge(
    session: Session,
    *,
    community_code: str,
    kept_id: uuid.UUID,
    gone_id: uuid.UUID,
    reason: str,
    actor: Actor,
) -> Duplicate:
    """Make two rows one person: the kept one takes over what it lacks, the other is closed and stays on the record.

    Where the closed one attended a meeting, the kept one did.

    Codes on paper that stood for the closed row end. Ballots are never touched: where one is at stake, this is refused.

    Raises:
        DivisionNotFound: no such community, or not yours.
        ResidentNotFound: one of them does not live there.
        HasABallot, BothHaveABallot, PhoneHasABallot: a round under way forbids it.
        BothSignIn, OtherSignsIn, OwnsAnotherHome: something would be taken from somebody.
    """
    places.community(session, community_code, actor=actor, verb="duplicate.merge")
    # first the rounds: none of them freezes its roll while two rows become one
    under_way = rounds.under_way(session, community_code=community_code)
    kept, gone = residents.lock_pair(session, community_code=community_code, one_id=kept_id, other_id=gone_id)
    kept_row, gone_row = _rows(session, kept, gone, under_way)
    answer = rules.may_take_in(kept_row, gone_row, one_home=kept.household_id == gone.household_id)
    if answer.problem is not None:
        raise answer.problem
    journal = residents.merge_rows(session, kept=kept, gone=gone, take_phone=answer.take_phone)
    journal["attended"] = meetings.take_over_attendance(
        session, community_code=community_code, kept_id=kept.id, gone_id=gone.id
    )
    access.end_paper_codes(session, subject_ids=[gone.id])
    row = Duplicate(
        community_code=community_code,
        kept_id=kept.id,
        gone_id=gone.id,
        state=DuplicateState.MERGED,
        at=clock.now(),
        by=actor.ref,
        reason=reason,
        journal=json.dumps(journal, ensure_ascii=False),
    )
    session.add(row)
    _record(session, row, Tag.RESIDENT_MERGED, actor, took_phone=answer.take_phone)
    return row


def tell_apart(
    session: Session,
    *,
    community_code: str,
    one_id: uuid.UUID,
    other_id: uuid.UUID,
    reason: str,
    actor: Actor,
) -> Duplicate:
    """Note that two rows are two people; they are not shown as a pair any more.

    Raises:
        DivisionNotFound: no such community, or not yours.
        ResidentNotFound: one of them does not live there.
    """
    places.community(session, community_code, actor=actor, verb="duplicate.tell_apart")
    one, other = residents.lock_pair(session, community_code=community_code, one_id=one_id, other_id=other_id)
    row = Duplicate(
        community_code=community_code,
        kept_id=one.id,
        gone_id=other.id,
        state=DuplicateState.TOLD_APART,
        at=clock.now(),
        by=actor.ref,
        reason=reason,
    )
    session.add(row)
    _record(session, row, Tag.RESIDENTS_TOLD_APART, actor)
    return row


def list_merges(
    session: Session,
    *,
    community_code: str,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    actor: Actor,
) -> list[Merge]:
    """Merges of a community and those that were taken back, the newest first.

    Raises:
        DivisionNotFound: no such community, or not yours.
    """
    places.community(session, community_code, actor=actor, verb="duplicate.list")
    rows = queries.merges(session, community_code, after=after, limit=limit)
    ids = {row_id for row in rows for row_id in (row.kept_id, row.gone_id)}
    people = {each.id: each for each in residents.residents(session, resident_ids=ids)}
    homes = places.dwellings(session, household_ids={each.household_id for each in people.values()})
    names = access.staff_names(session, refs={ref for row in rows for ref in (row.by, row.undone_by) if ref})
    return [
        Merge(
            row, people[row.kept_id], people[row.gone_id], homes, names.get(row.by), names.get(row.undone_by or "")
        )
        for row in rows
    ]  # fmt: skip


def undo(session: Session, *, duplicate_id: uuid.UUID, actor: Actor) -> Duplicate:
    """Make two rows of one again: the closed one lives here as before, and has its number back.

    Meetings it attended are its own again.

    Raises:
        DuplicateNotFound: there is none, or it is not yours.
        NotMerged: it was taken back already.
        RoundUnderWay: the kept row stands on the roll of a round, and votes with what it took over.
        RowsTaken: somebody else has the number, or the place, of the row that would come back.
    """
    row = queries.duplicate_locked(session, duplicate_id)
    if (
        row is None
        or row.state is DuplicateState.TOLD_APART
        or not actor.may("duplicate.undo", row.community_code)
    ):
        raise DuplicateNotFound
    if row.state is not DuplicateState.MERGED or row.journal is None:
        raise NotMerged
    under_way = rounds.under_way(session, community_code=row.community_code)
    people = {each.id: each for each in residents.residents(session, resident_ids=[row.kept_id, row.gone_id])}
    kept, gone = people[row.kept_id], people[row.gone_id]
    for each in under_way:
        if _on_roll(session, each, [kept, gone], homes=kept.household_id != gone.household_id):
            raise RoundUnderWay(round=each.title)
    journal = json.loads(row.journal)
    residents.split_rows(session, kept=kept, gone=gone, journal=journal)
    meetings.give_back_attendance(
        session, community_code=row.community_code, kept_id=kept.id, gone_id=gone.id,
        journal=journal.get("attended", []),  # merges of old noted none
    )  # fmt: skip
    row.state, row.journal = DuplicateState.UNDONE, None
    row.undone_at, row.undone_by = clock.now(), actor.ref
    session.add(row)
    _record(session, row, Tag.RESIDENT_MERGE_UNDONE, actor)
    return row


# --- inside -------------------------------------------------------------------------------------------------------


def _rows(session: Session, one: Resident, other: Resident, under_way: Sequence[Round]) -> tuple[Row, Row]:
    """What matters of each of two rows."""
    ballots: dict[uuid.UUID, list[str]] = {one.id: [], other.id: []}
    phones: dict[uuid.UUID, list[str]] = {one.id: [], other.id: []}
    apart = one.household_id != other.household_id
    for each in under_way:
        for row_id in _on_roll(session, each, [one, other], homes=apart):
            ballots[row_id].append(each.title)
        for row in (one, other):
            if _number_votes_elsewhere(session, each, row):
                phones[row.id].append(each.title)
    return tuple(  # type: ignore[return-value]
        Row(
            has_phone=row.phone is not None,
            signs_in=residents.signs_in(session, row),
            is_owner=row.tenure is Tenure.OWNER,
            ballots=tuple(ballots[row.id]),
            phone_ballots=tuple(phones[row.id]),
        )
        for row in (one, other)
    )


def _on_roll(session: Session, round_: Round, people: Collection[Resident], *, homes: bool) -> set[uuid.UUID]:
    """Those who stand on the roll of a round: as people, as owners, or, if ``homes`` matter, by their home's ballot."""
    ids = [each.id for each in people]
    if round_.kind in RECORDED_KINDS:
        return recorded.owners_among(session, round_id=round_.id, resident_ids=ids)
    by_person = round_.electorate is Electorate.PERSON
    if not by_person and not homes:
        return set()  # one home, one ballot: it stays where it is
    subjects = {each.id if by_person else each.household_id: each.id for each in people}
    return {
        subjects[subject]
        for subject in rounds.roll_entries(session, round_id=round_.id, subject_ids=list(subjects))
    }


def _number_votes_elsewhere(session: Session, round_: Round, row: Resident) -> bool:
    """Whether somebody's number has a ballot in a round as a person of another community."""
    if row.phone_fingerprint is None or round_.kind in RECORDED_KINDS:
        return False
    others = [
        each
        for each in residents.people_behind(session, phone_fingerprint=row.phone_fingerprint)
        if each.id != row.id
    ]
    return bool(others) and bool(_on_roll(session, round_, others, homes=True))


def _record(session: Session, row: Duplicate, tag: Tag, actor: Actor, **facts: Plain) -> None:
    """One entry about each of the two, so that either one's story tells it."""
    for subject, other in ((row.kept_id, row.gone_id), (row.gone_id, row.kept_id)):
        audit.record(
            session, chain=row.community_code, by=actor.ref, tag=tag, subject=f"resident:{subject}",
            facts={"duplicate": str(row.id), "other": str(other), "kept": subject == row.kept_id, **facts},
        )  # fmt: skip
