"""Batches: made before the vote, brought back and counted after it."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from app.access.actor import Actor
from app.audit import service as audit
from app.audit.tags import Tag
from app.core.canonical import Plain
from app.paper import queries, rules
from app.paper.errors import (
    CommunityNotInRound,
    PaperBatchEnded,
    PaperBatchNotFound,
    PaperBatchNotReturned,
    PaperNotOffered,
    SameBatch,
)
from app.paper.models import PaperBatch, PaperSheet
from app.paper.rules import Returned
from app.paper.schemas import PaperBatchIn, ReturnIn
from app.paper.service.reconciliation import BatchView, views
from app.rounds import service as rounds
from app.rounds.errors import RoundNotFound, RoundWrongState
from app.rounds.models import Round
from app.rounds.rules import PUBLIC_STATES, PaperPolicy, RoundState

#: When sheets may be made and printed.
BEFORE_CLOSING = frozenset({RoundState.PUBLISHED, RoundState.OPEN})
#: When a batch may come back; where outer envelopes are opened after closing, only then.
COMING_BACK = frozenset({RoundState.OPEN, RoundState.CLOSED})
AFTER_CLOSING = frozenset({RoundState.CLOSED})


@dataclass(frozen=True)
class Claimed:
    """A batch, locked, and its round, held against opening or closing meanwhile."""

    batch: PaperBatch
    round: Round
    door: rounds.Door


def make_batch(session: Session, *, round_id: uuid.UUID, body: PaperBatchIn, actor: Actor) -> BatchView:
    """Make a batch of sheets with random serials; a serial belongs to the batch, never to a person.

    Raises:
        RoundNotFound: there is no such round.
        CommunityNotInRound: the community does not vote in it, or is not yours.
        PaperNotOffered: the round has no ballots on paper.
        RoundWrongState: it is not published yet, or closed.
    """
    row = rounds.claim(session, round_id)
    if body.community_code not in rounds.community_codes(session, round_id) or not actor.may(
        "paper_batch.make", body.community_code
    ):
        raise CommunityNotInRound
    _check_state(row.status, BEFORE_CLOSING)
    if row.paper is PaperPolicy.NONE:
        raise PaperNotOffered
    number = len(queries.batches(session, round_id)) + 1
    batch = PaperBatch(round_id=round_id, number=number, **body.model_dump())
    session.add(batch)
    session.flush()  # the sheets refer to it
    serials = rules.new_serials(body.sheets, taken=queries.serials_of_round(session, round_id))
    session.execute(
        sa.insert(PaperSheet),
        [{"round_id": round_id, "serial": serial, "batch_id": batch.id} for serial in serials],
    )
    _record(session, batch, Tag.PAPER_BATCH_MADE, actor, {"sheets": batch.sheets})
    return view(session, batch)


def list_batches(
    session: Session, *, round_id: uuid.UUID, actor: Actor, verb: str = "paper_batch.list"
) -> list[BatchView]:
    """The batches of a round in the communities one works for, by number.

    Raises:
        RoundNotFound: there is none, or none of its communities is yours.
    """
    row = rounds.round_(session, round_id)
    codes = rounds.community_codes(session, round_id)
    if row.status not in PUBLIC_STATES or not any(actor.may(verb, code) for code in codes):
        raise RoundNotFound
    return [each for each in views(session, round_id=round_id) if actor.may(verb, each.batch.community_code)]


def read_batch(session: Session, *, batch_id: uuid.UUID, actor: Actor) -> BatchView:
    """A batch in numbers, and which of its sheets wait for another look.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
    """
    batch = queries.batch(session, batch_id)
    if batch is None or not actor.may("paper_batch.read", batch.community_code):
        raise PaperBatchNotFound
    return view(session, batch)


def return_batch(session: Session, *, batch_id: uuid.UUID, body: ReturnIn, actor: Actor) -> BatchView:
    """Say what came back of a batch; said again, it corrects what was said before.

    Raises:
        PaperBatchNotFound: there is none, or it is not yours.
        PaperBatchEnded: it was merged or set aside.
        RoundWrongState: it is too early (outer envelopes are counted after closing), or the box is open.
        MoreThanPrinted, SheetsMissing, NoOuterEnvelopes: the numbers cannot be.
    """
    claimed = claim_batch(session, batch_id, actor=actor, verb="paper_batch.return", states=COMING_BACK)
    batch = claimed.batch
    enveloped = claimed.round.paper is PaperPolicy.ONLINE_WINS
    if enveloped:
        _check_state(claimed.door.status, AFTER_CLOSING)
    returned = Returned(body.used, body.unused, body.unopened, body.not_handed_in, body.spoilt)
    missing = rules.check_return(
        sheets=batch.sheets, returned=returned, missing_reason=body.missing_reason, outer_envelopes=enveloped
    )
    batch.used, batch.unused, batch.unopened = body.used, body.unused, body.unopened
    batch.missing, batch.not_handed_in, batch.spoilt = missing, body.not_handed_in, body.spoilt
    batch.missing_reason = body.missing_reason if missing else None
    _withdraw_proposal(batch)
    session.add(batch)
    _record(
        session, batch, Tag.PAPER_BATCH_RETURNED, actor,
        {
            "used": batch.used, "unused": batch.unused, "spoilt": batch.spoilt,
            "unopened": batch.unopened, "missing": missing,
            "not_handed_in": batch.not_handed_in, "missing_reason": batch.missing_reason,
        },
    )  # fmt: skip
    return view(session, batch)


def merge_batch(session: Session, *, batch_id: uuid.UUID, into: uuid.UUID, actor: Actor) -> BatchView:
    """Put the sheets and signatures of a batch to those of another, so that few sheets do not point at people.

    Raises:
        PaperBatchNotFound: there is none, it is not yours, or the other one is of another round.
        SameBatch: both are the same.
        PaperBatchEnded: one of them was merged or set aside.
        PaperBatchNotReturned: one of them is still out.
        RoundWrongState: the round is not closed, or its box is open.
    """
    if into == batch_id:
        raise SameBatch
    claimed = claim_batch(
        session, batch_id, actor=actor, verb="paper_batch.merge", states=AFTER_CLOSING, also=into
    )
    source, target = claimed.batch, queries.batch(session, into)
    assert target is not None
    if source.used is None or target.used is None:
        raise PaperBatchNotReturned
    queries.move(session, source=source.id, target=target.id)
    for name in ("sheets", "used", "unused", "spoilt", "unopened", "missing", "not_handed_in"):
        setattr(target, name, getattr(target, name) + getattr(source, name))
    reasons = [each for each in (target.missing_reason, source.missing_reason) if each is not None]
    target.missing_reason = "\n".join(dict.fromkeys(reasons)) or None
    _withdraw_proposal(source)
    _withdraw_proposal(target)
    source.merged_into = target.id
    session.add_all([source, target])
    _record(session, source, Tag.PAPER_BATCH_MERGED, actor, {"into": target.number})
    return view(session, target)


def claim_batch(
    session: Session,
    batch_id: uuid.UUID,
    *,
    actor: Actor,
    verb: str,
    states: Collection[RoundState] | None,
    also: uuid.UUID | None = None,
) -> Claimed:
    """A batch in force that the actor may do this to, locked; its round cannot be opened or closed meanwhile.

    Args:
        session: a writing session.
        batch_id: which batch.
        actor: who asks.
        verb: what for.
        states: in which states of the round; none when the caller asks the clock.
        also: another batch of the same round, to be claimed with it.

    Raises:
        PaperBatchNotFound: there is none, or it is not theirs.
        RoundWrongState: the round is in another state.
        PaperBatchEnded: it was merged or set aside.
    """
    wanted = [batch_id] if also is None else [batch_id, also]
    found = [queries.batch(session, each) for each in wanted]
    first = found[0]
    if first is None or any(
        each is None or each.round_id != first.round_id or not actor.may(verb, each.community_code)
        for each in found
    ):
        raise PaperBatchNotFound
    # the round before its batches, as closing and opening take them
    door = rounds.doors(session, {first.round_id})[first.round_id]
    if states is not None:
        _check_state(door.status, states)
    batches = queries.batches_locked(session, wanted)
    if not all(batch.in_force for batch in batches.values()):
        raise PaperBatchEnded
    return Claimed(batches[batch_id], rounds.round_(session, first.round_id), door)


def view(session: Session, batch: PaperBatch) -> BatchView:
    """A batch as it stands now."""
    session.flush()  # its new numbers are read with those of the others
    return next(each for each in views(session, round_id=batch.round_id) if each.batch.id == batch.id)


def _withdraw_proposal(batch: PaperBatch) -> None:
    """What somebody proposed to set aside is not what there is now."""
    batch.set_aside_proposed_by = batch.set_aside_reason = None


def _check_state(state: RoundState, states: Collection[RoundState]) -> None:
    if state not in states:
        raise RoundWrongState(state=state.value, wanted=" / ".join(sorted(states)))


def _record(session: Session, batch: PaperBatch, tag: Tag, actor: Actor, facts: dict[str, Plain]) -> None:
    audit.record(
        session, chain=batch.community_code, by=actor.ref, tag=tag, subject=f"paper_batch:{batch.id}",
        facts={"round": str(batch.round_id), "number": batch.number, **facts},
    )  # fmt: skip
