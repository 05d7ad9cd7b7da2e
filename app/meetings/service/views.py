"""What the verbs of a meeting load and show."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.core import vault
from app.core.canonical import sha256_hex
from app.meetings import queries, rules
from app.meetings.errors import MeetingCancelled, MeetingNotFound, MinutesNotFound
from app.meetings.models import Meeting, Minutes, MinutesSignature, Resolution
from app.meetings.rules import Change
from app.residents import service as residents
from app.residents.models import Resident


@dataclass(frozen=True)
class MeetingView:
    """A meeting with its agenda, and what came of it in figures."""

    meeting: Meeting
    agenda: list[str]
    minutes_version: int | None = None
    resolutions_passed: int = 0
    resolutions_put: int = 0


@dataclass(frozen=True)
class SignatureView:
    """A signature; whose it is and what was drawn is for those who work on minutes."""

    signature: MinutesSignature
    name: str | None = None
    shown_whole: bool = False


@dataclass(frozen=True)
class MinutesView:
    """A version of minutes, where it differs from the one before, and who has signed it."""

    minutes: Minutes
    changes: list[Change]
    signatures: list[SignatureView] = field(default_factory=list)


@dataclass(frozen=True)
class ResolutionView:
    """A resolution, and the project it raised as far as it is public."""

    resolution: Resolution
    project_title: str | None


def mine(session: Session, meeting_id: uuid.UUID, actor: Actor, *, verb: str) -> Meeting:
    """A meeting of the caller's, locked.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it will not take place, or did not.
    """
    row = queries.meeting_locked(session, meeting_id)
    if row is None or not actor.may(verb, row.community_code):
        raise MeetingNotFound
    if row.cancelled_at is not None:
        raise MeetingCancelled
    return row


def version_of(session: Session, meeting_id: uuid.UUID, version: int) -> Minutes:
    """One version of a meeting's minutes.

    Raises:
        MinutesNotFound: there is none.
    """
    for row in queries.minutes(session, meeting_id, drafts=True):
        if row.version == version:
            return row
    raise MinutesNotFound


def view(session: Session, row: Meeting) -> MeetingView:
    """A meeting as it is listed."""
    return views(session, [row])[0]


def views(session: Session, rows: Sequence[Meeting]) -> list[MeetingView]:
    """Several of them."""
    ids = [row.id for row in rows]
    agendas, versions = queries.agenda(session, ids), queries.published_versions(session, ids)
    counts = queries.resolution_counts(session, ids)
    return [
        MeetingView(row, agendas[row.id], versions.get(row.id), *counts.get(row.id, (0, 0))) for row in rows
    ]


def compared(
    session: Session, versions: Sequence[Minutes], *, meeting_id: uuid.UUID, whole: bool
) -> list[MinutesView]:
    """Versions in order, each beside the one before it, with their signatures.

    What is shown whole has the names and drawings of who signed: for those who work on minutes.
    """
    signed = queries.signatures(session, meeting_id)
    refs = {f"account:{each.account_id}" for rows in signed.values() for each in rows} if whole else set()
    names = access.staff_names(session, refs=refs)
    return [
        MinutesView(
            each,
            [] if before is None else rules.changes(before.text, each.text),
            [
                SignatureView(row, names.get(f"account:{row.account_id}"), shown_whole=whole)
                for row in signed.get(each.version, [])
            ],
        )
        for before, each in zip([None, *versions], versions, strict=False)
    ]


def digest_of(row: Minutes) -> str:
    """SHA-256 of the text; what a signature is for."""
    return sha256_hex(row.text.encode())


def mark_of(meeting_id: uuid.UUID, resident_id: uuid.UUID) -> str:
    """By what somebody is found on the list of a meeting, and by nothing else."""
    return vault.current().fingerprint(f"{meeting_id}:{resident_id}", "attendance.mark")


def person_at(session: Session, meeting: Meeting, actor: Actor) -> Resident | None:
    """Whom the caller's phone stands for in the community of a meeting."""
    if actor.phone_fingerprint is None:
        return None
    return residents.person_in(
        session, phone_fingerprint=actor.phone_fingerprint, community_codes=[meeting.community_code]
    )


def attended(session: Session, meeting: Meeting, actor: Actor) -> bool:
    """Whether the caller stands on the list of those who attended."""
    person = person_at(session, meeting, actor)
    return (
        person is not None
        and queries.attendance(session, meeting.id, mark_of(meeting.id, person.id)) is not None
    )
