"""Routes of those who negotiate: the designated officer, the mediator."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.web import Reading, Writing, problems
from app.objections import service
from app.objections.api import answers
from app.objections.errors import (
    CoolOff,
    MediatorRefused,
    NoComplaint,
    NotAMediator,
    ObjectionNotFound,
    ObjectionWrongState,
    QuietHours,
    TooManyContacts,
)
from app.objections.schemas import (
    AssignIn,
    EntryIn,
    EntryOut,
    ObjectionCaseList,
    ObjectionFile,
    PurposeIn,
    ReplyIn,
)

desk_router = APIRouter(prefix="/api/v1", tags=["objections"])


@desk_router.get("/objections", response_model=ObjectionCaseList)
def list_objection_cases(
    reading: Reading, actor: Annotated[Actor, may("objection.list_cases")]
) -> ObjectionCaseList:
    """Cases to work on, without names or words."""
    with reading as session:
        return ObjectionCaseList(
            items=[answers.case(row, actor) for row in service.cases(session, actor=actor)]
        )


@desk_router.post(
    "/objections/{objection_id}/assign", status_code=204,
    responses=problems(ObjectionNotFound, NotAMediator, MediatorRefused, ObjectionWrongState),
)  # fmt: skip
def assign_objection(
    objection_id: uuid.UUID,
    body: AssignIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.assign")],
) -> Response:
    """Give a case to a mediator."""
    with writing as session:
        service.assign(session, objection_id=objection_id, mediator_id=body.mediator_id, actor=actor)
    return Response(status_code=204)


@desk_router.post(
    "/objections/{objection_id}/views", response_model=ObjectionFile, responses=problems(ObjectionNotFound)
)
def view_objection(
    objection_id: uuid.UUID,
    body: PurposeIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.view_case")],
) -> ObjectionFile:
    """Open a case. The look is logged with its purpose and shown to the household."""
    with writing as session:
        found = service.view_case(session, objection_id=objection_id, purpose=body.purpose, actor=actor)
        return answers.whole_case(*found, actor)


@desk_router.post(
    "/objections/{objection_id}/entries", status_code=201, response_model=EntryOut,
    responses=problems(ObjectionNotFound, ObjectionWrongState, CoolOff, QuietHours, TooManyContacts),
)  # fmt: skip
def negotiate_objection(
    objection_id: uuid.UUID,
    body: EntryIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.negotiate")],
) -> EntryOut:
    """Write down a session, an offer or a note; the household is left in peace when it should be."""
    with writing as session:
        entry = service.negotiate(
            session, objection_id=objection_id, kind=body.kind, text=body.text, actor=actor
        )
        return EntryOut.model_validate(entry)


@desk_router.post(
    "/objections/{objection_id}/replies", status_code=201, response_model=EntryOut,
    responses=problems(ObjectionNotFound, NoComplaint),
)  # fmt: skip
def reply_to_complaint(
    objection_id: uuid.UUID,
    body: ReplyIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.reply")],
) -> EntryOut:
    """Answer a household's complaint, from above its community."""
    with writing as session:
        entry = service.reply(session, objection_id=objection_id, text=body.text, actor=actor)
        return EntryOut.model_validate(entry)
