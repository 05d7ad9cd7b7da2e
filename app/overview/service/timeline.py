"""The story of a project: what every package knows of it, as one list of steps."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from app.access.actor import ANONYMOUS
from app.access.divisions import WHOLE_COUNTRY
from app.core import clock
from app.funding import rules as funding_rules
from app.funding import service as funding
from app.funding.models import FundingRequest, RequestDecision
from app.funding.rules import Decision, Policy, RequestState
from app.ideas.models import IdeaAuthor
from app.objections import service as objections
from app.overview import queries, story
from app.overview.service.home import codes_above
from app.overview.service.outcomes import Placing, figures
from app.overview.story import Fact, Link, LinkKind, Phase, Step, StepKind, StepState, Who
from app.overview.words import Names
from app.places.models import Division
from app.projects import service as projects
from app.projects.models import Project, ProjectStep
from app.projects.rules import PUBLIC_STATES, Origin, ProjectState
from app.results.models import Result
from app.rounds.models import Round
from app.rounds.rules import RoundState
from app.tally.outcome import Reason

_ENDED = (RoundState.CANCELLED, RoundState.VOID)
_KIND_OF_STATE: Mapping[ProjectState, StepKind] = {
    ProjectState.DRAFT: StepKind.REOPENED,
    ProjectState.PUBLISHED: StepKind.PUBLISHED,
    ProjectState.REJECTED: StepKind.REJECTED,
    ProjectState.WITHDRAWN: StepKind.WITHDRAWN,
}
_KIND_OF_ORIGIN: Mapping[Origin, StepKind] = {
    Origin.MEETING: StepKind.RAISED_BY_MEETING,
    Origin.RESIDENT_IDEA: StepKind.RAISED_BY_IDEA,
    Origin.STAFF: StepKind.RAISED_BY_STAFF,
}


@dataclass(frozen=True)
class Money:
    """Who pays what for a project, in fen; the three parts add up to the cost."""

    cost_fen: int
    community_fen: int
    subdistrict_fen: int
    district_fen: int
    #: What the governments granted, of their two parts.
    approved_fen: int | None
    #: Not requested yet: this is what would apply today.
    estimated: bool
    policy: Policy
    #: The division that set the policy; none where nobody did.
    policy_of: str | None
    policy_since: dt.date
    policy_source: str


@dataclass(frozen=True)
class Told:
    """A step, and why the count put the project where it is, with the titles of other projects in it."""

    step: Step
    counted: Reason | None = None
    #: Who proposed it, if residents did.
    authors: Sequence[IdeaAuthor] = ()


@dataclass(frozen=True)
class Story:
    """The story of a project."""

    project: Project
    steps: list[Told]
    stage: StepKind
    money: Money
    #: How many households object, where that may be said.
    objections: int | None
    names: Names
    now: dt.datetime


def read_timeline(session: Session, project_id: uuid.UUID) -> Story:
    """The story of a project that anybody may read.

    Raises:
        ProjectNotFound: there is none, or it was never public.
    """
    view, own = projects.read(session, project_id, actor=ANONYMOUS)
    project, now = view.project, clock.now()
    requests = queries.requests_for(session, project_id)
    rounds = queries.rounds_with(session, project_id)
    told = [*_raised(session, project), *_reviewed(own), *_voted(session, project, rounds, requests, now)]
    if project.state in PUBLIC_STATES and all(row.status in _ENDED for row, _ in rounds):
        told.append(Told(Step(StepKind.TO_BE_LISTED, Phase.REVIEW, StepState.NOW, who=(Who.COMMITTEE,))))
    told = [replace(each, step=story.with_lateness(each.step, now)) for each in told]
    steps = [each.step for each in told]
    places = {row.code: row for row in queries.divisions(session, _codes(project.community_code))}
    return Story(
        project=project,
        steps=[*told, *(Told(each) for each in story.coming(steps))],
        stage=story.stage(steps),
        money=_money(session, project, _asked(rounds, requests), places),
        objections=(
            objections.public_count(session, project_id=project_id) if project.state in PUBLIC_STATES else None
        ),
        names=_names(project.community_code, places),
        now=now,
    )  # fmt: skip


# --- before a vote --------------------------------------------------------------------------------------------------


def _raised(session: Session, project: Project) -> Iterator[Told]:
    kind, source = _KIND_OF_ORIGIN[project.origin], project.origin_id
    idea = queries.idea(session, source) if source and project.origin is Origin.RESIDENT_IDEA else None
    found = queries.resolution(session, source) if source and project.origin is Origin.MEETING else None
    if idea is not None:
        authors = queries.idea_authors(session, idea.id)
        facts: dict[str, Fact] = {
            "reference": idea.title, "endorsements": idea.endorsements, "authors": len(authors),
        }  # fmt: skip
        link = Link(LinkKind.IDEA, idea.id, idea.title)
        yield Told(Step(kind, Phase.RAISED, at=idea.posted_at, facts=facts, links=(link,)), authors=authors)
    elif found is not None:
        resolution, meeting, version = found
        facts = {
            "meeting_kind": meeting.kind.value, "votes_for": resolution.votes_for,
            "votes_against": resolution.votes_against, "abstentions": resolution.abstentions,
        }  # fmt: skip
        document = LinkKind.MEETING if version is None else LinkKind.MINUTES
        link = Link(document, meeting.id, meeting.title, version)
        yield Told(Step(kind, Phase.RAISED, at=meeting.begins_at, facts=facts, links=(link,)))
    else:
        facts = {"reference": project.origin_reference, "meeting_kind": "residents"}
        yield Told(Step(kind, Phase.RAISED, at=project.created_at, facts=facts))


def _reviewed(own: Sequence[ProjectStep]) -> Iterator[Told]:
    for number, row in enumerate(own):
        kind = _KIND_OF_STATE.get(row.state)
        if kind is None or (
            number == 0 and kind is StepKind.REOPENED
        ):  # the draft it began as is what raised it
            continue
        ended = row is own[-1] and kind in {StepKind.REJECTED, StepKind.WITHDRAWN}
        yield Told(
            Step(
                kind, Phase.REVIEW, StepState.ENDED if ended else StepState.DONE, at=row.at, who=(Who.COMMITTEE,),
                reason=row.reason, reason_code=row.reason_code,
            )
        )  # fmt: skip


# --- votes and what follows -----------------------------------------------------------------------------------------


def _voted(
    session: Session,
    project: Project,
    rounds: Sequence[tuple[Round, Result | None]],
    requests: Mapping[uuid.UUID, FundingRequest],
    now: dt.datetime,
) -> Iterator[Told]:
    sizes = queries.list_sizes(session, [row.id for row, _ in rounds])
    decisions = queries.decisions_on(session, [request.id for request in requests.values()])
    for number, (row, result) in enumerate(rounds, start=1):
        yield from _round(row, sizes[row.id], now)
        if result is None:
            continue
        yield from _result(session, project, row, result, now)
        request = requests.get(row.id)
        if request is not None:
            superseded = number < len(rounds)  # it is voted on again: the place in the old reserve is history
            yield from _request(request, decisions[request.id], superseded=superseded)


def _round(row: Round, projects_listed: int, now: dt.datetime) -> Iterator[Told]:
    link = Link(LinkKind.ROUND, row.id, row.title)
    about: dict[str, Fact] = {"round": row.title, "projects": projects_listed}
    yield Told(
        Step(
            StepKind.LISTED, Phase.VOTE, at=row.published_at, who=(Who.COMMITTEE,), facts=about, links=(link,)
        )
    )
    if row.status in _ENDED:
        yield Told(
            Step(
                StepKind.VOTE_CANCELLED, Phase.REVIEW, at=row.closed_at, who=(Who.COMMITTEE,), facts=about,
                reason=row.ended_reason,
            )
        )  # fmt: skip
        return
    state = {RoundState.PUBLISHED: StepState.COMING, RoundState.OPEN: StepState.NOW}.get(row.status)
    yield Told(
        Step(
            StepKind.VOTING, Phase.VOTE, state or StepState.DONE, at=row.opened_at or row.opens_at,
            until=row.closed_at or row.closes_at, facts=about,
        )
    )  # fmt: skip
    if row.status in {RoundState.CLOSED, RoundState.UNSEALED, RoundState.COUNTED}:
        yield Told(
            Step(
                StepKind.COUNTING, Phase.VOTE, StepState.NOW, who=(Who.COMMITTEE,), facts=about,
                waiting_since=row.closed_at or now,
            )
        )  # fmt: skip


def _result(
    session: Session, project: Project, row: Round, result: Result, now: dt.datetime
) -> Iterator[Told]:
    placing = figures(session, result.id).placings[project.id]
    yield Told(
        Step(
            StepKind.PLACED if placing.funded else StepKind.NOT_PLACED, Phase.VOTE, at=result.announced_at,
            links=(Link(LinkKind.RESULT, row.id, row.title),),
            facts={
                "place": placing.place, "backers": placing.backers, "first_choices": placing.first_choices,
                "ballots": result.ballots_counted,
            },
        ),
        counted=_named(session, row.id, placing),
    )  # fmt: skip
    over = result.certified_at is not None or now >= result.notice_until
    yield Told(
        Step(
            StepKind.NOTICE, Phase.NOTICE, StepState.DONE if over else StepState.NOW, at=result.announced_at,
            until=result.notice_until, who=(Who.COMMITTEE,),
            facts={"days": (result.notice_until - result.announced_at).days},
        )
    )  # fmt: skip
    if result.certified_at is not None:
        yield Told(Step(StepKind.CERTIFIED, Phase.NOTICE, at=result.certified_at, who=(Who.COMMITTEE,)))
    elif over:
        yield Told(
            Step(
                StepKind.CERTIFYING, Phase.NOTICE, StepState.NOW, who=(Who.COMMITTEE,),
                waiting_since=result.notice_until,
            )
        )  # fmt: skip


def _named(session: Session, round_id: uuid.UUID, placing: Placing) -> Reason:
    reason = placing.reason
    if "other" not in reason.facts:
        return reason
    titles = queries.titles(session, round_id)
    return Reason(reason.code, {**reason.facts, "other": titles.get(str(reason.facts["other"]), "")})


def _request(
    request: FundingRequest, decisions: Sequence[RequestDecision], *, superseded: bool
) -> Iterator[Told]:
    about: dict[str, Fact] = {"number": request.priority}
    if request.state is RequestState.RESERVE:
        if not superseded:
            yield Told(
                Step(StepKind.RESERVE, Phase.FUNDING, StepState.NOW, at=request.created_at, facts=about)
            )
        return
    public_fen = request.district_fen + request.subdistrict_fen
    yield Told(
        Step(
            StepKind.REQUESTED, Phase.FUNDING, at=request.created_at, who=(Who.COMMITTEE,),
            facts={**about, "cost": request.cost_fen},
        )
    )  # fmt: skip
    since = request.created_at
    for row in decisions:
        since = row.decided_at or row.at
        facts = dict(about)
        if row.decision is Decision.APPROVED:
            facts["amount"] = public_fen
        if row.amount_fen is not None and row.decision is Decision.APPROVED_IN_PART:
            facts |= {"amount": row.amount_fen, "asked": public_fen, "short": public_fen - row.amount_fen}
        if row.year is not None:
            facts["year"] = row.year
        yield Told(story.decided(row.decision, row.step, at=since, reason=row.reason, facts=facts))
    if request.state is RequestState.SUBMITTED:
        since = request.changed_at  # handed in again after it was sent back, or put off
    facts = about if request.deferred_to is None else {**about, "year": request.deferred_to}
    step = story.next_of_request(request.state, request.step, since=since, due_at=request.due_at, facts=facts)
    if step is not None:
        yield Told(step)


# --- who pays, and who is who ---------------------------------------------------------------------------------------


def _asked(
    rounds: Sequence[tuple[Round, Result | None]], requests: Mapping[uuid.UUID, FundingRequest]
) -> FundingRequest | None:
    """The request that says who pays: the latest that was handed in, or else the latest place in a reserve."""
    latest = [requests[row.id] for row, _ in reversed(rounds) if row.id in requests]
    handed_in = [each for each in latest if each.state is not RequestState.RESERVE]
    return next(iter([*handed_in, *latest]), None)


def _money(
    session: Session, project: Project, request: FundingRequest | None, places: Mapping[str, Division]
) -> Money:
    if request is None:
        in_force = funding.policy_for(session, division_code=project.community_code, on=clock.today())
        parts = funding_rules.shares(project.cost_fen, in_force.policy)
        return Money(
            cost_fen=project.cost_fen, community_fen=parts.community_fen, subdistrict_fen=parts.subdistrict_fen,
            district_fen=parts.district_fen, approved_fen=None, estimated=True, policy=in_force.policy,
            policy_of=_setter(in_force.division_code, places), policy_since=in_force.valid_from,
            policy_source=in_force.source,
        )  # fmt: skip
    policy = request.evidence["policy"]
    return Money(
        cost_fen=request.cost_fen, community_fen=request.community_fen, subdistrict_fen=request.subdistrict_fen,
        district_fen=request.district_fen, approved_fen=request.approved_fen,
        estimated=request.state is RequestState.RESERVE,
        policy=Policy(policy["community_share"], policy["district_share"], policy["subdistrict_share"]),
        policy_of=_setter(policy["division_code"], places),
        policy_since=dt.date.fromisoformat(policy["valid_from"]), policy_source=policy["source"],
    )  # fmt: skip


def _setter(code: str, places: Mapping[str, Division]) -> str | None:
    return None if code == WHOLE_COUNTRY or code not in places else places[code].name


def _codes(community_code: str) -> list[str]:
    return [community_code, *codes_above(community_code)]


def _names(community_code: str, places: Mapping[str, Division]) -> Names:
    subdistrict, district = (
        places[code].name if code in places else "" for code in codes_above(community_code)[:2]
    )
    return Names(subdistrict, district)
