"""Routes of funding."""

import datetime as dt
import uuid
from enum import StrEnum
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
    decode_cursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.printing import PrintingUnavailable
from app.core.text import Code12
from app.core.web import AlreadyThere, BadETag, Reading, SettingsDep, Writing, etag_version, problems
from app.funding import printing, service
from app.funding.chain import Step
from app.funding.errors import (
    AmountNeeded,
    FactOutOfPlace,
    LeftOutNeeded,
    LoweredBefore,
    MoreThanItCosts,
    NoPartToAccept,
    NotYoursToDecide,
    ReasonNeeded,
    RequestNotFound,
    RequestWrongState,
    SharesMalformed,
    SpokeBefore,
    YearNeeded,
)
from app.funding.rules import PolicyInForce, RequestState
from app.funding.schemas import (
    AcceptPartIn,
    BoardEvidence,
    CostChangeOut,
    DecisionIn,
    DecisionOut,
    LetterOut,
    MinutesEvidence,
    ObjectionEvidence,
    PackOut,
    PhotoEvidence,
    PolicyIn,
    PolicyList,
    PolicyOut,
    ProgressItem,
    ProgressList,
    PutOff,
    RaisedOut,
    RequestCounts,
    RequestDetail,
    RequestLine,
    RequestOut,
    RequestPage,
    ResubmitIn,
    StationOut,
    StepCount,
    VoteEvidence,
)
from app.funding.service import Detail, Letter, Line, Pack
from app.funding.service.evidence import Raised, Vote
from app.objections.rules import LEAST_HOUSEHOLDS, LEAST_OBJECTIONS
from app.places.errors import DivisionNotFound
from app.rounds.errors import RoundNotFound

router = APIRouter(prefix="/api/v1", tags=["funding"])

IfMatch = Annotated[str | None, Header(max_length=40, description="The ETag of what you read.")]


class Order(StrEnum):
    """How requests are listed."""

    AGE = "age"
    PRIORITY = "priority"


@router.get("/funding-requests", response_model=RequestPage, responses=problems(BadCursor))
def list_requests(
    *,
    reading: Reading,
    actor: Annotated[Actor, may("request.list")],
    round_id: Annotated[uuid.UUID | None, Query(description="Only requests of this round.")] = None,
    state: Annotated[RequestState | None, Query(description="Only requests that stand there.")] = None,
    step: Annotated[Step | None, Query(description="Only requests that this step has in hand.")] = None,
    division: Annotated[Code12 | None, Query(description="Only requests from under this division.")] = None,
    overdue: Annotated[bool, Query(description="Only those that should have been done by now.")] = False,
    order: Annotated[Order, Query(description="Oldest first, or by their place in the result.")] = Order.AGE,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> RequestPage:
    """Funding requests of your divisions, the reserve included, oldest first or by priority."""
    by_priority = order is Order.PRIORITY
    after = _place(cursor) if by_priority else time_and_id(cursor)
    with reading as session:
        lines = service.standing_in_line(
            session, actor=actor, by_priority=by_priority, after=after, limit=limit + 1, round_id=round_id,
            state=state, step=step, division=division, overdue=overdue,
        )  # fmt: skip
    page = page_of(lines, limit, key=_place_cursor if by_priority else _age_cursor)
    return RequestPage(items=[_line_out(line) for line in page.items], next_cursor=page.next_cursor)


@router.get("/funding-requests/counts", response_model=RequestCounts)
def count_requests(
    reading: Reading,
    actor: Annotated[Actor, may("request.count")],
    division: Annotated[Code12 | None, Query(description="Only requests from under this division.")] = None,
) -> RequestCounts:
    """How many requests each step of the chain has in hand in your divisions, and what was put off to which year."""
    with reading as session:
        found = service.count(session, actor=actor, division=division)
    return RequestCounts(
        steps=[
            StepCount(step=step, requests=count, overdue=late, recosted=recosted)
            for step, count, late, recosted in found.steps
        ],
        put_off=[
            PutOff(year=year, requests=count, public_fen=public) for year, count, public in found.put_off
        ],
    )


@router.get(
    "/funding-requests/{request_id}", response_model=RequestDetail, responses=problems(RequestNotFound)
)
def read_request(
    request_id: uuid.UUID, reading: Reading, response: Response, actor: Annotated[Actor, may("request.read")]
) -> RequestDetail:
    """A request with what was said about it, where it is in the chain, and what you may say now."""
    with reading as session:
        found = service.detail(session, request_id, actor=actor)
        response.headers["ETag"] = f'"{found.line.request.version}"'
        return _detail_out(found)


@router.get(
    "/funding-requests/{request_id}/evidence", response_model=PackOut, responses=problems(RequestNotFound)
)
def read_request_evidence(
    request_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("request.read_evidence")]
) -> PackOut:
    """Everything a request rests on, with where to look: minutes, vote, board, objections, pictures."""
    with reading as session:
        return _pack_out(
            service.read_evidence(session, request_id, actor=actor, verb="request.read_evidence")
        )


@router.get(
    "/funding-requests/{request_id}/print", response_class=Response,
    responses=problems(RequestNotFound, PrintingUnavailable),
)  # fmt: skip
def print_request(
    request_id: uuid.UUID,
    reading: Reading,
    settings: SettingsDep,
    actor: Annotated[Actor, may("request.print")],
) -> Response:
    """A request with its evidence as a PDF on A4, in Chinese, for the file."""
    with reading as session:
        pack = service.read_evidence(session, request_id, actor=actor, verb="request.print")
        found = service.detail(session, request_id, actor=actor)
    raw = printing.pdf(found, pack, address=settings.public_url)
    name = f"request-{found.line.request.priority}-{str(request_id)[:8]}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(raw, media_type="application/pdf", headers=headers)


@router.post(
    "/funding-requests/{request_id}/decisions", response_model=RequestOut,
    responses=problems(
        RequestNotFound, NotYoursToDecide, RequestWrongState, Outdated, BadETag, ReasonNeeded, AmountNeeded,
        LeftOutNeeded, YearNeeded, FactOutOfPlace, MoreThanItCosts, LoweredBefore, SpokeBefore,
    ),
)  # fmt: skip
def decide_request(
    request_id: uuid.UUID,
    body: DecisionIn,
    writing: Writing,
    actor: Annotated[Actor, may("request.decide")],
    if_match: IfMatch = None,
) -> RequestOut:
    """Decide when it is your turn: receive, return, agree, approve in full or in part, decline, defer, let begin."""
    version = None if if_match is None else etag_version(if_match)
    with writing as session:
        row = service.decide(
            session, request_id=request_id, body=body, actor=actor, verb="request.decide", version=version
        )
        return RequestOut.model_validate(row)


@router.post(
    "/funding-requests/{request_id}/resubmit", response_model=RequestOut,
    responses=problems(RequestNotFound, RequestWrongState, SpokeBefore, Outdated, BadETag),
)  # fmt: skip
def resubmit_request(
    request_id: uuid.UUID,
    body: ResubmitIn,
    writing: Writing,
    actor: Annotated[Actor, may("request.resubmit")],
    if_match: IfMatch = None,
) -> RequestOut:
    """Send a returned request again with a better justification, or say why a part is not enough."""
    version = None if if_match is None else etag_version(if_match)
    with writing as session:
        row = service.resubmit(
            session, request_id=request_id, justification=body.justification, actor=actor, version=version
        )
        return RequestOut.model_validate(row)


@router.post(
    "/funding-requests/{request_id}/accept-part", response_model=RequestOut,
    responses=problems(RequestNotFound, NoPartToAccept, SpokeBefore, MoreThanItCosts, Outdated, BadETag),
)  # fmt: skip
def accept_part_of_request(
    request_id: uuid.UUID,
    body: AcceptPartIn,
    writing: Writing,
    actor: Annotated[Actor, may("request.accept_part")],
    if_match: IfMatch = None,
) -> RequestOut:
    """Take the part that was approved, so that work may be released."""
    version = None if if_match is None else etag_version(if_match)
    with writing as session:
        row = service.accept_part(
            session, request_id=request_id, words=body.words, actor=actor, version=version
        )
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


def _place(cursor: str | None) -> tuple[int, dt.datetime, uuid.UUID] | None:
    """The sort key behind a cursor of the list by priority: ``<priority> <time> <id>``.

    Raises:
        BadCursor: it is none of ours.
    """
    key = decode_cursor(cursor)
    if key is None:
        return None
    try:
        priority, at, request_id = key.split(" ")
        place = int(priority), dt.datetime.fromisoformat(at), uuid.UUID(request_id)
    except (ValueError, OverflowError) as error:
        raise BadCursor from error
    if place[1].tzinfo is None or not 0 <= place[0] < 2**31:
        raise BadCursor
    return place


def _age_cursor(line: Line) -> str:
    return time_and_id_cursor(line.request.created_at, line.request.id)


def _place_cursor(line: Line) -> str:
    return f"{line.request.priority} {_age_cursor(line)}"


def _line_out(line: Line) -> RequestLine:
    return RequestLine(
        **RequestOut.model_validate(line.request).model_dump(),
        community_name=line.community_name,
        overdue=line.overdue,
    )


def _detail_out(found: Detail) -> RequestDetail:
    return RequestDetail(
        **_line_out(found.line).model_dump(),
        subdistrict_name=found.names[0],
        district_name=found.names[1],
        decisions=[DecisionOut.model_validate(each) for each in found.decisions],
        letters=[_letter_out(each) for each in found.letters],
        stations=[StationOut.model_validate(each) for each in found.stations],
        cost_changes=[CostChangeOut.model_validate(each) for each in found.cost_changes],
        most_fen=found.most_fen,
        district_left_fen=found.left.offer.district_fen,
        subdistrict_left_fen=found.left.offer.subdistrict_fen,
        return_to=found.return_to,
        spoke_as=found.spoke_as,
        open_decisions=found.open_decisions,
        may_resubmit=found.may_resubmit,
        may_accept_part=found.may_accept_part,
    )


def _letter_out(letter: Letter) -> LetterOut:
    said = letter.decision
    return LetterOut(
        at=letter.at, side=letter.side, by=letter.by, decision=said and said.decision, reply=letter.reply,
        words=letter.words, amount_fen=said and said.amount_fen, district_fen=said and said.district_fen,
        subdistrict_fen=said and said.subdistrict_fen, left_out=said and said.left_out, year=said and said.year,
    )  # fmt: skip


def _pack_out(pack: Pack) -> PackOut:
    row = pack.request
    return PackOut(
        request_id=row.id,
        raised=_raised_out(pack.raised),
        vote=_vote_out(pack.vote, pack),
        objections=ObjectionEvidence(
            at_certification=row.evidence["objections"], now=pack.objections_now,
            least_objections=LEAST_OBJECTIONS, least_households=LEAST_HOUSEHOLDS,
        ),
        buildings=list(pack.buildings),
        photos=[PhotoEvidence(url=f"/api/v1/photos/{each.id}", alt=each.alt) for each in pack.photos],
        cost_changes=[CostChangeOut.model_validate(each) for each in pack.cost_changes],
        print_url=f"/api/v1/funding-requests/{row.id}/print",
    )  # fmt: skip


def _raised_out(raised: Raised) -> RaisedOut:
    resolution, meeting = raised.resolution, raised.meeting
    return RaisedOut(
        origin=raised.origin, reference=raised.reference, at=raised.at,
        votes_for=resolution and resolution.votes_for, votes_against=resolution and resolution.votes_against,
        abstentions=resolution and resolution.abstentions, endorsements=raised.endorsements,
        meeting_id=meeting and meeting.id, meeting_kind=meeting and meeting.kind,
        present=meeting and meeting.present, minutes=raised.minutes and MinutesEvidence.model_validate(raised.minutes),
        idea_id=raised.idea_id,
    )  # fmt: skip


def _vote_out(vote: Vote, pack: Pack) -> VoteEvidence:
    row, result = pack.request, vote.result
    files = f"/board/v1/rounds/{row.round_id}"
    return VoteEvidence(
        round_id=row.round_id, title=vote.round.title, kind=vote.round.kind, place=row.priority,
        on_the_list=vote.on_the_list, backers=row.evidence["backers"], ballots_counted=result.ballots_counted,
        roll_size=result.roll_size, quorum_reached=result.quorum_reached, announced_at=result.announced_at,
        notice_until=result.notice_until, certified_at=result.certified_at, counted_twice=True,
        unchanged=vote.unchanged, board=vote.board and BoardEvidence.model_validate(vote.board),
        bundle_url=f"{files}/bundle.zip",
        ballots_url=f"{files}/ballots.pb" if vote.ballots_published else None,
    )  # fmt: skip
