"""Routes of the people on a roster: lists, one person, names in full, files to take away."""

import json
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    decode_cursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.sheets import XLSX
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.places.errors import DivisionNotFound
from app.places.service import Dwelling
from app.residents import rules, service, sheets
from app.residents.errors import ListTooLong, ResidentNotFound
from app.residents.models import Resident
from app.residents.schemas import (
    DisclosureIn,
    DisclosureOut,
    DisclosurePage,
    ElsewhereOut,
    ExportIn,
    MembershipList,
    MembershipOut,
    RegistrationOf,
    ResidentDetail,
    ResidentEvent,
    ResidentOut,
    ResidentPage,
    UnmaskedExportIn,
    UnmaskedResident,
)
from app.residents.service import Reason, Wanted

people_router = APIRouter(prefix="/api/v1", tags=["residents"])

_Name = Annotated[str | None, Query(max_length=60)]
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}}}


@people_router.get(
    "/communities/{code}/residents",
    response_model=ResidentPage,
    responses=problems(DivisionNotFound, BadCursor),
)
def list_residents(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("resident.list")],
    building: _Name = None,
    unit: _Name = None,
    room: _Name = None,
    search: Annotated[
        str | None, Query(max_length=60, description="Part of a name, the end of a number, or a room.")
    ] = None,
    moved_out: Annotated[bool, Query(description="Those who have moved out instead.")] = False,  # noqa: FBT002
    cursor: Annotated[str | None, Query(max_length=800)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> ResidentPage:
    """Who lives here, by home, for staff; names and phones are masked."""
    wanted = Wanted(building=building, unit=unit, room=room, search=search, moved_out=moved_out)
    with reading as session:
        found = service.listing(
            session, community_code=code, wanted=wanted, after=_place(cursor), limit=limit + 1, actor=actor
        )
    items = [_out(row, dwelling) for row, dwelling in found.people]
    page = page_of(items, limit, key=_cursor)
    return ResidentPage(items=list(page.items), next_cursor=page.next_cursor, total=found.total)


@people_router.get(
    "/communities/{code}/residents/{resident_id}", response_model=ResidentDetail,
    responses=problems(ResidentNotFound),
)  # fmt: skip
def read_resident(
    code: Code12, resident_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("resident.read")]
) -> ResidentDetail:
    """One person, masked: who lives with them, where else they are known, what was done about them."""
    with reading as session:
        found = service.read_resident(session, community_code=code, resident_id=resident_id, actor=actor)
    row = found.resident
    return ResidentDetail(
        **_out(row, found.dwelling).model_dump(),
        community_code=row.community_code,
        birth_year=rules.masked_birth(row.birth_date),
        adult=found.adult,
        came_at=row.came_at,
        signs_in=found.signs_in,
        household=[_out(each, found.dwelling) for each in found.household],
        elsewhere=[ElsewhereOut.model_validate(each) for each in found.elsewhere],
        registrations=[RegistrationOf.model_validate(each) for each in found.registrations],
        events=[ResidentEvent.model_validate(each) for each in found.events],
    )


@people_router.post(
    "/communities/{code}/residents/{resident_id}/unmask", response_model=UnmaskedResident,
    responses=problems(ResidentNotFound),
)  # fmt: skip
def unmask_resident(
    code: Code12,
    resident_id: uuid.UUID,
    body: DisclosureIn,
    writing: Writing,
    actor: Annotated[Actor, may("resident.unmask")],
) -> UnmaskedResident:
    """Somebody's name, number and birth date in full, for a reason that is kept and listed."""
    with writing as session:
        row, home = service.unmask(
            session, community_code=code, resident_id=resident_id, reason=Reason(body.purpose, body.reason),
            actor=actor,
        )  # fmt: skip
    return UnmaskedResident(
        id=row.id, name=row.name, phone=row.phone, birth_date=row.birth_date, adult_on=row.adult_on,
        building=home.building, unit=home.unit, room=home.room,
    )  # fmt: skip


@people_router.post(
    "/communities/{code}/residents/export", response_class=Response,
    responses={**_FILE, **problems(DivisionNotFound, ListTooLong)},
)  # fmt: skip
def export_residents(
    code: Code12, body: ExportIn, writing: Writing, actor: Annotated[Actor, may("resident.export")]
) -> Response:
    """A list of residents as .xlsx, masked: 王*, 139****0000, 3栋2单元 without the room."""
    with writing as session:
        people = service.export(session, community_code=code, wanted=_wanted(body), actor=actor)
    return _file(sheets.listing(people, masked=True), "residents-masked.xlsx")


@people_router.post(
    "/communities/{code}/residents/export-unmasked", response_class=Response,
    responses={**_FILE, **problems(DivisionNotFound, ListTooLong)},
)  # fmt: skip
def export_residents_unmasked(
    code: Code12,
    body: UnmaskedExportIn,
    writing: Writing,
    actor: Annotated[Actor, may("resident.export_unmasked")],
) -> Response:
    """The same in full, for a reason that is kept and listed."""
    with writing as session:
        people = service.export_unmasked(
            session, community_code=code, wanted=_wanted(body), reason=Reason(body.purpose, body.reason),
            actor=actor,
        )  # fmt: skip
    return _file(sheets.listing(people, masked=False), "residents.xlsx")


@people_router.get(
    "/communities/{code}/disclosures", response_model=DisclosurePage,
    responses=problems(DivisionNotFound, BadCursor),
)  # fmt: skip
def list_disclosures(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("disclosure.list")],
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> DisclosurePage:
    """Who saw names and numbers in full, or took a list of them away, where, when, and what for.

    ``code`` is a community, or a division above several: those who watch many see them in one list.
    """
    with reading as session:
        found = service.list_disclosures(
            session, division_code=code, after=time_and_id(cursor), limit=limit + 1, actor=actor
        )
    items = [
        DisclosureOut(
            id=each.row.id, community_code=each.row.community_code, community=each.community, at=each.row.at,
            by=each.by, kind=each.row.kind, people=each.row.people,
            purpose=each.row.purpose, reason=each.row.reason, resident_id=each.row.resident_id,
            resident=None if each.resident is None else rules.masked_name(each.resident.name),
        )
        for each in found
    ]  # fmt: skip
    page = page_of(items, limit, key=lambda item: time_and_id_cursor(item.at, item.id))
    return DisclosurePage(items=list(page.items), next_cursor=page.next_cursor)


@people_router.get("/me/memberships", response_model=MembershipList)
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


def _out(row: Resident, home: Dwelling) -> ResidentOut:
    return ResidentOut(
        id=row.id, name=rules.masked_name(row.name), phone=rules.masked_phone(row.phone), building=home.building,
        unit=home.unit, room=home.room, tenure=row.tenure, is_representative=row.is_representative,
        source=row.source, moved_out_at=row.moved_out_at,
    )  # fmt: skip


def _wanted(body: ExportIn) -> Wanted:
    return Wanted(building=body.building, unit=body.unit, search=body.search, moved_out=body.moved_out)


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=XLSX, headers=headers)


def _cursor(item: ResidentOut) -> str:
    return json.dumps([item.building, item.unit, item.room, str(item.id)], ensure_ascii=False)


def _place(cursor: str | None) -> tuple[str, str, str, str] | None:
    key = decode_cursor(cursor)
    if key is None:
        return None
    try:
        place = json.loads(key)
    except (ValueError, RecursionError) as error:
        raise BadCursor from error
    if not (isinstance(place, list) and len(place) == 4 and all(isinstance(each, str) for each in place)):  # noqa: PLR2004
        raise BadCursor
    return place[0], place[1], place[2], place[3]
