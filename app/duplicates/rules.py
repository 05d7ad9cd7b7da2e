"""When two rows of one person may be made one. Pure: nobody may have two ballots by it, and nobody may lose theirs."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import DomainError
from app.duplicates.errors import (
    BothHaveABallot,
    BothSignIn,
    HasABallot,
    OtherSignsIn,
    OwnsAnotherHome,
    PhoneHasABallot,
)


class DuplicateState(StrEnum):
    """What somebody said of two rows that looked like one person."""

    MERGED = "merged"
    UNDONE = "undone"
    #: Two people after all.
    TOLD_APART = "told_apart"


@dataclass(frozen=True)
class Row:
    """What matters of one of the two."""

    has_phone: bool
    #: Somebody has signed in with its number.
    signs_in: bool
    is_owner: bool
    #: Titles of rounds under way on whose roll it stands: as a person, as an owner, or as a home of its own.
    ballots: tuple[str, ...] = ()
    #: Titles of rounds under way in which its number has a ballot as somebody of another community.
    phone_ballots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Whether one row may take the other in, whose number stays, and if not, why not."""

    take_phone: bool
    problem: DomainError | None


def may_take_in(kept: Row, gone: Row, *, one_home: bool) -> Answer:
    """Whether ``kept`` may take in ``gone``.

    The number that is used stays. The roll of a round is frozen when it opens: a row on it that went would take its
    ballot with it, and two rows on it are two ballots until the result is out.
    """
    take_phone = gone.has_phone and (not kept.has_phone or (gone.signs_in and not kept.signs_in))
    return Answer(take_phone, _problem(kept, gone, one_home=one_home, take_phone=take_phone))


def _problem(kept: Row, gone: Row, *, one_home: bool, take_phone: bool) -> DomainError | None:
    """What forbids it: the first of these that holds."""
    both = [title for title in gone.ballots if title in kept.ballots]
    forbidding = (
        (gone.is_owner and not one_home, OwnsAnotherHome()),
        (bool(both), BothHaveABallot(round="".join(both[:1]))),
        (bool(gone.ballots), HasABallot(round="".join(gone.ballots[:1]))),
        (kept.signs_in and gone.signs_in, BothSignIn()),
        (gone.signs_in and not one_home, OtherSignsIn()),
        (take_phone and bool(gone.phone_ballots), PhoneHasABallot(round="".join(gone.phone_ballots[:1]))),
    )
    return next((problem for holds, problem in forbidding if holds), None)
