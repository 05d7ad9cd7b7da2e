"""When a result is public, or a round ended without one: the key is destroyed, then envelopes. Both may be repeated."""

import uuid

from sqlmodel import Session

from app.access.actor import SYSTEM
from app.audit import service as audit
from app.audit.tags import Tag
from app.ballots import queries
from app.ballots.events import BoxKeyDestroyed
from app.ballots.keystore import KeyStore
from app.ballots.service.board import post
from app.core.signer import Signer
from app.outbox import service as outbox
from app.paper import service as paper
from app.rounds import service as rounds


def destroy_key(session: Session, *, round_id: uuid.UUID, keys: KeyStore, signer: Signer) -> None:
    """Destroy the round's key and say so on the board; from here on nobody can open an envelope again.

    A round that was cancelled before it had a box leaves nothing to say; what its holders shared is removed as well.
    """
    row = rounds.claim(session, round_id)
    box = queries.box(session, round_id)
    if box is None:
        keys.destroy(round_id)
        return
    if box.key_destroyed:
        return
    keys.destroy(round_id)
    box.key_destroyed = True
    session.add(box)
    post(session, round_id=round_id, kind="key_destroyed", body={}, signer=signer)
    audit.record(
        session,
        chain=row.division_code,
        by=SYSTEM.ref,
        tag=Tag.BOX_KEY_DESTROYED,
        subject=f"round:{round_id}",
    )
    outbox.emit(session, BoxKeyDestroyed(str(round_id), row.division_code), subject=f"round:{round_id}")


def erase_envelopes(session: Session, *, round_id: uuid.UUID) -> bool:
    """Delete the envelopes, and the lists of paper, of a round whose key is gone; true when there were any."""
    row = rounds.claim(session, round_id)
    box = queries.box(session, round_id)
    if box is None or not box.key_destroyed or box.erased:
        return False
    deleted = queries.erase_envelopes(session, round_id)
    paper.erase_lists(session, round_id=round_id)
    box.erased = True
    session.add(box)
    audit.record(
        session, chain=row.division_code, by=SYSTEM.ref, tag=Tag.BOX_ERASED, subject=f"round:{round_id}",
        facts={"envelopes": deleted},
    )  # fmt: skip
    return True
