"""Joint decisions of owners: a double quorum and a double majority, by heads and by area, in whole numbers.

Source: Civil Code of the People's Republic of China, art. 278; "or more" (以上) includes the number itself and "more
than half" (过半数) does not (art. 1259). Area is that of the exclusive parts, in hundredths of a square metre; heads
are owners, of whom one with several units counts once (Judicial Interpretation on the division of ownership, art. 8
and 9).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.tally.errors import MalformedInput


class Choice(StrEnum):
    """What an owner says to a motion."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Matter(StrEnum):
    """What kind of matter is decided."""

    #: Items 1 to 5 and 9 of the article, among them the use of the repair fund.
    ORDINARY = "ordinary"
    #: Items 6 to 8: raising repair funds, rebuilding, changing the use of common parts or trading with them.
    SPECIAL = "special"


@dataclass(frozen=True)
class Share:
    """A part that must be reached.

    Attributes:
        part: of the whole.
        strictly: more than that part is needed; otherwise just as much is enough.
    """

    part: Fraction
    strictly: bool

    def reached(self, number: int, whole: int) -> bool:
        """Whether ``number`` of ``whole`` is enough; of nothing, nothing is."""
        if not whole:
            return False
        mine, needed = number * self.part.denominator, whole * self.part.numerator
        return mine > needed if self.strictly else mine >= needed


@dataclass(frozen=True)
class Thresholds:
    """What the law asks for, from a day on; heads and area each have to reach it.

    Attributes:
        matter: of which matters.
        valid_from: first day.
        participation: of all owners, and of all area.
        approval: of those who take part, and of their area.
        article: where it is written.
    """

    matter: Matter
    valid_from: dt.date
    participation: Share
    approval: Share
    article: str


_CIVIL_CODE = dt.date(2021, 1, 1)
_TWO_THIRDS = Share(Fraction(2, 3), strictly=False)

#: All versions; a change of the law is a new row.
THRESHOLDS: Sequence[Thresholds] = (
    Thresholds(
        Matter.ORDINARY,
        _CIVIL_CODE,
        _TWO_THIRDS,
        Share(Fraction(1, 2), strictly=True),
        "民法典第二百七十八条",
    ),
    Thresholds(
        Matter.SPECIAL,
        _CIVIL_CODE,
        _TWO_THIRDS,
        Share(Fraction(3, 4), strictly=False),
        "民法典第二百七十八条",
    ),
)


def thresholds(matter: Matter, on: dt.date) -> Thresholds:
    """What is in force on a day.

    Raises:
        MalformedInput: nothing was yet.
    """
    in_force = [each for each in THRESHOLDS if each.matter is matter and each.valid_from <= on]
    if not in_force:
        message = f"no thresholds for {matter} matters are in force on {on.isoformat()}"
        raise MalformedInput(message)
    return max(in_force, key=lambda each: each.valid_from)


@dataclass(frozen=True)
class Vote:
    """An owner's vote.

    Attributes:
        owner: who; an owner votes once for all units.
        area: of all units of this owner, in hundredths of a square metre.
        choice: what they say.
    """

    owner: str
    area: int
    choice: Choice


@dataclass(frozen=True)
class Tally:
    """Heads and area of some owners."""

    heads: int
    area: int


@dataclass(frozen=True)
class Decision:
    """What came of a motion, with all numbers it rests on.

    Attributes:
        valid: enough owners, with enough area, took part.
        passed: and enough of these, with enough of their area, were for it.
    """

    thresholds: Thresholds
    all_owners: Tally
    taken_part: Tally
    in_favour: Tally
    against: Tally
    abstained: Tally
    valid: bool
    passed: bool


def decide(votes: Sequence[Vote], *, all_owners: Tally, rule: Thresholds) -> Decision:
    """Count a motion.

    Args:
        votes: one an owner; who did not vote is not among them.
        all_owners: heads and area of everybody who could vote.
        rule: the thresholds in force.

    Raises:
        MalformedInput: somebody votes twice, an area is not above zero, or more take part than there are.
    """
    if len({vote.owner for vote in votes}) < len(votes):
        raise MalformedInput("an owner votes twice")
    if any(vote.area <= 0 for vote in votes):
        raise MalformedInput("an area is not above zero")

    def those(*choices: Choice) -> Tally:
        chosen = [vote for vote in votes if vote.choice in choices]
        return Tally(len(chosen), sum(vote.area for vote in chosen))

    taken_part, in_favour = those(*Choice), those(Choice.FOR)
    if taken_part.heads > all_owners.heads or taken_part.area > all_owners.area:
        raise MalformedInput("more take part than there are owners, or area")
    valid = rule.participation.reached(taken_part.heads, all_owners.heads) and rule.participation.reached(
        taken_part.area, all_owners.area
    )
    carried = rule.approval.reached(in_favour.heads, taken_part.heads) and rule.approval.reached(
        in_favour.area, taken_part.area
    )
    return Decision(
        thresholds=rule,
        all_owners=all_owners,
        taken_part=taken_part,
        in_favour=in_favour,
        against=those(Choice.AGAINST),
        abstained=those(Choice.ABSTAIN),
        valid=valid,
        passed=valid and carried,
    )
