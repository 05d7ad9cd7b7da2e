"""A made-up election of any size, the same for the same seed.

Voters live in one of eight neighbourhoods, which favour projects nearby; popularity differs by project. Rankings are
drawn as in a Plackett-Luce model (each next place with a chance proportional to appeal), of 1 to 10 places. Costs are
spread over two powers of ten, and the budget pays for about a third of them.
"""

import numpy as np

from app.tally.ballots import Ballots
from app.tally.model import Project

NEIGHBOURHOODS = 8
PLACES = 10


def election(voters: int, projects: int, seed: int = 20261124) -> tuple[list[Project], Ballots, int]:
    """Projects, ballots, budget in minor units."""
    chance = np.random.default_rng(seed)
    popularity = chance.normal(0, 0.8, projects)
    site = chance.integers(0, NEIGHBOURHOODS, projects)
    costs = (10 ** chance.uniform(4, 6, projects)).astype(int) * 100
    listed, lengths = [], []
    for _ in range(0, voters, 50_000):
        size = min(50_000, voters - len(lengths) * 50_000)
        home = chance.integers(0, NEIGHBOURHOODS, size)
        appeal = popularity + 1.5 * (site == home[:, None]) + chance.gumbel(size=(size, projects))
        places = np.argsort(-appeal, axis=1)[:, :PLACES].astype(np.int32)
        length = chance.integers(1, min(PLACES, projects) + 1, size)
        listed.append(places[np.arange(places.shape[1]) < length[:, None]])
        lengths.append(length)
    ballots = Ballots(np.concatenate(listed), np.cumsum(np.concatenate(lengths)))
    named = [Project(f"p{number:03d}", int(cost)) for number, cost in enumerate(costs.tolist(), start=1)]
    return named, ballots, int(costs.sum()) // 3
