"""What the public may see of a turnout while people vote. Pure.

The public sees turnout only where it cannot point at a household: one figure for the whole round and none for a part
of it, none for a short roll, never exact, and so seldom that nobody can watch a neighbour's door and the figure
together. It is read by the worker, by one clock however many processes answer; the last figure alone is stored, and no
list of it by time is kept.
"""

from dataclasses import dataclass

#: How old the figure of a round is before it is read again.
TURNOUT_SECONDS = 600
#: Of a shorter roll nothing is said before the result.
SHORTEST_ROLL = 50
#: The figure is rounded down to whole tens.
TURNOUT_STEP = 10


@dataclass(frozen=True)
class PublicTurnout:
    """How many have taken part, at least, and their share of the roll in whole percent, rounded down too."""

    at_least: int
    percent: int


def public_turnout(*, taken_part: int, roll_size: int | None) -> PublicTurnout | None:
    """What may be said while a round is open; none where the roll is short."""
    if roll_size is None or roll_size < SHORTEST_ROLL:
        return None
    at_least = taken_part // TURNOUT_STEP * TURNOUT_STEP
    return PublicTurnout(at_least, at_least * 100 // roll_size)
