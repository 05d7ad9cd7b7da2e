"""Routes of objections: for households, for those who negotiate with them, and for residents who would help."""

from app.objections.api.desk import desk_router
from app.objections.api.household import router
from app.objections.api.volunteers import volunteer_router

__all__ = ["desk_router", "router", "volunteer_router"]
