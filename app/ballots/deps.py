"""The parts of the process that the ballot box needs: its key store, the signer."""

from typing import Annotated

from fastapi import Depends, Request

from app.ballots.keystore import KeyStore
from app.core.signer import Signer


def _keys(request: Request) -> KeyStore:
    keys: KeyStore = request.app.state.wiring.keys
    return keys


def _signer(request: Request) -> Signer:
    signer: Signer = request.app.state.wiring.signer
    return signer


KeysDep = Annotated[KeyStore, Depends(_keys)]
SignerDep = Annotated[Signer, Depends(_signer)]
