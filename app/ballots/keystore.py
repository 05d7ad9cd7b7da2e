"""Where a round's private key lives: outside the database and outside its backups.

Custody ``local``: one file. Whoever holds both this folder and the database before the key is destroyed can open
ballots. Custody ``split``: the key exists for the moment in which it is split; the folder keeps its public half, each
share until its holder has taken it, and, after closing, the shares that holders enter again. Who reads keys need not
know which of the two it is. Whoever changes something here holds the round's row in the database, so that one does at
a time.
"""

import contextlib
import os
import secrets
import uuid
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.ballots import shares
from app.ballots.errors import KeyMissing, KeyShareMissing, ShareGone
from app.ballots.shares import NEEDED, Holder
from app.core.errors import Invalid

KEY_BYTES = 32
RETRY_SECONDS = 60
_PUBLIC = "public"


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
    """A folder with a file for each key in one place, and a folder for each key in shares."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, round_id: uuid.UUID) -> RoundKeys:
        """Make the round's keys durable before anything refers to them; an unused earlier attempt is taken up."""
        self._make_folder()
        path = self._path(round_id)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        _write(partial, X25519PrivateKey.generate().private_bytes_raw() + secrets.token_bytes(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
        partial.unlink()
        _sync(self._folder)
        return self.load(round_id)

    def split(self, round_id: uuid.UUID) -> bytes:
        """Make a key, split it among its holders, and keep no more of it than its public half, which is returned.

        All of it appears at once, or nothing does. An earlier attempt whose shares are all here is taken up.
        """
        self._make_folder()
        for torn in self._folder.glob(f"{round_id}.split.*"):
            _remove(torn)
        home = self._home(round_id)
        if home.is_dir():
            if all(_share_path(home, holder).exists() for holder in Holder):
                return self.public_key(round_id)
            _remove(home)
        private = X25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        partial = home.with_name(f"{home.name}.{secrets.token_hex(4)}")
        partial.mkdir(mode=0o700)
        _write(partial / _PUBLIC, public + secrets.token_bytes(KEY_BYTES))
        for holder, words in shares.split(private.private_bytes_raw()).items():
            _write(_share_path(partial, holder), words.encode())
        _sync(partial)
        partial.rename(home)
        _sync(self._folder)
        return public

    def share(self, round_id: uuid.UUID, holder: Holder) -> str:
        """The words of a share that its holder has not taken for good.

        Raises:
            ShareGone: they are not here (any more).
        """
        try:
            return shares.read(_share_path(self._home(round_id), holder).read_text(encoding="utf-8"))
        except (FileNotFoundError, UnicodeDecodeError, Invalid):
            raise ShareGone from None

    def forget_share(self, round_id: uuid.UUID, holder: Holder) -> None:
        """Overwrite and remove the words of a share. Nothing happens if they are gone already."""
        _wipe(_share_path(self._home(round_id), holder))

    def enter(self, round_id: uuid.UUID, holder: Holder, words: str) -> None:
        """Keep a share that its holder entered, until the round's keys are destroyed.

        Raises:
            KeyMissing: nothing of this round is here.
        """
        self._halves(round_id)
        path = _entered_path(self._home(round_id), holder)
        _wipe(path)  # of an attempt that was torn
        _write(path, words.encode())
        _sync(path.parent)

    def entered(self, round_id: uuid.UUID) -> frozenset[Holder]:
        """The holders whose shares are here to open the box; a torn file is none."""
        return frozenset(self._entered(round_id))

    def load(self, round_id: uuid.UUID) -> RoundKeys:
        """The round's keys; of a split one, joined in memory from the shares that were entered.

        Raises:
            KeyMissing: they are not here (any more), or what was entered does not give the key ballots are sealed to.
            KeyShareMissing: too few shares were entered.
        """
        if self._home(round_id).is_dir():
            return self._combine(round_id)
        raw = self._read(self._path(round_id))
        return RoundKeys(X25519PrivateKey.from_private_bytes(raw[:KEY_BYTES]), raw[KEY_BYTES:])

    def public_key(self, round_id: uuid.UUID) -> bytes:
        """The 32-byte key ballots are sealed to, whoever keeps the other half.

        Raises:
            KeyMissing: it is not here (any more).
        """
        if self._home(round_id).is_dir():
            return self._halves(round_id)[0]
        return self.load(round_id).public_bytes

    def request_key(self, round_id: uuid.UUID) -> bytes:
        """The key of the round's request fingerprints.

        Raises:
            KeyMissing: it is not here (any more).
        """
        if self._home(round_id).is_dir():
            return self._halves(round_id)[1]
        return self.load(round_id).request_key

    def has(self, round_id: uuid.UUID) -> bool:
        """Whether the round's keys, or what is kept of them, are here."""
        return self._path(round_id).exists() or self._home(round_id).is_dir()

    def destroy(self, round_id: uuid.UUID) -> None:
        """Overwrite and remove everything of the round, torn attempts too. Nothing happens if it is gone already."""
        found = list(self._folder.glob(f"{round_id}.*"))
        for path in found:
            _remove(path)
        if found:
            _sync(self._folder)

    def _combine(self, round_id: uuid.UUID) -> RoundKeys:
        public, request_key = self._halves(round_id)
        entered = self._entered(round_id)
        if len(entered) < NEEDED:
            raise KeyShareMissing(entered=len(entered), needed=NEEDED, retry_after=RETRY_SECONDS)
        for some in combinations(entered.values(), NEEDED):
            secret = shares.combine(some)
            if secret is not None and len(secret) == KEY_BYTES:
                keys = RoundKeys(X25519PrivateKey.from_private_bytes(secret), request_key)
                if keys.public_bytes == public:
                    return keys
        raise KeyMissing(retry_after=RETRY_SECONDS)

    def _entered(self, round_id: uuid.UUID) -> dict[Holder, str]:
        found: dict[Holder, str] = {}
        for holder in Holder:
            path = _entered_path(self._home(round_id), holder)
            with contextlib.suppress(FileNotFoundError, UnicodeDecodeError, Invalid):
                found[holder] = shares.read(path.read_text(encoding="utf-8"))
        return found

    def _halves(self, round_id: uuid.UUID) -> tuple[bytes, bytes]:
        """What is kept of a split key in the open: its public half, and the key of the request fingerprints."""
        raw = self._read(self._home(round_id) / _PUBLIC)
        return raw[:KEY_BYTES], raw[KEY_BYTES:]

    def _read(self, path: Path) -> bytes:
        try:
            raw = path.read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(retry_after=RETRY_SECONDS) from error
        if len(raw) != 2 * KEY_BYTES:
            raise KeyMissing(retry_after=RETRY_SECONDS)
        return raw

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _path(self, round_id: uuid.UUID) -> Path:
        return self._folder / f"{round_id}.key"

    def _home(self, round_id: uuid.UUID) -> Path:
        return self._folder / f"{round_id}.split"


def _share_path(home: Path, holder: Holder) -> Path:
    return home / f"{holder.value}.share"


def _entered_path(home: Path, holder: Holder) -> Path:
    return home / f"{holder.value}.entered"


def _write(path: Path, raw: bytes) -> None:
    """A new file, readable by nobody else, on disk when this returns (its folder's entry by `_sync`)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _wipe(path: Path) -> None:
    """Overwrite and remove a file; nothing happens if it is gone already."""
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
    _sync(path.parent)


def _remove(path: Path) -> None:
    """Wipe a file, or a folder with all that is in it."""
    if not path.is_dir():
        _wipe(path)
        return
    for inner in path.iterdir():
        _wipe(inner)
    path.rmdir()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
