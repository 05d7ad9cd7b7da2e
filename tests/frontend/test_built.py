"""What `make frontend` wrote: sizes, addresses, scripts; and what the service says beside it."""

import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from fastapi.testclient import TestClient

from app.core.config import Mode, Settings
from app.main import create_app
from app.pages import BUILT
from tests.contracts.source import ROOT

FRONTEND = ROOT / "frontend"

#: Names of vocabularies, and a page that Vue's production build names in its error messages: nothing asks for them.
NAMES = re.compile(r"http://www\.w3\.org/[\w/.#-]+|https://vuejs\.org/error-reference/")
ABSOLUTE = re.compile(r"(?:https?:|wss?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s\"'`)]*", re.IGNORECASE)
TEXTS = ("*.js", "*.css", "*.html", "*.svg", "*.json", "*.webmanifest")


@pytest.fixture(scope="module")
def built() -> Path:
    """The residents' app as it was built."""
    folder = Path(os.environ.get("GONGYI_FRONTEND") or BUILT)
    assert (folder / "index.html").is_file(), "the front end has not been built: make frontend"
    return folder


@pytest.fixture(scope="module")
def sizes() -> ModuleType:
    """The script that weighs it."""
    return script("bundle_sizes")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for pattern in TEXTS:
        for path in folder.rglob(pattern):
            yield path.relative_to(folder), path.read_text(encoding="utf-8")


class TestSizes:
    def test_the_first_screen_is_light(self, built: Path, sizes: ModuleType) -> None:
        bundle = sizes.Bundle.read(built)
        assert bundle.total(bundle.first) <= sizes.LIMIT
        assert bundle.total(bundle.first_in_english) <= sizes.LIMIT

    def test_it_holds_what_it_needs_and_no_cryptography(self, built: Path, sizes: ModuleType) -> None:
        bundle = sizes.Bundle.read(built)
        first = "".join((built / file).read_text(encoding="utf-8") for file in bundle.first)
        assert "去投票" in first  # its words are in it, not a journey away
        assert "gongyi envelope v1" not in first  # nothing of the check
        assert "gongyi envelope v1" in "".join(text for _, text in texts(built))

    def test_a_part_that_is_loaded_later_does_not_count(self, sizes: ModuleType, tmp_path: Path) -> None:
        folder = tmp_path
        (folder / ".vite").mkdir()
        parts = {
            "index.html": {
                "file": "a.js", "imports": ["_b.js"], "css": ["a.css"], "dynamicImports": ["src/areas/x/Y.vue"],
            },
            "_b.js": {"file": "b.js", "imports": ["index.html"]},
            "src/areas/x/Y.vue": {"file": "y.js", "imports": ["_b.js"], "isDynamicEntry": True},
        }  # fmt: skip
        (folder / ".vite" / "manifest.json").write_text(json.dumps(parts))
        for name in ("a.js", "b.js", "a.css", "y.js"):
            (folder / name).write_bytes(os.urandom(500))
        (folder / "b.js.gz").write_bytes(bytes(7))
        bundle = sizes.Bundle.read(folder)
        assert bundle.first == {"a.js", "b.js", "a.css"}
        assert bundle.screens() == {"x/Y": {"y.js"}}
        assert bundle.gzipped("b.js") == 7
        assert bundle.gzipped("a.js") > 500

    def test_no_build_is_no_pass(
        self, sizes: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["bundle_sizes.py", str(tmp_path)])
        assert sizes.main() == 1


class TestAddresses:
    def test_no_other_host(self, built: Path) -> None:
        found = {
            (str(path), address)
            for path, text in texts(built)
            for address in ABSOLUTE.findall(NAMES.sub("", text))
            if path.parts[0] != ".vite"
        }
        assert found == set()

    @pytest.mark.parametrize(
        "text",
        ['src="https://example.org/a.js"', "url(//example.org/a.png)", "fetch(`http://a.b/c`)", "wss://a.b"],
    )
    def test_another_host_would_be_found(self, text: str) -> None:
        assert ABSOLUTE.findall(NAMES.sub("", text))

    @pytest.mark.parametrize("text", ["a // comment", "http://www.w3.org/2000/svg", "1//2", "//"])
    def test_what_is_none_is_passed_over(self, text: str) -> None:
        assert not ABSOLUTE.findall(NAMES.sub("", text))


class Page(HTMLParser):
    """Scripts, styles and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: str | None = None
        self.inline: list[str] = []
        self.sources: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the name is the parser's
        self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside in {"script", "style"} and data.strip():
            self.inline.append(data)


class TestPage:
    def test_nothing_is_inline(self, built: Path) -> None:
        page = Page()
        page.feed((built / "index.html").read_text(encoding="utf-8"))
        assert page.inline == []
        assert not {name for name in page.attributes if name == "style" or name.startswith("on")}
        assert page.sources
        assert all(source.startswith("/app/") for source in page.sources)

    def test_no_template_has_a_style_attribute(self) -> None:
        """`style-src 'self'` would not apply it; `:style` is set by script, and is fine."""
        found = [
            str(path.relative_to(FRONTEND))
            for path in (FRONTEND / "resident" / "src").rglob("*.vue")
            if re.search(r"<[^>]*\sstyle=", path.read_text(encoding="utf-8"))
        ]
        assert found == []

    def test_no_text_of_ours_is_made_into_elements(self) -> None:
        """Nothing goes around Vue's escaping; `Rich` builds what people wrote anew from a list of elements."""
        found = [
            str(path.relative_to(FRONTEND))
            for pattern in ("*.vue", "*.ts")
            for path in (FRONTEND / "resident" / "src").rglob(pattern)
            if re.search(
                r"v-html|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
                path.read_text("utf-8"),
            )
        ]
        assert found == []


class TestPolicy:
    @pytest.mark.parametrize("path", ["/app/", "/app/icon.svg", "/app/nothing-here"])
    def test_it_allows_our_own_files_alone(self, built: Path, tmp_path: Path, path: str) -> None:
        client = TestClient(create_app(Settings(mode=Mode.DEVELOPMENT, home=tmp_path, frontend=built)))
        said = client.get(path).headers["content-security-policy"]
        policy = dict(part.strip().split(" ", 1) for part in said.split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert all(policy[kind] == "'self'" for kind in ("script-src", "style-src", "connect-src"))
        assert "unsafe" not in said


class TestVectors:
    def test_they_are_what_the_service_writes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The phone's program for checking is tested against these; see frontend/shared/test."""
        monkeypatch.setattr(sys, "argv", ["evidence_vectors.py", "--check"])
        assert script("evidence_vectors").main() == 0

    def test_another_file_is_noticed(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        vectors = script("evidence_vectors")
        other = tmp_path / "vectors.json"
        other.write_text(
            vectors.TARGET.read_text(encoding="utf-8").replace("final", "fatal", 1), encoding="utf-8"
        )
        monkeypatch.setattr(vectors, "TARGET", other)
        monkeypatch.setattr(sys, "argv", ["evidence_vectors.py", "--check"])
        assert vectors.main() == 1
        assert "differs" in capsys.readouterr().err
