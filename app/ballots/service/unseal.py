"""Opening the box after closing: strip, open, sort, write.

Nothing leaves memory before all of it is written in one transaction; killed anywhere, it starts again and writes the
same bytes, because the order is the trackers' own.
"""

import base64
import hmac
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import Session

from app.access.actor import SYSTEM
from app.audit.tags import Tag
from app.ballots import queries, rules
from app.ballots.errors import BoxDamaged, NotOpenedYet
from app.ballots.events import BoxUnsealed
from app.ballots.rules import OpenedBallot, Stage
from app.ballots.sealing import open_sealed
from app.ballots.service.board import post
from app.ballots.service.unsealing import UnsealingTask, hand_on_unsealing
from app.core.canonical import Plain, sha256_hex
from app.core.progress import Interrupted
from app.core.signer import Signer, verifies
from app.outbox import service as outbox
from app.paper import service as paper
from app.rounds import service as rounds
from app.rounds.rules import PaperPolicy, RoundState

WRITE_BATCH = 5000
Progress = Callable[[str, int, int], None]


def strip(session: Session, *, round_id: uuid.UUID, signer: Signer, progress: Progress) -> list[bytes]:
    """Check whose each envelope is, then forget it: bare ciphertexts in the order of their hashes. Needs no key.

    Raises:
        BoxDamaged: an envelope was moved, altered, added or taken away since the box was closed.
    """
    box = queries.box(session, round_id)
    if box is None or box.envelopes is None:
        raise NotOpenedYet
    leaves: list[str] = []
    sealed: list[bytes] = []
    with closing(queries.sealed_envelopes(session, round_id)) as envelopes:
        for entry_id, version, signature, ciphertext in envelopes:
            digest = sha256_hex(ciphertext)
            statement = rules.envelope_statement(
                round_id=round_id, entry_id=entry_id, version=version, ciphertext_hash=digest
            )
            if not verifies(signer.public_key, _unb64(signature), statement):
                raise BoxDamaged(
                    reason=f"envelope {entry_id} does not carry our signature for this roll entry"
                )
            tag = rules.entry_tag(round_id=round_id, entry_id=entry_id)
            leaves.append(rules.leaf(ciphertext_hash=digest, tag=tag, version=version))
            sealed.append(ciphertext)
            progress(Stage.STRIP, len(sealed), box.envelopes)
    found, closed = sorted(leaves), (box.leaves or "").splitlines()
    if found != closed or len(found) != box.envelopes or rules.tree(found) != box.envelope_root:
        raise BoxDamaged(reason=_difference(found, closed))
    return sealed


def open_envelopes(
    sealed: Sequence[bytes], *, round_id: uuid.UUID, private_key: X25519PrivateKey, progress: Progress
) -> list[OpenedBallot]:
    """Open bare envelopes. Needs the key, and knows no roll entry.

    Raises:
        BoxDamaged: one does not open, or holds no ballot.
    """
    opened = []
    for ciphertext in sealed:
        try:
            plain = open_sealed(ciphertext, private_key=private_key, round_id=round_id)
            opened.append(rules.read_plaintext(plain))
        except BoxDamaged as error:
            reason = f"{error.facts['reason']} (its SHA-256 is {sha256_hex(ciphertext)})"
            raise BoxDamaged(reason=reason) from error
        progress(Stage.OPEN, len(opened), len(sealed))
    return opened


def write_ballots(
    session: Session, task: UnsealingTask, *, online: Sequence[OpenedBallot], private_key: X25519PrivateKey,
    signer: Signer,
) -> None:  # fmt: skip
    """Write all ballots, those from paper included, in the order of their trackers, and say so on the board.

    Raises:
        RoundWrongState: the round is no longer closed.
        PaperNotReconciled: somebody has gone back to the sheets.
        Interrupted: another worker has taken over.
    """
    row = rounds.claim(session, task.round_id)
    rounds.mark(
        session, row=row, to=RoundState.UNSEALED, tag=Tag.BOX_UNSEALED, actor=SYSTEM,
        facts={"asked_by": task.asked_by},
    )  # fmt: skip
    paper.check_reconciled(session, round_id=row.id)
    sheets = paper.counted_rankings(session, round_id=row.id)
    box = queries.box(session, row.id)
    assert box is not None
    box.opened = len(online) + len(sheets)
    box.level = rules.level_for(box.opened)
    session.add(box)
    level = box.level
    ballots, numbered = list(online), []
    if len(sheets) >= rules.FEWEST_NUMBERED:
        numbered = [rules.cut(each, level) for each in sheets]
    else:
        ballots += _unmarked(sheets, private_key)
    lines = rules.in_tracker_order(
        [OpenedBallot(each.tracker, rules.cut(each.ranking, level)) for each in ballots]
    )
    lines += [
        OpenedBallot(f"{rules.PAPER}-{at}", ranking) for at, ranking in enumerate(sorted(numbered), start=1)
    ]
    _write(session, row.id, lines)
    body: dict[str, Plain] = {
        "ballots": len(lines),
        "level": level.value,
        "ballots_digest": ballots_digest(lines),
    }
    if row.paper is not PaperPolicy.NONE:
        body["paper"] = paper.figures(session, round_id=row.id)
    post(session, round_id=row.id, kind="unsealed", signer=signer, body=body)
    outbox.emit(session, BoxUnsealed(str(row.id), row.division_code), subject=f"round:{row.id}")
    if not hand_on_unsealing(session, task, to=Stage.COUNT):
        raise Interrupted


def ballots_digest(lines: Sequence[OpenedBallot]) -> str:
    """SHA-256 over the opened ballots, a line each: tracker, a blank, positions with commas."""
    text = "\n".join(f"{line.tracker} {','.join(map(str, line.ranking))}" for line in lines)
    return sha256_hex(text.encode())


def _difference(found: Sequence[str], closed: Sequence[str]) -> str:
    """Which envelope is not as it was at closing: by its hash, its entry's public tag, its version."""
    for words, lines in (
        ("was taken away", set(closed) - set(found)),
        ("was put in", set(found) - set(closed)),
    ):
        if lines:
            return f"the envelope {min(lines)} {words} after closing"
    return "the list of envelopes is not the one that was signed at closing"


def _unmarked(sheets: Sequence[tuple[int, ...]], private_key: X25519PrivateKey) -> list[OpenedBallot]:
    """Ballots from a few sheets, with trackers like all others: as a group they would point at people."""
    # it dies with the round's key, and until then gives the same trackers again
    secret = private_key.private_bytes_raw()
    digests = (hmac.new(secret, b"paper" + at.to_bytes(2), sha256).digest() for at in range(len(sheets)))
    return [
        OpenedBallot(rules.tracker_text(digest), ranking)
        for digest, ranking in zip(digests, sheets, strict=True)
    ]


def _write(session: Session, round_id: uuid.UUID, lines: Sequence[OpenedBallot]) -> None:
    for start in range(0, len(lines), WRITE_BATCH):
        portion = [(each.tracker, each.ranking) for each in lines[start : start + WRITE_BATCH]]
        queries.put_open_ballots(session, round_id, portion, first=start + 1)


def _unb64(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except ValueError:
        return b""
