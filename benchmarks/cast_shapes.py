"""The shapes that casting is measured beside; each an application factory for `uvicorn --factory`.

* `ours`: the application itself.
* `no_transaction`: the same route, guard, sealing and signing; the writer answers at once instead of committing.
* `bare`: a FastAPI endpoint that takes the same body and answers with a receipt made of constants.
* `session_per_request`: the plain shape of the house, an ORM session for each cast, with the same checks.
"""

import gc
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header
from sqlmodel import col, select

from app.access import service as access
from app.ballots.models import Envelope
from app.ballots.rules import envelope_statement
from app.ballots.schemas import BallotIn, ReceiptOut
from app.ballots.service import Caster, CastItem, Receipt
from app.core import clock
from app.core.signer import Signer, b64
from app.main import create_app
from app.residents.models import Resident
from app.rounds.models import RollEntry, Round
from app.rounds.rules import RoundState

PATH = "/api/v1/rounds/{round_id}/my-ballot"


def ours() -> FastAPI:
    """The application, started as `gongyi serve` starts it."""
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


@asynccontextmanager
async def _settled(_app: FastAPI) -> AsyncIterator[None]:
    """The collector leaves out what is there at the start, as the application has it."""
    gc.collect()
    gc.freeze()
    yield


def bare() -> FastAPI:
    """The framework alone."""
    app = FastAPI(lifespan=_settled)

    @app.put(PATH, response_model=ReceiptOut)
    async def cast_ballot(
        round_id: uuid.UUID, body: BallotIn, idempotency_key: Annotated[str | None, Header()] = None
    ) -> ReceiptOut:
        return ReceiptOut(
            round_id=round_id, entry_id=round_id, version=1, envelope_hash="0" * 64, nonce=body.secret,
            signature=idempotency_key, signed_with="", withdrawn=False,
        )  # fmt: skip

    return app


class AtOnce:
    """In place of the writer: signs a receipt as if everything had been checked and written."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def submit(self, item: CastItem) -> Receipt:
        """A receipt, without a database."""
        assert item.ballot is not None
        statement = envelope_statement(
            round_id=item.round_id, entry_id=item.account_id, version=1, ciphertext_hash=item.ballot.digest
        )
        signature = b64(self._signer.sign(statement))
        return Receipt(item.round_id, item.account_id, 1, item.ballot.digest, item.ballot.nonce, signature)


def no_transaction() -> FastAPI:
    """The application with a writer that answers at once."""
    app = create_app()
    app.router.lifespan_context = _without_writer
    return app


@asynccontextmanager
async def _without_writer(app: FastAPI) -> AsyncIterator[None]:
    app.state.cast_writer = AtOnce(app.state.wiring.signer)
    async with _settled(app):
        yield


def session_per_request() -> FastAPI:
    """The plain shape of the house: a session for each request, rows as objects."""
    app = FastAPI(lifespan=_settled)
    inner = create_app()
    state = inner.state
    app.state = state
    caster = Caster(state.booths, state.wiring.signer)

    @app.put(PATH, response_model=ReceiptOut)
    def cast_ballot(
        round_id: uuid.UUID,
        body: BallotIn,
        authorization: Annotated[str, Header()],
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> ReceiptOut:
        claims = state.access_tokens.read(authorization.removeprefix("Bearer "))
        with state.database.reading() as session:
            actor = access.actor_of(session, account_id=claims.account_id, session_id=claims.session_id)
        with state.database.writing() as session:
            row = session.exec(select(Round).where(Round.id == round_id).with_for_update(read=True)).one()
            assert row.status is RoundState.OPEN
            assert clock.database_now(session) < row.closes_at
            person = session.exec(
                select(Resident).where(
                    Resident.phone_fingerprint == actor.phone_fingerprint,
                    col(Resident.moved_out_at).is_(None),
                )
            ).one()
            entry = session.exec(
                select(RollEntry).where(RollEntry.round_id == round_id, RollEntry.subject_id == person.id)
            ).one()
            current = session.get(Envelope, (round_id, entry.id))
            booth = state.booths.find(round_id) or state.booths.set_up(session, round_id)
            ranking, secret = tuple(body.ranking), bytes.fromhex(body.secret)
            sealed = booth.seal(ranking, secret)
            version = 1 if current is None else current.version + 1
            statement = envelope_statement(
                round_id=round_id, entry_id=entry.id, version=version, ciphertext_hash=sealed.digest
            )
            envelope = current or Envelope(
                round_id=round_id, entry_id=entry.id, version=0, request_hmac="", superseded_hmacs=[]
            )
            envelope.version = version
            envelope.ciphertext, envelope.ciphertext_hash, envelope.nonce = (
                sealed.ciphertext,
                sealed.digest,
                sealed.nonce,
            )
            envelope.signature = b64(caster.signer.sign(statement))
            envelope.request_hmac = booth.fingerprint(
                account_id=claims.account_id,
                key=idempotency_key or body.secret,
                ranking=ranking,
                secret=secret,
            )
            session.add(envelope)
        return ReceiptOut(
            round_id=round_id, entry_id=entry.id, version=version, envelope_hash=sealed.digest,
            nonce=sealed.nonce.hex(), signature=envelope.signature, signed_with=state.signed_with, withdrawn=False,
        )  # fmt: skip

    return app
