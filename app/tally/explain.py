"""How close every project came, and who has what: figures about an outcome that do not change it.

Sources: effective support from D. Peters and others, equalshares.net; smallest cost cut and additional voters from
N. Boehmer and others, "Evaluation of Project Performance in Participatory Budgeting", IJCAI 2024, arXiv 2312.14723;
EJR+ from M. Brill, J. Peters, "Robust and Verifiable Proportionality Axioms for Multiwinner Voting", EC 2023.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.tally.arithmetic import Arithmetic
from app.tally.ballots import Ballots
from app.tally.counting import select
from app.tally.equal_shares import Market, Pass
from app.tally.explanation import (
    Explanation,
    OutcomeExplanation,
    ProjectExplanation,
    Spending,
    Taken,
    Underserved,
)
from app.tally.figures import best_rank, gini, listed, thousandths, worths
from app.tally.greedy import greedy
from app.tally.model import Completion, CountInput, Fill, Rule, Unranked, Until
from app.tally.outcome import Outcome
from app.tally.support import Support

Progress = Callable[[str, int, int], None]
"""Is told of a stage, how much of it is done, and of how much."""

#: Elections with more different ballots are counted again with coarser steps of the completion.
LARGE = 100_000
_COARSE_STEPS = 50
#: Counts per project and question, at most, and fewer for large elections.
_MOST_COUNTS = 24
_COUNTS_BY_SIZE = 120_000
_THOUSANDTHS = 1000


def silent(stage: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


def explain(
    given: CountInput, outcome: Outcome, *, categories: Sequence[str] = (), places: Sequence[str] = (),
    resamples: int = 200, progress: Progress = silent,
) -> Explanation:  # fmt: skip
    """Explain an outcome. The quick figures take one count; `funded_at`, `more_backers` and resamples many.

    Args:
        given: the input of the count.
        outcome: what `count` made of it.
        categories: of each project, several separated by commas; or none at all.
        places: where each project is, likewise.
        resamples: how often to draw the ballots anew, seeded by the seed of the lot; 0 leaves it out.
        progress: is told how far this is.
    """
    return _Explainer(given, outcome, progress).explanation(categories, places, resamples)


def overall(
    given: CountInput, outcome: Outcome, *, categories: Sequence[str] = (), places: Sequence[str] = ()
) -> OutcomeExplanation:
    """The figures about the outcome as a whole, which take no further counts."""
    return _Explainer(given, outcome, silent).overall(categories, places, None)


def spending(given: CountInput, outcome: Outcome, labels: Sequence[str]) -> tuple[Spending, ...]:
    """Shares of the money and of the wishes by labels of any kind: one of each project, or several with commas."""
    return _Explainer(given, outcome, silent).spending(labels)


class _Explainer:
    def __init__(self, given: CountInput, outcome: Outcome, progress: Progress) -> None:
        self._given, self._outcome, self._progress = given, outcome, progress
        self._support = Support(given)
        self._often = coarse(given) if len(given.profile.voters) > LARGE else given
        position = {project.id: at for at, project in enumerate(given.projects)}
        self._funded = [position[each] for each in outcome.funded]
        self._ids = [project.id for project in given.projects]
        self._costs = [project.cost for project in given.projects]

    def explanation(self, categories: Sequence[str], places: Sequence[str], resamples: int) -> Explanation:
        size = len(self._ids)
        support: list[int | None] = [None] * size
        held: list[int | None] = [None] * size
        taken: list[tuple[Taken, ...]] = [()] * size
        if self._given.spec.rule in {Rule.RANK_MES, Rule.MES}:
            support, held, taken = self._shares()
        funded_at, more = self._near_misses(support)
        drawn = resamples if resamples and self._given.given_points is None else None
        wins_in = self._resampled(drawn) if drawn else [None] * size
        duels = self._support.duels
        return Explanation(
            projects={
                self._ids[p]: ProjectExplanation(
                    funded=p in self._funded,
                    wins=int((duels[p] > duels[:, p]).sum()),
                    losses=int((duels[p] < duels[:, p]).sum()),
                    effective_support=support[p],
                    held=held[p],
                    taken=taken[p],
                    funded_at=funded_at.get(p),
                    more_backers=more.get(p),
                    wins_in=wins_in[p],
                )
                for p in range(size)
            },
            outcome=self.overall(categories, places, drawn),
        )

    # --- Equal Shares ---------------------------------------------------------------------------------------------

    def _shares(self) -> tuple[list[int | None], list[int | None], list[tuple[Taken, ...]]]:
        """Effective support, money held and money taken, at the shares with which the count ended."""
        size, completed = len(self._ids), self._outcome.completion
        pot = (self._given.budget or 0) - sum(self._costs[p] for p in self._forced())
        if completed is not None:
            pot = completed.pot
        candidates = [p for p in range(size) if self._outcome.projects[p].reason.code not in _SET_ASIDE]
        market = Market(self._support, candidates)
        held: list[int | None] = [None] * size
        taken: list[tuple[Taken, ...]] = [()] * size
        final = market.run(pot)
        others = [p for p in candidates if p not in final.funded]
        found: list[int | None] = [None] * size
        replay = _Replay(market, final)
        for p, best in replay.best(others).items():
            found[p] = self._part_of_cost(best, p)
        for p in others:
            if p not in self._funded:
                held[p] = int(replay.left(p))
                taken[p] = tuple(
                    Taken(self._ids[other], int(amount)) for other, amount in replay.taken(p) if amount >= 1
                )
        for done, p in enumerate(final.funded, start=1):
            self._progress("effective support", done, len(final.funded))
            rest = Market(self._support, [each for each in candidates if each != p])
            found[p] = self._part_of_cost(_Replay(rest, rest.run(pot)).best([p])[p], p)
        return found, held, taken

    def _part_of_cost(self, amount: int, position: int) -> int | None:
        """Thousandths of a project's cost, rounded down, so that 1000 is enough; of nothing, nothing."""
        return amount * _THOUSANDTHS // self._costs[position] if self._costs[position] else None

    def _forced(self) -> list[int]:
        return [p for p, each in enumerate(self._outcome.projects) if each.reason.code == "forced_in"]

    # --- near misses ----------------------------------------------------------------------------------------------

    def _near_misses(self, support: Sequence[int | None]) -> tuple[dict[int, int], dict[int, int]]:
        """For projects that lost: a cost, and a number of more backers, with which a full count funds them."""
        losers = [
            p for p, each in enumerate(self._outcome.projects)
            if not each.funded and each.reason.code not in {"withdrawn", "forced_out", "excluded_by"}
        ]  # fmt: skip
        if self._given.budget is None:
            return {}, {}
        counts = max(min(_MOST_COUNTS, _COUNTS_BY_SIZE // max(len(self._support.profile.voters), 1)), 2)
        costs, more = {}, {}
        for done, p in enumerate(losers, start=1):
            self._progress("near misses", done, len(losers))
            if self._outcome.projects[p].backers:
                cost = self._largest_cost(p, support[p], counts)
                if cost is not None:
                    costs[p] = cost
            backers = self._fewest_backers(p, support[p], counts)
            if backers is not None:
                more[p] = backers
        return costs, more

    def _largest_cost(self, position: int, support: int | None, counts: int) -> int | None:
        """The largest cost found with which a full count funds a project: first a guess, then halving."""
        low, high = None, self._costs[position]
        guess = high * min(support or 0, _THOUSANDTHS - 1) // _THOUSANDTHS
        left = self._outcome.projects[position].reason.facts.get("left")
        guess = max(guess, left if isinstance(left, int) else 0)
        for _ in range(counts):
            if guess <= 0 or guess >= high or guess == low:
                break
            if self._funded_with_cost(position, guess):
                low = guess
            else:
                high = guess
            guess = ((low or 0) + high) // 2
        return low

    def _funded_with_cost(self, position: int, cost: int) -> bool:
        projects = list(self._given.projects)
        projects[position] = replace(projects[position], cost=cost)
        given = replace(self._often, projects=projects)
        return position in select(self._support.same_ballots(given), Arithmetic.FAST).funded

    def _fewest_backers(self, position: int, support: int | None, counts: int) -> int | None:
        """The fewest additional voters found with whom a full count funds a project."""
        if self._costs[position] > (self._given.budget or 0):
            return None
        low, high = 0, None
        voters = max(self._support.voters, 1)
        short = _THOUSANDTHS - min(support or 0, _THOUSANDTHS - 1)
        guess = max(
            self._costs[position] * short * voters // (_THOUSANDTHS * max(self._given.budget or 1, 1)), 1
        )
        for _ in range(counts):
            if self._funded_with_backers(position, guess):
                high = guess
            else:
                low = guess
            if high is None:
                if low > _FEW_OR_ALL * voters:
                    break
                guess = 2 * low
            elif high - low <= 1:
                break
            else:
                guess = (low + high) // 2
        return high

    def _funded_with_backers(self, position: int, more: int) -> bool:
        packed = self._given.packed
        more_ends = (packed.ends[-1] if len(packed) else 0) + np.arange(1, more + 1)
        ballots = Ballots(
            np.concatenate([packed.listed, np.full(more, position)]), np.concatenate([packed.ends, more_ends])
        )
        points = self._given.given_points
        if points is not None:
            points = [each + more * (p == position) for p, each in enumerate(points)]
        given = replace(self._often, ballots=ballots, given_points=points)
        return position in select(Support(given), Arithmetic.FAST).funded

    # --- robustness -----------------------------------------------------------------------------------------------

    def _resampled(self, resamples: int) -> list[int | None]:
        """How often each project is in when as many ballots are drawn from these, with replacement."""
        seed = hashlib.sha256(f"resample\0{self._given.spec.seed}".encode()).digest()
        chance = np.random.default_rng(int.from_bytes(seed))
        given, voters = self._often, self._support.profile.voters
        wins = [0] * len(self._ids)
        if self._support.voters:
            for done in range(resamples):
                self._progress("resamples", done + 1, resamples)
                drawn = chance.multinomial(self._support.voters, voters / voters.sum())
                for position in select(Support(given, drawn), Arithmetic.FAST).funded:
                    wins[position] += 1
        return list(wins)

    # --- the outcome as a whole -----------------------------------------------------------------------------------

    def overall(
        self, categories: Sequence[str], places: Sequence[str], resamples: int | None
    ) -> OutcomeExplanation:
        given, outcome, support = self._given, self._outcome, self._support
        profile = support.profile
        worth = self._worth(self._funded)
        rival = self._greedy()
        rival_worth = self._worth(rival)
        counts = listed(profile, self._funded)
        best = best_rank(profile, self._funded)
        served = best > 0
        voters = max(support.voters, 1)
        with_something = int(profile.voters[served].sum())
        completed = outcome.completion
        return OutcomeExplanation(
            voters=outcome.voters,
            with_something=outcome.voters_with_something,
            first_choice=outcome.first_choice_funded,
            mean_best_rank=thousandths(
                int((best[served] * profile.voters[served]).sum()), max(with_something, 1)
            ),
            mean_funded=thousandths(int((counts * profile.voters).sum()), voters),
            gini=gini(counts, profile.voters),
            spent=None if not given.budget else thousandths(outcome.spent, given.budget),
            share_raised=None
            if completed is None or not completed.start
            else thousandths(completed.pot, completed.start),
            by_category=self.spending(categories),
            by_place=self.spending(places),
            underserved=self._underserved(worth),
            only_here=tuple(self._ids[p] for p in self._funded if p not in rival),
            only_greedy=tuple(self._ids[p] for p in rival if p not in self._funded),
            greedy_with_something=int(profile.voters[best_rank(profile, rival) > 0].sum()),
            prefer_this=int(profile.voters[worth > rival_worth].sum()),
            prefer_greedy=int(profile.voters[worth < rival_worth].sum()),
            resamples=resamples,
            duels=tuple(map(tuple, support.duels.tolist())),
        )

    def _greedy(self) -> list[int]:
        spec = replace(
            self._given.spec, rule=Rule.GREEDY, completion=Completion.NONE, until=Until.INFEASIBLE,
            share_unit=0, fill=Fill.NONE, comparison=False, part_percent=None, unranked=Unranked.NEVER, skip=True,
        )  # fmt: skip
        other = replace(self._given, spec=spec)
        other.__dict__["profile"] = self._given.profile
        return greedy(Support(other)).funded

    def _worth(self, funded: Sequence[int]) -> NDArray[np.int64]:
        """What the funded projects on each different ballot get."""
        paid = {position: self._costs[position] for position in funded}
        return worths(self._support.profile, paid, projects=len(self._ids))

    def _underserved(self, worth: NDArray[np.int64]) -> tuple[Underserved, ...]:
        """Groups of s voters who all list a project that is out, and could have paid for it with their shares.

        Each of them has less than s * budget / n even with it. EJR+ up to one project forbids this.
        """
        budget, voters = self._given.budget, self._support.voters
        if budget is None:
            return ()
        found = []
        for position in self._support.order:
            reason = self._outcome.projects[position].reason.code
            if position in self._funded or reason in _SET_ASIDE | {"excluded_by"}:
                continue
            who, _ = self._support.listings[position]
            order = np.argsort(worth[who], kind="stable")
            group = np.cumsum(self._support.profile.voters[who][order])
            needed = worth[who][order] + self._costs[position]
            harmed = [
                int(size)
                for size, needs in zip(group.tolist(), needed.tolist(), strict=True)
                if size * budget >= voters * needs
            ]
            if harmed:
                found.append(Underserved(self._ids[position], max(harmed)))
        return tuple(found)

    def spending(self, labels: Sequence[str]) -> tuple[Spending, ...]:
        """Shares of the money and of the wishes by label."""
        if not any(labels):
            return ()
        named = [[part.strip() for part in label.split(",") if part.strip()] or [""] for label in labels]
        names = sorted({name for each in named for name in each})
        weight = np.zeros((len(self._ids) + 1, len(names)))
        for position, each in enumerate(named):
            for name in each:
                weight[position, names.index(name)] += self._costs[position] / len(each)
        wishes = weight[self._support.profile.places].sum(axis=1)
        sums = wishes.sum(axis=1)
        asking = sums > 0
        wishes = (wishes[asking] / sums[asking, None] * self._support.profile.voters[asking, None]).sum(
            axis=0
        )
        spent = weight[self._funded].sum(axis=0)
        return tuple(
            Spending(
                name,
                thousandths(round(float(spent[at])), max(round(float(spent.sum())), 1)),
                round(float(wishes[at]) * _THOUSANDTHS / max(float(wishes.sum()), 1)),
            )
            for at, name in enumerate(names)
        )


def coarse(given: CountInput) -> CountInput:
    """The same count, in which a completion takes larger steps."""
    spec = given.spec
    if spec.completion is not Completion.ADD1 or not given.budget:
        return given
    unit = max(-(-given.budget // (_COARSE_STEPS * max(len(given.ballots), 1))), 1)
    other = replace(given, spec=replace(spec, share_unit=max(unit, spec.share_unit)))
    other.__dict__["profile"] = given.profile
    return other


class _Replay:
    """The purchases of a pass once more, with an eye on those who did not buy."""

    def __init__(self, market: Market, final: Pass) -> None:
        self._market, self._final = market, final
        rankings = len(market.support.profile.voters)
        self._share = final.pot / max(market.support.voters, 1)
        self._payments: list[NDArray[np.float64]] = []
        left = np.full(rankings, self._share)
        for purchase in final.purchases:
            who, _ = market.backers(purchase.position, purchase.rank)
            paid = np.zeros(rankings)
            paid[who] = np.minimum(left[who], float(purchase.price))
            left -= paid
            self._payments.append(paid)
        self._left = left

    def best(self, positions: Sequence[int]) -> dict[int, int]:
        """The most that backers of each project could have paid at any moment, at the price of the moment."""
        most = dict.fromkeys(positions, 0.0)
        left = np.full(len(self._left), self._share)
        at = 0
        for rank in self._market.stages:
            while at < len(self._final.purchases) and self._final.purchases[at].rank == rank:
                bought = self._final.purchases[at]
                per = float(bought.price) / self._market.worth(bought.position)
                for position in positions:
                    who, voters = self._market.backers(position, rank)
                    cap = per * self._market.worth(position)
                    most[position] = max(most[position], float(voters @ np.minimum(left[who], cap)))
                left -= self._payments[at]
                at += 1
            for position in positions:
                who, voters = self._market.backers(position, rank)
                most[position] = max(most[position], float(voters @ left[who]))
        return {position: int(amount) for position, amount in most.items()}

    def left(self, position: int) -> float:
        """What all who list a project have left."""
        who, voters = self._market.support.listings[position]
        return float(voters @ self._left[who])

    def taken(self, position: int) -> list[tuple[int, float]]:
        """What all who list a project paid for others, most first."""
        who, voters = self._market.support.listings[position]
        paid = [
            (purchase.position, float(voters @ payment[who]))
            for purchase, payment in zip(self._final.purchases, self._payments, strict=True)
        ]
        return sorted(paid, key=lambda each: (-round(each[1]), each[0]))


#: Reasons of projects that no rule looks at.
_SET_ASIDE = frozenset({"withdrawn", "forced_in", "forced_out", "no_support", "below_threshold"})
#: Additional backers are not looked for beyond this many times the voters there are.
_FEW_OR_ALL = 4
