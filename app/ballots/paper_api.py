"""Routes of the desk where sheets of paper are handed out."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.access.actor import Actor
from app.access.deps import may
from app.ballots import service
from app.ballots.deps import KeysDep
from app.ballots.errors import AlreadyVotedOnline, KeyMissing
from app.ballots.schemas import (
    DeskList,
    DeskOut,
    DeskSearchIn,
    DoorIn,
    SignatureList,
    SignatureOut,
    SignInIn,
    SignInOut,
    UndoIn,
)
from app.ballots.service import AtTheDesk
from app.core.errors import Unavailable
from app.core.web import Reading, Writing, language_of, problems
from app.paper import service as paper
from app.paper.errors import (
    AlreadySignedIn,
    CommunityNotInRound,
    NotOnThisRoll,
    PaperBatchEnded,
    PaperBatchNotFound,
    PaperBatchReturned,
    PaperBatchUsedUp,
    PaperNotOffered,
    PaperSignInNotFound,
)
from app.residents.rules import masked_name, narrow
from app.rounds.errors import RoundClosed, RoundNotFound, RoundNotOpen

router = APIRouter(prefix="/api/v1", tags=["paper"])

_DESK = (PaperBatchNotFound, RoundNotOpen, RoundClosed, PaperBatchEnded, PaperBatchReturned, KeyMissing)


@router.get(
    "/rounds/{round_id}/paper-desk", response_model=DeskList,
    responses=problems(RoundNotFound, CommunityNotInRound, RoundNotOpen, RoundClosed, PaperNotOffered),
)  # fmt: skip
def look_up_at_paper_desk(
    round_id: uuid.UUID,
    door: Annotated[DoorIn, Query()],
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("paper.look_up")],
) -> DeskList:
    """Who lives behind a door, names masked, and whether they can get a sheet of paper, or why not."""
    with reading as session:
        found = service.look_up(
            session,
            round_id=round_id,
            community_code=door.community,
            building=narrow(door.building),
            unit=door.unit and narrow(door.unit),
            room=door.room and narrow(door.room),
            actor=actor,
        )
        language = language_of(request)
        return DeskList(items=[_at_the_desk(each, language) for each in found], more=False)


@router.get(
    "/rounds/{round_id}/paper-desk/search", response_model=DeskList,
    responses=problems(RoundNotFound, CommunityNotInRound, RoundNotOpen, RoundClosed, PaperNotOffered),
)  # fmt: skip
def search_paper_desk(
    round_id: uuid.UUID,
    search: Annotated[DeskSearchIn, Query()],
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("paper.look_up")],
) -> DeskList:
    """The same by a door as people type it, or by name; the first sixty."""
    with reading as session:
        found, more = service.search_desk(
            session, round_id=round_id, community_code=search.community, text=narrow(search.q), actor=actor
        )
        language = language_of(request)
        return DeskList(items=[_at_the_desk(each, language) for each in found], more=more)


@router.post(
    "/paper-batches/{batch_id}/sign-ins", status_code=201, response_model=SignInOut,
    responses=problems(
        *_DESK, PaperBatchUsedUp, PaperNotOffered, NotOnThisRoll, AlreadySignedIn, AlreadyVotedOnline, Unavailable
    ),
)  # fmt: skip
def sign_in_for_paper(
    batch_id: uuid.UUID,
    body: SignInIn,
    writing: Writing,
    keys: KeysDep,
    actor: Annotated[Actor, may("paper.sign_in")],
) -> SignInOut:
    """Note that somebody on the roll took a sheet of this batch; they are told by short message."""
    with writing as session:
        made = service.sign_in(session, batch_id=batch_id, subject_id=body.subject_id, keys=keys, actor=actor)
        signed_in, sheets = paper.desk_figures(session, batch_id=batch_id)
        return SignInOut(batch_id=batch_id, entry_id=made.entry_id, signed_in=signed_in, sheets=sheets)


@router.post(
    "/paper-batches/{batch_id}/sign-ins/{entry_id}/undo", status_code=204,
    responses=problems(*_DESK, PaperSignInNotFound),
)  # fmt: skip
def undo_paper_sign_in(
    batch_id: uuid.UUID,
    entry_id: uuid.UUID,
    body: UndoIn,
    writing: Writing,
    keys: KeysDep,
    actor: Annotated[Actor, may("paper.undo_sign_in")],
) -> None:
    """Take back a sign-in that was a clerk's error, with the reason; a ballot online is as it was before."""
    with writing as session:
        service.undo_sign_in(
            session, batch_id=batch_id, entry_id=entry_id, reason=body.reason, keys=keys, actor=actor
        )


@router.get(
    "/paper-batches/{batch_id}/sign-ins", response_model=SignatureList, responses=problems(PaperBatchNotFound)
)
def list_paper_sign_ins(
    batch_id: uuid.UUID, reading: Reading, actor: Annotated[Actor, may("paper.list_sign_ins")]
) -> SignatureList:
    """Who took a sheet of a batch, names masked; after closing also whose outer envelope is never opened."""
    with reading as session:
        return SignatureList(
            items=[
                SignatureOut(
                    entry_id=each.sign_in.entry_id,
                    people=[masked_name(person.name) for person in each.people],
                    dwelling=None if each.dwelling is None else each.dwelling.in_words,
                    stays_closed=each.sign_in.stays_closed,
                )
                for each in service.list_sign_ins(session, batch_id=batch_id, actor=actor)
            ]
        )


def _at_the_desk(found: AtTheDesk, language: str) -> DeskOut:
    refusal = found.refusal
    return DeskOut(
        subject_id=found.subject_id,
        people=[masked_name(person.name) for person in found.people],
        dwelling=found.dwelling.in_words,
        can_sign_in=refusal is None,
        code=None if refusal is None else type(refusal).code,
        detail=None if refusal is None else refusal.sentence(language),
    )
