"""The verbs of a project."""

from app.projects.service.deciding import mark_listed, publish, reject, reopen, withdraw
from app.projects.service.drafting import change, draft, draft_batch, draft_from_idea, draft_from_resolution
from app.projects.service.pictures import add_photo, photo, prepare, remove_photo
from app.projects.service.reading import (
    ProjectSnapshot,
    ProjectView,
    cost_items,
    drafts,
    first_photos,
    listing,
    on_offer,
    project,
    project_ids,
    public_project,
    public_projects,
    read,
    sees_drafts,
    snapshots,
    views,
)

__all__ = [
    "ProjectSnapshot",
    "ProjectView",
    "add_photo",
    "change",
    "cost_items",
    "draft",
    "draft_batch",
    "draft_from_idea",
    "draft_from_resolution",
    "drafts",
    "first_photos",
    "listing",
    "mark_listed",
    "on_offer",
    "photo",
    "prepare",
    "project",
    "project_ids",
    "public_project",
    "public_projects",
    "publish",
    "read",
    "reject",
    "remove_photo",
    "reopen",
    "sees_drafts",
    "snapshots",
    "views",
    "withdraw",
]
