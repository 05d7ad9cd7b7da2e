"""Routes of reports."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.sheets import XLSX
from app.core.text import Code12
from app.core.web import Reading, Store, language_of, problems
from app.places.errors import DivisionNotFound
from app.reports import service, showing, workbook
from app.reports.kept import KeepingDep
from app.reports.rules import FIRST_YEAR, LAST_YEAR
from app.reports.schemas import ReportPlace, ReportYears, YearReport

router = APIRouter(prefix="/api/v1", tags=["reports"])

Year = Annotated[
    int, Path(ge=FIRST_YEAR, le=LAST_YEAR, description="Of Beijing; a round belongs to the one it closes in.")
]


@router.get("/divisions/{code}/reports", response_model=ReportYears, responses=problems(DivisionNotFound))
def list_reports(code: Code12, reading: Reading, actor: Annotated[Actor, may("report.list")]) -> ReportYears:
    """Of which years there are reports of a place of yours, and which divisions above it are yours too."""
    with reading as session:
        found = service.years(session, division_code=code, actor=actor)
    return ReportYears(
        division=ReportPlace.model_validate(found.place),
        above=[ReportPlace.model_validate(each) for each in found.above],
        years=found.years,
    )


@router.get(
    "/divisions/{code}/reports/{year}", response_model=YearReport, responses=problems(DivisionNotFound)
)
def read_report(
    code: Code12, year: Year, store: Store, keeping: KeepingDep, actor: Annotated[Actor, may("report.read")]
) -> YearReport:
    """A year of a place: who took part, what they want, where the money is, how long people wait, objections.

    Aggregates only, up to a minute old.
    """
    with store.reading() as session:
        seen = service.look(session, division_code=code, actor=actor, verb="report.read")
        found = keeping.get(
            (code, year, seen.from_above), lambda: service.read(session, seen=seen, year=year)
        )
    return showing.report_out(found)


@router.get(
    "/divisions/{code}/reports/{year}/report.xlsx", response_class=Response,
    responses={200: {"content": {XLSX: {}}}, **problems(DivisionNotFound)},
)  # fmt: skip
def export_report(
    code: Code12,
    year: Year,
    request: Request,
    store: Store,
    keeping: KeepingDep,
    actor: Annotated[Actor, may("report.export")],
) -> Response:
    """The same figures as a workbook, a sheet a topic, without a formula."""
    with store.reading() as session:
        seen = service.look(session, division_code=code, actor=actor, verb="report.export")
        found = keeping.get(
            (code, year, seen.from_above), lambda: service.read(session, seen=seen, year=year)
        )
    raw = workbook.xlsx(showing.report_out(found), language_of(request))
    headers = {
        "Content-Disposition": f'attachment; filename="report-{code}-{year}.xlsx"',
        "Cache-Control": "no-store",
    }
    return Response(raw, media_type=XLSX, headers=headers)
