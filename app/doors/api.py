"""Routes of doors."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.printing import PrintingUnavailable, check_printer
from app.core.web import Reading, Writing, problems
from app.doors import service, sheets
from app.doors.errors import DoorNotFound, DoorsClosed, DoorTookPart
from app.doors.schemas import DoorList, DoorOut, MarkIn
from app.rounds.errors import RoundNotFound

router = APIRouter(prefix="/api/v1", tags=["doors"])

PDF = "application/pdf"
_DOORS = (RoundNotFound, DoorsClosed, DoorNotFound)

Building = Annotated[uuid.UUID, Query(description="The building to walk through.")]
Unit = Annotated[uuid.UUID | None, Query(description="Only this unit of it.")]


@router.get("/rounds/{round_id}/doors", response_model=DoorList, responses=problems(*_DOORS))
def list_doors(
    round_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("door.list")],
    building: Building,
    unit: Unit = None,
) -> DoorList:
    """Doors of a building behind which somebody has not taken part, and what was found there; only while it is open."""
    with reading as session:
        return DoorList.model_validate(
            service.list_doors(session, round_id=round_id, building_id=building, unit_id=unit, actor=actor)
        )


@router.get(
    "/rounds/{round_id}/doors.pdf", response_class=Response,
    responses={200: {"content": {PDF: {}}}, **problems(*_DOORS, PrintingUnavailable)},
)  # fmt: skip
def print_doors(
    round_id: uuid.UUID,
    writing: Writing,
    actor: Annotated[Actor, may("door.print")],
    building: Building,
    unit: Unit = None,
) -> Response:
    """The same list on A4: room numbers and boxes to tick, no names."""
    check_printer()
    with writing as session:
        walk = service.print_doors(
            session, round_id=round_id, building_id=building, unit_id=unit, actor=actor
        )
    headers = {"Content-Disposition": 'attachment; filename="doors.pdf"', "Cache-Control": "no-store"}
    return Response(sheets.pdf(walk), media_type=PDF, headers=headers)


@router.put(
    "/rounds/{round_id}/doors/{household_id}", response_model=DoorOut,
    responses=problems(*_DOORS, DoorTookPart),
)  # fmt: skip
def mark_door(
    round_id: uuid.UUID,
    household_id: uuid.UUID,
    body: MarkIn,
    writing: Writing,
    actor: Annotated[Actor, may("door.mark")],
) -> DoorOut:
    """Note what was found at a door: visited, refused, nobody; deleted when the round closes."""
    with writing as session:
        return DoorOut.model_validate(
            service.mark_door(
                session, round_id=round_id, household_id=household_id, mark=body.mark, actor=actor
            )
        )


@router.delete(
    "/rounds/{round_id}/doors/{household_id}", status_code=204, responses=problems(*_DOORS, DoorTookPart)
)
def unmark_door(
    round_id: uuid.UUID,
    household_id: uuid.UUID,
    writing: Writing,
    actor: Annotated[Actor, may("door.unmark")],
) -> Response:
    """Take back what was noted at a door."""
    with writing as session:
        service.unmark_door(session, round_id=round_id, household_id=household_id, actor=actor)
    return Response(status_code=204)
