"""The verbs of a meeting."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, markdown
from app.core.canonical import sha256_hex
from app.meetings import queries, rules
from app.meetings.errors import (
    DraftPending,
    MeetingNotFound,
    MeetingNotHeld,
    MinutesNotFound,
    MinutesPublished,
    NamesInMinutes,
    NothingToCorrect,
)
from app.meetings.events import MinutesPosted
from app.meetings.models import AgendaItem, Meeting, Minutes, Resolution
from app.meetings.rules import Change, MinutesState
from app.meetings.schemas import CorrectionIn, MeetingIn, MinutesIn, ResolutionIn
from app.outbox import service as outbox
from app.places import service as places
from app.projects import service as projects
from app.residents import service as residents


@dataclass(frozen=True)
class MeetingView:
    """A meeting with its agenda, and what came of it in figures."""

    meeting: Meeting
    agenda: list[str]
    minutes_version: int | None = None
    resolutions_passed: int = 0
    resolutions_put: int = 0


@dataclass(frozen=True)
class MinutesView:
    """A version of minutes, and where it differs from the one before."""

    minutes: Minutes
    changes: list[Change]


@dataclass(frozen=True)
class ResolutionView:
    """A resolution, and the project it raised as far as it is public."""

    resolution: Resolution
    project_title: str | None


def call(session: Session, *, body: MeetingIn, actor: Actor) -> MeetingView:
    """Call a meeting with its agenda.

    Raises:
        DivisionNotFound: not a community of yours.
        ShortNotice: less than the law's ten days, and no special circumstance.
    """
    places.community(session, body.community_code, actor=actor, verb="meeting.call")
    now = clock.now()
    rules.check_notice(
        kind=body.kind, called_at=now, begins_at=body.begins_at, reason=body.short_notice_reason
    )
    row = Meeting(**body.model_dump(exclude={"agenda"}), called_at=now)
    session.add(row)
    session.flush()  # the agenda refers to it
    session.add_all(
        AgendaItem(meeting_id=row.id, position=position, title=title)
        for position, title in enumerate(body.agenda, start=1)
    )
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.MEETING_CALLED, subject=f"meeting:{row.id}"
    )
    return MeetingView(row, list(body.agenda))


def record_attendance(
    session: Session, *, meeting_id: uuid.UUID, present: int, names: Sequence[str], actor: Actor
) -> MeetingView:
    """Record how many took part, and who, for the file.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
    """
    row = _mine(session, meeting_id, actor, verb="meeting.record_attendance")
    row.present = present
    row.attendance = json.dumps(list(names), ensure_ascii=False)
    session.add(row)
    audit.record(
        session, chain=row.community_code, by=actor.ref, tag=Tag.MEETING_ATTENDANCE_RECORDED,
        subject=f"meeting:{row.id}", facts={"present": present},
    )  # fmt: skip
    return _view(session, row)


def draft_minutes(session: Session, *, meeting_id: uuid.UUID, body: MinutesIn, actor: Actor) -> Minutes:
    """Draft the minutes.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        DraftPending: there is a draft; change that.
        MinutesPublished: there are published minutes; correct those.
    """
    row = _mine(session, meeting_id, actor, verb="minutes.draft")
    versions = queries.minutes(session, meeting_id, drafts=True)
    if any(each.state is MinutesState.DRAFT for each in versions):
        raise DraftPending
    if versions:
        raise MinutesPublished
    return _write(session, row, body, version=1, correction=None, actor=actor, tag=Tag.MINUTES_DRAFTED)


def change_minutes(
    session: Session, *, meeting_id: uuid.UUID, version: int, body: MinutesIn, actor: Actor
) -> Minutes:
    """Change a draft.

    Raises:
        MeetingNotFound, MinutesNotFound: there is none, or it is not yours.
        MinutesPublished: it is published and never changes.
    """
    _mine(session, meeting_id, actor, verb="minutes.change")
    row = _version(session, meeting_id, version)
    if row.state is MinutesState.PUBLISHED:
        raise MinutesPublished
    row.text, row.text_html = body.text, markdown.render(body.text)
    row.chair, row.recorder, row.changed_at = body.chair, body.recorder, clock.now()
    session.add(row)
    return row


def publish_minutes(session: Session, *, meeting_id: uuid.UUID, version: int, actor: Actor) -> Minutes:
    """Publish a draft; from then on it never changes.

    Raises:
        MeetingNotFound, MinutesNotFound: there is none, or it is not yours.
        MinutesPublished: it is published already.
        NamesInMinutes: names, rooms or phones of the roster stand in the text.
    """
    meeting = _mine(session, meeting_id, actor, verb="minutes.publish")
    row = _version(session, meeting_id, version)
    if row.state is MinutesState.PUBLISHED:
        raise MinutesPublished
    words = residents.roster_words(session, community_code=meeting.community_code)
    # who chaired and who recorded stands on the minutes by their office, and may
    if found := rules.personal_places(row.text, words - {row.chair, row.recorder}):
        raise NamesInMinutes(count=found)
    row.state, row.published_at, row.digest = (
        MinutesState.PUBLISHED,
        clock.now(),
        sha256_hex(row.text.encode()),
    )
    session.add(row)
    tag = Tag.MINUTES_PUBLISHED if row.correction is None else Tag.MINUTES_CORRECTED
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=tag, subject=f"meeting:{meeting_id}",
        facts={"version": version, "digest": row.digest},
    )  # fmt: skip
    outbox.emit(
        session,
        MinutesPosted(
            str(meeting_id),
            meeting.community_code,
            meeting.title,
            version,
            corrected=row.correction is not None,
        ),
        subject=f"meeting:{meeting_id}",
    )
    return row


def correct_minutes(session: Session, *, meeting_id: uuid.UUID, body: CorrectionIn, actor: Actor) -> Minutes:
    """Draft a correction of published minutes: a new version; the old one stays readable.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        NothingToCorrect: nothing is published.
        DraftPending: a correction is being drafted.
    """
    meeting = _mine(session, meeting_id, actor, verb="minutes.correct")
    versions = queries.minutes(session, meeting_id, drafts=True)
    if any(each.state is MinutesState.DRAFT for each in versions):
        raise DraftPending
    if not versions:
        raise NothingToCorrect
    return _write(
        session, meeting, body, version=versions[-1].version + 1, correction=body.correction, actor=actor,
        tag=Tag.MINUTES_DRAFTED,
    )  # fmt: skip


def pass_resolution(
    session: Session, *, meeting_id: uuid.UUID, body: ResolutionIn, actor: Actor
) -> Resolution:
    """Record a vote of the meeting; if it passes, the project it raises is drafted with it.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingNotHeld: nobody recorded who attended.
        VotesDoNotAdd: more votes than people.
    """
    meeting = _mine(session, meeting_id, actor, verb="resolution.pass")
    if meeting.present is None:
        raise MeetingNotHeld
    passed = rules.passes(
        votes_for=body.votes_for, votes_against=body.votes_against, abstentions=body.abstentions,
        present=meeting.present,
    )  # fmt: skip
    row = Resolution(
        meeting_id=meeting_id, position=len(queries.resolutions(session, meeting_id)) + 1, text=body.text,
        votes_for=body.votes_for, votes_against=body.votes_against, abstentions=body.abstentions, passed=passed,
    )  # fmt: skip
    if passed and body.project is not None:
        row.project_id = projects.draft_from_resolution(
            session, community_code=meeting.community_code, words=body.project, resolution_id=row.id,
            reference=meeting.title, actor=actor,
        ).id  # fmt: skip
    session.add(row)
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=Tag.RESOLUTION_PASSED, subject=f"resolution:{row.id}",
        facts={"passed": passed, "for": body.votes_for, "against": body.votes_against, "present": meeting.present},
    )  # fmt: skip
    return row


def listing(
    session: Session, *, division: str | None, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[MeetingView]:
    """Meetings under a division, the latest first."""
    return _views(session, queries.page(session, division=division, after=after, limit=limit))


def read(
    session: Session, meeting_id: uuid.UUID, *, actor: Actor
) -> tuple[MeetingView, list[MinutesView], list[ResolutionView]]:
    """A meeting with its minutes (drafts for those who work on them) and resolutions.

    Raises:
        MeetingNotFound: there is none.
    """
    row = queries.meeting(session, meeting_id)
    if row is None:
        raise MeetingNotFound
    drafts = actor.may("minutes.read_drafts", row.community_code)
    versions = queries.minutes(session, meeting_id, drafts=drafts)
    resolutions = queries.resolutions(session, meeting_id)
    raised = [each.project_id for each in resolutions if each.project_id is not None]
    titles = {each.id: each.title for each in projects.public_projects(session, project_ids=raised)}
    return (
        _view(session, row),
        [_compared(each, before) for before, each in zip([None, *versions], versions, strict=False)],
        [
            ResolutionView(each, None if each.project_id is None else titles.get(each.project_id))
            for each in resolutions
        ],
    )


def shown(session: Session, row: Minutes) -> MinutesView:
    """A version as those see it who have just written it."""
    before = [
        each for each in queries.minutes(session, row.meeting_id, drafts=True) if each.version < row.version
    ]
    return _compared(row, before[-1] if before else None)


def _mine(session: Session, meeting_id: uuid.UUID, actor: Actor, *, verb: str) -> Meeting:
    row = queries.meeting_locked(session, meeting_id)
    if row is None or not actor.may(verb, row.community_code):
        raise MeetingNotFound
    return row


def _version(session: Session, meeting_id: uuid.UUID, version: int) -> Minutes:
    for row in queries.minutes(session, meeting_id, drafts=True):
        if row.version == version:
            return row
    raise MinutesNotFound


def _compared(minutes: Minutes, before: Minutes | None) -> MinutesView:
    return MinutesView(minutes, [] if before is None else rules.changes(before.text, minutes.text))


def _view(session: Session, row: Meeting) -> MeetingView:
    return _views(session, [row])[0]


def _views(session: Session, rows: Sequence[Meeting]) -> list[MeetingView]:
    ids = [row.id for row in rows]
    agendas, versions = queries.agenda(session, ids), queries.published_versions(session, ids)
    counts = queries.resolution_counts(session, ids)
    return [
        MeetingView(row, agendas[row.id], versions.get(row.id), *counts.get(row.id, (0, 0))) for row in rows
    ]


def _write(
    session: Session,
    meeting: Meeting,
    body: MinutesIn,
    *,
    version: int,
    correction: str | None,
    actor: Actor,
    tag: Tag,
) -> Minutes:
    row = Minutes(
        meeting_id=meeting.id, version=version, state=MinutesState.DRAFT, text=body.text,
        text_html=markdown.render(body.text), chair=body.chair, recorder=body.recorder, correction=correction,
        changed_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=tag, subject=f"meeting:{meeting.id}",
        facts={"version": version},
    )  # fmt: skip
    return row
