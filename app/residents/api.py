"""Routes of people and rosters."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile

from app.access.actor import Actor
from app.access.deps import may
from app.access.errors import PhoneMalformed
from app.access.rules import normal_phone
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    decode_cursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.places.errors import DivisionNotFound
from app.residents import rules, service, sheets
from app.residents.errors import (
    AlreadyOnTheRoster,
    ImportHasErrors,
    ImportNotFound,
    ImportOutdated,
    ImportWrongState,
    PhoneNotYours,
    RegistrationDecided,
    RegistrationNotFound,
    RegistrationPending,
    RosterColumnsMissing,
    RosterEmpty,
    RosterFileTooLarge,
    RosterFileUnreadable,
)
from app.residents.rules import Person, RegistrationState
from app.residents.schemas import (
    CommitIn,
    ImportDetail,
    ImportLine,
    ImportOut,
    MembershipList,
    MembershipOut,
    MyRegistrationList,
    MyRegistrationOut,
    RegistrationFiled,
    RegistrationIn,
    RegistrationOut,
    RegistrationPage,
    RejectionIn,
    ResidentOut,
    ResidentPage,
)

router = APIRouter(prefix="/api/v1", tags=["residents"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/roster/template.xlsx", response_class=Response)
def download_roster_template(actor: Annotated[Actor, may("roster.download_template")]) -> Response:  # noqa: ARG001
    """An .xlsx file to fill in: headings, hints and an example row that the import ignores."""
    headers = {"Content-Disposition": 'attachment; filename="roster-template.xlsx"'}
    return Response(sheets.template(), media_type=XLSX, headers=headers)


@router.post(
    "/communities/{code}/roster/imports", status_code=201, response_model=ImportOut,
    responses=problems(
        DivisionNotFound, RosterFileUnreadable, RosterFileTooLarge, RosterColumnsMissing, RosterEmpty
    ),
)  # fmt: skip
def preview_roster(
    code: Code12, file: UploadFile, writing: Writing, actor: Annotated[Actor, may("roster.preview")]
) -> ImportOut:
    """Upload a roster (.xlsx, or .csv in UTF-8 or GBK) and see what it would change; nothing is changed yet."""
    raw = file.file.read()
    with writing as session:
        row = service.preview(session, community_code=code, raw=raw, actor=actor)
        return ImportOut.model_validate(row)


@router.get(
    "/communities/{code}/roster/imports/{import_id}",
    response_model=ImportDetail,
    responses=problems(ImportNotFound),
)
def read_roster_import(
    code: Code12,
    import_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("roster.read")],
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> ImportDetail:
    """An import and some of its lines, those with errors first; names and phones are masked."""
    with reading as session:
        found = service.read_import(
            session, community_code=code, import_id=import_id, offset=offset, limit=limit, actor=actor
        )
        return ImportDetail(
            **ImportOut.model_validate(found.row).model_dump(),
            lines=[ImportLine.model_validate(line) for line in found.lines],
            total_lines=found.total,
        )


@router.post(
    "/communities/{code}/roster/imports/{import_id}/commit", response_model=ImportOut,
    responses=problems(ImportNotFound, ImportWrongState, ImportHasErrors, ImportOutdated),
)  # fmt: skip
def commit_roster(
    code: Code12,
    import_id: uuid.UUID,
    body: CommitIn,
    writing: Writing,
    actor: Annotated[Actor, may("roster.commit")],
) -> ImportOut:
    """Make the roster what the previewed file says, all of it or nothing."""
    with writing as session:
        row = service.commit(
            session, community_code=code, import_id=import_id, skip_rows_with_errors=body.skip_rows_with_errors,
            actor=actor,
        )  # fmt: skip
        return ImportOut.model_validate(row)


@router.post(
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


@router.get(
    "/communities/{code}/residents",
    response_model=ResidentPage,
    responses=problems(DivisionNotFound, BadCursor),
)
def list_residents(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("resident.list")],
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> ResidentPage:
    """Who lives here, for staff; names and phones are masked."""
    with reading as session:
        found = service.listing(
            session, community_code=code, after=_after_id(cursor), limit=limit + 1, actor=actor
        )
        items = [
            ResidentOut(
                id=row.id, name=rules.masked_name(row.name), phone=rules.masked_phone(row.phone),
                building=dwelling.building, unit=dwelling.unit, room=dwelling.room, tenure=row.tenure,
                is_representative=row.is_representative,
            )
            for row, dwelling in found
        ]  # fmt: skip
    page = page_of(items, limit, key=lambda item: str(item.id))
    return ResidentPage(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/me/memberships", response_model=MembershipList)
def list_memberships(reading: Reading, actor: Annotated[Actor, may("membership.list")]) -> MembershipList:
    """In which communities and households you are known."""
    with reading as session:
        found = service.memberships(session, actor=actor)
        return MembershipList(
            items=[
                MembershipOut(
                    community_code=each.community_code,
                    community=each.community,
                    name=rules.masked_name(each.resident.name),
                    phone=rules.masked_phone(each.resident.phone),
                    building=each.dwelling.building,
                    unit=each.dwelling.unit,
                    room=each.dwelling.room,
                    tenure=each.resident.tenure,
                )
                for each in found
            ]
        )


@router.post(
    "/communities/{code}/registrations", status_code=201, response_model=RegistrationFiled,
    responses=problems(DivisionNotFound, PhoneMalformed, PhoneNotYours, AlreadyOnTheRoster, RegistrationPending),
)  # fmt: skip
def file_registration(
    code: Code12, body: RegistrationIn, writing: Writing, actor: Annotated[Actor, may("registration.file")]
) -> RegistrationFiled:
    """Say that you live here, if no roster knows you; the committee answers."""
    person = Person(
        building=rules.narrow(body.building), unit=rules.narrow(body.unit) or "-", room=rules.narrow(body.room),
        name=body.name, phone=normal_phone(body.phone), birth_date=body.birth_date, area_centi_m2=None,
        tenure=body.tenure, is_representative=False,
    )  # fmt: skip
    with writing as session:
        row = service.file(session, community_code=code, person=person, actor=actor)
        return RegistrationFiled.model_validate(row)


@router.get("/me/registrations", response_model=MyRegistrationList)
def list_my_registrations(
    reading: Reading, actor: Annotated[Actor, may("registration.list_mine")]
) -> MyRegistrationList:
    """What you said of where you live, and what your committee answered."""
    with reading as session:
        return MyRegistrationList(
            items=[
                MyRegistrationOut(
                    id=each.row.id, state=each.row.state, community_code=each.row.community_code,
                    community=each.community, created_at=each.row.created_at, building=each.dwelling.building,
                    unit=each.dwelling.unit, room=each.dwelling.room, reason=each.row.reason,
                )
                for each in service.my_registrations(session, actor=actor)
            ]
        )  # fmt: skip


@router.get(
    "/communities/{code}/registrations", response_model=RegistrationPage,
    responses=problems(DivisionNotFound, BadCursor),
)  # fmt: skip
def list_registrations(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("registration.list")],
    state: RegistrationState = RegistrationState.PENDING,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> RegistrationPage:
    """Registrations that wait for an answer, or were answered."""
    with reading as session:
        found = service.registrations(
            session, community_code=code, state=state, after=time_and_id(cursor), limit=limit + 1, actor=actor
        )
        items = [
            RegistrationOut(id=row.id, state=row.state, created_at=row.created_at, person=said)
            for row, said in found
        ]
    page = page_of(items, limit, key=lambda item: time_and_id_cursor(item.created_at, item.id))
    return RegistrationPage(items=list(page.items), next_cursor=page.next_cursor)


@router.post(
    "/registrations/{registration_id}/approve", response_model=RegistrationFiled,
    responses=problems(RegistrationNotFound, RegistrationDecided, AlreadyOnTheRoster),
)  # fmt: skip
def approve_registration(
    registration_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("registration.approve")]
) -> RegistrationFiled:
    """Take somebody in who registered themselves."""
    with writing as session:
        return RegistrationFiled.model_validate(
            service.approve(session, registration_id=registration_id, actor=actor)
        )


@router.post(
    "/registrations/{registration_id}/reject", response_model=RegistrationFiled,
    responses=problems(RegistrationNotFound, RegistrationDecided),
)  # fmt: skip
def reject_registration(
    registration_id: uuid.UUID,
    body: RejectionIn,
    writing: Writing,
    actor: Annotated[Actor, may("registration.reject")],
) -> RegistrationFiled:
    """Decline a registration, with the reason."""
    with writing as session:
        row = service.reject(session, registration_id=registration_id, reason=body.reason, actor=actor)
        return RegistrationFiled.model_validate(row)


def _after_id(cursor: str | None) -> uuid.UUID | None:
    key = decode_cursor(cursor)
    try:
        return None if key is None else uuid.UUID(key)
    except ValueError as error:
        raise BadCursor from error
