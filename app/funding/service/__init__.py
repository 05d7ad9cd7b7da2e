"""The verbs of a funding request."""

from app.funding.service.answering import accept_part, due_deferred, resubmit, take_up
from app.funding.service.deciding import decide, hold
from app.funding.service.evidence import Pack, read_evidence
from app.funding.service.policies import policies, policy_for, set_policy
from app.funding.service.reading import (
    Counts,
    Detail,
    Letter,
    Line,
    count,
    detail,
    first_dues,
    listing,
    progress,
    read,
    standing_in_line,
    totals,
    won,
)
from app.funding.service.settling import CostChange, cost_changes_of, note_costs
from app.funding.service.submitting import submit_certified, submit_requests
from app.funding.service.summing import MoneyLine, Turns, money_lines, turns_of_steps

__all__ = [
    "CostChange",
    "Counts",
    "Detail",
    "Letter",
    "Line",
    "MoneyLine",
    "Pack",
    "Turns",
    "accept_part",
    "cost_changes_of",
    "count",
    "decide",
    "detail",
    "due_deferred",
    "first_dues",
    "hold",
    "listing",
    "money_lines",
    "note_costs",
    "policies",
    "policy_for",
    "progress",
    "read",
    "read_evidence",
    "resubmit",
    "set_policy",
    "standing_in_line",
    "submit_certified",
    "submit_requests",
    "take_up",
    "totals",
    "turns_of_steps",
    "won",
]
