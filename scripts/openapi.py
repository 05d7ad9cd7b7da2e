"""Write docs/openapi.json from the application, or say that it differs (``--check``)."""

import json
import sys
import tempfile
from pathlib import Path

from app.core.config import Mode, Settings
from app.main import create_app

TARGET = Path(__file__).parent.parent / "docs" / "openapi.json"


def rendered() -> str:
    """The description as it is committed, indented, in the order of the routers."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(mode=Mode.DEVELOPMENT, home=Path(folder)))
        return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write, or compare."""
    text = rendered()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        print(f"wrote {TARGET.name}")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
        print("docs/openapi.json is what the application offers.")
        return 0
    print("docs/openapi.json differs from the application; run: make openapi", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
