"""Setting a whole batch aside that does not add up: proposed by the chair, confirmed by a supervisor."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.paper import rules
from app.paper.errors import AnotherPersonNeeded, NothingProposed, PaperBatchAddsUp
from app.paper.models import PaperBatch
from app.paper.service.batches import AFTER_CLOSING, claim_batch, view
from app.paper.service.reconciliation import BatchView


def propose_setting_aside(session: Session, *, batch_id: uuid.UUID, reason: str, actor: Actor) -> BatchView:
    """Propose, with a public reason, that a batch which does not add up is not counted.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState: the round is not closed, or its box is open.
        PaperBatchEnded: it was merged or set aside.
        PaperBatchAddsUp: it adds up, and nobody may keep it from being counted.
    """
    batch = claim_batch(
        session, batch_id, actor=actor, verb="paper_batch.propose_setting_aside", states=AFTER_CLOSING
    ).batch
    _check_does_not_add_up(session, batch)
    batch.set_aside_proposed_by, batch.set_aside_reason = actor.ref, reason
    session.add(batch)
    _record(session, batch, Tag.PAPER_BATCH_SETTING_ASIDE_PROPOSED, actor)
    return view(session, batch)


def set_aside(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> BatchView:
    """Confirm what somebody else proposed: no sheet of this batch is counted.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        RoundWrongState: the round is not closed, or its box is open.
        PaperBatchEnded: it was merged or set aside.
        NothingProposed: nobody proposed it, or its numbers were corrected since.
        AnotherPersonNeeded: you proposed it yourself.
    """
    batch = claim_batch(
        session, batch_id, actor=actor, verb="paper_batch.set_aside", states=AFTER_CLOSING
    ).batch
    if batch.set_aside_proposed_by is None:
        raise NothingProposed
    if batch.set_aside_proposed_by == actor.ref:
        raise AnotherPersonNeeded
    batch.set_aside_by = actor.ref
    session.add(batch)
    _record(session, batch, Tag.PAPER_BATCH_SET_ASIDE, actor)
    return view(session, batch)


def _check_does_not_add_up(session: Session, batch: PaperBatch) -> None:
    if rules.adds_up(view(session, batch).count):
        raise PaperBatchAddsUp


def _record(session: Session, batch: PaperBatch, tag: Tag, actor: Actor) -> None:
    audit.record(
        session, chain=batch.community_code, by=actor.ref, tag=tag, subject=f"paper_batch:{batch.id}",
        facts={"round": str(batch.round_id), "number": batch.number, "reason": batch.set_aside_reason},
    )  # fmt: skip
