"""The negative corpus: every token that is not exactly ours is refused."""

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.access.errors import ClientAssertionInvalid, KeyMalformed, TokenExpired, TokenInvalid
from app.access.roles import Role
from app.access.tokens import (
    ACCESS_TOKEN_SECONDS,
    ACCESS_TOKEN_TYPE,
    AccessTokens,
    make_client_assertion,
    read_client_assertion,
    read_public_key,
)
from app.core import clock
from app.core.vault import derive_key
from tests.access import forge
from tests.callers import Callers

KEY = bytes(range(32))
SIGNING_KEY = derive_key(KEY, "access tokens HS256")
NOW = dt.datetime(2026, 3, 1, 12, 0, 0, tzinfo=dt.UTC)
ACCOUNT, SESSION = uuid.uuid4(), uuid.uuid4()
EC_KEY = ec.generate_private_key(ec.SECP256R1())
AUDIENCE = "https://gongyi.example.org/platform/v1/token"

Parts = dict[str, Any]


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(KEY)


@pytest.fixture(autouse=True)
def _noon() -> None:
    clock.set_frozen(NOW)


def good(tokens: AccessTokens) -> tuple[Parts, Parts]:
    return forge.parts(tokens.issue(account_id=ACCOUNT, session_id=SESSION))


class TestIssue:
    def test_it_reads_what_it_issues(self, tokens: AccessTokens) -> None:
        claims = tokens.read(tokens.issue(account_id=ACCOUNT, session_id=SESSION))
        assert (claims.account_id, claims.session_id) == (ACCOUNT, SESSION)

    def test_the_forger_of_these_tests_can_make_a_good_one(self, tokens: AccessTokens) -> None:
        """Otherwise each refusal below could be for another reason."""
        header, claims = good(tokens)
        assert tokens.read(forge.hs256(SIGNING_KEY, header, claims)).account_id == ACCOUNT

    def test_two_tokens_differ(self, tokens: AccessTokens) -> None:
        one = tokens.issue(account_id=ACCOUNT, session_id=SESSION)
        assert one != tokens.issue(account_id=ACCOUNT, session_id=SESSION)

    def test_it_says_nothing_about_the_person(self, tokens: AccessTokens) -> None:
        _, claims = good(tokens)
        assert set(claims) == {"iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"}

    @pytest.mark.parametrize("size", [0, 16, 31, 33])
    def test_a_key_of_another_size_is_refused(self, size: int) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            AccessTokens(b"k" * size)


class TestRead:
    @pytest.mark.parametrize(
        "change",
        [
            {"alg": "none"}, {"alg": "None"}, {"alg": "HS384"}, {"alg": "RS256"}, {"alg": "ES256"}, {"alg": ""},
            {"alg": None}, {"alg": ["HS256"]}, {"typ": "JWT"}, {"typ": "at+JWT"}, {"typ": None},
            {"typ": "dpop+jwt"},
            {"kid": "../../dev/null"}, {"kid": "/etc/passwd"}, {"kid": "' OR 1=1"}, {"kid": ""}, {"kid": None},
            {"jku": "https://evil.example/keys"}, {"jwk": {"kty": "oct", "k": ""}}, {"x5u": "https://evil.example"},
            {"crit": ["exp"]}, {"b64": False}, {"zip": "DEF"}, {"enc": "A128GCM"},
        ],
    )  # fmt: skip
    def test_another_header(self, tokens: AccessTokens, change: Parts) -> None:
        header, claims = good(tokens)
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(SIGNING_KEY, {**header, **change}, claims))

    @pytest.mark.parametrize("name", ["alg", "typ", "kid"])
    def test_a_header_with_something_missing(self, tokens: AccessTokens, name: str) -> None:
        header, claims = good(tokens)
        del header[name]
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(SIGNING_KEY, header, claims))

    @pytest.mark.parametrize("name", ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"])
    def test_a_missing_claim(self, tokens: AccessTokens, name: str) -> None:
        header, claims = good(tokens)
        del claims[name]
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(SIGNING_KEY, header, claims))

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "other"}, {"iss": None}, {"iss": ["gongyi"]}, {"aud": "other"}, {"aud": []}, {"aud": None},
            {"aud": {"gongyi-api": 1}}, {"sub": ""}, {"sub": "1"}, {"sub": 1}, {"sub": None}, {"sid": "x"},
            {"sid": None},
            {"exp": "1772370000"}, {"exp": None}, {"exp": True}, {"exp": 1e400}, {"exp": float("nan")},
            {"exp": 1.8e9},
            {"exp": 2**70}, {"exp": -1}, {"iat": "now"}, {"iat": None}, {"nbf": None}, {"nbf": [0]}, {"iat": 2**63},
            {"jti": None},
        ],
    )  # fmt: skip
    def test_a_claim_of_another_kind(self, tokens: AccessTokens, change: Parts) -> None:
        header, claims = good(tokens)
        with pytest.raises((TokenInvalid, TokenExpired)):
            tokens.read(forge.hs256(SIGNING_KEY, header, {**claims, **change}))

    def test_expired_by_one_second(self, tokens: AccessTokens) -> None:
        token = tokens.issue(account_id=ACCOUNT, session_id=SESSION)
        with clock.frozen(NOW + dt.timedelta(seconds=ACCESS_TOKEN_SECONDS - 1)):
            tokens.read(token)
        for late in (0, 1):
            with (
                clock.frozen(NOW + dt.timedelta(seconds=ACCESS_TOKEN_SECONDS + late)),
                pytest.raises(TokenExpired),
            ):
                tokens.read(token)

    @pytest.mark.parametrize("name", ["nbf", "iat"])
    def test_from_the_future(self, tokens: AccessTokens, name: str) -> None:
        header, claims = good(tokens)
        claims[name] += 1
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(SIGNING_KEY, header, claims))

    @pytest.mark.parametrize(
        "key",
        [
            b"", b"\0" * 32, KEY, b"secret", forge.public_pem(EC_KEY).encode(), forge.public_der(EC_KEY),
            forge.public_ssh(EC_KEY), b"null",
        ],
        ids=["empty", "zeros", "underived", "word", "PEM", "DER", "SSH", "null"],
    )  # fmt: skip
    def test_signed_with_another_key(self, tokens: AccessTokens, key: bytes) -> None:
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(key, *good(tokens)))

    def test_signed_by_another_installation(self, tokens: AccessTokens) -> None:
        other = AccessTokens(bytes(32 - n for n in range(32)))
        with pytest.raises(TokenInvalid):
            tokens.read(other.issue(account_id=ACCOUNT, session_id=SESSION))

    def test_a_claim_said_twice(self, tokens: AccessTokens) -> None:
        header, claims = good(tokens)
        text = json.dumps(claims)
        twice = text[:-1] + f', "sub": "{uuid.uuid4()}"' + "}"
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(SIGNING_KEY, header, forge.b64(twice.encode())))

    def test_a_header_said_twice(self, tokens: AccessTokens) -> None:
        header, claims = good(tokens)
        twice = '{"alg": "none", ' + json.dumps(header)[1:]
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(SIGNING_KEY, forge.b64(twice.encode()), claims))

    def test_a_megabyte_is_refused_without_being_parsed(
        self, tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        header, claims = good(tokens)
        token = forge.hs256(SIGNING_KEY, header, {**claims, "pad": "x" * 1_000_000})
        monkeypatch.setattr(
            "app.access.tokens.jws.verify", lambda *_, **__: pytest.fail("it was looked into")
        )
        monkeypatch.setattr("app.access.tokens.json.loads", lambda *_, **__: pytest.fail("it was parsed"))
        with pytest.raises(TokenInvalid):
            tokens.read(token)

    def test_the_largest_size_is_eight_kilobytes(self, tokens: AccessTokens) -> None:
        header, claims = good(tokens)
        with pytest.raises(TokenInvalid):
            tokens.read(forge.hs256(SIGNING_KEY, header, {**claims, "pad": "x" * 8000}))

    @pytest.mark.parametrize(
        "token",
        [
            "", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", "e30.e30.", "W10.W10.x", "bnVsbA.bnVsbA.",
            "共.议.x", "\0.\0.\0", "e30=.e30=.=", "IiI.IiI.x", " . . ", "[" * 400 + "..",
            f"{forge.b64(b'[' * 3000)}.e30.x",
        ],
    )  # fmt: skip
    def test_what_is_no_token(self, tokens: AccessTokens, token: str) -> None:
        with pytest.raises(TokenInvalid):
            tokens.read(token)

    def test_no_signature(self, tokens: AccessTokens) -> None:
        header, claims = good(tokens)
        start = f"{forge.segment(header)}.{forge.segment(claims)}"
        unsigned = f"{forge.segment({**header, 'alg': 'none'})}.{forge.segment(claims)}"
        for token in (start + ".", unsigned + ".", start + ".AAAA", start):
            with pytest.raises(TokenInvalid):
                tokens.read(token)

    @pytest.mark.parametrize("part", [0, 1, 2])
    def test_an_altered_token(self, tokens: AccessTokens, part: int) -> None:
        pieces = tokens.issue(account_id=ACCOUNT, session_id=SESSION).split(".")
        letter = pieces[part][4]
        pieces[part] = pieces[part][:4] + ("A" if letter != "A" else "B") + pieces[part][5:]
        with pytest.raises(TokenInvalid):
            tokens.read(".".join(pieces))

    def test_an_assertion_of_a_platform_is_no_access_token(self, tokens: AccessTokens) -> None:
        header, claims = good(tokens)
        with pytest.raises(TokenInvalid):
            tokens.read(forge.es256(EC_KEY, {**header, "alg": "ES256"}, claims))

    @given(
        st.text(max_size=200)
        | st.binary(max_size=100).map(lambda raw: f"{forge.b64(raw)}.{forge.b64(raw)}.x")
    )
    def test_no_text_at_all_is_a_crash(self, token: str) -> None:
        with pytest.raises((TokenInvalid, TokenExpired)):
            AccessTokens(KEY).read(token)


class TestOverHttp:
    """The same corpus at the door: each answer is a 401 problem with a stable code."""

    @pytest.fixture
    def real(self, app: FastAPI, callers: Callers) -> tuple[AccessTokens, bytes, Parts, Parts]:
        clock.set_frozen(None)
        tokens: AccessTokens = app.state.access_tokens
        bearer = callers.staff(Role.ADMINISTRATOR, "000000000000")["Authorization"].removeprefix("Bearer ")
        secret = derive_key(app.state.settings.secret("token_key"), "access tokens HS256")
        return tokens, secret, *forge.parts(bearer)

    def test_each_is_a_401(self, client: TestClient, real: tuple[AccessTokens, bytes, Parts, Parts]) -> None:
        _, secret, header, claims = real

        def status(token: str) -> int:
            return int(client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code)

        assert status(forge.hs256(secret, header, claims)) == 200

        def without(name: str) -> Parts:
            return {key: value for key, value in claims.items() if key != name}

        now = int(time.time())
        corpus: dict[str, Callable[[], str]] = {
            "none": lambda: forge.hs256(secret, {**header, "alg": "none"}, claims).rsplit(".", 1)[0] + ".",
            "PEM as HMAC": lambda: forge.hs256(forge.public_pem(EC_KEY).encode(), header, claims),
            "DER as HMAC": lambda: forge.hs256(forge.public_der(EC_KEY), header, claims),
            "SSH as HMAC": lambda: forge.hs256(forge.public_ssh(EC_KEY), header, claims),
            "empty key": lambda: forge.hs256(b"", header, claims),
            "no exp": lambda: forge.hs256(secret, header, without("exp")),
            "no aud": lambda: forge.hs256(secret, header, without("aud")),
            "wrong typ": lambda: forge.hs256(secret, {**header, "typ": "JWT"}, claims),
            "kid path": lambda: forge.hs256(secret, {**header, "kid": "../../etc/passwd"}, claims),
            "expired": lambda: forge.hs256(secret, header, {**claims, "exp": now - 1}),
            "future": lambda: forge.hs256(secret, header, {**claims, "nbf": now + 60}),
            "unknown session": lambda: forge.hs256(secret, header, {**claims, "sid": str(uuid.uuid4())}),
            "another account": lambda: forge.hs256(secret, header, {**claims, "sub": str(uuid.uuid4())}),
            "garbage": lambda: "garbage",
        }
        assert {name: status(make()) for name, make in corpus.items()} == dict.fromkeys(corpus, 401)

    def test_a_megabyte_is_a_401(self, client: TestClient) -> None:
        answer = client.get("/api/v1/me", headers={"Authorization": "Bearer " + "x" * 1_000_000})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")

    def test_an_expired_token_has_its_own_code(
        self, client: TestClient, real: tuple[AccessTokens, bytes, Parts, Parts]
    ) -> None:
        _, secret, header, claims = real
        token = forge.hs256(secret, header, {**claims, "exp": int(time.time()) - 1})
        answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dTpw", "bearer x y", "Bearer\tx"])
    def test_other_headers_are_a_401(self, client: TestClient, header: str) -> None:
        answer = client.get("/api/v1/me", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_an_expired_token_keeps_nobody_from_public_pages(
        self, client: TestClient, real: tuple[AccessTokens, bytes, Parts, Parts]
    ) -> None:
        _, secret, header, claims = real
        token = forge.hs256(secret, header, {**claims, "exp": 1})
        assert client.get("/healthz", headers={"Authorization": f"Bearer {token}"}).status_code == 200


class TestReadPublicKey:
    def test_a_p256_key_in_pem(self) -> None:
        pem = forge.public_pem(EC_KEY)
        assert read_public_key(f"\n{pem}\n") == pem

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "key",
            forge.private_pem(EC_KEY),
            forge.public_ssh(EC_KEY).decode(),
            forge.b64(forge.public_der(EC_KEY)),
            forge.public_pem(ec.generate_private_key(ec.SECP384R1())),
            rsa.generate_private_key(65537, 2048)
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode(),
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "公钥",
        ],
        ids=["nothing", "word", "private", "SSH", "DER", "P-384", "RSA", "broken", "Chinese"],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(KeyMalformed):
            read_public_key(text)


def assertion_parts() -> tuple[Parts, Parts]:
    return forge.parts(
        make_client_assertion(
            client_id="street", audience=AUDIENCE, private_key_pem=forge.private_pem(EC_KEY)
        )
    )


def read_assertion(token: str) -> str:
    return read_client_assertion(token, public_key_pem=forge.public_pem(EC_KEY), audience=AUDIENCE).client_id


class TestReadClientAssertion:
    def test_a_good_one(self) -> None:
        assert read_assertion(forge.es256(EC_KEY, *assertion_parts())) == "street"

    @pytest.mark.parametrize("name", ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"])
    def test_a_missing_claim(self, name: str) -> None:
        header, claims = assertion_parts()
        del claims[name]
        with pytest.raises(ClientAssertionInvalid):
            read_assertion(forge.es256(EC_KEY, header, claims))

    @pytest.mark.parametrize(
        "change",
        [
            {"aud": "https://evil.example/token"}, {"aud": None}, {"aud": []}, {"iss": "other"}, {"sub": "other"},
            {"sub": 1}, {"jti": ""}, {"jti": "short"}, {"jti": "x" * 121}, {"jti": 12345678}, {"exp": 0},
            {"exp": None}, {"exp": "soon"}, {"iat": None}, {"iat": 1.0}, {"nbf": True},
        ],
    )  # fmt: skip
    def test_a_wrong_claim(self, change: Parts) -> None:
        header, claims = assertion_parts()
        with pytest.raises(ClientAssertionInvalid):
            read_assertion(forge.es256(EC_KEY, header, {**claims, **change}))

    @pytest.mark.parametrize(
        "change",
        [
            {"alg": "none"}, {"alg": "HS256"}, {"alg": "ES384"}, {"alg": None}, {"typ": "at+jwt"}, {"typ": None},
            {"jwk": {}}, {"jku": "https://evil.example"}, {"crit": []}, {"x5c": []},
        ],
    )  # fmt: skip
    def test_another_header(self, change: Parts) -> None:
        header, claims = assertion_parts()
        with pytest.raises(ClientAssertionInvalid):
            read_assertion(forge.es256(EC_KEY, {**header, **change}, claims))

    def test_the_public_key_as_an_hmac_secret(self) -> None:
        header, claims = assertion_parts()
        for key in (
            forge.public_pem(EC_KEY).encode(),
            forge.public_der(EC_KEY),
            forge.public_ssh(EC_KEY),
            b"",
        ):
            for algorithm in ("HS256", "ES256"):
                with pytest.raises(ClientAssertionInvalid):
                    read_assertion(forge.hs256(key, {**header, "alg": algorithm}, claims))

    def test_another_clients_key(self) -> None:
        other = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(ClientAssertionInvalid):
            read_assertion(forge.es256(other, *assertion_parts()))

    def test_a_claim_said_twice(self) -> None:
        header, claims = assertion_parts()
        twice = json.dumps(claims)[:-1] + ', "jti": "another-one"}'
        with pytest.raises(ClientAssertionInvalid):
            read_assertion(forge.es256(EC_KEY, header, forge.b64(twice.encode())))

    def test_times(self) -> None:
        header, claims = assertion_parts()
        now = claims["iat"]
        for change, accepted in (
            ({"exp": now}, False),
            ({"exp": now + 1}, True),
            ({"exp": now + 300}, True),
            ({"exp": now + 301}, False),
            ({"iat": now + 30, "nbf": now + 30}, True),
            ({"iat": now + 31}, False),
            ({"nbf": now + 31}, False),
        ):
            token = forge.es256(EC_KEY, header, {**claims, **change})
            if accepted:
                assert read_assertion(token) == "street", change
            else:
                with pytest.raises(ClientAssertionInvalid):
                    read_assertion(token)

    @pytest.mark.parametrize("token", ["", "..", "a.b.c", "e30.e30.e30", "x" * 1_000_000, "共.议.x"])
    def test_what_is_no_token(self, token: str) -> None:
        with pytest.raises(ClientAssertionInvalid):
            read_assertion(token)

    def test_our_own_access_token_is_no_assertion(self, tokens: AccessTokens) -> None:
        with pytest.raises(ClientAssertionInvalid):
            read_assertion(tokens.issue(account_id=ACCOUNT, session_id=SESSION))
        assert ACCESS_TOKEN_TYPE != "JWT"
