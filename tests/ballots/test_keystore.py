"""Keys on disk: in one place or in three hands, through crashes, and gone when they are destroyed."""

import stat
import uuid
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics

from app.ballots import keystore, shares
from app.ballots.errors import (
    BoxDamaged,
    KeyMissing,
    KeyShareMissing,
    ShareGone,
    WordsMiscounted,
    WordsMisspelt,
    WordsMixedUp,
)
from app.ballots.keystore import KeyStore
from app.ballots.sealing import open_sealed, seal
from app.ballots.share_sheet import sheet
from app.ballots.shares import Holder

ROUND = uuid.UUID("0190a000-0000-7000-8000-000000000001")
OTHER_ROUND = uuid.UUID("0190a000-0000-7000-8000-000000000002")
PAIRS = pytest.mark.parametrize("pair", list(combinations(Holder, 2)), ids="-".join)


class Killed(Exception):
    """The process ended here."""


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys")


def files(store: KeyStore) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store._folder.rglob("*") if path.is_file()}


def kill_at(monkeypatch: pytest.MonkeyPatch, name: str, call: int) -> None:
    """Let a step of the key store end the process before its so-and-so-many-th call."""
    step: Callable[..., None] = getattr(keystore, name)
    calls = iter(range(1000))

    def fatal(*arguments: object) -> None:
        if next(calls) == call:
            raise Killed
        step(*arguments)

    monkeypatch.setattr(keystore, name, fatal)


class TestSplit:
    @PAIRS
    def test_any_two_shares_open_what_is_sealed_to_the_key(
        self, store: KeyStore, pair: tuple[Holder, Holder]
    ) -> None:
        public = store.split(ROUND)
        sealed = seal(b"ballot", public_key=X25519PublicKey.from_public_bytes(public), round_id=ROUND)
        words = {holder: store.share(ROUND, holder) for holder in Holder}
        for holder in Holder:
            store.forget_share(ROUND, holder)
        for holder in pair:
            store.enter(ROUND, holder, words[holder])
        keys = store.load(ROUND)
        assert keys.public_bytes == public == store.public_key(ROUND)
        assert keys.request_key == store.request_key(ROUND)
        assert open_sealed(sealed, private_key=keys.private, round_id=ROUND) == b"ballot"

    def test_all_three_open_it_too(self, store: KeyStore) -> None:
        public = store.split(ROUND)
        for holder in Holder:
            store.enter(ROUND, holder, store.share(ROUND, holder))
        assert store.load(ROUND).public_bytes == public

    @pytest.mark.parametrize("holder", Holder)
    def test_one_share_opens_nothing(self, store: KeyStore, holder: Holder) -> None:
        public = store.split(ROUND)
        sealed = seal(b"ballot", public_key=X25519PublicKey.from_public_bytes(public), round_id=ROUND)
        words = store.share(ROUND, holder)
        with pytest.raises(MnemonicError):
            combine_mnemonics([words])
        value = Share.from_mnemonic(words).value
        assert len(value) == 32
        with pytest.raises(BoxDamaged):
            open_sealed(sealed, private_key=X25519PrivateKey.from_private_bytes(value), round_id=ROUND)
        store.enter(ROUND, holder, words)
        with pytest.raises(KeyShareMissing) as told:
            store.load(ROUND)
        assert (told.value.facts["entered"], told.value.facts["needed"]) == (1, 2)

    def test_one_share_looks_the_same_whatever_the_key_is(self) -> None:
        """Each byte of a share is as good as random, also for a key of zeros: the other end of the line is."""
        for holder in Holder:
            values = {Share.from_mnemonic(shares.split(bytes(32))[holder]).value for _ in range(100)}
            assert len(values) == 100
            assert len({byte for value in values for byte in value}) > 250

    def test_the_key_is_nowhere_in_the_folder(self, store: KeyStore) -> None:
        store.split(ROUND)
        secret = shares.combine([store.share(ROUND, holder) for holder in list(Holder)[:2]])
        assert secret is not None
        assert X25519PrivateKey.from_private_bytes(
            secret
        ).public_key().public_bytes_raw() == store.public_key(ROUND)
        everything = b"\0".join(files(store).values())
        assert secret not in everything
        assert secret.hex().encode() not in everything.lower()

    def test_nobody_else_on_the_machine_may_read_it(self, store: KeyStore) -> None:
        store.split(ROUND)
        store.enter(ROUND, Holder.PLATFORM, store.share(ROUND, Holder.PLATFORM))
        for path in store._folder.rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path

    def test_an_unused_attempt_is_taken_up_and_one_that_lost_a_share_is_not(self, store: KeyStore) -> None:
        first = store.split(ROUND)
        assert store.split(ROUND) == first
        store.forget_share(ROUND, Holder.PLATFORM)
        assert store.split(ROUND) != first
        assert store.share(ROUND, Holder.PLATFORM)

    @pytest.mark.parametrize("call", range(4))
    def test_killed_anywhere_it_begins_anew_and_leaves_no_torn_attempt(
        self, store: KeyStore, monkeypatch: pytest.MonkeyPatch, call: int
    ) -> None:
        with monkeypatch.context() as killing:
            kill_at(killing, "_write", call)
            with pytest.raises(Killed):
                store.split(ROUND)
        assert not store.has(ROUND)
        with pytest.raises(KeyMissing):
            store.public_key(ROUND)
        public = store.split(ROUND)
        assert store.public_key(ROUND) == public
        assert [path.name for path in store._folder.iterdir()] == [f"{ROUND}.split"]

    def test_killed_before_it_appears_it_has_never_been(
        self, store: KeyStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as killing:
            kill_at(killing, "_sync", 0)
            with pytest.raises(Killed):
                store.split(ROUND)
        assert not store.has(ROUND)
        store.destroy(ROUND)
        assert files(store) == {}


class TestEnter:
    def test_a_share_that_left_is_gone(self, store: KeyStore) -> None:
        store.split(ROUND)
        store.forget_share(ROUND, Holder.RESIDENTS)
        store.forget_share(ROUND, Holder.RESIDENTS)
        with pytest.raises(ShareGone):
            store.share(ROUND, Holder.RESIDENTS)
        assert "residents.share" not in files(store)

    def test_a_torn_entry_is_none_and_is_entered_again(self, store: KeyStore) -> None:
        store.split(ROUND)
        words = {holder: store.share(ROUND, holder) for holder in Holder}
        store.enter(ROUND, Holder.PLATFORM, words[Holder.PLATFORM])
        store.enter(ROUND, Holder.RESIDENTS, words[Holder.RESIDENTS][:40])
        assert store.entered(ROUND) == {Holder.PLATFORM}
        store.enter(ROUND, Holder.RESIDENTS, words[Holder.RESIDENTS])
        assert store.entered(ROUND) == {Holder.PLATFORM, Holder.RESIDENTS}
        assert store.load(ROUND)

    def test_shares_of_another_key_give_none(self, store: KeyStore) -> None:
        store.split(ROUND)
        store.split(OTHER_ROUND)
        store.enter(ROUND, Holder.PLATFORM, store.share(ROUND, Holder.PLATFORM))
        store.enter(ROUND, Holder.RESIDENTS, store.share(OTHER_ROUND, Holder.RESIDENTS))
        with pytest.raises(KeyMissing):
            store.load(ROUND)
        store.enter(ROUND, Holder.PLATFORM, store.share(OTHER_ROUND, Holder.PLATFORM))
        with pytest.raises(KeyMissing):  # they agree with each other, and not with what ballots are sealed to
            store.load(ROUND)

    def test_two_good_ones_outweigh_a_wrong_third(self, store: KeyStore) -> None:
        public = store.split(ROUND)
        store.split(OTHER_ROUND)
        store.enter(ROUND, Holder.PLATFORM, store.share(OTHER_ROUND, Holder.PLATFORM))
        for holder in (Holder.SUBDISTRICT, Holder.RESIDENTS):
            store.enter(ROUND, holder, store.share(ROUND, holder))
        assert store.load(ROUND).public_bytes == public

    def test_without_the_rounds_folder_there_is_nothing_to_enter_into(self, store: KeyStore) -> None:
        with pytest.raises(KeyMissing):
            store.enter(ROUND, Holder.PLATFORM, "words")


class TestDestroy:
    def test_nothing_is_left_and_what_was_there_was_overwritten(
        self, store: KeyStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.split(ROUND)
        store.split(OTHER_ROUND)
        words = store.share(ROUND, Holder.PLATFORM)
        store.enter(ROUND, Holder.PLATFORM, words)
        unlinked: list[bytes] = []
        unlink = Path.unlink

        def watched(path: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - pathlib's signature
            unlinked.append(path.read_bytes())
            unlink(path, missing_ok=missing_ok)

        with monkeypatch.context() as watching:
            watching.setattr(Path, "unlink", watched)
            store.destroy(ROUND)
        assert len(unlinked) == 5
        assert not any(b"academic" in raw or words.encode() in raw for raw in unlinked)
        assert not store.has(ROUND)
        assert [path.name for path in store._folder.iterdir()] == [f"{OTHER_ROUND}.split"]
        store.destroy(ROUND)
        with pytest.raises(KeyMissing):
            store.load(ROUND)

    @pytest.mark.parametrize("call", range(6))
    def test_killed_anywhere_it_goes_on(
        self, store: KeyStore, monkeypatch: pytest.MonkeyPatch, call: int
    ) -> None:
        store.split(ROUND)
        for holder in Holder:
            store.enter(ROUND, holder, store.share(ROUND, holder))
        with monkeypatch.context() as killing:
            kill_at(killing, "_wipe", call)
            with pytest.raises(Killed):
                store.destroy(ROUND)
        assert store.has(ROUND)
        store.destroy(ROUND)
        assert list(store._folder.iterdir()) == []

    def test_torn_attempts_of_a_key_in_one_place_go_too(
        self, store: KeyStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as killing:
            killing.setattr("os.link", lambda *_: (_ for _ in ()).throw(Killed))
            with pytest.raises(Killed):
                store.create(ROUND)
        assert len(files(store)) == 1
        store.destroy(ROUND)
        assert files(store) == {}


class TestBoth:
    """Who reads keys need not know how they are kept."""

    def test_public_half_and_request_key_are_read_the_same_way(self, store: KeyStore) -> None:
        local = store.create(ROUND)
        assert store.public_key(ROUND) == local.public_bytes
        assert store.request_key(ROUND) == local.request_key
        public = store.split(OTHER_ROUND)
        assert store.public_key(OTHER_ROUND) == public
        assert len(store.request_key(OTHER_ROUND)) == 32
        assert store.has(ROUND)
        assert store.has(OTHER_ROUND)
        assert store.entered(ROUND) == frozenset()

    def test_a_torn_half_is_no_key(self, store: KeyStore) -> None:
        store.split(ROUND)
        (store._folder / f"{ROUND}.split" / "public").write_bytes(b"short")
        for ask in (store.public_key, store.request_key, store.load):
            with pytest.raises(KeyMissing):
                ask(ROUND)


class TestRead:
    WORDS = shares.split(b"k" * 32)[Holder.SUBDISTRICT]

    def test_case_blanks_lines_width_and_numbering_do_not_matter(self) -> None:
        words = self.WORDS.split()
        numbered = "\n".join(f"{number}. {word.upper()}" for number, word in enumerate(words, 1))
        wide = self.WORDS.translate({ord(c): ord(c) + 0xFEE0 for c in "abcdefghijklmnopqrstuvwxyz"})
        for typed in (f"  {'   '.join(words)}\t", self.WORDS.title(), numbered, wide, "，".join(words)):
            assert shares.read(typed) == self.WORDS

    def test_a_word_that_does_not_exist_is_named_by_its_number_only(self) -> None:
        words = self.WORDS.split()
        words[2], words[30] = "zebra", words[30][:-1] + "\ud800"
        with pytest.raises(WordsMisspelt) as told:
            shares.read(" ".join(words))
        assert told.value.facts == {"positions": "3, 31"}

    def test_one_word_less_or_more_is_counted(self) -> None:
        words = self.WORDS.split()
        for typed in (words[:-1], [*words, words[0]], []):
            with pytest.raises(WordsMiscounted) as told:
                shares.read(" ".join(typed))
            assert told.value.facts == {"words": len(typed), "needed": 33}

    @pytest.mark.parametrize("at", [0, 5, 17, 32])
    def test_a_word_for_another_or_two_exchanged_do_not_pass(self, at: int) -> None:
        words = self.WORDS.split()
        other = "academic" if words[at] != "academic" else "acid"
        exchanged = words.copy()
        exchanged[at], exchanged[at - 1] = words[at - 1], words[at]
        assert exchanged != words
        for typed in ([*words[:at], other, *words[at + 1 :]], exchanged):
            with pytest.raises(WordsMixedUp) as told:
                shares.read(" ".join(typed))
            assert told.value.__cause__ is None
            assert told.value.facts == {}


class TestFingerprint:
    def test_it_belongs_to_round_and_words(self) -> None:
        words = shares.split(b"k" * 32)
        made = {
            shares.fingerprint(round_id=round_id, words=each)
            for round_id in (ROUND, OTHER_ROUND)
            for each in words.values()
        }
        assert len(made) == 6
        assert all(len(each) == 64 for each in made)


class TestSheet:
    def test_it_holds_all_words_with_their_numbers_and_a_code_on_a_page_of_a4(self) -> None:
        import xml.etree.ElementTree as ET

        import segno

        words = TestRead.WORDS.split()
        drawn = sheet(
            round_id=ROUND,
            title="<script>alert(1)</script> & 楼道照明" * 3,
            holder=Holder.RESIDENTS,
            words=words,
            fingerprint="ab" * 32,
        )
        root = ET.fromstring(drawn)  # noqa: S314 - our own
        assert (root.attrib["width"], root.attrib["height"]) == ("210mm", "297mm")
        texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
        assert all(f"{number}. {word}" in texts for number, word in enumerate(words, 1))
        assert "<script" not in drawn
        code = segno.make_qr(TestRead.WORDS.upper(), error="m")
        assert code.svg_inline(omitsize=True).partition(" d=")[2] in drawn
        assert code.mode == "alphanumeric"
