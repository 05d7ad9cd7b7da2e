"""The count: ballots and costs in, a reasoned outcome out. Pure: no database, no web, no clock, no chance.

What stands here is imported when it is first asked for: a process that only takes ballots never loads the arrays.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.tally.arithmetic import Arithmetic
    from app.tally.counting import count
    from app.tally.model import (
        Completion,
        CountInput,
        Fill,
        Forced,
        Points,
        Priority,
        Project,
        Rule,
        RuleSpec,
        TieOrder,
        Unranked,
        Until,
    )
    from app.tally.outcome import Outcome
    from app.tally.recounting import Recount, recount

__all__ = [
    "Arithmetic",
    "Completion",
    "CountInput",
    "Fill",
    "Forced",
    "Outcome",
    "Points",
    "Priority",
    "Project",
    "Recount",
    "Rule",
    "RuleSpec",
    "TieOrder",
    "Unranked",
    "Until",
    "count",
    "recount",
]

_ELSEWHERE = {
    "Arithmetic": "arithmetic", "count": "counting", "Outcome": "outcome", "Recount": "recounting",
    "recount": "recounting",
}  # fmt: skip


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the above
    if name not in __all__:
        message = f"module {__name__} has no attribute {name}"
        raise AttributeError(message)
    return getattr(import_module(f"app.tally.{_ELSEWHERE.get(name, 'model')}"), name)
