"""Routes of the public board: a log of signed events for each round, and proofs about it (RFC 6962).

Everything here is for everybody and may be kept by anybody in between: what only grows for some seconds, what can
never change for good.
"""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.actor import Actor
from app.access.deps import may
from app.ballots import service
from app.ballots.deps import SignerDep
from app.ballots.errors import BoardEntryNotFound, BoardSizeOutOfRange, BoxNotClosed, EnvelopeNotInBox
from app.ballots.schemas import (
    BoardEntryOut,
    BoardHeadOut,
    BoardHeadsOut,
    BoardOut,
    BoardPage,
    ConsistencyOut,
    InclusionOut,
)
from app.ballots.service import Inclusion
from app.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, BadCursor, decode_cursor, page_of
from app.core.schemas import OutputModel
from app.core.signer import b64
from app.core.web import Reading, cacheable, problems
from app.rounds.errors import RoundNotFound

router = APIRouter(prefix="/board/v1", tags=["board"])

#: How long what grows may be kept.
SECONDS = 10

Size = Annotated[
    int | None,
    Query(ge=1, le=2**31 - 1, description="Of a board with so many entries; without it, as it stands."),
]


@router.get("/rounds", response_model=BoardPage, responses=problems(BadCursor))
def list_boards(
    request: Request,
    reading: Reading,
    signer: SignerDep,
    actor: Annotated[Actor, may("board.list")],  # noqa: ARG001
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> Response:
    """The newest signed head of every round's board, in the order of the rounds' ids."""
    with reading as session:
        rows = service.public_boards(session, after=_after(cursor), limit=limit + 1)
        page = page_of(rows, limit, key=lambda row: str(row.round_id))
    return _answer(
        request,
        BoardPage(
            signed_with=b64(signer.public_key),
            items=[BoardHeadOut.model_validate(row) for row in page.items],
            next_cursor=page.next_cursor,
        ),
    )


@router.get("/rounds/{round_id}", response_model=BoardOut, responses=problems(RoundNotFound))
def read_board(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    signer: SignerDep,
    actor: Annotated[Actor, may("board.read")],  # noqa: ARG001
) -> Response:
    """The signed public events of a round, from its publication to its result, and the head over them."""
    with reading as session:
        found = service.public_board(session, round_id=round_id)
    return _answer(
        request,
        BoardOut(
            signed_with=b64(signer.public_key),
            entries=[BoardEntryOut.model_validate(entry) for entry in found.entries],
            head=None if found.head is None else BoardHeadOut.model_validate(found.head),
            level=found.level,
        ),
    )


@router.get("/rounds/{round_id}/heads", response_model=BoardHeadsOut, responses=problems(RoundNotFound))
def read_board_heads(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    signer: SignerDep,
    actor: Annotated[Actor, may("board.read")],  # noqa: ARG001
) -> Response:
    """Every signed head of a round's board, the oldest first: what was there, and when."""
    with reading as session:
        heads = service.public_heads(session, round_id=round_id)
    return _answer(
        request,
        BoardHeadsOut(
            signed_with=b64(signer.public_key),
            heads=[BoardHeadOut.model_validate(each) for each in heads],
        ),
    )


@router.get(
    "/rounds/{round_id}/proof", response_model=InclusionOut,
    responses=problems(RoundNotFound, BoardEntryNotFound, BoardSizeOutOfRange),
)  # fmt: skip
def prove_board_entry(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("board.prove")],  # noqa: ARG001
    leaf: Annotated[int, Query(ge=1, le=2**31 - 1, description="Position of the entry, from 1.")],
    size: Size = None,
) -> Response:
    """A proof that an entry is on the board as it stands, or stood when it had ``size`` entries."""
    with reading as session:
        found = service.prove_entry(session, round_id=round_id, position=leaf, size=size)
    return _answer(request, _inclusion(found), seconds=SECONDS if size is None else None)


@router.get(
    "/rounds/{round_id}/consistency", response_model=ConsistencyOut,
    responses=problems(RoundNotFound, BoardSizeOutOfRange),
)  # fmt: skip
def prove_board_growth(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("board.prove")],  # noqa: ARG001
    earlier: Annotated[int, Query(alias="from", ge=1, le=2**31 - 1, description="The smaller size.")],
    size: Annotated[Size, Query(alias="to")] = None,
) -> Response:
    """A proof that the board only grew from one size to another: nothing before was changed or taken away."""
    with reading as session:
        found = service.prove_growth(session, round_id=round_id, earlier=earlier, size=size)
    return _answer(request, ConsistencyOut.model_validate(found), seconds=SECONDS if size is None else None)


@router.get(
    "/rounds/{round_id}/envelope-proof", response_model=InclusionOut,
    responses=problems(RoundNotFound, BoxNotClosed, EnvelopeNotInBox),
)  # fmt: skip
def prove_envelope(
    round_id: uuid.UUID,
    request: Request,
    reading: Reading,
    actor: Annotated[Actor, may("board.prove")],  # noqa: ARG001
    envelope_hash: Annotated[
        str, Query(pattern="^[0-9a-f]{64}$", description="`envelope_hash` of a receipt.")
    ],
) -> Response:
    """A proof that an envelope was in force when the box was closed; nothing is said before."""
    with reading as session:
        found = service.prove_envelope(session, round_id=round_id, envelope_hash=envelope_hash)
    return _answer(request, _inclusion(found), seconds=None)


def _answer(request: Request, made: OutputModel, *, seconds: int | None = SECONDS) -> Response:
    return cacheable(request, made.model_dump_json().encode(), seconds=seconds)


def _inclusion(found: Inclusion) -> InclusionOut:
    return InclusionOut(
        index=found.index, size=found.size, root=found.root, leaf=found.leaf.decode(), leaf_hash=found.leaf_hash,
        path=found.path,
    )  # fmt: skip


def _after(cursor: str | None) -> uuid.UUID | None:
    key = decode_cursor(cursor)
    if key is None:
        return None
    try:
        return uuid.UUID(key)
    except ValueError as error:
        raise BadCursor from error
