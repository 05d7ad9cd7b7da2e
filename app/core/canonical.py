"""One spelling for data that is hashed or signed: canonical JSON.

Sorted keys, no white space, UTF-8 without escapes, whole numbers only (the subset of RFC 8785 we use).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

Plain = None | bool | int | str | Sequence["Plain"] | Mapping[str, "Plain"]


def canonical_json(value: Plain) -> bytes:
    """The one byte string for ``value``.

    Raises:
        TypeError: a float or another type without one spelling is inside.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_refuse
    ).encode()


def _refuse(value: object) -> None:
    message = f"{type(value).__name__} has no canonical spelling"
    raise TypeError(message)


def sha256_hex(raw: bytes) -> str:
    """SHA-256 of ``raw`` as 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()
