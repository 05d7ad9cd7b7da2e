"""The desk where sheets of paper are handed out: what a sheet means for the ballot of the same entry online.

One ballot for each entry over both channels rests on the envelope's row: a cast and a sign-in that meet there wait for
one another, and the second sees what the first has done.
"""

import hmac
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import queries
from app.ballots.errors import AlreadyVotedOnline
from app.ballots.keystore import KeyStore
from app.core import clock
from app.core.errors import DomainError, Unavailable
from app.paper import service as paper
from app.paper.errors import AlreadySignedIn, CommunityNotInRound, NotOnThisRoll, PaperNotOffered
from app.paper.models import PaperSignIn
from app.places import service as places
from app.places.service import Dwelling
from app.residents import service as residents
from app.residents.models import Resident
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import Electorate, PaperPolicy

#: How often an empty envelope that vanishes is met again before whoever is at the desk is asked to try later.
_TRIES = 3
#: So many are shown of those who could be meant; who finds more types more.
MOST_FOUND = 60


@dataclass(frozen=True)
class AtTheDesk:
    """Somebody, or a household, who may come for a sheet; never how they voted."""

    subject_id: uuid.UUID
    people: Sequence[Resident]
    dwelling: Dwelling
    #: Why they get no sheet.
    refusal: DomainError | None


@dataclass(frozen=True)
class Signature:
    """Somebody, or a household, who took a sheet."""

    sign_in: PaperSignIn
    people: Sequence[Resident]
    dwelling: Dwelling | None


def sign_in(
    session: Session, *, batch_id: uuid.UUID, subject_id: uuid.UUID, keys: KeyStore, actor: Actor
) -> PaperSignIn:
    """Hand a sheet of a batch to a person, or a household, on the roll; those it stands for are told.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundNotOpen, RoundClosed: as for casting.
        PaperBatchEnded, PaperBatchReturned, PaperBatchUsedUp: the batch has no sheet to give.
        PaperNotOffered: the round has no ballots on paper.
        NotOnThisRoll: nobody of the batch's community has this id on the roll.
        AlreadySignedIn: they took a sheet.
        AlreadyVotedOnline: they have voted online, and what came first counts.
        Unavailable: another desk signs them in and out again all the while.
        KeyMissing: the round's keys are not here.
    """
    claimed = paper.claim_desk(session, batch_id=batch_id, actor=actor, verb="paper.sign_in")
    row, batch = claimed.round, claimed.batch
    if row.paper is PaperPolicy.NONE:
        raise PaperNotOffered
    entry = rounds.roll_entries(session, round_id=row.id, subject_ids=[subject_id]).get(subject_id)
    people = [each for each in _people(session, row, [subject_id]) if each.moved_out_at is None]
    if entry is None or entry.community_code != batch.community_code or not people:
        raise NotOnThisRoll
    # the envelope before the record, as casting takes them: two that wait for one another would wait for ever
    _close_online_door(session, row, entry.id)
    return paper.add_sign_in(
        session, batch=batch, entry_id=entry.id, entry_hmac=_fingerprint(keys, row.id, entry.id), actor=actor,
        resident_ids=[each.id for each in people if each.phone is not None],
    )  # fmt: skip


def undo_sign_in(
    session: Session, *, batch_id: uuid.UUID, entry_id: uuid.UUID, reason: str, keys: KeyStore, actor: Actor
) -> None:
    """Take back a sign-in that was a clerk's error; a ballot online is in force again as it was before.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundNotOpen, RoundClosed: as for casting.
        PaperBatchEnded, PaperBatchReturned: its signatures are counted already.
        PaperSignInNotFound: nobody took a sheet of this batch under this entry.
        KeyMissing: the round's keys are not here.
    """
    claimed = paper.claim_desk(session, batch_id=batch_id, actor=actor, verb="paper.undo_sign_in")
    if claimed.round.paper is not PaperPolicy.ONLINE_WINS:
        queries.take_off_paper(session, round_id=claimed.round.id, entry_id=entry_id)
    paper.remove_sign_in(
        session, batch=claimed.batch, entry_id=entry_id, reason=reason, actor=actor,
        entry_hmac=_fingerprint(keys, claimed.round.id, entry_id),
    )  # fmt: skip


def look_up(
    session: Session,
    *,
    round_id: uuid.UUID,
    community_code: str,
    building: str,
    unit: str | None,
    room: str | None,
    actor: Actor,
) -> list[AtTheDesk]:
    """Who lives in a building, or in one unit or room of it, and whether they can get a sheet, or why not.

    Raises:
        CommunityNotInRound: the community does not vote in this round, or is not yours.
        RoundNotFound, RoundNotOpen, RoundClosed: nobody gets a sheet now.
        PaperNotOffered: the round has no ballots on paper.
    """
    row = _desk_of(session, round_id, community_code, actor)
    dwellings = places.find_dwellings(
        session, community_code=community_code, building=building, unit=unit, room=room
    )
    return _found(session, row, dwellings, residents.living_in(session, household_ids=list(dwellings)))


def search_desk(
    session: Session, *, round_id: uuid.UUID, community_code: str, text: str, actor: Actor
) -> tuple[list[AtTheDesk], bool]:
    """Who may stand at the desk, by a door as people type it (``3-2-501``) or by name; and whether there are more.

    Raises:
        CommunityNotInRound: the community does not vote in this round, or is not yours.
        RoundNotFound, RoundNotOpen, RoundClosed: nobody gets a sheet now.
        PaperNotOffered: the round has no ballots on paper.
    """
    row = _desk_of(session, round_id, community_code, actor)
    dwellings = places.search_dwellings(session, community_code=community_code, text=text)
    if dwellings:
        people = residents.living_in(session, household_ids=list(dwellings))
    else:
        called = [
            each
            for each in residents.adults(session, community_code=community_code, on=clock.today())
            if text in each[0].name
        ]
        dwellings = {person.household_id: dwelling for person, dwelling in called}
        people = [person for person, _ in called]
        if row.electorate is not Electorate.PERSON:
            people = residents.living_in(session, household_ids=list(dwellings))
    found = _found(session, row, dwellings, people)
    return found[:MOST_FOUND], len(found) > MOST_FOUND


def list_sign_ins(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> list[Signature]:
    """Who signed in for the sheets of a batch; after closing also whose outer envelope is never opened.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
    """
    batch, sign_ins = paper.list_sign_ins(session, batch_id=batch_id, actor=actor)
    row = rounds.round_(session, batch.round_id)
    entries = rounds.roll_entries_by_id(session, entry_ids=[each.entry_id for each in sign_ins])
    people = _people(session, row, [entry.subject_id for entry in entries.values()])
    dwellings = places.dwellings(session, household_ids={each.household_id for each in people})
    by_subject: dict[uuid.UUID, list[Resident]] = {}
    for each in people:
        by_subject.setdefault(_subject_of(row, each), []).append(each)
    signatures = []
    for sign_in in sign_ins:
        behind = by_subject.get(entries[sign_in.entry_id].subject_id, [])
        dwelling = dwellings.get(behind[0].household_id) if behind else None
        signatures.append(Signature(sign_in, behind, dwelling))
    return sorted(signatures, key=lambda each: each.dwelling.in_words if each.dwelling else "")


def _desk_of(session: Session, round_id: uuid.UUID, community_code: str, actor: Actor) -> Round:
    row = rounds.round_(session, round_id)
    if community_code not in rounds.community_codes(session, round_id) or not actor.may(
        "paper.look_up", community_code
    ):
        raise CommunityNotInRound
    rounds.check_open(rounds.door_of(row), clock.database_now(session))
    if row.paper is PaperPolicy.NONE:
        raise PaperNotOffered
    return row


def _found(
    session: Session, row: Round, dwellings: Mapping[uuid.UUID, Dwelling], people: Sequence[Resident]
) -> list[AtTheDesk]:
    """Those behind some doors, in the order of the doors, and whether each can get a sheet."""
    households = _by_household(people)
    found = [
        (subject_id, behind, dwelling)
        for household_id, dwelling in dwellings.items()
        for subject_id, behind in _subjects(row, household_id, households.get(household_id, []))
    ]
    refusals = _refusals(session, row, [subject_id for subject_id, _, _ in found])
    return [AtTheDesk(*each, refusals[each[0]]) for each in found]


def _fingerprint(keys: KeyStore, round_id: uuid.UUID, entry_id: uuid.UUID) -> str:
    """By what the record tells entries apart: as long as the round's key lives, and for nobody afterwards."""
    return hmac.new(keys.request_key(round_id), b"paper sign-in" + entry_id.bytes, sha256).hexdigest()


def _close_online_door(session: Session, row: Round, entry_id: uuid.UUID) -> None:
    """Let the sheet be the entry's one ballot, unless online ballots win.

    Raises:
        AlreadyVotedOnline: a ballot is in force online, and what came first counts.
        Unavailable: another desk signs this entry in and out again all the while.
    """
    if row.paper is PaperPolicy.ONLINE_WINS:
        return
    for _ in range(_TRIES):
        if queries.put_on_paper(session, round_id=row.id, entry_id=entry_id):
            return
        envelope = queries.states_locked(session, [row.id], [entry_id]).get(entry_id)
        if envelope is not None:
            break
        # another desk undid its sign-in after we met its empty envelope and before we could hold it
    else:
        raise Unavailable(retry_after=1)
    if row.paper is PaperPolicy.FIRST_WINS and envelope.ciphertext_hash is not None:
        raise AlreadyVotedOnline
    queries.mark_on_paper(session, round_id=row.id, entry_id=entry_id)


def _refusals(
    session: Session, row: Round, subject_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, DomainError | None]:
    entries = rounds.roll_entries(session, round_id=row.id, subject_ids=subject_ids)
    entry_ids = [entry.id for entry in entries.values()]
    signed_in = paper.signed_in(session, round_id=row.id, entry_ids=entry_ids)
    voted = set()
    if row.paper is PaperPolicy.FIRST_WINS:
        voted = queries.entries_in_force(session, row.id, entry_ids)

    def refusal(subject_id: uuid.UUID) -> DomainError | None:
        entry = entries.get(subject_id)
        if entry is None:
            return NotOnThisRoll()
        if entry.id in signed_in:
            return AlreadySignedIn()
        return AlreadyVotedOnline() if entry.id in voted else None

    return {subject_id: refusal(subject_id) for subject_id in subject_ids}


def _people(session: Session, row: Round, subject_ids: Sequence[uuid.UUID]) -> Sequence[Resident]:
    """Those whom roll entries stand for."""
    if row.electorate is Electorate.PERSON:
        return residents.residents(session, resident_ids=subject_ids)
    return residents.living_in(session, household_ids=subject_ids)


def _subject_of(row: Round, person: Resident) -> uuid.UUID:
    return person.id if row.electorate is Electorate.PERSON else person.household_id


def _subjects(
    row: Round, household_id: uuid.UUID, people: Sequence[Resident]
) -> list[tuple[uuid.UUID, Sequence[Resident]]]:
    if row.electorate is Electorate.PERSON:
        return [(each.id, [each]) for each in people]
    return [(household_id, people)] if people else []


def _by_household(people: Sequence[Resident]) -> dict[uuid.UUID, list[Resident]]:
    found: dict[uuid.UUID, list[Resident]] = {}
    for each in people:
        found.setdefault(each.household_id, []).append(each)
    return found
