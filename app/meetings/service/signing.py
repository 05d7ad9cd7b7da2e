"""Signing minutes: the chair and the recorder, each with a fresh code, the same text."""

import json
import uuid

from sqlmodel import Session

from app.access import service as access
from app.access.actor import Actor
from app.access.errors import SecondFactorMissing
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.meetings import queries
from app.meetings.errors import AlreadySigned, NotYourPart, SignaturesMissing
from app.meetings.models import Minutes, MinutesSignature
from app.meetings.rules import SigningPart
from app.meetings.schemas import SignatureIn
from app.meetings.service.checking import check_heard, check_names, draft_of
from app.meetings.service.views import digest_of, mine


def sign_minutes(
    session: Session,
    *,
    meeting_id: uuid.UUID,
    version: int,
    body: SignatureIn,
    code_required: bool,
    actor: Actor,
) -> Minutes:
    """Put the caller's signature under a draft: whoever changes the text afterwards makes a new version.

    Where a code is required, nobody signs without a second factor (docs/adr/0021).

    Raises:
        MeetingNotFound, MinutesNotFound: there is none, or it is not yours.
        MeetingCancelled: it did not take place.
        MinutesPublished, MinutesReplaced: it is no draft any more.
        NotYourPart: the chair's place, and the caller is not the chair.
        NamesInMinutes: names, rooms or phones stand in it.
        AmendmentsPending, NotCirculated: those who attended were not heard.
        SecondFactorMissing, FreshCodeNeeded: the act was not confirmed by a code.
        AlreadySigned: the place is taken, or the caller has signed the other one.
    """
    meeting = mine(session, meeting_id, actor, verb="minutes.sign")
    row = draft_of(session, meeting_id, version)
    if body.part is SigningPart.CHAIR and not actor.may("minutes.publish", meeting.community_code):
        raise NotYourPart
    check_names(session, meeting, row)
    check_heard(session, row)
    there = queries.signatures(session, meeting_id).get(version, [])
    if any(each.part is body.part or each.account_id == actor.account_id for each in there):
        raise AlreadySigned
    confirmed = _confirmed(session, actor, code_required=code_required)
    assert actor.account_id is not None
    digest = digest_of(row)
    session.add(
        MinutesSignature(
            meeting_id=meeting_id, version=version, part=body.part, account_id=actor.account_id,
            office=row.chair if body.part is SigningPart.CHAIR else row.recorder, digest=digest, confirmed=confirmed,
            drawing=json.dumps(body.drawing) if body.drawing else None, signed_at=clock.now(),
        )
    )  # fmt: skip
    audit.record(
        session, chain=meeting.community_code, by=actor.ref, tag=Tag.MINUTES_SIGNED, subject=f"meeting:{meeting_id}",
        facts={"version": version, "part": body.part.value, "digest": digest, "confirmed": confirmed},
    )  # fmt: skip
    session.flush()  # two at once meet here, and the page shows it
    return row


def check_signed(session: Session, row: Minutes, *, code_required: bool) -> None:
    """Whether chair and recorder, two people, have signed this text.

    Raises:
        SignaturesMissing: not both have.
    """
    if not is_signed(session, row, code_required=code_required):
        raise SignaturesMissing


def is_signed(session: Session, row: Minutes, *, code_required: bool = False) -> bool:
    """Whether chair and recorder, two people, have signed this text; minutes of old have no signatures."""
    signed = [
        each
        for each in queries.signatures(session, row.meeting_id).get(row.version, [])
        if each.digest == digest_of(row) and (each.confirmed or not code_required)
    ]
    people = {each.account_id for each in signed}
    return {each.part for each in signed} == set(SigningPart) and len(people) == len(SigningPart)


def _confirmed(session: Session, actor: Actor, *, code_required: bool) -> bool:
    """Whether the act is confirmed by a fresh code: always, but for who has none where none is required."""
    try:
        access.require_confirmed(session, actor)
    except SecondFactorMissing:
        if code_required:
            raise
        return False
    return True
