"""The verbs of a round up to its opening, and the state changes that higher packages ask for."""

from app.rounds.service.drafting import (
    approve,
    change,
    draft,
    publish,
)
from app.rounds.service.reading import (
    RoundView,
    community_codes,
    drafts,
    due_to_close,
    due_to_open,
    entries_for,
    listed_projects,
    listing,
    read,
    roll_by_building,
    round_,
    shared,
)
from app.rounds.service.steps import (
    Roll,
    cancel,
    claim,
    mark,
    mark_closed,
    mark_open,
)

__all__ = [
    "Roll",
    "RoundView",
    "approve",
    "cancel",
    "change",
    "claim",
    "community_codes",
    "draft",
    "drafts",
    "due_to_close",
    "due_to_open",
    "entries_for",
    "listed_projects",
    "listing",
    "mark",
    "mark_closed",
    "mark_open",
    "publish",
    "read",
    "roll_by_building",
    "round_",
    "shared",
]
