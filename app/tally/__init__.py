"""The count: ballots and costs in, a reasoned outcome out. Pure: no database, no web, no clock, no chance."""

from app.tally.arithmetic import Arithmetic
from app.tally.count import count
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
from app.tally.recount import Recount, recount

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
