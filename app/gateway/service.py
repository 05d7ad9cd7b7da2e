"""Endpoints of other systems, and what is sent to them."""

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.core.canonical import canonical_json
from app.core.ids import new_id
from app.core.signer import Signer, b64
from app.funding import service as funding
from app.gateway import queries, rules
from app.gateway.errors import (
    DeliveryNotDead,
    DeliveryNotFound,
    EndpointDisabled,
    EndpointNotFound,
    EndpointTooLow,
)
from app.gateway.events import DeliveryPlanned
from app.gateway.models import WebhookDelivery, WebhookEndpoint
from app.gateway.queries import Tally
from app.gateway.rules import DeliveryState, Signing
from app.outbox import service as outbox
from app.outbox.service import Message
from app.places import service as places
from app.places.errors import DivisionNotFound

#: Province 1, city 2, district 3, sub-district 4, community 5.
SUBDISTRICT_LEVEL = 4
#: More messages about one request than any chain gives.
MOST_SHOWN = 200
#: More at once would be one long transaction; whoever has more asks again.
LARGEST_REPLAY = 500


def register_endpoint(
    session: Session, *, division_code: str, url: str, signing: Signing, signer: Signer, actor: Actor
) -> tuple[WebhookEndpoint, str]:
    """Register where a system takes messages; returns the key with which it verifies them, shown once.

    The address was checked before this transaction began: asking a name server may take long.

    Raises:
        DivisionNotFound: no such division, or not yours.
        EndpointTooLow: a community is no government.
    """
    division = places.division(session, division_code)
    if not actor.may("endpoint.register", division_code):
        raise DivisionNotFound
    if division.level > SUBDISTRICT_LEVEL:
        raise EndpointTooLow
    secret = None
    if signing is Signing.HMAC:
        secret = rules.SECRET_PREFIX + b64(secrets.token_bytes(rules.SECRET_BYTES))
    row = WebhookEndpoint(
        division_code=division_code, url=url, signing=signing, secret=secret, created_at=clock.now()
    )
    session.add(row)
    audit.record(
        session, chain=division_code, by=actor.ref, tag=Tag.ENDPOINT_REGISTERED, subject=f"endpoint:{row.id}",
        facts={"signing": signing.value},
    )  # fmt: skip
    return row, secret or rules.public_key_text(signer.public_key)


def endpoints(
    session: Session, *, actor: Actor, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[WebhookEndpoint]:
    """Endpoints of the divisions somebody administers."""
    return queries.endpoints(session, actor.divisions_for("endpoint.list"), after=after, limit=limit)


def tallies(session: Session, *, endpoints: Sequence[WebhookEndpoint]) -> dict[uuid.UUID, Tally]:
    """How the deliveries to each of these endpoints went."""
    found = queries.tallies(session, [each.id for each in endpoints])
    return {each.id: found.get(each.id, Tally(0, 0, None)) for each in endpoints}


def disable_endpoint(session: Session, *, endpoint_id: uuid.UUID, actor: Actor) -> WebhookEndpoint:
    """Send nothing more to an endpoint.

    Raises:
        EndpointNotFound: there is none, or it is not yours.
    """
    row = _endpoint(session, endpoint_id, actor=actor, verb="endpoint.disable")
    _disable(session, row, by=actor.ref, reason="by an administrator")
    return row


def enable_endpoint(session: Session, *, endpoint_id: uuid.UUID, actor: Actor) -> WebhookEndpoint:
    """Send messages to an endpoint again; what was missed meanwhile is dead and can be replayed.

    Raises:
        EndpointNotFound: there is none, or it is not yours.
    """
    row = _endpoint(session, endpoint_id, actor=actor, verb="endpoint.enable")
    if row.disabled_at is not None:
        row.disabled_at, row.disabled_reason = None, None
        session.add(row)
        audit.record(
            session,
            chain=row.division_code,
            by=actor.ref,
            tag=Tag.ENDPOINT_ENABLED,
            subject=f"endpoint:{row.id}",
        )
    return row


def deliveries(
    session: Session,
    *,
    endpoint_id: uuid.UUID,
    actor: Actor,
    state: DeliveryState | None = None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> list[tuple[WebhookDelivery, Message | None]]:
    """What was sent to an endpoint and how it went, newest first; all, or what is in one state.

    Raises:
        EndpointNotFound: there is none, or it is not yours.
    """
    _endpoint(session, endpoint_id, actor=actor, verb="delivery.list")
    found = queries.deliveries(session, endpoint_id, state=state, after=after, limit=limit)
    return [(each, outbox.message(session, each.outbox_id)) for each in found]


@dataclass(frozen=True)
class Sent:
    """A message to another system, as those see it whose request it tells of."""

    delivery: WebhookDelivery
    request_id: uuid.UUID
    #: None for whoever may not read the request: an administrator sees that messages arrive, and nothing in them.
    title: str | None
    decision: str | None
    division_code: str
    division_name: str
    host: str
    state: DeliveryState
    attempts: int
    next_attempt_at: dt.datetime | None
    endpoint_disabled: bool
    may_replay: bool


def sent_about(session: Session, *, request_id: uuid.UUID, actor: Actor) -> list[Sent]:
    """Which messages about a request went where, and whether they arrived, the oldest first.

    Raises:
        RequestNotFound: there is none, or it is not yours.
    """
    funding.read(session, request_id, actor=actor, verb="delivery.list_of_request")
    found = queries.sent_about(session, f"request:{request_id}", limit=MOST_SHOWN)
    return _seen(session, found, actor, reads=True)


def sent_recently(
    session: Session,
    *,
    actor: Actor,
    state: DeliveryState | None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> list[Sent]:
    """What was sent to the systems of the divisions somebody works for, newest first."""
    divisions = actor.divisions_for("delivery.list_recent")
    found = queries.sent_to(session, divisions, state=state, after=after, limit=limit)
    return _seen(session, found, actor)


def replay_delivery(session: Session, *, delivery_id: uuid.UUID, actor: Actor) -> WebhookDelivery:
    """Try a dead delivery again, or one that waits for its next try now.

    Raises:
        DeliveryNotFound: there is none, or it is not yours.
        DeliveryNotDead: it arrived, or is being sent at this moment.
        EndpointDisabled: its endpoint takes no messages.
    """
    row = queries.delivery(session, delivery_id)
    endpoint = None if row is None else queries.endpoint(session, row.endpoint_id)
    if row is None or endpoint is None or not actor.may("delivery.replay", endpoint.division_code):
        raise DeliveryNotFound
    carrier = outbox.message(session, row.outbox_id)
    if carrier is None or (carrier.dead_at is None and not outbox.waits(carrier)):
        raise DeliveryNotDead
    if endpoint.disabled_at is not None:
        raise EndpointDisabled
    if not outbox.hurry(session, carrier):
        outbox.revive(session, carrier)
    audit.record(
        session,
        chain=endpoint.division_code,
        by=actor.ref,
        tag=Tag.DELIVERY_REPLAYED,
        subject=f"delivery:{row.id}",
    )
    return row


def replay_all(session: Session, *, endpoint_id: uuid.UUID, actor: Actor) -> int:
    """Try the dead deliveries to an endpoint again, at most `LARGEST_REPLAY` of them, in their order; how many.

    Raises:
        EndpointNotFound: there is none, or it is not yours.
        EndpointDisabled: it takes no messages.
    """
    endpoint = _endpoint(session, endpoint_id, actor=actor, verb="delivery.replay_all")
    if endpoint.disabled_at is not None:
        raise EndpointDisabled
    carriers = queries.dead_carriers(session, endpoint_id, limit=LARGEST_REPLAY)
    for carrier in carriers:
        outbox.revive(session, carrier)
    if carriers:
        audit.record(
            session, chain=endpoint.division_code, by=actor.ref, tag=Tag.DELIVERY_REPLAYED,
            subject=f"endpoint:{endpoint.id}", facts={"count": len(carriers)},
        )  # fmt: skip
    return len(carriers)


def plan(session: Session, *, message: Message, community_code: str, url: str) -> list[WebhookDelivery]:
    """Plan one delivery of an event to every endpoint of the governments above a community.

    The event is thin: what happened, to which request, and where to read it. A receiver then reads with its own
    credentials what is true by that time, and nothing a resident wrote travels to an address somebody mistyped.
    """
    above = [row.code for row in places.ancestors(session, community_code)]
    body: dict[str, Any] = {
        "type": message.name,
        "timestamp": message.created_at.isoformat(),
        "data": {**message.payload, "url": url},
    }
    text = canonical_json(body).decode()
    return [_plan_one(session, each, message, text) for each in queries.enabled_endpoints(session, above)]


@dataclass(frozen=True)
class Attempt:
    """What is to be sent, to whom, signed how."""

    url: str
    signing: Signing
    secret: str | None
    message_id: str
    body: bytes


def attempt(session: Session, *, delivery_id: uuid.UUID) -> Attempt | None:
    """What is to be sent for a delivery; nothing when it has arrived.

    Raises:
        EndpointDisabled: its endpoint takes no messages.
    """
    row = queries.delivery(session, delivery_id)
    endpoint = None if row is None else queries.endpoint(session, row.endpoint_id)
    if row is None or endpoint is None or row.delivered_at is not None:
        return None
    if endpoint.disabled_at is not None:
        raise EndpointDisabled
    return Attempt(endpoint.url, endpoint.signing, endpoint.secret, f"msg_{row.id.hex}", row.body.encode())


def note_answer(
    session: Session, *, delivery_id: uuid.UUID, status: int, delivered: bool, gone: bool
) -> None:
    """Keep what the other side answered; one that says 410 wants no more messages."""
    row = queries.delivery(session, delivery_id)
    if row is None:
        return
    row.last_status = status
    if delivered:
        row.delivered_at = clock.now()
    session.add(row)
    endpoint = queries.endpoint_locked(session, row.endpoint_id)
    if gone and endpoint is not None and endpoint.disabled_at is None:
        _disable(session, endpoint, by="system", reason="it answered 410 Gone")


def _seen(
    session: Session, found: Sequence[queries.Sent], actor: Actor, *, reads: bool = False
) -> list[Sent]:
    """The same with names; what a request is about only for whoever may read it, there or because they just did."""
    about = [uuid.UUID(source.payload["request_id"]) for _, _, source, _ in found]
    titles = queries.request_titles(session, set(about))
    names = queries.division_names(session, {endpoint.division_code for _, endpoint, _, _ in found})
    return [
        _sent(row, request_id, titles, names, actor, reads=reads)
        for row, request_id in zip(found, about, strict=True)
    ]


def _sent(
    row: queries.Sent,
    request_id: uuid.UUID,
    titles: Mapping[uuid.UUID, str],
    names: Mapping[str, str],
    actor: Actor,
    *,
    reads: bool,
) -> Sent:
    delivery, endpoint, source, carrier = row
    state = rules.delivery_state(
        delivered=delivery.delivered_at is not None, dead=carrier.dead_at is not None
    )
    reads = reads or actor.may("request.read", endpoint.division_code)
    return Sent(
        delivery=delivery,
        request_id=request_id,
        title=titles.get(request_id, "") if reads else None,
        decision=source.payload.get("decision") if reads else None,
        division_code=endpoint.division_code,
        division_name=names.get(endpoint.division_code, ""),
        host=urlsplit(endpoint.url).hostname or "",
        state=state,
        attempts=carrier.attempts,
        next_attempt_at=carrier.available_at if state is DeliveryState.WAITING else None,
        endpoint_disabled=endpoint.disabled_at is not None,
        may_replay=(state is DeliveryState.DEAD or outbox.waits(carrier))
        and actor.may("delivery.replay", endpoint.division_code),
    )


def _endpoint(session: Session, endpoint_id: uuid.UUID, *, actor: Actor, verb: str) -> WebhookEndpoint:
    row = queries.endpoint_locked(session, endpoint_id)
    if row is None or not actor.may(verb, row.division_code):
        raise EndpointNotFound
    return row


def _plan_one(session: Session, endpoint: WebhookEndpoint, message: Message, body: str) -> WebhookDelivery:
    delivery_id = new_id()
    # order is kept per endpoint and subject, and one endpoint's trouble is nobody else's
    carrier = outbox.emit(
        session, DeliveryPlanned(str(delivery_id)), subject=f"{endpoint.id.hex}:{message.subject}"
    )
    row = WebhookDelivery(
        id=delivery_id, endpoint_id=endpoint.id, source_id=message.id, outbox_id=carrier.id, event=message.name,
        body=body, created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    return row


def _disable(session: Session, row: WebhookEndpoint, *, by: str, reason: str) -> None:
    if row.disabled_at is not None:
        return
    row.disabled_at, row.disabled_reason = clock.now(), reason
    session.add(row)
    audit.record(
        session, chain=row.division_code, by=by, tag=Tag.ENDPOINT_DISABLED, subject=f"endpoint:{row.id}",
        facts={"reason": reason},
    )  # fmt: skip
