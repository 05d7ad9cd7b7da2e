"""Routes of what a resident sees first."""

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.text import Code12
from app.core.web import Reading, Store, cacheable, language_of, problems
from app.ideas.schemas import AuthorOut
from app.overview import service, words
from app.overview.kept import OVERVIEW_SECONDS, KeepingDep
from app.overview.schemas import (
    CommitteeLine,
    CommunityLine,
    CommunityPage,
    DocumentOut,
    FundedLine,
    IdeaLine,
    LastRound,
    MinutesLine,
    MoneyLine,
    ObjectionsOut,
    OverviewOut,
    PayerOut,
    PaymentOut,
    PlaceOut,
    RoundLine,
    StageOut,
    TimelineOut,
    TimelineStep,
    TurnoutOut,
)
from app.overview.service import Counted, Decided, Money, Overview, RoundNow, Story, Told
from app.places.errors import DivisionNotFound
from app.projects.errors import ProjectNotFound
from app.projects.rules import PUBLIC_STATES
from app.results.rules import yuan_words
from app.rounds.rules import RECORDED_KINDS
from app.rounds.schemas import RECORDED_LABEL, SECRET_LABEL
from app.tally.words import sentence

router = APIRouter(prefix="/api/v1", tags=["overview"])


@router.get("/communities/{code}/overview", response_model=OverviewOut, responses=problems(DivisionNotFound))
def read_overview(
    code: Code12,
    request: Request,
    store: Store,
    keeping: KeepingDep,
    actor: Annotated[Actor, may("overview.read")],  # noqa: ARG001
) -> Response:
    """A community at one glance: what is open, what comes, what came of the last round and where its money is.

    The same for everybody and up to ten seconds old; the turnout in it some ten minutes, with none in the first.
    """

    def make() -> bytes:
        with store.reading() as session:
            found = service.read(session, code)
            return _out(found).model_dump_json().encode()

    return cacheable(request, keeping.overviews.get(code, make), seconds=OVERVIEW_SECONDS)


@router.get(
    "/projects/{project_id}/timeline", response_model=TimelineOut, responses=problems(ProjectNotFound)
)
def read_timeline(
    project_id: uuid.UUID,
    request: Request,
    store: Store,
    keeping: KeepingDep,
    actor: Annotated[Actor, may("project.read_timeline")],  # noqa: ARG001
) -> Response:
    """A project's whole story: every step with its date, documents and who is responsible, and what comes next."""
    language = language_of(request)

    def make() -> bytes:
        with store.reading() as session:
            return _timeline(service.read_timeline(session, project_id), language).model_dump_json().encode()

    answer = cacheable(request, keeping.timelines.get((project_id, language), make), seconds=OVERVIEW_SECONDS)
    answer.headers["Vary"] = "Accept-Language"
    return answer


@router.get("/communities", response_model=CommunityPage, responses=problems(BadCursor))
def list_communities(
    reading: Reading,
    actor: Annotated[Actor, may("community.list")],  # noqa: ARG001
    named: Annotated[
        str, Query(max_length=60, description="Parts of names, of it or of what it lies in.")
    ] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> CommunityPage:
    """Communities that use the service, by code."""
    with reading as session:
        found = service.list_communities(session, named=named, after=decode_cursor(cursor), limit=limit + 1)
    page = page_of(found, limit, lambda each: each.community.code)
    return CommunityPage(
        items=[
            CommunityLine(
                code=each.community.code,
                name=each.community.name,
                above=[PlaceOut.model_validate(one) for one in each.above],
            )
            for each in page.items
        ],
        next_cursor=page.next_cursor,
    )


def _out(found: Overview) -> OverviewOut:
    return OverviewOut(
        code=found.community.code,
        name=found.community.name,
        above=[PlaceOut.model_validate(each) for each in found.above],
        committee=None if found.committee is None else CommitteeLine.model_validate(found.committee),
        open=[_line(each) for each in found.open],
        coming=[_line(each) for each in found.coming],
        counting=[_line(each) for each in found.counting],
        last=None if found.last is None else _last(found.last),
        minutes=[
            MinutesLine(
                meeting_id=row.id, title=row.title, version=row.version, begins_at=row.begins_at,
                published_at=row.published_at,
            )
            for row in found.minutes
        ],
        ideas=[IdeaLine.model_validate(row) for row in found.ideas],
    )  # fmt: skip


def _line(found: RoundNow) -> RoundLine:
    row = found.round
    recorded = row.kind in RECORDED_KINDS
    return RoundLine(
        id=row.id,
        title=row.title,
        kind=row.kind,
        electorate=row.electorate,
        recorded=recorded,
        label=RECORDED_LABEL if recorded else SECRET_LABEL,
        question=row.question,
        status=row.status,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        budget_fen=None if recorded else row.budget_fen,
        projects=found.projects,
        max_rank=None if recorded else row.max_rank,
        roll_size=row.roll_size,
        turnout=None if found.turnout is None else TurnoutOut.model_validate(found.turnout),
    )


def _last(found: Counted | Decided) -> LastRound:
    row = found.round
    about = {
        "id": row.id, "title": row.title, "kind": row.kind, "question": row.question, "status": row.status,
        "roll_size": row.roll_size,
    }  # fmt: skip
    nothing = dict.fromkeys(
        (
            "ballots_counted",
            "quorum_reached",
            "budget_fen",
            "spent_fen",
            "projects",
            "funded",
            "valid",
            "passed",
        )
    )
    if isinstance(found, Decided):
        decision = found.decision
        return LastRound.model_validate({
            **about, **nothing, "recorded": True, "label": RECORDED_LABEL, "announced_at": decision.announced_at,
            "notice_until": decision.notice_until, "certified_at": decision.certified_at, "valid": decision.valid,
            "passed": decision.passed, "money": [], "first": [],
        })  # fmt: skip
    result, figures = found.result, found.figures
    return LastRound.model_validate({
        **about, **nothing, "recorded": False, "label": SECRET_LABEL, "announced_at": result.announced_at,
        "notice_until": result.notice_until, "certified_at": result.certified_at,
        "ballots_counted": result.ballots_counted, "roll_size": result.roll_size,
        "quorum_reached": result.quorum_reached, "budget_fen": row.budget_fen, "spent_fen": figures.spent_fen,
        "projects": len(figures.placings), "funded": len(figures.funded),
        "money": [
            MoneyLine(state=state, requests=requests, cost_fen=cost_fen, approved_fen=approved_fen)
            for state, requests, cost_fen, approved_fen in found.money
        ],
        "first": [FundedLine.model_validate(each) for each in found.first],
    })  # fmt: skip


def _timeline(found: Story, language: str) -> TimelineOut:
    project = found.project
    on_offer = project.state in PUBLIC_STATES
    return TimelineOut(
        project_id=project.id,
        title=project.title,
        community_code=project.community_code,
        stage=StageOut(code=found.stage, words=words.stage(found.stage, language)),
        payment=_payment(found.money, found.names, language) if on_offer else None,
        objections=(
            ObjectionsOut(households=found.objections, words=words.objections(found.objections, language))
            if on_offer
            else None
        ),
        items=[_step(each, found, language) for each in found.steps],
    )


def _step(told: Told, found: Story, language: str) -> TimelineStep:
    step = told.step
    title, detail = words.title_and_detail(step, language)
    reason = words.reason(step, language)
    if told.counted is not None:
        reason = sentence(told.counted, language, lambda fen: yuan_words(fen, language))
    return TimelineStep(
        code=step.kind, phase=step.phase, state=step.state, title=title, detail=detail,
        who=words.who(step, found.names, language), at=step.at, until=step.until, reason=reason,
        waiting_since=step.waiting_since, waiting=words.waiting(step, found.now, language),
        late_since=step.late_since, links=[DocumentOut.model_validate(each) for each in step.links],
        authors=[AuthorOut.model_validate(each) for each in told.authors],
    )  # fmt: skip


def _payment(money: Money, names: words.Names, language: str) -> PaymentOut:
    parts: tuple[tuple[Literal["community", "subdistrict", "district"], int], ...] = (
        ("community", money.community_fen),
        ("subdistrict", money.subdistrict_fen),
        ("district", money.district_fen),
    )
    policy = money.policy
    return PaymentOut(
        cost_fen=money.cost_fen,
        estimated=money.estimated,
        approved_fen=money.approved_fen,
        parts=[
            PayerOut(
                party=party, name=words.payer(party, names, language), amount_fen=amount_fen,
                percent=words.share(amount_fen, money.cost_fen),
            )
            for party, amount_fen in parts
        ],
        source=words.policy_source(
            division=money.policy_of, since=money.policy_since, source=money.policy_source,
            shares=(policy.community_share, policy.district_share, policy.subdistrict_share), language=language,
        ),
    )  # fmt: skip
