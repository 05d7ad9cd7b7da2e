"""The verbs of a comment."""

from app.comments.service.deciding import hide, publish, reject
from app.comments.service.leaving import export_of, forget
from app.comments.service.posting import delete, post, report
from app.comments.service.reading import (
    CommentView,
    Conversation,
    HeldView,
    ThreadView,
    counts,
    held,
    listing,
    thread,
)

__all__ = [
    "CommentView",
    "Conversation",
    "HeldView",
    "ThreadView",
    "counts",
    "delete",
    "export_of",
    "forget",
    "held",
    "hide",
    "listing",
    "post",
    "publish",
    "reject",
    "report",
    "thread",
]
