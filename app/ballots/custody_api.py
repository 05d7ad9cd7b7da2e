"""Routes of a key in three hands."""

import uuid
from typing import Annotated

from fastapi import APIRouter

from app.access.actor import Actor
from app.access.deps import may
from app.ballots import service
from app.ballots.deps import KeysDep, SignerDep
from app.ballots.errors import (
    KeyMissing,
    KeyNotSplit,
    OneShareEach,
    ShareConfirmed,
    ShareEntered,
    ShareGone,
    ShareNotTaken,
    ShareOfAnotherAccount,
    ShareOfAnotherHolder,
    WordsMiscounted,
    WordsMisspelt,
    WordsMixedUp,
    WordsOfAnotherHolder,
    WordsOfAnotherKey,
)
from app.ballots.schemas import DiscardIn, KeyShareOut, KeySharesOut, WordsIn
from app.ballots.share_sheet import sheet
from app.ballots.shares import Holder
from app.core.web import Reading, Writing, problems
from app.rounds.errors import RoundNotFound, RoundWrongState

router = APIRouter(prefix="/api/v1", tags=["ballots"])

_SHARE = (RoundNotFound, KeyNotSplit, RoundWrongState, ShareOfAnotherHolder, ShareOfAnotherAccount)
_WORDS = (WordsMisspelt, WordsMiscounted, WordsMixedUp, WordsOfAnotherHolder, WordsOfAnotherKey)


@router.get(
    "/rounds/{round_id}/key-shares",
    response_model=KeySharesOut,
    responses=problems(RoundNotFound, KeyNotSplit),
)
def list_key_shares(
    round_id: uuid.UUID, reading: Reading, keys: KeysDep, actor: Annotated[Actor, may("key_share.list")]
) -> KeySharesOut:
    """Who holds a share of a round's key, and who has brought it to open the box; never any words."""
    with reading as session:
        return KeySharesOut.model_validate(
            service.list_key_shares(session, round_id=round_id, actor=actor, keys=keys)
        )


@router.post(
    "/rounds/{round_id}/key-shares/{holder}/hold", response_model=KeyShareOut,
    responses=problems(*_SHARE, OneShareEach, ShareConfirmed, ShareGone),
)  # fmt: skip
def hold_key_share(
    round_id: uuid.UUID,
    holder: Holder,
    writing: Writing,
    keys: KeysDep,
    actor: Annotated[Actor, may("key_share.hold")],
) -> KeyShareOut:
    """Take your share of a published round's key; until you confirm it, you can see it again."""
    with writing as session:
        shown = service.hold_key_share(session, round_id=round_id, holder=holder, actor=actor, keys=keys)
    words = shown.words.split()
    return KeyShareOut(
        holder=holder,
        words=words,
        fingerprint=shown.fingerprint,
        sheet_svg=sheet(
            round_id=round_id,
            title=shown.round_title,
            holder=holder,
            words=words,
            fingerprint=shown.fingerprint,
        ),
    )


@router.post(
    "/rounds/{round_id}/key-shares/{holder}/confirm", response_model=KeySharesOut,
    responses=problems(*_SHARE, ShareNotTaken, *_WORDS),
)  # fmt: skip
def confirm_key_share(
    round_id: uuid.UUID,
    holder: Holder,
    body: WordsIn,
    *,
    writing: Writing,
    keys: KeysDep,
    signer: SignerDep,
    actor: Annotated[Actor, may("key_share.confirm")],
) -> KeySharesOut:
    """Type your share back; its words leave the service, and the board says that you hold it."""
    with writing as session:
        view = service.confirm_key_share(
            session,
            round_id=round_id,
            holder=holder,
            words=body.words,
            actor=actor,
            keys=keys,
            signer=signer,
        )
    return KeySharesOut.model_validate(view)


@router.post(
    "/rounds/{round_id}/key-shares/{holder}/enter", response_model=KeySharesOut,
    responses=problems(*_SHARE, ShareNotTaken, OneShareEach, *_WORDS, ShareEntered, KeyMissing),
)  # fmt: skip
def enter_key_share(
    round_id: uuid.UUID,
    holder: Holder,
    body: WordsIn,
    *,
    writing: Writing,
    keys: KeysDep,
    actor: Annotated[Actor, may("key_share.enter")],
) -> KeySharesOut:
    """Bring your share to open the box of a closed round; two of three are needed."""
    with writing as session:
        view = service.enter_key_share(
            session, round_id=round_id, holder=holder, words=body.words, actor=actor, keys=keys
        )
    return KeySharesOut.model_validate(view)


@router.post(
    "/rounds/{round_id}/key-shares/discard", response_model=KeySharesOut,
    responses=problems(RoundNotFound, KeyNotSplit, RoundWrongState),
)  # fmt: skip
def discard_key_shares(
    round_id: uuid.UUID,
    body: DiscardIn,
    *,
    writing: Writing,
    keys: KeysDep,
    signer: SignerDep,
    actor: Annotated[Actor, may("key_share.discard")],
) -> KeySharesOut:
    """Throw the key of a round away before it opens, with a public reason; the holders begin anew."""
    with writing as session:
        view = service.discard_key_shares(
            session, round_id=round_id, reason=body.reason, actor=actor, keys=keys, signer=signer
        )
    return KeySharesOut.model_validate(view)
