"""Routes of people: their roster, the desk that looks after it, and what residents say of themselves."""

from app.residents.api.people import people_router
from app.residents.api.registrations import registrations_router
from app.residents.api.roster import roster_router

__all__ = ["people_router", "registrations_router", "roster_router"]
