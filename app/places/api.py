"""Routes of places."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.text import Code12
from app.core.web import Reading, Writing, cacheable, problems
from app.places import rules, service
from app.places.errors import BuildingExists, DivisionExists, DivisionMisplaced, DivisionNotFound
from app.places.schemas import (
    BuildingDetail,
    BuildingIn,
    BuildingList,
    BuildingNames,
    BuildingNamesList,
    BuildingOut,
    DivisionDetail,
    DivisionIn,
    DivisionOut,
    DivisionPage,
)

router = APIRouter(prefix="/api/v1", tags=["places"])

#: New buildings come once in a few years.
NAMES_SECONDS = 300


@router.get("/divisions", response_model=DivisionPage, responses=problems(BadCursor))
def list_divisions(
    reading: Reading,
    actor: Annotated[Actor, may("division.list")],  # noqa: ARG001
    parent: Annotated[Code12 | None, Query(description="Without it, the provinces.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> DivisionPage:
    """Divisions one level under another."""
    with reading as session:
        rows = service.children(session, parent=parent, after=decode_cursor(cursor), limit=limit + 1)
    page = page_of(rows, limit, key=lambda row: row.code)
    return DivisionPage(
        items=[DivisionOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor
    )


@router.get("/divisions/{code}", response_model=DivisionDetail, responses=problems(DivisionNotFound))
def read_division(
    code: Code12,
    reading: Reading,
    actor: Annotated[Actor, may("division.read")],  # noqa: ARG001
) -> DivisionDetail:
    """A division and those above it."""
    with reading as session:
        row = service.division(session, code)
        above = [DivisionOut.model_validate(each) for each in service.ancestors(session, code)]
        return DivisionDetail(
            code=row.code, name=row.name, level=row.level, parent_code=row.parent_code, ancestors=above
        )


@router.post(
    "/divisions",
    status_code=201,
    response_model=DivisionOut,
    responses=problems(DivisionExists, DivisionMisplaced),
)
def add_division(
    body: DivisionIn, writing: Writing, actor: Annotated[Actor, may("division.add")]
) -> DivisionOut:
    """Add a division that the public list does not have."""
    with writing as session:
        return DivisionOut.model_validate(
            service.add_division(session, code=body.code, name=body.name, actor=actor)
        )


@router.get(
    "/communities/{code}/buildings", response_model=BuildingList, responses=problems(DivisionNotFound)
)
def list_buildings(
    code: Code12, reading: Reading, actor: Annotated[Actor, may("building.list")]
) -> BuildingList:
    """The buildings of a community."""
    with reading as session:
        service.community(session, code, actor=actor, verb="building.list")
        tally = service.tally_of(session, code)
        rows = sorted(service.buildings(session, code), key=lambda row: rules.counted(row.name))
        return BuildingList(
            items=[
                BuildingDetail(
                    id=row.id, community_code=row.community_code, name=row.name,
                    units=tally.get(row.id, (0, 0))[0], households=tally.get(row.id, (0, 0))[1],
                )
                for row in rows
            ]
        )  # fmt: skip


@router.get(
    "/communities/{code}/places", response_model=BuildingNamesList, responses=problems(DivisionNotFound)
)
def list_building_names(
    code: Code12,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("building.list_names")],  # noqa: ARG001
) -> Response:
    """What the buildings of a community and their units are called, for whoever says where they live."""
    with reading as session:
        found = service.building_names(session, community_code=code)
    names = BuildingNamesList(items=[BuildingNames(name=name, units=units) for name, units in found])
    return cacheable(request, names.model_dump_json().encode(), seconds=NAMES_SECONDS)


@router.post(
    "/communities/{code}/buildings", status_code=201, response_model=BuildingOut,
    responses=problems(DivisionNotFound, BuildingExists),
)  # fmt: skip
def add_building(
    code: Code12, body: BuildingIn, writing: Writing, actor: Annotated[Actor, may("building.add")]
) -> BuildingOut:
    """Add a building to a community."""
    with writing as session:
        row = service.add_building(session, community_code=code, name=body.name, actor=actor)
        return BuildingOut.model_validate(row)
