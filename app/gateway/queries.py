"""Reads of what we send."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access.divisions import significant
from app.core.db import locked
from app.gateway.models import WebhookDelivery, WebhookEndpoint


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


def deliveries(
    session: Session, endpoint_id: uuid.UUID, *, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[WebhookDelivery]:
    """Deliveries to an endpoint, newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
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
