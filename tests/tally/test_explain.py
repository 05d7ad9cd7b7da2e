"""How close projects came, and who has what: worked by hand, and true of random elections."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tally import Completion, CountInput, Points, Project, Rule, RuleSpec, count, recount
from app.tally.explain import explain, overall, spending
from app.tally.explanation import Explanation
from app.tally.pabulib import count_input, read
from app.tally.words import explanation_lines
from tests.tally.files import needs_real_files, real_files
from tests.tally.strategies import SOME, inputs

SPEC = RuleSpec(Rule.RANK_MES, Points.FIXED_K, max_rank=3, seed="s")


def election(
    costs: Sequence[int], budget: int, *ballots: tuple[int, ...], rule: RuleSpec = SPEC
) -> CountInput:
    projects = tuple(Project(chr(97 + at), cost) for at, cost in enumerate(costs))
    return CountInput(projects, ballots, budget, rule)


def explained(given: CountInput, **settings: object) -> Explanation:
    return explain(given, count(given), resamples=0, **settings)  # type: ignore[arg-type]


class TestByHand:
    #: Ten voters with 10 each: six share a (30), then have 5 left each; four cannot pay for b (50).
    GIVEN = election((30, 50), 100, *[(0, 1)] * 6, *[(1,)] * 4)

    def test_what_backers_could_have_paid_and_where_their_money_went(self) -> None:
        # b's first choices have 40; with the second choices 40 + 6 * 5 = 70 pays 50
        assert count(self.GIVEN).funded == ("a", "b")
        short = election((30, 80), 100, *[(0, 1)] * 6, *[(1,)] * 4)
        loser = explained(short).projects["b"]
        assert loser.effective_support == 875  # 70 of 80
        assert loser.held == 70
        assert [(each.project, each.amount) for each in loser.taken] == [("a", 30)]
        assert loser.funded_at == 70
        winner = explained(short).projects["a"]
        assert (winner.effective_support, winner.held, winner.funded_at) == (2000, None, None)

    def test_how_many_more_backers(self) -> None:
        short = election((30, 80), 100, *[(0, 1)] * 6, *[(1,)] * 4)
        more = explained(short).projects["b"].more_backers
        assert more is not None
        for voters, funded in ((more, True), (more - 1, False)):
            again = replace(short, ballots=(*short.ballots, *[(1,)] * voters))
            assert ("b" in count(again).funded) is funded

    def test_duels(self) -> None:
        of = explained(self.GIVEN).projects
        assert (of["a"].wins, of["a"].losses, of["b"].wins, of["b"].losses) == (1, 0, 0, 1)

    def test_the_outcome_as_a_whole(self) -> None:
        short = election((30, 80), 100, *[(0, 1)] * 6, *[(1,)] * 4)
        about = overall(short, count(short), categories=["light", "light, garden"], places=["north", "south"])
        assert (about.voters, about.with_something, about.first_choice) == (10, 6, 6)
        assert (about.mean_best_rank, about.mean_funded, about.spent) == (1000, 600, 300)
        assert about.gini == 400  # six have one, four have none: 2 * 6 * 4 / (2 * 10 * 6)
        assert about.only_here == ("a",)
        assert about.only_greedy == ("b",)
        assert (about.greedy_with_something, about.prefer_this, about.prefer_greedy) == (10, 0, 10)
        assert [(each.name, each.spent, each.wished) for each in about.by_place] == [
            ("north", 1000, 164),
            ("south", 0, 836),
        ]
        assert [each.name for each in about.by_category] == ["garden", "light"]

    def test_wishes_by_labels_of_any_kind(self) -> None:
        short = election((30, 80), 100, *[(0, 1)] * 6, *[(1,)] * 4)
        shares = spending(short, count(short), ["works", "activity"])
        assert [(each.name, each.spent, each.wished) for each in shares] == [
            ("activity", 0, 836), ("works", 1000, 164),
        ]  # fmt: skip
        assert spending(short, count(short), ["", ""]) == ()

    def test_a_group_that_could_have_paid_is_named(self) -> None:
        """By points, the sixty take all; the forty could have paid for x with their shares."""
        greedy = replace(SPEC, rule=Rule.GREEDY, points=Points.OWN_LENGTH)
        given = election((50, 50, 40), 100, *[(0, 1)] * 60, *[(2,)] * 40, rule=greedy)
        assert count(given).funded == ("a", "b")
        about = overall(given, count(given))
        assert [(each.project, each.voters) for each in about.underserved] == [("c", 40)]
        fair = replace(given, spec=replace(SPEC, completion=Completion.ADD1))
        assert overall(fair, count(fair)).underserved == ()

    def test_resamples_come_from_the_seed(self) -> None:
        close = election((60, 60), 100, *[(0,)] * 26, *[(1,)] * 24)
        wins = [
            explain(
                replace(close, spec=replace(SPEC, fill=close.spec.fill, seed=seed)),
                count(close),
                resamples=40,
            )
            for seed in ("s", "s", "t")
        ]
        said = [[each.projects[name].wins_in for name in "ab"] for each in wins]
        assert said[0] == said[1]
        assert wins[0].outcome.resamples == 40
        greedy = replace(close, spec=replace(SPEC, rule=Rule.GREEDY))
        sure = explain(greedy, count(greedy), resamples=60).projects
        assert 30 < (sure["a"].wins_in or 0) < 60
        assert (sure["a"].wins_in or 0) + (sure["b"].wins_in or 0) == 60

    def test_progress_is_told(self) -> None:
        seen: list[tuple[str, int, int]] = []
        explain(self.GIVEN, count(self.GIVEN), resamples=3, progress=lambda *each: seen.append(each))
        assert [each for each in seen if each[0] == "resamples"] == [("resamples", at, 3) for at in (1, 2, 3)]


@settings(max_examples=SOME, deadline=None)
@given(inputs(), st.integers(0, 2))
def test_what_is_said_is_true(election: CountInput, resamples: int) -> None:
    outcome = count(election)
    found = explain(election, outcome, resamples=resamples)
    assert Explanation.from_dict(found.to_dict()) == found
    for position, project in enumerate(election.projects):
        about = found.projects[project.id]
        if about.funded_at is not None:
            assert about.funded_at < project.cost
            cheaper = list(election.projects)
            cheaper[position] = replace(project, cost=about.funded_at)
            assert project.id in count(replace(election, projects=tuple(cheaper))).funded
        if about.more_backers is not None:
            more = (*election.ballots, *[(position,)] * about.more_backers)
            assert project.id in count(replace(election, ballots=more)).funded
        if about.effective_support is not None and about.funded:
            bought = outcome.projects[position].reason.code
            assert about.effective_support >= 1000 or bought == "filled_by_points" or outcome.comparison
        for language in ("zh-CN", "en"):
            for line in explanation_lines(about, language, str, resamples=found.outcome.resamples):
                assert line.strip()
    assert explanation_lines(found.outcome, "en", str)


@needs_real_files
@pytest.mark.parametrize("name", ["Poland_Krakow_2019_Bienczyce", "US_Stanford_Dataset_PB_Chicago"])
def test_real_elections_are_explained(name: str) -> None:
    file = read(next(path for path in real_files("ordinal") if path.stem.startswith(name)).read_bytes())
    given = count_input(file, rule=Rule.RANK_MES, completion=Completion.ADD1)
    outcome = count(given)
    found = explain(given, outcome, categories=[each.category for each in file.projects], resamples=5)
    assert found.outcome.underserved == ()
    assert any(each.funded_at for each in found.projects.values())
    assert sum(each.spent for each in found.outcome.by_category) in range(995, 1006) or not any(
        each.category for each in file.projects
    )
    assert recount(given, outcome.completion).completion_holds
