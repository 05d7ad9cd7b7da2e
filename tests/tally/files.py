"""`.pb` files for tests: a small valid one with parts to change, and the folder of real ones."""

from pathlib import Path

import pytest

from tests.conftest import PB_FOLDER

META = {
    "description": "Demo",
    "country": "Poland",
    "unit": "X",
    "instance": "2026",
    "num_projects": "3",
    "num_votes": "3",
    "budget": "100",
    "vote_type": "ordinal",
    "rule": "greedy",
    "date_begin": "01.01.2026",
    "date_end": "02.01.2026",
    "min_length": "1",
    "max_length": "2",
}
PROJECTS = [
    "project_id;cost;votes;score;name;selected",
    "a;80;2;3;Park;1",
    'b;60;1;2;"Lamp; big";0',
    "c;7.5;1;1;Bench;0",
]
VOTES = ["voter_id;vote", "1;a", "2;b,a", "3;c"]

#: Lines of the file on which its parts begin.
FIRST_KEY = 3
PROJECTS_AT = FIRST_KEY + len(META)
VOTES_AT = PROJECTS_AT + 1 + len(PROJECTS)


def a_file(
    meta: dict[str, str | None] | None = None, projects: list[str] | None = None, votes: list[str] | None = None
) -> str:  # fmt: skip
    """The valid file, with keys of META changed (none leaves one out) and other rows."""
    said = {**META, **(meta or {})}
    lines = ["META", "key;value", *(f"{key};{value}" for key, value in said.items() if value is not None)]
    lines += ["PROJECTS", *(PROJECTS if projects is None else projects)]
    lines += ["VOTES", *(VOTES if votes is None else votes)]
    return "\n".join(lines) + "\n"


def row_of(key: str) -> int:
    """The line of a key of META in `a_file`."""
    return FIRST_KEY + list(META).index(key)


def real_files(folder: str = "*") -> list[Path]:
    """Files of the library, beside the repository; none where they are missing."""
    return sorted(PB_FOLDER.glob(f"{folder}/*.pb"))


needs_real_files = pytest.mark.skipif(
    not PB_FOLDER.is_dir(), reason=f"real elections are not beside the repository: {PB_FOLDER}"
)
