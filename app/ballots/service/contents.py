"""What a box holds at one moment, as lines without names."""

import uuid

from sqlmodel import Session

from app.ballots import queries, rules


def contents(session: Session, round_id: uuid.UUID) -> tuple[list[str], list[str], int]:
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
