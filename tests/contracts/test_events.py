"""An event is heard by somebody, or there is a reason that nobody does."""

import ast
import dataclasses
import inspect
from collections import Counter
from typing import Any

from app.wiring import Wiring
from tests.contracts import source

#: Events with an empty subscription, and why they are written all the same.
REASONS: dict[str, str] = {
    "box.unsealed": "feed of the notices to staff; the count takes the box up by itself",
    "objection.filed": "feed of the officer's desk",
    "objection.mediator_refused": "feed of the officer's desk",
    "objection.escalated": "feed of the officer's desk",
    "objection.handed_over": "feed of the officer's desk",
}


def events() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in source.modules():
        if module.__name__.endswith(".events"):
            for _, each in inspect.getmembers(module, inspect.isclass):
                if each.__module__ == module.__name__ and hasattr(each, "NAME"):
                    assert each.NAME not in found, each.NAME
                    found[each.NAME] = each
    return found


class TestEvents:
    def test_each_is_subscribed(self, wiring: Wiring) -> None:
        assert set(events()) - set(wiring.subscriptions) == set()
        assert set(wiring.subscriptions) - set(events()) == set()

    def test_who_is_heard_by_nobody_has_a_reason(self, wiring: Wiring) -> None:
        unheard = {name for name, who in wiring.subscriptions.items() if not who.inside and not who.outside}
        assert unheard == set(REASONS)

    def test_each_is_emitted_somewhere(self) -> None:
        built = Counter(
            node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for path in source.files()
            for node in ast.walk(source.tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute))
        )
        assert {event.__name__ for event in events().values() if not built[event.__name__]} == set()

    def test_each_is_a_frozen_dataclass_with_a_name_and_a_version(self) -> None:
        for name, event in events().items():
            made: Any = event
            assert dataclasses.is_dataclass(event), name
            assert made.__dataclass_params__.frozen, name
            assert made.VERSION >= 1, name
            noun, verb = name.split(".")
            assert noun.replace("_", "").isalpha()
            assert verb.replace("_", "").isalpha()
            assert len(name) <= 60
