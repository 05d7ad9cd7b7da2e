"""Routes of recorded rounds: for owners and everybody, and for those who run the vote."""

from app.recorded.api.owners import router
from app.recorded.api.papers import router as papers_router

__all__ = ["papers_router", "router"]
