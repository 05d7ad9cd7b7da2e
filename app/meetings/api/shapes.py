"""What goes out, of what the services return."""

import json

from app.core.canonical import sha256_hex
from app.meetings.models import Amendment
from app.meetings.schemas import (
    AmendmentOut,
    ChangeOut,
    MeetingDetail,
    MeetingOut,
    MinutesOut,
    MinutesSignatureOut,
    ResolutionOut,
)
from app.meetings.service import MeetingView, MinutesView, ResolutionView, SignatureView


def meeting_out(view: MeetingView) -> MeetingOut:
    """A meeting in a list."""
    row = view.meeting
    return MeetingOut(
        id=row.id, community_code=row.community_code, kind=row.kind, title=row.title, place=row.place,
        begins_at=row.begins_at, called_at=row.called_at, short_notice_reason=row.short_notice_reason,
        changed_at=row.changed_at, cancelled_at=row.cancelled_at, cancelled_reason=row.cancelled_reason,
        present=row.present, agenda=view.agenda, minutes_version=view.minutes_version,
        resolutions_passed=view.resolutions_passed, resolutions_put=view.resolutions_put,
    )  # fmt: skip


def detail_out(
    view: MeetingView, minutes: list[MinutesView], resolutions: list[ResolutionView]
) -> MeetingDetail:
    """A meeting with everything."""
    return MeetingDetail(
        **meeting_out(view).model_dump(),
        minutes=[minutes_out(each) for each in minutes],
        resolutions=[resolution_out(each) for each in resolutions],
    )


def minutes_out(view: MinutesView) -> MinutesOut:
    """A version of minutes."""
    row = view.minutes
    return MinutesOut(
        version=row.version, state=row.state, text=row.text, text_html=row.text_html, chair=row.chair,
        recorder=row.recorder, correction=row.correction, digest=row.digest or sha256_hex(row.text.encode()),
        circulated_at=row.circulated_at, published_at=row.published_at,
        changes=[ChangeOut(before=each.before, after=each.after) for each in view.changes],
        signatures=[_signature_out(each) for each in view.signatures],
    )  # fmt: skip


def resolution_out(view: ResolutionView) -> ResolutionOut:
    """A resolution."""
    row = view.resolution
    return ResolutionOut(
        id=row.id, position=row.position, text=row.text, votes_for=row.votes_for, votes_against=row.votes_against,
        abstentions=row.abstentions, passed=row.passed, project_id=row.project_id, project_title=view.project_title,
    )  # fmt: skip


def amendment_out(row: Amendment) -> AmendmentOut:
    """A proposal; never who made it."""
    return AmendmentOut(
        id=row.id, version=row.version, passage=row.passage, text=row.text, state=row.state,
        proposed_at=row.proposed_at, answer=row.answer, answered_at=row.answered_at, taken_up_in=row.taken_up_in,
    )  # fmt: skip


def _signature_out(view: SignatureView) -> MinutesSignatureOut:
    row = view.signature
    drawn = json.loads(row.drawing) if view.shown_whole and row.drawing else None
    return MinutesSignatureOut(
        part=row.part, office=row.office, digest=row.digest, signed_at=row.signed_at, confirmed=row.confirmed,
        signed_by=view.name, drawing=drawn,
    )  # fmt: skip
