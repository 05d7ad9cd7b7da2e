"""The inner envelope against the standard itself: RFC 9180, appendix A.2, and an opener that is not the library's.

`Opener` follows the text of the RFC (sections 4.1, 5.1 and 5.2) with HMAC, X25519 and ChaCha20-Poly1305 alone. It must
open what the RFC prints, and then what `seal` made: a tool written from the RFC alone reads our envelopes.
"""

import hmac
import uuid
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from app.ballots import rules
from app.ballots.errors import BoxDamaged
from app.ballots.sealing import open_sealed, seal

ENC_BYTES = 32
TAG_BYTES = 16

# RFC 9180, A.2 and A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode
INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
SK_RECIPIENT = bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
PK_RECIPIENT = bytes.fromhex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
ENC = bytes.fromhex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
SHARED_SECRET = bytes.fromhex("0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7")
KEY = bytes.fromhex("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91")
BASE_NONCE = bytes.fromhex("5c4d98150661b848853b547f")
PLAIN = b"Beauty is truth, truth beauty"
#: A.2.1.1: sequence number -> what it was sealed to; the associated data is "Count-" and the number.
ENCRYPTIONS = {
    0: "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
    1: "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c",
    2: "71146bd6795ccc9c49ce25dda112a48f202ad220559502cef1f34271e0cb4b02b4f10ecac6f48c32f878fae86b",
    4: "63357a2aa291f5a4e5f27db6baa2af8cf77427c7c1a909e0b37214dd47db122bb153495ff0b02e9e54a50dbe16",
    255: "18ab939d63ddec9f6ac2b60d61d36a7375d2070c9b683861110757062c52b8880a5f6b3936da9cd6c23ef2a95c",
    256: "7a4a13e9ef23978e2c520fd4d2e757514ae160cd0cd05e556ef692370ca53076214c0c40d4c728d6ed9e727a5b",
}

ROUND = uuid.UUID(int=7)
OTHER_ROUND = uuid.UUID(int=8)


class Opener:
    """The recipient's side of base mode."""

    KEM_SUITE = b"KEM" + (0x0020).to_bytes(2)
    SUITE = b"HPKE" + b"".join(number.to_bytes(2) for number in (0x0020, 0x0001, 0x0003))

    def __init__(self, private: X25519PrivateKey, *, enc: bytes, info: bytes) -> None:
        own = private.public_key().public_bytes_raw()
        self.shared_secret = self._decapsulate(
            private.exchange(X25519PublicKey.from_public_bytes(enc)), enc + own
        )
        context = b"\x00" + self._extract(b"", b"psk_id_hash", b"") + self._extract(b"", b"info_hash", info)
        secret = self._extract(self.shared_secret, b"secret", b"")
        self.key = self._expand(secret, b"key", context, 32)
        self.base_nonce = self._expand(secret, b"base_nonce", context, 12)

    def open(self, sealed: bytes, *, aad: bytes = b"", sequence: int = 0) -> bytes:
        nonce = int.from_bytes(self.base_nonce) ^ sequence
        return ChaCha20Poly1305(self.key).decrypt(nonce.to_bytes(12), sealed, aad)

    def _decapsulate(self, shared: bytes, context: bytes) -> bytes:
        prk = self._extract(b"", b"eae_prk", shared, suite=self.KEM_SUITE)
        return self._expand(prk, b"shared_secret", context, 32, suite=self.KEM_SUITE)

    @staticmethod
    def _extract(salt: bytes, label: bytes, key: bytes, *, suite: bytes = SUITE) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, sha256)

    @staticmethod
    def _expand(prk: bytes, label: bytes, info: bytes, length: int, *, suite: bytes = SUITE) -> bytes:
        assert length <= sha256().digest_size  # one block of HKDF is all that base mode asks for
        return hmac.digest(prk, length.to_bytes(2) + b"HPKE-v1" + suite + label + info + b"\x01", sha256)[
            :length
        ]


def opened(sealed: bytes, private: X25519PrivateKey, round_id: uuid.UUID) -> bytes:
    """What is in an envelope of ours, by the RFC alone."""
    opener = Opener(private, enc=sealed[:ENC_BYTES], info=rules.seal_info(round_id))
    return opener.open(sealed[ENC_BYTES:])


class TestOpener:
    def test_it_derives_the_keys_that_the_rfc_prints(self) -> None:
        private = X25519PrivateKey.from_private_bytes(SK_RECIPIENT)
        assert private.public_key().public_bytes_raw() == PK_RECIPIENT
        opener = Opener(private, enc=ENC, info=INFO)
        assert opener.shared_secret == SHARED_SECRET
        assert (opener.key, opener.base_nonce) == (KEY, BASE_NONCE)

    @pytest.mark.parametrize("sequence", ENCRYPTIONS)
    def test_it_opens_what_the_rfc_sealed(self, sequence: int) -> None:
        opener = Opener(X25519PrivateKey.from_private_bytes(SK_RECIPIENT), enc=ENC, info=INFO)
        sealed = bytes.fromhex(ENCRYPTIONS[sequence])
        assert opener.open(sealed, aad=b"Count-%d" % sequence, sequence=sequence) == PLAIN
        with pytest.raises(InvalidTag):
            opener.open(sealed, aad=b"Count-%d" % (sequence + 1), sequence=sequence)
        with pytest.raises(InvalidTag):
            opener.open(sealed, aad=b"Count-%d" % sequence, sequence=sequence + 1)

    @given(plain=st.binary(max_size=300), info=st.binary(max_size=64))
    def test_it_agrees_with_the_library_whose_name_for_the_suite_we_use(
        self, plain: bytes, info: bytes
    ) -> None:
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
        private = X25519PrivateKey.from_private_bytes(SK_RECIPIENT)
        sealed = suite.encrypt(plain, private.public_key(), info=info)
        assert Opener(private, enc=sealed[:ENC_BYTES], info=info).open(sealed[ENC_BYTES:]) == plain
        assert suite.decrypt(sealed, private, info=info) == plain


class TestSeal:
    def test_an_independent_opener_reads_a_ballot(self) -> None:
        private = X25519PrivateKey.generate()
        length = rules.padded_length(projects=20, max_rank=5)
        plain = rules.plaintext((7, 3, 11), "ABCDEFGHIJKLMNOP", length=length)
        sealed = seal(plain, public_key=private.public_key(), round_id=ROUND)
        assert opened(sealed, private, ROUND) == plain
        assert rules.read_plaintext(opened(sealed, private, ROUND)).ranking == (7, 3, 11)

    def test_another_key_and_another_round_do_not_open_it(self) -> None:
        private, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
        sealed = seal(PLAIN, public_key=private.public_key(), round_id=ROUND)
        for key, round_id in ((other, ROUND), (private, OTHER_ROUND), (other, OTHER_ROUND)):
            with pytest.raises(InvalidTag):
                opened(sealed, key, round_id)
            with pytest.raises(BoxDamaged):
                open_sealed(sealed, private_key=key, round_id=round_id)

    def test_every_single_bit_is_guarded(self) -> None:
        private = X25519PrivateKey.generate()
        sealed = seal(PLAIN, public_key=private.public_key(), round_id=ROUND)
        for bit in range(8 * len(sealed)):
            altered = bytearray(sealed)
            altered[bit // 8] ^= 1 << bit % 8
            with pytest.raises(BoxDamaged):
                open_sealed(bytes(altered), private_key=private, round_id=ROUND)

    @given(
        cut=st.integers(0, len(PLAIN) + ENC_BYTES + TAG_BYTES - 1), more=st.binary(min_size=1, max_size=40)
    )
    def test_what_is_cut_short_or_drawn_out_does_not_open(self, cut: int, more: bytes) -> None:
        private = X25519PrivateKey.from_private_bytes(SK_RECIPIENT)
        sealed = seal(PLAIN, public_key=private.public_key(), round_id=ROUND)
        for changed in (sealed[:cut], sealed + more, more + sealed):
            with pytest.raises(BoxDamaged):
                open_sealed(changed, private_key=private, round_id=ROUND)

    @given(projects=st.integers(1, 60), most=st.integers(1, 20), data=st.data())
    def test_every_ballot_of_a_round_has_one_length_and_no_two_seals_share_a_block(
        self, projects: int, most: int, data: st.DataObject
    ) -> None:
        length = rules.padded_length(projects=projects, max_rank=most)
        wishes = st.lists(st.integers(0, projects - 1), unique=True, max_size=min(most, projects))
        public = X25519PublicKey.from_public_bytes(PK_RECIPIENT)
        plain = rules.plaintext(data.draw(wishes), "A" * rules.TRACKER_LENGTH, length=length)
        other = rules.plaintext(data.draw(wishes), "B" * rules.TRACKER_LENGTH, length=length)
        sealed = [seal(each, public_key=public, round_id=ROUND) for each in (plain, plain, other)]
        assert {len(each) for each in sealed} == {length + ENC_BYTES + TAG_BYTES}
        blocks = [each[at : at + 16] for each in sealed for at in range(0, len(each) - 15, 16)]
        assert len(set(blocks)) == len(blocks)
