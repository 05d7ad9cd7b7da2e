"""Real elections of the Pabulib library: official outcomes come out as decided, and both counts agree."""

import time
from functools import cache
from pathlib import Path

import pytest

from app.tally import CountInput, Fill, Points, Rule, count, recount
from app.tally.outcome import Stake
from app.tally.pabulib import Election, count_input, read
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
    return [
        count_input(file, rule=Rule.GREEDY),
        count_input(file, rule=Rule.GREEDY, skip=False, points=Points.FIXED_K),
        count_input(file, rule=Rule.RANK_MES),
        count_input(file, rule=Rule.RANK_MES, fill=Fill.K_BORDA),
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
        outcome, again = count(given), recount(given)
        assert (outcome.funded, outcome.priority) == (again.funded, again.priority)


@pytest.mark.deep
@pytest.mark.parametrize("path", RANKED, ids=lambda path: path.stem[:60])
def test_the_second_count_agrees_everywhere(path: Path) -> None:
    test_the_second_count_agrees(path)


def test_a_city_is_counted_in_a_moment() -> None:
    """65,101 ballots, 119 projects: about 0.1 s; the rest is patience with a busy computer."""
    path = next(path for path in RANKED if path.stem == "Poland_Krakow_2024")
    given = count_input(election(path), rule=Rule.RANK_MES, fill=Fill.K_BORDA)
    began = time.process_time()
    count(given)
    assert time.process_time() - began < 3


@pytest.mark.deep
def test_a_city_is_counted_again_within_half_a_minute() -> None:
    path = next(path for path in RANKED if path.stem == "Poland_Krakow_2024")
    given = count_input(election(path), rule=Rule.RANK_MES)
    began = time.process_time()
    recount(given)
    assert time.process_time() - began < 30
