"""Routes of the desk."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.access.actor import Actor
from app.access.deps import may
from app.ballots.deps import KeysDep
from app.core import clock
from app.core.kept import of_application
from app.core.text import Code12
from app.core.web import Reading, problems
from app.desk import rules, service
from app.desk.schemas import ToDoItem, ToDoOut
from app.duplicates.service import shared_pairs
from app.places.errors import DivisionNotFound

router = APIRouter(prefix="/api/v1", tags=["desk"])


@router.get("/desk", response_model=ToDoOut, responses=problems(DivisionNotFound))
def read_desk(
    request: Request,
    reading: Reading,
    keys: KeysDep,
    actor: Annotated[Actor, may("desk.read")],
    division: Annotated[Code12, Query(description="The place somebody works for just now.")],
) -> ToDoOut:
    """What waits for you there, by deadline: only what your own verbs let you do."""
    pairs = of_application(request.app.state, "duplicate_pairs", shared_pairs)
    desk = service.Desk(actor, division, keys, pairs)
    with reading as session:
        found = service.read(session, desk=desk)
    now = clock.now()
    items = [
        ToDoItem(
            task=each.task,
            part=rules.PART_OF[each.task],
            urgency=each.urgency(now),
            count=each.count,
            subject_id=each.subject_id,
            title=each.title,
            due_at=each.due_at,
        )
        for each in rules.in_order(found, now)
    ]
    return ToDoOut(
        items=items,
        counts=rules.counts(found),
        overdue=sum(each.urgency is rules.Urgency.OVERDUE for each in items),
    )
