"""The count: ballots and costs in, a reasoned outcome out. Pure: no database, no web, no clock, no chance."""

from app.tally.count import count
from app.tally.model import CountInput, Fill, Points, Priority, Project, Rule, RuleSpec, TieOrder
from app.tally.outcome import Outcome
from app.tally.recount import Recount, recount

__all__ = [
    "CountInput",
    "Fill",
    "Outcome",
    "Points",
    "Priority",
    "Project",
    "Recount",
    "Rule",
    "RuleSpec",
    "TieOrder",
    "count",
    "recount",
]
