"""The parts of the process that the ballot box needs: its writer, the key store, the signer."""

from typing import Annotated

from fastapi import Depends, Request

from app.ballots.keystore import KeyStore
from app.ballots.service.cast import CastItem, Receipt
from app.core.signer import Signer
from app.core.writer import BatchWriter

CastWriter = BatchWriter[CastItem, Receipt]


def _writer(request: Request) -> CastWriter:
    writer: CastWriter = request.app.state.cast_writer
    return writer


def _keys(request: Request) -> KeyStore:
    keys: KeyStore = request.app.state.wiring.keys
    return keys


def _signer(request: Request) -> Signer:
    signer: Signer = request.app.state.wiring.signer
    return signer


WriterDep = Annotated[CastWriter, Depends(_writer)]
KeysDep = Annotated[KeyStore, Depends(_keys)]
SignerDep = Annotated[Signer, Depends(_signer)]
