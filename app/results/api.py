"""Routes of results."""

import json
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.ballots.deps import SignerDep
from app.ballots.errors import NotOpenedYet, PublishedAsAggregates
from app.core.web import Reading, SettingsDep, Writing, cacheable, language_of, problems
from app.projects.rules import category_words
from app.results import rules, service
from app.results.errors import NoResultYet, NoticePeriodRunning
from app.results.models import ResultExplanation
from app.results.schemas import (
    CertifiedOut,
    CompletionOut,
    ExplanationOut,
    OutcomeExplanationOut,
    ProjectExplanationOut,
    ProjectResult,
    ReasonOut,
    ResultOut,
    TakenOut,
    TieOut,
)
from app.results.service import ResultView
from app.rounds.errors import RoundNotFound, RoundRecorded, RoundWrongState
from app.tally.explanation import Explanation
from app.tally.outcome import Reason
from app.tally.words import explanation_lines, sentence

router = APIRouter(prefix="/api/v1", tags=["results"])
board_router = APIRouter(prefix="/board/v1", tags=["board"])


@router.get(
    "/rounds/{round_id}/result",
    response_model=ResultOut,
    responses=problems(RoundNotFound, RoundRecorded, NoResultYet),
)
def read_result(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("result.read")],  # noqa: ARG001
) -> ResultOut:
    """The published result: every project with its place, its support and the reason why it is in or out."""
    with reading as session:
        view = service.read(session, round_id)
    return _out(view, language_of(request))


@router.get(
    "/rounds/{round_id}/result/explanation",
    response_model=ExplanationOut,
    responses=problems(RoundNotFound, RoundRecorded, NoResultYet),
)
def read_explanation(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("result.read_explanation")],  # noqa: ARG001
) -> ExplanationOut:
    """How close every project came, and who has what. It is worked out after the announcement; ask again for more."""
    with reading as session:
        view, found = service.explanation(session, round_id)
    return _explanation(view, found, language_of(request))


@router.post(
    "/rounds/{round_id}/certify", response_model=CertifiedOut,
    responses=problems(RoundNotFound, RoundRecorded, NoResultYet, NoticePeriodRunning, RoundWrongState),
)  # fmt: skip
def certify_result(
    round_id: uuid.UUID,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("round.certify")],
) -> CertifiedOut:
    """Declare that the result stands, once its public notice is over; funding is requested from here on."""
    with writing as session:
        result = service.certify(session, round_id=round_id, actor=actor, early=settings.manual_round_times)
        return CertifiedOut.model_validate(result)


@board_router.get(
    "/rounds/{round_id}/ballots.pb", response_class=Response,
    responses=problems(RoundNotFound, RoundRecorded, NoResultYet, PublishedAsAggregates),
)  # fmt: skip
def read_public_ballots(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("board.read")],  # noqa: ARG001
) -> Response:
    """All ballots without names, in Pabulib format: find your line by your tracker, or count again."""
    with reading as session:
        text = service.public_ballots(session, round_id)
    return cacheable(request, text.encode(), seconds=300, media_type="text/plain; charset=utf-8")


@board_router.get(
    "/rounds/{round_id}/bundle.zip", response_class=Response,
    responses=problems(RoundNotFound, RoundRecorded, NoResultYet, NotOpenedYet),
)  # fmt: skip
def read_public_bundle(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    signer: SignerDep,
    actor: Annotated[Actor, may("board.read")],  # noqa: ARG001
) -> Response:
    """Everything needed to count again: list, ballots, result, envelope hashes, signed events and heads."""
    with reading as session:
        raw = service.public_bundle(session, round_id, signer=signer)
    return cacheable(request, raw, seconds=60, media_type="application/zip")


def _out(view: ResultView, language: str) -> ResultOut:
    outcome, result = view.outcome, view.result
    by_id = {each["id"]: each for each in outcome["projects"]}
    after = {each["project"]: each for each in outcome["if_money_ends_here"]}
    projects = [
        _project(view, by_id[project_id], after.get(project_id), place, language)
        for place, project_id in enumerate([*outcome["priority"], *outcome["reserve"]], start=1)
    ]
    return ResultOut(
        round_id=view.round.id,
        result_id=result.id,
        title=view.round.title,
        rule=outcome["rule"],
        rule_version=outcome["version"],
        parameters=outcome["parameters"],
        priority=view.round.priority.value,
        level=result.level,
        ballots_counted=result.ballots_counted,
        roll_size=result.roll_size,
        quorum_reached=result.quorum_reached,
        budget_fen=outcome["budget"],
        spent_fen=outcome["spent"],
        voters_with_something=outcome["voters_with_something"],
        first_choice_funded=outcome["first_choice_funded"],
        completion=_completion(outcome.get("completion")),
        comparison=outcome.get("comparison"),
        projects=projects,
        ties=[
            TieOut(between=[uuid.UUID(each) for each in tie["between"]], decided_by=tie["decided_by"])
            for tie in outcome["ties"]
        ],
        tie_seed=result.tie_seed,
        inputs_digest=result.inputs_digest,
        outcome_digest=result.outcome_digest,
        announced_at=result.announced_at,
        notice_until=result.notice_until,
        certified_at=result.certified_at,
    )


def _completion(counted: dict[str, Any] | None) -> CompletionOut | None:
    if counted is None:
        return None
    return CompletionOut(
        start_fen=counted["start"],
        step_fen=counted["step"],
        pot_fen=counted["pot"],
        ended_by=counted["ended_by"],
        next_fen=counted["next"],
    )


def _project(
    view: ResultView, counted: dict[str, Any], after: dict[str, Any] | None, place: int, language: str
) -> ProjectResult:
    listed, voters = view.listed[counted["id"]], view.outcome["voters"]
    reason = Reason(counted["reason"]["code"], counted["reason"]["facts"])
    other = view.listed.get(str(reason.facts.get("other")))
    spoken = reason if other is None else Reason(reason.code, {**reason.facts, "other": other["title"]})
    return ProjectResult(
        project_id=uuid.UUID(counted["id"]),
        place=place,
        title=listed["title"],
        category=listed["category"],
        community_code=listed["community_code"],
        cost_fen=counted["cost"],
        paid_fen=counted["paid"],
        funded=counted["funded"],
        points=counted["points"],
        backers=counted["backers"],
        first_choices=counted["by_rank"][0] if counted["by_rank"] else 0,
        reason=ReasonOut(
            code=reason.code,
            facts=dict(reason.facts),
            sentence=sentence(spoken, language, lambda fen: rules.yuan_words(fen, language)),
        ),
        cumulative_fen=None if after is None else after["spent"],
        served_percent=None if after is None else rules.percent(after["voters_served"], voters),
    )


def _explanation(view: ResultView, found: ResultExplanation | None, language: str) -> ExplanationOut:
    if found is None or found.body is None:
        state = "waiting" if found is None else found.state.value
        return ExplanationOut.model_validate({
            "state": state, "stage": getattr(found, "stage", ""), "done": getattr(found, "done", 0),
            "of": getattr(found, "of", 0), "projects": [], "outcome": None,
        })  # fmt: skip
    explained = Explanation.from_dict(json.loads(found.body))

    def yuan(fen: int) -> str:
        return rules.yuan_words(fen, language)

    titles = {project_id: str(each["title"]) for project_id, each in view.listed.items()}
    titles |= category_words(language)
    order = [*view.outcome["priority"], *view.outcome["reserve"]]
    about = explained.outcome
    return ExplanationOut(
        state="done",
        stage="",
        done=found.done,
        of=found.of,
        projects=[
            ProjectExplanationOut(
                project_id=uuid.UUID(project_id),
                funded=each.funded,
                wins=each.wins,
                losses=each.losses,
                effective_support=each.effective_support,
                held_fen=each.held,
                taken=[
                    TakenOut(project_id=uuid.UUID(one.project), amount_fen=one.amount) for one in each.taken
                ],
                funded_at_fen=each.funded_at,
                more_backers=each.more_backers,
                wins_in=each.wins_in,
                lines=explanation_lines(each, language, yuan, resamples=about.resamples, names=titles),
            )
            for project_id, each in ((each, explained.projects[each]) for each in order)
        ],
        outcome=OutcomeExplanationOut.model_validate(
            about.to_dict()
            | {
                "underserved": [
                    {"project_id": one.project, "voters": one.voters} for one in about.underserved
                ],
                "lines": explanation_lines(about, language, yuan, names=titles),
            }
        ),
    )
