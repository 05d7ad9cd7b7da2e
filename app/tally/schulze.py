"""Schulze's method: who beats whom, along chains of duels if need be.

Source: M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner
election method", Social Choice and Welfare 36 (2011); strength by winning votes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.tally.ballots import Profile
from app.tally.ties import TieKey

Matrix = NDArray[np.int64]


def duels(profile: Profile, backers: NDArray[np.int64]) -> Matrix:
    """``[p][q]``: how many voters rank ``p`` above ``q``. What is not ranked is below everything that is.

    Everybody who ranks ``p`` puts it above ``q``, but for those who rank ``q`` higher: only pairs that stand on a
    ballot together have to be looked at.
    """
    size, places = len(backers), profile.places.astype(np.int64)
    together = np.zeros(size * size + 1)
    for upper in range(places.shape[1]):
        for lower in range(upper + 1, places.shape[1]):
            long = np.flatnonzero(places[:, lower] >= 0)
            pair = places[long, upper] * size + places[long, lower]
            together += np.bincount(pair, weights=profile.voters[long], minlength=size * size + 1)
    above = together[:-1].astype(np.int64).reshape(size, size)
    wins = backers[:, None] - above.T
    np.fill_diagonal(wins, 0)
    return wins


def strongest_paths(wins: Matrix) -> Matrix:
    """``[p][q]``: the strength of the strongest path, whose strength is that of its weakest link.

    A link is a duel that is won, and as strong as the votes that won it.
    """
    paths = np.where(wins > wins.T, wins, 0)
    for middle in range(len(paths)):
        np.maximum(paths, np.minimum(paths[:, middle, None], paths[None, middle]), out=paths)
    np.fill_diagonal(paths, 0)
    return paths


def order(paths: Matrix, key: Callable[[int], TieKey]) -> list[int]:
    """All projects: again and again the first, by ``key``, of those that no remaining one beats."""
    beats = paths > paths.T
    beaten = beats.sum(axis=0)
    remaining = set(range(len(paths)))
    found = []
    while remaining:
        best = min((each for each in remaining if not beaten[each]), key=key)
        remaining.remove(best)
        beaten = beaten - beats[best]
        found.append(best)
    return found
