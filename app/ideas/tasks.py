"""Ideas by the clock."""

from sqlmodel import Session

from app.ideas import service


def screen_due(session: Session) -> int:
    """Screen what has enough endorsements since a community asks for fewer; returns how many."""
    return service.screen_all_due(session)
