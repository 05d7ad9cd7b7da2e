"""Routes of objections."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.web import Reading, Writing, problems
from app.objections import rules, service
from app.objections.errors import (
    CoolOff,
    NoOffer,
    NotAMediator,
    NotAResidentThere,
    ObjectionNotFound,
    ObjectionOpen,
    ObjectionWrongState,
    QuietHours,
    TooLateToReturn,
    TooManyContacts,
)
from app.objections.models import Objection
from app.objections.schemas import (
    AnswerIn,
    AssignIn,
    EntryIn,
    EntryOut,
    MyObjection,
    MyObjectionList,
    ObjectionCase,
    ObjectionCaseList,
    ObjectionCount,
    ObjectionFile,
    ObjectionIn,
    Objector,
    PurposeIn,
    ViewOut,
)
from app.objections.service import OwnObjection
from app.projects.errors import ProjectNotFound

router = APIRouter(prefix="/api/v1", tags=["objections"])

_OWN = problems(ObjectionNotFound, ObjectionWrongState)


@router.post(
    "/projects/{project_id}/objections", status_code=201, response_model=MyObjection,
    responses=problems(ProjectNotFound, NotAResidentThere, ObjectionOpen),
)  # fmt: skip
def file_objection(
    project_id: uuid.UUID, body: ObjectionIn, writing: Writing, actor: Annotated[Actor, may("objection.file")]
) -> MyObjection:
    """Object to a project for your household. Only the mediator and one officer will know who you are."""
    with writing as session:
        return _own_out(service.file(session, project_id=project_id, body=body, actor=actor))


@router.get(
    "/projects/{project_id}/objection-count",
    response_model=ObjectionCount,
    responses=problems(ProjectNotFound),
)
def count_objections(
    project_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("objection.count")],  # noqa: ARG001
) -> ObjectionCount:
    """How many households object, rounded, where that cannot point at anybody."""
    with reading as session:
        households = service.public_count(session, project_id=project_id)
    return ObjectionCount(project_id=project_id, households=households)


@router.get("/me/objections", response_model=MyObjectionList)
def list_my_objections(
    reading: Reading, actor: Annotated[Actor, may("objection.list_mine")]
) -> MyObjectionList:
    """Your household's objections, what was said, and who looked at them and why."""
    with reading as session:
        return MyObjectionList(items=[_own_out(each) for each in service.mine(session, actor=actor)])


@router.post("/objections/{objection_id}/answers", response_model=MyObjection, responses=_OWN)
def answer_objection(
    objection_id: uuid.UUID,
    body: AnswerIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.answer")],
) -> MyObjection:
    """Say something to the mediator."""
    with writing as session:
        return _own_out(service.answer(session, objection_id=objection_id, text=body.text, actor=actor))


@router.post(
    "/objections/{objection_id}/settle", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ObjectionWrongState, NoOffer),
)  # fmt: skip
def settle_objection(
    objection_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("objection.settle")]
) -> MyObjection:
    """Accept the last offer."""
    with writing as session:
        return _own_out(service.settle(session, objection_id=objection_id, actor=actor))


@router.post("/objections/{objection_id}/withdraw", response_model=MyObjection, responses=_OWN)
def withdraw_objection(
    objection_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("objection.withdraw")]
) -> MyObjection:
    """Withdraw your objection. Nobody else can, and for 48 hours you can take it up again."""
    with writing as session:
        return _own_out(service.withdraw(session, objection_id=objection_id, actor=actor))


@router.post(
    "/objections/{objection_id}/maintain", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ObjectionWrongState, TooLateToReturn),
)  # fmt: skip
def maintain_objection(
    objection_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("objection.maintain")]
) -> MyObjection:
    """Keep your objection; always possible."""
    with writing as session:
        return _own_out(service.maintain(session, objection_id=objection_id, actor=actor))


@router.get("/objections", response_model=ObjectionCaseList)
def list_objection_cases(
    reading: Reading, actor: Annotated[Actor, may("objection.list_cases")]
) -> ObjectionCaseList:
    """Cases to work on, without names or words."""
    with reading as session:
        return ObjectionCaseList(items=[_case_out(row) for row in service.cases(session, actor=actor)])


@router.post(
    "/objections/{objection_id}/assign", status_code=204,
    responses=problems(ObjectionNotFound, NotAMediator, ObjectionWrongState),
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


@router.post(
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
        row, objector, entries = service.view_case(
            session, objection_id=objection_id, purpose=body.purpose, actor=actor
        )
        return ObjectionFile(
            **_case_out(row).model_dump(),
            objector=Objector.model_validate(objector),
            entries=[EntryOut.model_validate(entry) for entry in entries],
        )


@router.post(
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


def _own_out(own: OwnObjection) -> MyObjection:
    # what mediators note for themselves is not part of the conversation
    entries = [entry for entry in own.entries if entry.kind is not rules.EntryKind.NOTE]
    return MyObjection(
        id=own.objection.id,
        project_id=own.objection.project_id,
        state=own.objection.state,
        filed_at=own.objection.filed_at,
        entries=[EntryOut.model_validate(entry) for entry in entries],
        views=[ViewOut.model_validate(view) for view in own.views],
        remedies=rules.REMEDIES,
    )


def _case_out(row: Objection) -> ObjectionCase:
    return ObjectionCase(
        id=row.id, project_id=row.project_id, state=row.state, assigned=row.mediator_id is not None,
        filed_at=row.filed_at, changed_at=row.changed_at,
    )  # fmt: skip
