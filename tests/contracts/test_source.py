"""Rules of the house that must hold in every file."""

import ast
import itertools
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from app.access.matrix import MATRIX
from tests.contracts import source

#: What speaks of "no float": money, the count, and every domain's rules.
EXACT = [
    *source.files("core/money.py"),
    *source.files("tally"),
    *(path for path in source.files() if path.name == "rules.py"),
]
#: Floating point finds an outcome, exact numbers certify it (docs/adr/0010); figures about outcomes need no more.
FAST_PARTS = {
    Path(f"app/tally/{name}.py") for name in ("ear", "equal_shares", "explain", "horizon", "purses")
}
#: One file that anybody can take along and read.
ONE_FILE = Path("app/tally/verify.py")


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


class TestTransactions:
    def test_commit_and_rollback_stand_in_two_files_only(self) -> None:
        allowed = {Path("app/core/db.py"), Path("app/core/writer.py")}
        found = {
            path
            for path in source.files()
            for node in ast.walk(source.tree(path))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"commit", "rollback"}
            and not node.args + node.keywords  # service.commit(session, ...) is a roster's
        }
        assert found - allowed == set()

    def test_a_flush_says_why(self) -> None:
        silent = []
        for path in source.files():
            lines = (source.ROOT / path).read_text(encoding="utf-8").splitlines()
            silent += [
                f"{path}:{number}"
                for number, (before, line) in enumerate(itertools.pairwise(["", *lines]), 1)
                if "session.flush()" in line and "#" not in line and not before.strip().startswith("#")
            ]
        assert silent == []

    def test_services_do_not_open_units_of_their_own(self) -> None:
        """A verb runs in its caller's transaction, or "both or neither" is a hope."""
        opened = [
            f"{path}:{node.lineno}"
            for path in source.files()
            if "service" in path.parts or path.name == "service.py"
            for node in ast.walk(source.tree(path))
            if isinstance(node, ast.Attribute) and node.attr in {"writing", "reading"}
        ]
        assert opened == []


class TestExactness:
    @pytest.mark.parametrize("path", EXACT, ids=str)
    def test_no_float_in_money_counts_and_rules(self, path: Path) -> None:
        if path in FAST_PARTS:
            return
        for node in ast.walk(source.tree(path)):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), node.lineno
            assert not (isinstance(node, ast.Name) and node.id == "float"), node.lineno
            if "tally" not in path.parts:  # the count divides Fractions, as its types say
                assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), node.lineno

    def test_the_fast_parts_are_in_the_count_and_use_what_they_are_allowed(self) -> None:
        assert set(EXACT) >= FAST_PARTS
        for path in FAST_PARTS:
            names = {node.id for node in ast.walk(source.tree(path)) if isinstance(node, ast.Name)}
            constants = {
                node.value
                for node in ast.walk(source.tree(path))
                if isinstance(node, ast.Constant) and isinstance(node.value, float)
            }
            assert "float" in names or constants, f"{path} needs no exception any more"


class TestImports:
    def test_python_jose_is_behind_one_door(self) -> None:
        users = {
            path
            for path in source.files()
            if any(n.split(".")[0] == "jose" for n in imported(source.tree(path)))
        }
        assert users == {Path("app/access/tokens.py")}

    def test_a_packages_queries_are_imported_by_it_alone(self) -> None:
        graph = grimp.build_graph("app")
        for queries in (name for name in graph.modules if name.endswith(".queries")):
            package = queries.removesuffix(".queries")
            importers = graph.find_modules_that_directly_import(queries)
            assert {each for each in importers if not each.startswith(package + ".")} == set(), queries

    def test_nobody_asks_the_clock_past_core(self) -> None:
        asked = [
            f"{path}:{node.lineno}"
            for path in source.files()
            if path != Path("app/core/clock.py")
            for node in ast.walk(source.tree(path))
            if isinstance(node, ast.Attribute)
            and node.attr in {"now", "today", "utcnow"}
            and isinstance(node.value, ast.Attribute)
            and node.value.attr in {"datetime", "date"}
        ]
        assert asked == []

    def test_requests_go_out_from_the_gateway_alone(self) -> None:
        """No outside call in a request (docs/adr/0005); demo, command line and benchmarks are clients of ours."""
        users = {
            path.parts[1]
            for path in source.files()
            if imported(source.tree(path)) & {"httpx", "requests", "urllib.request", "socket", "http.client"}
        }
        assert users <= {"gateway", "demo", "cli", "core"}

    def test_models_do_not_postpone_annotations(self) -> None:
        for path in source.files():
            if path.name == "models.py":
                assert "__future__" not in imported(source.tree(path)), path


class TestWords:
    def test_every_public_function_and_class_says_what_it_is(self) -> None:
        silent = [
            f"{path}:{node.lineno} {node.name}"
            for path in source.files()
            for node in source.tree(path).body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
        assert silent == []

    def test_no_unfinished_work_and_no_rooms_for_everything(self) -> None:
        unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
        for path in source.files():
            assert path.stem not in {"utils", "helpers", "common", "misc"}, path
            assert not unfinished.search((source.ROOT / path).read_text(encoding="utf-8")), path

    def test_no_file_is_a_house_of_its_own(self) -> None:
        long = {
            str(path): n
            for path in source.files()
            if (n := len((source.ROOT / path).read_text().splitlines())) > (1150 if path == ONE_FILE else 600)
        }
        assert long == {}

    def test_the_glossary_knows_the_nouns_of_the_matrix(self) -> None:
        glossary = (source.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
        nouns = {verb.split(".")[-2].replace("_", " ") for verb in MATRIX}
        technical = {"health", "readiness", "development", "token", "code", "link", "me"}
        assert {noun for noun in nouns - technical if f"**{noun}**" not in glossary} == set()


class TestMemory:
    def test_a_process_that_serves_loads_no_heavy_library_for_what_it_does_on_few_days(self) -> None:
        heavy = "numpy openpyxl PIL alembic weasyprint httpx pygments app.tally.explain app.results.tasks"
        program = (
            "import app.cli, sys; app.cli.commands(['serve']); "
            f"print([each for each in {heavy.split()} if each in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=source.ROOT
        )
        assert done.stdout.strip() == "[]"
