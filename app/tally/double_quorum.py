"""Joint decisions of owners: a double quorum and a double majority, by heads and by area, in whole numbers.

Source: Civil Code of the People's Republic of China, art. 278; "or more" (以上) includes the number itself and "more
than half" (过半数) does not (art. 1259). Area is that of the exclusive parts, in hundredths of a square metre; heads
are owners, of whom one with several units counts once (Judicial Interpretation on the division of ownership, art. 8
and 9).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

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

    def needed(self, whole: int) -> int:
        """The least number that is enough of ``whole``; of nothing, one would be missing."""
        least, rest = divmod(whole * self.part.numerator, self.part.denominator)
        return max(least + bool(self.strictly or rest), 1)

    def to_plain(self) -> dict[str, str | bool]:
        """As JSON can hold it: ``{"part": "2/3", "strictly": false}``."""
        return {"part": str(self.part), "strictly": self.strictly}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Share":
        """The inverse of `to_plain`.

        Raises:
            MalformedInput: it is no part of a whole.
        """
        try:
            part = Fraction(str(plain["part"]))
        except (ValueError, ZeroDivisionError) as error:
            message = f"{plain['part']!r} is no part of a whole"
            raise MalformedInput(message) from error
        if not 0 < part <= 1:
            message = f"{plain['part']!r} is no part of a whole"
            raise MalformedInput(message)
        return cls(part, strictly=bool(plain["strictly"]))


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

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "matter": self.matter.value,
            "valid_from": self.valid_from.isoformat(),
            "participation": self.participation.to_plain(),
            "approval": self.approval.to_plain(),
            "article": self.article,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Thresholds":
        """The inverse of `to_plain`.

        Raises:
            MalformedInput: a share is none.
        """
        return cls(
            Matter(plain["matter"]),
            dt.date.fromisoformat(plain["valid_from"]),
            Share.from_plain(plain["participation"]),
            Share.from_plain(plain["approval"]),
            str(plain["article"]),
        )


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

    return _judge({choice: those(choice) for choice in Choice}, all_owners=all_owners, rule=rule)


@dataclass(frozen=True)
class Unit:
    """A unit on the roll, and how it voted.

    Attributes:
        owner: whose it is; all units of one owner are one head.
        area: of its exclusive part, in hundredths of a square metre.
        choice: what was said for it; none if nobody voted.
    """

    owner: str
    area: int
    choice: Choice | None


def decide_units(units: Sequence[Unit], *, rule: Thresholds) -> Decision:
    """Count a motion unit by unit: every unit brings its area, every owner one head.

    An owner takes part as soon as one unit does. Where the units of one owner differ, each area counts as its unit
    says, while the head, which cannot be for and against, counts among those who abstain. Where they agree this is
    `decide`, with the areas of each owner added up.

    Raises:
        MalformedInput: an area is not above zero.
    """
    if any(unit.area <= 0 for unit in units):
        raise MalformedInput("an area is not above zero")
    said: dict[str, set[Choice]] = {}
    areas = dict.fromkeys(Choice, 0)
    for unit in units:
        if unit.choice is not None:
            said.setdefault(unit.owner, set()).add(unit.choice)
            areas[unit.choice] += unit.area
    heads = dict.fromkeys(Choice, 0)
    for choices in said.values():
        heads[next(iter(choices)) if len(choices) == 1 else Choice.ABSTAIN] += 1
    everybody = Tally(len({unit.owner for unit in units}), sum(unit.area for unit in units))
    return _judge(
        {choice: Tally(heads[choice], areas[choice]) for choice in Choice}, all_owners=everybody, rule=rule
    )


@dataclass(frozen=True)
class Requirement:
    """One of the four numbers a decision needs: how many there are, of how many, and how many it takes.

    Attributes:
        stage: ``participation`` or ``approval``.
        measure: ``heads`` or ``area``.
        have: those who took part, or were for it.
        whole: those they are a part of.
        share: what part is needed.
    """

    stage: str
    measure: str
    have: int
    whole: int
    share: Share

    @property
    def needed(self) -> int:
        """The least number that is enough."""
        return self.share.needed(self.whole)

    @property
    def missing(self) -> int:
        """By how much it missed; 0 where it did not."""
        return max(self.needed - self.have, 0)


def requirements(decision: Decision) -> tuple[Requirement, ...]:
    """The four numbers of a decision; all have to be reached."""
    rule, everybody = decision.thresholds, decision.all_owners
    taken_part, in_favour = decision.taken_part, decision.in_favour
    return (
        Requirement("participation", "heads", taken_part.heads, everybody.heads, rule.participation),
        Requirement("participation", "area", taken_part.area, everybody.area, rule.participation),
        Requirement("approval", "heads", in_favour.heads, taken_part.heads, rule.approval),
        Requirement("approval", "area", in_favour.area, taken_part.area, rule.approval),
    )


def _judge(by_choice: Mapping[Choice, Tally], *, all_owners: Tally, rule: Thresholds) -> Decision:
    taken_part, in_favour = _sum(by_choice.values()), by_choice[Choice.FOR]
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
        against=by_choice[Choice.AGAINST],
        abstained=by_choice[Choice.ABSTAIN],
        valid=valid,
        passed=valid and carried,
    )


def _sum(tallies: Iterable[Tally]) -> Tally:
    heads, area = 0, 0
    for each in tallies:
        heads, area = heads + each.heads, area + each.area
    return Tally(heads, area)
