"""Routes of minutes: drafted, checked, circulated, amended, signed, published, corrected, printed."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.access.actor import Actor
from app.access.deps import may, needs_second_factor
from app.access.errors import FreshCodeNeeded, SecondFactorMissing
from app.core import markdown
from app.core.printing import PrintingUnavailable, check_printer
from app.core.web import Reading, SettingsDep, Writing, problems
from app.meetings import service, sheets
from app.meetings.api.shapes import amendment_out, minutes_out
from app.meetings.errors import (
    AlreadySigned,
    AmendmentAnswered,
    AmendmentNotFound,
    AmendmentsPending,
    DraftPending,
    MeetingCancelled,
    MeetingNotFound,
    MinutesChangedMeanwhile,
    MinutesNotFound,
    MinutesPublished,
    MinutesReplaced,
    MinutesSigned,
    NamesInMinutes,
    NoDraft,
    NotAttended,
    NotCirculated,
    NothingToCorrect,
    NotYourPart,
    SignaturesMissing,
    TooManyAmendments,
)
from app.meetings.findings import MinutesField
from app.meetings.schemas import (
    AllowedWordIn,
    AmendmentAnswerIn,
    AmendmentIn,
    AmendmentList,
    AmendmentOut,
    AmendmentRefusalIn,
    CorrectionIn,
    MinutesChangeIn,
    MinutesCheckIn,
    MinutesCheckOut,
    MinutesFindingOut,
    MinutesIn,
    MinutesOut,
    SignatureIn,
)

minutes_router = APIRouter(prefix="/api/v1", tags=["meetings"])

PDF = "application/pdf"
Version = Annotated[int, Path(ge=1, le=10_000)]
_NO_DRAFT = (MeetingNotFound, MeetingCancelled, MinutesNotFound, MinutesPublished, MinutesReplaced)
_NOT_HEARD = (AmendmentsPending, NotCirculated)


@minutes_router.post(
    "/meetings/{meeting_id}/minutes", status_code=201, response_model=MinutesOut,
    responses=problems(MeetingNotFound, MeetingCancelled, DraftPending, MinutesPublished),
)  # fmt: skip
def draft_minutes(
    meeting_id: uuid.UUID, body: MinutesIn, writing: Writing, actor: Annotated[Actor, may("minutes.draft")]
) -> MinutesOut:
    """Draft the minutes of a meeting."""
    with writing as session:
        row = service.draft_minutes(session, meeting_id=meeting_id, body=body, actor=actor)
        return minutes_out(service.shown(session, row))


@minutes_router.put(
    "/meetings/{meeting_id}/minutes/{version}", response_model=MinutesOut,
    responses=problems(*_NO_DRAFT, MinutesChangedMeanwhile),
)  # fmt: skip
def change_minutes(
    meeting_id: uuid.UUID,
    version: Version,
    body: MinutesChangeIn,
    writing: Writing,
    actor: Annotated[Actor, may("minutes.change")],
) -> MinutesOut:
    """Change a draft; one that somebody has signed stays as it was, and the change is a new version."""
    with writing as session:
        row = service.change_minutes(session, meeting_id=meeting_id, version=version, body=body, actor=actor)
        return minutes_out(service.shown(session, row))


@minutes_router.post(
    "/meetings/{meeting_id}/minutes/check", response_model=MinutesCheckOut,
    responses=problems(MeetingNotFound, MeetingCancelled),
)  # fmt: skip
def check_minutes(
    meeting_id: uuid.UUID,
    body: MinutesCheckIn,
    reading: Reading,
    actor: Annotated[Actor, may("minutes.check")],
) -> MinutesCheckOut:
    """Words of minutes as residents would see them, and the names, rooms and phones that stand in them."""
    words = {
        MinutesField.TEXT: body.text,
        MinutesField.CORRECTION: body.correction,
        MinutesField.CHAIR: body.chair,
        MinutesField.RECORDER: body.recorder,
    }
    with reading as session:
        found = service.check_minutes(session, meeting_id=meeting_id, words=words, actor=actor)
    return MinutesCheckOut(
        text_html=markdown.render(body.text),
        findings=[
            MinutesFindingOut(
                field=each.field, kind=each.finding.kind, start=each.finding.start, end=each.finding.end,
                word=each.finding.word, mask=each.finding.mask, allowed=each.allowed,
            )
            for each in found
        ],
    )  # fmt: skip


@minutes_router.post(
    "/meetings/{meeting_id}/allowed-words", status_code=204, responses=problems(MeetingNotFound, MeetingCancelled)
)  # fmt: skip
def allow_word(
    meeting_id: uuid.UUID,
    body: AllowedWordIn,
    writing: Writing,
    actor: Annotated[Actor, may("minutes.allow_word")],
) -> None:
    """Let a name, room or phone stand in the minutes of a meeting, with the reason."""
    with writing as session:
        service.allow_word(session, meeting_id=meeting_id, word=body.word, reason=body.reason, actor=actor)


@minutes_router.post(
    "/meetings/{meeting_id}/minutes/{version}/circulate", response_model=MinutesOut,
    responses=problems(*_NO_DRAFT, NamesInMinutes),
)  # fmt: skip
def circulate_minutes(
    meeting_id: uuid.UUID,
    version: Version,
    writing: Writing,
    actor: Annotated[Actor, may("minutes.circulate")],
) -> MinutesOut:
    """Give a draft to those who attended, so that they can say what is wrong."""
    with writing as session:
        row = service.circulate_minutes(session, meeting_id=meeting_id, version=version, actor=actor)
        return minutes_out(service.shown(session, row))


@minutes_router.post(
    "/meetings/{meeting_id}/minutes/{version}/signatures", status_code=201, response_model=MinutesOut,
    responses=problems(
        *_NO_DRAFT, NotYourPart, NamesInMinutes, *_NOT_HEARD, SecondFactorMissing, FreshCodeNeeded, AlreadySigned
    ),
)  # fmt: skip
def sign_minutes(
    meeting_id: uuid.UUID,
    version: Version,
    body: SignatureIn,
    writing: Writing,
    request: Request,
    actor: Annotated[Actor, may("minutes.sign")],
) -> MinutesOut:
    """Sign a draft as its chair or its recorder, with a fresh code."""
    with writing as session:
        row = service.sign_minutes(
            session, meeting_id=meeting_id, version=version, body=body,
            code_required=needs_second_factor(request), actor=actor,
        )  # fmt: skip
        return minutes_out(service.shown(session, row))


@minutes_router.post(
    "/meetings/{meeting_id}/minutes/{version}/publish", response_model=MinutesOut,
    responses=problems(*_NO_DRAFT, NamesInMinutes, *_NOT_HEARD, SignaturesMissing),
)  # fmt: skip
def publish_minutes(
    meeting_id: uuid.UUID,
    version: Version,
    writing: Writing,
    request: Request,
    actor: Annotated[Actor, may("minutes.publish")],
) -> MinutesOut:
    """Publish minutes that chair and recorder have signed; from then on this version never changes."""
    with writing as session:
        row = service.publish_minutes(
            session, meeting_id=meeting_id, version=version, code_required=needs_second_factor(request),
            actor=actor,
        )  # fmt: skip
        return minutes_out(service.shown(session, row))


@minutes_router.post(
    "/meetings/{meeting_id}/corrections", status_code=201, response_model=MinutesOut,
    responses=problems(MeetingNotFound, MeetingCancelled, NothingToCorrect, DraftPending),
)  # fmt: skip
def correct_minutes(
    meeting_id: uuid.UUID,
    body: CorrectionIn,
    writing: Writing,
    actor: Annotated[Actor, may("minutes.correct")],
) -> MinutesOut:
    """Draft a correction of published minutes: a new version with what was wrong; the old one stays readable."""
    with writing as session:
        row = service.correct_minutes(session, meeting_id=meeting_id, body=body, actor=actor)
        return minutes_out(service.shown(session, row))


@minutes_router.get(
    "/meetings/{meeting_id}/minutes/{version}/sheet.pdf", response_class=Response,
    responses={
        200: {"content": {PDF: {}}}, **problems(MeetingNotFound, MinutesNotFound, PrintingUnavailable),
    },
)  # fmt: skip
def print_minutes(
    meeting_id: uuid.UUID,
    version: Version,
    reading: Reading,
    settings: SettingsDep,
    actor: Annotated[Actor, may("minutes.print")],
) -> Response:
    """One version of minutes with its resolutions and signatures, A4."""
    check_printer()
    with reading as session:
        sheet = sheets.sheet_of(*service.printable(session, meeting_id, version, actor=actor))
    headers = {"Content-Disposition": f'attachment; filename="minutes-{version}.pdf"'}
    return Response(sheets.pdf(sheet, public_url=settings.public_url), media_type=PDF, headers=headers)


@minutes_router.post(
    "/meetings/{meeting_id}/amendments", status_code=201, response_model=AmendmentOut,
    responses=problems(MeetingNotFound, MeetingCancelled, MinutesNotFound, NotAttended, TooManyAmendments),
)  # fmt: skip
def propose_amendment(
    meeting_id: uuid.UUID,
    body: AmendmentIn,
    writing: Writing,
    actor: Annotated[Actor, may("amendment.propose")],
) -> AmendmentOut:
    """Say what is wrong in the minutes of a meeting you attended."""
    with writing as session:
        return amendment_out(
            service.propose_amendment(session, meeting_id=meeting_id, body=body, actor=actor)
        )


@minutes_router.get(
    "/meetings/{meeting_id}/amendments", response_model=AmendmentList, responses=problems(MeetingNotFound)
)
def list_amendments(
    meeting_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("amendment.list")]
) -> AmendmentList:
    """What those who attended would put right in the minutes, the first one first."""
    with reading as session:
        found = service.list_amendments(session, meeting_id=meeting_id, actor=actor)
        return AmendmentList(items=[amendment_out(each) for each in found])


@minutes_router.post(
    "/amendments/{amendment_id}/take-up", response_model=AmendmentOut,
    responses=problems(AmendmentNotFound, MeetingCancelled, AmendmentAnswered, NoDraft, MinutesSigned),
)  # fmt: skip
def take_up_amendment(
    amendment_id: uuid.UUID,
    body: AmendmentAnswerIn,
    writing: Writing,
    actor: Annotated[Actor, may("amendment.take_up")],
) -> AmendmentOut:
    """Say that the draft of the minutes says it now."""
    with writing as session:
        row = service.take_up_amendment(session, amendment_id=amendment_id, answer=body.answer, actor=actor)
        return amendment_out(row)


@minutes_router.post(
    "/amendments/{amendment_id}/decline", response_model=AmendmentOut,
    responses=problems(AmendmentNotFound, MeetingCancelled, AmendmentAnswered),
)  # fmt: skip
def decline_amendment(
    amendment_id: uuid.UUID,
    body: AmendmentRefusalIn,
    writing: Writing,
    actor: Annotated[Actor, may("amendment.decline")],
) -> AmendmentOut:
    """Say why the minutes stay as they are."""
    with writing as session:
        row = service.decline_amendment(session, amendment_id=amendment_id, reason=body.reason, actor=actor)
        return amendment_out(row)
