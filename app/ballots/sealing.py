"""The inner envelope: HPKE (RFC 9180), X25519-HKDF-SHA256-ChaCha20Poly1305, base mode, single shot."""

import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from app.ballots.errors import BoxDamaged
from app.ballots.rules import seal_info

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def seal(plain: bytes, *, public_key: X25519PublicKey, round_id: uuid.UUID) -> bytes:
    """Seal a padded ballot to the round's key: 48 bytes longer than the plaintext, different each time."""
    return _SUITE.encrypt(plain, public_key, info=seal_info(round_id))


def open_sealed(ciphertext: bytes, *, private_key: X25519PrivateKey, round_id: uuid.UUID) -> bytes:
    """Open what `seal` made.

    Raises:
        BoxDamaged: another key, another round, or altered bytes.
    """
    try:
        return _SUITE.decrypt(ciphertext, private_key, info=seal_info(round_id))
    except (InvalidTag, ValueError) as error:
        raise BoxDamaged(reason="an envelope does not open with the round's key") from error
