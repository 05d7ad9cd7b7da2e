"""Sending one signed message."""

import httpx

from app.gateway import rules, targets
from app.gateway.rules import Sign, Signing

TIMEOUT_SECONDS = 10


def send(
    *, url: str, message_id: str, timestamp: int, body: bytes, signature: str, allow_private: bool
) -> int:
    """POST a signed message and return the status; redirects are not followed.

    Raises:
        TargetRefused: the address must not be called.
        httpx.HTTPError: no answer.
    """
    target = targets.check(url, allow_private=allow_private)
    headers = {
        "Host": target.host_header,
        "Content-Type": "application/json",
        "User-Agent": "gongyi-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    with (
        httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST", target.connect_url, content=body, headers=headers,
            extensions={"sni_hostname": target.server_name},
        ) as answer,
    ):  # fmt: skip
        return answer.status_code


def signature_of(
    *, signing: Signing, secret: str | None, sign: Sign, message_id: str, timestamp: int, body: bytes
) -> str:
    """The ``webhook-signature`` header for a message."""
    content = rules.signed_content(message_id, timestamp, body)
    if signing is Signing.HMAC:
        assert secret is not None
        return rules.hmac_signature(secret, content)
    return rules.ed25519_signature(sign(content))
