"""The source as a tree, for rules that no linter knows."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import app

ROOT = Path(__file__).parent.parent.parent
APP = ROOT / "app"


def files(under: str = "") -> list[Path]:
    """Our Python files, by path relative to the repository."""
    start = APP / under
    found = [start] if start.is_file() else sorted(start.rglob("*.py"))
    return [path.relative_to(ROOT) for path in found]


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def modules() -> Iterator[ModuleType]:
    """Every module of the application, imported; ``__main__`` would run the command line."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def classes(base: type) -> list[type]:
    """Every class of ours below ``base``, where it is defined."""
    seen: dict[str, type] = {}
    for module in modules():
        for _, each in inspect.getmembers(module, inspect.isclass):
            if issubclass(each, base) and each.__module__.startswith("app."):
                seen[f"{each.__module__}.{each.__qualname__}"] = each
    return [seen[name] for name in sorted(seen)]
