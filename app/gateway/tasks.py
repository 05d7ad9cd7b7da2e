"""What the gateway does after events: plans deliveries inside the transaction, sends them outside."""

import uuid

from sqlmodel import Session

from app.core import clock
from app.core.db import Database
from app.core.signer import Signer
from app.gateway import service, webhook
from app.gateway.errors import TargetRefused
from app.outbox.service import Message, Refused

_GONE = 410
#: Refusals that are really outages: time-out, too early, too many.
_PASSING = frozenset({408, 425, 429})


class NotTaken(Exception):
    """The other side could not take the message this time."""


def plan(session: Session, message: Message) -> None:
    """Plan the deliveries of an event about a community."""
    service.plan(session, message=message, community_code=message.payload["community_code"])


def deliver(database: Database, message: Message, *, signer: Signer, allow_private: bool) -> None:
    """Send a planned delivery; no transaction is open meanwhile.

    Raises:
        NotTaken, httpx.HTTPError: to be tried again.
        Refused: not to be tried again.
    """
    delivery_id = uuid.UUID(message.payload["delivery_id"])
    with database.reading() as session:
        found = service.attempt(session, delivery_id=delivery_id)
    if found is None:
        return
    row, endpoint = found
    body, timestamp, message_id = row.body.encode(), int(clock.now().timestamp()), f"msg_{row.id.hex}"
    signature = webhook.signature_of(
        signing=endpoint.signing, secret=endpoint.secret, sign=signer.sign, message_id=message_id,
        timestamp=timestamp, body=body,
    )  # fmt: skip
    try:
        status = webhook.send(
            url=endpoint.url, message_id=message_id, timestamp=timestamp, body=body, signature=signature,
            allow_private=allow_private,
        )  # fmt: skip
    except TargetRefused as error:
        if error.facts.get("reason") == "the name does not resolve":
            raise NotTaken(str(error.facts["reason"])) from error  # a name server may be down
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
