"""The rules side by side on one election."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.tally.arithmetic import Arithmetic
from app.tally.counting import count
from app.tally.errors import NotRanked
from app.tally.explain import overall
from app.tally.model import Completion, CountInput, Fill, Rule
from app.tally.pabulib import Election, count_input

_ADD1, _FILL = Completion.ADD1, Fill.K_BORDA

#: What is compared, by the name it bears in tables; those for approvals alone come last.
METHODS: Sequence[tuple[str, Callable[[Election], CountInput]]] = (
    ("greedy", lambda file: count_input(file, rule=Rule.GREEDY)),
    ("schulze", lambda file: count_input(file, rule=Rule.SCHULZE)),
    ("pb-ear", lambda file: count_input(file, rule=Rule.PB_EAR)),
    ("pb-ear + fill", lambda file: count_input(file, rule=Rule.PB_EAR, fill=_FILL)),
    ("rank-mes", lambda file: count_input(file, rule=Rule.RANK_MES)),
    ("rank-mes + fill", lambda file: count_input(file, rule=Rule.RANK_MES, fill=_FILL)),
    ("rank-mes + add1", lambda file: count_input(file, rule=Rule.RANK_MES, completion=_ADD1)),
    (
        "rank-mes + add1 + fill",
        lambda file: count_input(file, rule=Rule.RANK_MES, completion=_ADD1, fill=_FILL),
    ),
    ("mes + add1", lambda file: count_input(file, rule=Rule.MES, completion=_ADD1)),
    ("mes + add1u", lambda file: count_input(file, rule=Rule.MES, completion=_ADD1, fill=_FILL)),
)


@dataclass(frozen=True)
class Figures:
    """An outcome in figures; shares are thousandths.

    Attributes:
        method: what it was counted by.
        nothing: voters who have nothing they ranked, of all.
        first_choice: voters whose first choice is in, of all.
        gini: of the number of funded projects on a ballot.
        spent: of the budget.
        projects: how many are in.
        underserved: violations of EJR+ up to one.
        funded: ids of the projects, in their published order.
    """

    method: str
    nothing: int
    first_choice: int
    gini: int
    spent: int
    projects: int
    underserved: int
    funded: tuple[str, ...]


def compare(election: Election) -> Iterator[Figures]:
    """Count an election by every rule that its ballots allow, one after the other."""
    for name, made in METHODS:
        try:
            given = made(election)
        except NotRanked:
            continue
        yield _figures(name, given)


def _figures(name: str, given: CountInput) -> Figures:
    outcome = count(given, Arithmetic.CERTIFIED)
    said = overall(given, outcome)
    voters = max(outcome.voters, 1)
    return Figures(
        method=name,
        nothing=round(1000 * (outcome.voters - outcome.voters_with_something) / voters),
        first_choice=round(1000 * outcome.first_choice_funded / voters),
        gini=said.gini,
        spent=said.spent or 0,
        projects=len(outcome.funded),
        underserved=len(said.underserved),
        funded=outcome.priority,
    )
