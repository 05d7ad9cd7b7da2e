"""What a phone loads for the first screen, and for each further one; the build fails above the limit.

``python scripts/bundle_sizes.py [DIST [CONSOLE-DIST]]``. Sizes are those of the compressed copies beside the files
(gzip, level 9), which the service hands out. The first screen is what the entry imports, styles included, and for
English readers their words. Of the console the entry alone has a limit, with the desk that everybody meets first.
"""

import gzip
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUILT = Path(__file__).parent.parent / "frontend" / "resident" / "dist"
ENTRY = "index.html"
#: What an English reader's first screen asks for besides: everybody's words, and the home screen's.
ENGLISH = ("src/words/en.json", "src/areas/home/words.en.json")
#: Gzipped bytes of JavaScript and styles for the first screen.
LIMIT = 45 * 1024
BUILT_CONSOLE = BUILT.parent.parent / "console" / "dist"
DESK = "src/areas/home/Home.vue"
LIMIT_CONSOLE = 450 * 1024
MANIFEST = Path(".vite") / "manifest.json"


class NotBuilt(Exception):
    """There is no front end in the folder."""


@dataclass(frozen=True)
class Bundle:
    """A folder that Vite wrote, by its manifest."""

    folder: Path
    manifest: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> "Bundle":
        """Read the manifest.

        Raises:
            NotBuilt: there is none.
        """
        try:
            return cls(folder, json.loads((folder / MANIFEST).read_text()))
        except FileNotFoundError as error:
            raise NotBuilt(folder) from error

    def closure(self, *names: str) -> set[str]:
        """Files that are loaded with these parts, because one imports the other; never what is loaded later."""
        seen: set[str] = set()
        files: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            part = self.manifest[name]
            files.update([part["file"], *part.get("css", ())])
            waiting += part.get("imports", ())
        return files

    def gzipped(self, file: str) -> int:
        """Bytes of a file as it travels."""
        copy = self.folder / f"{file}.gz"
        if copy.is_file():
            return copy.stat().st_size
        return len(gzip.compress((self.folder / file).read_bytes(), compresslevel=9, mtime=0))

    def total(self, files: Iterable[str]) -> int:
        """Of several."""
        return sum(self.gzipped(file) for file in files)

    @property
    def first(self) -> set[str]:
        """Files of the first screen, in Chinese."""
        return self.closure(ENTRY)

    @property
    def first_in_english(self) -> set[str]:
        """The same in English."""
        return self.closure(ENTRY, *(name for name in ENGLISH if name in self.manifest))

    def screens(self) -> dict[str, set[str]]:
        """Of every screen that is loaded when it is opened, the files that come on top of the first one's."""
        return {
            name.removeprefix("src/areas/").removesuffix(".vue"): self.closure(name) - self.first
            for name, part in self.manifest.items()
            if part.get("isDynamicEntry") and name.endswith(".vue")
        }


def main() -> int:
    """Print the table; 1 when the first screen is too large."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT
    of_console = Path(sys.argv[2]) if len(sys.argv) > 2 else BUILT_CONSOLE  # noqa: PLR2004
    try:
        bundle, console = Bundle.read(folder), Bundle.read(of_console)
    except NotBuilt as missing:
        print(f"{missing} holds no front end; run: make frontend", file=sys.stderr)
        return 1
    print("first screen (gzipped)")
    for file in sorted(bundle.first, key=bundle.gzipped, reverse=True):
        print(f"{bundle.gzipped(file):9,d}  {file}")
    chinese, english = bundle.total(bundle.first), bundle.total(bundle.first_in_english)
    print(f"{chinese:9,d}  in Chinese\n{english:9,d}  in English\n{LIMIT:9,d}  at most")
    print("further screens, on top of the first")
    for name, size in sorted(
        ((name, bundle.total(files)) for name, files in bundle.screens().items()),
        key=lambda each: each[1], reverse=True,
    ):  # fmt: skip
        print(f"{size:9,d}  {name}")
    if max(chinese, english) > LIMIT:
        print(f"The first screen is {max(chinese, english) - LIMIT:,d} bytes too large.", file=sys.stderr)
        return 1
    desk = console.total(console.closure(ENTRY, DESK))
    print(f"the console's entry\n{desk:9,d}  gzipped\n{LIMIT_CONSOLE:9,d}  at most")
    if desk > LIMIT_CONSOLE:
        print(f"The console's entry is {desk - LIMIT_CONSOLE:,d} bytes too large.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
