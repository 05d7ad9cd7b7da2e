"""The count: ballots and costs in, a reasoned outcome out. Pure: no database, no web, no clock, no chance."""

from app.tally.count import count
from app.tally.model import CountInput, Project, RuleSpec
from app.tally.outcome import Outcome
from app.tally.recount import recount

__all__ = ["CountInput", "Outcome", "Project", "RuleSpec", "count", "recount"]
