"""Routes of a household's objections, and what everybody may know."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Request

from app.access.actor import Actor
from app.access.deps import may
from app.core.web import Reading, Writing, language_of, problems
from app.objections import service
from app.objections.api import answers
from app.objections.errors import (
    ComplaintWaiting,
    CostsChangedSince,
    NoMediator,
    NoOffer,
    NotAResidentThere,
    NoVolunteer,
    ObjectionNotFound,
    ObjectionOpen,
    ObjectionWrongState,
    OfferReplaced,
    ProjectOnABallot,
    SentDifferently,
    TooLateToReturn,
    TooManyRefusals,
)
from app.objections.schemas import (
    AnswerIn,
    ComplaintIn,
    MyObjection,
    MyObjectionList,
    ObjectionCount,
    ObjectionIn,
    OfferChoiceIn,
    RefusalIn,
)
from app.projects.errors import ProjectNotFound, ProjectWrongState

router = APIRouter(prefix="/api/v1", tags=["objections"])

_OWN = problems(ObjectionNotFound, ObjectionWrongState)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", max_length=120, pattern=r"^[\x21-\x7e]+$",
        description="The same key and words count once, however often a weak network makes you send them.",
    ),
]  # fmt: skip


@router.post(
    "/projects/{project_id}/objections", status_code=201, response_model=MyObjection,
    responses=problems(ProjectNotFound, NotAResidentThere, ObjectionOpen, SentDifferently),
)  # fmt: skip
def file_objection(
    project_id: uuid.UUID,
    body: ObjectionIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.file")],
    key: Key = None,
) -> MyObjection:
    """Object to a project for your household. Only the mediator and one officer will know who you are."""
    with writing as session:
        own = service.file(session, project_id=project_id, body=body, actor=actor, key=key)
        return answers.own(own, language_of(request))


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
    request: Request, reading: Reading, actor: Annotated[Actor, may("objection.list_mine")]
) -> MyObjectionList:
    """Your household's objections, what was said, and who looked at them and why."""
    with reading as session:
        found = service.mine(session, actor=actor)
        return MyObjectionList(items=[answers.own(each, language_of(request)) for each in found])


@router.get(
    "/me/objections/{objection_id}", response_model=MyObjection, responses=problems(ObjectionNotFound)
)
def read_my_objection(
    objection_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("objection.read")],
) -> MyObjection:
    """One objection of your household."""
    with reading as session:
        own = service.mine_one(session, objection_id=objection_id, actor=actor)
        return answers.own(own, language_of(request))


@router.post(
    "/objections/{objection_id}/answers", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ObjectionWrongState, SentDifferently),
)  # fmt: skip
def answer_objection(
    objection_id: uuid.UUID,
    body: AnswerIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.answer")],
    key: Key = None,
) -> MyObjection:
    """Say something to the mediator."""
    with writing as session:
        own = service.answer(session, objection_id=objection_id, text=body.text, actor=actor, key=key)
        return answers.own(own, language_of(request))


@router.post(
    "/objections/{objection_id}/settle", response_model=MyObjection,
    responses=problems(
        ObjectionNotFound, ObjectionWrongState, NoOffer, OfferReplaced, CostsChangedSince, ProjectOnABallot,
        ProjectWrongState,
    ),
)  # fmt: skip
def settle_objection(
    objection_id: uuid.UUID,
    body: OfferChoiceIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.settle")],
) -> MyObjection:
    """Accept the last offer, by its number; what it changes of the project's costs changes with it."""
    with writing as session:
        own = service.settle(
            session, objection_id=objection_id, offer=body.offer, text=body.text, actor=actor
        )
        return answers.own(own, language_of(request))


@router.post("/objections/{objection_id}/withdraw", response_model=MyObjection, responses=_OWN)
def withdraw_objection(
    objection_id: uuid.UUID,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.withdraw")],
) -> MyObjection:
    """Withdraw your objection. Nobody else can, and for 48 hours you can take it up again."""
    with writing as session:
        own = service.withdraw(session, objection_id=objection_id, actor=actor)
        return answers.own(own, language_of(request))


@router.post(
    "/objections/{objection_id}/maintain", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ObjectionWrongState, ObjectionOpen, TooLateToReturn),
)  # fmt: skip
def maintain_objection(
    objection_id: uuid.UUID,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.maintain")],
) -> MyObjection:
    """Keep your objection; always possible."""
    with writing as session:
        own = service.maintain(session, objection_id=objection_id, actor=actor)
        return answers.own(own, language_of(request))


@router.post(
    "/objections/{objection_id}/refuse-mediator", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ObjectionWrongState, NoMediator, TooManyRefusals, SentDifferently),
)  # fmt: skip
def refuse_mediator(
    objection_id: uuid.UUID,
    body: RefusalIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.refuse_mediator")],
    key: Key = None,
) -> MyObjection:
    """Ask for another mediator, without having to say why; the case goes back to the officer."""
    with writing as session:
        own = service.refuse_mediator(
            session, objection_id=objection_id, reason=body.reason, actor=actor, key=key
        )
        return answers.own(own, language_of(request))


@router.post("/objections/{objection_id}/refuse-contact", response_model=MyObjection, responses=_OWN)
def refuse_contact(
    objection_id: uuid.UUID,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.refuse_contact")],
) -> MyObjection:
    """Ask not to be contacted, until you write to the mediator yourself."""
    with writing as session:
        own = service.refuse_contact(session, objection_id=objection_id, actor=actor)
        return answers.own(own, language_of(request))


@router.post(
    "/objections/{objection_id}/accept-volunteer", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ObjectionWrongState, NoVolunteer),
)  # fmt: skip
def accept_volunteer(
    objection_id: uuid.UUID,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.accept_volunteer")],
) -> MyObjection:
    """Want a volunteer's help: from now on they see this one case, until it ends or you decline."""
    with writing as session:
        own = service.accept_volunteer(session, objection_id=objection_id, actor=actor)
        return answers.own(own, language_of(request))


@router.post(
    "/objections/{objection_id}/decline-volunteer", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ObjectionWrongState, NoVolunteer),
)  # fmt: skip
def decline_volunteer(
    objection_id: uuid.UUID,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.decline_volunteer")],
) -> MyObjection:
    """Do without the volunteer, before or after you accepted them; nobody asks why."""
    with writing as session:
        own = service.decline_volunteer(session, objection_id=objection_id, actor=actor)
        return answers.own(own, language_of(request))


@router.post(
    "/objections/{objection_id}/escalate", response_model=MyObjection,
    responses=problems(ObjectionNotFound, ComplaintWaiting, SentDifferently),
)  # fmt: skip
def escalate_objection(
    objection_id: uuid.UUID,
    body: ComplaintIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("objection.escalate")],
    key: Key = None,
) -> MyObjection:
    """Complain past the committee and the mediator; only the officer above the community reads it."""
    with writing as session:
        own = service.escalate(session, objection_id=objection_id, text=body.text, actor=actor, key=key)
        return answers.own(own, language_of(request))
