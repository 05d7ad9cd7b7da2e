"""Reading `.pb` files: what is accepted, what is refused with which code on which line, and nothing else ever."""

import contextlib
import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.tally.ballots import Ballots
from app.tally.errors import BallotFileError, Fault
from app.tally.pabulib import Election, VoteType, format_amount, read, reader
from tests.tally.files import (
    META,
    PROJECTS,
    PROJECTS_AT,
    VOTES,
    VOTES_AT,
    a_file,
    needs_real_files,
    real_files,
    row_of,
)
from tests.tally.strategies import SOME

LARGE_FILE_SECONDS = 10
LARGE_FILE_MEGABYTES = 500


class TestAccepts:
    def test_the_whole_of_a_small_file(self) -> None:
        election = read(a_file())
        assert election.meta == META
        assert [(each.id, each.cost, each.name) for each in election.projects] == [
            ("a", 800, "Park"), ("b", 600, "Lamp; big"), ("c", 75, "Bench"),
        ]  # fmt: skip
        assert [(each.votes, each.score, each.selected) for each in election.projects] == [
            (2, "3", 1), (1, "2", 0), (1, "1", 0),
        ]  # fmt: skip
        assert isinstance(election.ballots, Ballots)
        assert election.ballots == ((0,), (1, 0), (2,))
        assert election.voter_ids == ("1", "2", "3")
        assert (election.budget, election.scale, election.max_length) == (1000, 1, 2)
        assert election.amount(election.projects[2].cost) == "7.5"
        assert election.official == frozenset("a")
        assert election.title == "X 2026"
        assert election.vote_type is VoteType.ORDINAL
        assert election.points == ()
        assert election.currency == ""
        assert election.warnings == ()

    @pytest.mark.parametrize(
        "raw",
        [
            b"\xef\xbb\xbf" + a_file().encode(),
            "\ufeff" + a_file(),
            a_file().replace("\n", "\r\n"),
            a_file().replace("\n", "\r"),
            a_file().rstrip("\n"),
            a_file() + "\n",
            a_file().replace("\n", "\n\n"),
            a_file().replace("META", "meta").replace("PROJECTS", "Projects").replace("VOTES", "votes\t"),
            a_file().replace("b,a", " b , a "),
            a_file().replace("7.5", "7,5").replace("budget;100", "budget;100.00"),
            a_file(projects=[line.replace("project_id", "PROJECT_ID") for line in PROJECTS]),
        ],
        ids=["bom", "bom-text", "crlf", "cr", "no-newline", "newline", "blank", "case", "spaces", "comma", "header"],
    )  # fmt: skip
    def test_another_spelling(self, raw: bytes | str) -> None:
        election, usual = read(raw), read(a_file())
        assert election.projects == usual.projects
        assert election.ballots == usual.ballots
        assert (election.budget, election.scale) == (usual.budget, usual.scale)

    def test_quoted_names(self) -> None:
        names = ['a;80;"Semi; colon"', 'b;60;"A ""quoted"" one"', 'c;7;"two\nlines"']
        election = read(a_file(projects=["project_id;cost;name", *names], votes=[*VOTES[:3], '"3";"c"']))
        assert [each.name for each in election.projects] == ["Semi; colon", 'A "quoted" one', "two\nlines"]

    def test_quotes_as_careless_programs_write_them(self) -> None:
        names = ['a;80;"Green" park', 'b;60;The "old" lamp', "c;7;'"]
        election = read(a_file(projects=["project_id;cost;name", *names]))
        assert [each.name for each in election.projects] == ["Green park", 'The "old" lamp', "'"]

    def test_names_of_any_language(self) -> None:
        election = read(a_file(projects=["project_id;cost;name", "a;80;健身角 🌳", "b;60;Żółć", "c;7;مقعد"]))
        assert [each.name for each in election.projects] == ["健身角 🌳", "Żółć", "مقعد"]

    def test_ids_are_text(self) -> None:
        election = read(
            a_file(
                projects=["project_id;cost", "BO.OM.97/24;8", "007;6", "7;7"],
                votes=["voter_id;vote", "1;007,7", "2;BO.OM.97/24", "3;7"],
            )
        )
        assert [each.id for each in election.projects] == ["BO.OM.97/24", "007", "7"]
        assert election.ballots == ((1, 2), (0,), (2,))

    def test_unknown_keys_with_a_warning(self) -> None:
        election = read(a_file({"weather": "fine", "comment": "x;y"}))
        assert election.meta["weather"] == "fine"
        assert election.warnings == (
            "line 16: META has an unknown key, weather",
            "line 17: META has more than two columns",
        )

    def test_columns_in_any_order_and_some_of_our_own(self) -> None:
        projects = ["project_id;name;colour;cost", "a;Park;green;80", "b;Lamp;;60", "c;Bench;red;7"]
        votes = ["voter_id;age;vote", "1;40-59;a", "2;;b,a", "3;7;c"]
        election = read(a_file(projects=projects, votes=votes))
        assert [each.cost for each in election.projects] == [80, 60, 7]
        assert election.ballots == ((0,), (1, 0), (2,))

    def test_rows_with_fewer_cells_than_the_header(self) -> None:
        election = read(a_file({"num_votes": "4"}, [PROJECTS[0], "a;80", "b;60;1", "c;7"], [*VOTES, "4"]))
        assert [each.name for each in election.projects] == ["a", "b", "c"]
        assert election.ballots[3] == ()

    def test_rows_with_more_cells_than_the_header(self) -> None:
        election = read(a_file(projects=["project_id;cost", "a;80;;", "b;60;x", "c;7"]))
        assert election.warnings == ("line 19: the row has more cells than PROJECTS has columns",)

    def test_a_withdrawn_project(self) -> None:
        election = read(a_file(projects=["project_id;cost", "a;999999999", "b;60", "c;7.25"]))
        assert [each.withdrawn for each in election.projects] == [True, False, False]
        assert election.warnings == ("line 18: the cost says that the project was withdrawn",)

    def test_every_value_of_selected(self) -> None:
        election = read(a_file(projects=["project_id;cost;selected", "a;8;2", "b;6;3", "c;7;"]))
        assert [each.selected for each in election.projects] == [2, 3, None]
        assert election.official == frozenset()

    def test_what_may_be_missing(self) -> None:
        left_out: dict[str, str | None] = {
            "min_length": None, "max_length": None, "rule": None, "unit": None, "instance": None, "date_end": None,
        }  # fmt: skip
        election = read(a_file(left_out, ["project_id;cost", "a;8", "b;6", "c;7"]))
        assert election.official is None
        assert [(each.votes, each.score, each.selected) for each in election.projects] == [
            (None, None, None)
        ] * 3
        assert election.max_length == 3
        assert election.title == "Demo"

    def test_votes_that_are_no_number_are_left_out_with_a_warning(self) -> None:
        election = read(a_file(projects=["project_id;cost;votes", "a;8;many", "b;6;٣", "c;7;1"]))
        assert [each.votes for each in election.projects] == [None, None, 1]
        assert len(election.warnings) == 2

    def test_redundant_points_of_ranked_ballots(self) -> None:
        election = read(a_file(votes=["voter_id;vote;points", "1;a;2", "2;b,a;2,1", "3;c"]))
        assert election.points == ()

    @pytest.mark.parametrize(
        ("begin", "end"),
        [("2026", "2026"), ("31.12.2025", "01.01.2026"), ("01.05.2026", "2026"), ("2026", "1.1.2026"), ("", "2026")],
    )  # fmt: skip
    def test_dates(self, begin: str, end: str) -> None:
        assert read(a_file({"date_begin": begin, "date_end": end})).meta["date_end"] == end

    def test_an_empty_ballot_is_a_voter_who_backs_nothing(self) -> None:
        assert read(a_file(votes=[*VOTES[:3], "3;"])).ballots == ((0,), (1, 0), ())

    def test_an_election_without_projects_and_voters(self) -> None:
        election = read(
            a_file({"num_projects": "0", "num_votes": "0", "max_length": None}, PROJECTS[:1], VOTES[:1])
        )
        assert (election.projects, election.ballots) == ((), ())

    def test_long_decimals_exactly(self) -> None:
        costs = ["a;47000.560000000005", "b;999999999999999", "c;0.000000000000001"]
        election = read(a_file(projects=["project_id;cost", *costs]))
        assert election.scale == 15
        assert election.projects[0].cost == 47000560000000005000
        assert election.projects[1].cost == 999999999999999 * 10**15
        assert election.projects[2].cost == 1
        assert election.amount(election.projects[0].cost) == "47000.560000000005000"

    def test_approval(self) -> None:
        votes = ["voter_id;vote", "1;c,a,b", "2;a", "3;"]
        election = read(a_file({"vote_type": "approval", "max_length": "3"}, votes=votes))
        assert election.ballots == ((2, 0, 1), (0,), ())

    def test_choose_one(self) -> None:
        election = read(a_file({"vote_type": "choose-1"}, votes=["voter_id;vote", "1;c", "2;a", "3;a"]))
        assert election.ballots == ((2,), (0,), (0,))
        assert election.max_length == 1

    def test_points(self) -> None:
        votes = ["voter_id;points;vote", "1;3,0.5;a,b", "2;-1;c", "3;;"]
        election = read(a_file({"vote_type": "scoring"}, votes=votes))
        assert election.points == ((Decimal(3), Decimal("0.5")), (Decimal(-1),), ())


@pytest.mark.parametrize(
    ("minor", "scale", "text"),
    [(12345, 2, "123.45"), (5, 2, "0.05"), (-5, 2, "-0.05"), (12345, 0, "12345"), (0, 3, "0.000")],
)
def test_amounts_as_text(minor: int, scale: int, text: str) -> None:
    assert format_amount(minor, scale) == text


def first_lines(number: int) -> str:
    return "\n".join(a_file().split("\n")[:number])


REFUSED: dict[str, tuple[str | bytes, Fault, int]] = {
    # text
    "not-utf8": (b"META\nkey;value\n\xff", Fault.NOT_UTF8, 3),
    "not-utf8-after-a-mark": (b"\xef\xbb\xbfMETA\nkey;value\n\xff", Fault.NOT_UTF8, 3),
    "utf16": (a_file().encode("utf-16"), Fault.NOT_UTF8, 1),
    "cut-in-a-character": ("META\n城".encode()[:-1], Fault.NOT_UTF8, 2),
    "surrogate-bytes": (b"META\n\xed\xa0\x80", Fault.NOT_UTF8, 2),
    "surrogate-text": ("META\nkey;value\n\ud800", Fault.NOT_TEXT, 3),
    "nul": (a_file().replace("Park", "Pa\0rk"), Fault.NOT_TEXT, PROJECTS_AT + 2),
    "nul-alone": (b"\0", Fault.NOT_TEXT, 1),
    "quote-open-in-the-last-row": (a_file(votes=[*VOTES[:3], '3;"c']), Fault.QUOTE_OPEN, VOTES_AT + 4),
    "quote-open-in-a-name": (a_file().replace("Park", '"Park'), Fault.SELECTED_MALFORMED, PROJECTS_AT + 2),
    "quote-open-in-meta": (a_file().replace("Demo", '"Demo').replace('"Lamp; big"', "L"), Fault.QUOTE_OPEN, 3),
    "cell-too-long": (a_file({"comment": "x" * 131_073}), Fault.CELL_TOO_LONG, 16),
    "columns": (a_file(votes=["voter_id;vote" + ";x" * 64, *VOTES[1:]]), Fault.TOO_MANY_COLUMNS, VOTES_AT + 1),
    "thousands-of-columns": (a_file(votes=["voter_id;vote" + ";" * 5000]), Fault.TOO_MANY_COLUMNS, VOTES_AT + 1),
    # sections
    "empty": ("", Fault.SECTION_MISSING, 1),
    "blank": ("\n \n\t\n", Fault.SECTION_MISSING, 1),
    "no-meta": ("hello\n", Fault.SECTION_MISSING, 1),
    "no-projects": (first_lines(PROJECTS_AT - 1), Fault.SECTION_MISSING, PROJECTS_AT - 1),
    "no-votes": (first_lines(VOTES_AT - 1), Fault.SECTION_MISSING, VOTES_AT - 1),
    "votes-before-projects": (first_lines(PROJECTS_AT - 1) + "\nVOTES\n", Fault.SECTION_ORDER, PROJECTS_AT),
    "projects-first": ("PROJECTS\n" + a_file(), Fault.SECTION_ORDER, 1),
    "meta-twice": (first_lines(PROJECTS_AT - 1) + "\nMETA\n", Fault.SECTION_REPEATED, PROJECTS_AT),
    "projects-twice": (first_lines(VOTES_AT - 1) + "\nPROJECTS\n", Fault.SECTION_REPEATED, VOTES_AT),
    "votes-twice": (a_file() + "VOTES\n", Fault.SECTION_REPEATED, VOTES_AT + 5),
    "meta-again-at-the-end": (a_file() + a_file(), Fault.SECTION_REPEATED, VOTES_AT + 5),
    "no-meta-header": ("META\nPROJECTS\n", Fault.HEADER_MISSING, 2),
    "no-projects-header": (a_file(projects=[]), Fault.HEADER_MISSING, PROJECTS_AT + 1),
    "no-votes-header": (a_file(votes=[]), Fault.HEADER_MISSING, VOTES_AT),
    "meta-header": (a_file().replace("key;value", "name;value"), Fault.HEADER_MALFORMED, 2),
    "meta-header-order": (a_file().replace("key;value", "key;x;value"), Fault.HEADER_MALFORMED, 2),
    "meta-header-short": (a_file().replace("key;value", "key"), Fault.COLUMN_MISSING, 2),
    "projects-header": (a_file(projects=["cost;project_id", "8;a"]), Fault.HEADER_MALFORMED, PROJECTS_AT + 1),
    "votes-header": (a_file(votes=["vote;voter_id"]), Fault.HEADER_MALFORMED, VOTES_AT + 1),
    "no-cost": (a_file(projects=["project_id;name"]), Fault.COLUMN_MISSING, PROJECTS_AT + 1),
    "no-vote": (a_file(votes=["voter_id;age"]), Fault.COLUMN_MISSING, VOTES_AT + 1),
    "no-points": (a_file({"vote_type": "cumulative"}), Fault.COLUMN_MISSING, VOTES_AT + 1),
    "column-twice": (a_file(projects=["project_id;cost;Cost"]), Fault.COLUMN_REPEATED, PROJECTS_AT + 1),
    "vote-twice": (a_file(votes=["voter_id;vote;vote"]), Fault.COLUMN_REPEATED, VOTES_AT + 1),
    # META
    "no-budget": (a_file({"budget": None}), Fault.KEY_MISSING, 1),
    "empty-budget": (a_file({"budget": ""}), Fault.KEY_MISSING, row_of("budget")),
    "no-vote-type": (a_file({"vote_type": None}), Fault.KEY_MISSING, 1),
    "no-num-votes": (a_file({"num_votes": None}), Fault.KEY_MISSING, 1),
    "key-twice": (a_file({"BUDGET": "100"}), Fault.KEY_REPEATED, 16),
    "no-key": (a_file({"": "x"}), Fault.META_MALFORMED, 16),
    "date": (a_file({"date_begin": "2026-01-01"}), Fault.DATE_MALFORMED, row_of("date_begin")),
    "date-in-words": (a_file({"date_end": "tomorrow"}), Fault.DATE_MALFORMED, row_of("date_end")),
    "day-that-never-was": (a_file({"date_end": "30.02.2026"}), Fault.DATE_MALFORMED, row_of("date_end")),
    "year-zero": (a_file({"date_begin": "0000"}), Fault.DATE_MALFORMED, row_of("date_begin")),
    "full-width-date": (a_file({"date_begin": "２０２６"}), Fault.DATE_MALFORMED, row_of("date_begin")),
    "dates-reversed": (a_file({"date_begin": "03.01.2026"}), Fault.DATE_MALFORMED, row_of("date_end")),
    "years-reversed": (a_file({"date_begin": "2027"}), Fault.DATE_MALFORMED, row_of("date_end")),
    "vote-type": (a_file({"vote_type": "shouting"}), Fault.VOTE_TYPE_UNKNOWN, row_of("vote_type")),
    "num-projects": (a_file({"num_projects": "4"}), Fault.COUNT_MISMATCH, row_of("num_projects")),
    "num-votes": (a_file({"num_votes": "2"}), Fault.COUNT_MISMATCH, row_of("num_votes")),
    "num-votes-huge": (a_file({"num_votes": "9" * 5000}), Fault.NUMBER_MALFORMED, row_of("num_votes")),
    "num-votes-full-width": (a_file({"num_votes": "３"}), Fault.NUMBER_MALFORMED, row_of("num_votes")),
    "min-length": (a_file({"min_length": "-1"}), Fault.NUMBER_MALFORMED, row_of("min_length")),
    "max-length": (a_file({"max_length": "1e3"}), Fault.NUMBER_MALFORMED, row_of("max_length")),
    # amounts
    **{
        f"budget-{text[:12]}": (a_file({"budget": text}), Fault.MONEY_MALFORMED, row_of("budget"))
        for text in (
            "-1", "NaN", "Infinity", "1e400", "1 000", "12zł", "0x10", "１００", "٣", "9" * 400, "1.2.3", "--1", ".5",
            "5.",
        )
    },
    **{
        f"cost-{text[:12] or 'empty'}": (
            a_file(projects=["project_id;cost", "a;8", f"b;{text}", "c;7"]), Fault.MONEY_MALFORMED, PROJECTS_AT + 3
        )
        for text in ("", "free", "nan", "sNaN", "-Infinity", "1e9", "1_000", "８０", "9" * 16, "0." + "1" * 16)
    },
    **{
        f"cost-{text}": (
            a_file(projects=["project_id;cost", "a;8", f"b;{text}", "c;7"]), Fault.COST_NOT_POSITIVE, PROJECTS_AT + 3
        )
        for text in ("0", "0.00", "-0", "-5")
    },
    # PROJECTS
    "no-project-id": (a_file(projects=["project_id;cost", ";8"]), Fault.PROJECT_ID_MALFORMED, PROJECTS_AT + 2),
    "comma-in-id": (a_file(projects=["project_id;cost", "a,b;8"]), Fault.PROJECT_ID_MALFORMED, PROJECTS_AT + 2),
    "project-twice": (a_file(projects=["project_id;cost", "a;8", "a;9"]), Fault.PROJECT_REPEATED, PROJECTS_AT + 3),
    "selected": (a_file(projects=["project_id;cost;selected", "a;8;yes"]), Fault.SELECTED_MALFORMED, PROJECTS_AT + 2),
    # VOTES
    "no-voter-id": (a_file(votes=[*VOTES[:2], ";a"]), Fault.VOTER_ID_MISSING, VOTES_AT + 3),
    "voter-twice": (a_file(votes=[*VOTES, "1;a"]), Fault.VOTER_REPEATED, VOTES_AT + 5),
    "unknown-project": (a_file(votes=[*VOTES[:2], "2;b,z"]), Fault.PROJECT_UNKNOWN, VOTES_AT + 3),
    "empty-project": (a_file(votes=[*VOTES[:2], "2;b,"]), Fault.PROJECT_UNKNOWN, VOTES_AT + 3),
    "ids-are-case-sensitive": (a_file(votes=[*VOTES[:2], "2;B"]), Fault.PROJECT_UNKNOWN, VOTES_AT + 3),
    "project-twice-on-a-ballot": (a_file(votes=[*VOTES[:2], "2;b,b"]), Fault.BALLOT_REPEATS_PROJECT, VOTES_AT + 3),
    "ballot-too-long": (a_file(votes=[*VOTES[:2], "2;b,a,c"]), Fault.BALLOT_LENGTH, VOTES_AT + 3),
    "ballot-too-short": (a_file({"min_length": "2"}), Fault.BALLOT_LENGTH, VOTES_AT + 2),
    "two-where-one-is-asked": (a_file({"vote_type": "choose-1"}), Fault.BALLOT_LENGTH, VOTES_AT + 3),
    "none-where-one-is-asked": (
        a_file({"vote_type": "choose-1"}, votes=["voter_id;vote", "1;"]), Fault.BALLOT_LENGTH, VOTES_AT + 2
    ),
    "fewer-points": (a_file(votes=["voter_id;vote;points", "1;a;2", "2;b,a;2"]), Fault.POINTS_LENGTH, VOTES_AT + 3),
    "points-missing": (
        a_file({"vote_type": "scoring"}, votes=["voter_id;vote;points", "1;a"]), Fault.POINTS_LENGTH, VOTES_AT + 2
    ),
    "points-in-words": (a_file(votes=["voter_id;vote;points", "1;a;two"]), Fault.NUMBER_MALFORMED, VOTES_AT + 2),
}  # fmt: skip


class TestRefuses:
    @pytest.mark.parametrize("name", REFUSED)
    def test_with_code_and_line(self, name: str) -> None:
        raw, code, row = REFUSED[name]
        with pytest.raises(BallotFileError) as caught:
            read(raw)
        assert caught.value.code == code
        assert caught.value.row == row
        assert caught.value.message
        assert str(caught.value) == f"line {row}: {caught.value.message}"

    def test_facts_are_typed(self) -> None:
        with pytest.raises(BallotFileError) as caught:
            read(a_file({"num_votes": "2"}))
        assert caught.value.facts == {"key": "num_votes", "said": 2, "found": 3}

    def test_what_a_message_quotes_is_short(self) -> None:
        with pytest.raises(BallotFileError) as caught:
            read(a_file(votes=["voter_id;vote", "1;" + "z" * 100_000]))
        assert len(str(caught.value)) < 150
        assert caught.value.facts == {"project": "z" * 39 + "…"}

    def test_more_than_is_sensible(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for limit, code in (
            ("LARGEST_FILE_BYTES", Fault.FILE_TOO_LARGE),
            ("LARGEST_ROWS", Fault.TOO_MANY_ROWS),
            ("LARGEST_PROJECTS", Fault.TOO_MANY_ROWS),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(reader, limit, 2)
                with pytest.raises(BallotFileError) as caught:
                    read(a_file({"max_length": None}))
            assert caught.value.code == code
            assert caught.value.facts == {"largest": 2}

    def test_every_code_is_tried(self) -> None:
        tried = {code for _, code, _ in REFUSED.values()} | {Fault.FILE_TOO_LARGE, Fault.TOO_MANY_ROWS}
        assert tried == set(Fault)


@pytest.mark.parametrize(
    "raw",
    [
        "\n" * (4 << 20),
        ";" * (8 << 20),
        "META\nkey;value\n" + "x;1\n" * (1 << 20),
        '"' * (8 << 20),
        "META\nkey;value\nx;" + '"' + "y\n" * (4 << 20),
        a_file({"num_votes": "1" + "0" * 8}, votes=["voter_id;vote", *(f"{n};a" for n in range(200_000))]),
        a_file(votes=["voter_id;vote", "1;" + "a," * 60_000]),
        a_file({"comment": ";" * 200_000}),
        b"\xff" * (8 << 20),
    ],
    ids=["blank", "columns", "one-key", "quotes", "open-quote", "voters", "long-ballot", "cells", "bytes"],
)  # fmt: skip
def test_a_hostile_file_is_refused_soon(raw: str | bytes) -> None:
    began = time.process_time()
    with pytest.raises(BallotFileError):
        read(raw)
    assert time.process_time() - began < LARGE_FILE_SECONDS


def read_or_refused(raw: bytes | str) -> Election | tuple[object, ...]:
    """Whatever comes in, an election or the one error comes out; here as something to compare."""
    lines = len(raw.splitlines()) + 1
    try:
        found: Election | BallotFileError = read(raw)
    except BallotFileError as error:
        found = error
    if isinstance(found, BallotFileError):
        assert found.code in Fault
        assert 1 <= found.row <= lines
        assert found.message
        return found.code, found.row, found.message, found.facts
    return found


CELLS = st.sampled_from(
    ["", "a", "b", "META", "PROJECTS", "VOTES", "key", "value", "project_id", "cost", "voter_id", "vote", "points",
     "num_votes", "budget", "0", "1", "-1", "999999999", "NaN", "1e9", "a,b", "a,a", ",", '"', '""', '"x', "\0", "\r",
     "\ufeff", "１", "\u2028", "\x1c", "ordinal", "approval", "scoring", "selected"],
)  # fmt: skip
LINES = st.lists(CELLS, max_size=5).map(";".join)


class TestAnyBytes:
    @settings(max_examples=SOME)
    @given(st.binary() | st.binary().map(lambda tail: b"META\nkey;value\n" + tail))
    @example(b"")
    def test_bytes(self, raw: bytes) -> None:
        read_or_refused(raw)

    @settings(max_examples=SOME)
    @given(st.text(alphabet=st.characters(codec=None)))
    @example("\ud800")
    def test_text(self, raw: str) -> None:
        read_or_refused(raw)

    @settings(max_examples=SOME)
    @given(st.lists(LINES, max_size=30).map("\n".join))
    def test_rows(self, raw: str) -> None:
        read_or_refused(raw)

    @settings(max_examples=SOME * 3)
    @given(
        st.lists(st.tuples(st.integers(0, len(a_file())), st.integers(0, 3), CELLS), min_size=1, max_size=3)
    )
    def test_a_good_file_with_a_few_wrong_places(self, changes: list[tuple[int, int, str]]) -> None:
        raw = a_file()
        for at, removed, cell in changes:
            raw = raw[:at] + cell + raw[at + removed :]
        assert read_or_refused(raw) == read_or_refused(raw.encode())


#: Ids of `a_file`, blanks beside them, and what is none.
VOTE_PARTS = st.sampled_from(["a", "b", "c", "a", "b", "c", " a", "c\t", "\u3000b ", "", "z"])
#: Lists of them: most without a fault, so that a file of several rows can be one.
GOOD_CELLS = st.lists(st.sampled_from("abc"), max_size=2, unique=True)
VOTE_CELLS = st.one_of(*[GOOD_CELLS] * 4, st.lists(VOTE_PARTS, max_size=3))
VOTE_ROWS = st.tuples(st.sampled_from([*map(str, range(20)), ""]), VOTE_CELLS.map(",".join))
EXTRA_CELLS = st.lists(st.sampled_from(["", ";40", ";Śródmieście", ';"x"']), min_size=12, max_size=12)


def as_a_person_would(rows: list[tuple[str, str]]) -> tuple[tuple[int, ...], ...] | tuple[Fault, int]:
    """What the rows of VOTES say, one after the other, or the first fault and its line."""
    voters, ballots = [""], []
    for row, (voter, cell) in enumerate(rows, start=VOTES_AT + 2):
        ids = [part.strip() for part in cell.strip().split(",")] if cell.strip() else []
        if not voter and not ids:
            continue  # a blank line
        for wrong, code in (
            (not voter, Fault.VOTER_ID_MISSING),
            (voter in voters, Fault.VOTER_REPEATED),
            (not set(ids) <= set("abc"), Fault.PROJECT_UNKNOWN),
            (len(set(ids)) < len(ids), Fault.BALLOT_REPEATS_PROJECT),
            (len(ids) > 2, Fault.BALLOT_LENGTH),
        ):
            if wrong:
                return code, row
        voters.append(voter)
        ballots.append(tuple("abc".index(each) for each in ids))
    return tuple(ballots)


@settings(max_examples=SOME * 4)
@given(
    st.lists(VOTE_ROWS, max_size=12, unique_by=lambda row: row[0]) | st.lists(VOTE_ROWS, max_size=12),
    EXTRA_CELLS,
)
def test_votes_as_a_person_would_read_them(rows: list[tuple[str, str]], extra: list[str]) -> None:
    expected = as_a_person_would(rows)
    count = 0 if expected and isinstance(expected[0], Fault) else len(expected)
    named = [row[0] != "" for row in rows]
    votes = [
        f"{voter};{cell}{more if name else ''}"
        for (voter, cell), more, name in zip(rows, extra, named, strict=False)
    ]
    found = read_or_refused(a_file({"num_votes": str(count)}, votes=["voter_id;vote;age", *votes]))
    if isinstance(found, Election):
        assert found.ballots == expected
        assert found.voter_ids == tuple(voter for voter, _ in rows if voter)
    else:
        assert found[:2] == expected


READ_ALONE = """
import sys, time
from pathlib import Path
from app.tally.pabulib import read
raw = Path(sys.argv[1]).read_bytes()
began = time.process_time()
election = read(raw)
print(time.process_time() - began, len(election.ballots), election.ballots.listed.sum())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the most memory ever held is read from /proc")
def test_half_a_million_voters_are_read_at_once(tmp_path: Path) -> None:
    """38 MB, 1 to 10 of 50 projects a voter, read by a process of its own: about 1.7 s and 220 MB."""
    chance, voters = random.Random(2026), 500_000  # noqa: S311 - the same every time
    ids = [f"BO.OM.{number}/24" for number in range(50)]
    rankings = [chance.sample(range(50), chance.randint(1, 10)) for _ in range(10_000)]
    cells = [",".join(ids[each] for each in ranking) for ranking in rankings]
    path = tmp_path / "large.pb"
    path.write_text(
        a_file(
            {"num_projects": "50", "num_votes": str(voters), "max_length": "10"},
            ["project_id;cost;name", *(f"{each};1000;Tree 🌳" for each in ids)],
            [
                "voter_id;age;sex;vote",
                *(f"{number};40;F;{cells[number % 10_000]}" for number in range(voters)),
            ],
        )
    )
    script = READ_ALONE + "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    run = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    seconds, ballots, listed, kilobytes = run.stdout.split()
    assert (int(ballots), int(listed)) == (voters, 50 * sum(map(sum, rankings)))
    assert float(seconds) < LARGE_FILE_SECONDS / 2
    assert int(kilobytes) / 1024 < LARGE_FILE_MEGABYTES


SMALL_FILES = sorted(real_files(), key=lambda path: path.stat().st_size)[:5]


@needs_real_files
class TestRealFiles:
    @settings(max_examples=SOME)
    @given(
        st.sampled_from(SMALL_FILES).map(Path.read_bytes),
        st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), CELLS), min_size=1, max_size=3),
    )
    def test_a_few_wrong_places(self, raw: bytes, changes: list[tuple[float, int, str]]) -> None:
        for place, removed, cell in changes:
            at = int(place * len(raw))
            raw = raw[:at] + cell.encode() + raw[at + removed :]
        found = read_or_refused(raw)
        with contextlib.suppress(UnicodeDecodeError):  # a change cut a letter in two
            assert read_or_refused(raw.decode()) == found

    @pytest.mark.parametrize("path", real_files(), ids=lambda path: path.stem[:60])
    def test_every_file_is_read(self, path: Path) -> None:
        election = read(path.read_bytes())
        assert len(election.ballots) == int(election.meta["num_votes"])
        assert len(election.projects) == int(election.meta["num_projects"])

    def test_a_large_file_is_read_at_once(self) -> None:
        path = next(path for path in real_files("ordinal") if path.stem == "Poland_Krakow_2024")
        raw = path.read_bytes()
        began = time.process_time()
        assert len(read(raw).ballots) == 65_101
        assert time.process_time() - began < 2  # about 0.25 s; the rest is patience with a busy computer
