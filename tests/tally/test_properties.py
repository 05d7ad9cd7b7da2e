"""What must hold of every count, on random elections."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.tally import (
    Arithmetic,
    Completion,
    CountInput,
    Fill,
    Forced,
    Outcome,
    Points,
    Priority,
    Project,
    Rule,
    RuleSpec,
    TieOrder,
    Until,
    count,
    recount,
)
from app.tally.model import SHARING
from app.tally.outcome import Decision, Stake
from tests.tally.strategies import MANY, SOME, inputs

#: As many steps of a completion the second count tries one by one.
FEW_STEPS = 1_000
BUDGETED = inputs(budget=True)
EQUAL_SHARES = inputs(rules=[Rule.RANK_MES, Rule.MES])


@settings(max_examples=MANY)
@given(inputs())
def test_the_second_count_agrees(election: CountInput) -> None:
    outcome = count(election)
    raised = outcome.completion
    few = raised is None or (raised.pot - raised.start) // raised.step < FEW_STEPS
    for again in [recount(election, raised), *([recount(election)] if few else [])]:
        assert outcome.funded == again.funded
        assert outcome.priority == again.priority
        assert again.completion_holds


@settings(max_examples=MANY)
@given(inputs(rules=sorted(SHARING), budget=True))
def test_exact_and_fast_numbers_come_to_the_same(election: CountInput) -> None:
    fast = count(election, Arithmetic.FAST)
    exact = count(election, Arithmetic.EXACT)
    assert fast.funded == exact.funded
    assert exact.to_json() == count(election).to_json()


@settings(max_examples=MANY)
@given(inputs())
def test_an_outcome_adds_up(election: CountInput) -> None:
    outcome = count(election)
    costs = {project.id: project.cost for project in election.projects}
    assert outcome.spent == sum(each.paid for each in outcome.projects)
    assert (
        all(each.paid == each.cost for each in outcome.projects if each.funded) or election.spec.part_percent
    )
    if outcome.budget is not None:
        assert outcome.spent <= outcome.budget
        assert outcome.leftover == outcome.budget - outcome.spent
    else:
        assert outcome.leftover is None
    assert Counter(outcome.priority) == Counter(outcome.funded)
    assert Counter([*outcome.priority, *outcome.reserve]) == Counter(list(costs))
    places = sorted(outcome.projects, key=lambda project: project.place)
    assert tuple(each.id for each in places) == (*outcome.priority, *outcome.reserve)
    assert [each.place for each in places] == list(range(1, len(costs) + 1))
    assert {each.id for each in outcome.projects if each.funded} == set(outcome.funded)
    assert not {each.id for each in election.projects if each.withdrawn} & set(outcome.funded)
    forced = {each.id: each.forced for each in election.projects if each.forced}
    assert all(
        (each.id in outcome.funded) == (forced[each.id] is Forced.IN)
        for each in outcome.projects
        if each.id in forced
    )
    assert all(each.backers for each in outcome.projects if each.funded and each.id not in forced)
    groups = [each.group for each in election.projects if each.group and each.id in outcome.funded]
    assert len(set(groups)) == len(groups)


@settings(max_examples=MANY)
@given(inputs(), st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_changes_nothing(election: CountInput, random: Random) -> None:
    shuffled = list(election.ballots)
    random.shuffle(shuffled)
    assert count(replace(election, ballots=tuple(shuffled))).to_json() == count(election).to_json()


@settings(max_examples=MANY)
@given(inputs(), st.data())
def test_the_order_of_the_list_changes_nothing_where_it_settles_no_tie(
    election: CountInput, data: st.DataObject
) -> None:
    spec = replace(election.spec, ties=TieOrder.COST_BACKERS_LOT)
    order = data.draw(st.permutations(range(len(election.projects))))
    moved = {old: new for new, old in enumerate(order)}
    other = CountInput(
        tuple(election.projects[old] for old in order),
        tuple(tuple(moved[each] for each in ballot) for ballot in election.ballots),
        election.budget,
        spec,
    )
    one, two = count(replace(election, spec=spec)), count(other)
    assert (one.funded, one.priority, one.reserve) == (two.funded, two.priority, two.reserve)
    assert (one.steps, one.ties, one.prefixes) == (two.steps, two.ties, two.prefixes)


@settings(max_examples=MANY)
@given(inputs())
def test_the_names_of_the_projects_change_nothing_where_no_lot_is_drawn(election: CountInput) -> None:
    spec = replace(election.spec, ties=TieOrder.COST_BACKERS_ROW)
    names = {project.id: f"项目 {project.id}" for project in election.projects}
    renamed = tuple(replace(project, id=names[project.id]) for project in election.projects)
    one = count(replace(election, spec=spec))
    two = count(replace(election, projects=renamed, spec=spec))
    assert tuple(names[each] for each in one.funded) == two.funded
    assert tuple(names[each] for each in one.priority) == two.priority
    assert [tuple(names[each] for each in tie.between) for tie in one.ties] == [
        tie.between for tie in two.ties
    ]


@settings(max_examples=SOME)
@given(inputs(rules=[Rule.GREEDY]))
def test_an_empty_ballot_changes_nothing_under_greedy(election: CountInput) -> None:
    one, two = count(election), count(replace(election, ballots=(*election.ballots, ())))
    assert (one.projects, one.steps, one.ties) == (two.projects, two.steps, two.ties)
    assert two.voters == one.voters + 1


@settings(max_examples=SOME)
@given(EQUAL_SHARES, st.integers(1, 5))
def test_an_empty_ballot_takes_its_share_along_under_equal_shares_and_nothing_else(
    election: CountInput, empty: int
) -> None:
    """With the same share for everybody, voters who back nothing make no difference to what backers buy."""
    projects = tuple(replace(project, forced=None) for project in election.projects)
    election = replace(election, projects=projects)
    voters = len(election.ballots)
    share = (election.budget or 0) + 1
    spec = replace(
        election.spec, fill=Fill.NONE, part_percent=None, completion=Completion.NONE, until=Until.INFEASIBLE,
        share_unit=0, comparison=False,
    )  # fmt: skip
    one = replace(election, budget=share * voters, spec=spec)
    two = replace(one, ballots=(*election.ballots, *[()] * empty), budget=share * (voters + empty))
    assert count(one).funded == count(two).funded


@settings(max_examples=SOME)
@given(inputs())
def test_the_outcome_is_plain_data(election: CountInput) -> None:
    outcome = count(election)
    assert json.loads(outcome.to_json()) == outcome.to_dict()
    assert count(election).to_json() == outcome.to_json()


class TestExplanation:
    @settings(max_examples=MANY)
    @given(inputs())
    def test_the_steps_replay_to_the_outcome(self, election: CountInput) -> None:
        outcome = count(election)
        costs = {project.id: project.paid for project in outcome.projects}
        money = outcome.budget
        funded = []
        for step in outcome.steps:
            assert step.money_before == money
            if step.decision is Decision.FUNDED:
                money = None if money is None else money - costs[step.project]
                assert money is None or money >= 0
                funded.append(step.project)
            assert step.money_after == money
        assert tuple(funded) == outcome.funded
        assert money == outcome.leftover
        assert Counter(step.project for step in outcome.steps) == Counter(list(costs))
        assert {each.id: each.paid for each in outcome.projects if not each.funded} == {
            each.id: 0 for each in outcome.projects if not each.funded
        }

    @settings(max_examples=SOME)
    @given(inputs())
    def test_every_reason_is_true(self, election: CountInput) -> None:
        outcome = count(election)
        steps = {step.project: step for step in outcome.steps}
        for each in outcome.projects:
            facts, step = each.reason.facts, steps[each.id]
            assert step.facts == {"because": each.reason.code, **facts}
            match each.reason.code:
                case "no_support":
                    assert each.backers == 0
                case "below_threshold":
                    assert each.points < (election.spec.threshold or 0)
                case "does_not_fit" | "leftover_too_small":
                    assert facts["left"] == step.money_before
                    assert facts["missing"] == each.cost - (step.money_before or 0) > 0
                case "stopped_after":
                    assert steps[str(facts["after"])].decision is Decision.ENDED
                case "backers_out_of_money":
                    assert facts["missing"] == each.cost - int(str(facts["had"])) > 0

    @settings(max_examples=MANY)
    @given(EQUAL_SHARES)
    def test_the_payments_of_equal_shares_replay(self, election: CountInput) -> None:
        """Every purchase is paid in full by its backers, equally or with all they have, and nobody overdraws."""
        outcome = count(election)
        position = {project.id: number for number, project in enumerate(election.projects)}
        pot = (election.budget or 0) - sum(p.cost for p in election.projects if p.forced is Forced.IN)
        if outcome.completion is not None:
            pot = outcome.completion.pot
        purses = [Fraction(pot, max(len(election.ballots), 1))] * len(election.ballots)
        rank = 1
        for step in outcome.steps:
            if step.facts["because"] not in {"funded_by_backers", "funded_by_first_choices"}:
                continue
            assert int(str(step.facts["rank"])) >= rank
            rank, price = int(str(step.facts["rank"])), Fraction(str(step.facts["price"]))
            project = position[step.project]
            who = [voter for voter, ballot in enumerate(election.ballots) if project in ballot[:rank]]
            payments = [min(purses[voter], price) for voter in who]
            assert sum(payments) == election.projects[project].cost
            assert len(who) == step.facts["backers"]
            assert price <= int(str(step.facts["each"])) < price + 1
            for voter, payment in zip(who, payments, strict=True):
                purses[voter] -= payment

    @settings(max_examples=SOME)
    @given(inputs())
    def test_the_table_of_prefixes_counts_voters(self, election: CountInput) -> None:
        outcome = count(election)
        position = {project.id: number for number, project in enumerate(election.projects)}
        assert tuple(prefix.project for prefix in outcome.prefixes) == outcome.priority
        for number, prefix in enumerate(outcome.prefixes, start=1):
            built = {position[each] for each in outcome.priority[:number]}
            assert prefix.spent == sum(outcome.projects[each].paid for each in built)
            assert prefix.voters_served == sum(bool(built & set(ballot)) for ballot in election.ballots)
        built = {position[each] for each in outcome.funded}
        assert outcome.voters_with_something == sum(bool(built & set(ballot)) for ballot in election.ballots)
        assert outcome.first_choice_funded == sum(ballot[0] in built for ballot in election.ballots if ballot)


def outcomes_by_row_order(election: CountInput) -> list[Outcome]:
    """What comes out for every order of the list."""
    found = []
    for order in itertools.permutations(range(len(election.projects))):
        moved = {old: new for new, old in enumerate(order)}
        ballots = tuple(tuple(moved[each] for each in ballot) for ballot in election.ballots)
        projects = tuple(election.projects[old] for old in order)
        found.append(count(replace(election, projects=projects, ballots=ballots)))
    return found


class TestTies:
    @settings(max_examples=SOME)
    @given(inputs(rules=[Rule.GREEDY], most_projects=4))
    def test_a_tie_for_the_money_is_recorded_exactly_when_another_order_funds_others(
        self, election: CountInput
    ) -> None:
        election = replace(election, spec=replace(election.spec, ties=TieOrder.ROW))
        decided = any(tie.stake is Stake.FUNDING for tie in count(election).ties)
        assert decided == (len({frozenset(each.funded) for each in outcomes_by_row_order(election)}) > 1)

    @settings(max_examples=SOME)
    @given(inputs(rules=[Rule.GREEDY], most_projects=4))
    def test_a_published_order_without_ties_is_the_only_one(self, election: CountInput) -> None:
        election = replace(election, spec=replace(election.spec, ties=TieOrder.ROW))
        orders = {
            (each.priority, tuple(p for p in each.reserve if ranked(election, p)))
            for each in outcomes_by_row_order(election)
        }
        assert bool(count(election).ties) == (len(orders) > 1)

    @settings(max_examples=SOME)
    @given(inputs(rules=[Rule.RANK_MES], most_projects=4))
    def test_equal_shares_without_ties_has_one_outcome(self, election: CountInput) -> None:
        spec = replace(election.spec, ties=TieOrder.ROW, priority=Priority.PURCHASE)
        spec = replace(spec, completion=Completion.NONE, until=Until.INFEASIBLE, share_unit=0)
        election = replace(election, spec=spec)
        if not count(election).ties:
            assert len({each.funded for each in outcomes_by_row_order(election)}) == 1


def ranked(election: CountInput, project_id: str) -> bool:
    """Whether a project is in the running at all."""
    project: Project = next(each for each in election.projects if each.id == project_id)
    position = election.projects.index(project)
    return not project.withdrawn and any(position in ballot for ballot in election.ballots)


@settings(max_examples=MANY)
@given(inputs(rules=[Rule.RANK_MES, Rule.PB_EAR], plain=True))
def test_a_group_that_agrees_gets_its_part(election: CountInput) -> None:
    """Inclusion-PSC (Aziz and Lee, arXiv 1911.00864), for rankings that may leave projects out.

    Voters who put the same set of projects first, in whatever order, own their shares together. No project of the set
    is left out that this money could still buy beside what was bought of the set. Completion and fill only add to it.
    """
    assert not left_out(replace(election, spec=replace(election.spec, threshold=None)))


def test_the_check_of_groups_finds_what_greedy_leaves_out() -> None:
    """Of a bloc of six tenths and a group of four tenths, greedy serves the bloc alone."""
    projects = (Project("a", 50), Project("b", 50), Project("c", 40))
    spec = RuleSpec(Rule.GREEDY, Points.OWN_LENGTH, max_rank=2)
    election = CountInput(projects, ((0, 1),) * 6 + ((2,),) * 4, 100, spec)
    assert left_out(election) == [frozenset({2})]
    assert not left_out(replace(election, spec=replace(spec, rule=Rule.RANK_MES)))


def left_out(election: CountInput) -> list[frozenset[int]]:
    """Sets of projects that a group put first and could have bought more of, by brute force."""
    outcome = count(election)
    cost = {number: project.cost for number, project in enumerate(election.projects) if not project.withdrawn}
    funded = {number for number in cost if election.projects[number].id in outcome.funded}
    agreeing: Counter[frozenset[int]] = Counter()
    for ballot in election.ballots:
        for rank in range(1, len(ballot) + 1):
            agreeing[frozenset(ballot[:rank])] += 1
    start = election.budget or 0
    if outcome.completion is not None:
        start = min(start, outcome.completion.start)
    found = []
    for wanted, voters in agreeing.items():
        money = Fraction(start * voters, len(election.ballots))
        spent = sum(cost[each] for each in wanted & funded)
        if any(spent + cost[each] <= money for each in wanted & set(cost) - funded):
            found.append(wanted)
    return found
