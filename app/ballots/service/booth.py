"""The polling booth: where a wish becomes a sealed ballot, before anything is written.

All that it takes (list, sealing key, key of the request fingerprints) is frozen while a round is open, so each process
looks it up once. What depends on the voter (on the roll? which version?) is decided in the writer's transaction.
"""

import hmac
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlmodel import Session

from app.ballots import queries, rules
from app.ballots.keystore import KeyStore
from app.ballots.sealing import seal
from app.core import clock
from app.core.canonical import sha256_hex
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound


@dataclass(frozen=True, slots=True)
class SealedBallot:
    """A ballot nobody can read until the box is opened, and the server's part of its tracker."""

    ciphertext: bytes
    digest: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Booth:
    """What an open round gives every voter."""

    round_id: uuid.UUID
    listed: Mapping[uuid.UUID, int]
    max_rank: int
    sealing_key: X25519PublicKey
    plaintext_length: int
    request_key: bytes

    def seal(self, ranking: tuple[uuid.UUID, ...], secret: bytes) -> SealedBallot:
        """Check a ranking and seal it, with a tracker that neither side could choose alone.

        Raises:
            TooManyRanks, UnknownProject, RepeatedProject.
        """
        positions = rules.positions_of(ranking, listed=self.listed, max_rank=self.max_rank)
        nonce = os.urandom(rules.NONCE_BYTES)
        tracker = rules.tracker(round_id=self.round_id, secret=secret, nonce=nonce)
        plain = rules.plaintext(positions, tracker, length=self.plaintext_length)
        ciphertext = seal(plain, public_key=self.sealing_key, round_id=self.round_id)
        return SealedBallot(ciphertext, sha256_hex(ciphertext), nonce)

    def fingerprint(
        self, *, account_id: uuid.UUID, key: str, ranking: tuple[uuid.UUID, ...] | None, secret: bytes
    ) -> str:
        """Keyed fingerprint of a request; a plain hash would give the ranking away to whoever tries them all."""
        wish = b"withdraw" if ranking is None else b"cast" + secret + b"".join(each.bytes for each in ranking)
        what = account_id.bytes + len(key).to_bytes(2) + key.encode() + wish
        return hmac.new(self.request_key, what, sha256).hexdigest()


@dataclass
class Booths:
    """The booths of open rounds, each set up once in a process."""

    keys: KeyStore
    _standing: dict[uuid.UUID, Booth] = field(default_factory=dict)

    def find(self, round_id: uuid.UUID) -> Booth | None:
        """The booth of a round, if it stands already."""
        return self._standing.get(round_id)

    def set_up(self, session: Session, round_id: uuid.UUID) -> Booth:
        """Set up the booth of an open round.

        Raises:
            RoundNotFound, RoundNotOpen, RoundClosed: it takes no ballots now.
            RoundRecorded: its votes are not secret.
            KeyMissing: its key is not on this machine.
        """
        row = rounds.round_(session, round_id)
        rounds.check_open(rounds.door_of(row), clock.database_now(session))
        rounds.check_secret(row, instead="my-votes")
        box = queries.box(session, round_id)
        if box is None:
            raise RoundNotFound
        booth = Booth(
            round_id=round_id,
            listed={each.project_id: each.position for each in rounds.listed_projects(session, round_id)},
            max_rank=row.max_rank,
            sealing_key=X25519PublicKey.from_public_bytes(box.public_key),
            plaintext_length=box.plaintext_length,
            request_key=self.keys.request_key(round_id),
        )
        self._standing[round_id] = booth
        return booth

    def take_down(self, round_id: uuid.UUID) -> None:
        """Forget a round that takes no more ballots, and with it the key of its fingerprints."""
        self._standing.pop(round_id, None)
