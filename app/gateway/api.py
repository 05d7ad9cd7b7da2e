"""Routes for those who connect other systems."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.access.actor import Actor
from app.access.deps import may
from app.ballots.deps import SignerDep
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.web import AlreadyThere, Reading, SettingsDep, Writing, problems
from app.gateway import service, targets
from app.gateway.errors import (
    DeliveryNotDead,
    DeliveryNotFound,
    EndpointDisabled,
    EndpointNotFound,
    EndpointTooLow,
    NameUnknown,
    TargetRefused,
)
from app.gateway.models import WebhookDelivery
from app.gateway.schemas import (
    DeliveryOut,
    DeliveryPage,
    EndpointCreated,
    EndpointIn,
    EndpointOut,
    EndpointPage,
)
from app.outbox.service import Message
from app.places.errors import DivisionNotFound

router = APIRouter(prefix="/api/v1", tags=["webhooks"])

Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]


@router.post(
    "/webhook-endpoints", status_code=201, response_model=EndpointCreated,
    responses=problems(DivisionNotFound, TargetRefused, NameUnknown, EndpointTooLow, AlreadyThere),
)  # fmt: skip
def register_endpoint(
    body: EndpointIn,
    writing: Writing,
    settings: SettingsDep,
    signer: SignerDep,
    actor: Annotated[Actor, may("endpoint.register")],
) -> EndpointCreated:
    """Register where a government's system takes signed messages (Standard Webhooks)."""
    targets.check(body.url, allow_private=settings.allow_private_targets)
    with writing as session:
        row, key = service.register_endpoint(
            session,
            division_code=body.division,
            url=body.url,
            signing=body.signing,
            signer=signer,
            actor=actor,
        )
        return EndpointCreated(**EndpointOut.model_validate(row).model_dump(), verification_key=key)


@router.get("/webhook-endpoints", response_model=EndpointPage, responses=problems(BadCursor))
def list_endpoints(
    reading: Reading,
    actor: Annotated[Actor, may("endpoint.list")],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> EndpointPage:
    """Endpoints of the divisions you administer."""
    with reading as session:
        rows = service.endpoints(session, actor=actor, after=time_and_id(cursor), limit=limit + 1)
    page = page_of(rows, limit, key=lambda row: time_and_id_cursor(row.created_at, row.id))
    return EndpointPage(
        items=[EndpointOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor
    )


@router.post(
    "/webhook-endpoints/{endpoint_id}/disable", status_code=204, responses=problems(EndpointNotFound)
)
def disable_endpoint(
    endpoint_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("endpoint.disable")]
) -> Response:
    """Send nothing more to an endpoint."""
    with writing as session:
        service.disable_endpoint(session, endpoint_id=endpoint_id, actor=actor)
    return Response(status_code=204)


@router.post(
    "/webhook-endpoints/{endpoint_id}/enable",
    status_code=204,
    responses=problems(EndpointNotFound, AlreadyThere),
)
def enable_endpoint(
    endpoint_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("endpoint.enable")]
) -> Response:
    """Send messages to an endpoint again; what it missed meanwhile is dead and can be replayed."""
    with writing as session:
        service.enable_endpoint(session, endpoint_id=endpoint_id, actor=actor)
    return Response(status_code=204)


@router.get(
    "/webhook-endpoints/{endpoint_id}/deliveries", response_model=DeliveryPage,
    responses=problems(EndpointNotFound, BadCursor),
)  # fmt: skip
def list_deliveries(
    endpoint_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("delivery.list")],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> DeliveryPage:
    """What was sent to an endpoint and how it went, newest first; dead ones can be replayed."""
    with reading as session:
        found = service.deliveries(
            session, endpoint_id=endpoint_id, actor=actor, after=time_and_id(cursor), limit=limit + 1
        )
        items = [_delivery_out(row, carrier) for row, carrier in found]
    page = page_of(items, limit, key=lambda item: time_and_id_cursor(item.created_at, item.id))
    return DeliveryPage(items=list(page.items), next_cursor=page.next_cursor)


@router.post(
    "/webhook-deliveries/{delivery_id}/replay", status_code=202, response_class=Response,
    responses=problems(DeliveryNotFound, DeliveryNotDead, EndpointDisabled),
)  # fmt: skip
def replay_delivery(
    delivery_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("delivery.replay")]
) -> Response:
    """Try a dead delivery again."""
    with writing as session:
        service.replay_delivery(session, delivery_id=delivery_id, actor=actor)
    return Response(status_code=202)


def _delivery_out(row: WebhookDelivery, carrier: Message | None) -> DeliveryOut:
    waiting = carrier is not None and carrier.done_at is None and carrier.dead_at is None
    return DeliveryOut(
        id=row.id,
        event=row.event,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        last_status=row.last_status,
        attempts=carrier.attempts if carrier else 0,
        next_attempt_at=carrier.available_at if carrier and waiting else None,
        dead=carrier is not None and carrier.dead_at is not None,
        last_error=carrier.last_error if carrier else None,
    )
