"""``gongyi tally``."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.tally import tally
from tests.tally.files import a_file

app = typer.Typer()
app.command()(tally)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "demo.pb"
    path.write_text(a_file({"currency": "PLN"}), encoding="utf-8")
    return path


def run(*arguments: object, width: int = 200) -> Result:
    return CliRunner(env={"COLUMNS": str(width), "NO_COLOR": "1"}).invoke(
        app, [str(each) for each in arguments]
    )


class TestJson:
    def test_has_what_a_program_needs(self, file: Path) -> None:
        result = run(file, "--rule", "greedy", "--points", "own-length", "--json")
        assert result.exit_code == 0
        said = json.loads(result.stdout)
        assert said["rule"] == "greedy"
        assert said["funded"] == ["a", "c"]
        assert (said["spent"], said["budget"], said["leftover"]) == ("87.5", "100.0", "12.5")
        assert said["reserve"] == ["b"]
        assert said["currency"] == "PLN"
        first, second, third = said["projects"]
        assert (first["id"], first["cost"], first["points"], first["funded"]) == ("a", "80.0", 2, True)
        assert second["reason"] == {
            "code": "does_not_fit",
            "facts": {"points": 2, "cost": "60.0", "left": "20.0", "missing": "40.0"},
        }
        assert third["reason"]["code"] == "funded_by_points"
        assert [tie["decided_by"] for tie in said["ties"]] == ["list"]

    def test_is_the_same_whatever_the_language(self, file: Path) -> None:
        assert run(file, "--json").stdout == run(file, "--json", "--lang", "zh").stdout

    @pytest.mark.parametrize(
        ("arguments", "funded"),
        [
            (["--rule", "greedy", "--no-skip"], ["a"]),
            (["--rule", "greedy", "--threshold", "2"], ["a"]),
            (["--rule", "greedy", "--points", "fixed-k"], ["a", "c"]),
            ([], ["c", "b"]),
            (["--rule", "rank-mes", "--completion", "none", "--fill", "none"], ["c"]),
            (["--completion", "add1", "--until", "exhaustive", "--fill", "none"], ["c", "a"]),
            (["--rule", "mes"], ["c"]),
            (["--rule", "mes", "--completion", "add1"], ["a", "c"]),
            (["--rule", "mes", "--completion", "add1u", "--exact"], ["a", "c"]),
            (["--rule", "mes", "--comparison"], ["b", "c"]),
            (["--rule", "schulze"], ["a", "c"]),
            (["--rule", "schulze", "--no-skip", "--part", "30"], ["a", "b"]),
            (["--rule", "pb-ear", "--fill", "none"], ["c"]),
            (["--rule", "pb-ear", "--unranked", "last"], ["c", "b"]),
            (["--rule", "as-file"], ["a", "c"]),
            (["--rule", "rank-mes", "--fill", "k-borda"], ["c", "b"]),
            (["--rule", "rank-mes", "--fill", "k-borda", "--priority", "purchase"], ["c", "b"]),
        ],
        ids=" ".join,
    )
    def test_every_option_counts(self, file: Path, arguments: list[str], funded: list[str]) -> None:
        result = run(file, "--json", *arguments)
        assert result.exit_code == 0, result.output
        said = json.loads(result.stdout)
        assert said["funded"] == funded
        assert sum(Decimal(each["paid"]) for each in said["projects"] if each["funded"]) == Decimal(
            said["spent"]
        )


class TestTables:
    def test_in_english(self, file: Path) -> None:
        said = " ".join(run(file, "--rule", "greedy").stdout.split())
        assert "greedy: 3 ballots, 3 projects, budget 100 PLN" in said
        assert "Out: 2 points; when its turn came 20 PLN was left, 40 PLN too little." in said
        assert "a, b were equal: the order of the list, and that decided which of them is in." in said
        assert "2 projects are in with 87.5 PLN; 12.5 PLN is left." in said

    def test_in_chinese(self, tmp_path: Path) -> None:
        path = tmp_path / "城东.pb"
        path.write_text(
            a_file({"currency": "CNY", "budget": "1000000"}).replace("a;80", "a;68000"), encoding="utf-8"
        )
        said = run(path, "--rule", "greedy", "--lang", "zh").stdout
        assert "greedy：3 张选票，3 个项目，总金额 100 万元" in said
        assert "6.8 万元" in said
        assert "入选：得 2 分，排到它时钱还够。" in said

    def test_names_are_not_markup(self, tmp_path: Path) -> None:
        path = tmp_path / "demo.pb"
        path.write_text(a_file().replace("Park", "[red]Park[/red] [/]"), encoding="utf-8")
        assert "[red]Park[/red] [/]" in run(path).stdout

    def test_an_election_without_voters(self, tmp_path: Path) -> None:
        path = tmp_path / "demo.pb"
        path.write_text(a_file({"num_votes": "0"}, votes=["voter_id;vote"]), encoding="utf-8")
        assert "Of 0 voters 0 have something" in run(path).stdout


class TestBadInput:
    def test_a_broken_file_is_refused_in_one_line_with_code_and_row(self, tmp_path: Path) -> None:
        path = tmp_path / "demo.pb"
        path.write_text(a_file({"budget": "much"}), encoding="utf-8")
        result = run(path, "--json")
        assert result.exit_code == 2
        assert result.stdout == ""
        assert re.fullmatch(
            r".*demo\.pb: line 9: budget must be a number .* \(money_malformed\)\n", result.stderr
        )

    def test_a_name_of_several_lines_cannot_break_the_line(self, tmp_path: Path) -> None:
        path = tmp_path / "demo.pb"
        path.write_text(a_file(votes=["voter_id;vote", '1;"x\ny"']), encoding="utf-8")
        assert run(path).stderr.endswith(
            "line 23: a ballot lists x\ufffdy, which is not in PROJECTS (project_unknown)\n"
        )

    def test_no_such_file(self, tmp_path: Path) -> None:
        result = run(tmp_path / "nothing.pb")
        assert result.exit_code == 2
        assert "No such file" in result.stderr

    def test_ballots_that_are_no_rankings(self, tmp_path: Path) -> None:
        path = tmp_path / "demo.pb"
        path.write_text(a_file({"vote_type": "approval"}), encoding="utf-8")
        result = run(path)
        assert result.exit_code == 2
        assert "approval" in result.stderr

    def test_a_setting_of_another_rule(self, file: Path) -> None:
        result = run(file, "--rule", "rank-mes", "--no-skip")
        assert result.exit_code == 2
        assert "greedy" in result.stderr

    @pytest.mark.parametrize(
        "arguments", [["--rule", "x"], ["--threshold", "-1"], ["--completion", "y"], ["--fill", "z"]]
    )
    def test_an_unknown_value(self, file: Path, arguments: list[str]) -> None:
        assert run(file, *arguments).exit_code == 2
