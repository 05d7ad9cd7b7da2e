"""JSON Web Tokens, behind one strict door. Nothing else in the code imports python-jose.

python-jose accepts DER keys and empty keys as HMAC secrets and demands neither ``aud`` nor ``exp`` unless told, so each
issuer has one pinned algorithm, one kind of key, and every claim is required: HS256 with a 32-byte random key for our
own access tokens, ES256 with a PEM key for the assertions of platform clients (RFC 7523).
"""

import base64
import binascii
import datetime as dt
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from jose import jwk, jws, jwt
from jose.exceptions import JOSEError

from app.access.errors import ClientAssertionInvalid, KeyMalformed, TokenExpired, TokenInvalid
from app.core import clock
from app.core.vault import derive_key

ISSUER = "gongyi"
AUDIENCE = "gongyi-api"
ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type (RFC 9068)
ACCESS_TOKEN_SECONDS = 600
LARGEST_TOKEN_BYTES = 8 * 1024
LARGEST_ASSERTION_SECONDS = 300
#: Another system's clock may run ahead of ours; our own tokens get no leeway.
CLOCK_SKEW_SECONDS = 30
KEY_BYTES = 32


@dataclass(frozen=True)
class AccessClaims:
    """What an access token says."""

    account_id: uuid.UUID
    session_id: uuid.UUID


@dataclass(frozen=True)
class AssertionClaims:
    """What a platform client's assertion says."""

    client_id: str
    jti: str
    expires_at: dt.datetime


class AccessTokens:
    """Issues and reads our own access tokens."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            message = f"the token key must have {KEY_BYTES} bytes"
            raise ValueError(message)
        derived = derive_key(key, "access tokens HS256")
        self._kid = derive_key(key, "access token key id")[:6].hex()
        self._key = jwk.construct(derived, algorithm="HS256")  # parsed once, not per call

    def issue(
        self, *, account_id: uuid.UUID, session_id: uuid.UUID, seconds: int = ACCESS_TOKEN_SECONDS
    ) -> str:
        """A token for ``seconds``."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "sid": str(session_id),
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "jti": uuid.uuid4().hex,
        }
        return str(
            jwt.encode(
                claims, self._key, algorithm="HS256", headers={"typ": ACCESS_TOKEN_TYPE, "kid": self._kid}
            )
        )

    def read(self, token: str) -> AccessClaims:
        """The claims of a valid token.

        Raises:
            TokenExpired: it was ours and is too old.
            TokenInvalid: anything else that is not exactly what `issue` makes.
        """
        header, claims = _strict_parts(token)
        if header != {"alg": "HS256", "typ": ACCESS_TOKEN_TYPE, "kid": self._kid}:
            raise TokenInvalid
        # jwt.decode would parse everything once more for each claim it checks; this is most of the cost of a cast.
        try:
            jws.verify(token, self._key, algorithms=["HS256"])
        except (JOSEError, ValueError, TypeError, AttributeError) as error:
            raise TokenInvalid from error
        if (claims.get("iss"), claims.get("aud")) != (ISSUER, AUDIENCE) or not isinstance(
            claims.get("jti"), str
        ):
            raise TokenInvalid
        _check_times(claims)
        try:
            return AccessClaims(uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]))
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise TokenInvalid from error


def read_public_key(pem: str) -> str:
    """A P-256 public key in PEM, re-serialized.

    Raises:
        KeyMalformed: anything else (private keys, DER, SSH, other curves).
    """
    try:
        key = load_pem_public_key(pem.encode("ascii"))
    except (ValueError, UnicodeEncodeError, TypeError) as error:
        raise KeyMalformed from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise KeyMalformed
    return pem.strip() + "\n"


def key_fingerprint(pem: str) -> str:
    """SHA-256 over a public key in DER, as ``openssl`` and ``sha256sum`` say it: two people can compare it."""
    der = load_pem_public_key(pem.encode()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def assertion_client(assertion: str) -> str:
    """Who claims to have made this assertion; to be verified with that client's key next."""
    _, claims = _strict_parts(assertion)
    subject = claims.get("sub")
    if not isinstance(subject, str):
        raise ClientAssertionInvalid
    return subject


def read_client_assertion(assertion: str, *, public_key_pem: str, audience: str) -> AssertionClaims:
    """Verify a ``private_key_jwt`` assertion (RFC 7523 section 3).

    Raises:
        ClientAssertionInvalid: wrong key, algorithm, audience, times, or a missing claim.
    """
    try:
        header, claims = _strict_parts(assertion)
        if (
            header.get("alg") != "ES256"
            or header.get("typ", "JWT") != "JWT"
            or not set(header) <= {"alg", "typ", "kid"}
        ):
            raise ClientAssertionInvalid
        subject, jti = claims.get("sub"), claims.get("jti")
        if not isinstance(subject, str) or not isinstance(jti, str) or not 8 <= len(jti) <= 120:  # noqa: PLR2004
            raise ClientAssertionInvalid
        _decode(assertion, jwk.construct(public_key_pem, algorithm="ES256"), "ES256", audience, subject)
        _check_times(claims, leeway=CLOCK_SKEW_SECONDS)
        if claims["exp"] - claims["iat"] > LARGEST_ASSERTION_SECONDS:
            raise ClientAssertionInvalid
        return AssertionClaims(subject, jti, dt.datetime.fromtimestamp(claims["exp"], dt.UTC))
    except (TokenInvalid, TokenExpired, JOSEError) as error:
        raise ClientAssertionInvalid from error


def make_client_assertion(*, client_id: str, audience: str, private_key_pem: str) -> str:
    """The other side of `read_client_assertion`, for our own stand-in of a government system."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": client_id, "sub": client_id, "aud": audience, "iat": now, "nbf": now, "exp": now + 120,
        "jti": uuid.uuid4().hex,
    }  # fmt: skip
    return str(jwt.encode(claims, private_key_pem, algorithm="ES256"))


def _strict_parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, parsed by us: size, shape, and no key said twice."""
    if len(token) > LARGEST_TOKEN_BYTES or token.count(".") != 2 or not token.isascii():  # noqa: PLR2004
        raise TokenInvalid
    header, claims, _ = token.split(".")
    return _segment(header), _segment(claims)


def _segment(text: str) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise TokenInvalid
        return dict(pairs)

    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parsed = json.loads(raw.decode(), object_pairs_hook=unique)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise TokenInvalid from error
    if not isinstance(parsed, dict):
        raise TokenInvalid
    return parsed


def _decode(token: str, key: Any, algorithm: str, audience: str, issuer: str) -> None:  # noqa: ANN401
    options = {f"require_{claim}": True for claim in ("aud", "iss", "sub", "jti")}
    # Times are required and checked by `_check_times` against our own clock. python-jose must not be told to require
    # them: that makes it verify them too, against another clock and without leeway, whatever verify_exp says.
    options |= {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        jwt.decode(token, key, algorithms=[algorithm], audience=audience, issuer=issuer, options=options)
    except (JOSEError, ValueError, TypeError, AttributeError) as error:
        raise TokenInvalid from error


def _check_times(claims: dict[str, Any], *, leeway: int = 0) -> None:
    now = clock.now().timestamp()
    times = [claims.get(name) for name in ("iat", "nbf", "exp")]
    if not all(type(value) is int and 0 <= value < 2**40 for value in times):
        raise TokenInvalid
    issued, not_before, expires = claims["iat"], claims["nbf"], claims["exp"]
    if expires <= now:
        raise TokenExpired
    if not_before > now + leeway or issued > now + leeway:
        raise TokenInvalid
