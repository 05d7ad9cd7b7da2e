"""Routes of a round until it opens. Opening, closing and counting stand in `ballots` and `results`."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, SettingsDep, Writing, etag_version, language_of, problems
from app.rounds import service
from app.rounds.errors import (
    ChairNeeded,
    CommunityNotCovered,
    DatesReversed,
    ForcedOverBudget,
    GroupsContradict,
    KindMalformed,
    NothingToVoteOn,
    NoticeTooShort,
    ProjectNotInCommunities,
    RoundFrozen,
    RoundNotFound,
    RoundOutdated,
    RoundWrongState,
    RuleMalformed,
    SecondPersonNeeded,
)
from app.rounds.models import RoundProject
from app.rounds.rules import RECORDED_KINDS
from app.rounds.schemas import (
    RECORDED_LABEL,
    SECRET_LABEL,
    CheckOut,
    EndIn,
    FindingOut,
    ListedProject,
    ProjectList,
    RoundIn,
    RoundOut,
    RoundPage,
)
from app.rounds.service import RoundView

router = APIRouter(prefix="/api/v1", tags=["rounds"])

_DRAFTING = (
    CommunityNotCovered,
    ProjectNotInCommunities,
    DatesReversed,
    KindMalformed,
    RuleMalformed,
    GroupsContradict,
    ForcedOverBudget,
)


@router.get("/rounds", response_model=RoundPage, responses=problems(BadCursor))
def list_rounds(
    reading: Reading,
    actor: Annotated[Actor, may("round.list")],  # noqa: ARG001
    division: Annotated[Code12 | None, Query(description="Only rounds that concern this division.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> RoundPage:
    """Published rounds, newest first."""
    with reading as session:
        views = service.listing(session, division=division, after=time_and_id(cursor), limit=limit + 1)
    return _page(views, limit)


@router.get("/round-drafts", response_model=RoundPage, responses=problems(BadCursor))
def list_round_drafts(
    reading: Reading,
    actor: Annotated[Actor, may("round.list_drafts")],
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> RoundPage:
    """Drafts of the divisions you work for, newest first."""
    with reading as session:
        views = service.drafts(session, actor=actor, after=time_and_id(cursor), limit=limit + 1)
    return _page(views, limit)


@router.post(
    "/rounds", status_code=201, response_model=RoundOut, responses=problems(RoundNotFound, *_DRAFTING)
)
def draft_round(
    body: RoundIn, writing: Writing, response: Response, actor: Annotated[Actor, may("round.draft")]
) -> RoundOut:
    """Draft a round; nobody outside the committee sees it yet."""
    with writing as session:
        view = service.draft(session, body=body, actor=actor)
    return _out(view, response)


@router.get("/rounds/{round_id}", response_model=RoundOut, responses=problems(RoundNotFound))
def read_round(
    round_id: uuid.UUID, reading: Reading, response: Response, actor: Annotated[Actor, may("round.read")]
) -> RoundOut:
    """A round: what is asked, of whom, when, by which rule, and where it stands."""
    with reading as session:
        view = service.read(session, round_id, actor=actor)
    return _out(view, response)


@router.get("/rounds/{round_id}/projects", response_model=ProjectList, responses=problems(RoundNotFound))
def list_round_projects(
    round_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("round.read")]
) -> ProjectList:
    """The round's list of projects, with titles and costs as they were frozen at publication."""
    with reading as session:
        service.read(session, round_id, actor=actor)
        rows = service.listed_projects(session, round_id)
        photos = service.pictures(session, rows)
        return ProjectList(items=[_listed(row, photos.get(row.project_id)) for row in rows])


@router.put(
    "/rounds/{round_id}", response_model=RoundOut,
    responses=problems(RoundNotFound, RoundFrozen, RoundOutdated, *_DRAFTING),
)  # fmt: skip
def change_round(
    round_id: uuid.UUID,
    body: RoundIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("round.change")],
    if_match: Annotated[str, Header(description="The ETag you read.", max_length=40)],
) -> RoundOut:
    """Replace a draft; a proposal to publish it is thereby withdrawn."""
    version = etag_version(if_match)
    with writing as session:
        view = service.change(session, round_id=round_id, body=body, version=version, actor=actor)
    return _out(view, response)


@router.delete("/rounds/{round_id}", status_code=204, responses=problems(RoundNotFound, RoundFrozen))
def discard_round(
    round_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("round.discard")]
) -> Response:
    """Throw a draft away; nobody outside the committee has seen it."""
    with writing as session:
        service.discard(session, round_id=round_id, actor=actor)
    return Response(status_code=204)


@router.get("/rounds/{round_id}/check", response_model=CheckOut, responses=problems(RoundNotFound))
def check_round(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    settings: SettingsDep,
    actor: Annotated[Actor, may("round.check")],
) -> CheckOut:
    """Look a draft over before it is published: who could vote, what it costs, what stops it, what else runs then."""
    with reading as session:
        won = request.app.state.wiring.won
        found = service.check(session, round_id=round_id, actor=actor, won=won)
    language, law = language_of(request), found.law
    return CheckOut(
        round_id=round_id, version=found.round.version,
        findings=[
            FindingOut(code=each.code, weight=each.weight, sentence=each.sentence(language)) for each in found.findings
        ],
        proposed_by=found.proposed_by, proposed_by_me=found.proposed_by_me, approved_by=found.approved_by,
        approvers=found.approvers, people=found.people, households=found.households,
        listed_cost_fen=found.listed_cost_fen, forced_cost_fen=found.forced_cost_fen,
        notice_days=law.notice_days, notice_article=law.notice_article,
        quorum_article=law.quorum_article, publication_days=law.publication_days,
        publication_article=law.publication_article, by_hand=settings.manual_round_times,
    )  # fmt: skip


@router.post(
    "/rounds/{round_id}/publish", response_model=RoundOut,
    responses=problems(
        RoundNotFound, RoundFrozen, NothingToVoteOn, NoticeTooShort, DatesReversed, ProjectNotInCommunities
    ),
)  # fmt: skip
def publish_round(
    round_id: uuid.UUID, writing: Writing, response: Response, actor: Annotated[Actor, may("round.publish")]
) -> RoundOut:
    """Propose that a draft be published; a second person approves."""
    with writing as session:
        view = service.publish(session, round_id=round_id, actor=actor)
    return _out(view, response)


@router.post(
    "/rounds/{round_id}/approve", response_model=RoundOut,
    responses=problems(
        RoundNotFound, RoundFrozen, RoundWrongState, SecondPersonNeeded, ChairNeeded, RoundOutdated, NothingToVoteOn,
        NoticeTooShort,
        DatesReversed, ProjectNotInCommunities, ForcedOverBudget,
    ),
)  # fmt: skip
def approve_round(
    round_id: uuid.UUID, writing: Writing, response: Response, actor: Annotated[Actor, may("round.approve")]
) -> RoundOut:
    """Approve what somebody else proposed: list, costs, rule and dates are frozen and public from now on."""
    with writing as session:
        view = service.approve(session, round_id=round_id, actor=actor)
    return _out(view, response)


@router.post(
    "/rounds/{round_id}/cancel", response_model=RoundOut, responses=problems(RoundNotFound, RoundWrongState)
)
def cancel_round(
    round_id: uuid.UUID,
    body: EndIn,
    writing: Writing,
    response: Response,
    actor: Annotated[Actor, may("round.cancel")],
) -> RoundOut:
    """End a round before it opens, or void it afterwards, with a public reason."""
    with writing as session:
        view = service.cancel(session, round_id=round_id, reason=body.reason, actor=actor)
    return _out(view, response)


#: What says how a list is counted.
_OF_A_LIST = frozenset({
    "max_rank", "budget_fen", "rule", "points", "skip", "threshold", "completion", "until", "fill", "comparison",
    "part_percent", "unranked", "ties", "priority",
})  # fmt: skip


def round_out(view: RoundView) -> RoundOut:
    """A round as the API shows it."""
    row = view.round
    recorded = row.kind in RECORDED_KINDS
    made = {
        "recorded": recorded,
        "label": RECORDED_LABEL if recorded else SECRET_LABEL,
        "community_codes": view.community_codes,
        "proposed": row.proposed_by is not None,
    }
    return RoundOut(
        **{
            name: None if recorded and name in _OF_A_LIST else getattr(row, name)
            for name in RoundOut.model_fields
            if name not in made
        },
        **made,
    )


def _out(view: RoundView, response: Response) -> RoundOut:
    response.headers["ETag"] = f'"{view.round.version}"'
    return round_out(view)


def _page(views: list[RoundView], limit: int) -> RoundPage:
    page = page_of(views, limit, key=lambda view: time_and_id_cursor(view.round.created_at, view.round.id))
    return RoundPage(items=[round_out(view) for view in page.items], next_cursor=page.next_cursor)


def _listed(row: RoundProject, photo_id: uuid.UUID | None) -> ListedProject:
    kept = {name: getattr(row, name) for name in ListedProject.model_fields if name != "photo_id"}
    return ListedProject(**kept, photo_id=photo_id)
