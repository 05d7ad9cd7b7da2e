"""What a `.pb` file says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from app.tally.ballots import Ballots

WHOLE = re.compile(r"[0-9]{1,9}")


class VoteType(StrEnum):
    """How voters of a file say what they want."""

    #: A ranking, best first; it may leave projects out.
    ORDINAL = "ordinal"
    #: A set of projects.
    APPROVAL = "approval"
    #: Points from zero up, of which there are only so many.
    CUMULATIVE = "cumulative"
    #: Points of any sign.
    SCORING = "scoring"
    #: One project.
    CHOOSE_1 = "choose-1"


#: Types whose voters give points.
POINT_TYPES = frozenset({VoteType.CUMULATIVE, VoteType.SCORING})


@dataclass(frozen=True)
class FileProject:
    """A row of PROJECTS.

    Attributes:
        id: as written; never a number.
        cost: whole minor units of the election's scale.
        name: title, or the id.
        category: as written, possibly empty.
        selected: 1 funded, 0 not, 2 and 3 special, none where the file does not say.
        votes: how many listed it, as the file says.
        score: its points, as the file says.
        withdrawn: taken back after admission; such a project bears the cost 999999999 and is never funded.
    """

    id: str
    cost: int
    name: str
    category: str = ""
    selected: int | None = None
    votes: int | None = None
    score: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class Election:
    """A whole file.

    Attributes:
        meta: keys (in lower case) and values as written, in the order of the file.
        projects: in row order, which is the official order and breaks official ties.
        ballots: positions in ``projects``, one tuple a voter; ranked best first where the type is ordinal. They are
            kept as `Ballots`, whatever sequence they were given as.
        voter_ids: one a ballot.
        points: for cumulative and scoring files, as written, one tuple a ballot.
        budget: whole minor units.
        scale: how many decimals the file's amounts have; a minor unit is ``10 ** -scale``.
        vote_type: how voters say what they want.
        warnings: what a careful reader should know; no part of the election.
    """

    meta: Mapping[str, str]
    projects: Sequence[FileProject]
    ballots: Sequence[tuple[int, ...]]
    voter_ids: Sequence[str]
    points: Sequence[tuple[Decimal, ...]]
    budget: int
    scale: int
    vote_type: VoteType
    warnings: Sequence[str] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ballots", Ballots.of(self.ballots))

    @property
    def title(self) -> str:
        """A short name of the election."""
        parts = (self.meta.get(key, "") for key in ("unit", "instance", "subunit"))
        return " ".join(part for part in parts if part) or self.meta.get("description", "")

    @property
    def currency(self) -> str:
        """ISO 4217 code, or nothing where the file does not say."""
        return self.meta.get("currency", "")

    @property
    def max_length(self) -> int:
        """The most projects a ballot of this file may list: by the format all of them, unless META says less."""
        if self.vote_type is VoteType.CHOOSE_1:
            return 1
        return int(self.meta.get("max_length", "") or len(self.projects))

    @property
    def official(self) -> frozenset[str] | None:
        """Ids of the officially funded projects, or none where the file does not say."""
        if all(project.selected is None for project in self.projects):
            return None
        return frozenset(project.id for project in self.projects if project.selected == 1)

    def amount(self, minor: int) -> str:
        """Minor units as decimal text in the file's currency."""
        return format_amount(minor, self.scale)


def format_amount(minor: int, scale: int) -> str:
    """Whole minor units as decimal text: ``format_amount(12345, 2) == "123.45"``."""
    if scale == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**scale)
    return f"{sign}{whole}.{rest:0{scale}d}"
