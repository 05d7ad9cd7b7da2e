"""Opening the box after closing: strip, open, sort, write.

Nothing leaves memory before all of it is written in one transaction; killed anywhere, it starts again and writes the
same bytes, because the order is the trackers' own.
"""

import base64
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from app.access.actor import Actor
from app.audit.tags import Tag
from app.ballots import queries, rules
from app.ballots.errors import BoxDamaged, NotOpenedYet
from app.ballots.events import BoxUnsealed
from app.ballots.keystore import KeyStore
from app.ballots.models import BallotBox, OpenBallot
from app.ballots.rules import OpenedBallot
from app.ballots.sealing import open_sealed
from app.ballots.service.board import post
from app.core.canonical import sha256_hex
from app.core.signer import Signer, verifies
from app.outbox import service as outbox
from app.rounds import service as rounds
from app.rounds.models import Round
from app.rounds.rules import RoundState

WRITE_BATCH = 5000


def unseal(session: Session, *, round_id: uuid.UUID, actor: Actor, keys: KeyStore, signer: Signer) -> Round:
    """Open every envelope of a closed round without learning whose it was.

    Raises:
        RoundNotFound: there is none, or it is not yours.
        RoundWrongState: it is not closed.
        KeyMissing: the round's key is not on this machine.
        BoxDamaged: an envelope was moved, altered, added or taken away; nothing is changed.
    """
    row = rounds.claim(session, round_id, actor=actor, verb="round.open_box")
    rounds.mark(session, row=row, to=RoundState.UNSEALED, tag=Tag.BOX_UNSEALED, actor=actor)
    box = queries.box(session, round_id)
    if box is None:
        raise NotOpenedYet
    sealed = _strip(session, box, signer)
    private_key = keys.load(round_id).private
    opened = [
        rules.read_plaintext(open_sealed(ciphertext, private_key=private_key, round_id=round_id))
        for ciphertext in sealed
    ]
    box.level = rules.level_for(len(opened))
    box.opened = len(opened)
    session.add(box)
    lines = rules.in_tracker_order(
        [OpenedBallot(ballot.tracker, rules.cut(ballot.ranking, box.level)) for ballot in opened]
    )
    _write(session, round_id, lines)
    post(
        session, round_id=round_id, kind="unsealed", signer=signer,
        body={"ballots": len(lines), "level": box.level.value, "ballots_digest": ballots_digest(lines)},
    )  # fmt: skip
    outbox.emit(session, BoxUnsealed(str(round_id), row.division_code), subject=f"round:{round_id}")
    return row


def ballots_digest(lines: Sequence[OpenedBallot]) -> str:
    """SHA-256 over the opened ballots, a line each: tracker, a blank, positions with commas."""
    text = "\n".join(f"{line.tracker} {','.join(map(str, line.ranking))}" for line in lines)
    return sha256_hex(text.encode())


def _strip(session: Session, box: BallotBox, signer: Signer) -> list[bytes]:
    """Check who each envelope belongs to, then forget it: bare ciphertexts in the order of their hashes."""
    leaves: list[str] = []
    sealed: list[bytes] = []
    for entry_id, version, signature, ciphertext in queries.sealed_envelopes(session, box.round_id):
        digest = sha256_hex(ciphertext)
        statement = rules.envelope_statement(
            round_id=box.round_id, entry_id=entry_id, version=version, ciphertext_hash=digest
        )
        if not verifies(signer.public_key, _unb64(signature), statement):
            raise BoxDamaged(reason=f"envelope {entry_id} does not carry our signature for this roll entry")
        tag = rules.entry_tag(round_id=box.round_id, entry_id=entry_id)
        leaves.append(rules.leaf(ciphertext_hash=digest, tag=tag, version=version))
        sealed.append(ciphertext)
    if len(leaves) != box.envelopes or rules.tree(sorted(leaves)) != box.envelope_root:
        raise BoxDamaged(reason="the envelopes are not those whose root was signed at closing")
    return sealed


def _write(session: Session, round_id: uuid.UUID, lines: Sequence[OpenedBallot]) -> None:
    rows = [
        {"round_id": round_id, "position": position, "tracker": line.tracker, "ranking": list(line.ranking)}
        for position, line in enumerate(lines, start=1)
    ]
    for start in range(0, len(rows), WRITE_BATCH):
        session.execute(sa.insert(OpenBallot), rows[start : start + WRITE_BATCH])


def _unb64(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except ValueError:
        return b""
