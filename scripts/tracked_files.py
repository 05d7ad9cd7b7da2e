"""Refuse tracked files that name a package registry's host, an index, or a developer's own folders.

A lock must install from whatever registry the reader's own client is set to, so it names none.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

#: Written in pieces, so that this file passes its own check.
FORBIDDEN = re.compile(
    "|".join(
        (
            r"py" + r"pi\.org",
            r"python" + r"hosted",
            r"registry\." + r"(npm|yarn)",
            r"deb\." + r"debian",
            r'"resolved": "' + "http",
            r"^--(extra-)?" + r"index-url",
            r"^--" + r"find-links",
            r"file:///" + r"(opt|home|root|work)",
        )
    )
)


def main() -> int:
    """Print each place and fail if there is one."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    if listed.returncode != 0:
        print("Not a git checkout: nothing to check.")
        return 0
    found = 0
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture or a font
        for number, line in enumerate(lines, 1):
            if FORBIDDEN.search(line) or (path.name == "package-lock.json" and "://" in line):
                found += 1
                print(f"{name}:{number}: {line.strip()[:100]}", file=sys.stderr)
    print("No registry is named in the tracked files." if not found else f"{found} places to mend.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
