"""Pictures of every screen of the residents' app, 360 x 640, both languages, both modes, into screenshots/.

    python scripts/screenshots.py [name ...]

Tells the demonstration's story anew into a scratch folder and serves it on a free port; with names, only these screens.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402 - the repository's root is on the path from here

from app.core.config import Mode, Settings  # noqa: E402
from app.main import create_app  # noqa: E402
from app.pages import BUILT  # noqa: E402
from tests.browser.screens import LANGUAGES, MODES, SCREENS, Walk, file_name, phone  # noqa: E402
from tests.chromium import ARGUMENTS, machines_chromium  # noqa: E402
from tests.servers import Server  # noqa: E402

OUT = ROOT / "screenshots"


def main() -> int:
    """Draw them and say where they are."""
    wanted = [screen for screen in SCREENS if not sys.argv[1:] or screen.name in sys.argv[1:]]
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home, frontend = Path(folder), Path(os.environ.get("GONGYI_FRONTEND") or BUILT)
        told = {"GONGYI_MODE": "development", "GONGYI_HOME": folder, "PATH": str(Path(sys.executable).parent)}
        subprocess.run(
            [sys.executable, "-m", "app.cli", "demo"],
            check=True,
            cwd=ROOT,
            env=told,
            stdout=subprocess.DEVNULL,
        )
        with (
            Server(create_app(Settings(mode=Mode.DEVELOPMENT, home=home, frontend=frontend))) as server,
            sync_playwright() as playwright,
        ):
            chromium = playwright.chromium.launch(executable_path=machines_chromium(), args=list(ARGUMENTS))
            for language in LANGUAGES:
                for mode in MODES:
                    with phone(chromium, language=language) as page:
                        walk = Walk.of(page, server.url, language=language, mode=mode)
                        for screen in wanted:
                            walk.show(screen)
                            page.screenshot(path=OUT / file_name(screen, language, mode))
                    print(f"{language} {mode}: {len(wanted)} screens", flush=True)
            chromium.close()
    print(f"in {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
