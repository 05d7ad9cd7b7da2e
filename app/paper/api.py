"""Routes of paper ballots: batches, sheets, keying. Signing in stands in `ballots`: it needs both sides."""

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.core.printing import PrintingUnavailable
from app.core.web import Reading, Writing, language_of, problems
from app.paper import printing, reconciliation_sheet, service
from app.paper.errors import (
    AnotherPersonNeeded,
    CommunityNotInRound,
    MoreThanPrinted,
    NoOuterEnvelopes,
    NothingProposed,
    PaperBatchAddsUp,
    PaperBatchEnded,
    PaperBatchNotFound,
    PaperBatchNotReturned,
    PaperBatchTooSmall,
    PaperNotOffered,
    SameBatch,
    SerialMalformed,
    SheetNotInBatch,
    SheetNotKeyed,
    SheetsMissing,
)
from app.paper.rules import Answer
from app.paper.schemas import (
    ComparedOut,
    DiscardIn,
    DraftOut,
    KeyedSheetOut,
    KeyerOut,
    KeyingDeskOut,
    KeyingIn,
    KeyingOut,
    MergeIn,
    PaperBatchDetail,
    PaperBatchIn,
    PaperBatchList,
    PaperBatchOut,
    PaperFiguresOut,
    PaperFindingOut,
    ReadingOut,
    ReconciledBatchOut,
    ReconciliationOut,
    ReturnIn,
    SerialIn,
    SettingAsideIn,
    SheetComparisonOut,
    SheetSaysOut,
)
from app.paper.service import BatchView, KeyedLine
from app.rounds.errors import RoundNotFound, RoundWrongState

router = APIRouter(prefix="/api/v1", tags=["paper"])

PDF = "application/pdf"
_BATCH = (PaperBatchNotFound, PaperBatchEnded, RoundWrongState)


@router.post(
    "/rounds/{round_id}/paper-batches", status_code=201, response_model=PaperBatchOut,
    responses=problems(RoundNotFound, CommunityNotInRound, PaperNotOffered, RoundWrongState),
)  # fmt: skip
def make_paper_batch(
    round_id: uuid.UUID,
    body: PaperBatchIn,
    writing: Writing,
    actor: Annotated[Actor, may("paper_batch.make")],
) -> PaperBatchOut:
    """Make a batch of sheets with random serials, for a desk, a building, a day."""
    with writing as session:
        return _out(service.make_batch(session, round_id=round_id, body=body, actor=actor))


@router.get(
    "/rounds/{round_id}/paper-batches", response_model=PaperBatchList, responses=problems(RoundNotFound)
)
def list_paper_batches(
    round_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("paper_batch.list")]
) -> PaperBatchList:
    """The batches of a round where you work, and what keeps each of them from being counted."""
    with reading as session:
        views = service.list_batches(session, round_id=round_id, actor=actor)
        return PaperBatchList(items=[_out(view) for view in views])


@router.get(
    "/paper-batches/{batch_id}", response_model=PaperBatchDetail, responses=problems(PaperBatchNotFound)
)
def read_paper_batch(
    batch_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("paper_batch.read")]
) -> PaperBatchDetail:
    """A batch in numbers, and which of its sheets wait for another look; never what anybody read on them."""
    with reading as session:
        view = service.read_batch(session, batch_id=batch_id, actor=actor)
        return PaperBatchDetail(
            **_out(view).model_dump(),
            keyed_once=view.keyed_once,
            differing=view.differing,
            keyers=[
                KeyerOut.model_validate(each)
                for each in service.keyers(session, batch_id=batch_id, actor=actor)
            ],
        )


@router.get(
    "/paper-batches/{batch_id}/sheets.pdf", response_class=Response,
    responses={200: {"content": {PDF: {}}}, **problems(*_BATCH, PrintingUnavailable)},
)  # fmt: skip
def print_paper_batch(
    batch_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("paper_batch.print")]
) -> Response:
    """The sheets of a batch as an A4 PDF in large type; each look at it stands in the record."""
    with writing as session:
        sheets = service.print_batch(session, batch_id=batch_id, actor=actor)
    headers = {"Content-Disposition": f'attachment; filename="paper-batch-{sheets.batch}.pdf"'}
    return Response(printing.pdf(sheets), media_type=PDF, headers=headers)


@router.put(
    "/paper-batches/{batch_id}/return", response_model=PaperBatchOut,
    responses=problems(*_BATCH, MoreThanPrinted, SheetsMissing, NoOuterEnvelopes),
)  # fmt: skip
def return_paper_batch(
    batch_id: uuid.UUID,
    body: ReturnIn,
    writing: Writing,
    actor: Annotated[Actor, may("paper_batch.return")],
) -> PaperBatchOut:
    """Say how many sheets of a batch came back, and how; sent again, it corrects the numbers."""
    with writing as session:
        return _out(service.return_batch(session, batch_id=batch_id, body=body, actor=actor))


@router.post(
    "/paper-batches/{batch_id}/merge", response_model=PaperBatchOut,
    responses=problems(*_BATCH, SameBatch, PaperBatchNotReturned),
)  # fmt: skip
def merge_paper_batch(
    batch_id: uuid.UUID, body: MergeIn, writing: Writing, actor: Annotated[Actor, may("paper_batch.merge")]
) -> PaperBatchOut:
    """Put the sheets of a batch to those of another, so that few sheets do not point at people."""
    with writing as session:
        return _out(service.merge_batch(session, batch_id=batch_id, into=body.into, actor=actor))


@router.post(
    "/paper-batches/{batch_id}/keyings", response_model=KeyingOut,
    responses=problems(*_BATCH, PaperBatchNotReturned, PaperBatchTooSmall),
)  # fmt: skip
def key_paper_sheets(
    batch_id: uuid.UUID,
    body: KeyingIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("paper_sheet.key")],
) -> KeyingOut:
    """Key what sheets say, without seeing what another person keyed; lines with a mistake are named and left out."""
    with writing as session:
        lines = service.key_sheets(session, batch_id=batch_id, sheets=body.sheets, actor=actor)
    return _lines(lines, language_of(request))


@router.get(
    "/paper-batches/{batch_id}/keying-desk", response_model=KeyingDeskOut, responses=problems(PaperBatchNotFound)
)  # fmt: skip
def read_keying_desk(
    batch_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("paper_sheet.read_drafts")]
) -> KeyingDeskOut:
    """What you keyed of a batch and have not handed over yet, and which sheets are left; nothing others read."""
    with reading as session:
        desk = service.keying_desk(session, batch_id=batch_id, actor=actor)
        return KeyingDeskOut(
            batch=_out(desk.view),
            projects=desk.projects,
            max_rank=desk.max_rank,
            drafts=[DraftOut(serial=serial, **_says(answer)) for serial, answer in desk.drafts],
            handed_over=desk.handed_over,
            untouched=list(desk.untouched),
            once=list(desk.once),
            differing=list(desk.differing),
        )


@router.put(
    "/paper-batches/{batch_id}/drafts", response_model=KeyingOut,
    responses=problems(*_BATCH, PaperBatchNotReturned, PaperBatchTooSmall),
)  # fmt: skip
def draft_paper_sheets(
    batch_id: uuid.UUID,
    body: KeyingIn,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("paper_sheet.draft")],
) -> KeyingOut:
    """Keep what sheets say while you key a batch; a sheet sent again is mended. Nothing is compared yet."""
    with writing as session:
        lines = service.draft_sheets(session, batch_id=batch_id, sheets=body.sheets, actor=actor)
    return _lines(lines, language_of(request))


@router.post(
    "/paper-batches/{batch_id}/drafts/remove", status_code=204,
    responses=problems(*_BATCH, SerialMalformed, SheetNotInBatch, SheetNotKeyed),
)  # fmt: skip
def remove_paper_draft(
    batch_id: uuid.UUID,
    body: SerialIn,
    writing: Writing,
    actor: Annotated[Actor, may("paper_sheet.remove_draft")],
) -> None:
    """Strike a sheet you keyed under a wrong serial and have not handed over yet."""
    with writing as session:
        service.remove_draft(session, batch_id=batch_id, serial=body.serial, actor=actor)


@router.post(
    "/paper-batches/{batch_id}/drafts/hand-over", response_model=KeyingOut,
    responses=problems(*_BATCH, PaperBatchNotReturned, PaperBatchTooSmall),
)  # fmt: skip
def hand_over_paper_drafts(
    batch_id: uuid.UUID,
    request: Request,
    writing: Writing,
    actor: Annotated[Actor, may("paper_sheet.hand_over")],
) -> KeyingOut:
    """Say that you are done: what you keyed cannot be changed any more, and is compared with the other person's."""
    with writing as session:
        lines = service.hand_over(session, batch_id=batch_id, actor=actor)
    return _lines(lines, language_of(request))


@router.get(
    "/paper-batches/{batch_id}/comparison", response_model=SheetComparisonOut, responses=problems(PaperBatchNotFound)
)  # fmt: skip
def compare_paper_sheets(
    batch_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("paper_sheet.compare")]
) -> SheetComparisonOut:
    """Where two people read a sheet differently; and how, for those who keyed it and once a third has looked."""
    with reading as session:
        found = service.compare(session, batch_id=batch_id, actor=actor)
        return SheetComparisonOut(
            batch=_out(service.read_batch(session, batch_id=batch_id, actor=actor)),
            items=[
                ComparedOut(
                    serial=each.serial,
                    stage=each.stage,
                    keyed_by_me=each.keyed_by_me,
                    readings=None
                    if each.readings is None
                    else [
                        ReadingOut(turn=one.turn, name=one.name, mine=one.mine, **_says(one.answer))
                        for one in each.readings
                    ],
                )
                for each in found
            ],
        )


@router.get(
    "/rounds/{round_id}/paper-reconciliation", response_model=ReconciliationOut, responses=problems(RoundNotFound)
)  # fmt: skip
def reconcile_paper(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("paper.reconcile")],
) -> ReconciliationOut:
    """Printed, handed out, returned, spoilt, missing, keyed: batch by batch, and what does not add up, in words."""
    language = language_of(request)
    with reading as session:
        made = service.reconcile(session, round_id=round_id, actor=actor)
        return ReconciliationOut(
            round_id=round_id,
            title=made.round.title,
            communities=list(made.communities),
            items=[
                ReconciledBatchOut(
                    batch=_out(line.view),
                    figures=PaperFiguresOut.model_validate(line.figures),
                    counts=line.counts,
                    merged_into=line.merged_into,
                    findings=[
                        PaperFindingOut(code=each.finding, detail=each.sentence(language))
                        for each in line.findings
                    ],
                    void=None if line.void is None else dict(line.void),
                )
                for line in made.lines
            ],
            total=PaperFiguresOut.model_validate(made.total),
            adds_up=made.adds_up,
        )


@router.get(
    "/rounds/{round_id}/paper-reconciliation.pdf", response_class=Response,
    responses={200: {"content": {PDF: {}}}, **problems(RoundNotFound, PrintingUnavailable)},
)  # fmt: skip
def print_paper_reconciliation(
    round_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("paper.reconcile")]
) -> Response:
    """The same as a sheet of A4 for two people to sign."""
    with reading as session:
        made = service.reconcile(session, round_id=round_id, actor=actor)
    headers = {"Content-Disposition": 'attachment; filename="paper-reconciliation.pdf"'}
    return Response(reconciliation_sheet.pdf(made), media_type=PDF, headers=headers)


@router.post(
    "/paper-batches/{batch_id}/keyings/discard", response_model=PaperBatchOut,
    responses=problems(*_BATCH, SerialMalformed, SheetNotInBatch, SheetNotKeyed),
)  # fmt: skip
def discard_paper_keyings(
    batch_id: uuid.UUID,
    body: DiscardIn,
    writing: Writing,
    actor: Annotated[Actor, may("paper_sheet.discard")],
) -> PaperBatchOut:
    """Throw away what was keyed of one sheet, with the reason: it was not in the urn, or is keyed anew."""
    with writing as session:
        return _out(
            service.discard_keyings(
                session, batch_id=batch_id, serial=body.serial, reason=body.reason, actor=actor
            )
        )


@router.post(
    "/paper-batches/{batch_id}/setting-aside", response_model=PaperBatchOut,
    responses=problems(*_BATCH, PaperBatchAddsUp),
)  # fmt: skip
def propose_setting_aside(
    batch_id: uuid.UUID,
    body: SettingAsideIn,
    writing: Writing,
    actor: Annotated[Actor, may("paper_batch.propose_setting_aside")],
) -> PaperBatchOut:
    """Propose, with a public reason, that a batch which does not add up is not counted."""
    with writing as session:
        return _out(
            service.propose_setting_aside(session, batch_id=batch_id, reason=body.reason, actor=actor)
        )


@router.post(
    "/paper-batches/{batch_id}/setting-aside/confirm", response_model=PaperBatchOut,
    responses=problems(*_BATCH, NothingProposed, AnotherPersonNeeded),
)  # fmt: skip
def set_paper_batch_aside(
    batch_id: uuid.UUID, writing: Writing, actor: Annotated[Actor, may("paper_batch.set_aside")]
) -> PaperBatchOut:
    """Confirm what the chair proposed: no sheet of this batch is counted."""
    with writing as session:
        return _out(service.set_aside(session, batch_id=batch_id, actor=actor))


def _out(view: BatchView) -> PaperBatchOut:
    row = view.batch
    return PaperBatchOut(
        id=row.id, round_id=row.round_id, number=row.number, community_code=row.community_code, label=row.label,
        sheets=row.sheets, signed_in=view.count.signed_in, stay_closed=view.count.stay_closed, used=row.used,
        unused=row.unused, spoilt=None if row.used is None else row.spoilt, unopened=row.unopened,
        missing=row.missing, not_handed_in=row.not_handed_in, missing_reason=row.missing_reason, keyed=view.count.keyed,
        decided=view.count.decided, unfinished=list(view.unfinished), merged_into=row.merged_into,
        set_aside_reason=row.set_aside_reason, set_aside_proposed=row.set_aside_proposed_by is not None,
        set_aside=row.set_aside_by is not None,
    )  # fmt: skip


def _lines(lines: Sequence[KeyedLine], language: str) -> KeyingOut:
    return KeyingOut(
        taken=sum(line.refusal is None for line in lines),
        items=[
            KeyedSheetOut(
                row=line.row,
                serial=line.serial,
                taken=line.refusal is None,
                code=None if line.refusal is None else type(line.refusal).code,
                detail=None if line.refusal is None else line.refusal.sentence(language),
            )
            for line in lines
        ],
    )


def _says(answer: Answer) -> dict[str, Any]:
    numbers = None if answer.void is not None else [position + 1 for position in answer.ranking]
    return SheetSaysOut(numbers=numbers, void=answer.void).model_dump()
