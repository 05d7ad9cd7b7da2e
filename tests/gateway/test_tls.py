"""The connection goes to the checked address, and the certificate must still be for the registered name."""

import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.core import clock
from app.gateway import targets, webhook
from app.gateway.webhook import NoAnswer
from tests.inboxes import Inbox

NAME = "street.example"


def certificate(folder: Path, name: str, *, days: int = 10) -> Path:
    """A self-signed certificate with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = clock.now() - dt.timedelta(days=20)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=20 + days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}{days}.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path, NAME)


@pytest.fixture
def asked_for() -> list[str]:
    """The names callers said in their handshakes."""
    return []


@pytest.fixture
def inbox(pem: Path, asked_for: list[str]) -> Iterator[Inbox]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name or "")
    with Inbox(tls=context) as running:
        yield running


@pytest.fixture(autouse=True)
def _trusting(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_trust", lambda: ssl.create_default_context(cafile=str(pem)))
    monkeypatch.setattr(targets, "look_up", lambda *_: ["127.0.0.1"])


def send(inbox: Inbox, name: str) -> int:
    return webhook.send(
        url=f"https://{name}:{inbox.port}/hook", message_id="msg_1", timestamp=1, body=b"{}", signature="v1,x",
        allow_private=True,
    )  # fmt: skip


class TestTls:
    def test_the_registered_name_is_said_and_verified(self, inbox: Inbox, asked_for: list[str]) -> None:
        assert send(inbox, NAME) == 204
        assert asked_for == [NAME]
        assert inbox.taken[0].headers["host"] == f"{NAME}:{inbox.port}"

    def test_a_certificate_for_another_name(self, inbox: Inbox) -> None:
        with pytest.raises(NoAnswer):
            send(inbox, "district.example")
        assert inbox.taken == []

    def test_an_authority_nobody_trusts(self, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(targets, "look_up", lambda *_: ["127.0.0.1"])
        with pytest.raises(NoAnswer):
            send(inbox, NAME)
        assert inbox.taken == []

    def test_a_certificate_that_has_run_out(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        old = certificate(tmp_path, NAME, days=-5)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(old)
        monkeypatch.setattr(webhook, "_trust", lambda: ssl.create_default_context(cafile=str(old)))
        with Inbox(tls=context) as inbox:
            with pytest.raises(NoAnswer):
                send(inbox, NAME)
            assert inbox.taken == []
