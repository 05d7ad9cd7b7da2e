"""What is said about an outcome beside the reasons it carries itself, as data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.tally.outcome import Plain

#: The name of the round's own rule among the others.
THIS = "this"


@dataclass(frozen=True)
class Taken:
    """Money of a project's backers that went into another project."""

    project: str
    amount: int


@dataclass(frozen=True)
class ProjectExplanation:
    """How a project stood.

    Attributes:
        funded: whether it is in.
        wins: projects that fewer voters rank above it than below it.
        losses: projects that more voters rank above it.
        effective_support: what its backers could have paid at the best moment, had they not bought it: thousandths
            of its cost, from 1000 on enough. Only under Equal Shares.
        held: what its backers had left at the end, in minor units; of projects that are out.
        taken: where the rest of its backers' money went, most first.
        funded_at: a cost below its own with which a full count funds it; none where that was not found.
        more_backers: a number of additional voters, who rank nothing else, with which a full count funds it.
        wins_in: in how many of the resamples it is in.
    """

    funded: bool
    wins: int
    losses: int
    effective_support: int | None
    held: int | None
    taken: tuple[Taken, ...]
    funded_at: int | None
    more_backers: int | None
    wins_in: int | None

    def to_dict(self, amount: Callable[[int], Plain]) -> dict[str, Plain]:
        """Plain data; ``amount`` says how minor units are written."""

        def or_none(minor: int | None) -> Plain:
            return None if minor is None else amount(minor)

        return {
            "funded": self.funded,
            "wins": self.wins,
            "losses": self.losses,
            "effective_support": self.effective_support,
            "held": or_none(self.held),
            "taken": [{"project": each.project, "amount": amount(each.amount)} for each in self.taken],
            "funded_at": or_none(self.funded_at),
            "more_backers": self.more_backers,
            "wins_in": self.wins_in,
        }


@dataclass(frozen=True)
class Spending:
    """What a category or a place gets, and what ballots wish for it, both in thousandths of all.

    A voter's wish is divided by the cost of the projects on the ballot.
    """

    name: str
    spent: int
    wished: int


@dataclass(frozen=True)
class Underserved:
    """A violation of EJR+ up to one: so many backers could have paid for a project that is out."""

    project: str
    voters: int


@dataclass(frozen=True)
class OutcomeExplanation:
    """How the outcome stands.

    Attributes:
        voters: ballots counted.
        with_something: voters who ranked a funded project.
        first_choice: voters whose first choice is in.
        mean_best_rank: of the best place of a funded project, over voters with something; in thousandths.
        mean_funded: funded projects a ballot; in thousandths.
        gini: of the number of funded projects a ballot; in thousandths, 0 is equal.
        spent: of the budget, in thousandths; none without a budget.
        share_raised: the share the completion came to, in thousandths of the first; none without one.
        by_category: spending and wishes.
        by_place: the same, where places are known.
        underserved: violations of EJR+ up to one with cost utilities, listed = approved.
        only_here: projects that greedy would not have funded.
        only_greedy: projects that only greedy would have funded.
        greedy_with_something: voters with something under greedy.
        prefer_this: voters for whom the projects they rank get more money than under greedy.
        prefer_greedy: voters for whom greedy would have been better.
        resamples: how often ballots were drawn anew, with replacement; none where that is not possible.
        duels: a row a project in the order of the list: how many voters rank it above each other one.
    """

    voters: int
    with_something: int
    first_choice: int
    mean_best_rank: int
    mean_funded: int
    gini: int
    spent: int | None
    share_raised: int | None
    by_category: tuple[Spending, ...]
    by_place: tuple[Spending, ...]
    underserved: tuple[Underserved, ...]
    only_here: tuple[str, ...]
    only_greedy: tuple[str, ...]
    greedy_with_something: int
    prefer_this: int
    prefer_greedy: int
    resamples: int | None
    duels: tuple[tuple[int, ...], ...]

    def to_dict(self) -> dict[str, Plain]:
        """Plain data."""

        def spending(shares: Iterable[Spending]) -> Plain:
            return [{"name": each.name, "spent": each.spent, "wished": each.wished} for each in shares]

        return {
            "voters": self.voters,
            "with_something": self.with_something,
            "first_choice": self.first_choice,
            "mean_best_rank": self.mean_best_rank,
            "mean_funded": self.mean_funded,
            "gini": self.gini,
            "spent": self.spent,
            "share_raised": self.share_raised,
            "by_category": spending(self.by_category),
            "by_place": spending(self.by_place),
            "underserved": [{"project": each.project, "voters": each.voters} for each in self.underserved],
            "only_here": list(self.only_here),
            "only_greedy": list(self.only_greedy),
            "greedy_with_something": self.greedy_with_something,
            "prefer_this": self.prefer_this,
            "prefer_greedy": self.prefer_greedy,
            "resamples": self.resamples,
            "duels": [list(row) for row in self.duels],
        }


@dataclass(frozen=True)
class Explanation:
    """Everything said about an outcome beside the reasons it carries itself; projects by id."""

    projects: Mapping[str, ProjectExplanation]
    outcome: OutcomeExplanation

    def to_dict(self, amount: Callable[[int], Plain] = int) -> dict[str, Plain]:
        """Plain data; ``amount`` says how minor units are written."""
        return {
            "projects": {project_id: each.to_dict(amount) for project_id, each in self.projects.items()},
            "outcome": self.outcome.to_dict(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Explanation":
        """What `to_dict` wrote, with amounts as whole minor units."""
        said = dict(plain["outcome"])
        for name in ("by_category", "by_place"):
            said[name] = tuple(Spending(**each) for each in said[name])
        said["underserved"] = tuple(Underserved(**each) for each in said["underserved"])
        said["duels"] = tuple(tuple(row) for row in said["duels"])
        for name in ("only_here", "only_greedy"):
            said[name] = tuple(said[name])
        projects = {
            project_id: ProjectExplanation(**{**each, "taken": tuple(Taken(**one) for one in each["taken"])})
            for project_id, each in plain["projects"].items()
        }
        return cls(projects, OutcomeExplanation(**said))


@dataclass(frozen=True)
class Rival:
    """An outcome of the same ballots; shares are thousandths.

    Attributes:
        method: a name of `rivals.RIVALS`, or `THIS` for the round's own rule.
        funded: ids of the projects that are in, in their published order.
        gained: those of them that the result leaves out.
        lost: projects of the result that are out here.
        spent: in minor units.
        with_something: voters who ranked a project that is in.
        first_choice: voters whose first choice is in.
        mean_funded: projects that are in, of those on a ballot.
        mean_best_rank: of the best place of such a project, over voters with something.
        gini: of the number of such projects on a ballot; 0 is equal.
        prefer_this: voters for whom the projects they rank get more money by the result.
        prefer_other: voters for whom they would have got more here.
    """

    method: str
    funded: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    spent: int
    with_something: int
    first_choice: int
    mean_funded: int
    mean_best_rank: int
    gini: int
    prefer_this: int
    prefer_other: int

    def to_dict(self) -> dict[str, Plain]:
        """Plain data."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Rival":
        """What `to_dict` wrote."""
        lists = {name: tuple(plain[name]) for name in ("funded", "gained", "lost")}
        return cls(**{**plain, **lists})


@dataclass(frozen=True)
class Group:
    """Voters whose first choice is of one kind.

    Attributes:
        name: the kind; empty for ballots that rank nothing.
        voters: how many.
        first_choice: those of them whose first choice is in.
        with_something: those of them who ranked a project that is in.
    """

    name: str
    voters: int
    first_choice: int
    with_something: int
