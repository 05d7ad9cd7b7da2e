"""Routes of those who negotiate: the designated officer, the mediator, a volunteer; and figures for all at work."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.text import Code12
from app.core.web import Reading, Writing, problems
from app.objections import service
from app.objections.api import answers
from app.objections.errors import (
    ChannelNeeded,
    ContactRefused,
    CoolOff,
    CostsUnchanged,
    MediatorRefused,
    MeetingOutOfReach,
    MeetingPlanned,
    MeetingTimeNeeded,
    NoComplaint,
    NoMeeting,
    NoSuchCostItem,
    NotAMediator,
    NotAVolunteer,
    NothingToRespond,
    ObjectionNotFound,
    ObjectionWrongState,
    OutOfPlaceInEntry,
    ProjectOnABallot,
    QuietHours,
    TooManyContacts,
    VolunteerDeclined,
    VolunteerThere,
)
from app.objections.rules import Party
from app.objections.schemas import (
    AssignIn,
    CandidateList,
    EntryIn,
    EntryOut,
    HandOverIn,
    ObjectionCaseList,
    ObjectionFile,
    ObjectionStatistics,
    PurposeIn,
    ReplyIn,
    VolunteerIn,
)
from app.places.errors import DivisionNotFound
from app.projects.errors import CostsTooLarge

desk_router = APIRouter(prefix="/api/v1", tags=["objections"])


@desk_router.get("/objections", response_model=ObjectionCaseList)
def list_objection_cases(
    reading: Reading, actor: Annotated[Actor, may("objection.list_cases")]
) -> ObjectionCaseList:
    """Cases to work on, without names or words; what is owed the soonest comes first."""
    with reading as session:
        return ObjectionCaseList(items=[answers.case(line) for line in service.cases(session, actor=actor)])


@desk_router.get(
    "/objection-statistics", response_model=ObjectionStatistics, responses=problems(DivisionNotFound)
)
def read_objection_statistics(
    reading: Reading,
    actor: Annotated[Actor, may("objection.read_statistics")],
    division: Annotated[Code12, Query(description="The division, and all that lies below it.")],
) -> ObjectionStatistics:
    """How many objections there are and how far; nothing where a figure could point at somebody."""
    with reading as session:
        return answers.statistics(*service.read_statistics(session, division_code=division, actor=actor))


@desk_router.get(
    "/objections/{objection_id}/candidates",
    response_model=CandidateList,
    responses=problems(ObjectionNotFound),
)
def list_objection_candidates(
    objection_id: uuid.UUID,
    reading: Reading,
    actor: Annotated[Actor, may("objection.list_candidates")],
) -> CandidateList:
    """Who could mediate, and which residents agreed to help."""
    with reading as session:
        return answers.candidates(service.candidates(session, objection_id=objection_id, actor=actor))


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
        return answers.whole_case(found)


@desk_router.post(
    "/objections/{objection_id}/entries", status_code=201, response_model=EntryOut,
    responses=problems(
        ObjectionNotFound, ObjectionWrongState, ChannelNeeded, MeetingTimeNeeded, OutOfPlaceInEntry, ContactRefused,
        CoolOff, QuietHours, TooManyContacts, MeetingOutOfReach, MeetingPlanned, NoMeeting, NothingToRespond,
        NoSuchCostItem, CostsUnchanged, CostsTooLarge, ProjectOnABallot,
    ),
)  # fmt: skip
def negotiate_objection(
    objection_id: uuid.UUID,
    body: EntryIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.negotiate")],
) -> EntryOut:
    """Write down a contact, a meeting, an offer, an answer or a note; the household is left in peace when it should be.

    Contacts are written down before they are made: the answer says whether the household may be disturbed now. A
    meeting is planned before, and is a contact of its day; what was said there can be written down at any hour.
    """
    with writing as session:
        entry, party = service.negotiate(session, objection_id=objection_id, body=body, actor=actor)
        return answers.entry(entry, by=party)


@desk_router.post(
    "/objections/{objection_id}/hand-over", status_code=204,
    responses=problems(ObjectionNotFound, ObjectionWrongState),
)  # fmt: skip
def hand_over_objection(
    objection_id: uuid.UUID,
    body: HandOverIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.hand_over")],
) -> Response:
    """Give a case back: as its mediator to the officer, as a volunteer by leaving it."""
    with writing as session:
        service.hand_over(session, objection_id=objection_id, reason=body.reason, actor=actor)
    return Response(status_code=204)


@desk_router.post(
    "/objections/{objection_id}/volunteers", status_code=204,
    responses=problems(ObjectionNotFound, ObjectionWrongState, NotAVolunteer, VolunteerThere, VolunteerDeclined),
)  # fmt: skip
def propose_volunteer(
    objection_id: uuid.UUID,
    body: VolunteerIn,
    writing: Writing,
    actor: Annotated[Actor, may("objection.propose_volunteer")],
) -> Response:
    """Propose a resident of the list; the case opens to them after the household has accepted them."""
    with writing as session:
        service.propose_volunteer(session, objection_id=objection_id, account_id=body.account_id, actor=actor)
    return Response(status_code=204)


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
        return answers.entry(entry, by=Party.OBJECTION_OFFICER)
