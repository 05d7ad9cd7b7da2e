"""Merkle tree hash of an ordered list, as RFC 6962 section 2.1 defines it (SHA-256)."""

import hashlib
from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of one entry; the prefix 0x00 keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The tree hash of the entries in order; of no entries, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    # Folding complete subtrees of equal size gives the same tree as RFC 6962's recursive split.
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, digest = 1, leaf_hash(leaf)
        while stack and stack[-1][0] == size:
            left_size, left = stack.pop()
            size, digest = left_size + size, node_hash(left, digest)
        stack.append((size, digest))
    _, digest = stack.pop()
    while stack:
        _, left = stack.pop()
        digest = node_hash(left, digest)
    return digest


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What leads from the entry at ``index`` (from 0) to the root: its neighbours on the way up (section 2.1.1).

    Raises:
        IndexError: there is no such entry.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*inclusion_proof(leaves[:half], index), merkle_root(leaves[half:])]
    return [*inclusion_proof(leaves[half:], index - half), merkle_root(leaves[:half])]


def includes(*, root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof leads from ``leaf`` at ``index`` to the root of a list of ``size`` entries.

    The steps are those of RFC 9162, section 2.1.3.2, which checks the same proofs.
    """
    if not 0 <= index < size:
        return False
    at, last, digest = index, size - 1, leaf_hash(leaf)
    for neighbour in proof:
        if not last:
            return False
        if at & 1 or at == last:
            digest = node_hash(neighbour, digest)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            digest = node_hash(digest, neighbour)
        at, last = at >> 1, last >> 1
    return not last and digest == root


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """What shows that the list began with its first ``earlier`` entries, which had a root too (section 2.1.2).

    Raises:
        IndexError: there were no such first entries.
    """
    if not 0 < earlier <= len(leaves):
        raise IndexError(earlier)
    return _subproof(leaves, earlier, whole=True)


def _subproof(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    if earlier == len(leaves):
        return [] if whole else [merkle_root(leaves)]
    half = _half(len(leaves))
    if earlier <= half:
        return [*_subproof(leaves[:half], earlier, whole=whole), merkle_root(leaves[half:])]
    return [*_subproof(leaves[half:], earlier - half, whole=False), merkle_root(leaves[:half])]


def consistent(*, earlier_root: bytes, earlier: int, root: bytes, size: int, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that a list of ``size`` entries began with one of ``earlier`` entries.

    The steps are those of RFC 9162, section 2.1.4.2.
    """
    if earlier == size:
        return not proof and earlier_root == root
    if not 0 < earlier < size or not proof:
        return False
    path = list(proof) if earlier & (earlier - 1) else [earlier_root, *proof]
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for neighbour in path[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            before, after = node_hash(neighbour, before), node_hash(neighbour, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, neighbour)
        at, last = at >> 1, last >> 1
    return not last and before == earlier_root and after == root


def _half(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
