"""Personal text at rest: encrypted for reading back, hashed under a key for looking up.

Fields are sealed with AES-256-GCM, bound to their column by associated data, so a value copied from one column to
another does not open. Lookups use HMAC-SHA-256 under a key derived apart, so that an index tells equality and nothing
else. Both keys come from one data key by HKDF (RFC 5869).
"""

import base64
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, String, Text, TypeDecorator

_PREFIX = "v1."
_NONCE_BYTES = 12


def derive_key(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose from a longer-lived secret."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"gongyi " + purpose.encode()).derive(secret)


class Vault:
    """Seals and opens personal text, and fingerprints it for lookup."""

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(derive_key(data_key, "field encryption"))
        self._lookup_key = derive_key(data_key, "lookup")

    def seal(self, plain: str, context: str) -> str:
        """Encrypt ``plain`` for the column named ``context``."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plain.encode(), context.encode())
        return _PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, context: str) -> str:
        """Decrypt what `seal` made for the same ``context``.

        Raises:
            ValueError: another key, another column, or an altered value.
        """
        raw = base64.urlsafe_b64decode(sealed.removeprefix(_PREFIX))
        try:
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()).decode()
        except InvalidTag as error:
            message = f"sealed value of {context} does not open with this data key"
            raise ValueError(message) from error

    def fingerprint(self, plain: str, context: str) -> str:
        """A keyed hash (64 hexadecimal digits) that is equal for equal text in the same context."""
        return hmac.new(self._lookup_key, f"{context}\0{plain}".encode(), hashlib.sha256).hexdigest()


class _Current:
    vault: Vault | None = None


def use(vault: Vault) -> None:
    """Make ``vault`` the one that sealed columns use in this process."""
    _Current.vault = vault


def current() -> Vault:
    """The vault in use."""
    assert _Current.vault is not None, "call app.core.vault.use() first"
    return _Current.vault


class SealedText(TypeDecorator[str]):
    """A text column that is ciphertext in the database and clear text in memory."""

    impl = Text
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Ciphertext, bound to this column."""
        return None if value is None else current().seal(value, self.context)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002, ANN401
        """Clear text."""
        return None if value is None else current().open(str(value), self.context)


#: The column type of a fingerprint.
FINGERPRINT = String(64)
