"""What the gateway does after events: plans deliveries inside the transaction, sends them outside."""

import uuid

from sqlmodel import Session

from app.core import clock
from app.core.db import Database
from app.core.signer import Signer
from app.gateway import service
from app.gateway.errors import EndpointDisabled, TargetRefused
from app.outbox.service import Message, Refused

#: Where a government's system reads the request a message tells of.
REQUESTS_PATH = "/platform/v1/funding-requests"
_GONE = 410
#: Refusals that are really outages: time-out, too early, too many.
_PASSING = frozenset({408, 425, 429})


class NotTaken(Exception):
    """The other side could not take the message this time."""


def plan(session: Session, message: Message, *, public_url: str) -> None:
    """Plan the deliveries of an event about a funding request."""
    url = f"{public_url.rstrip('/')}{REQUESTS_PATH}/{message.payload['request_id']}"
    service.plan(session, message=message, community_code=message.payload["community_code"], url=url)


def deliver(database: Database, message: Message, *, signer: Signer, allow_private: bool) -> None:
    """Send a planned delivery; no transaction is open meanwhile.

    Raises:
        NotTaken, NoAnswer, NameUnknown: to be tried again.
        Refused: not to be tried again.
    """
    from app.gateway import webhook  # noqa: PLC0415 - an HTTP client, which only the worker needs

    delivery_id = uuid.UUID(message.payload["delivery_id"])
    try:
        with database.reading() as session:
            wanted = service.attempt(session, delivery_id=delivery_id)
    except EndpointDisabled as error:
        raise Refused("the endpoint is disabled") from error
    if wanted is None:
        return
    timestamp = int(clock.now().timestamp())
    signature = webhook.signature_of(
        signing=wanted.signing, secret=wanted.secret, sign=signer.sign, message_id=wanted.message_id,
        timestamp=timestamp, body=wanted.body,
    )  # fmt: skip
    try:
        status = webhook.send(
            url=wanted.url, message_id=wanted.message_id, timestamp=timestamp, body=wanted.body,
            signature=signature, allow_private=allow_private,
        )  # fmt: skip
    except TargetRefused as error:
        raise Refused(str(error.facts["reason"])) from error
    delivered = 200 <= status < 300  # noqa: PLR2004 - RFC 9110: success
    with database.writing() as session:
        service.note_answer(
            session, delivery_id=delivery_id, status=status, delivered=delivered, gone=status == _GONE
        )
    if delivered:
        return
    said = f"the endpoint answered {status}"
    if 300 <= status < 500 and status not in _PASSING:  # noqa: PLR2004 - redirects and refusals
        raise Refused(said)
    raise NotTaken(said)
