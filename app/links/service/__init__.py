"""The verbs of a short code: made, followed, printed, drawn."""

from app.links.service.making import forget_expired, make, read
from app.links.service.posters import BuildingPoster, Posters, posters
from app.links.service.targets import find
from app.links.service.wall_notices import NoticeTable, WallNotice, wall_notice

__all__ = [
    "BuildingPoster",
    "NoticeTable",
    "Posters",
    "WallNotice",
    "find",
    "forget_expired",
    "make",
    "posters",
    "read",
    "wall_notice",
]
