"""From a phone's request to its receipt: the booth, the seal, the wait for the writer."""

import json
import uuid
from dataclasses import dataclass

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.responses import Response

from app.ballots.schemas import BallotIn
from app.ballots.service import Booth, Booths, CastItem, Receipt
from app.core.db import Database
from app.core.web import etag_version
from app.core.writer import BatchWriter

_encoder = json.JSONEncoder(separators=(",", ":"))
CastWriter = BatchWriter[CastItem, Receipt]


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """Who asks, about which round, and what the headers say."""

    round_id: uuid.UUID
    account_id: uuid.UUID
    session_id: uuid.UUID
    #: `Idempotency-Key`
    key: str | None
    #: `If-Match`
    if_match: str | None

    @property
    def if_version(self) -> int | None:
        """The version the phone believes to be in force.

        Raises:
            BadETag: the header holds none of ours.
        """
        return None if self.if_match is None or self.if_match.strip() == "*" else etag_version(self.if_match)


async def cast(state: State, request: SignedRequest, body: BallotIn) -> Response:
    """Seal a ballot, have it written, and answer with the receipt.

    Raises:
        RoundNotFound, RoundRecorded, RoundNotOpen, RoundClosed, UnknownProject, RepeatedProject, TooManyRanks,
        NotOnTheRoll, CodeForAnotherRound, SignedInOnPaper, BallotChanged, BadETag, TokenInvalid, NotAllowed,
        KeyMissing, WriterFull, WriterStopped.
    """
    if_version = request.if_version
    booth = await _booth(state, request.round_id)
    ranking, secret = tuple(body.ranking), bytes.fromhex(body.secret)
    fingerprint = booth.fingerprint(
        account_id=request.account_id, key=request.key or body.secret, ranking=ranking, secret=secret
    )
    item = CastItem(
        request.round_id, request.account_id, request.session_id, booth.seal(ranking, secret), fingerprint, if_version
    )  # fmt: skip
    return receipt_response(await _writer(state).submit(item), state.signed_with)


async def withdraw(state: State, request: SignedRequest) -> Response:
    """Take a ballot out of the box, and answer with the receipt.

    Raises:
        RoundNotFound, RoundRecorded, RoundNotOpen, RoundClosed, NotOnTheRoll, CodeForAnotherRound, SignedInOnPaper,
        NoBallot, BallotChanged, BadETag, TokenInvalid, NotAllowed, KeyMissing, WriterFull, WriterStopped.
    """
    if_version = request.if_version
    booth = await _booth(state, request.round_id)
    fingerprint = booth.fingerprint(
        account_id=request.account_id, key=request.key or uuid.uuid4().hex, ranking=None, secret=b""
    )
    item = CastItem(
        request.round_id, request.account_id, request.session_id, None, fingerprint, if_version
    )  # fmt: skip
    return receipt_response(await _writer(state).submit(item), state.signed_with)


def receipt_response(receipt: Receipt, signed_with: str) -> Response:
    """A receipt as `ReceiptOut` shows it; its values need no validation, they were made here."""
    body = _encoder.encode(
        {
            "round_id": str(receipt.round_id),
            "entry_id": str(receipt.entry_id),
            "version": receipt.version,
            "envelope_hash": receipt.envelope_hash,
            "nonce": None if receipt.nonce is None else receipt.nonce.hex(),
            "signature": receipt.signature,
            "signed_with": signed_with,
            "withdrawn": receipt.withdrawn,
        }
    )
    return Response(body, media_type="application/json", headers={"ETag": f'"{receipt.version}"'})


async def _booth(state: State, round_id: uuid.UUID) -> Booth:
    booths: Booths = state.booths
    booth = booths.find(round_id)
    if booth is not None:
        return booth
    # the first minute's crowd waits for one look, instead of forty threads looking
    async with state.booth_gate:
        booth = booths.find(round_id)
        if booth is not None:
            return booth
        return await run_in_threadpool(_set_up, state.database, booths, round_id)


def _set_up(database: Database, booths: Booths, round_id: uuid.UUID) -> Booth:
    with database.reading() as session:
        return booths.set_up(session, round_id)


def _writer(state: State) -> CastWriter:
    writer: CastWriter = state.cast_writer
    return writer
