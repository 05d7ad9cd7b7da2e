"""What of minutes waits for the committee, for whoever lays out its desk."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from app.meetings import queries
from app.meetings.errors import AmendmentsPending, NotCirculated
from app.meetings.models import Meeting
from app.meetings.rules import SigningPart
from app.meetings.service.checking import check_heard
from app.meetings.service.views import digest_of


@dataclass(frozen=True)
class PendingAmendments:
    """What those who attended one meeting would put right, and nobody has answered."""

    meeting: Meeting
    count: int
    #: When the first of them was proposed.
    since: dt.datetime


@dataclass(frozen=True)
class AwaitedSignature:
    """A draft that can be signed now, and by whom it is not."""

    meeting: Meeting
    version: int
    missing: frozenset[SigningPart]
    #: Accounts that have signed it; the other place is somebody else's.
    signed_by: frozenset[uuid.UUID]


def pending_amendments(session: Session, community_codes: Collection[str]) -> list[PendingAmendments]:
    """Amendments to answer in some communities, by meeting, those that wait longest first."""
    return [
        PendingAmendments(*found)
        for found in queries.meetings_with_pending_amendments(session, community_codes)
    ]


def awaiting_signature(session: Session, community_codes: Collection[str]) -> list[AwaitedSignature]:
    """Drafts in some communities that wait for a signature and for nothing else, the earliest meeting first."""
    found = []
    for meeting, row in queries.meetings_with_drafts(session, community_codes):
        try:
            check_heard(session, row)
        except (AmendmentsPending, NotCirculated):
            continue
        signed = queries.signatures(session, meeting.id).get(row.version, [])
        there = [each for each in signed if each.digest == digest_of(row)]
        missing = frozenset(SigningPart) - {each.part for each in there}
        if missing:
            signers = frozenset(each.account_id for each in there)
            found.append(AwaitedSignature(meeting, row.version, missing, signers))
    return found
