"""Who attended: by the code at the door, by the roster, by a sheet of paper. The list is sealed; a number is public."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.meetings import queries, rules
from app.meetings.errors import (
    DoorCodeExpired,
    FewerThanListed,
    MeetingCancelled,
    MeetingNotFound,
    NotOfThisCommunity,
    NotOnTheList,
)
from app.meetings.models import Attendance, DoorCode, Meeting
from app.meetings.rules import AttendanceWay
from app.meetings.service.views import MeetingView, mark_of, mine, person_at, view
from app.places import service as places
from app.places.service import Dwelling
from app.residents import service as residents
from app.residents.models import Resident


@dataclass(frozen=True)
class Attendee:
    """Somebody on the list; none of both for who has left the roster since."""

    resident_id: uuid.UUID
    person: Resident | None
    home: Dwelling | None
    way: AttendanceWay
    at: dt.datetime


@dataclass(frozen=True)
class AttendanceList:
    """The list of those who attended."""

    meeting: Meeting
    people: list[Attendee]
    #: From paper.
    names: list[str]

    @property
    def listed(self) -> int:
        """How many stand on it."""
        return len(self.people) + len(self.names)


@dataclass(frozen=True)
class SignedIn:
    """Somebody has signed in at a door."""

    meeting: Meeting
    #: They stood on the list before.
    already: bool


def record_attendance(
    session: Session, *, meeting_id: uuid.UUID, present: int, names: Sequence[str], actor: Actor
) -> MeetingView:
    """Record how many took part, and the names of a paper list, for the file.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        FewerThanListed: more people stand on the list.
    """
    row = mine(session, meeting_id, actor, verb="meeting.record_attendance")
    listed = queries.count_attendances(session, meeting_id) + len(names)
    if present < listed:
        raise FewerThanListed(listed=listed)
    row.present = present
    row.attendance = json.dumps(list(names), ensure_ascii=False)
    session.add(row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.MEETING_ATTENDANCE_RECORDED,
        subject=f"meeting:{row.id}", facts={"present": present},
    )  # fmt: skip
    return view(session, row)


def list_attendance(session: Session, *, meeting_id: uuid.UUID, actor: Actor) -> AttendanceList:
    """Who stands on the list, for those who keep it.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
    """
    row = queries.meeting(session, meeting_id)
    if row is None or not actor.may("meeting.list_attendance", row.community_code):
        raise MeetingNotFound
    entries = queries.attendances(session, meeting_id)
    people = {each.id: each for each in residents.residents(session, resident_ids=[_who(e) for e in entries])}
    homes = places.names_of(session, row.community_code)

    def attendee(entry: Attendance) -> Attendee:
        person = people.get(_who(entry))
        home = None if person is None else homes.get(person.household_id)
        return Attendee(_who(entry), person, home, entry.way, entry.at)

    return AttendanceList(row, [attendee(entry) for entry in entries], _names(row))


def tick(session: Session, *, meeting_id: uuid.UUID, resident_id: uuid.UUID, actor: Actor) -> None:
    """Put somebody of the roster on the list; doing it again changes nothing.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it does not take place.
        NotOnTheList: nobody of this community's roster.
    """
    row = mine(session, meeting_id, actor, verb="meeting.tick")
    person = next(iter(residents.residents(session, resident_ids=[resident_id])), None)
    if person is None or person.community_code != row.community_code or person.moved_out_at is not None:
        raise NotOnTheList
    _put_down(session, row, person, AttendanceWay.LIST)


def untick(session: Session, *, meeting_id: uuid.UUID, resident_id: uuid.UUID, actor: Actor) -> None:
    """Take somebody off the list again who was put there by mistake.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it does not take place.
        NotOnTheList: they do not stand there.
    """
    row = mine(session, meeting_id, actor, verb="meeting.untick")
    entry = queries.attendance(session, meeting_id, mark_of(row.id, resident_id))
    if entry is None:
        raise NotOnTheList
    session.delete(entry)


def show_door_code(session: Session, *, meeting_id: uuid.UUID, actor: Actor) -> DoorCode:
    """The code for the screen at the door: a new one each minute, so that a picture sent home is worth nothing.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled, DoorClosed: nobody is let in now.
    """
    row = mine(session, meeting_id, actor, verb="meeting.show_door_code")
    now = clock.now()
    rules.check_door(begins_at=row.begins_at, now=now)
    newest = queries.newest_door_code(session, meeting_id)
    if newest is not None and now < newest.made_at + rules.DOOR_CODE_FRESH:
        return newest
    shown = DoorCode(
        code=rules.new_door_code(), meeting_id=meeting_id, made_at=now, expires_at=now + rules.DOOR_CODE_WORKS
    )
    session.add(shown)
    return shown


def sign_in(session: Session, *, code: str, actor: Actor) -> SignedIn:
    """Stand on the list of the meeting at whose door a code is shown; a phone does it once.

    Raises:
        DoorCodeExpired: it is shown at no door now.
        MeetingCancelled: the meeting does not take place.
        NotOfThisCommunity: the phone stands for nobody who lives there.
    """
    shown = queries.door_code(session, rules.read_door_code(code))
    if shown is None or shown.expires_at <= clock.now():
        raise DoorCodeExpired
    row = queries.meeting_locked(session, shown.meeting_id)
    assert row is not None
    if row.cancelled_at is not None:
        raise MeetingCancelled
    person = person_at(session, row, actor)
    if person is None:
        raise NotOfThisCommunity
    return SignedIn(row, already=not _put_down(session, row, person, AttendanceWay.DOOR))


def forget_door_codes(session: Session) -> None:
    """Delete codes that work no more."""
    queries.forget_door_codes(session, clock.now())


def count_listed(session: Session, row: Meeting) -> None:
    """After somebody has come onto the list: at least so many took part as stand there."""
    session.flush()  # they count
    listed = queries.count_attendances(session, row.id) + len(_names(row))
    if row.present is not None and row.present < listed:
        row.present = listed
        session.add(row)


def _put_down(session: Session, row: Meeting, person: Resident, way: AttendanceWay) -> bool:
    mark = mark_of(row.id, person.id)
    if queries.attendance(session, row.id, mark) is not None:
        return False
    session.add(Attendance(meeting_id=row.id, mark=mark, who=str(person.id), way=way, at=clock.now()))
    count_listed(session, row)
    return True


def _who(entry: Attendance) -> uuid.UUID:
    return uuid.UUID(entry.who)


def _names(row: Meeting) -> list[str]:
    return [] if row.attendance is None else [str(name) for name in json.loads(row.attendance)]
