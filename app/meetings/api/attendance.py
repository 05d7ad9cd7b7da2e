"""Routes of those who attend: the code at the door, the list, the number."""

import uuid
from typing import Annotated

from fastapi import APIRouter

from app.access.actor import Actor
from app.access.deps import may
from app.core.web import Reading, SettingsDep, Writing, problems
from app.meetings import rules, service, sheets
from app.meetings.api.shapes import meeting_out
from app.meetings.errors import (
    DoorClosed,
    DoorCodeExpired,
    FewerThanListed,
    MeetingCancelled,
    MeetingNotFound,
    NotOfThisCommunity,
    NotOnTheList,
)
from app.meetings.schemas import (
    AttendanceIn,
    AttendanceOut,
    AttendeeOut,
    DoorCodeIn,
    DoorCodeOut,
    MeetingOut,
    SignedInOut,
)
from app.meetings.service import AttendanceList
from app.residents.rules import masked_home, masked_name

attendance_router = APIRouter(prefix="/api/v1", tags=["meetings"])


@attendance_router.get(
    "/meetings/{meeting_id}/attendance", response_model=AttendanceOut, responses=problems(MeetingNotFound)
)
def list_attendance(
    meeting_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("meeting.list_attendance")]
) -> AttendanceOut:
    """Who stands on the list of a meeting, for those who keep it."""
    with reading as session:
        return _list_out(service.list_attendance(session, meeting_id=meeting_id, actor=actor))


@attendance_router.put(
    "/meetings/{meeting_id}/attendance", response_model=MeetingOut,
    responses=problems(MeetingNotFound, MeetingCancelled, FewerThanListed),
)  # fmt: skip
def record_attendance(
    meeting_id: uuid.UUID,
    body: AttendanceIn,
    writing: Writing,
    actor: Annotated[Actor, may("meeting.record_attendance")],
) -> MeetingOut:
    """Record how many took part, and the names of a paper list, for the file; names are sealed and never published."""
    with writing as session:
        return meeting_out(
            service.record_attendance(
                session, meeting_id=meeting_id, present=body.present, names=body.names, actor=actor
            )
        )


@attendance_router.put(
    "/meetings/{meeting_id}/attendance/{resident_id}", status_code=204,
    responses=problems(MeetingNotFound, MeetingCancelled, NotOnTheList),
)  # fmt: skip
def tick_attendee(
    meeting_id: uuid.UUID,
    resident_id: uuid.UUID,
    writing: Writing,
    actor: Annotated[Actor, may("meeting.tick")],
) -> None:
    """Put somebody of the roster on the list of those who attended."""
    with writing as session:
        service.tick(session, meeting_id=meeting_id, resident_id=resident_id, actor=actor)


@attendance_router.delete(
    "/meetings/{meeting_id}/attendance/{resident_id}", status_code=204,
    responses=problems(MeetingNotFound, MeetingCancelled, NotOnTheList),
)  # fmt: skip
def untick_attendee(
    meeting_id: uuid.UUID,
    resident_id: uuid.UUID,
    writing: Writing,
    actor: Annotated[Actor, may("meeting.untick")],
) -> None:
    """Take somebody off the list again who was put there by mistake."""
    with writing as session:
        service.untick(session, meeting_id=meeting_id, resident_id=resident_id, actor=actor)


@attendance_router.post(
    "/meetings/{meeting_id}/door-code", response_model=DoorCodeOut,
    responses=problems(MeetingNotFound, MeetingCancelled, DoorClosed),
)  # fmt: skip
def show_door_code(
    meeting_id: uuid.UUID,
    writing: Writing,
    settings: SettingsDep,
    actor: Annotated[Actor, may("meeting.show_door_code")],
) -> DoorCodeOut:
    """The code for the screen at the door, a new one each minute."""
    with writing as session:
        shown = service.show_door_code(session, meeting_id=meeting_id, actor=actor)
        listed = service.list_attendance(session, meeting_id=meeting_id, actor=actor).listed
        url = sheets.door_address(shown.code, public_url=settings.public_url)
        return DoorCodeOut(
            code=shown.code, url=url, picture=sheets.qr(url), next_at=shown.made_at + rules.DOOR_CODE_FRESH,
            listed=listed,
        )  # fmt: skip


@attendance_router.post(
    "/meetings/sign-in", response_model=SignedInOut,
    responses=problems(DoorCodeExpired, MeetingCancelled, NotOfThisCommunity),
)  # fmt: skip
def sign_in_at_door(
    body: DoorCodeIn, writing: Writing, actor: Annotated[Actor, may("meeting.sign_in")]
) -> SignedInOut:
    """Stand on the list of the meeting at whose door you are; a phone does it once."""
    with writing as session:
        found = service.sign_in(session, code=body.code, actor=actor)
        row = found.meeting
        return SignedInOut(
            meeting_id=row.id,
            title=row.title,
            place=row.place,
            begins_at=row.begins_at,
            already=found.already,
        )


def _list_out(found: AttendanceList) -> AttendanceOut:
    row = found.meeting
    return AttendanceOut(
        present=row.present,
        listed=found.listed,
        names=found.names,
        door_opens_at=row.begins_at - rules.DOOR_BEFORE,
        door_closes_at=row.begins_at + rules.DOOR_AFTER,
        people=[
            AttendeeOut(
                resident_id=each.resident_id,
                name="" if each.person is None else masked_name(each.person.name),
                home="" if each.home is None else masked_home(each.home.building, each.home.unit),
                room="" if each.home is None else each.home.room,
                way=each.way,
                at=each.at,
            )
            for each in found.people
        ],
    )
