"""Reads of what we send."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.funding.models import FundingRequest
from app.gateway.models import WebhookDelivery, WebhookEndpoint
from app.gateway.rules import DeliveryState
from app.outbox.models import OutboxMessage
from app.places.models import Division

#: A delivery, its endpoint, the message it tells of, and the one that carries it.
Sent = tuple[WebhookDelivery, WebhookEndpoint, OutboxMessage, OutboxMessage]


@dataclass(frozen=True)
class Tally:
    """How the deliveries to an endpoint went."""

    waiting: int
    dead: int
    last_delivered_at: dt.datetime | None


def endpoint(session: Session, endpoint_id: uuid.UUID) -> WebhookEndpoint | None:
    """One endpoint."""
    return session.get(WebhookEndpoint, endpoint_id)


def endpoint_locked(session: Session, endpoint_id: uuid.UUID) -> WebhookEndpoint | None:
    """One endpoint that nobody else switches before this transaction ends."""
    statement = locked(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id), session)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def endpoints(
    session: Session, divisions: Sequence[str], *, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[WebhookEndpoint]:
    """Endpoints under these divisions, oldest first."""
    statement = select(WebhookEndpoint).where(
        sa.or_(*(col(WebhookEndpoint.division_code).startswith(significant(code)) for code in divisions))
    )
    if after is not None:
        at, endpoint_id = after
        statement = statement.where(
            sa.or_(
                col(WebhookEndpoint.created_at) > at,
                sa.and_(col(WebhookEndpoint.created_at) == at, col(WebhookEndpoint.id) > endpoint_id),
            )
        )
    return session.exec(
        statement.order_by(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id)).limit(limit)
    ).all()


def enabled_endpoints(session: Session, division_codes: Sequence[str]) -> Sequence[WebhookEndpoint]:
    """Endpoints of exactly these divisions that take messages."""
    return session.exec(
        select(WebhookEndpoint)
        .where(
            col(WebhookEndpoint.division_code).in_(division_codes), col(WebhookEndpoint.disabled_at).is_(None)
        )
        .order_by(col(WebhookEndpoint.id))
    ).all()


def delivery(session: Session, delivery_id: uuid.UUID) -> WebhookDelivery | None:
    """One delivery."""
    return session.get(WebhookDelivery, delivery_id)


_DEAD = col(OutboxMessage.dead_at).is_not(None)
_ARRIVED = col(WebhookDelivery.delivered_at).is_not(None)
#: What a delivery is like, as a condition on it and on the message that carries it.
_LIKE: Mapping[DeliveryState, sa.ColumnElement[bool]] = {
    DeliveryState.DELIVERED: _ARRIVED,
    DeliveryState.DEAD: sa.and_(~_ARRIVED, _DEAD),
    DeliveryState.WAITING: sa.and_(~_ARRIVED, ~_DEAD),
}


def tallies(session: Session, endpoint_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Tally]:
    """How the deliveries to each of these endpoints went; those without any are left out."""
    rows = session.execute(
        sa.select(
            col(WebhookDelivery.endpoint_id),
            sa.func.count(sa.case((_LIKE[DeliveryState.WAITING], 1))),
            sa.func.count(sa.case((_LIKE[DeliveryState.DEAD], 1))),
            sa.func.max(col(WebhookDelivery.delivered_at)),
        )
        .join(OutboxMessage, col(OutboxMessage.id) == col(WebhookDelivery.outbox_id))
        .where(col(WebhookDelivery.endpoint_id).in_(endpoint_ids))
        .group_by(col(WebhookDelivery.endpoint_id))
    )
    return {row[0]: Tally(*row[1:]) for row in rows}


def dead_carriers(session: Session, endpoint_id: uuid.UUID, *, limit: int) -> Sequence[OutboxMessage]:
    """The messages that carry the dead deliveries to an endpoint, the oldest first."""
    return session.exec(
        select(OutboxMessage)
        .join(WebhookDelivery, col(WebhookDelivery.outbox_id) == col(OutboxMessage.id))
        .where(WebhookDelivery.endpoint_id == endpoint_id, _LIKE[DeliveryState.DEAD])
        .order_by(col(OutboxMessage.position))
        .limit(limit)
    ).all()


def deliveries(
    session: Session,
    endpoint_id: uuid.UUID,
    *,
    state: DeliveryState | None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[WebhookDelivery]:
    """Deliveries to an endpoint, newest first; all, or those of one state."""
    statement = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if state is not None:
        statement = statement.join(
            OutboxMessage, col(OutboxMessage.id) == col(WebhookDelivery.outbox_id)
        ).where(_LIKE[state])
    if after is not None:
        at, delivery_id = after
        statement = statement.where(
            sa.or_(
                col(WebhookDelivery.created_at) < at,
                sa.and_(col(WebhookDelivery.created_at) == at, col(WebhookDelivery.id) > delivery_id),
            )
        )
    return session.exec(
        statement.order_by(col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id)).limit(limit)
    ).all()


def sent_about(session: Session, subject: str, *, limit: int) -> list[Sent]:
    """Deliveries that tell of messages about a subject, the oldest first."""
    source, statement = _sent()
    statement = (
        statement.where(col(source.subject) == subject)
        .order_by(col(source.position), col(WebhookDelivery.id))
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(statement)]


def sent_to(
    session: Session, divisions: Sequence[str], *, state: DeliveryState | None,
    after: tuple[dt.datetime, uuid.UUID] | None, limit: int,
) -> list[Sent]:  # fmt: skip
    """Deliveries to endpoints under these divisions, newest first."""
    _, statement = _sent()
    under = (col(WebhookEndpoint.division_code).startswith(significant(code)) for code in divisions)
    statement = statement.where(sa.or_(sa.false(), *under))
    if state is not None:
        statement = statement.where(_LIKE[state])
    if after is not None:
        at, delivery_id = after
        statement = statement.where(
            sa.or_(
                col(WebhookDelivery.created_at) < at,
                sa.and_(col(WebhookDelivery.created_at) == at, col(WebhookDelivery.id) > delivery_id),
            )
        )
    statement = statement.order_by(col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id))
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(statement.limit(limit))]


def request_titles(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Funding request -> what it is for."""
    rows = session.execute(
        sa.select(col(FundingRequest.id), col(FundingRequest.title)).where(col(FundingRequest.id).in_(ids))
    )
    return {request_id: title for request_id, title in rows}  # noqa: C416 - a row is not a pair for the type checker


def division_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Code -> name of several divisions."""
    rows = session.execute(
        sa.select(col(Division.code), col(Division.name)).where(col(Division.code).in_(codes))
    )
    return {code: name for code, name in rows}  # noqa: C416 - as above


def _sent() -> tuple[Any, Any]:
    """The message a delivery tells of, and the statement that finds both with endpoint and carrier."""
    source = aliased(OutboxMessage)
    statement = (
        sa.select(WebhookDelivery, WebhookEndpoint, source, OutboxMessage)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .join(source, col(source.id) == col(WebhookDelivery.source_id))
        .join(OutboxMessage, col(OutboxMessage.id) == col(WebhookDelivery.outbox_id))
    )
    return source, statement
