"""Merkle trees as RFC 6962 has them: roots, proofs that an entry is in a list, proofs that a list only grew."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.merkle import (
    GrowingTree,
    ProvingTree,
    consistency_proof,
    consistent,
    includes,
    inclusion_proof,
    leaf_hash,
    merkle_root,
    node_hash,
)
from app.tally.verify import tree_root

#: The eight entries with which implementations of Certificate Transparency test each other, and their roots.
ENTRIES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_known_roots(size: int) -> None:
    assert merkle_root(ENTRIES[:size]).hex() == ROOTS[size - 1]
    assert tree_root(ENTRIES[:size]).hex() == ROOTS[size - 1]


def test_the_root_of_nothing() -> None:
    assert merkle_root([]) == hashlib.sha256(b"").digest() == tree_root([])
    assert ProvingTree([]).root == merkle_root([])
    with pytest.raises(IndexError):
        ProvingTree([]).inclusion_proof(0)


class TestTheExampleOfTheStandard:
    """RFC 6962, section 2.1.3: seven entries d0 to d6, and the nodes named there."""

    @staticmethod
    def nodes(names: str) -> list[bytes]:
        found = dict(zip("abcdefj", map(leaf_hash, ENTRIES[:7]), strict=True))
        for name, pair in {"g": "ab", "h": "cd", "i": "ef", "k": "gh", "l": "ij"}.items():
            found[name] = node_hash(found[pair[0]], found[pair[1]])
        return [found[name] for name in names]

    @pytest.mark.parametrize(("index", "path"), [(0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")])
    def test_inclusion(self, index: int, path: str) -> None:
        assert inclusion_proof(ENTRIES[:7], index) == self.nodes(path)

    @pytest.mark.parametrize(("earlier", "path"), [(3, "cdgl"), (4, "l"), (6, "ijk")])
    def test_consistency(self, earlier: int, path: str) -> None:
        assert consistency_proof(ENTRIES[:7], earlier) == self.nodes(path)


LISTS = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


def by_definition(leaves: list[bytes]) -> bytes:
    """Section 2.1 as it is written: split at the largest power of two below the size."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else hashlib.sha256(b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


@given(LISTS)
def test_the_root_is_the_one_of_the_recursive_definition(leaves: list[bytes]) -> None:
    assert by_definition(leaves) == merkle_root(leaves) == tree_root(leaves)


@given(LISTS)
def test_a_growing_list_has_its_root_after_each_entry(leaves: list[bytes]) -> None:
    growing = GrowingTree()
    for size, leaf in enumerate(leaves, start=1):
        growing.append(leaf)
        assert growing.root() == by_definition(leaves[:size])


@given(LISTS)
def test_kept_subtrees_give_the_same_proofs(leaves: list[bytes]) -> None:
    tree = ProvingTree(leaves)
    assert (tree.size, tree.root) == (len(leaves), by_definition(leaves))
    assert [tree.inclusion_proof(index) for index in range(tree.size)] == [
        inclusion_proof(leaves, index) for index in range(len(leaves))
    ]
    for index in (-1, tree.size):
        with pytest.raises(IndexError):
            tree.inclusion_proof(index)


@given(LISTS, st.data())
def test_every_entry_is_proved_and_no_other_one(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = merkle_root(leaves), inclusion_proof(leaves, index)
    size = len(leaves)
    assert includes(root=root, size=size, index=index, leaf=leaves[index], proof=proof)
    assert not includes(root=root, size=size, index=index, leaf=leaves[index] + b"x", proof=proof)
    assert not includes(root=root, size=size, index=index, leaf=leaves[index], proof=[*proof, root])
    assert not includes(root=root, size=size, index=size, leaf=leaves[index], proof=proof)
    assert not includes(root=leaf_hash(root), size=size, index=index, leaf=leaves[index], proof=proof)
    if proof:
        assert not includes(root=root, size=size, index=index, leaf=leaves[index], proof=proof[:-1])
    other = data.draw(st.integers(0, size - 1))
    if leaves[other] != leaves[index]:
        assert not includes(root=root, size=size, index=other, leaf=leaves[index], proof=proof)


@given(LISTS, st.data())
def test_growth_is_proved_and_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, len(leaves)))
    before, after, size = merkle_root(leaves[:earlier]), merkle_root(leaves), len(leaves)
    proof = consistency_proof(leaves, earlier)

    def holds(**changes: object) -> bool:
        said = {"earlier_root": before, "earlier": earlier, "root": after, "size": size, "proof": proof}
        return consistent(**(said | changes))  # type: ignore[arg-type]

    assert holds()
    assert not holds(earlier_root=leaf_hash(before))
    assert not holds(root=leaf_hash(after))
    assert not holds(proof=[*proof, before])
    assert not holds(earlier=0)
    if proof:
        assert not holds(proof=proof[:-1])
    changed = [leaves[0] + b"x", *leaves[1:]]
    assert not holds(root=merkle_root(changed))
    if earlier < size:
        assert not holds(proof=consistency_proof(changed, earlier), root=merkle_root(changed))


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_of_what_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(ENTRIES[:3], index)
    with pytest.raises(IndexError):
        consistency_proof(ENTRIES[:3], index + 1 if index > 0 else 0)
