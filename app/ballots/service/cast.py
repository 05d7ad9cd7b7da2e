"""Casting, replacing and withdrawing: a whole batch in one durable transaction, each answered for itself.

The one place that leaves the plain shape of a verb (docs/adr/0009): it is called by the batch writer with what waits,
uses set-based statements, and returns refusals as values so that one does not take the others with it.
"""

import datetime as dt
import hmac
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlmodel import Session

from app.audit import service as audit
from app.audit.tags import Tag
from app.ballots import queries, rules
from app.ballots.errors import BallotChanged, NoBallot, NotOnTheRoll
from app.ballots.keystore import KeyStore
from app.ballots.models import BallotBox, Envelope
from app.ballots.sealing import seal
from app.core import clock
from app.core.canonical import canonical_json, sha256_hex
from app.core.errors import DomainError, Unavailable
from app.core.merkle import merkle_root
from app.core.signer import Signer, b64
from app.rounds import service as rounds
from app.rounds.errors import RoundClosed, RoundNotFound, RoundNotOpen
from app.rounds.models import RollEntry, Round
from app.rounds.rules import PUBLIC_STATES, RoundState

#: How many superseded requests are remembered, so that a late retry cannot bring an old ballot back.
REMEMBERED_REQUESTS = 16


@dataclass(frozen=True)
class CastItem:
    """One wish that waits for the writer: a ranking to cast, or ``None`` to withdraw."""

    round_id: uuid.UUID
    phone_fingerprint: str
    ranking: tuple[uuid.UUID, ...] | None
    secret: bytes = b""
    request_key: str = ""
    #: The version the phone believes to be in force; none when it does not care.
    if_version: int | None = None

    @property
    def conflict_key(self) -> object:
        """What two items of one batch must not share."""
        return (self.round_id, self.phone_fingerprint)


@dataclass(frozen=True)
class Receipt:
    """What the service signed when it took a ballot. It proves that, and says nothing about the ranking."""

    round_id: uuid.UUID
    entry_id: uuid.UUID
    version: int
    envelope_hash: str | None
    nonce: bytes | None
    signature: str | None
    withdrawn: bool


@dataclass
class Caster:
    """The domain half of the batch writer: keys and lists of open rounds, looked up once."""

    keys: KeyStore
    signer: Signer
    _request_keys: dict[uuid.UUID, bytes] = field(default_factory=dict)
    _listed: dict[uuid.UUID, dict[uuid.UUID, int]] = field(default_factory=dict)

    def __call__(self, session: Session, items: Sequence[CastItem]) -> list[Receipt | DomainError]:
        """Handle a batch."""
        return cast_batch(session, items, caster=self)

    def request_key(self, round_id: uuid.UUID) -> bytes:
        """The key of a round's request fingerprints."""
        if round_id not in self._request_keys:
            self._request_keys[round_id] = self.keys.load(round_id).request_key
        return self._request_keys[round_id]

    def listed(self, session: Session, round_id: uuid.UUID) -> dict[uuid.UUID, int]:
        """Project -> position on a round's frozen list."""
        if round_id not in self._listed:
            self._listed[round_id] = {
                each.project_id: each.position for each in rounds.listed_projects(session, round_id)
            }
        return self._listed[round_id]


def cast_batch(session: Session, items: Sequence[CastItem], *, caster: Caster) -> list[Receipt | DomainError]:
    """Cast, replace or withdraw what waits; one receipt or one refusal for each item, in order.

    Rounds are held against closing until the transaction ends; "open" is decided by the database's clock.
    """
    found = rounds.shared(session, {item.round_id for item in items})
    now = clock.database_now(session)
    boxes = {box.round_id: box for box in queries.boxes(session, list(found))}
    entries = rounds.entries_for(
        session, rounds=list(found.values()), fingerprints={item.phone_fingerprint for item in items}
    )
    existing = queries.envelopes_locked(session, [(entry.round_id, entry.id) for entry in entries.values()])

    batch = _Batch(session, existing)
    answers: list[Receipt | DomainError] = []
    for item in items:
        try:
            row = found.get(item.round_id)
            if row is None or row.status not in PUBLIC_STATES:
                raise RoundNotFound
            _check_open(row, now)
            entry = entries.get((item.round_id, item.phone_fingerprint))
            if entry is None:
                raise NotOnTheRoll
            current = batch.current((entry.round_id, entry.id))
            answer, write = _decide(
                item, entry, current, box=boxes[item.round_id], row=row, session=session, caster=caster
            )
            if write is not None:
                batch.add(write)
            answers.append(answer)
        except DomainError as error:
            answers.append(error)
    batch.flush()
    _record(session, found, batch.written)
    return answers


class _Batch:
    """Envelopes to be written together; two for one roll entry (two phones of a household) follow one another."""

    def __init__(self, session: Session, existing: dict[tuple[uuid.UUID, uuid.UUID], Envelope]) -> None:
        self._session = session
        self._existing = existing
        self._waiting: dict[tuple[uuid.UUID, uuid.UUID], dict[str, Any]] = {}
        self.written: list[dict[str, Any]] = []

    def current(self, key: tuple[uuid.UUID, uuid.UUID]) -> Envelope | None:
        """The envelope in force, those of this batch included."""
        if key in self._waiting:
            self.flush()
        return self._existing.get(key)

    def add(self, write: dict[str, Any]) -> None:
        """Write this one too."""
        self._waiting[(write["round_id"], write["entry_id"])] = write

    def flush(self) -> None:
        """Write what waits, in one statement.

        Raises:
            Unavailable: another process was faster with one of them; the writer then tries the items one by one.
        """
        if not self._waiting:
            return
        done = queries.put_envelopes(self._session, list(self._waiting.values()))
        if {(round_id, entry_id) for round_id, entry_id, _ in done} != set(self._waiting):
            raise Unavailable(retry_after=1)
        self.written += self._waiting.values()
        self._existing |= {key: Envelope(**write) for key, write in self._waiting.items()}
        self._waiting.clear()


def participation(
    session: Session, *, round_id: uuid.UUID, phone_fingerprint: str
) -> tuple[RollEntry, Envelope | None]:
    """Whether a resident is on the roll, and the version of the ballot in force; never what it says.

    Raises:
        RoundNotFound: there is no such round.
        NotOnTheRoll: they may not vote in it.
    """
    row = rounds.round_(session, round_id)
    if row.status not in PUBLIC_STATES:
        raise RoundNotFound
    entry = rounds.entries_for(session, rounds=[row], fingerprints=[phone_fingerprint]).get(
        (round_id, phone_fingerprint)
    )
    if entry is None:
        raise NotOnTheRoll
    return entry, queries.envelope(session, round_id, entry.id)


def _check_open(row: Round, now: dt.datetime) -> None:
    if row.status is RoundState.OPEN:
        if now >= row.closes_at:
            raise RoundClosed
        return
    if row.status in {RoundState.PUBLISHED, RoundState.CANCELLED, RoundState.VOID}:
        raise RoundNotOpen(state=row.status.value)
    raise RoundClosed


def _decide(
    item: CastItem,
    entry: RollEntry,
    current: Envelope | None,
    *,
    box: BallotBox,
    row: Round,
    session: Session,
    caster: Caster,
) -> tuple[Receipt, dict[str, Any] | None]:
    fingerprint = _request_hmac(item, entry.id, caster.request_key(item.round_id))
    if current is not None:
        if current.request_hmac == fingerprint:
            return _receipt(current), None  # the same request again: the same answer
        if fingerprint in current.superseded_hmacs:
            raise BallotChanged  # a late retry of what was replaced since
    version = current.version if current is not None else 0
    if item.if_version is not None and item.if_version != version:
        raise BallotChanged
    if item.ranking is None:
        if current is None or current.ciphertext is None:
            raise NoBallot
        write = _row(item, entry, current, fingerprint)
        return _receipt_of(write), write
    positions = rules.positions_of(
        item.ranking, listed=caster.listed(session, item.round_id), max_rank=row.max_rank
    )
    nonce = os.urandom(rules.NONCE_BYTES)
    tracker = rules.tracker(round_id=item.round_id, secret=item.secret, nonce=nonce)
    ciphertext = seal(
        rules.plaintext(positions, tracker, length=box.plaintext_length),
        public_key=X25519PublicKey.from_public_bytes(box.public_key),
        round_id=item.round_id,
    )
    digest = sha256_hex(ciphertext)
    statement = rules.envelope_statement(
        round_id=item.round_id, entry_id=entry.id, version=version + 1, ciphertext_hash=digest
    )
    write = _row(item, entry, current, fingerprint)
    write |= {
        "ciphertext": ciphertext,
        "ciphertext_hash": digest,
        "signature": b64(caster.signer.sign(statement)),
        "nonce": nonce,
    }
    return _receipt_of(write), write


def _row(item: CastItem, entry: RollEntry, current: Envelope | None, fingerprint: str) -> dict[str, Any]:
    """The next version of an entry's envelope, empty as yet (which is what a withdrawal leaves)."""
    superseded = [] if current is None else [*current.superseded_hmacs, current.request_hmac]
    return {
        "round_id": item.round_id,
        "entry_id": entry.id,
        "version": 1 if current is None else current.version + 1,
        "ciphertext": None,
        "ciphertext_hash": None,
        "signature": None,
        "nonce": None,
        "request_hmac": fingerprint,
        "superseded_hmacs": superseded[-REMEMBERED_REQUESTS:],
    }


def _request_hmac(item: CastItem, entry_id: uuid.UUID, key: bytes) -> str:
    """Keyed fingerprint of a request; a plain hash would give the ranking away to whoever tries them all."""
    what = canonical_json(
        {
            "entry": str(entry_id),
            "key": item.request_key,
            "ranking": None if item.ranking is None else [str(project_id) for project_id in item.ranking],
            "secret": item.secret.hex(),
        }
    )
    return hmac.new(key, what, sha256).hexdigest()


def _receipt_of(write: dict[str, Any]) -> Receipt:
    return Receipt(
        round_id=write["round_id"],
        entry_id=write["entry_id"],
        version=write["version"],
        envelope_hash=write["ciphertext_hash"],
        nonce=write["nonce"],
        signature=write["signature"],
        withdrawn=write["ciphertext"] is None,
    )


def _receipt(row: Envelope) -> Receipt:
    return Receipt(
        round_id=row.round_id,
        entry_id=row.entry_id,
        version=row.version,
        envelope_hash=row.ciphertext_hash,
        nonce=row.nonce,
        signature=row.signature,
        withdrawn=row.ciphertext is None,
    )


def _record(session: Session, found: dict[uuid.UUID, Round], writes: Sequence[dict[str, Any]]) -> None:
    """One audit entry per round and committed batch: how many, and the root over them; no ids, no times."""
    by_round: dict[uuid.UUID, list[str]] = {}
    for write in writes:
        by_round.setdefault(write["round_id"], []).append(write["ciphertext_hash"] or "")
    for round_id, hashes in sorted(by_round.items(), key=lambda pair: found[pair[0]].division_code):
        leaves = [bytes.fromhex(digest) for digest in sorted(hashes)]
        audit.record(
            session, chain=found[round_id].division_code, by="system", tag=Tag.BALLOTS_CAST,
            subject=f"round:{round_id}", facts={"count": len(leaves), "root": merkle_root(leaves).hex()},
            timeless=True,
        )  # fmt: skip
