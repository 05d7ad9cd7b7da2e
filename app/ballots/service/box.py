"""Opening a round for ballots, and closing it."""

import uuid

from sqlmodel import Session

from app.access.actor import Actor
from app.ballots import queries, rules
from app.ballots.keystore import KeyStore
from app.ballots.models import BallotBox
from app.ballots.service.board import post
from app.core.signer import Signer, b64
from app.rounds import service as rounds
from app.rounds.models import Round


def open_round(
    session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool, keys: KeyStore, signer: Signer
) -> Round:
    """Freeze the roll, make the round's key and accept ballots from now on.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundWrongState: it is not published.
        TooEarly: its opening time has not come.
        NobodyOnTheRoll: nobody could vote.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.open")
    roll = rounds.mark_open(session, row=row, actor=actor, early=early)
    public_key = keys.create(round_id).public_bytes
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
        },
    )  # fmt: skip
    return row


def close_round(session: Session, *, round_id: uuid.UUID, actor: Actor, early: bool, signer: Signer) -> Round:
    """Close the box: what was answered before is inside, nothing comes later; the root over it is signed and posted.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundWrongState: it is not open.
        TooEarly: its closing time has not come.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.close")
    leaves, set_aside, superseded = _contents(session, round_id)
    root = rules.tree(leaves)
    rounds.mark_closed(
        session, row=row, actor=actor, early=early, facts={"envelopes": len(leaves), "envelope_root": root}
    )
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
            "roll_size": row.roll_size,
        },
    )  # fmt: skip
    box.root_signature = entry.signature
    session.add(box)
    return row


def _contents(session: Session, round_id: uuid.UUID) -> tuple[list[str], list[str], int]:
    """What the box holds now: lines of envelopes in force, lines of those set aside, how many of these had voted."""
    leaves: list[str] = []
    set_aside: list[str] = []
    superseded = 0
    for entry_id, version, digest, on_paper in queries.outer_envelopes(session, round_id):
        tag = rules.entry_tag(round_id=round_id, entry_id=entry_id)
        if digest is None or on_paper:
            set_aside.append(rules.set_aside_line(tag=tag, version=version, on_paper=on_paper))
            superseded += digest is not None
        else:
            leaves.append(rules.leaf(ciphertext_hash=digest, tag=tag, version=version))
    return sorted(leaves), sorted(set_aside), superseded
