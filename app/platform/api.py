"""Routes for governments' systems."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query

from app.access.actor import Actor
from app.access.deps import TokensDep, may
from app.access.errors import ClientAssertionInvalid
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, SettingsDep, Writing, problems
from app.funding import service as funding
from app.funding.errors import (
    AmountNeeded,
    FactOutOfPlace,
    MoreThanItCosts,
    ReasonNeeded,
    RequestNotFound,
    RequestWrongState,
    YearNeeded,
)
from app.funding.rules import RequestState
from app.funding.schemas import RequestOut
from app.funding.service import CostChange
from app.outbox.service import SameIdOtherContent
from app.places.errors import DivisionNotFound
from app.platform import service
from app.platform.errors import ScopeNotHeld, UnsupportedGrant
from app.platform.schemas import (
    PlatformCostChange,
    PlatformDecided,
    PlatformDecision,
    PlatformProject,
    PlatformProjectPage,
    PlatformRequest,
    PlatformRequestPage,
    PlatformShares,
    PlatformStats,
    PlatformToken,
    StateTotal,
)
from app.projects import service as projects

router = APIRouter(prefix="/platform/v1", tags=["platform"])

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_PATH = "/platform/v1/oauth/token"  # noqa: S105 - an address

Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]
_Field = Annotated[str, Form(max_length=8192)]


@router.post(
    "/oauth/token", response_model=PlatformToken,
    responses=problems(ClientAssertionInvalid, UnsupportedGrant, ScopeNotHeld),
)  # fmt: skip
def issue_platform_token(
    *,
    writing: Writing,
    settings: SettingsDep,
    tokens: TokensDep,
    actor: Annotated[Actor, may("platform.token.issue")],  # noqa: ARG001 - anybody may try
    grant_type: _Field,
    client_assertion_type: _Field,
    client_assertion: _Field,
    scope: Annotated[str | None, Form(max_length=400)] = None,
) -> PlatformToken:
    """Client credentials with private_key_jwt (RFC 7523); the assertion's audience is this address."""
    if grant_type != "client_credentials" or client_assertion_type != ASSERTION_TYPE:
        raise UnsupportedGrant
    audience = settings.public_url.rstrip("/") + TOKEN_PATH
    with writing as session:
        return service.issue_token(
            session, assertion=client_assertion, scope=scope, audience=audience, tokens=tokens
        )


@router.get("/funding-requests", response_model=PlatformRequestPage, responses=problems(BadCursor))
def list_platform_requests(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("platform.request.list")],
    round_id: uuid.UUID | None = None,
    state: RequestState | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PlatformRequestPage:
    """Funding requests of your divisions, the reserve included, oldest first."""
    with reading as session:
        rows = funding.listing(
            session, actor=actor, verb="platform.request.list", round_id=round_id, state=state,
            after=time_and_id(cursor), limit=limit + 1,
        )  # fmt: skip
        changes = funding.cost_changes_of(session, [row.id for row in rows])
    page = page_of(rows, limit, key=lambda row: time_and_id_cursor(row.created_at, row.id))
    return PlatformRequestPage(
        items=[_request_out(RequestOut.model_validate(row), changes.get(row.id, ())) for row in page.items],
        next_cursor=page.next_cursor,
    )


@router.get(
    "/funding-requests/{request_id}", response_model=PlatformRequest, responses=problems(RequestNotFound)
)
def read_platform_request(
    request_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("platform.request.read")]
) -> PlatformRequest:
    """A funding request with its evidence."""
    with reading as session:
        row, _ = funding.read(session, request_id, actor=actor, verb="platform.request.read")
        return _request_out(
            RequestOut.model_validate(row), funding.cost_changes_of(session, [row.id]).get(row.id, ())
        )


@router.post(
    "/funding-requests/{request_id}/decisions", response_model=PlatformDecided,
    responses=problems(
        RequestNotFound, RequestWrongState, ReasonNeeded, AmountNeeded, YearNeeded, FactOutOfPlace, MoreThanItCosts,
        SameIdOtherContent,
    ),
)  # fmt: skip
def decide_platform_request(
    request_id: uuid.UUID,
    body: PlatformDecision,
    writing: Writing,
    actor: Annotated[Actor, may("platform.request.decide")],
) -> PlatformDecided:
    """Say what your government decided; the same decision id again changes nothing."""
    with writing as session:
        return service.decide(session, request_id=request_id, body=body, actor=actor)


@router.get("/projects", response_model=PlatformProjectPage, responses=problems(BadCursor, DivisionNotFound))
def list_platform_projects(
    reading: Reading,
    actor: Annotated[Actor, may("platform.project.list")],
    community: Annotated[Code12, Query(description="A community of yours, or a division above several.")],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PlatformProjectPage:
    """Published projects of a community, or of all under a division, newest first."""
    after = time_and_id(cursor)
    with reading as session:
        service.check_division(session, division_code=community, actor=actor, verb="platform.project.list")
        views = projects.listing(session, division=community, after=after, limit=limit + 1)
    page = page_of(
        views, limit, key=lambda view: time_and_id_cursor(view.project.created_at, view.project.id)
    )
    return PlatformProjectPage(
        items=[PlatformProject.model_validate(view.project) for view in page.items],
        next_cursor=page.next_cursor,
    )


@router.get("/stats", response_model=PlatformStats, responses=problems(DivisionNotFound))
def read_platform_stats(
    reading: Reading,
    actor: Annotated[Actor, may("platform.stats.read")],
    division: Annotated[
        Code12 | None, Query(description="Only this division; all of yours without it.")
    ] = None,
) -> PlatformStats:
    """How many requests stand where in your divisions, and for how much; nothing about persons."""
    with reading as session:
        totals = service.totals(session, division_code=division, actor=actor)
    return PlatformStats(
        requests=[
            StateTotal(state=state, requests=count, cost_fen=cost, public_fen=public, approved_fen=approved)
            for state, count, cost, public, approved in totals
        ]
    )


def _request_out(row: RequestOut, changes: Sequence[CostChange]) -> PlatformRequest:
    shares = PlatformShares(
        community_fen=row.community_fen, district_fen=row.district_fen, subdistrict_fen=row.subdistrict_fen
    )
    return PlatformRequest(
        **row.model_dump(include=set(PlatformRequest.model_fields)), shares=shares,
        cost_changes=[PlatformCostChange.model_validate(each) for each in changes],
    )  # fmt: skip
