"""The verbs of an idea."""

from app.ideas.service.deciding import decline, publish, reject, reopen, take_up
from app.ideas.service.endorsing import endorse, unendorse
from app.ideas.service.leaving import export_of, forget
from app.ideas.service.merging import merge
from app.ideas.service.policy import policies, policy_of
from app.ideas.service.posting import add_photo, byline_of, post, withdraw
from app.ideas.service.reading import (
    IdeaView,
    answer_spans,
    author_ids,
    can_withdraw,
    counts,
    held,
    idea_for_comments,
    listing,
    mine,
    note_comments,
    photo,
    read,
    titles,
    views,
)
from app.ideas.service.screening import screen, screen_all_due, screen_due, set_policy
from app.ideas.service.similar import Beside, Similar, beside_idea, beside_project, similar
from app.ideas.service.steps import BY_RESIDENT, neighbour

__all__ = [
    "BY_RESIDENT",
    "Beside",
    "IdeaView",
    "Similar",
    "add_photo",
    "answer_spans",
    "author_ids",
    "beside_idea",
    "beside_project",
    "byline_of",
    "can_withdraw",
    "counts",
    "decline",
    "endorse",
    "export_of",
    "forget",
    "held",
    "idea_for_comments",
    "listing",
    "merge",
    "mine",
    "neighbour",
    "note_comments",
    "photo",
    "policies",
    "policy_of",
    "post",
    "publish",
    "read",
    "reject",
    "reopen",
    "screen",
    "screen_all_due",
    "screen_due",
    "set_policy",
    "similar",
    "take_up",
    "titles",
    "unendorse",
    "views",
    "withdraw",
]
