"""Routes of registrations: residents say where they live, the committee answers."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.access.actor import Actor
from app.access.deps import may
from app.access.errors import PhoneMalformed
from app.access.rules import normal_phone
from app.core.pagination import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    BadCursor,
    page_of,
    time_and_id,
    time_and_id_cursor,
)
from app.core.text import Code12
from app.core.web import Reading, Writing, language_of, problems
from app.places.errors import DivisionNotFound
from app.residents import rules, service
from app.residents.errors import (
    AlreadyOnTheRoster,
    PhoneKnownElsewhere,
    PhoneNotYours,
    RegistrationDecided,
    RegistrationKnown,
    RegistrationNotFound,
    RegistrationPending,
    ResidentHasPhone,
    ResidentNotFound,
)
from app.residents.rules import Person, RegistrationState
from app.residents.schemas import (
    ApprovalIn,
    ApprovalsIn,
    LookalikeOut,
    MyRegistrationList,
    MyRegistrationOut,
    RegisteredPerson,
    RegistrationAnswer,
    RegistrationAnswers,
    RegistrationFiled,
    RegistrationIn,
    RegistrationOut,
    RegistrationPage,
    RejectionIn,
    RejectionsIn,
)
from app.residents.service import Answered, Lookalike

registrations_router = APIRouter(prefix="/api/v1", tags=["residents"])


@registrations_router.post(
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


@registrations_router.get("/me/registrations", response_model=MyRegistrationList)
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


@registrations_router.get(
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
    """Registrations that wait, each with who on the roster it may be; or those that were answered, then masked."""
    with reading as session:
        found = service.registrations(
            session, community_code=code, state=state, after=time_and_id(cursor), limit=limit + 1, actor=actor
        )
        waiting = [row for row, _ in found if row.state is RegistrationState.PENDING]
        alike = service.lookalikes(session, rows=waiting)
    items = [
        RegistrationOut(
            id=row.id, state=row.state, created_at=row.created_at, person=_said(row.state, said),
            decided_at=row.decided_at, reason=row.reason, resident_id=row.resident_id,
            lookalikes=[_lookalike(each) for each in alike.get(row.id, [])],
        )
        for row, said in found
    ]  # fmt: skip
    page = page_of(items, limit, key=lambda item: time_and_id_cursor(item.created_at, item.id))
    return RegistrationPage(items=list(page.items), next_cursor=page.next_cursor)


@registrations_router.post(
    "/registrations/{registration_id}/approve", response_model=RegistrationFiled,
    responses=problems(
        RegistrationNotFound, RegistrationDecided, AlreadyOnTheRoster, RegistrationKnown, ResidentNotFound,
        ResidentHasPhone, PhoneKnownElsewhere,
    ),
)  # fmt: skip
def approve_registration(
    registration_id: uuid.UUID,
    writing: Writing,
    actor: Annotated[Actor, may("registration.approve")],
    body: ApprovalIn | None = None,
) -> RegistrationFiled:
    """Take somebody in who registered themselves: as somebody new, or as one whom the roster has without a number."""
    with writing as session:
        row = service.approve(
            session, registration_id=registration_id, resident_id=None if body is None else body.resident_id,
            actor=actor,
        )  # fmt: skip
        return RegistrationFiled.model_validate(row)


@registrations_router.post(
    "/communities/{code}/registrations/approve", response_model=RegistrationAnswers,
    responses=problems(DivisionNotFound),
)  # fmt: skip
def approve_registrations(
    code: Code12,
    body: ApprovalsIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("registration.approve")],
) -> RegistrationAnswers:
    """Take several in, each as somebody new; whoever cannot be is named, with the reason."""
    with writing as session:
        answers = service.approve_several(
            session, community_code=code, registration_ids=body.registration_ids, actor=actor
        )
    return _answers(answers, language_of(request))


@registrations_router.post(
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


@registrations_router.post(
    "/communities/{code}/registrations/reject", response_model=RegistrationAnswers,
    responses=problems(DivisionNotFound),
)  # fmt: skip
def reject_registrations(
    code: Code12,
    body: RejectionsIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("registration.reject")],
) -> RegistrationAnswers:
    """Decline several, with one reason; whichever cannot be is named, with the cause."""
    with writing as session:
        answers = service.reject_several(
            session,
            community_code=code,
            registration_ids=body.registration_ids,
            reason=body.reason,
            actor=actor,
        )
    return _answers(answers, language_of(request))


def _said(state: RegistrationState, person: Person) -> RegisteredPerson:
    """As somebody on the roster is shown; the name in full for as long as it has to be compared with papers."""
    waiting = state is RegistrationState.PENDING
    born = None if person.birth_date is None else person.birth_date.isoformat()
    return RegisteredPerson(
        name=person.name if waiting else rules.masked_name(person.name), phone=rules.masked_phone(person.phone),
        birth_year=rules.masked_birth(born), building=person.building, unit=person.unit, room=person.room,
        tenure=person.tenure,
    )  # fmt: skip


def _lookalike(each: Lookalike) -> LookalikeOut:
    return LookalikeOut(
        resident_id=each.resident.id, name=rules.masked_name(each.resident.name),
        phone=rules.masked_phone(each.resident.phone), dwelling=each.dwelling.in_words,
    )  # fmt: skip


def _answers(answers: Sequence[Answered], language: str) -> RegistrationAnswers:
    return RegistrationAnswers(
        items=[
            RegistrationAnswer(
                id=each.registration_id, state=each.state,
                problem=None if each.problem is None else each.problem.code,
                detail=None if each.problem is None else each.problem.sentence(language),
            )
            for each in answers
        ]
    )  # fmt: skip
