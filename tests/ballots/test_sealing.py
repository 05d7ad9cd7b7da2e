"""The inner envelope and where its key lives."""

import stat
import uuid
from pathlib import Path

import pytest

from app.ballots.errors import BoxDamaged, KeyMissing
from app.ballots.keystore import KeyStore
from app.ballots.sealing import open_sealed, seal

ROUND = uuid.UUID(int=7)
OTHER_ROUND = uuid.UUID(int=8)
PLAIN = b"x" * 60


class TestSeal:
    def test_only_the_rounds_key_opens_it(self, tmp_path: Path) -> None:
        store = KeyStore(tmp_path / "keys")
        keys, other = store.create(ROUND), store.create(OTHER_ROUND)
        sealed = seal(PLAIN, public_key=keys.private.public_key(), round_id=ROUND)
        assert open_sealed(sealed, private_key=keys.private, round_id=ROUND) == PLAIN
        with pytest.raises(BoxDamaged):
            open_sealed(sealed, private_key=other.private, round_id=ROUND)

    def test_a_ballot_moved_to_another_round_does_not_open(self, tmp_path: Path) -> None:
        keys = KeyStore(tmp_path).create(ROUND)
        sealed = seal(PLAIN, public_key=keys.private.public_key(), round_id=ROUND)
        with pytest.raises(BoxDamaged):
            open_sealed(sealed, private_key=keys.private, round_id=OTHER_ROUND)

    def test_any_changed_byte_is_noticed(self, tmp_path: Path) -> None:
        keys = KeyStore(tmp_path).create(ROUND)
        sealed = seal(PLAIN, public_key=keys.private.public_key(), round_id=ROUND)
        for index in range(len(sealed)):
            altered = bytearray(sealed)
            altered[index] ^= 1
            with pytest.raises(BoxDamaged):
                open_sealed(bytes(altered), private_key=keys.private, round_id=ROUND)

    def test_two_seals_of_one_ballot_differ_and_have_one_length(self, tmp_path: Path) -> None:
        public = KeyStore(tmp_path).create(ROUND).private.public_key()
        sealed = {seal(PLAIN, public_key=public, round_id=ROUND) for _ in range(20)}
        assert len(sealed) == 20
        assert {len(each) for each in sealed} == {len(PLAIN) + 48}


class TestKeyStore:
    def test_a_second_attempt_takes_up_the_first_key(self, tmp_path: Path) -> None:
        store = KeyStore(tmp_path)
        assert store.create(ROUND).public_bytes == store.create(ROUND).public_bytes
        assert store.load(ROUND).request_key == store.create(ROUND).request_key

    def test_nobody_else_on_the_machine_may_read_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "keys"
        KeyStore(folder).create(ROUND)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]

    def test_a_destroyed_key_is_gone_and_destroying_again_is_harmless(self, tmp_path: Path) -> None:
        store = KeyStore(tmp_path)
        store.create(ROUND)
        assert store.has(ROUND)
        store.destroy(ROUND)
        store.destroy(ROUND)
        assert not store.has(ROUND)
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(KeyMissing):
            store.load(ROUND)

    def test_a_torn_file_is_no_key(self, tmp_path: Path) -> None:
        (tmp_path / f"{ROUND}.key").write_bytes(b"short")
        with pytest.raises(KeyMissing):
            KeyStore(tmp_path).load(ROUND)
