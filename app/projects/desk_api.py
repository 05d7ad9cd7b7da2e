"""Routes of the committee's desk: counts, lists from a spreadsheet, projects of which only one is to be done."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile

from app.access.actor import Actor
from app.access.deps import may
from app.core.sheets import XLSX, SheetTooLarge, SheetUnreadable
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.places.errors import DivisionNotFound
from app.projects import service, sheets
from app.projects.errors import (
    BuildingNotHere,
    ExclusionUnfit,
    ProjectColumnsMissing,
    ProjectImportHasErrors,
    ProjectImportNotFound,
    ProjectImportWrongState,
    ProjectListEmpty,
    ProjectNotFound,
)
from app.projects.schemas import (
    ComparedProject,
    ExclusionIn,
    ExclusionList,
    ExclusionOut,
    ExclusiveGroupOut,
    LikePairOut,
    ListedOut,
    ProjectCounts,
    ProjectImportOut,
    ProjectListCommitIn,
)
from app.projects.service import ImportView

router = APIRouter(prefix="/api/v1", tags=["projects"])


@router.get(
    "/communities/{code}/project-counts", response_model=ProjectCounts, responses=problems(DivisionNotFound)
)
def count_projects(
    code: Code12, reading: Reading, actor: Annotated[Actor, may("project.count")]
) -> ProjectCounts:
    """How many projects of a community are drafts, on offer, on a list, and over."""
    with reading as session:
        found = service.counts(session, community_code=code, actor=actor)
    return ProjectCounts(**{state.value: count for state, count in found.items()})


# --- one or the other ---------------------------------------------------------------------------------------------


@router.get(
    "/communities/{code}/project-exclusions",
    response_model=ExclusionList,
    responses=problems(DivisionNotFound),
)
def list_exclusions(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("exclusion.list")],
    project_id: Annotated[
        list[uuid.UUID] | None,
        Query(description="Only among these, a round's list for instance.", max_length=200),
    ] = None,
) -> ExclusionList:
    """Projects of which only one is to be done, as groups for a round's list too, and pairs that look like it."""
    with reading as session:
        found = service.exclusions(session, community_code=code, among=set(project_id or ()), actor=actor)
    return ExclusionList(
        items=[
            ExclusionOut(
                first=ComparedProject.model_validate(each.first), second=ComparedProject.model_validate(each.second),
                reason=each.row.reason, by=each.row.by, at=each.row.at,
            )
            for each in found.marked
        ],
        groups=[ExclusiveGroupOut.model_validate(each) for each in found.groups],
        suggested=[LikePairOut.model_validate(each) for each in found.suggested],
    )  # fmt: skip


@router.put(
    "/projects/{project_id}/exclusions/{other_id}", status_code=204,
    responses=problems(ProjectNotFound, ExclusionUnfit),
)  # fmt: skip
def mark_exclusion(
    project_id: uuid.UUID,
    other_id: uuid.UUID,
    body: ExclusionIn,
    writing: Writing,
    actor: Annotated[Actor, may("exclusion.mark")],
) -> Response:
    """Mark that of two projects only one is to be done; again, to change the reason."""
    with writing as session:
        service.mark(session, project_id=project_id, other_id=other_id, reason=body.reason, actor=actor)
    return Response(status_code=204)


@router.delete(
    "/projects/{project_id}/exclusions/{other_id}", status_code=204, responses=problems(ProjectNotFound)
)
def unmark_exclusion(
    project_id: uuid.UUID,
    other_id: uuid.UUID,
    writing: Writing,
    actor: Annotated[Actor, may("exclusion.unmark")],
) -> Response:
    """Take such a mark back; there need not be one."""
    with writing as session:
        service.unmark(session, project_id=project_id, other_id=other_id, actor=actor)
    return Response(status_code=204)


# --- lists from a spreadsheet -------------------------------------------------------------------------------------


@router.get("/project-list/template.xlsx", response_class=Response)
def download_project_list_template(
    actor: Annotated[Actor, may("project_list.download_template")],  # noqa: ARG001
) -> Response:
    """An .xlsx file to fill in: headings, hints and an example row that is not read."""
    headers = {"Content-Disposition": 'attachment; filename="projects-template.xlsx"'}
    return Response(sheets.template(), media_type=XLSX, headers=headers)


@router.get(
    "/communities/{code}/project-list.xlsx", response_class=Response, responses=problems(DivisionNotFound)
)
def export_project_list(
    code: Code12, reading: Reading, actor: Annotated[Actor, may("project_list.export")]
) -> Response:
    """The community's projects as .xlsx, in the columns of the template; nothing in it is a formula."""
    with reading as session:
        made = service.export(session, community_code=code, actor=actor)
    headers = {"Content-Disposition": 'attachment; filename="projects.xlsx"', "Cache-Control": "no-store"}
    return Response(made, media_type=XLSX, headers=headers)


@router.post(
    "/communities/{code}/project-imports", status_code=201, response_model=ProjectImportOut,
    responses=problems(
        DivisionNotFound, SheetUnreadable, SheetTooLarge, ProjectColumnsMissing, ProjectListEmpty
    ),
)  # fmt: skip
def preview_project_list(
    code: Code12, file: UploadFile, writing: Writing, actor: Annotated[Actor, may("project_list.preview")]
) -> ProjectImportOut:
    """Upload a list (.xlsx, or .csv in UTF-8 or GBK) and see what it would draft; nothing is drafted yet."""
    raw = file.file.read()
    with writing as session:
        return _import_out(service.preview(session, community_code=code, raw=raw, actor=actor))


@router.get(
    "/communities/{code}/project-imports/{import_id}", response_model=ProjectImportOut,
    responses=problems(ProjectImportNotFound),
)  # fmt: skip
def read_project_import(
    code: Code12, import_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("project_list.read")]
) -> ProjectImportOut:
    """An uploaded list, with what is wrong in it."""
    with reading as session:
        return _import_out(
            service.read_import(session, community_code=code, import_id=import_id, actor=actor)
        )


@router.post(
    "/communities/{code}/project-imports/{import_id}/commit", response_model=ProjectImportOut,
    responses=problems(
        ProjectImportNotFound, ProjectImportWrongState, ProjectImportHasErrors, BuildingNotHere
    ),
)  # fmt: skip
def commit_project_list(
    code: Code12,
    import_id: uuid.UUID,
    body: ProjectListCommitIn,
    writing: Writing,
    actor: Annotated[Actor, may("project_list.commit")],
) -> ProjectImportOut:
    """Draft the new projects of a list, all of them or none; those that are known are left as they are."""
    with writing as session:
        row = service.commit(
            session, community_code=code, import_id=import_id, skip_errors=body.skip_rows_with_errors,
            actor=actor,
        )  # fmt: skip
        return _import_out(row)


def _import_out(row: ImportView) -> ProjectImportOut:
    return ProjectImportOut(
        id=row.id,
        state=row.state,
        created_at=row.created_at,
        **row.counts,
        lines=[ListedOut.model_validate({**line["words"], **line}) for line in row.lines],
    )
