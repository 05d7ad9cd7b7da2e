"""Casting, replacing and withdrawing: a whole batch in one durable transaction, each answered for itself.

The one place that leaves the plain shape of a verb (docs/adr/0009): it is called by the batch writer with what waits,
uses set-based statements, and returns refusals as values so that one does not take the others with it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access import service as access
from app.access.actor import AccountKind, Actor
from app.access.errors import TokenInvalid
from app.access.service import SignedIn
from app.audit import service as audit
from app.audit.tags import Tag
from app.ballots import queries, rules
from app.ballots.errors import BallotChanged, CodeForAnotherRound, NoBallot, NotOnTheRoll, SignedInOnPaper
from app.ballots.models import Envelope
from app.ballots.queries import EnvelopeState, NewEnvelope
from app.ballots.service.booth import Booths, SealedBallot
from app.core import clock
from app.core.errors import DomainError, NotAllowed, Unavailable
from app.core.merkle import merkle_root
from app.core.signer import Signer, b64
from app.rounds import service as rounds
from app.rounds.errors import RoundClosed, RoundNotFound, RoundNotOpen
from app.rounds.rules import PUBLIC_STATES
from app.rounds.service import Door

#: How many superseded requests are remembered, so that a late retry cannot bring an old ballot back.
REMEMBERED_REQUESTS = 16


@dataclass(frozen=True, slots=True)
class CastItem:
    """One wish that waits for the writer: a sealed ballot to cast, or none to withdraw."""

    round_id: uuid.UUID
    account_id: uuid.UUID
    session_id: uuid.UUID
    ballot: SealedBallot | None
    #: Keyed fingerprint of the request, by which a repetition is known.
    request_hmac: str
    #: The version the phone believes to be in force; none when it does not care.
    if_version: int | None

    @property
    def conflict_key(self) -> object:
        """What two items of one batch must not share."""
        return (self.round_id, self.account_id)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the service signed when it took a ballot. It proves that, and says nothing about the ranking."""

    round_id: uuid.UUID
    entry_id: uuid.UUID
    version: int
    envelope_hash: str | None
    nonce: bytes | None
    signature: str | None

    @property
    def withdrawn(self) -> bool:
        """Whether nothing is in force now."""
        return self.envelope_hash is None


@dataclass
class Caster:
    """The domain half of the batch writer."""

    booths: Booths
    signer: Signer

    def __call__(self, session: Session, items: Sequence[CastItem]) -> list[Receipt | DomainError]:
        """Handle a batch."""
        return cast_batch(session, items, caster=self)


def cast_batch(session: Session, items: Sequence[CastItem], *, caster: Caster) -> list[Receipt | DomainError]:
    """Cast, replace or withdraw what waits; one receipt or one refusal for each item, in order.

    Rounds are held against closing until the transaction ends; "open" is decided by the database's clock, and who the
    voters are is read in the same transaction.
    """
    doors = rounds.doors(session, {item.round_id for item in items})
    now = clock.database_now(session)
    voters = access.signed_in(session, session_ids=[item.session_id for item in items])
    fingerprints = {each.phone_fingerprint for each in voters.values() if each.phone_fingerprint}
    subjects = {each.subject_id for each in voters.values() if each.subject_id}
    entries = rounds.entries_for(
        session, round_ids=list(doors), fingerprints=fingerprints, resident_ids=subjects
    )
    batch = _Batch(session, queries.states_locked(session, list(doors), list(set(entries.values()))))

    answers: list[Receipt | DomainError] = []
    for item in items:
        try:
            voter = _check_voter(item, voters)
            door = doors.get(item.round_id)
            if door is None:
                raise RoundNotFound
            rounds.check_open(door, now)
            entry_id = entries.get((item.round_id, voter.subject_id or voter.phone_fingerprint or ""))
            if entry_id is None:
                raise NotOnTheRoll
            answers.append(_take(item, voter, entry_id, batch, caster.signer))
        except DomainError as error:
            if isinstance(error, RoundClosed | RoundNotOpen):
                caster.booths.take_down(item.round_id)
            answers.append(error)
    batch.flush()
    _record(session, doors, batch.written)
    return answers


class _Batch:
    """Envelopes to be written together; two for one roll entry (two phones of a household) follow one another."""

    def __init__(self, session: Session, in_force: dict[uuid.UUID, EnvelopeState]) -> None:
        self._session = session
        self._in_force = in_force
        self._waiting: dict[uuid.UUID, NewEnvelope] = {}
        self.written: list[NewEnvelope] = []

    def current(self, entry_id: uuid.UUID) -> EnvelopeState | None:
        """The envelope in force, those of this batch included."""
        if entry_id in self._waiting:
            self.flush()
        return self._in_force.get(entry_id)

    def add(self, envelope: NewEnvelope) -> None:
        """Write this one too."""
        self._waiting[envelope.entry_id] = envelope

    def flush(self) -> None:
        """Write what waits, in one statement.

        Raises:
            Unavailable: another process was faster with one of them; the writer then tries the items one by one.
        """
        if not self._waiting:
            return
        if queries.put_envelopes(self._session, list(self._waiting.values())) != len(self._waiting):
            raise Unavailable(retry_after=1)
        self.written += self._waiting.values()
        self._in_force |= self._waiting
        self._waiting.clear()


def participation(
    session: Session, *, round_id: uuid.UUID, actor: Actor
) -> tuple[uuid.UUID, Envelope | None]:
    """Whether a resident is on the roll, and the version of the ballot in force; never what it says.

    Raises:
        RoundNotFound: there is no such round.
        CodeForAnotherRound: they signed in with a paper code for another one.
        NotOnTheRoll: they may not vote in it.
    """
    _check_round(round_id, actor.round_id)
    row = rounds.round_(session, round_id)
    if row.status not in PUBLIC_STATES:
        raise RoundNotFound
    rounds.check_secret(row, instead="my-votes")
    found = rounds.entries_for(
        session,
        round_ids=[round_id],
        fingerprints=[] if actor.phone_fingerprint is None else [actor.phone_fingerprint],
        resident_ids=[] if actor.subject_id is None else [actor.subject_id],
    )
    entry_id = next(iter(found.values()), None)
    if entry_id is None:
        raise NotOnTheRoll
    return entry_id, queries.envelope(session, round_id, entry_id)


def _check_voter(item: CastItem, voters: dict[uuid.UUID, SignedIn]) -> SignedIn:
    voter = voters.get(item.session_id)
    if voter is None or voter.account_id != item.account_id:
        raise TokenInvalid
    if voter.kind is not AccountKind.RESIDENT:
        raise NotAllowed
    _check_round(item.round_id, voter.round_id)
    return voter


def _check_round(round_id: uuid.UUID, only: uuid.UUID | None) -> None:
    if only is not None and only != round_id:
        raise CodeForAnotherRound


def _take(item: CastItem, voter: SignedIn, entry_id: uuid.UUID, batch: _Batch, signer: Signer) -> Receipt:
    current = batch.current(entry_id)
    if current is not None:
        if current.request_hmac == item.request_hmac:
            return _receipt(current)  # the same request again: the same answer
        if item.request_hmac in current.superseded_hmacs:
            raise BallotChanged  # a late retry of what was replaced since
        if current.on_paper:
            raise SignedInOnPaper
    version = 0 if current is None else current.version
    if item.if_version is not None and item.if_version != version:
        raise BallotChanged
    if item.ballot is None and (current is None or current.ciphertext_hash is None):
        raise NoBallot
    envelope = _next(item, voter, entry_id, current, signer)
    batch.add(envelope)
    return _receipt(envelope)


def _next(
    item: CastItem, voter: SignedIn, entry_id: uuid.UUID, current: EnvelopeState | None, signer: Signer
) -> NewEnvelope:
    """The next version of an entry's envelope: signed, and empty after a withdrawal."""
    version = 1 if current is None else current.version + 1
    superseded = [] if current is None else [*current.superseded_hmacs, current.request_hmac]
    ballot = item.ballot
    statement = rules.envelope_statement(
        round_id=item.round_id, entry_id=entry_id, version=version,
        ciphertext_hash=None if ballot is None else ballot.digest,
    )  # fmt: skip
    signature = b64(signer.sign(statement))
    return NewEnvelope(
        round_id=item.round_id,
        entry_id=entry_id,
        version=version,
        ciphertext=None if ballot is None else ballot.ciphertext,
        ciphertext_hash=None if ballot is None else ballot.digest,
        signature=signature,
        nonce=None if ballot is None else ballot.nonce,
        request_hmac=item.request_hmac,
        superseded_hmacs=superseded[-REMEMBERED_REQUESTS:],
        on_paper=False,
        with_code=voter.subject_id is not None,  # also of a withdrawal, which nobody would see otherwise
        assisted=voter.assisted,
    )


def _receipt(envelope: EnvelopeState) -> Receipt:
    return Receipt(
        envelope.round_id,
        envelope.entry_id,
        envelope.version,
        envelope.ciphertext_hash,
        envelope.nonce,
        envelope.signature,
    )


def _record(session: Session, doors: dict[uuid.UUID, Door], written: Sequence[NewEnvelope]) -> None:
    """One audit entry per round and committed batch: how many, and the root over them; no ids, no times."""
    by_round: dict[uuid.UUID, list[str]] = {}
    for envelope in written:
        by_round.setdefault(envelope.round_id, []).append(envelope.ciphertext_hash or "")
    for round_id, hashes in sorted(by_round.items(), key=lambda pair: doors[pair[0]].division_code):
        leaves = [bytes.fromhex(digest) for digest in sorted(hashes)]
        audit.record(
            session, chain=doors[round_id].division_code, by="system", tag=Tag.BALLOTS_CAST,
            subject=f"round:{round_id}", facts={"count": len(leaves), "root": merkle_root(leaves).hex()},
            timeless=True,
        )  # fmt: skip
