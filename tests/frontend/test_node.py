"""What is tested without a browser: the front ends' shared part, in Node."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_shared_part() -> None:
    assert (ROOT / "frontend" / "node_modules").is_dir(), (
        "the front end's packages are not installed: make frontend"
    )
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "node.py"), "npm", "test", "--silent", "-w", "shared"],
        cwd=ROOT / "frontend", capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
