"""Merkle tree hash of an ordered list, as RFC 6962 section 2.1 defines it (SHA-256), and proofs about it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of one entry; the prefix 0x00 keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The tree hash of the entries in order; of no entries, the hash of nothing."""
    growing = GrowingTree()
    for leaf in leaves:
        growing.append(leaf)
    return growing.root()


class GrowingTree:
    """A list that is only ever added to, known by the roots of its complete subtrees: its root after each entry."""

    def __init__(self) -> None:
        self._complete: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Add an entry."""
        # Folding complete subtrees of equal size gives the same tree as the standard's recursive split.
        size, digest = 1, leaf_hash(leaf)
        while self._complete and self._complete[-1][0] == size:
            left_size, left = self._complete.pop()
            size, digest = left_size + size, node_hash(left, digest)
        self._complete.append((size, digest))

    def root(self) -> bytes:
        """The tree hash of the entries so far."""
        if not self._complete:
            return hashlib.sha256(b"").digest()
        _, digest = self._complete[-1]
        for _, left in reversed(self._complete[:-1]):
            digest = node_hash(left, digest)
        return digest


class ProvingTree:
    """The hashes of all subtrees of a list, kept, so that any number of inclusion proofs cost a few look-ups each.

    Takes 64 bytes an entry.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        level = b"".join(leaf_hash(leaf) for leaf in leaves)
        self._levels = [level]
        while len(level) > _DIGEST:
            level = b"".join(_paired(level))
            self._levels.append(level)

    @property
    def size(self) -> int:
        """How many entries."""
        return len(self._levels[0]) // _DIGEST

    @property
    def root(self) -> bytes:
        """The tree hash."""
        return self._levels[-1] or hashlib.sha256(b"").digest()

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The same as `inclusion_proof`.

        Raises:
            IndexError: there is no such entry.
        """
        if not 0 <= index < self.size:
            raise IndexError(index)
        path: list[bytes] = []
        for level in self._levels[:-1]:
            if neighbour := _at(level, index ^ 1):  # the last of an odd number is carried up as it is
                path.append(neighbour)
            index >>= 1
        return path


_DIGEST = hashlib.sha256().digest_size


def _at(level: bytes, index: int) -> bytes:
    return level[index * _DIGEST : (index + 1) * _DIGEST]


def _paired(level: bytes) -> Iterator[bytes]:
    for index in range(0, len(level) // _DIGEST, 2):
        left, right = _at(level, index), _at(level, index + 1)
        yield node_hash(left, right) if right else left


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
