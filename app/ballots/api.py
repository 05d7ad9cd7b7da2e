"""Routes of the ballot box.

Casting is asynchronous because it waits for the batch writer, and has a lane of its own (docs/adr/0009).
"""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.ballots import casting, service
from app.ballots.casting import SignedRequest
from app.ballots.deps import KeysDep, SignerDep
from app.ballots.errors import (
    BallotChanged,
    CodeForAnotherRound,
    KeyMissing,
    KeyNotShared,
    KeyShareMissing,
    NoBallot,
    NotOnTheRoll,
    NotOpenedYet,
    RepeatedProject,
    SignedInOnPaper,
    TooManyRanks,
    UnknownProject,
)
from app.ballots.models import Unsealing
from app.ballots.schemas import (
    BallotIn,
    BoxOut,
    ParticipationOut,
    ReceiptOut,
    TurnoutOut,
    UnsealingOut,
)
from app.core.errors import NotSignedIn, Unavailable
from app.core.kept import of_application
from app.core.web import BadETag, Reading, SettingsDep, Writing, language_of, problems
from app.core.writer import WriterFull, WriterStopped
from app.paper import service as paper
from app.paper.errors import PaperNotReconciled
from app.rounds.errors import (
    NobodyOnTheRoll,
    RoundClosed,
    RoundNotFound,
    RoundNotOpen,
    RoundRecorded,
    RoundWrongState,
    TooEarly,
)

router = APIRouter(prefix="/api/v1", tags=["ballots"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        max_length=120, pattern=r"^[\x21-\x7e]+$",
        description="The same key and body give the same receipt, however often they are sent. "
        "Without it, the secret in the body serves.",
    ),
]  # fmt: skip
IfMatch = Annotated[
    str | None,
    Header(max_length=40, description='The version you believe to be in force, `"2"`; `"0"` for none.'),
]

_CASTING = (
    RoundNotFound, RoundRecorded, NotOnTheRoll, CodeForAnotherRound, RoundNotOpen, RoundClosed, SignedInOnPaper,
    BallotChanged, BadETag, KeyMissing, WriterFull, WriterStopped,
)  # fmt: skip


@router.put(
    "/rounds/{round_id}/my-ballot", response_model=ReceiptOut,
    responses=problems(*_CASTING, UnknownProject, RepeatedProject, TooManyRanks),
)  # fmt: skip
async def cast_ballot(
    round_id: uuid.UUID,
    body: BallotIn,
    request: Request,
    actor: Annotated[Actor, may("ballot.cast")],
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Cast your ballot, or replace the one in force; it is sealed, and the last one before closing counts."""
    asked = _signed_request(round_id, actor, idempotency_key, if_match)
    return await casting.cast(request.app.state, asked, body)


@router.delete(
    "/rounds/{round_id}/my-ballot", response_model=ReceiptOut, responses=problems(*_CASTING, NoBallot)
)
async def withdraw_ballot(
    round_id: uuid.UUID,
    request: Request,
    actor: Annotated[Actor, may("ballot.withdraw")],
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Take your ballot out of the box; until closing you can cast another."""
    asked = _signed_request(round_id, actor, idempotency_key, if_match)
    return await casting.withdraw(request.app.state, asked)


@router.get(
    "/rounds/{round_id}/my-participation", response_model=ParticipationOut,
    responses=problems(RoundNotFound, RoundRecorded, NotOnTheRoll, CodeForAnotherRound),
)  # fmt: skip
def read_participation(
    round_id: uuid.UUID,
    reading: Reading,
    response: Response,
    actor: Annotated[Actor, may("participation.read")],
) -> ParticipationOut:
    """Whether you may vote in this round and whether you have; what you chose is nobody's to read, here either."""
    with reading as session:
        entry_id, envelope = service.participation(session, round_id=round_id, actor=actor)
        version = 0 if envelope is None else envelope.version
        taken_part = envelope is not None and envelope.ciphertext_hash is not None
        on_paper = bool(paper.signed_in(session, round_id=round_id, entry_ids=[entry_id]))
    response.headers["ETag"] = f'"{version}"'
    return ParticipationOut(
        on_the_roll=True,
        taken_part=taken_part or on_paper,
        on_paper=on_paper,
        version=version,
        entry_id=entry_id,
    )


@router.get(
    "/rounds/{round_id}/turnout",
    response_model=TurnoutOut,
    responses=problems(RoundNotFound, RoundRecorded, NotOpenedYet, Unavailable),
)
def read_turnout(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("turnout.read")],
) -> TurnoutOut:
    """Who has taken part, by building and unit and by which door, for staff; never how."""
    shared = of_application(request.app.state, "turnout_counts", service.shared_counts)
    with reading as session:
        return TurnoutOut.model_validate(
            service.turnout(session, round_id=round_id, actor=actor, shared=shared)
        )


@router.post(
    "/rounds/{round_id}/open", response_model=BoxOut,
    responses=problems(
        RoundNotFound, RoundRecorded, RoundWrongState, TooEarly, NobodyOnTheRoll, KeyNotShared, KeyMissing
    ),
)  # fmt: skip
def open_round(
    round_id: uuid.UUID,
    writing: Writing,
    settings: SettingsDep,
    keys: KeysDep,
    signer: SignerDep,
    actor: Annotated[Actor, may("round.open")],
) -> BoxOut:
    """Open a published round whose time has come, if the clock has not done so already; the roll is frozen."""
    with writing as session:
        row = service.open_round(
            session,
            round_id=round_id,
            actor=actor,
            early=settings.manual_round_times,
            keys=keys,
            signer=signer,
        )
        return BoxOut(round_id=row.id, status=row.status.value)


@router.post(
    "/rounds/{round_id}/close",
    response_model=BoxOut,
    responses=problems(RoundNotFound, RoundRecorded, RoundWrongState, TooEarly),
)
def close_round(
    round_id: uuid.UUID,
    writing: Writing,
    settings: SettingsDep,
    signer: SignerDep,
    actor: Annotated[Actor, may("round.close")],
) -> BoxOut:
    """Close an open round whose time has come, if the clock has not done so already."""
    with writing as session:
        row = service.close_round(
            session, round_id=round_id, actor=actor, early=settings.manual_round_times, signer=signer
        )
        return BoxOut(round_id=row.id, status=row.status.value)


@router.post(
    "/rounds/{round_id}/open-box", response_model=UnsealingOut,
    responses=problems(
        RoundNotFound, RoundRecorded, RoundWrongState, KeyMissing, KeyShareMissing, PaperNotReconciled
    ),
)  # fmt: skip
def open_box(
    round_id: uuid.UUID,
    request: Request,
    writing: Writing,
    keys: KeysDep,
    actor: Annotated[Actor, may("round.open_box")],
) -> UnsealingOut:
    """Ask for the box of a closed round to be opened, counted twice and announced; a worker does it step by step."""
    with writing as session:
        return _unsealing_out(service.open_box(session, round_id=round_id, actor=actor, keys=keys), request)


@router.get(
    "/rounds/{round_id}/box", response_model=UnsealingOut, responses=problems(RoundNotFound, NotOpenedYet)
)
def read_box(
    round_id: uuid.UUID, request: Request, reading: Reading, actor: Annotated[Actor, may("box.read")]
) -> UnsealingOut:
    """How far the opening of a box is, and what stopped it if something did."""
    with reading as session:
        return _unsealing_out(service.unsealing(session, round_id=round_id, actor=actor), request)


def _unsealing_out(row: Unsealing, request: Request) -> UnsealingOut:
    failure = None if row.failure is None else row.failure[language_of(request)]
    return UnsealingOut(round_id=row.round_id, stage=row.stage, done=row.done, of=row.of, failure=failure)


def _signed_request(
    round_id: uuid.UUID, actor: Actor, idempotency_key: str | None, if_match: str | None
) -> SignedRequest:
    if actor.account_id is None or actor.session_id is None:
        raise NotSignedIn
    return SignedRequest(round_id, actor.account_id, actor.session_id, idempotency_key, if_match)
