"""What the same ballots would have come to by other rules, and who has something: said beside a result, never in it.

The other rules keep the round's points, places, threshold, ties and seed, its groups and what was decided before the
vote; they differ in how projects are chosen. They are counted in floating point, in which near-ties are resolved
exactly; elections with more than `explain.LARGE` different ballots raise shares by coarser steps.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.tally.arithmetic import Arithmetic
from app.tally.counting import count
from app.tally.explain import LARGE, Progress, coarse, silent
from app.tally.explanation import THIS, Group, Rival
from app.tally.figures import best_rank, first_choices, gini, listed, thousandths, worths
from app.tally.model import LISTING, Completion, CountInput, Fill, Rule, RuleSpec, Unranked, Until
from app.tally.outcome import Outcome

_PLAIN: Mapping[str, Any] = {
    "skip": True, "completion": Completion.NONE, "until": Until.INFEASIBLE, "share_unit": 0, "fill": Fill.NONE,
    "comparison": False, "part_percent": None, "unranked": Unranked.NEVER,
}  # fmt: skip
_ADD1, _FILL = {"completion": Completion.ADD1}, {"fill": Fill.K_BORDA}

#: What is counted beside a result, by the name it bears.
RIVALS: Mapping[str, Mapping[str, Any]] = {
    "greedy": {"rule": Rule.GREEDY},
    "schulze": {"rule": Rule.SCHULZE},
    "rank-mes": {"rule": Rule.RANK_MES},
    "rank-mes+fill": {"rule": Rule.RANK_MES, **_FILL},
    "rank-mes+add1": {"rule": Rule.RANK_MES, **_ADD1},
    "rank-mes+add1+fill": {"rule": Rule.RANK_MES, **_ADD1, **_FILL},
    "mes+add1+fill": {"rule": Rule.MES, **_ADD1, **_FILL},
    "pb-ear+fill": {"rule": Rule.PB_EAR, **_FILL},
}


def rivals(given: CountInput, outcome: Outcome, *, progress: Progress = silent) -> Iterator[Rival]:
    """The outcome itself, and then those of the other rules that such a round can be counted by."""
    yield _figures(THIS, given, outcome, beside=outcome)
    specs = {name: spec for name, spec in _specs(given.spec).items() if _possible(given, spec)}
    for done, (name, spec) in enumerate(specs.items(), start=1):
        progress("rivals", done, len(specs))
        other = replace(given, spec=spec)
        other.__dict__["profile"] = given.profile  # the same ballots need not be sorted again
        if len(given.profile.voters) > LARGE:
            other = coarse(other)
        yield _figures(name, given, count(other, Arithmetic.FAST), beside=outcome)


def groups(given: CountInput, outcome: Outcome, labels: Sequence[str]) -> tuple[Group, ...]:
    """Voters by the label of their first choice, the largest group first; ``labels`` has one for each project."""
    profile = given.profile
    funded = [at for at, each in enumerate(outcome.projects) if each.funded]
    first, served = first_choices(profile), best_rank(profile, funded)
    voters, in_first, with_any = Counter[str](), Counter[str](), Counter[str]()
    for choice, rank, many in zip(first.tolist(), served.tolist(), profile.voters.tolist(), strict=True):
        name = labels[choice] if choice >= 0 else ""
        voters[name] += many
        in_first[name] += many if rank == 1 else 0
        with_any[name] += many if rank > 0 else 0
    order = sorted(voters, key=lambda name: (-voters[name], name))
    return tuple(Group(name, voters[name], in_first[name], with_any[name]) for name in order)


def _specs(own: RuleSpec) -> dict[str, RuleSpec]:
    """The other rules with what they share with the round's own, which is not among them."""
    made = {name: replace(own, **{**_PLAIN, **changes}) for name, changes in RIVALS.items()}
    return {name: spec for name, spec in made.items() if spec != own}


def _possible(given: CountInput, spec: RuleSpec) -> bool:
    """Whether a round can be counted by a rule: those that divide the money need some."""
    return given.budget is not None or spec.rule in LISTING


def _figures(name: str, given: CountInput, found: Outcome, *, beside: Outcome) -> Rival:
    profile, size = given.profile, len(given.projects)
    funded = [at for at, each in enumerate(found.projects) if each.funded]
    counts, best = listed(profile, funded), best_rank(profile, funded)
    voters = profile.voters
    worth, other = (
        worths(profile, {at: each.paid for at, each in enumerate(one.projects) if each.funded}, projects=size)
        for one in (beside, found)
    )
    served = best > 0
    return Rival(
        method=name,
        funded=found.priority,
        gained=tuple(each for each in found.priority if each not in beside.funded),
        lost=tuple(each for each in beside.priority if each not in found.funded),
        spent=found.spent,
        with_something=found.voters_with_something,
        first_choice=found.first_choice_funded,
        mean_funded=thousandths(int((counts * voters).sum()), max(found.voters, 1)),
        mean_best_rank=thousandths(
            int((best[served] * voters[served]).sum()), max(int(voters[served].sum()), 1)
        ),
        gini=gini(counts, voters),
        prefer_this=int(voters[worth > other].sum()),
        prefer_other=int(voters[worth < other].sum()),
    )
