"""Figures about a funded set that a count does not need: who has how much of it. Shares are thousandths."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.tally.ballots import NOTHING, Profile

_THOUSANDTHS = 1000


def thousandths(part: int, whole: int) -> int:
    """Thousandths of ``whole``, rounded half up; of nothing, nothing."""
    return (2 * _THOUSANDTHS * part + whole) // (2 * whole) if whole else 0


def listed(profile: Profile, funded: Sequence[int]) -> NDArray[np.int64]:
    """How many funded projects each different ballot lists."""
    counts: NDArray[np.int64] = np.isin(profile.places, list(funded)).sum(axis=1)
    return counts


def best_rank(profile: Profile, funded: Sequence[int]) -> NDArray[np.int64]:
    """The first place (from 1) of each different ballot that is funded; 0 where there is none."""
    hits = np.isin(profile.places, list(funded))
    if not hits.shape[1]:
        return np.zeros(len(profile.places), dtype=np.int64)
    ranks: NDArray[np.int64] = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, 0)
    return ranks


def first_choices(profile: Profile) -> NDArray[np.int64]:
    """The project each different ballot puts first; `NOTHING` where it is empty."""
    if not profile.places.shape[1]:
        return np.full(len(profile.places), NOTHING, dtype=np.int64)
    return profile.places[:, 0].astype(np.int64)


def worths(profile: Profile, paid: Mapping[int, int], *, projects: int) -> NDArray[np.int64]:
    """What the projects on each different ballot get together, in minor units; ``paid`` by position."""
    table = np.zeros(projects + 1, dtype=np.int64)  # the last one stands for NOTHING
    assert NOTHING == -1
    for position, amount in paid.items():
        table[position] = amount
    total: NDArray[np.int64] = table[profile.places].sum(axis=1)
    return total


def gini(counts: NDArray[np.int64], voters: NDArray[np.int64]) -> int:
    """Gini's coefficient in thousandths: mean difference of two voters, by twice the mean."""
    size = np.bincount(counts, weights=voters).astype(np.int64).tolist()
    total, people = sum(each * number for each, number in enumerate(size)), sum(size)
    if not total:
        return 0
    apart = sum(
        abs(one - other) * size[one] * size[other] for one in range(len(size)) for other in range(len(size))
    )
    return thousandths(apart, 2 * people * total)
