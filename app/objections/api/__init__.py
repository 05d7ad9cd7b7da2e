"""Routes of objections: for households, and for those who negotiate with them."""

from app.objections.api.desk import desk_router
from app.objections.api.household import router

__all__ = ["desk_router", "router"]
