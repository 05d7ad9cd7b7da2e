"""Proofs about a board and about a closed box, as RFC 6962 has them."""

import uuid
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.ballots import queries
from app.ballots.errors import BoardEntryNotFound, BoardSizeOutOfRange, BoxNotClosed, EnvelopeNotInBox
from app.ballots.service.board import check_public, leaf
from app.core.merkle import ProvingTree, consistency_proof, inclusion_proof, leaf_hash, merkle_root
from app.core.recent import Recent

#: Of large rounds: a box of 500,000 ballots takes about 120 MB.
KEPT_BOXES = 2


@dataclass(frozen=True)
class Inclusion:
    """That an entry stands at an index, from 0, of a list with a root."""

    index: int
    size: int
    root: str
    leaf: bytes
    leaf_hash: str
    path: list[str]


@dataclass(frozen=True)
class Consistency:
    """That a list with a root began with a shorter one, which had a root too."""

    earlier: int
    size: int
    earlier_root: str
    root: str
    path: list[str]


@dataclass(frozen=True)
class _ClosedBox:
    lines: list[str]
    tree: ProvingTree


_boxes: Recent[tuple[uuid.UUID, str], _ClosedBox] = Recent(KEPT_BOXES)


def prove_entry(session: Session, *, round_id: uuid.UUID, position: int, size: int | None) -> Inclusion:
    """That an entry, counted from 1, is on the board as it stands, or stood when it had ``size`` entries.

    Raises:
        RoundNotFound: there is no such round, or it is a draft.
        BoardSizeOutOfRange: the board is not that long.
        BoardEntryNotFound: there is no such entry on a board of this size.
    """
    leaves = _leaves(session, round_id)
    size = _size(size, len(leaves))
    if not 1 <= position <= size:
        raise BoardEntryNotFound(position=position, size=size)
    path = inclusion_proof(leaves[:size], position - 1)
    return _inclusion(leaves[position - 1], position - 1, size, merkle_root(leaves[:size]), path)


def prove_growth(session: Session, *, round_id: uuid.UUID, earlier: int, size: int | None) -> Consistency:
    """That a board only grew from one size to another, or to the present one.

    Raises:
        RoundNotFound: there is no such round, or it is a draft.
        BoardSizeOutOfRange: the board is not that long, or the earlier size is the larger one.
    """
    leaves = _leaves(session, round_id)
    size = _size(size, len(leaves))
    if not 1 <= earlier <= size:
        raise BoardSizeOutOfRange(size=len(leaves))
    return Consistency(
        earlier,
        size,
        merkle_root(leaves[:earlier]).hex(),
        merkle_root(leaves[:size]).hex(),
        [each.hex() for each in consistency_proof(leaves[:size], earlier)],
    )


def prove_envelope(session: Session, *, round_id: uuid.UUID, envelope_hash: str) -> Inclusion:
    """That an envelope was in force when the box was closed.

    Raises:
        RoundNotFound: there is no such round, or it is a draft.
        BoxNotClosed: it is not closed; whatever is asked, the answer is this.
        EnvelopeNotInBox: no such envelope was in force then.
    """
    check_public(session, round_id)
    root = queries.closing_root(session, round_id)
    if root is None:
        raise BoxNotClosed
    box = _boxes.get((round_id, root), lambda: _closed_box(session, round_id))
    index = bisect_left(box.lines, envelope_hash)
    if index == len(box.lines) or box.lines[index].partition(" ")[0] != envelope_hash:
        raise EnvelopeNotInBox
    path = box.tree.inclusion_proof(index)
    return _inclusion(box.lines[index].encode(), index, box.tree.size, box.tree.root, path)


def _closed_box(session: Session, round_id: uuid.UUID) -> _ClosedBox:
    lines = (queries.closing_lines(session, round_id) or "").splitlines()
    return _ClosedBox(lines, ProvingTree(line.encode() for line in lines))


def _leaves(session: Session, round_id: uuid.UUID) -> list[bytes]:
    check_public(session, round_id)
    return [leaf(entry) for entry in queries.board(session, round_id)]


def _size(asked: int | None, size: int) -> int:
    if asked is not None and not 1 <= asked <= size:
        raise BoardSizeOutOfRange(size=size)
    return size if asked is None else asked


def _inclusion(entry: bytes, index: int, size: int, root: bytes, path: Sequence[bytes]) -> Inclusion:
    return Inclusion(index, size, root.hex(), entry, leaf_hash(entry).hex(), [each.hex() for each in path])
