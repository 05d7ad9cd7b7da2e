"""Real elections of the Pabulib library: official outcomes come out as decided, and both counts agree."""

from functools import cache
from pathlib import Path

import pabutools.election as pabutools
import pytest
from pabutools.rules import method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule

from app.tally import Completion, CountInput, Fill, Points, Rule, Until, count, recount
from app.tally.compare import METHODS, compare
from app.tally.errors import MalformedInput
from app.tally.outcome import Stake
from app.tally.pabulib import Election, as_file, count_input, read
from tests.conftest import DEEP
from tests.tally.files import needs_real_files, real_files

pytestmark = needs_real_files

RANKED = real_files("ordinal")
#: Two of the middle, and two with ties that decide who wins; `make test-deep` takes all.
A_FEW = [
    path
    for path in RANKED
    if path.stem
    in {
        "Poland_Krakow_2019_Grzegorzki",
        "Poland_Krakow_2022_Czyzyny",
        "Poland_Krakow_2024_Krowodrza",
        "Switzerland_Zurich_S5R",
    }
]
WITHOUT_OUTCOME = (
    "US_Stanford",
    "Switzerland_Zurich",
    "Worldwide_Mechanical",
    "Poland_Krakow_2018",
)


@cache
def election(path: Path) -> Election:
    return read(path.read_bytes())


def decided() -> list[Path]:
    """Ranked files whose officials say who was funded."""
    return [path for path in RANKED if not path.stem.startswith(WITHOUT_OUTCOME)]


def inputs(path: Path) -> list[CountInput]:
    file = election(path)
    add1 = Completion.ADD1
    return [
        count_input(file, rule=Rule.GREEDY),
        count_input(file, rule=Rule.GREEDY, skip=False, points=Points.FIXED_K),
        count_input(file, rule=Rule.SCHULZE),
        count_input(file, rule=Rule.PB_EAR, fill=Fill.K_BORDA),
        count_input(file, rule=Rule.RANK_MES),
        count_input(file, rule=Rule.RANK_MES, completion=add1, fill=Fill.K_BORDA),
        count_input(file, rule=Rule.RANK_MES, completion=add1, until=Until.EXHAUSTIVE),
        count_input(file, rule=Rule.MES, completion=add1, comparison=True),
    ]


def test_there_are_twenty_nine_official_outcomes() -> None:
    assert len(decided()) == 29
    assert [path for path in RANKED if election(path).official] == decided()


@pytest.mark.parametrize("path", decided(), ids=lambda path: path.stem)
def test_greedy_with_own_length_points_is_the_official_outcome(path: Path) -> None:
    file = election(path)
    outcome = count(count_input(file, rule=Rule.GREEDY, points=Points.OWN_LENGTH))
    assert frozenset(outcome.funded) == file.official


@pytest.mark.parametrize("path", RANKED, ids=lambda path: path.stem[:60])
def test_points_and_backers_are_the_stored_ones(path: Path) -> None:
    file = election(path)
    outcome = count(count_input(file, rule=Rule.GREEDY))
    for stored, counted in zip(file.projects, outcome.projects, strict=True):
        assert str(counted.points) == stored.score
        assert counted.backers == stored.votes


@pytest.mark.parametrize("name", ["Poland_Krakow_2022_Czyzyny", "Poland_Krakow_2024_Krowodrza"])
def test_ties_that_decided_are_recorded(name: str) -> None:
    path = next(path for path in RANKED if path.stem == name)
    ties = count(count_input(election(path), rule=Rule.GREEDY)).ties
    assert any(tie.stake is Stake.FUNDING for tie in ties)


@pytest.mark.parametrize("path", A_FEW, ids=lambda path: path.stem)
def test_the_second_count_agrees(path: Path) -> None:
    for given in inputs(path):
        outcome = count(given)
        again = recount(given, outcome.completion)
        assert (outcome.funded, outcome.priority) == (again.funded, again.priority)
        assert again.completion_holds


@pytest.mark.deep
@pytest.mark.parametrize("path", RANKED, ids=lambda path: path.stem[:60])
def test_the_second_count_agrees_everywhere(path: Path) -> None:
    test_the_second_count_agrees(path)


#: Another outcome than the rule that META names: a threshold of a tenth of the voters, or a correction by hand.
KNOWN_MISS = "Poland_Warszawa_2018_Las"


@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.stem[:60])
def test_every_official_outcome_is_reproduced_as_its_file_says(path: Path) -> None:
    file = election(path)
    if file.meta["rule"] == "unknown":
        with pytest.raises(MalformedInput, match="--rule"):
            as_file(file)
        return
    outcome = count(as_file(file))
    full = {each.id for each in outcome.projects if each.funded and each.paid == each.cost}
    in_part = {each.id for each in outcome.projects if each.funded and each.paid < each.cost}
    if file.official is None:
        assert full
        return
    assert (full == file.official) == (path.stem != KNOWN_MISS)
    assert in_part == {each.id for each in file.projects if each.selected == 2}


#: Of the others, one in three; `make test-deep` takes all. Many voters, or many projects and small steps, take long.
TAKE_LONG = {"Poland_Krakow_2024", "France_Toulouse_2022", "Poland_Poznan_2026_large"}
SAMPLE = [path for path in real_files() if path.stem not in TAKE_LONG][::3]


@pytest.mark.parametrize("path", real_files() if DEEP else SAMPLE, ids=lambda path: path.stem[:60])
def test_every_file_is_counted_by_every_rule_that_it_allows(path: Path) -> None:
    figures = list(compare(election(path)))
    ranked = election(path).vote_type in {"ordinal", "choose-1"}
    assert [each.method for each in figures] == [
        name for name, _ in METHODS if ranked or name in {"greedy", "mes + add1", "mes + add1u"}
    ]
    assert all(0 < each.spent <= 1000 and each.projects for each in figures)


@pytest.mark.deep
def test_the_default_leaves_few_with_nothing() -> None:
    """The goals on Kraków's elections: at most 5.2 % with nothing, at least 95.5 % spent, nobody passed over."""
    default = METHODS[7]
    assert default[0] == "rank-mes + add1 + fill"
    krakow = [path for path in RANKED if path.stem.startswith("Poland_Krakow")]
    figures = [next(each for each in compare(election(path)) if each.method == default[0]) for path in krakow]
    assert len(figures) == 32
    assert sum(each.nothing for each in figures) <= 52 * 32
    assert sum(each.spent for each in figures) >= 955 * 32
    assert sum(each.underserved for each in figures) == 0


@pytest.mark.parametrize(
    "path",
    [path for path in RANKED if path.stat().st_size < 600_000],
    ids=lambda path: path.stem[:60],
)
def test_equal_shares_for_approvals_is_what_pabutools_finds(path: Path) -> None:
    """In exact numbers, with the same order of ties; an outside oracle, never part of the product."""
    file = election(path)
    outcome = count(count_input(file, rule=Rule.MES))
    projects = [pabutools.Project(each.id, each.cost) for each in file.projects]
    instance = pabutools.Instance(projects, budget_limit=file.budget)
    ballots = [pabutools.ApprovalBallot([projects[at] for at in ballot]) for ballot in file.ballots]
    backers = {each.id: each.backers for each in outcome.projects}
    rows = {each.id: at for at, each in enumerate(file.projects)}
    ties = TieBreakingRule(lambda _, __, each: (each.cost, -backers[each.name], rows[each.name]))
    profile = pabutools.ApprovalProfile(ballots, instance=instance).as_multiprofile()
    found = method_of_equal_shares(instance, profile, sat_class=pabutools.Cost_Sat, tie_breaking=ties)
    assert [each.name for each in found] == list(outcome.funded)


@pytest.mark.parametrize("path", A_FEW, ids=lambda path: path.stem)
def test_jumping_over_shares_misses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = count_input(election(path), rule=Rule.RANK_MES, completion=Completion.ADD1)
    jumped = count(given)
    monkeypatch.setattr("app.tally.completion._FEW_STEPS", 10**12)
    assert count(given).to_json() == jumped.to_json()
