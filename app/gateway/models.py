"""Tables of what we send."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.db import EnumText, UtcDateTime
from app.core.ids import new_id
from app.core.vault import SealedText
from app.gateway.rules import Signing


class WebhookEndpoint(SQLModel, table=True):
    """Where a government's system takes messages about its division."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        # two of the same would take every message twice
        sa.Index(
            "uq_webhook_endpoint_taking", "division_code", "url", unique=True,
            sqlite_where=sa.text("disabled_at IS NULL"), postgresql_where=sa.text("disabled_at IS NULL"),
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    division_code: str = Field(max_length=12, foreign_key="division.code")
    url: str = Field(max_length=500)
    signing: Signing = Field(sa_type=EnumText(Signing))
    secret: str | None = Field(default=None, sa_type=SealedText("webhook_endpoint.secret"))
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    disabled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_reason: str | None = Field(default=None, max_length=200)


class WebhookDelivery(SQLModel, table=True):
    """One message to one endpoint; the body is kept so that every attempt sends the same bytes."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("endpoint_id", "source_id"),
        sa.Index("ix_webhook_delivery_endpoint_created", "endpoint_id", "created_at"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    endpoint_id: uuid.UUID = Field(foreign_key="webhook_endpoint.id")
    #: The outbox message it tells of.
    source_id: uuid.UUID
    #: The outbox message that carries it.
    outbox_id: uuid.UUID
    event: str = Field(max_length=60)
    body: str = Field(sa_type=sa.Text)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    delivered_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_status: int | None = None
