"""Where a round's private key lives: one file per round, outside the database and outside its backups.

Custody ``local``: whoever holds both this folder and the database before the key is destroyed can open ballots.
"""

import contextlib
import os
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.ballots.errors import KeyMissing

KEY_BYTES = 32


@dataclass(frozen=True)
class RoundKeys:
    """What a round needs: the sealing key and the key of its request fingerprints."""

    private: X25519PrivateKey
    request_key: bytes

    @property
    def public_bytes(self) -> bytes:
        """The 32-byte public key ballots are sealed to."""
        return self.private.public_key().public_bytes_raw()


class KeyStore:
    """A folder of key files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, round_id: uuid.UUID) -> RoundKeys:
        """Make the round's keys durable before anything refers to them; an unused earlier attempt is taken up."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(round_id)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(X25519PrivateKey.generate().private_bytes_raw() + secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
        partial.unlink()
        self._sync_folder()
        return self.load(round_id)

    def load(self, round_id: uuid.UUID) -> RoundKeys:
        """The round's keys.

        Raises:
            KeyMissing: they are not here (any more).
        """
        try:
            raw = self._path(round_id).read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(retry_after=60) from error
        if len(raw) != 2 * KEY_BYTES:
            raise KeyMissing(retry_after=60)
        return RoundKeys(X25519PrivateKey.from_private_bytes(raw[:KEY_BYTES]), raw[KEY_BYTES:])

    def request_key(self, round_id: uuid.UUID) -> bytes:
        """The key of the round's request fingerprints.

        Raises:
            KeyMissing: it is not here (any more).
        """
        return self.load(round_id).request_key

    def has(self, round_id: uuid.UUID) -> bool:
        """Whether the round's keys are here."""
        return self._path(round_id).exists()

    def destroy(self, round_id: uuid.UUID) -> None:
        """Overwrite and remove the round's keys. Nothing happens if they are gone already."""
        path = self._path(round_id)
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(2 * KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        path.unlink(missing_ok=True)
        self._sync_folder()

    def _path(self, round_id: uuid.UUID) -> Path:
        return self._folder / f"{round_id}.key"

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
