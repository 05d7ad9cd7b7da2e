"""Routes of meetings: the meeting itself, who attends, its minutes."""

from app.meetings.api.attendance import attendance_router
from app.meetings.api.meetings import meetings_router
from app.meetings.api.minutes import minutes_router

__all__ = ["attendance_router", "meetings_router", "minutes_router"]
