"""Write the table of verbs at the end of docs/api.md from the routes themselves; ``--check`` only compares."""

import sys
from pathlib import Path

from app.access.matrix import MATRIX
from app.main import guards_of
from app.routes import ROUTERS

FILE = Path(__file__).parent.parent / "docs" / "api.md"
HEAD = "| verb | call | who | what | refusals |\n|---|---|---|---|---|\n"
MARK = "<!-- the rest of this file is written by scripts/api_doc.py -->"


def main() -> int:
    """Rewrite the table, or say that it is out of date."""
    text = FILE.read_text(encoding="utf-8")
    wanted = text.split(MARK)[0] + MARK + "\n\n" + _tables()
    if "--check" in sys.argv:
        if text != wanted:
            print("docs/api.md does not match the routes; run: .venv/bin/python scripts/api_doc.py")
            return 1
        return 0
    FILE.write_text(wanted, encoding="utf-8")
    return 0


def _tables() -> str:
    parts = []
    for router in ROUTERS:
        rows = [_row(route) for route in router.routes]
        parts.append(
            f"## {router.tags[0]}\n\n| verb | call | who | what | refusals |\n|---|---|---|---|---|\n"
            + "".join(rows)
        )
    return "\n".join(parts)


def _row(route: object) -> str:
    guard = guards_of(route)[0]  # type: ignore[arg-type]
    method = min(route.methods)  # type: ignore[attr-defined]
    who = ", ".join(sorted(role.value for role in MATRIX[guard.verb]))
    if len(MATRIX[guard.verb]) > 12:  # noqa: PLR2004 - everybody who has signed in
        who = "signed in"
    what = (route.endpoint.__doc__ or "").strip().splitlines()[0]  # type: ignore[attr-defined]
    codes = sorted(
        code
        for status, answer in route.responses.items()  # type: ignore[attr-defined]
        for code in _codes(str(answer.get("description", "")))
        if int(status) >= 400  # noqa: PLR2004
    )
    refusals = " ".join(f"`{code}`" for code in codes)
    return f"| `{guard.verb}` | {method} `{route.path}` | {who} | {what} | {refusals} |\n"  # type: ignore[attr-defined]


def _codes(description: str) -> list[str]:
    return [part.split("`")[1] for part in description.split("; ") if part.startswith("`")]


if __name__ == "__main__":
    sys.exit(main())
