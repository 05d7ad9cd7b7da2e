"""Signatures: who took a sheet, from which batch. What becomes of a ballot online, `ballots` decides."""

import uuid
from collections.abc import Collection, Sequence

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core import clock
from app.outbox import service as outbox
from app.paper import queries
from app.paper.errors import (
    AlreadySignedIn,
    PaperBatchNotFound,
    PaperBatchReturned,
    PaperBatchUsedUp,
    PaperSignInNotFound,
)
from app.paper.events import SignedInForPaper
from app.paper.models import PaperBatch, PaperSignIn
from app.paper.service.batches import Claimed, claim_batch
from app.rounds import service as rounds


def claim_desk(session: Session, *, batch_id: uuid.UUID, actor: Actor, verb: str) -> Claimed:
    """A batch from which sheets are handed out now, locked; the round stays open until the transaction ends.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundNotOpen, RoundClosed: by the database's clock, as for casting.
        PaperBatchEnded, PaperBatchReturned: it is not out any more.
    """
    claimed = claim_batch(session, batch_id, actor=actor, verb=verb, states=None)
    rounds.check_open(claimed.door, clock.database_now(session))
    if claimed.batch.used is not None:
        raise PaperBatchReturned
    return claimed


def add_sign_in(
    session: Session,
    *,
    batch: PaperBatch,
    entry_id: uuid.UUID,
    entry_hmac: str,
    resident_ids: Sequence[uuid.UUID],
    actor: Actor,
) -> PaperSignIn:
    """Note that a roll entry took a sheet of a claimed batch, and have the people it stands for told.

    Args:
        session: a writing session.
        batch: the claimed batch.
        entry_id: whose entry.
        entry_hmac: its fingerprint for the record, under a key that is destroyed with the round's.
        resident_ids: who is told.
        actor: who hands the sheet out.

    Raises:
        AlreadySignedIn: it has one.
        PaperBatchUsedUp: there are more signatures than sheets.
    """
    if not queries.add_sign_in(session, round_id=batch.round_id, entry_id=entry_id, batch_id=batch.id):
        raise AlreadySignedIn
    if queries.signature_count(session, batch.id) > batch.sheets:
        raise PaperBatchUsedUp
    _record(session, batch, Tag.PAPER_SIGNED_IN, entry_hmac, actor)
    for resident_id in resident_ids:
        outbox.emit(
            session,
            SignedInForPaper(str(batch.round_id), str(resident_id)),
            subject=f"resident:{resident_id}",
        )
    row = queries.sign_in(session, batch.round_id, entry_id)
    assert row is not None
    return row


def remove_sign_in(
    session: Session, *, batch: PaperBatch, entry_id: uuid.UUID, entry_hmac: str, reason: str, actor: Actor
) -> None:
    """Take a sign-in back that was a clerk's error, from a claimed batch; ``entry_hmac`` as in `add_sign_in`.

    Raises:
        PaperSignInNotFound: nobody took a sheet of this batch under this entry.
    """
    row = queries.sign_in(session, batch.round_id, entry_id)
    if row is None or row.batch_id != batch.id:
        raise PaperSignInNotFound
    session.delete(row)
    session.flush()  # the next sign-in of this entry finds it gone
    _record(session, batch, Tag.PAPER_SIGN_IN_UNDONE, entry_hmac, actor, reason=reason)


def list_sign_ins(
    session: Session, *, batch_id: uuid.UUID, actor: Actor
) -> tuple[PaperBatch, Sequence[PaperSignIn]]:
    """Who signed in for the sheets of a batch.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
    """
    batch = queries.batch(session, batch_id)
    if batch is None or not actor.may("paper.list_sign_ins", batch.community_code):
        raise PaperBatchNotFound
    return batch, queries.sign_ins(session, batch_id)


def desk_figures(session: Session, *, batch_id: uuid.UUID) -> tuple[int, int]:
    """How many signed in for the sheets of a batch that is there, and how many it has."""
    batch = queries.batch(session, batch_id)
    assert batch is not None
    return queries.signature_count(session, batch_id), batch.sheets


def signed_in(
    session: Session, *, round_id: uuid.UUID, entry_ids: Collection[uuid.UUID] | None = None
) -> set[uuid.UUID]:
    """The entries that took a sheet in a round, or those of ``entry_ids`` that did."""
    return queries.signed_in(session, round_id, entry_ids)


def close_desk(session: Session, *, round_id: uuid.UUID, voted_online: Collection[uuid.UUID]) -> None:
    """Say at closing which outer envelopes are never opened: those of entries with a ballot online, which counts."""
    both = sorted(queries.signed_in(session, round_id) & set(voted_online))
    queries.keep_closed(session, round_id, both)


def _record(
    session: Session, batch: PaperBatch, tag: Tag, entry_hmac: str, actor: Actor, **facts: str
) -> None:
    # no time and no entry: the record stays, and must not say who voted on paper, from which batch, or when
    audit.record(
        session, chain=batch.community_code, by=actor.ref, tag=tag, subject=f"paper_batch:{batch.id}",
        facts={
            "number": batch.number, "round": str(batch.round_id), "entry_hmac": entry_hmac, **facts,
        },
        timeless=True,
    )  # fmt: skip
