"""Writing `.pb` files: what is read is written again, and nothing written can be read as something else."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tally import Fill, Points, Rule, count
from app.tally.errors import MalformedInput, NotRanked
from app.tally.pabulib import (
    Election,
    FileProject,
    OutFile,
    OutProject,
    VoteType,
    count_input,
    counted,
    read,
    write,
    write_election,
)
from app.tally.pabulib.election import POINT_TYPES
from tests.tally.files import a_file, needs_real_files, real_files
from tests.tally.strategies import SOME

NASTY = st.text(alphabet=st.sampled_from(list('a;,"\n\r\t 城\u2028=META')), max_size=8).map(str.strip)
IDS = NASTY.filter(lambda text: bool(text) and "," not in text)


@st.composite
def elections(draw: st.DrawFn, types: st.SearchStrategy[VoteType] = st.sampled_from(VoteType)) -> Election:  # noqa: B008
    ids = draw(st.lists(IDS, max_size=4, unique=True))
    scale = draw(st.integers(0, 3)) if ids else 0
    vote_type = draw(types)
    rankings = st.lists(st.sampled_from(range(len(ids))), unique=True) if ids else st.just([])
    if vote_type is VoteType.CHOOSE_1:
        rankings = rankings.map(lambda ballot: ballot[:1]).filter(bool)
    no_ballots = vote_type is VoteType.CHOOSE_1 and not ids
    ballots = tuple(tuple(each) for each in draw(st.lists(rankings, max_size=0 if no_ballots else 5)))
    given_points = st.integers(0, 99).map(lambda number: Decimal(number) / 4)
    projects = tuple(
        FileProject(
            id=each,
            # an odd first cost uses the last decimal, so that the scale is the one read again
            cost=draw(st.integers(1, 10**6)) * 2 - 1 if number == 0 else draw(st.integers(1, 10**6)),
            name=draw(NASTY) or each,
            category=draw(NASTY),
            selected=draw(st.none() | st.integers(0, 3)),
            votes=draw(st.none() | st.integers(0, 99)),
            score=draw(st.none() | st.just("12")),
        )
        for number, each in enumerate(ids)
    )
    if scale and projects[0].cost % 10 == 5:
        projects = (replace(projects[0], cost=projects[0].cost + 2), *projects[1:])
    return Election(
        meta={
            "description": draw(NASTY),
            "num_projects": str(len(ids)),
            "num_votes": str(len(ballots)),
            "budget": "1000",
            "vote_type": vote_type.value,
        },
        projects=projects,
        ballots=ballots,
        voter_ids=draw(st.lists(IDS, min_size=len(ballots), max_size=len(ballots), unique=True)),
        points=tuple(tuple(draw(given_points) for _ in ballot) for ballot in ballots)
        if vote_type in POINT_TYPES
        else (),
        budget=1000 * 10**scale,
        scale=scale,
        vote_type=vote_type,
    )


@settings(max_examples=SOME * 3)
@given(elections())
def test_what_is_written_is_read_again(election: Election) -> None:
    again = read(write_election(election))
    assert replace(again, voter_ids=list(again.voter_ids)) == election
    assert again.warnings == ()


@needs_real_files
@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.stem[:60])
def test_real_files_are_written_and_read_again(path: Path) -> None:
    election = read(path.read_bytes())
    text = write_election(election)
    assert read(text) == election
    assert write_election(read(text)) == text


@settings(max_examples=SOME)
@given(elections(st.just(VoteType.ORDINAL)), st.booleans(), st.integers(0, 9) | st.none())
def test_a_counted_file_counts_the_same_again(election: Election, skip: bool, threshold: int | None) -> None:  # noqa: FBT001
    outcome = count(count_input(election, rule=Rule.GREEDY, skip=skip, threshold=threshold))
    result = read(write_election(counted(election, outcome)))
    assert [each.id for each in result.projects] == [*outcome.priority, *outcome.reserve]
    assert result.official == frozenset(outcome.funded) or not outcome.projects
    again = count(count_input(result, rule=Rule.GREEDY, skip=skip, threshold=threshold))
    assert again.funded == outcome.funded
    points = {each.id: (str(each.points), each.backers) for each in outcome.projects}
    assert {each.id: (each.score, each.votes) for each in result.projects} == points


class TestCounted:
    @pytest.mark.parametrize(
        ("settings_of_the_rule", "name"),
        [
            ({}, "greedy"),
            ({"skip": False}, "greedy-no-skip"),
            ({"threshold": 2}, "greedy-threshold"),
            ({"threshold": 2, "skip": False}, "unknown"),
            ({"points": Points.FIXED_K}, "unknown"),
            ({"rule": Rule.RANK_MES, "fill": Fill.K_BORDA}, "unknown"),
        ],
        ids=str,
    )
    def test_the_rule_by_its_name_in_pabulib(self, settings_of_the_rule: dict[str, Any], name: str) -> None:
        election = read(a_file({"comment": "#1: a demo."}))
        chosen: dict[str, Any] = {"rule": Rule.GREEDY} | settings_of_the_rule
        result = counted(election, count(count_input(election, **chosen)))
        assert result.meta["rule"] == name
        assert result.meta["comment"].startswith("#1: a demo. #2: counted by ")

    def test_the_comment_says_rule_and_ties(self) -> None:
        election = read(a_file())
        result = counted(election, count(count_input(election, rule=Rule.RANK_MES)))
        assert result.meta["comment"] == (
            "#1: counted by rank-mes version 2: completion none; fill none; max_rank 2; points own-length; "
            "priority support; ties cost-backers-row"
        )

    def test_ballots_that_are_no_rankings_are_not_counted(self) -> None:
        election = read(a_file({"vote_type": "approval"}))
        asked: list[dict[str, Any]] = [
            {"rule": Rule.SCHULZE},
            {"rule": Rule.GREEDY, "points": Points.FIXED_K},
        ]
        for chosen in asked:
            with pytest.raises(NotRanked, match="approval"):
                count_input(election, **chosen)
        with pytest.raises(MalformedInput, match="points"):
            count_input(election, rule=Rule.GREEDY, points=Points.GIVEN)


class TestOwnFile:
    def file(self, **changes: object) -> OutFile:
        project = OutProject("p", "12.50", 1, 2, " Two\nlines;\r\u2028 and one ", 'a"b', 1)
        whole: dict[str, object] = {
            "meta": {"budget": "20", "vote_type": "ordinal", "description": "a\nb"},
            "projects": [project],
            "votes": [("t1", ["p"]), ("t2", [])],
        }
        return OutFile(**{**whole, **changes})  # type: ignore[arg-type]

    def test_is_read_with_its_lines_joined(self) -> None:
        election = read(write(self.file()))
        assert election.meta["description"] == "a b"
        assert election.projects == (
            FileProject("p", 125, "Two lines; and one", 'a"b', selected=1, votes=1, score="2"),
        )
        assert election.ballots == ((0,), ())
        assert election.voter_ids == ("t1", "t2")

    def test_text(self) -> None:
        assert write(self.file()) == (
            "META\nkey;value\nbudget;20\nvote_type;ordinal\ndescription;a b\nnum_projects;1\nnum_votes;2\nPROJECTS\n"
            'project_id;cost;votes;score;name;category;selected\np;12.50;1;2;"Two lines; and one";"a""b";1\n'
            "VOTES\nvoter_id;vote\nt1;p\nt2;\n"
        )

    @pytest.mark.parametrize("project_id", ["", " ", "a,b", " a", "a\n"])
    def test_refuses_ids_that_a_list_cannot_hold(self, project_id: str) -> None:
        with pytest.raises(MalformedInput, match="id of a project"):
            write(self.file(projects=[OutProject(project_id, "1", 0, 0, "", "", 0)]))

    def test_refuses_a_voter_without_an_id(self) -> None:
        with pytest.raises(MalformedInput, match="voter"):
            write(self.file(votes=[(" ", [])]))
