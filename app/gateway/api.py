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
from app.funding.errors import RequestNotFound
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
from app.gateway.rules import DeliveryState
from app.gateway.schemas import (
    DeliveryOut,
    DeliveryPage,
    EndpointCreated,
    EndpointIn,
    EndpointOut,
    EndpointPage,
    ListedEndpointOut,
    ReplayedOut,
    SentList,
    SentOut,
    SentPage,
)
from app.gateway.service import Sent
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
    """Endpoints of the divisions you administer, and how the deliveries to each went."""
    with reading as session:
        rows = service.endpoints(session, actor=actor, after=time_and_id(cursor), limit=limit + 1)
        page = page_of(rows, limit, key=lambda row: time_and_id_cursor(row.created_at, row.id))
        tallies = service.tallies(session, endpoints=page.items)
    return EndpointPage(
        items=[
            ListedEndpointOut(
                **EndpointOut.model_validate(row).model_dump(),
                waiting=tallies[row.id].waiting,
                dead=tallies[row.id].dead,
                last_delivered_at=tallies[row.id].last_delivered_at,
            )
            for row in page.items
        ],
        next_cursor=page.next_cursor,
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
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> DeliveryPage:
    """What was sent to an endpoint and how it went, newest first; dead ones can be replayed."""
    with reading as session:
        found = service.deliveries(
            session,
            endpoint_id=endpoint_id,
            actor=actor,
            state=state,
            after=time_and_id(cursor),
            limit=limit + 1,
        )
        items = [_delivery_out(row, carrier) for row, carrier in found]
    page = page_of(items, limit, key=lambda item: time_and_id_cursor(item.created_at, item.id))
    return DeliveryPage(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/webhook-deliveries", response_model=SentPage, responses=problems(BadCursor))
def list_recent_deliveries(
    reading: Reading,
    actor: Annotated[Actor, may("delivery.list_recent")],
    state: Annotated[DeliveryState | None, Query(description="Only messages that stand so.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> SentPage:
    """Messages to the systems of the divisions you work for, newest first, and whether they arrived."""
    with reading as session:
        found = service.sent_recently(
            session, actor=actor, state=state, after=time_and_id(cursor), limit=limit + 1
        )
    page = page_of(
        found, limit, key=lambda sent: time_and_id_cursor(sent.delivery.created_at, sent.delivery.id)
    )
    return SentPage(items=[_sent_out(each) for each in page.items], next_cursor=page.next_cursor)


@router.get(
    "/funding-requests/{request_id}/deliveries", response_model=SentList, responses=problems(RequestNotFound)
)
def list_deliveries_of_request(
    request_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("delivery.list_of_request")]
) -> SentList:
    """Which messages about a request went to which government's system, and whether they arrived."""
    with reading as session:
        found = service.sent_about(session, request_id=request_id, actor=actor)
    return SentList(items=[_sent_out(each) for each in found])


@router.post(
    "/webhook-deliveries/{delivery_id}/replay", status_code=202, response_class=Response,
    responses=problems(DeliveryNotFound, DeliveryNotDead, EndpointDisabled),
)  # fmt: skip
def replay_delivery(
    delivery_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("delivery.replay")]
) -> Response:
    """Try a dead delivery again, or one that waits for its next try now."""
    with writing as session:
        service.replay_delivery(session, delivery_id=delivery_id, actor=actor)
    return Response(status_code=202)


@router.post(
    "/webhook-endpoints/{endpoint_id}/replay", status_code=202, response_model=ReplayedOut,
    responses=problems(EndpointNotFound, EndpointDisabled),
)  # fmt: skip
def replay_all_deliveries(
    endpoint_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("delivery.replay_all")]
) -> ReplayedOut:
    """Try all dead deliveries to an endpoint again, in their order."""
    with writing as session:
        return ReplayedOut(replayed=service.replay_all(session, endpoint_id=endpoint_id, actor=actor))


def _sent_out(sent: Sent) -> SentOut:
    row = sent.delivery
    return SentOut(
        id=row.id, request_id=sent.request_id, title=sent.title, event=row.event, decision=sent.decision,
        division_code=sent.division_code, division_name=sent.division_name, host=sent.host,
        created_at=row.created_at, state=sent.state, delivered_at=row.delivered_at, last_status=row.last_status,
        attempts=sent.attempts, next_attempt_at=sent.next_attempt_at, endpoint_disabled=sent.endpoint_disabled,
        may_replay=sent.may_replay,
    )  # fmt: skip


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
