"""What goes in and out about endpoints and deliveries."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field, StringConstraints

from app.core.schemas import InputModel, OutputModel
from app.core.text import Code12
from app.gateway.rules import DeliveryState, Signing


class EndpointIn(InputModel):
    """Where a government's system takes messages."""

    division: Code12 = Field(description="Messages about communities under it are sent.")
    url: Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^[\x21-\x7e]+$")]
    signing: Signing = Signing.ED25519


class EndpointOut(OutputModel):
    """An endpoint."""

    id: uuid.UUID
    division_code: str
    url: str
    signing: Signing
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    disabled_reason: str | None


class ListedEndpointOut(EndpointOut):
    """An endpoint and how it does."""

    waiting: int = Field(description="Deliveries that are still tried.")
    dead: int = Field(description="Deliveries that were given up; they can be replayed.")
    last_delivered_at: dt.datetime | None


class EndpointCreated(EndpointOut):
    """A new endpoint with the key that verifies its messages: ours to publish, or a secret shown this once."""

    verification_key: str


class EndpointPage(OutputModel):
    """Some endpoints, oldest first."""

    items: list[ListedEndpointOut]
    next_cursor: str | None


class DeliveryOut(OutputModel):
    """A message to an endpoint and how it went."""

    id: uuid.UUID
    event: str
    created_at: dt.datetime
    delivered_at: dt.datetime | None
    last_status: int | None
    attempts: int
    next_attempt_at: dt.datetime | None
    dead: bool
    last_error: str | None


class DeliveryPage(OutputModel):
    """Some deliveries, newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None


class ReplayedOut(OutputModel):
    """How many dead deliveries are tried again."""

    replayed: int


class SentOut(OutputModel):
    """A message to a government's system, and whether it arrived: no address beyond the host, no answer, no key."""

    id: uuid.UUID
    request_id: uuid.UUID
    title: str | None = Field(description="Null for whoever may not read the request: an administrator.")
    event: str
    decision: str | None = Field(
        description="What was decided, where the message tells of a decision and you may read the request."
    )
    division_code: str
    division_name: str
    host: str
    created_at: dt.datetime
    state: DeliveryState
    delivered_at: dt.datetime | None
    last_status: int | None
    attempts: int
    next_attempt_at: dt.datetime | None
    endpoint_disabled: bool
    may_replay: bool


class SentList(OutputModel):
    """Messages about one request, the oldest first."""

    items: list[SentOut]


class SentPage(OutputModel):
    """Messages to the systems of your divisions, newest first."""

    items: list[SentOut]
    next_cursor: str | None
