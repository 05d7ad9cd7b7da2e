"""Opening a round for ballots, and closing it."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import queries, rules
from app.ballots.errors import BoxDamaged
from app.ballots.keystore import KeyStore
from app.ballots.models import BallotBox
from app.ballots.service import custody
from app.ballots.service.board import post
from app.ballots.service.contents import contents
from app.ballots.service.hours import hours_due, post_hours
from app.core.signer import Signer, b64
from app.paper import service as paper
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import PaperPolicy


def open_round(
    session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool, keys: KeyStore, signer: Signer
) -> Round:
    """Freeze the roll, make the round's key (or take the one its holders share) and accept ballots from now on.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundRecorded: its votes are not secret.
        RoundWrongState: it is not published.
        TooEarly: its opening time has not come.
        NobodyOnTheRoll: nobody could vote.
        KeyNotShared: its holders have not confirmed their shares of the key.
        KeyMissing: the key they share is not the one in the key store.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.open")
    rounds.check_secret(row, instead="recorded/open")
    custody.check_shared(session, row)  # before the roll is frozen: the clock tries again each second
    roll = rounds.mark_open(session, row=row, actor=actor, early=early)
    public_key = custody.sealing_key(session, row, keys)
    projects = len(rounds.listed_projects(session, round_id))
    session.add(
        BallotBox(
            round_id=round_id,
            public_key=public_key,
            plaintext_length=rules.padded_length(projects=projects, max_rank=row.max_rank),
        )
    )
    post(
        session, round_id=round_id, kind="opened", signer=signer,
        body={
            "frozen_digest": row.frozen_digest,
            "roll_size": roll.size,
            "roll_digest": roll.digest,
            "sealing_key": b64(public_key),
            "custody": row.custody.value,
        },
    )  # fmt: skip
    return row


def close_round(session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool, signer: Signer) -> Round:
    """Close the box: what was answered before is inside, nothing comes later; the root over it is signed and posted.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundRecorded: its votes are not secret.
        RoundWrongState: it is not open.
        TooEarly: its closing time has not come.
        BoxDamaged: an envelope is set aside for a sheet that nobody signed for, or one that should be is not.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.close")
    rounds.check_secret(row, instead="recorded/close")
    leaves, set_aside, superseded = contents(session, round_id)
    due = hours_due(session, round_id=round_id, signer=signer, lines=leaves)
    post_hours(session, round_id=round_id, due=due, signer=signer)
    if row.paper is PaperPolicy.ONLINE_WINS:
        voted = queries.entries_in_force(session, round_id)
        paper.close_desk(session, round_id=round_id, voted_online=voted)
    root = rules.tree(leaves)
    codes = queries.with_codes(session, round_id)
    rounds.mark_closed(
        session, row=row, actor=actor, early=early, facts={"envelopes": len(leaves), "envelope_root": root}
    )
    _check_paper(session, row)  # last: before its time nobody learns from a refusal who has voted
    box = queries.box(session, round_id)
    assert box is not None
    box.envelopes, box.envelope_root, box.leaves = len(leaves), root, "\n".join(leaves)
    box.set_aside, box.superseded = "\n".join(set_aside), superseded
    entry = post(
        session, round_id=round_id, kind="closed", signer=signer,
        body={
            "envelopes": len(leaves),
            "envelope_root": root,
            "set_aside": len(set_aside),
            "set_aside_root": rules.tree(set_aside),
            "superseded_by_paper": superseded,
            "cast_with_codes": codes.cast,
            "assisted": codes.assisted,
            "withdrawn_with_codes": codes.withdrawn,
            "roll_size": row.roll_size,
        },
    )  # fmt: skip
    box.root_signature = entry.signature
    session.add(box)
    return row


def _check_paper(session: Session, row: Round) -> None:
    """Whether the envelopes set aside for paper are those that were signed for at the desk.

    No signature covers that an envelope is set aside. Whoever could write it in unseen would take a ballot out of the
    box, and the list that is signed now would say that its voter wanted it so.

    Raises:
        BoxDamaged: they are not; names a roll entry.
    """
    set_aside = queries.entries_on_paper(session, row.id)
    due: set[uuid.UUID] = set()
    if row.paper in {PaperPolicy.FIRST_WINS, PaperPolicy.PAPER_WINS}:
        due = paper.signed_in(session, round_id=row.id)
    both = {entry for entry, with_ballot in set_aside.items() if with_ballot}
    if row.paper is PaperPolicy.PAPER_WINS:
        both = set()
    for entries, wrong in (
        (set_aside.keys() - due, "is set aside for paper, and nobody signed for a sheet"),
        (due - set_aside.keys(), "is not set aside for paper, and a sheet was signed for"),
        (both, "holds a ballot, and is set aside for a sheet that came later"),
    ):
        if entries:
            raise BoxDamaged(reason=f"the envelope of roll entry {min(entries)} {wrong}")
