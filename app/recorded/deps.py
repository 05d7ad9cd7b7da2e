"""The part of the process that recorded votes need: the signer."""

from typing import Annotated

from fastapi import Depends, Request

from app.core.signer import Signer


def _signer(request: Request) -> Signer:
    signer: Signer = request.app.state.wiring.signer
    return signer


SignerDep = Annotated[Signer, Depends(_signer)]
