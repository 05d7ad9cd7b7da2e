"""Routes of results."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.ballots.deps import SignerDep
from app.ballots.errors import NotOpenedYet, PublishedAsAggregates
from app.core.web import Reading, SettingsDep, Writing, cacheable, language_of, problems
from app.results import service, showing, workbook
from app.results.errors import NoResultYet, NoticePeriodRunning
from app.results.schemas import CertifiedOut, ExplanationOut, RepresentationOut, ResultOut, RuleComparisonOut
from app.rounds.errors import RoundNotFound, RoundRecorded, RoundWrongState

#: Workbooks of spreadsheets.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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
    return showing.result_out(view, language_of(request))


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
    return showing.explanation_out(view, found, language_of(request))


@router.get(
    "/rounds/{round_id}/result/comparison", response_model=RuleComparisonOut,
    responses=problems(RoundNotFound, RoundRecorded, NoResultYet),
)  # fmt: skip
def compare_rules(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("result.compare")],  # noqa: ARG001
) -> RuleComparisonOut:
    """What another rule would have given with the same ballots; the result stays what was announced."""
    with reading as session:
        view, found = service.explanation(session, round_id)
    return showing.comparison_out(view, found, language_of(request))


@router.get(
    "/rounds/{round_id}/result/representation", response_model=RepresentationOut,
    responses=problems(RoundNotFound, RoundRecorded, NoResultYet),
)  # fmt: skip
def read_representation(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("result.read_representation")],  # noqa: ARG001
) -> RepresentationOut:
    """Who is heard: voters by the category of their first choice, turnout by building, where large enough."""
    with reading as session:
        view, found = service.explanation(session, round_id)
    return showing.representation_out(view, found, language_of(request))


@router.get(
    "/rounds/{round_id}/result.xlsx", response_class=Response,
    responses={200: {"content": {XLSX: {}}}, **problems(RoundNotFound, RoundRecorded, NoResultYet)},
)  # fmt: skip
def export_result(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("result.export")],
) -> Response:
    """The published result as a workbook: figures, projects with their reasons, ballots by rank, other rules."""
    language = language_of(request)
    with reading as session:
        view, found = service.export(session, round_id, actor=actor)
    name = f"result-{view.round.id}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(workbook.xlsx(view, found, language), media_type=XLSX, headers=headers)


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
