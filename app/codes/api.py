"""Routes of paper codes."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.access.actor import Actor
from app.access.deps import may
from app.access.rules import HELPING_MINUTES
from app.codes import rules, service, slips
from app.codes.errors import (
    BuildingNotFound,
    CodesOfTheDayUsedUp,
    NobodyNeedsACode,
    ResidentNotHere,
    TooManyAtOnce,
)
from app.codes.schemas import PaperCodeCountsOut, PaperCodeOut, PaperCodesIn, PaperCodesOut
from app.core.printing import PrintingUnavailable, check_printer
from app.core.text import Code12
from app.core.web import Reading, SettingsDep, Writing, problems
from app.places.errors import DivisionNotFound
from app.rounds.errors import RoundNotFound, RoundWrongState

router = APIRouter(prefix="/api/v1", tags=["paper codes"])

PDF = "application/pdf"

_ISSUING = problems(
    DivisionNotFound, RoundNotFound, RoundWrongState, ResidentNotHere, BuildingNotFound, NobodyNeedsACode,
    TooManyAtOnce, CodesOfTheDayUsedUp,
)  # fmt: skip


@router.post(
    "/communities/{code}/paper-codes", status_code=201, response_model=PaperCodesOut, responses=_ISSUING
)
def issue_paper_codes(
    code: Code12,
    body: PaperCodesIn,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("paper_code.issue")],
) -> PaperCodesOut:
    """Issue one-time codes to residents, answered this once; earlier codes of theirs end."""
    with writing as session:
        issued = service.issue(session, community_code=code, wanted=body, actor=actor)
    url = slips.sign_in_address(settings.public_url)
    return PaperCodesOut(
        community_code=issued.community_code,
        round_id=issued.round_id,
        expires_at=issued.expires_at,
        url=url,
        picture=slips.qr(url),
        helping_minutes=HELPING_MINUTES,
        items=[
            PaperCodeOut(
                resident_id=slip.resident_id, name=slip.name, building=slip.dwelling.building,
                unit=slip.dwelling.unit, room=slip.dwelling.room, code=slip.code,
            )
            for slip in issued.slips
        ],
    )  # fmt: skip


@router.post(
    "/communities/{code}/paper-codes/slips.pdf", status_code=201, response_class=Response,
    responses={201: {"content": {PDF: {}}}, **_ISSUING, **problems(PrintingUnavailable)},
)  # fmt: skip
def issue_slips(
    code: Code12,
    body: PaperCodesIn,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("paper_code.issue")],
) -> Response:
    """The same as slips to print and cut, on A4; they can be had this once."""
    check_printer()
    with writing as session:
        issued = service.issue(session, community_code=code, wanted=body, actor=actor)
    # Drawn after the transaction, which would keep voters waiting; if drawing fails, the codes are issued anew.
    headers = {"Content-Disposition": 'attachment; filename="slips.pdf"'}
    return Response(
        slips.pdf(issued, public_url=settings.public_url), status_code=201, media_type=PDF, headers=headers
    )


@router.get(
    "/communities/{code}/paper-codes", response_model=PaperCodeCountsOut, responses=problems(DivisionNotFound)
)
def count_paper_codes(
    code: Code12, reading: Reading, actor: Annotated[Actor, may("paper_code.count")]
) -> PaperCodeCountsOut:
    """How many codes a community has issued, and what became of them."""
    with reading as session:
        found = service.count(session, community_code=code, actor=actor)
    return PaperCodeCountsOut(
        issued=found.codes.issued,
        used=found.codes.used,
        replaced=found.codes.replaced,
        in_force=found.codes.in_force,
        issued_today=found.issued_today,
        per_day=rules.CODES_PER_DAY,
    )
