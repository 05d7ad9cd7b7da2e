"""Writing minutes: drafted, checked, circulated, changed, corrected, published."""

import uuid
from collections.abc import Mapping

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock, markdown
from app.core.canonical import sha256_hex
from app.meetings import queries, wording
from app.meetings.errors import DraftPending, MinutesChangedMeanwhile, MinutesPublished, NothingToCorrect
from app.meetings.events import MinutesPosted
from app.meetings.findings import MinutesField
from app.meetings.models import Meeting, Minutes, StandingWord
from app.meetings.rules import MinutesState
from app.meetings.schemas import CorrectionIn, MinutesChangeIn, MinutesIn
from app.meetings.service.checking import Found, check_heard, check_names, draft_of, found_in
from app.meetings.service.signing import check_signed
from app.meetings.service.views import MinutesView, compared, mine
from app.outbox import service as outbox


def draft_minutes(session: Session, *, meeting_id: uuid.UUID, body: MinutesIn, actor: Actor) -> Minutes:
    """Draft the minutes.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        DraftPending: there is a draft; change that.
        MinutesPublished: there are published minutes; correct those.
    """
    row = mine(session, meeting_id, actor, verb="minutes.draft")
    versions = queries.minutes(session, meeting_id, drafts=True)
    if any(each.state is MinutesState.DRAFT for each in versions):
        raise DraftPending
    if versions:
        raise MinutesPublished
    return _write(session, row, body, version=1, correction=None, actor=actor)


def change_minutes(
    session: Session, *, meeting_id: uuid.UUID, version: int, body: MinutesChangeIn, actor: Actor
) -> Minutes:
    """Change a draft. One that somebody has signed stays as it was signed, and the change is a new version.

    Raises:
        MeetingNotFound, MinutesNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        MinutesPublished: it is published and never changes.
        MinutesReplaced: a newer version has taken its place.
        MinutesChangedMeanwhile: it is not the text the caller began from.
    """
    meeting = mine(session, meeting_id, actor, verb="minutes.change")
    row = draft_of(session, meeting_id, version)
    if body.based_on is not None and body.based_on != sha256_hex(row.text.encode()):
        raise MinutesChangedMeanwhile
    correction = row.correction if row.correction is None else (body.correction or row.correction)
    if _says(row) == (body.text, body.chair, body.recorder, correction):
        return row
    if queries.signatures(session, meeting_id).get(version):
        row.state = MinutesState.REPLACED
        session.add(row)
        number = max(each.version for each in queries.minutes(session, meeting_id, drafts=True)) + 1
        changed = _write(session, meeting, body, version=number, correction=correction, actor=actor)
        changed.circulated_at = row.circulated_at
        return changed
    row.text, row.text_html = body.text, markdown.render(body.text)
    row.chair, row.recorder, row.correction = body.chair, body.recorder, correction
    row.changed_at = clock.now()
    session.add(row)
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=Tag.MINUTES_CHANGED, subject=f"meeting:{meeting_id}",
        facts={"version": version},
    )  # fmt: skip
    return row


def correct_minutes(session: Session, *, meeting_id: uuid.UUID, body: CorrectionIn, actor: Actor) -> Minutes:
    """Draft a correction of published minutes: a new version; the old one stays readable.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        NothingToCorrect: nothing is published.
        DraftPending: a correction is being drafted.
    """
    meeting = mine(session, meeting_id, actor, verb="minutes.correct")
    versions = queries.minutes(session, meeting_id, drafts=True)
    if any(each.state is MinutesState.DRAFT for each in versions):
        raise DraftPending
    if not any(each.state is MinutesState.PUBLISHED for each in versions):
        raise NothingToCorrect
    return _write(
        session, meeting, body, version=versions[-1].version + 1, correction=body.correction, actor=actor
    )


def check_minutes(
    session: Session, *, meeting_id: uuid.UUID, words: Mapping[MinutesField, str], actor: Actor
) -> list[Found]:
    """Where names, rooms and phones stand in words that would be published.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
    """
    return found_in(session, mine(session, meeting_id, actor, verb="minutes.check"), words)


def allow_word(session: Session, *, meeting_id: uuid.UUID, word: str, reason: str, actor: Actor) -> None:
    """Let a name, room or phone stand in the minutes of this meeting, for a reason that is kept with it.

    Raises:
        MeetingNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
    """
    meeting = mine(session, meeting_id, actor, verb="minutes.allow_word")
    words = queries.standing_words(session, meeting_id)
    row = next((each for each in words if wording.key(each.word) == wording.key(word)), None)
    if row is None:
        row = StandingWord(
            meeting_id=meeting_id, word=word, reason=reason, allowed_by=actor.ref, allowed_at=clock.now()
        )
    row.reason, row.allowed_by, row.allowed_at = reason, actor.ref, clock.now()
    session.add(row)
    # the word itself stays out of the record
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=Tag.WORD_ALLOWED, subject=f"meeting:{meeting_id}"
    )  # fmt: skip


def circulate_minutes(session: Session, *, meeting_id: uuid.UUID, version: int, actor: Actor) -> Minutes:
    """Give a draft to those who attended, so that they can say what is wrong before it is signed.

    Raises:
        MeetingNotFound, MinutesNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        MinutesPublished, MinutesReplaced: it is no draft any more.
        NamesInMinutes: names, rooms or phones stand in it.
    """
    meeting = mine(session, meeting_id, actor, verb="minutes.circulate")
    row = draft_of(session, meeting_id, version)
    check_names(session, meeting, row)
    row.circulated_at = clock.now()
    session.add(row)
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=Tag.MINUTES_CIRCULATED,
        subject=f"meeting:{meeting_id}", facts={"version": version},
    )  # fmt: skip
    return row


def publish_minutes(
    session: Session, *, meeting_id: uuid.UUID, version: int, code_required: bool, actor: Actor
) -> Minutes:
    """Publish a draft that chair and recorder have signed; from then on it never changes.

    Where a code is required, signatures count only if they were confirmed by one (docs/adr/0021).

    Raises:
        MeetingNotFound, MinutesNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        MinutesPublished, MinutesReplaced: it is no draft any more.
        NamesInMinutes: names, rooms or phones stand in it.
        AmendmentsPending, NotCirculated: those who attended were not heard.
        SignaturesMissing: not both have signed this text.
    """
    meeting = mine(session, meeting_id, actor, verb="minutes.publish")
    row = draft_of(session, meeting_id, version)
    check_names(session, meeting, row)
    check_heard(session, row)
    check_signed(session, row, code_required=code_required)
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


def shown(session: Session, row: Minutes) -> MinutesView:
    """A version as those see it who have just written it."""
    before = [
        each for each in queries.minutes(session, row.meeting_id, drafts=True) if each.version < row.version
    ]
    return compared(session, [*before[-1:], row], meeting_id=row.meeting_id, whole=True)[-1]


def _says(row: Minutes) -> tuple[str, str, str, str | None]:
    return row.text, row.chair, row.recorder, row.correction


def _write(
    session: Session, meeting: Meeting, body: MinutesIn, *, version: int, correction: str | None, actor: Actor
) -> Minutes:
    row = Minutes(
        meeting_id=meeting.id, version=version, state=MinutesState.DRAFT, text=body.text,
        text_html=markdown.render(body.text), chair=body.chair, recorder=body.recorder, correction=correction,
        changed_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=Tag.MINUTES_DRAFTED, subject=f"meeting:{meeting.id}",
        facts={"version": version},
    )  # fmt: skip
    return row
