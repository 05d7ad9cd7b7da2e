"""Routes of roster imports."""

import re
import unicodedata
import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile

from app.access.actor import Actor
from app.access.deps import may
from app.core.ids import new_id
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT
from app.core.sheets import XLSX
from app.core.text import Code12
from app.core.web import Reading, Store, Writing, problems
from app.places.errors import DivisionNotFound
from app.residents import importing, service, sheets
from app.residents.errors import (
    ImportHasErrors,
    ImportIdTaken,
    ImportNotFound,
    ImportOutdated,
    ImportWrongState,
    RosterColumnsMissing,
    RosterEmpty,
    RosterFileTooLarge,
    RosterFileUnreadable,
)
from app.residents.rules import Change
from app.residents.schemas import (
    CommitIn,
    ImportDetail,
    ImportLine,
    ImportList,
    ImportOut,
    ImportProgress,
    ListedImport,
)

roster_router = APIRouter(prefix="/api/v1", tags=["residents"])

LONGEST_FILE_NAME = 120


@roster_router.get("/roster/template.xlsx", response_class=Response)
def download_roster_template(actor: Annotated[Actor, may("roster.download_template")]) -> Response:  # noqa: ARG001
    """An .xlsx file to fill in: headings, hints and an example row that the import ignores."""
    headers = {"Content-Disposition": 'attachment; filename="roster-template.xlsx"'}
    return Response(sheets.template(), media_type=XLSX, headers=headers)


@roster_router.get(
    "/communities/{code}/roster/imports", response_model=ImportList, responses=problems(DivisionNotFound)
)
def read_roster_imports(
    code: Code12, reading: Reading, actor: Annotated[Actor, may("roster.read")]
) -> ImportList:
    """The last imports, the newest first, and which of them can be taken back."""
    with reading as session:
        found = service.list_imports(session, community_code=code, actor=actor)
    return ImportList(
        items=[
            ListedImport(
                **ImportOut.model_validate(each.row).model_dump(), created_by=each.created_by,
                decided_by=each.decided_by, can_undo=each.can_undo,
            )
            for each in found
        ]
    )  # fmt: skip


@roster_router.post(
    "/communities/{code}/roster/imports", status_code=201, response_model=ImportOut,
    responses=problems(
        DivisionNotFound, ImportIdTaken, RosterFileUnreadable, RosterFileTooLarge, RosterColumnsMissing, RosterEmpty
    ),
)  # fmt: skip
def preview_roster(
    code: Code12,
    file: UploadFile,
    store: Store,
    actor: Annotated[Actor, may("roster.preview")],
    import_id: Annotated[
        uuid.UUID | None, Query(description="Made by the page, which asks for its progress meanwhile.")
    ] = None,
) -> ImportOut:
    """Upload a roster (.xlsx, or .csv in UTF-8 or GBK) and see what it would change; nothing is changed yet."""
    row = importing.preview(
        store, community_code=code, import_id=import_id or new_id(), file_name=_plain_name(file.filename),
        raw=file.file.read(), actor=actor,
    )  # fmt: skip
    return ImportOut.model_validate(row)


@roster_router.get(
    "/communities/{code}/roster/imports/{import_id}/progress", response_model=ImportProgress,
    responses=problems(ImportNotFound),
)  # fmt: skip
def read_roster_progress(
    code: Code12, import_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("roster.read")]
) -> ImportProgress:
    """How far an upload or a commit is that runs at this moment, for the page that waits."""
    with reading as session:
        found = service.read_progress(session, community_code=code, import_id=import_id, actor=actor)
    return ImportProgress.model_validate(found)


@roster_router.get(
    "/communities/{code}/roster/imports/{import_id}",
    response_model=ImportDetail,
    responses=problems(ImportNotFound),
)
def read_roster_import(
    code: Code12,
    import_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("roster.read")],
    change: Annotated[Change | None, Query(description="Only lines of this kind.")] = None,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> ImportDetail:
    """An import and some of its lines, those with errors first; names and phones are masked."""
    with reading as session:
        found = service.read_import(
            session, community_code=code, import_id=import_id, change=change, offset=offset, limit=limit,
            actor=actor,
        )  # fmt: skip
    return ImportDetail(
        **ImportOut.model_validate(found.row).model_dump(),
        lines=[ImportLine.model_validate(line) for line in found.lines],
        total_lines=found.total,
        can_undo=found.can_undo,
    )


@roster_router.post(
    "/communities/{code}/roster/imports/{import_id}/commit", response_model=ImportOut,
    responses=problems(ImportNotFound, ImportWrongState, ImportHasErrors, ImportOutdated),
)  # fmt: skip
def commit_roster(
    code: Code12, import_id: uuid.UUID, body: CommitIn, store: Store, actor: Annotated[Actor, may("roster.commit")]
) -> ImportOut:  # fmt: skip
    """Make the roster what the previewed file says, all of it or nothing."""
    row = importing.commit(
        store, community_code=code, import_id=import_id, skip_rows_with_errors=body.skip_rows_with_errors,
        actor=actor,
    )  # fmt: skip
    return ImportOut.model_validate(row)


@roster_router.post(
    "/communities/{code}/roster/imports/{import_id}/undo", response_model=ImportOut,
    responses=problems(ImportNotFound, ImportWrongState, ImportOutdated),
)  # fmt: skip
def undo_roster(
    code: Code12, import_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("roster.undo")]
) -> ImportOut:
    """Take a committed import back: everybody is as before."""
    with writing as session:
        row = service.undo(session, community_code=code, import_id=import_id, actor=actor)
        return ImportOut.model_validate(row)


def _plain_name(given: str | None) -> str:
    """A file's name as a list may show it: no folders, nothing that cannot be printed."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given or ""))[-1]
    return "".join(each for each in last if each.isprintable())[:LONGEST_FILE_NAME]
