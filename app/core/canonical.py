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
    _check(value)
    return _encoder.encode(value).encode()


_encoder = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False
)  # made once: casting signs with it
_LEAVES = frozenset({str, int, bool, type(None)})


def _check(value: object) -> None:
    # json.dumps would write a float, and turn the key 1 into "1", without a word.
    if type(value) in _LEAVES:
        return
    if isinstance(value, dict | Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                message = f"a key of type {type(key).__name__} has no canonical spelling"
                raise TypeError(message)
            _check(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item)
    elif value is not None and not isinstance(value, (bool, int, str)):
        message = f"{type(value).__name__} has no canonical spelling"
        raise TypeError(message)


def sha256_hex(raw: bytes) -> str:
    """SHA-256 of ``raw`` as 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()
