"""Tokens made by hand, in every wrong way."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def segment(value: Any) -> str:
    return b64(json.dumps(value).encode())


def hs256(key: bytes, header: Mapping[str, Any] | str, claims: Mapping[str, Any] | str) -> str:
    """A token signed with HMAC-SHA-256 under any key; strings stand for segments as they are."""
    start = ".".join(part if isinstance(part, str) else segment(part) for part in (header, claims))
    return f"{start}.{b64(hmac.digest(key, start.encode(), hashlib.sha256))}"


def es256(
    key: ec.EllipticCurvePrivateKey, header: Mapping[str, Any] | str, claims: Mapping[str, Any] | str
) -> str:
    """A token signed with ECDSA."""
    start = ".".join(part if isinstance(part, str) else segment(part) for part in (header, claims))
    r, s = utils.decode_dss_signature(key.sign(start.encode(), ec.ECDSA(hashes.SHA256())))
    size = (key.curve.key_size + 7) // 8
    return f"{start}.{b64(r.to_bytes(size, 'big') + s.to_bytes(size, 'big'))}"


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, unverified."""
    header, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(claims)


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_ssh(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
