"""The first screen of a community, and the story of a project."""

from app.overview.service.communities import CommunityPlace, list_communities
from app.overview.service.home import Counted, Decided, Overview, RoundNow, read
from app.overview.service.timeline import Money, Story, Told, read_timeline
from app.overview.service.turnout import read_turnouts

__all__ = [
    "CommunityPlace",
    "Counted",
    "Decided",
    "Money",
    "Overview",
    "RoundNow",
    "Story",
    "Told",
    "list_communities",
    "read",
    "read_timeline",
    "read_turnouts",
]
