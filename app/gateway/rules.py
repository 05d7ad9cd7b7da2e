"""Standard Webhooks: what is signed, and how (standardwebhooks.com, specification 1.0). Pure."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, not a secret
PUBLIC_PREFIX = "whpk_"
SECRET_BYTES = 32

Sign = Callable[[bytes], bytes]


class Signing(StrEnum):
    """How messages to an endpoint are signed."""

    ED25519 = "ed25519"  # v1a: the receiver needs our public key only
    HMAC = "hmac"  # v1: a secret shared with the receiver


class DeliveryState(StrEnum):
    """How it stands with a message to an endpoint."""

    WAITING = "waiting"  # not taken yet, and still tried
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; somebody may replay it


def delivery_state(*, delivered: bool, dead: bool) -> DeliveryState:
    """How it stands with a message."""
    if delivered:
        return DeliveryState.DELIVERED
    return DeliveryState.DEAD if dead else DeliveryState.WAITING


def signed_content(message_id: str, timestamp: int, body: bytes) -> bytes:
    """The bytes that are signed: id, time stamp and the body exactly as sent."""
    return f"{message_id}.{timestamp}.".encode() + body


def hmac_signature(secret: str, content: bytes) -> str:
    """``v1`` signature with a ``whsec_`` secret."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def ed25519_signature(signature: bytes) -> str:
    """``v1a`` spelling of an Ed25519 signature."""
    return "v1a," + base64.b64encode(signature).decode()


def public_key_text(public_key: bytes) -> str:
    """``whpk_`` spelling of a public key."""
    return PUBLIC_PREFIX + base64.b64encode(public_key).decode()


def read_public_key(text: str) -> bytes:
    """The 32 bytes behind a ``whpk_`` key.

    Raises:
        ValueError: it is none.
    """
    try:
        raw = base64.b64decode(text.removeprefix(PUBLIC_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if not text.startswith(PUBLIC_PREFIX) or len(raw) != SECRET_BYTES:
        raise ValueError(text)
    return raw
