"""Routes of funding."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core import clock
from app.core.errors import Outdated
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import AlreadyThere, BadETag, Reading, Writing, etag_version, problems
from app.funding import service
from app.funding.errors import (
    AmountNeeded,
    FactOutOfPlace,
    NotYoursToDecide,
    ReasonNeeded,
    RequestNotFound,
    RequestWrongState,
    SharesMalformed,
    YearNeeded,
)
from app.funding.rules import PolicyInForce, RequestState
from app.funding.schemas import (
    DecisionIn,
    DecisionOut,
    PolicyIn,
    PolicyList,
    PolicyOut,
    ProgressItem,
    ProgressList,
    RequestDetail,
    RequestOut,
    RequestPage,
    ResubmitIn,
)
from app.places.errors import DivisionNotFound
from app.rounds.errors import RoundNotFound

router = APIRouter(prefix="/api/v1", tags=["funding"])


@router.get("/funding-requests", response_model=RequestPage, responses=problems(BadCursor))
def list_requests(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("request.list")],
    round_id: Annotated[uuid.UUID | None, Query(description="Only requests of this round.")] = None,
    state: Annotated[RequestState | None, Query(description="Only requests that stand there.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> RequestPage:
    """Funding requests of your divisions, the reserve included, oldest first."""
    with reading as session:
        rows = service.listing(
            session, actor=actor, verb="request.list", round_id=round_id, state=state, after=time_and_id(cursor),
            limit=limit + 1,
        )  # fmt: skip
    page = page_of(rows, limit, key=lambda row: time_and_id_cursor(row.created_at, row.id))
    return RequestPage(
        items=[RequestOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor
    )


@router.get(
    "/funding-requests/{request_id}", response_model=RequestDetail, responses=problems(RequestNotFound)
)
def read_request(
    request_id: uuid.UUID, reading: Reading, response: Response, actor: Annotated[Actor, may("request.read")]
) -> RequestDetail:
    """A request with its evidence and what was decided on it."""
    with reading as session:
        row, decisions = service.read(session, request_id, actor=actor, verb="request.read")
        response.headers["ETag"] = f'"{row.version}"'
        return RequestDetail(
            **RequestOut.model_validate(row).model_dump(),
            decisions=[DecisionOut.model_validate(each) for each in decisions],
        )


@router.post(
    "/funding-requests/{request_id}/decisions", response_model=RequestOut,
    responses=problems(
        RequestNotFound, NotYoursToDecide, RequestWrongState, Outdated, BadETag, ReasonNeeded, AmountNeeded,
        YearNeeded, FactOutOfPlace,
    ),
)  # fmt: skip
def decide_request(
    request_id: uuid.UUID,
    body: DecisionIn,
    writing: Writing,
    actor: Annotated[Actor, may("request.decide")],
    if_match: Annotated[str | None, Header(max_length=40, description="The ETag of what you read.")] = None,
) -> RequestOut:
    """Decide on a request: receive, return, accept, approve in full or in part, decline, defer, or give a go-ahead."""
    version = None if if_match is None else etag_version(if_match)
    with writing as session:
        row = service.decide(
            session, request_id=request_id, body=body, actor=actor, verb="request.decide", version=version
        )
        return RequestOut.model_validate(row)


@router.post(
    "/funding-requests/{request_id}/resubmit", response_model=RequestOut,
    responses=problems(RequestNotFound, RequestWrongState),
)  # fmt: skip
def resubmit_request(
    request_id: uuid.UUID,
    body: ResubmitIn,
    writing: Writing,
    actor: Annotated[Actor, may("request.resubmit")],
) -> RequestOut:
    """Send a returned request again, with a better justification."""
    with writing as session:
        row = service.resubmit(session, request_id=request_id, justification=body.justification, actor=actor)
        return RequestOut.model_validate(row)


@router.get(
    "/rounds/{round_id}/funding-progress", response_model=ProgressList, responses=problems(RoundNotFound)
)
def read_funding_progress(
    round_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("progress.read")],  # noqa: ARG001
) -> ProgressList:
    """Where the money of a round is, for everybody."""
    with reading as session:
        rows = service.progress(session, round_id=round_id)
        return ProgressList(
            items=[
                ProgressItem(
                    project_id=row.project_id, title=row.title, priority=row.priority, state=row.state,
                    cost_fen=row.cost_fen, community_fen=row.community_fen,
                    public_fen=row.district_fen + row.subdistrict_fen, approved_fen=row.approved_fen,
                    deferred_to=row.deferred_to, changed_at=row.changed_at,
                )
                for row in rows
            ]
        )  # fmt: skip


@router.get(
    "/divisions/{code}/cost-policies", response_model=PolicyList, responses=problems(DivisionNotFound)
)
def list_cost_policies(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("cost_policy.list")],  # noqa: ARG001
) -> PolicyList:
    """Who carries what share of a cost here, and from when; without a policy, that of the division above applies."""
    with reading as session:
        rows = service.policies(session, division_code=code)
        in_force = service.policy_for(session, division_code=code, on=clock.today())
    return PolicyList(in_force=_in_force_out(in_force), items=[PolicyOut.model_validate(row) for row in rows])


@router.post(
    "/divisions/{code}/cost-policies", status_code=201, response_model=PolicyOut,
    responses=problems(DivisionNotFound, SharesMalformed, AlreadyThere),
)  # fmt: skip
def set_cost_policy(
    code: Code12, body: PolicyIn, writing: Writing, actor: Annotated[Actor, may("cost_policy.set")]
) -> PolicyOut:
    """Set who carries what from a day on; requests made before keep their shares."""
    with writing as session:
        row = service.set_policy(session, division_code=code, body=body, actor=actor)
        return PolicyOut.model_validate(row)


def _in_force_out(found: PolicyInForce) -> PolicyOut:
    return PolicyOut(
        division_code=found.division_code, valid_from=found.valid_from, source=found.source,
        community_share=found.policy.community_share, district_share=found.policy.district_share,
        subdistrict_share=found.policy.subdistrict_share,
    )  # fmt: skip
